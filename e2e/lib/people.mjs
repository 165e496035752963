// Who can sign in to the demonstration, and how a test comes in as one of them.
import assert from 'node:assert/strict';
import { openPage } from './page.mjs';
import { password } from './server.mjs';
import { firstCode, freshCode, recognise, remember } from './totp.mjs';

/** One account of each sort; all of them have the same `password`. */
export const people = {
  bruno: 'bruno.lacaze@tilleuls.example', // administers the Tilleuls
  claire: 'claire.morvan@tilleuls.example', // administers them too; member of the Deux Rives
  julie: 'julie.delmas@tilleuls.example', // secretary, administers nothing
  nadia: 'nadia.benali@deux-rives.example', // administers the Deux Rives
  philippe: 'philippe.renaud@saint-aubin.example', // administers Saint-Aubin: 6 sites, 600 members
  sophie: 'sophie.jamet@saint-aubin.example', // administers one of its sites
  platform: 'admin@habilis.example',
};

/** signIn fills in the sign-in page, as a person does: the password, and the code where one is asked. */
export async function signIn(page, email, secret = password) {
  await page.goto('/login');
  const base = new URL(page.url()).origin;
  await recognise(page, base, email);
  await page.getByLabel('E-mail professionnel').fill(email);
  await page.getByLabel('Mot de passe', { exact: true }).fill(secret);
  const answered = page.waitForResponse((answer) => answer.request().method() === 'POST' && new URL(answer.url()).pathname === '/login');
  await page.getByRole('button', { name: 'Continuer' }).click();
  const { location = '' } = await (await answered).allHeaders();
  if (!location.startsWith(second)) return;
  await page.waitForURL((url) => [second, `${second}/enrol`].includes(url.pathname));
  if (new URL(page.url()).pathname === second) await giveCode(page, base, email);
  else await enrol(page, email);
}

const second = '/login/second-factor';

/** giveCode gives the code of the person's application, and has the browser remembered. */
export async function giveCode(page, base, email) {
  await page.waitForURL(`**${second}*`);
  await page.getByLabel('Code à 6 chiffres').fill(await freshCode(base, email));
  await page.getByLabel('Se souvenir de cet appareil').check();
  const answered = page.waitForResponse((answer) => answer.request().method() === 'POST');
  await page.getByRole('button', { name: 'Valider' }).click();
  await answered;
  await remember(page, base, email);
}

/** enrol adds a code application on the page that somebody who must have a second factor meets first. */
export async function enrol(page, email) {
  await page.waitForURL(`**${second}/enrol*`);
  const base = new URL(page.url()).origin;
  await page.getByRole('button', { name: 'Choisir l’application de codes' }).click();
  const secret = (await page.locator('#seed').innerText()).replaceAll(' ', '');
  await page.getByLabel('Code à 6 chiffres').fill(firstCode(base, email, secret));
  await page.getByRole('button', { name: 'Terminer' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/login'));
}

/** addApplication gives somebody signed in a code application, on the page of their account. */
export async function addApplication(page, email) {
  await page.goto('/account/security/totp/new');
  const base = new URL(page.url()).origin;
  await page.getByRole('button', { name: 'Afficher le code à scanner' }).click();
  const secret = (await page.locator('#seed').innerText()).replaceAll(' ', '');
  await page.getByLabel('Code à 6 chiffres').fill(firstCode(base, email, secret));
  await page.getByRole('button', { name: 'Ajouter cette application' }).click();
  await page.waitForURL((url) => url.pathname !== '/account/security/totp/new');
}

/** enter opens a page of its own that is signed in already: for tests that are about something else. */
export async function enter(t, server, email, options) {
  const page = await openPage(t, server, options);
  await recognise(page, server.base, email);
  const answer = await page.request.post('/login', { form: { email, password: options?.secret ?? password }, maxRedirects: 0 });
  assert.equal(answer.status(), 303, `${email} cannot sign in`);
  if (answer.headers().location.startsWith(second)) await enterByCode(page, server, email);
  return page;
}

// enterByCode gives the code without showing the page.
async function enterByCode(page, { base }, email) {
  const form = { way: 'totp', code: await freshCode(base, email), remember: '1' };
  const answer = await page.request.post(second, { form, maxRedirects: 0 });
  assert.equal(answer.status(), 303, `the code of ${email} opens nothing`);
  assert.ok(!answer.headers().location.startsWith('/login'), `${email} has no second factor`);
  await remember(page, base, email);
}

/** ask reads a REST route as the person signed in: tests take ids from it. */
export async function ask(page, path) {
  const answer = await page.request.get(`/api/v1${path}`);
  assert.equal(answer.status(), 200, `${path}: ${await answer.text()}`);
  return answer.json();
}

/** memberId finds a member of an organisation by their e-mail. */
export async function memberId(page, org, email) {
  const { items } = await ask(page, `/organizations/${org}/members?q=${encodeURIComponent(email)}`);
  assert.equal(items.length, 1, `${email} in ${org}`);
  return items[0].id;
}

/** asksAtOnce makes an organisation ask every member for a second factor without delay: page is of an administrator who has just signed in. */
export async function asksAtOnce(page, base, org) {
  const policy = `/api/v1/organizations/${org}/security-policy`;
  const { etag } = (await page.request.get(policy)).headers();
  const answer = await page.request.patch(policy, { headers: { origin: base, 'if-match': etag }, data: { grace_days: 0 } });
  assert.equal(answer.status(), 200, await answer.text());
}
