// Access groups (RGT-7, RGT-8): which patient records a member may see.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { counts, enter, goTo, people, phone, press, refused, row, says, sound, startServer, tabTo, wayName, wide, words, write } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const ways = [{ javascript: true, width: phone }, { javascript: false, width: wide }];
const click = (page, role, name) => page.getByRole(role, { name, exact: true }).click();
const onlyRecords = /Il ne donne aucun autre droit/;

// shows waits for a text of the page; its no-break spaces count as plain ones.
async function shows(page, text) {
  const source = text instanceof RegExp ? text.source : text;
  await page.getByText(new RegExp(source.replaceAll(' ', '\\s'))).first().waitFor();
}

// make makes a group and stands on its page.
async function make(page, name) {
  await page.goto('/o/tilleuls/access-groups/new');
  await page.getByLabel('Nom du groupe').fill(name);
  await click(page, 'button', 'Créer le groupe');
  await says(page, `Le groupe « ${name} » est créé`);
}

// add pastes a list of records.
async function add(page, list) {
  await page.getByRole('link', { name: /^Dossiers/ }).click();
  await page.getByRole('link', { name: 'Ajouter des dossiers' }).click();
  await page.getByLabel('Noms des dossiers').fill(list);
  await click(page, 'button', 'Ajouter ces dossiers');
}

for (const [n, way] of ways.entries()) {
  test(`RGT-7: a group gets members and records, loses them, and says what that widens, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.bruno, way);
    const name = `Pédiatrie ${n}`;
    await page.goto('/o/tilleuls/home');
    await goTo(page, 'Groupes d’accès');
    assert.match(await words(page.locator('main')), onlyRecords);
    await page.getByRole('link', { name: 'Nouveau groupe' }).first().click();
    await click(page, 'button', 'Créer le groupe');
    assert.deepEqual(await refused(page), ['Nom du groupe : remplissez ce champ']);
    await page.getByLabel('Nom du groupe').fill(name);
    await click(page, 'button', 'Créer le groupe');
    await says(page, `Le groupe « ${name} » est créé`);
    assert.match(await words(page.locator('main')), onlyRecords);

    await page.getByRole('link', { name: 'Ajouter des membres' }).click();
    await page.getByRole('searchbox', { name: 'Chercher un membre' }).fill('belkacem');
    await click(page, 'button', 'Rechercher');
    await click(page, 'button', 'Ajouter au groupe');
    assert.deepEqual(await refused(page), ['Cochez au moins un membre']);
    await sound(page);
    await page.getByRole('checkbox', { name: /Yanis Belkacem/ }).check();
    await page.getByLabel(/^Jusqu’au/).fill('2099-12-31');
    await click(page, 'button', 'Ajouter au groupe');
    await says(page, '1 membre ajouté');
    assert.match(await words(row(page, /Belkacem/)), /En cours.* au 31 déc\. 2099/);

    await add(page, `A-${n}\nB-${n}\n255081416802538`);
    assert.match((await refused(page))[0], /^Ligne 3 : .*numéro de sécurité sociale/);
    await page.getByLabel('Noms des dossiers').fill(`A-${n}\n\nB-${n}\nC-${n}`);
    await click(page, 'button', 'Ajouter ces dossiers');
    await says(page, '3 dossiers ajoutés. 3 n’étaient dans aucun groupe');
    await add(page, `C-${n}\nD-${n}`);
    await says(page, '1 dossier ajouté. 1 y était déjà');

    await row(page, `A-${n}`).getByRole('link', { name: /^Retirer/ }).click(); // a dialog, with a script
    await shows(page, /1 dossier ne sera plus dans aucun groupe : visible de tous ceux qui ont l’autorisation/);
    await sound(page);
    await click(page, 'button', 'Retirer');
    await says(page, '1 dossier retiré');
    await page.getByRole('link', { name: 'Retirer des dossiers' }).click();
    await page.getByLabel('Noms des dossiers').fill(`B-${n}\nC-${n}\nZ-${n}`);
    await click(page, 'button', 'Vérifier');
    await shows(page, /2 dossiers ne seront plus dans aucun groupe/);
    await sound(page);
    await click(page, 'button', 'Retirer');
    await says(page, '2 dossiers retirés. 1 n’était pas dans le groupe');

    await page.goto('/o/tilleuls/members?q=belkacem');
    await page.getByRole('link', { name: /Belkacem/ }).first().click();
    await page.getByRole('link', { name, exact: true }).click(); // the sheet of the member leads to the group
    await row(page, /Belkacem/).getByRole('link', { name: /^Dates/ }).click();
    await page.getByLabel(/^Jusqu’au/).fill('');
    await click(page, 'button', 'Enregistrer');
    await says(page, 'Les dates de Dr Yanis Belkacem sont enregistrées');
    assert.match(await words(row(page, /Belkacem/)), /Depuis le/);
    await row(page, /Belkacem/).getByRole('link', { name: /^Retirer/ }).click();
    await shows(page, 'Ses rôles ne changent pas');
    await click(page, 'button', 'Retirer');
    await says(page, 'n’est plus dans le groupe');

    await page.getByRole('link', { name: /^Supprimer…/ }).click();
    await shows(page, /1 dossier ne sera plus dans aucun groupe/);
    await sound(page);
    await click(page, 'button', 'Supprimer le groupe');
    await says(page, `Le groupe « ${name} » est supprimé`);
    await counts(page.getByRole('link', { name, exact: true }), 0);
  });
}

test('by the keyboard alone: a group, a member, a record', async (t) => {
  const page = await enter(t, server, people.claire, { javascript: true, width: wide });
  await page.goto('/o/tilleuls/access-groups/new');
  await write(page, 'Nom du groupe', 'Clavier');
  await press(page, 'button', 'Créer le groupe');
  await says(page, 'Le groupe « Clavier » est créé');
  await press(page, 'link', 'Ajouter des membres');
  await page.waitForURL('**/members/add');
  await tabTo(page, 'checkbox', /Julie Delmas/);
  await page.keyboard.press('Space');
  await press(page, 'button', 'Ajouter au groupe');
  await says(page, '1 membre ajouté');
  await press(page, 'link', /^Dossiers/);
  await page.waitForURL('**/records');
  await press(page, 'link', 'Ajouter des dossiers');
  await page.waitForURL('**/records/add');
  await write(page, 'Noms des dossiers', 'K-1');
  await press(page, 'button', 'Ajouter ces dossiers');
  await says(page, '1 dossier ajouté');
  await press(page, 'link', 'Retirer le dossier K-1');
  await page.getByRole('dialog').waitFor();
  await press(page, 'button', 'Retirer');
  await says(page, '1 dossier retiré');
});

test('RGT-7: «dossiers hors groupe fermés» says whom it bears on, and the pages say it from then on', async (t) => {
  const page = await enter(t, server, people.bruno, { javascript: false, width: phone });
  await make(page, 'Fermeture');
  await add(page, 'F-1');
  await page.goto('/o/tilleuls/settings');
  const box = page.getByRole('checkbox', { name: /^Fermer les dossiers hors groupe/ });
  await box.check();
  await click(page, 'button', 'Enregistrer le réglage des dossiers');
  await says(page, /Les dossiers hors groupe sont fermés\. \d+ membres ne sont dans aucun groupe/);
  await page.goto('/o/tilleuls/access-groups');
  assert.match(await words(page.locator('main')), /fermés : personne ne les voit/);
  await page.getByRole('link', { name: 'Fermeture' }).click();
  await page.getByRole('link', { name: /^Supprimer…/ }).click();
  await shows(page, /1 dossier ne sera plus dans aucun groupe : plus personne ne le verra/);
  await page.goto('/o/tilleuls/settings');
  await box.uncheck();
  await click(page, 'button', 'Enregistrer le réglage des dossiers');
  await says(page, 'ouverts à tous ceux qui ont l’autorisation');
});
