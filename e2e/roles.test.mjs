// The roles editor (RGT-1): read, duplicated, changed with the people whom it touches, removed once nobody has it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  ask, counts, crossed, enter, goTo, memberId, openPage, password, people, phone, press, refused, says, signIn, sound, startServer, styled, tabTo, wayName, wide, words, write,
} from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const box = (page, name) => page.getByRole('checkbox', { name: new RegExp(`^${name}`) });
const check = (page) => page.getByRole('button', { name: 'Vérifier les changements' }).click();
const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();

// prove fills in the password where the page asks for it: a page opened long ago does, one just signed in does not.
async function prove(page) {
  await page.waitForLoadState('domcontentloaded');
  const field = page.getByLabel('Votre mot de passe');
  if ((await field.count()) > 0) await field.fill(password);
}

async function duplicate(page, source, name, without = []) {
  await page.goto('/o/tilleuls/roles');
  await page.getByRole('main').getByRole('link', { name: source, exact: true }).click();
  await heading(page, source);
  await page.getByRole('link', { name: `Dupliquer le rôle ${source}` }).click();
  await heading(page, `Dupliquer ${source}`);
  await page.waitForLoadState('domcontentloaded');
  await page.getByLabel('Nom du rôle').fill(name);
  for (const label of without) await box(page, label).uncheck();
  await prove(page);
  await page.getByRole('button', { name: 'Créer le rôle' }).click();
  await says(page, `Rôle ${name} créé.`);
}

for (const [n, way] of crossed.entries()) {
  test(`RGT-1: a provided role is duplicated, its copy changed, given, kept while it serves, then removed, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.bruno, way);
    const name = `Accueil ${n + 1}`;
    await page.goto('/o/tilleuls/home');
    await goTo(page, /^Rôles/);
    await heading(page, 'Rôles');
    await sound(page);
    await duplicate(page, 'Secrétariat', name, ['Établir les factures']);
    const path = new URL(page.url()).pathname;
    assert.match(await words(page.locator('main')), /Aucun membre n’a ce rôle/);

    const julie = await memberId(page, 'tilleuls', people.julie);
    const sheet = await ask(page, `/organizations/tilleuls/members/${julie}`);
    const given = await page.request.put(`/api/v1/organizations/tilleuls/members/${julie}/roles/${path.split('/').pop()}?scope=${sheet.sites[0].id}`, {
      headers: { origin: server.base, 'If-Match': `"${sheet.version}"` },
    });
    assert.equal(given.status(), 200, await given.text());

    await page.goto(path);
    await page.getByRole('link', { name: '1 membre a ce rôle' }).click();
    await page.getByRole('link', { name: /Delmas/ }).first().waitFor();
    await page.goto(path);
    await page.getByLabel('Nom du rôle').fill('');
    await check(page);
    assert.equal((await refused(page)).length, 1);
    await sound(page);
    await page.getByLabel('Nom du rôle').fill(`${name} et suivi`);
    await box(page, 'Lire les dossiers des patients').check();
    await box(page, 'Voir les tâches').uncheck();
    await check(page);
    await heading(page, 'Avant et après');
    const review = await words(page.locator('main'));
    for (const part of [/Lire les dossiers des patients/, /Ouvre le contenu médical/, /1 membre a ce rôle/, /Julie Delmas/]) assert.match(review, part);
    await sound(page);
    await styled(page);
    await page.goto(page.url()); // a reload loses nothing
    await prove(page);
    await page.getByRole('button', { name: 'Enregistrer 3 changements' }).click();
    await says(page, `Rôle ${name} et suivi enregistré.`);
    assert.ok(await box(page, 'Lire les dossiers des patients').isChecked());

    await page.getByRole('link', { name: /^Supprimer… le rôle/ }).click();
    await heading(page, `Le rôle ${name} et suivi sert encore`);
    await counts(page.getByRole('button', { name: 'Supprimer le rôle' }), 0);
    assert.match(await words(page.locator('main')), /Julie Delmas/);
    await sound(page);
    const taken = await page.request.delete(`/api/v1/organizations/tilleuls/members/${julie}/roles/${path.split('/').pop()}?scope=${sheet.sites[0].id}`, {
      headers: { origin: server.base },
    });
    assert.equal(taken.status(), 200, await taken.text());
    await page.goto(`${path}/remove`);
    await heading(page, `Supprimer le rôle ${name} et suivi`);
    await sound(page);
    await prove(page);
    await page.getByRole('button', { name: 'Supprimer le rôle' }).click();
    await says(page, `Rôle ${name} et suivi supprimé.`);
    await counts(page.getByRole('link', { name: `${name} et suivi`, exact: true }), 0);
  });
}

test('CHG-1: two browsers change one role: the second is told, and nothing of either is lost', async (t) => {
  const [one, two] = [await enter(t, server, people.bruno), await enter(t, server, people.claire, { width: phone })];
  await duplicate(one, 'Lecture seule', 'Lecture du soir');
  const path = new URL(one.url()).pathname;
  for (const page of [one, two]) await page.goto(path);
  await box(one, 'Établir les factures').check();
  await check(one);
  await heading(one, 'Avant et après');
  await box(two, 'Lire les ordonnances').uncheck();
  await check(two);
  await heading(two, 'Avant et après');
  await prove(one);
  await one.getByRole('button', { name: 'Enregistrer 1 changement' }).click();
  await says(one, 'Rôle Lecture du soir enregistré.');
  await prove(two);
  await two.getByRole('button', { name: 'Enregistrer 1 changement' }).click();
  await says(two, /Quelqu’un a enregistré ce rôle entre-temps/);
  assert.match(await words(two.locator('main')), /Établir les factures/);
  await sound(two);
  await prove(two);
  await two.getByRole('button', { name: 'Enregistrer 1 changement' }).click();
  await says(two, 'Rôle Lecture du soir enregistré.');
  await two.waitForLoadState('domcontentloaded');
  assert.ok(await box(two, 'Établir les factures').isChecked());
  assert.ok(!(await box(two, 'Lire les ordonnances').isChecked()));
});

test('RGT-1: a role is made with the keyboard alone', async (t) => {
  const page = await openPage(t, server, { width: wide });
  await signIn(page, people.bruno);
  await page.waitForURL('**/o/tilleuls/**');
  await page.goto('/o/tilleuls/roles');
  await press(page, 'link', 'Nouveau rôle');
  await heading(page, 'Nouveau rôle');
  await page.waitForLoadState('domcontentloaded');
  await write(page, 'Nom du rôle', 'Courrier du matin');
  await tabTo(page, 'checkbox', /^Lire les courriers/);
  await page.keyboard.press('Space');
  await press(page, 'button', 'Créer le rôle');
  await says(page, 'Rôle Courrier du matin créé.');
  assert.ok(await box(page, 'Lire les courriers').isChecked());
});

test('RGT-1: who has no right to the roles sees neither the page nor its entry', async (t) => {
  const page = await enter(t, server, people.julie);
  await page.goto('/o/tilleuls/home');
  await counts(page.getByRole('navigation', { name: 'Navigation principale' }).getByRole('link', { name: /^Rôles/ }), 0);
  assert.equal((await page.goto('/o/tilleuls/roles')).status(), 403);
  await sound(page);
});
