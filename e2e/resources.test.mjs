// Agendas, messaging profiles and identities: made, changed, closed, opened again, and who has access (RGT-2, RGT-3, RGT-6, RGT-10).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, counts, enter, goTo, people, phone, press, refused, says, sound, startServer, styled, wayName, wide, words, write } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const ways = [{ javascript: true, width: phone }, { javascript: false, width: wide }];
const named = async (page, kind, name) => (await ask(page, `/organizations/tilleuls/${kind}?status=all&q=${encodeURIComponent(name)}`)).items.find((item) => item.name === name);

for (const [n, way] of ways.entries()) {
  test(`RGT-2: an agenda is made, changed, closed and opened again, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.bruno, way);
    const name = `Écho-doppler n° ${n + 1}`;
    await page.goto('/o/tilleuls/home');
    await goTo(page, /^Agendas et messageries/);
    await page.getByRole('heading', { level: 1, name: 'Agendas' }).waitFor();
    await sound(page);
    await styled(page);
    await page.getByRole('link', { name: 'Nouvel agenda' }).click();
    await page.getByLabel('Titulaire', { exact: true }).fill('Julie Delmas');
    await page.getByRole('button', { name: 'Créer l’agenda' }).click();
    assert.equal((await refused(page)).length, 3, 'a secretary holds no agenda; a name and a site are needed');
    assert.equal(await page.getByLabel('Titulaire', { exact: true }).inputValue(), 'Julie Delmas', 'what was typed is kept');
    await sound(page);
    await page.getByRole('radio', { name: /^Salle ou appareil/ }).check();
    await page.getByLabel('Titulaire', { exact: true }).fill('');
    await page.getByLabel('Nom', { exact: true }).fill(name);
    await page.getByLabel('Établissement').selectOption({ label: 'Grand-Pré' });
    await page.getByRole('button', { name: 'Créer l’agenda' }).click();
    await says(page, `L’agenda « ${name} » est créé`);

    await page.getByRole('link', { name: 'Modifier' }).click();
    await page.getByLabel('Précision').fill('Salle 4');
    await page.getByRole('button', { name: 'Enregistrer' }).click();
    await says(page, 'est enregistré');
    assert.match(await words(page.locator('main')), /Salle 4/);

    await page.getByRole('link', { name: /^Fermer…/ }).click();
    await page.getByText('Les applications refuseront tout accès à cet agenda').waitFor();
    await sound(page);
    await page.getByRole('button', { name: 'Fermer l’agenda' }).click();
    await says(page, 'est fermé');
    await page.getByText('Cet agenda est fermé').waitFor();
    await sound(page);
    await counts(page.getByRole('link', { name: 'Modifier' }), 0);
    await page.goto(`/o/tilleuls/agendas?q=${encodeURIComponent(name)}`);
    await page.getByText('Rien ne correspond').waitFor();
    await page.goto(`/o/tilleuls/agendas?state=closed&q=${encodeURIComponent(name)}`);
    await page.getByRole('link', { name, exact: true }).click();
    await page.getByRole('button', { name: 'Rouvrir l’agenda' }).click();
    await says(page, 'est rouvert');
  });

  test(`RGT-10: who has access to an agenda, at what level, from whom, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.bruno, way);
    const { id } = await named(page, 'agendas', 'Dr Morvan');
    await page.goto(`/o/tilleuls/agendas/${id}`);
    await page.getByRole('link', { name: 'Qui a accès' }).click();
    await page.getByRole('heading', { level: 1, name: 'Qui a accès à l’agenda « Dr Morvan »' }).waitFor();
    const shown = await words(page.locator('main'));
    assert.match(shown, /Claire Morvan[^]*Titulaire/);
    assert.match(shown, /Julie Delmas[^]*Gestion[^]*Donné par Bruno Lacaze le/);
    await sound(page);
    await page.goto(`/o/tilleuls/agendas/${id}/access?at=2026-01-02`);
    assert.doesNotMatch(await words(page.locator('main')), /Julie Delmas/, 'the levels were given later');
    await page.getByText('Tel que c’était le').waitFor();
  });

  test(`CHG-1: two browsers change one mailbox: the conflict is shown, nothing is lost, ${wayName(way)}`, async (t) => {
    const [one, two] = [await enter(t, server, people.bruno, way), await enter(t, server, people.claire, way)];
    const { id } = await named(one, 'messaging-profiles', 'Secrétariat Grand-Pré');
    for (const page of [one, two]) await page.goto(`/o/tilleuls/messaging-profiles/${id}/edit`);
    await one.getByLabel('Précision').fill(`Boîte commune ${n}`);
    await one.getByRole('button', { name: 'Enregistrer' }).click();
    await says(one, 'est enregistré');
    await two.getByLabel('Adresse').fill(`accueil${n}@tilleuls.mssante.example`);
    await two.getByRole('button', { name: 'Enregistrer' }).click();
    await says(two, /Quelqu’un a modifié cette fiche/);
    assert.match(await words(two.locator('main')), new RegExp(`Boîte commune ${n}`), 'the other version is shown');
    assert.equal(await two.getByLabel('Adresse').inputValue(), `accueil${n}@tilleuls.mssante.example`, 'what was typed is kept');
    await sound(two);
    await two.getByRole('button', { name: 'Enregistrer' }).click();
    await says(two, 'est enregistré');
    assert.equal((await ask(one, `/organizations/tilleuls/messaging-profiles/${id}`)).address, `accueil${n}@tilleuls.mssante.example`);
  });
}

test('an identity is made by keyboard alone', async (t) => {
  const page = await enter(t, server, people.bruno);
  await page.goto('/o/tilleuls/identities');
  await press(page, 'link', 'Nouvelle identité');
  await page.getByRole('heading', { level: 1, name: 'Nouvelle identité' }).waitFor();
  await page.getByRole('radio', { name: /^Praticien/ }).focus();
  await page.keyboard.press('ArrowDown');
  await write(page, 'Nom', 'Service de soins');
  await page.getByLabel('Établissement').focus();
  await page.keyboard.type('Toute');
  await press(page, 'button', 'Créer l’identité');
  await says(page, 'L’identité « Service de soins » est créée');
  assert.match(await words(page.locator('main')), /Toute l’organisation/);
});

test('AUZ-06: whoever administers one site finds neither what is elsewhere nor how to change what is shared', async (t) => {
  const philippe = await enter(t, server, people.philippe);
  const { items } = await ask(philippe, '/organizations/saint-aubin/agendas?q=Admissions');
  const own = (await ask(philippe, '/organizations/saint-aubin/sites')).items.find(({ name }) => name === 'Clinique Saint-Aubin').id;
  const elsewhere = items.find(({ site }) => site !== own);
  const [shared] = (await ask(philippe, '/organizations/saint-aubin/identities?site=organization')).items;
  const sophie = await enter(t, server, people.sophie);
  await sophie.goto('/o/saint-aubin/agendas?q=Admissions');
  assert.match(await words(sophie.locator('main')), /Agendas 1 à 1 sur 1/);
  assert.equal((await sophie.request.get(`/o/saint-aubin/agendas/${elsewhere.id}`)).status(), 404);
  await sophie.goto(`/o/saint-aubin/identities/${shared.id}`);
  await counts(sophie.getByRole('link', { name: /^(Modifier|Fermer…)/ }), 0);
  await sound(sophie);
  const julie = await enter(t, server, people.julie);
  assert.equal((await julie.request.get('/o/tilleuls/agendas')).status(), 403);
});
