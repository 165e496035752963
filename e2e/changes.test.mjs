// The history of rights (RGT-1, RGT-6, RGT-7): what is changed of any sort is read there in plain words, and undone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axe, crossedOver, enter, memberId, noOverflow, people, phone, press, says, sound, startServer, tabTo, wayName, wide, words } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const history = '/o/tilleuls/access/changes';
const click = (page, role, name) => page.getByRole(role, { name, exact: true }).click();

// rights opens the rights of somebody, and what can be given alone.
async function rights(page, name) {
  const id = await memberId(page, 'tilleuls', name);
  await page.goto(`/o/tilleuls/members/${id}/rights`);
  await page.getByText('Donner une autorisation particulière').click();
  return id;
}

// latest opens the change that was made last.
async function latest(page, extent) {
  await page.goto(history);
  await page.getByRole('link', { name: extent }).first().click();
  await page.waitForURL('**/changes/cst_*');
}

// both judges the page in both looks.
async function both(page) {
  await sound(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await axe(page, { colours: true });
  await page.emulateMedia({ colorScheme: 'light' });
}

for (const [n, way] of crossedOver.entries()) {
  test(`a single permission and an access group: given, read in the history, undone, ${wayName(way)}`, async (t) => {
    const who = ['Petit', 'Leroy', 'Rahmani', 'Zanetti'][n];
    const page = await enter(t, server, people.bruno, way);
    const id = await rights(page, who);
    await page.getByRole('checkbox', { name: 'Voir les statistiques' }).first().check();
    await page.getByRole('button', { name: /Vérifier/ }).click();
    await page.waitForURL('**/rights/review*');
    await both(page);
    await page.getByRole('button', { name: /^Enregistrer 1 changement/ }).click();
    await page.waitForURL(`**/members/${id}*`);

    await latest(page, 'Modification : 1 autorisation pour 1 personne');
    assert.match(await words(page.locator('main')), /Autorisation « Voir les statistiques »/);
    await noOverflow(page);
    await both(page);
    await click(page, 'link', 'Annuler cette modification');
    assert.match(await words(page.locator('main')), /Oui.*Non/s);
    await both(page);
    await click(page, 'button', 'Annuler 1 changement');
    await says(page, '1 changement annulé');
    assert.match(await words(page.locator('main')), /Annule une modification précédente/);

    const group = `Cardiologie ${n}`;
    await page.goto('/o/tilleuls/access-groups/new');
    await page.getByLabel('Nom du groupe').fill(group);
    await click(page, 'button', 'Créer le groupe');
    await page.getByRole('link', { name: /^Dossiers/ }).click();
    await page.getByRole('link', { name: 'Ajouter des dossiers' }).click();
    await page.getByLabel('Noms des dossiers').fill(`E-${n}-1\nE-${n}-2`);
    await click(page, 'button', 'Ajouter ces dossiers');
    await says(page, '2 dossiers ajoutés');
    await latest(page, 'Modification : 2 dossiers d’un groupe d’accès');
    await click(page, 'link', 'Annuler cette modification');
    assert.match(await words(page.locator('main')), /2 dossiers ne seront plus dans aucun groupe/);
    await both(page);
    await click(page, 'button', 'Annuler 1 changement');
    await says(page, '1 changement annulé');
  });
}

test('by the keyboard alone, a change is found and undone', async (t) => {
  const page = await enter(t, server, people.claire, { javascript: true, width: wide });
  await page.goto('/o/tilleuls/access-groups/new');
  await page.getByLabel('Nom du groupe').fill('Clavier');
  await click(page, 'button', 'Créer le groupe');
  await page.getByRole('link', { name: /^Dossiers/ }).click();
  await page.getByRole('link', { name: 'Ajouter des dossiers' }).click();
  await page.getByLabel('Noms des dossiers').fill('K-1');
  await click(page, 'button', 'Ajouter ces dossiers');
  await says(page, '1 dossier ajouté');
  await page.goto(history);
  await tabTo(page, 'link', /^Modification : 1 dossier d’un groupe d’accès/);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/changes/cst_*');
  await press(page, 'link', 'Annuler cette modification');
  await page.waitForURL('**/undo');
  await press(page, 'button', 'Annuler 1 changement');
  await says(page, '1 changement annulé');
});

test(`${phone} px: a long change stays readable`, async (t) => {
  const page = await enter(t, server, people.bruno, { javascript: false, width: phone });
  await page.goto(history);
  await noOverflow(page);
  await sound(page);
});
