// Steps that several journeys take, as a person takes them: by what is written on the page.
import assert from 'node:assert/strict';
import { axe, noOverflow } from './look.mjs';
import { patience, phone, runsScripts, wide } from './page.mjs';

/** The four ways: for the journey that is walked in each ("Must show" 2), and for the matrix, which a phone shows as another page. */
export const ways = [true, false].flatMap((javascript) => [wide, phone].map((width) => ({ javascript, width })));

/**
 * Two of the four, for what a width only lays out otherwise: each width and each of with and without script is walked.
 * Half of the files take the other two, so that the whole suite walks all four; and every page is looked at, with script,
 * at both widths (visit.mjs).
 */
export const crossed = [ways[0], ways[3]];
export const crossedOver = [ways[1], ways[2]];

/** wayName is how a test's title says one of the ways. */
export function wayName({ javascript, width }) {
  return `${javascript ? 'with' : 'without'} JavaScript, ${width} px`;
}

/** A password that nobody has yet and that is good enough. */
export const newPassword = 'bicyclette lavande orage minuit';

/** sound: the page as it stands is accessible and fits a small screen. Journeys call it where no GET leads. */
export async function sound(page) {
  await axe(page);
  await noOverflow(page);
}

/** goTo opens an entry of the organisation's navigation, which a phone keeps behind «Menu». */
export async function goTo(page, entry) {
  const menu = page.getByRole('button', { name: 'Menu', exact: true });
  if (await menu.isVisible()) await menu.click();
  await page.getByRole('navigation', { name: 'Navigation principale' }).getByRole('link', { name: entry }).click();
}

/** says waits for the answer to an act: the message that comes first on the page. Its no-break spaces count as plain ones. */
export async function says(page, text) {
  const hasText = text instanceof RegExp ? new RegExp(text.source.replaceAll(' ', '\\s'), text.flags) : text;
  await page.getByRole('status').filter({ hasText }).first().waitFor();
  await page.waitForLoadState('domcontentloaded'); // what stands below the message may still be on its way
}

/** refused checks a page that asks for corrections: 422 has been answered, the title says so, the summary comes first
 * and (with script) has the focus, and each of its links leads to a field that says the same. Answers the sentences. */
export async function refused(page) {
  const summary = page.locator('[data-error-summary]');
  await summary.waitFor();
  await page.waitForLoadState('domcontentloaded'); // the summary stands before the fields: they may still be on their way
  assert.match(await page.title(), /^Erreur\s: /);
  if (runsScripts(page)) assert.ok(await summary.evaluate((element) => element === document.activeElement), 'the summary has the focus');
  const points = await summary.getByRole('link').evaluateAll((links) => links.map((link) => ({ text: link.textContent.trim().replace(/\s+/g, ' '), id: link.hash.slice(1) })));
  for (const { text, id } of points) {
    const field = page.locator(`[id="${id}"]`);
    assert.equal(await field.count(), 1, `«${text}» leads to the field ${id}`);
    assert.ok((await page.locator('main').innerText()).replace(/\s+/g, ' ').split(text).length > 2, `«${text}» stands at its field too`);
  }
  assert.equal(new Set(points.map(({ text }) => text)).size, points.length, `each point says something else: ${points.map(({ text }) => text)}`);
  return points.map(({ text }) => text);
}

/** invite fills in «Inviter par e-mail» up to its review. Sites and roles by their labels; none: those that are ticked. */
export async function invite(page, org, { emails, pasted = '', sites = [], roles = [], scopes = {}, job, welcome }) {
  await page.goto(`/o/${org}/invitations/new`);
  for (const [n, email] of emails.entries()) {
    if (n > 0) await page.getByRole('button', { name: 'Ajouter un autre' }).click();
    await page.getByLabel(`Adresse ${n + 1}`, { exact: true }).fill(email);
  }
  if (pasted) await page.getByLabel('Ou collez une liste').fill(pasted);
  for (const site of sites) await choice(page, 'Établissements', site).check();
  for (const role of roles) await choice(page, 'Rôles', role).check();
  for (const [role, scope] of Object.entries(scopes)) await page.getByLabel(`Portée du rôle ${role}`).selectOption({ label: scope });
  if (job) await page.getByLabel('Fonction').selectOption({ label: job });
  if (welcome) await page.getByLabel(welcome).check();
  await page.getByRole('button', { name: 'Vérifier avant d’envoyer' }).click();
}

/** send sends what was reviewed and waits for the report. */
export async function send(page) {
  await page.getByRole('button', { name: /^Envoyer \d+ invitation/ }).click();
  await page.waitForURL('**/invitations/sent?draft=*');
}

/** finish fills in the page that an invitation's link opens. */
export async function finish(page, { given, family, job, secret = newPassword }) {
  await page.getByLabel('Prénom').fill(given);
  await page.getByLabel('Nom', { exact: true }).fill(family);
  if (job) await page.getByLabel('Votre fonction').selectOption({ label: job });
  await page.getByLabel('Nouveau mot de passe').fill(secret);
  await page.getByRole('button', { name: 'Activer mon compte' }).click();
}

/** gone checks the neutral page of a link that is spent, dead, foreign or cut: one page for all of them (INV-01, INV-03). */
export async function gone(page, link) {
  const answer = await page.goto(link);
  assert.equal(answer.status(), 410, `${link} answers 410`);
  await page.getByRole('heading', { level: 1, name: 'Ce n’est plus possible' }).waitFor();
  return words(page.locator('main'));
}

/** counts waits until so many elements match: what a click leads to may still be on its way. None is looked for in a whole page. */
export async function counts(locator, wanted, message) {
  await locator.page().waitForLoadState('domcontentloaded');
  const until = Date.now() + patience;
  while ((await locator.count()) !== wanted && Date.now() < until) await locator.page().waitForTimeout(50);
  assert.equal(await locator.count(), wanted, message);
}

/** words is what a part of the page says, its no-break spaces as plain ones. */
export async function words(locator) {
  await locator.page().waitForLoadState('domcontentloaded');
  return (await locator.innerText()).replace(/\s+/g, ' ').trim();
}

/** row is the line of a table that names this. */
export function row(page, name) {
  return page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) });
}

function choice(page, group, label) {
  return page.getByRole('group', { name: group }).getByRole('checkbox', { name: new RegExp(`^${label}`) });
}

/** keyed completes ten digits with the key of an RPPS number; nobody has a number that begins with 997. */
export function keyed(digits) {
  const sum = [...digits].reverse().reduce((total, d, i) => total + (i % 2 ? Number(d) : [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][d]), 0);
  return digits + ((10 - (sum % 10)) % 10);
}
