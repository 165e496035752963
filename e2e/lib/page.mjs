// A page in a browser of its own (cookies, language, size), silent or the test fails.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { browser } from './chromium.mjs';
import { watch } from './watch.mjs';

/** Widths at which every journey is walked; narrow is where nothing may overflow (WCAG 1.4.10). */
export const wide = 1280;
export const phone = 390;
export const narrow = 320;

const shots = fileURLToPath(new URL('../shots/', import.meta.url));
export const patience = 10_000; // ms, for a locator or a navigation
const opened = new WeakMap(); // page → {messages, javascript}

/**
 * openPage opens a page on `server` ({base}) for test `t`, which fails if the page was not silent when it closes.
 * Options: javascript (true), width (wide), dark (false), lang ('fr-FR'), state (cookies of an earlier page:
 * `await page.context().storageState()`), allow (patterns of messages provoked on purpose).
 */
export async function openPage(t, server, options = {}) {
  const { javascript = true, width = wide, dark = false, lang = 'fr-FR', state, allow } = options;
  const context = await (await browser()).newContext({
    baseURL: server.base,
    javaScriptEnabled: javascript,
    viewport: { width, height: width < 600 ? 844 : 900 },
    hasTouch: width < 600,
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    locale: lang,
    timezoneId: 'Europe/Paris',
    storageState: state,
  });
  context.setDefaultTimeout(patience);
  const messages = watch(context, { base: server.base, allow });
  const page = await context.newPage();
  opened.set(page, { messages, javascript });
  t.after(async () => {
    await context.close();
    assert.deepEqual(messages, [], 'the browser must have nothing to say');
  });
  return page;
}

/** messages answers what the page said so far, and forgets it: for a test that provokes a message on purpose. */
export function messages(page) {
  return opened.get(page).messages.splice(0);
}

/** runsScripts tells whether the page was opened with JavaScript. */
export function runsScripts(page) {
  return opened.get(page).javascript;
}

/** shot keeps a picture in e2e/shots/NAME-WIDTH[-dark].png, for the eye only. */
export async function shot(page, name) {
  mkdirSync(shots, { recursive: true });
  const dark = await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
  const path = `${shots}${name}-${page.viewportSize().width}${dark ? '-dark' : ''}.png`;
  await page.screenshot({ path, fullPage: true });
  return path;
}
