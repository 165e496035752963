// What is kept about a person: an export by the person and by their organisation, the erasure of who left, and of an
// account that belongs nowhere (AUD-4).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { at, crossed, enter, here, look, mailbox, memberId, people, press, refused, says, sound, startServer, wayName, words, write } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const mine = '/account/data';
const sheetOf = async (page, name) => `/o/tilleuls/members/${await memberId(page, 'tilleuls', `${name}@tilleuls.example`)}`;

// until asks for the page again, by its link, until it says something.
async function until(page, said, link) {
  for (let n = 0; n < 120; n++) {
    const text = await words(page.locator('main'));
    if (said.test(text)) return text;
    await page.waitForTimeout(250);
    await page.getByRole('link', { name: link }).click();
    await page.waitForLoadState('domcontentloaded');
  }
  return assert.fail(`the page never says ${said}`);
}

// taken downloads the export that is ready, and reads it.
async function taken(page) {
  await page.getByRole('link', { name: /^Télécharger/ }).first().click();
  await sound(page);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Télécharger' }).click()]);
  const file = readFileSync(await download.path());
  assert.equal(file.subarray(0, 2).toString(), 'PK');
  for (const part of ['data.json', 'readable.html']) assert.ok(file.includes(part), `the file has no ${part}`);
}

// leaves lets somebody go at once, and waits for what follows.
async function leaves(page, sheet, name, { javascript } = { javascript: true }) {
  await page.goto(`${sheet}/departure?form=1`);
  await page.getByRole('radio', { name: /^Tout de suite/ }).check();
  await page.getByLabel(/^Pour confirmer, écrivez/).fill(name);
  if (!javascript) { // the button says the other choice until the page was asked for again
    await page.getByRole('button', { name: 'Programmer le départ' }).click();
    await page.getByLabel(/^Pour confirmer, écrivez/).fill(name);
  }
  await page.getByRole('button', { name: 'Supprimer le membre', exact: true }).click();
  await page.getByText('Tous les accès ont pris fin').waitFor();
  for (let n = 0; n < 60 && /se fait seul/.test(await words(page.locator('main'))); n++) {
    await page.waitForTimeout(250);
    await page.getByRole('link', { name: 'Actualiser' }).click();
  }
}

for (const way of crossed) {
  test(`one's own data: asked for, told by letter, taken, ${wayName(way)}`, async (t) => {
    const email = way.javascript ? people.julie : people.claire;
    const page = await enter(t, server, email, way);
    await page.goto('/account/security');
    await page.getByRole('link', { name: 'Mes données' }).first().click();
    await page.getByText('Ce compte doit d’abord quitter ses organisations').waitFor();
    await sound(page);
    await page.getByRole('link', { name: 'Demander un export' }).click();
    const box = await mailbox(server, email);
    await page.getByRole('button', { name: 'Demander un export' }).click();
    await says(page, 'L’export est en préparation');
    await box.next(/données sont prêtes/);
    await page.goto(mine);
    await until(page, /Prêt/, 'Voir où en est l’export');
    await sound(page);
    await taken(page);
  });
}

for (const [n, way] of crossed.entries()) {
  const [login, name] = [['paul.garnier', 'Paul Garnier'], ['yanis.belkacem', 'Yanis Belkacem']][n];
  test(`a member's data: exported, and erased once they left, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.bruno, way);
    const sheet = await sheetOf(page, login);
    await page.goto(sheet);
    await page.locator('main').getByRole('link', { name: 'Données personnelles' }).click();
    await page.getByText('L’effacement est possible une fois que la personne est partie').waitFor();
    await sound(page);
    await page.getByRole('link', { name: 'Demander un export' }).click();
    await page.getByRole('button', { name: 'Demander un export' }).click();
    await says(page, 'L’export est en préparation');
    await until(page, /Prêt/, 'Voir où en est l’export');
    await taken(page);

    await leaves(page, sheet, name, way);
    await page.goto('/o/tilleuls/members/gone');
    await page.getByRole('link', { name }).click();
    await page.locator('main').getByRole('link', { name: 'Données personnelles' }).click();
    await page.getByRole('link', { name: 'Effacer ces données…' }).click();
    const said = await words(page.locator('main'));
    for (const part of ['Ce qui part', 'Ce qui reste, et pourquoi', 'ne pourra plus être annulé', 'sauvegardes']) assert.ok(said.includes(part), `${part}: ${said}`);
    await page.getByLabel(/^Pour confirmer, écrivez/).fill(name.toLowerCase());
    await page.getByRole('button', { name: 'Effacer ces données' }).click();
    assert.equal((await refused(page)).length, 1);
    await sound(page);
    await page.getByLabel(/^Pour confirmer, écrivez/).fill(name);
    await page.getByRole('button', { name: 'Effacer ces données' }).click();
    await says(page, 'L’effacement a commencé');
    await sound(page);
    const over = await until(page, /Plus rien ne désigne cette personne/, 'Voir où en est l’effacement');
    await sound(page);
    const family = name.split(' ')[1];
    assert.ok(over.includes('Personne effacée') && !over.includes(family), over);
    for (const path of [`${sheet}/departure`, '/o/tilleuls/members/gone', '/o/tilleuls/journal', '/o/tilleuls/access/changes']) {
      await page.goto(path);
      assert.ok(!(await words(page.locator('main'))).includes(family), `${path} names them`);
    }
  });
}

test('whoever is a member nowhere erases their account, by keyboard alone', async (t) => {
  const page = await enter(t, server, 'ines.rahmani@tilleuls.example');
  await page.goto('/o/tilleuls/leave');
  await page.getByRole('button', { name: 'Quitter l’organisation' }).click();
  await page.waitForURL('**/organizations');
  await look(page, 'organizations-none');
  await press(page, 'link', 'Mes données');
  await page.waitForURL(`**${mine}`);
  await look(page, 'account-data-free');
  await press(page, 'link', 'Effacer mon compte…');
  await page.waitForURL(`**${mine}/erasure`);
  await at(page, here(page), { name: 'account-data-erasure' });
  await write(page, /^Pour confirmer, écrivez/, 'Inès Rahmani');
  await press(page, 'button', 'Effacer mon compte');
  await says(page, 'Votre compte est fermé');
  await sound(page);
  await page.goto(mine);
  await page.waitForURL('**/login?next=*');
});

test('the pages of it', async (t) => {
  const page = await enter(t, server, people.bruno);
  await at(page, mine, { name: 'account-data' });
  await at(page, `${mine}/export`, { name: 'account-data-export' });
  await page.getByRole('button', { name: 'Demander un export' }).click();
  await page.goto(mine);
  await until(page, /Prêt/, 'Voir où en est l’export');
  await look(page, 'account-data-ready');
  await at(page, await page.getByRole('link', { name: /^Télécharger/ }).first().getAttribute('href'), { name: 'account-data-file' });

  const sheet = await sheetOf(page, 'julie.delmas');
  await at(page, `${sheet}/data`, { name: 'member-data' });
  await at(page, `${sheet}/data/export`, { name: 'member-data-export' });
  await page.getByRole('button', { name: 'Demander un export' }).click();
  await page.goto(`${sheet}/data`);
  await until(page, /Prêt/, 'Voir où en est l’export');
  await at(page, await page.getByRole('link', { name: /^Télécharger/ }).first().getAttribute('href'), { name: 'member-data-file' });
  await leaves(page, sheet, 'Julie Delmas');
  await at(page, `${sheet}/data`, { name: 'member-data-left' });
  await at(page, `${sheet}/data/erasure`, { name: 'member-data-erasure' });
  await page.getByLabel(/^Pour confirmer, écrivez/).fill('Julie Delmas');
  await page.getByRole('button', { name: 'Effacer ces données' }).click();
  await until(page, /Plus rien ne désigne cette personne/, 'Voir où en est l’effacement');
  await at(page, here(page), { name: 'member-data-erased' });
});
