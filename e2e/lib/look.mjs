// What every page must hold: accessible (WCAG 2.2 AA, judged by axe), and never wider than a small screen.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { narrow, runsScripts } from './page.mjs';

// noHtml: what is found is told by its place; axe need not write down every element that it looked at.
const axeSource = `${readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')}\naxe.configure({ noHtml: true });`;
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

// What depends on colours: all that can differ when a page that was judged is shown in its other look.
const colourRules = ['color-contrast', 'link-in-text-block'];

/**
 * axe fails unless the page has no violation; it prints each with its places. Works on a page without JavaScript too.
 * With `colours`, only what colours decide is judged again.
 */
export async function axe(page, { colours = false } = {}) {
  if (!runsScripts(page)) await page.evaluate(promisesForTimers);
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axeSource);
  const violations = await page.evaluate(judge, colours ? { type: 'rule', values: colourRules } : { type: 'tag', values: rules });
  assert.equal(violations.length, 0, `axe, ${page.url()}\n${violations.map(report).join('\n')}`);
}

// Where scripts are off, timers never fire, and axe waits for some; promises given by the debugger are kept.
function promisesForTimers() {
  const soon = 50; // ms: the longer ones are axe's own deadlines
  globalThis.setTimeout = (work, delay = 0, ...rest) => {
    if (delay < soon) Promise.resolve().then(() => work(...rest));
    return 0;
  };
}

/** styled fails when the page has a class that none of its style sheets knows: a word mistyped, or a rule forgotten. */
export async function styled(page) {
  const { classes, sheets } = await page.evaluate(() => ({
    classes: [...new Set([...document.querySelectorAll('[class]')].flatMap((element) => [...element.classList]))],
    sheets: [...document.querySelectorAll('link[rel=stylesheet]')].map((link) => link.href),
  }));
  const css = (await Promise.all(sheets.map(async (sheet) => (await page.request.get(sheet)).text()))).join('');
  const unknown = classes.filter((name) => !new RegExp(`\\.${name}(?![\\w-])`).test(css));
  assert.deepEqual(unknown, [], `${page.url()} has classes that no style knows`);
}

// judge stays out of frames: axe is put into the page alone, and calls into a frame (a letter of development, sandboxed) in vain.
// preload: style sheets and media are read for rules that are none of ours (experimental ones, sound that plays by itself).
async function judge(runOnly) {
  const { violations } = await globalThis.axe.run(document, { runOnly, resultTypes: ['violations'], iframes: false, preload: false });
  return violations.map(({ id, impact, help, nodes }) => ({
    id,
    impact,
    help,
    places: nodes.map((node) => ({ target: node.target.join(' '), why: node.failureSummary })),
  }));
}

function report({ id, impact, help, places }) {
  const lines = places.map(({ target, why }) => `    ${target}\n      ${why.replaceAll('\n', '\n      ')}`);
  return `  ${id} (${impact}): ${help}\n${lines.join('\n')}`;
}

/**
 * noOverflow fails when the page scrolls sideways at `width` pixels, and names what sticks out. It leaves the page at the
 * size `after`: that of before.
 */
export async function noOverflow(page, width = narrow, after = page.viewportSize()) {
  await page.setViewportSize({ width, height: after.height });
  const found = await page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    const over = document.documentElement.scrollWidth - room;
    if (over <= 0) return { over: 0, places: [] };
    const places = [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > room + 0.5)
      .map((element) => `<${element.tagName.toLowerCase()} id="${element.id}" class="${element.className}">`);
    return { over, places: places.slice(-8) };
  });
  await page.setViewportSize(after);
  assert.equal(found.over, 0, `${page.url()} is ${found.over} px too wide at ${width} px: ${found.places.join(' ')}`);
}
