// Files of those who registered by themselves (VER-2 to VER-4, LST-2): two cells empty, refreshed, orange, refused at the
// door; «Autoriser ce compte», and in; withdrawn, and out; support refuses with a reason. With and without JavaScript.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, crossed, enter, look, openPage, password, people, says, signIn, sound, startServer, wayName, words } from './lib/index.mjs';
import { runsScripts } from './lib/page.mjs';

let server;
before(async () => { server = await startServer(); });
after(() => server.stop());

const list = '/o/deux-rives/members';
const click = (page, name) => page.getByRole('button', { name, exact: true }).click();

// dossier finds the file of somebody by their name.
async function dossier(page, name) {
  const { items } = await ask(page, '/organizations/deux-rives/dossiers');
  return items.find((file) => file.name === name);
}

// refusedAtDoor tries to sign in; an account that waits is told what nobody's is (ENU-01).
async function refusedAtDoor(email) {
  const answer = await fetch(`${server.base}/login`, {
    method: 'POST', redirect: 'manual', headers: { origin: server.base }, body: new URLSearchParams({ email, password }),
  });
  return answer.status !== 303;
}

// judge looks at the page in full, where scripts run.
async function judge(page, name) {
  if (runsScripts(page)) return look(page, name);
  await sound(page);
}

// authorise ticks the box, and certifies; the password was given less than five minutes ago.
async function authorise(page, name) {
  await page.getByRole('link', { name: 'Autoriser ce compte' }).click();
  await page.waitForURL('**/certify');
  await judge(page, 'dossier-certify');
  await page.getByRole('checkbox', { name: `Je connais ${name}` }).check();
  await click(page, 'Autoriser ce compte');
  await says(page, `${name} peut se connecter`);
}

describe('a file', () => {
  test(`orange, then authorised, ${wayName(crossed[0])}`, async (t) => {
    const karim = 'karim.nguyen@cabinets.example';
    const page = await enter(t, server, people.nadia, crossed[0]);
    await page.goto(`${list}?q=karim.nguyen`);
    const row = page.locator('tbody tr');
    assert.ok(!/Dossier|Actif|jamais/.test(await row.locator('.c-state').innerText()), 'the cell is empty to the eye before «Rafraîchir» (LST-2)');
    await row.getByRole('button', { name: /^Rafraîchir/ }).click();
    await says(page, 'Karim Nguyen ne peut pas se connecter');
    assert.match(await words(row), /Dossier incomplet/);
    assert.ok(await refusedAtDoor(karim), 'an orange file opened the door');
    await row.getByRole('link', { name: /^Voir/ }).click();
    await page.waitForURL('**/dossiers/*');
    await judge(page, 'dossier');
    assert.match(await words(page.locator('main')), /Annuaire Santé.*Autoriser ce compte/s);
    await authorise(page, 'Karim Nguyen');
    await page.getByRole('link', { name: /^Retirer la certification/ }).click();
    await judge(page, 'dossier-revoke');
    const own = await openPage(t, server, crossed[0]);
    await signIn(own, karim);
    assert.equal((await own.goto('/o/deux-rives/home')).status(), 200);
    assert.match(await words(own.locator('main')), /Mes établissements.*Rive droite/s);
  });

  test(`withdrawn, then authorised again, ${wayName(crossed[1])}`, async (t) => {
    const perrine = 'perrine.kermarrec@cabinets.example';
    const page = await enter(t, server, people.nadia, crossed[1]);
    const { id } = await dossier(page, 'Perrine Kermarrec');
    await page.goto(`/o/deux-rives/dossiers/${id}`);
    assert.match(await words(page.locator('main')), /Dossier vérifié.*Certifié par/s);
    await page.getByRole('link', { name: /^Retirer la certification/ }).click();
    await sound(page);
    await page.getByLabel('Motif').fill('homonyme');
    await click(page, 'Retirer la certification');
    await says(page, 'Certification retirée');
    assert.ok(await refusedAtDoor(perrine), 'withdrawn, and in');
    await authorise(page, 'Perrine Kermarrec');
    assert.ok(!(await refusedAtDoor(perrine)), 'authorised, and refused');
  });

  test('support refuses with a reason, which the organisation reads', async (t) => {
    const page = await enter(t, server, 'support@habilis.example');
    await page.goto('/platform/dossiers');
    await judge(page, 'platform-dossiers');
    await page.getByRole('link', { name: 'Estelle Nguyen' }).click();
    await page.waitForURL('**/dos_*');
    await judge(page, 'platform-dossier');
    await page.getByLabel('Message à la personne').fill('Carte illisible');
    await click(page, 'Refuser');
    await says(page, 'Dossier refusé');
    const nadia = await enter(t, server, people.nadia);
    const { id, organization } = await dossier(nadia, 'Estelle Nguyen');
    await nadia.goto(`/o/deux-rives/dossiers/${id}`);
    assert.match(await words(nadia.locator('main')), /Carte illisible/);
    assert.equal((await nadia.goto(`/platform/dossiers/${organization}/${id}`)).status(), 404);
  });
});
