// Members from a spreadsheet: the template, the check and its progress, a decision, the commit, the result; and out again (MEM-14).
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { at, axe, enter, fetched, links, look, mailbox, noOverflow, password, people, phone, refused, row, sound, startServer, wayName, wide, words } from './lib/index.mjs';
import { runsScripts } from './lib/page.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const form = '/o/tilleuls/members/import';
const head = 'Nom;Prénom;E-mail;Fonction;Type de profil;Établissements;Rôles;Téléphone\n';

/** judge looks at a page in full with script; without, at what may differ. */
async function judge(page, name) {
  if (runsScripts(page)) return look(page, name);
  await sound(page);
  await noOverflow(page);
  await axe(page, { colours: true });
}

/** send sends a file and waits for its review: the page reloads by itself. */
async function send(page, content) {
  await page.goto(form);
  await page.getByLabel('Fichier à importer').setInputFiles({ name: 'membres.csv', mimeType: 'text/csv', buffer: Buffer.from(content) });
  await page.getByRole('button', { name: 'Vérifier le fichier' }).click();
  await page.waitForURL('**/imports/imp_*');
  await page.getByRole('heading', { level: 1, name: 'Relire l’import' }).waitFor();
}

/** prove fills in the password where the page asks for it: one just signed in does not. */
async function prove(page, button) {
  await page.getByRole('button', { name: button, exact: true }).waitFor();
  const field = page.getByLabel('Votre mot de passe');
  if ((await field.count()) > 0) await field.fill(password);
}

/** downloaded is the content of what a click sends. */
async function downloaded(page, click) {
  const [file] = await Promise.all([page.waitForEvent('download'), click()]);
  return readFile(await file.path());
}

for (const way of [{ javascript: true, width: wide }, { javascript: false, width: phone }]) {
  test(`MEM-14: a file checked, decided and imported, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.bruno, way);
    const who = way.javascript ? 'camille' : 'dominique';
    const inbox = mailbox(server, `${who}.renaud@exemple.fr`);
    await page.goto('/o/tilleuls/members');
    await page.getByRole('link', { name: 'Importer des membres' }).click();
    await judge(page, 'import');
    if (way.javascript) {
      const book = await fetched(page, await page.getByRole('link', { name: 'Modèle XLSX' }).evaluate((link) => link.href));
      assert.equal(book.subarray(0, 2).toString(), 'PK');
    }
    await page.getByRole('button', { name: 'Vérifier le fichier' }).click();
    await refused(page);
    await send(page, `${head}Renaud;${who};${who}.renaud@exemple.fr;Secrétariat;Non-praticien;Saint-Aubin;Secrétariat;\n` +
      'Delmas;Julie;;Secrétariat;Non-praticien;Saint-Aubin;;06 12 34 56 78\nErreur;Eve;;Jardinage;Non-praticien;Saint-Aubin;;\n');
    assert.match(await words(row(page, /Eve Erreur/)), /À corriger.*« Jardinage » n’en est pas une/);
    assert.match(await words(row(page, /Julie Delmas/)), /À décider/);
    assert.equal(await page.getByRole('link', { name: 'Importer…' }).count(), 0, 'not before all is decided');
    await judge(page, 'import-review');
    await page.getByLabel('Ligne 3 : que faire ?').selectOption({ label: 'Laisser cette ligne de côté' });
    await page.getByLabel('Ligne 4 : que faire ?').selectOption({ label: 'Laisser cette ligne de côté' });
    await page.getByRole('button', { name: 'Garder ces choix et vérifier' }).click();
    if (way.javascript) await at(page, `${page.url()}/commit`, { name: 'import-commit' });
    else await page.getByRole('link', { name: 'Importer…' }).click();
    await prove(page, 'Importer');
    await page.getByRole('button', { name: 'Importer', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Import terminé' }).waitFor();
    assert.match(await words(row(page, new RegExp(`${who} Renaud`))), /Créé, invitation envoyée/);
    await judge(page, 'import-done');
    if (way.javascript) {
      const result = await fetched(page, await page.getByRole('link', { name: 'Télécharger le détail' }).evaluate((link) => link.href));
      assert.match(result.toString(), /"Renaud";"camille";"camille\.renaud@exemple\.fr";"Créé, invitation envoyée"/);
    }
    assert.ok(links(await inbox.next(/invit/i)).length > 0);
  });
}

test('MEM-14: the members go out as a file', async (t) => {
  const page = await enter(t, server, people.bruno);
  await page.goto('/o/tilleuls/members');
  await page.getByRole('link', { name: 'Exporter les membres' }).click();
  await look(page, 'members-export');
  await prove(page, 'Exporter');
  const file = await downloaded(page, () => page.getByRole('button', { name: 'Exporter', exact: true }).click());
  assert.match(file.toString(), /^\uFEFF"Nom";"Prénom";"E-mail"/);
  assert.match(file.toString(), /"Delmas";"Julie"/);
});
