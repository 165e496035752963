// Everything is lost: the page that says what will happen, the request, who is told, and how it is stopped (SEC-2;
// rules.md 5; MFA-03, MFA-06).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { at, enter, freshCode, links, look, mailbox, memberId, openPage, password, people, phone, press, says, shot, sound, startServer, wayName, wide, words } from './lib/index.mjs';

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
  await page.getByRole('heading', { level: 1, name: 'La demande est enregistrée' }).waitFor();
}

test(`asked, told everywhere, and stopped by whoever is signed in, ${wayName({ javascript: true, width: wide })}`, async (t) => {
  await enter(t, server, people.bruno); // in a browser that is remembered from now on
  const page = await half(t, people.bruno);
  await at(page, lost, { name: 'lost' });
  const said = await words(page.locator('main'));
  for (const part of [`Un e-mail vous prévient à ${people.bruno}`, 'Pendant 72 heures', 'Demandez de vive voix']) assert.ok(said.includes(part), `${part}: ${said}`);
  assert.doesNotMatch(said, /Claire|Morvan|Tilleuls/, 'a password alone is no reason to know where its person works');
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
  assert.match(await words(owner.locator('main')), /Il n’y a plus rien à annuler/);
  await mailbox(server, people.claire).next(/vos seconds facteurs sont gardés/);
});

test('asked by somebody else: the owner reads it at the second factor, which stops it, and so does an administrator', async (t) => {
  const second = '/login/second-factor';
  const thief = await half(t, people.bruno);
  await ask(thief);
  const owner = await half(t, people.bruno);
  await look(owner, 'lost-second');
  assert.match(await words(owner.locator('main')), /quelqu’un qui connaît votre mot de passe a dit avoir tout perdu/);

  const claire = await enter(t, server, people.claire);
  const bruno = `/o/tilleuls/members/${await memberId(claire, 'tilleuls', people.bruno)}`;
  await at(claire, `${bruno}/security`, { name: 'member-security-loss' });
  await at(claire, `${bruno}/security/loss`, { name: 'member-security-loss-keep' });
  await press(claire, 'button', 'Garder ses seconds facteurs');
  await says(claire, /Seconds facteurs gardés/);
  await mailbox(server, people.bruno).next(/vos seconds facteurs sont gardés/);
  await owner.goto(second);
  assert.doesNotMatch(await words(owner.locator('main')), /a dit avoir tout perdu/);

  await thief.goto(second);
  await ask(thief);
  await owner.goto(second);
  await owner.getByLabel('Code à 6 chiffres').fill(await freshCode(server.base, people.bruno));
  await press(owner, 'button', 'Valider');
  await says(owner, /Vous venez d’en utiliser un : la demande est annulée/);
  await thief.goto(second);
  assert.doesNotMatch(await words(thief.locator('main')), /a dit avoir tout perdu/);
});
