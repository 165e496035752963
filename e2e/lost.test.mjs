// Everything is lost: the page that says what will happen, the request, who is told, and how it is stopped (SEC-2;
// rules.md 5; MFA-03, MFA-06).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { at, enter, links, look, mailbox, openPage, password, people, phone, press, says, shot, sound, startServer, wayName, wide, words } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const lost = '/login/lost';
const security = '/account/security';

// half gives the password, and stops at the second factor.
async function half(t, email, way) {
  const page = await openPage(t, server, way);
  await page.goto('/login');
  await page.getByLabel('E-mail professionnel').fill(email);
  await page.getByLabel('Mot de passe', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Continuer' }).click();
  await page.waitForURL('**/login/second-factor');
  return page;
}

// ask goes from there to the request, with the keyboard where there is one.
async function ask(page) {
  await press(page, 'link', 'J’ai tout perdu');
  await page.getByRole('heading', { level: 1, name: /Vous avez tout perdu/ }).waitFor();
  await press(page, 'button', 'Demander le retrait dans 72 heures');
  await page.getByRole('heading', { level: 1, name: 'Votre demande est enregistrée' }).waitFor();
}

test(`asked, told everywhere, and stopped by whoever is signed in, ${wayName({ javascript: true, width: wide })}`, async (t) => {
  const page = await half(t, people.bruno);
  await at(page, lost, { name: 'lost' });
  const said = await words(page.locator('main'));
  for (const part of [`Un e-mail vous prévient à ${people.bruno}`, 'Pendant 72 heures', 'Demandez de vive voix', 'Claire Morvan']) assert.ok(said.includes(part), `${part}: ${said}`);
  await page.goto('/login/second-factor');
  await ask(page);
  await look(page, 'lost-asked');
  assert.match(await words(page.locator('main')), /Tout sera retiré le/);

  const letter = await mailbox(server, people.bruno).next(/tous vos seconds facteurs vont être retirés/);
  assert.equal(links(letter).length, 1);
  const told = await mailbox(server, people.claire).next(/seconds facteurs de Bruno Lacaze/);
  assert.match(told.text.replace(/\s+/g, ' '), /Parlez-lui de vive voix/);
  assert.deepEqual(links(told), []);

  const owner = await enter(t, server, people.bruno);
  await owner.goto('/organizations?stay=1');
  assert.match(await words(owner.locator('main')), /Le retrait de tous vos seconds facteurs est demandé/);
  await owner.goto(security);
  const card = owner.getByRole('region', { name: 'Retrait demandé' });
  assert.match(await words(card), /Quelqu’un qui connaît votre mot de passe a dit avoir tout perdu/);
  await look(owner, 'lost-card');
  await press(owner, 'button', 'Garder mes seconds facteurs');
  await says(owner, /vos seconds facteurs sont gardés/);
  assert.equal(await card.count(), 0);
  await page.goto(lost);
  await page.getByRole('heading', { level: 1, name: /Vous avez tout perdu/ }).waitFor();
});

test(`asked, and stopped by the link of the letter, ${wayName({ javascript: false, width: phone })}`, async (t) => {
  const way = { javascript: false, width: phone };
  const page = await half(t, people.claire, way);
  await ask(page);
  await sound(page);
  await shot(page, 'lost-asked');
  const letter = await mailbox(server, people.claire).next(/tous vos seconds facteurs vont être retirés/);
  const owner = await openPage(t, server, way);
  await owner.goto(links(letter)[0]);
  await owner.getByRole('heading', { name: /Garder vos seconds facteurs/ }).waitFor();
  await sound(owner);
  await owner.getByRole('button', { name: 'Garder mes seconds facteurs' }).click();
  await says(owner, /La demande est annulée/);
  await owner.goto(links(letter)[0]);
  assert.match(await words(owner.locator('main')), /Ce lien ne sert plus/);
  await mailbox(server, people.claire).next(/vos seconds facteurs sont gardés/);
});
