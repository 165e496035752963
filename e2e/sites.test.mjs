// Sites and settings of an organisation.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, counts, enter, goTo, people, phone, refused, says, sound, startServer, wayName, wide, words } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const ways = [{ javascript: true, width: phone }, { javascript: false, width: wide }];
const save = (page) => page.getByRole('button', { name: 'Enregistrer l’établissement' }).click();

for (const [n, way] of ways.entries()) {
  const name = `Antenne n° ${n + 1} d’Aubigné`;

  test(`ORG-2, ORG-4: a site is created by who will administer it, edited, closed, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.bruno, way);
    await page.goto('/o/tilleuls/home');
    await goTo(page, /^Établissements/);
    await page.getByRole('link', { name: 'Nouvel établissement' }).click();
    await page.getByLabel('Numéro FINESS').fill('070000006');
    await page.getByLabel('Téléphone').fill('12');
    await page.getByRole('button', { name: 'Créer l’établissement' }).click();
    assert.equal((await refused(page)).length, 3);
    await sound(page);
    await page.getByLabel('Nom de l’établissement').fill(name);
    await page.getByLabel('Numéro FINESS').fill('07 000 0005');
    await page.getByLabel('Téléphone').fill('02 99 55 51 77');
    await page.getByRole('button', { name: 'Créer l’établissement' }).click();
    await says(page, `Établissement créé : ${name}. Vous l’administrez.`);
    assert.match(await words(page.locator('main')), /FINESS 07/);

    await page.getByRole('link', { name }).click();
    await page.getByLabel('Ville').fill('Betton');
    await save(page);
    await says(page, `Établissement enregistré : ${name}`);
    assert.match(await words(page.locator('main')), /Betton/);

    await page.getByRole('link', { name }).click();
    await page.getByRole('link', { name: 'Fermer l’établissement…' }).click();
    await sound(page);
    await page.getByRole('link', { name: 'Garder' }).click();
    await page.getByRole('link', { name: 'Fermer l’établissement…' }).click();
    await page.getByRole('button', { name: 'Fermer l’établissement' }).click();
    await says(page, `Établissement fermé : ${name}`);
    await counts(page.getByRole('link', { name }), 0);
  });

  test(`CHG-1: two browsers edit one site: the conflict is shown, nothing is lost, ${wayName(way)}`, async (t) => {
    const [one, two] = [await enter(t, server, people.bruno, way), await enter(t, server, people.claire, way)];
    const { items } = await ask(one, '/organizations/tilleuls/sites');
    const { id } = items.find((site) => site.name.startsWith('Grand-Pré'));
    for (const page of [one, two]) await page.goto(`/o/tilleuls/sites/${id}`);
    await one.getByLabel('Rue').fill(`${n + 5} place du Grand-Pré`);
    await save(one);
    await says(one, 'Établissement enregistré');
    await two.getByLabel('Ville').fill(`Feins-la-${n}`);
    await save(two);
    await says(two, /Quelqu’un a modifié cet établissement/);
    assert.match(await words(two.locator('main')), new RegExp(`${n + 5} place du Grand-Pré`), 'the other version is shown');
    assert.equal(await two.getByLabel('Ville').inputValue(), `Feins-la-${n}`, 'what was typed is kept');
    await sound(two);
    await save(two);
    await says(two, 'Établissement enregistré');
    const after = (await ask(one, `/organizations/tilleuls/sites/${id}`)).city;
    assert.equal(after, `Feins-la-${n}`);
  });

  test(`settings: the name and the enamel change for everybody, and never silently over somebody’s change, ${wayName(way)}`, async (t) => {
    const [one, two] = [await enter(t, server, people.bruno, way), await enter(t, server, people.claire, way)];
    for (const page of [one, two]) await page.goto('/o/tilleuls/settings');
    const renamed = `Maison de santé des Grands Tilleuls ${n}`;
    await one.getByLabel('Nom de l’organisation').fill(renamed);
    await one.getByLabel('Couleur de la plaque').selectOption({ label: n ? 'Prune' : 'Brique' });
    await one.getByRole('button', { name: 'Enregistrer l’organisation' }).click();
    await says(one, 'Les réglages sont enregistrés');
    assert.equal(await one.locator('.plaque.org').getAttribute('data-e'), n ? 'prune' : 'brique');
    assert.match(await one.title(), new RegExp(renamed));
    await sound(one);

    await two.getByLabel('Nom de l’organisation').fill('Autre nom');
    await two.getByRole('button', { name: 'Enregistrer l’organisation' }).click();
    await says(two, /Quelqu’un a modifié/);
    assert.equal(await two.getByLabel('Nom de l’organisation').inputValue(), 'Autre nom', 'what was typed is kept');
    await sound(two);
    await two.getByLabel('Nom de l’organisation').fill('');
    await two.getByRole('button', { name: 'Enregistrer l’organisation' }).click();
    assert.match((await refused(two)).join(), /remplissez|Saisissez/i);
  });
}

test('INJ-01: what a site is called is shown as text, everywhere', async (t) => {
  const page = await enter(t, server, people.bruno);
  await page.goto('/o/tilleuls/sites/new');
  const name = 'Chez "Rémi" & {{.}} $x';
  await page.getByLabel('Nom de l’établissement').fill(name);
  await page.getByRole('button', { name: 'Créer l’établissement' }).click();
  await says(page, 'Établissement créé');
  for (const path of ['home', 'sites', 'members', 'invitations/new']) {
    await page.goto(`/o/tilleuls/${path}`);
    assert.ok((await page.content()).includes('Chez'), path);
  }
  assert.match(await words(page.locator('main')), /Chez "Rémi" & \{\{\.\}\} \$x/);
  await page.goto('/o/tilleuls/sites/new');
  await page.getByLabel('Nom de l’établissement').fill('<script>alert(1)</script>');
  await page.getByRole('button', { name: 'Créer l’établissement' }).click();
  await page.getByRole('heading', { level: 1 }).waitFor();
  assert.doesNotMatch(await page.content(), /<script>alert/);
});
