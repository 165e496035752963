// The pages that only somebody half signed in, locked out or holding a letter comes to; each looked at in full (the
// rule: e2e/pages.test.mjs).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { at, enter, links, look, mailbox, openPage, password, people, startServer } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

// half gives the password alone: the second proof is due.
async function half(t, email) {
  const page = await openPage(t, server);
  const answer = await page.request.post('/login', { form: { email, password }, maxRedirects: 0 });
  assert.match(answer.headers().location, /^\/login\/second-factor/);
  return page;
}

// post sends a form of a page without showing the page.
async function post(page, path, form) {
  const answer = await page.request.post(path, { form, headers: { origin: server.base }, maxRedirects: 0 });
  assert.equal(answer.status(), 303, `${path}: ${await answer.text()}`);
}

test('between the two proofs', async (t) => {
  const page = await half(t, people.claire);
  await at(page, '/login/second-factor', { name: 'second-factor' });
});

test('the second proof, asked again of somebody signed in', async (t) => {
  const page = await enter(t, server, people.claire);
  await at(page, '/account/second-factor', { name: 'second-factor-again' });
});

test('a first second factor, before anything opens', async (t) => {
  const support = await enter(t, server, people.platform);
  await post(support, '/platform/factor-resets/reset', { email: people.sophie, reason: 'Téléphone perdu, identité vérifiée au guichet', password });
  const page = await half(t, people.sophie);
  await at(page, '/login/second-factor/enrol', { name: 'enrol' });
  await page.getByRole('button', { name: 'Choisir l’application de codes' }).click();
  await page.waitForURL('**/enrol/totp*');
  await at(page, '/login/second-factor/enrol/totp', { name: 'enrol-totp' });
  await at(page, '/login/second-factor/enrol/sms', { name: 'enrol-sms' });
  await page.getByLabel('Numéro de téléphone portable').fill('06 39 98 00 66');
  await page.getByRole('button', { name: 'Recevoir un code par SMS' }).click();
  await page.getByLabel('Code à 6 chiffres').waitFor();
  await look(page, 'enrol-sms-code');
});

test('a workstation that is locked', async (t) => {
  const email = 'elise.jourdan@tilleuls.example';
  const [page, elsewhere] = [await enter(t, server, email), await enter(t, server, email)];
  await page.goto('/account/security');
  await page.getByRole('button', { name: 'Passer en poste partagé' }).click();
  await page.getByRole('button', { name: 'Verrouiller' }).click();
  await page.waitForURL('**/locked*');
  await at(page, '/locked', { name: 'locked', speaker: elsewhere });
});

test('the letters of another address: to confirm it, and to undo the change', async (t) => {
  const [old, next] = ['sandrine.leroy@tilleuls.example', 'sandrine@port.example'];
  const page = await enter(t, server, old);
  await post(page, '/account/email', { email: next, email_again: next });
  const reader = await openPage(t, server);
  const [confirm] = links(await mailbox(server, next).next(/confirmez votre nouvelle adresse/));
  await at(reader, confirm, { name: 'email-confirm' });
  await reader.getByRole('button', { name: 'Confirmer cette adresse' }).click();
  await reader.waitForURL('**/login');
  const [undo] = links(await mailbox(server, old).next(/ne sert plus à vous connecter/));
  await at(reader, undo, { name: 'email-undo' });
});
