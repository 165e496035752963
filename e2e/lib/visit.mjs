// Looking at a page in full, as the files e2e/pages*.test.mjs do with every page there is.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { axe, noOverflow, styled } from './look.mjs';
import { narrow, phone, runsScripts, shot, wide } from './page.mjs';
import { doors, note, routeOf } from './routes.mjs';
import { counts } from './steps.mjs';

const pictures = process.env.HABILIS_SHOTS === '1';

/** pictured keeps a picture when they are wanted. */
export async function pictured(page, name) {
  if (pictures) await shot(page, name);
}

/**
 * look judges the page as it stands: one title, both widths, both looks, nothing sticks out, no unknown class. A page
 * that answered 200 is noted as seen. `name` is that of its pictures.
 */
export async function look(page, name) {
  await counts(page.locator('h1'), 1, `${name}: one h1`);
  assert.ok((await page.locator('h1').innerText()).trim(), `${name}: the h1 says something`);
  assert.match(await page.title(), /\S/, `${name}: a title`);
  // Each change lays the whole page out and paints it anew: one at a time, and the page is light and wide again at the end.
  for (const [width, ...looks] of [[wide, 'light', 'dark'], [phone, 'dark', 'light']]) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of looks) {
      await page.emulateMedia({ colorScheme });
      await axe(page, { colours: colorScheme !== looks[0] });
      await pictured(page, name);
    }
  }
  await noOverflow(page, narrow, { width: wide, height: 900 });
  await styled(page);
  const status = await page.evaluate(() => performance.getEntriesByType('navigation')[0].responseStatus);
  if (status === 200) note('seen', page.url());
}

// The keys of the catalogues: none may be seen on a page.
const catalogues = fileURLToPath(new URL('../../internal/text/catalogue/', import.meta.url));
let keys;
const readKeys = () => readdirSync(catalogues).filter((name) => name.endsWith('.en.json')).flatMap((name) => Object.keys(JSON.parse(readFileSync(catalogues + name, 'utf8'))));

const tabs = new WeakMap(); // page → a tab beside it in the same browser: the page itself stays as it is, in French

async function tabBeside(page) {
  assert.ok(runsScripts(page), 'pages are looked at with JavaScript');
  if (!tabs.has(page)) tabs.set(page, await page.context().newPage());
  return tabs.get(page);
}

// inEnglish looks at the same address in the other language, which `speaker` chooses: for an account, not for a browser.
async function inEnglish(page, speaker) {
  const path = here(page);
  const french = await page.locator('main').innerText();
  const tab = await tabBeside(page);
  const speak = (lang) => speaker.request.post('/language', { form: { lang }, headers: { origin: new URL(page.url()).origin }, maxRedirects: 0 });
  await speak('en');
  try {
    await tab.goto(path);
    assert.equal(await tab.locator('html').getAttribute('lang'), 'en');
    await counts(tab.locator('h1'), 1);
    assert.notEqual(await tab.locator('main').innerText(), french, `${path} is the same in both languages`);
    const english = await tab.locator('body').innerText();
    keys ??= readKeys();
    assert.deepEqual(keys.filter((key) => english.includes(key)), [], `${path} shows the key of a text`);
    assert.doesNotMatch(english, /\{\{|%!|\b(votre|vous|aucun|toutes?|cette) /i, `${path} still speaks French`);
    await noOverflow(tab);
  } finally {
    await speak('fr');
  }
}

/** fetched asks for an address that answers a file, notes it as such, and answers its bytes. */
export async function fetched(page, path) {
  const answer = await page.request.get(path);
  assert.equal(answer.status(), 200, `${path} answers 200`);
  assert.doesNotMatch(answer.headers()['content-type'], /html/, `${path} is a page: look at it`);
  note('file', answer.url());
  return answer.body();
}

/** here is the address of a page within the server. */
export function here(page) {
  const { pathname, search } = new URL(page.url());
  return pathname + search;
}

/**
 * at goes to an address of the product, which must lead to its own page, and looks at it in full, in both languages.
 * `speaker` is another page of the same person where this one may not choose its language.
 */
export async function at(page, path, { name = path, status = 200, speaker = page } = {}) {
  const answer = await page.goto(path);
  assert.equal(answer.status(), status, `${path} answers ${status}`);
  let first = answer.request();
  while (first.redirectedFrom()) {
    first = first.redirectedFrom();
    note('passed', first.url());
  }
  const asked = routeOf(first.url());
  assert.ok(asked, `${path} is in no route table of package web`);
  if (!doors.includes(asked)) assert.equal(routeOf(page.url()), asked, `${path} shows its own page, not ${page.url()}`);
  await look(page, name.replace(/^\//, '').replace(/[/?=&]+/g, '-'));
  await inEnglish(page, speaker);
}
