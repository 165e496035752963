// Who can sign in to the demonstration, and how a test comes in as one of them.
import assert from 'node:assert/strict';
import { openPage } from './page.mjs';
import { password } from './server.mjs';

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

/** signIn fills in the sign-in page, as a person does. */
export async function signIn(page, email, secret = password) {
  await page.goto('/login');
  await page.getByLabel('E-mail professionnel').fill(email);
  await page.getByLabel('Mot de passe', { exact: true }).fill(secret);
  await page.getByRole('button', { name: 'Continuer' }).click();
}

/** enter opens a page of its own that is signed in already: for tests that are about something else. */
export async function enter(t, server, email, options) {
  const page = await openPage(t, server, options);
  const answer = await page.request.post('/login', { form: { email, password: options?.secret ?? password }, maxRedirects: 0 });
  assert.equal(answer.status(), 303, `${email} cannot sign in`);
  return page;
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
