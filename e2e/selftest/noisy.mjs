// Run by static.test.mjs, never by run.mjs: a journey that walks over a noisy page and must therefore fail.
import { test } from 'node:test';
import { openPage } from '../lib/index.mjs';

test('a journey that looks at nothing', async (t) => {
  const page = await openPage(t, { base: process.argv.at(-1) });
  await page.goto('/inline-style');
});
