// Work in progress (OFF-1, OFF-5): what applications registered in a member's name, on their sheet, and who takes it over.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { at, counts, enter, look, memberId, people, phone, refused, says, sound, startServer, wayName, wide, words } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const ways = [{ javascript: true, width: phone }, { javascript: false, width: wide }];
const sheet = async (page, name) => `/o/tilleuls/members/${await memberId(page, 'tilleuls', `${name}@tilleuls.example`)}`;
const heading = (page, name) => page.getByRole('heading', { name, level: 1 }).waitFor();
const lines = (page) => page.getByRole('row').filter({ has: page.getByRole('rowheader') });

test('every page of it is sound, in both looks and at both widths', async (t) => {
  const page = await enter(t, server, people.bruno);
  const paul = await sheet(page, 'paul.garnier');
  await at(page, `${paul}/work-items`, { name: 'work-items' });
  await at(page, `${paul}/work-items?kind=appointment&page=2`, { name: 'work-items-appointments' });
  await at(page, `${paul}/work-items/reassign`, { name: 'work-items-reassign' });
  await at(page, `${paul}/work-items/reassign?kind=task&q=zzz`, { name: 'work-items-reassign-nobody' });
  await at(page, `${await sheet(page, 'yanis.belkacem')}/work-items`, { name: 'work-items-none' });
  await page.goto(`${paul}/work-items/reassign?kind=task&q=leroy`);
  await page.getByRole('button', { name: 'Réattribuer', exact: true }).click();
  await look(page, 'work-items-reassign-errors');
});

test('the sheet counts what somebody holds, by kind, and marks what is late', async (t) => {
  const page = await enter(t, server, people.bruno);
  await page.goto(await sheet(page, 'paul.garnier'));
  const card = await words(page.getByRole('region', { name: 'Travail en cours' }));
  assert.match(card, /40 tâches ouvertes \d+ en retard/);
  assert.match(card, /25 rendez-vous à venir/);
  await page.goto(await sheet(page, 'yanis.belkacem'));
  await page.getByText('Aucune application n’a enregistré de travail au nom de cette personne.').waitFor();
});

test('a member sees what they hold, and gives none of it', async (t) => {
  const own = await sheet(await enter(t, server, people.bruno), 'julie.delmas');
  const page = await enter(t, server, people.julie);
  await page.goto(own);
  assert.match(await words(page.getByRole('region', { name: 'Travail en cours' })), /12 tâches ouvertes/);
  await page.getByRole('link', { name: 'Tout voir du travail en cours' }).click();
  await heading(page, 'Travail en cours : Julie Delmas');
  await counts(lines(page), 12);
  assert.equal(await page.getByText('Réattribuer').count(), 0);
  await sound(page);
  assert.equal((await page.goto(`${own}/work-items/reassign`)).status(), 403);
});

for (const [n, way] of ways.entries()) {
  test(`what somebody holds goes to a colleague, some, then all of a kind, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.bruno, way);
    const from = n === 0 ? 'julie.delmas' : 'sandrine.leroy';
    const [name, to, number] = n === 0 ? ['Julie Delmas', /Nadège Petit/, 12] : ['Sandrine Leroy', /Paola Zanetti/, 3];
    await page.goto(await sheet(page, from));
    await page.getByRole('link', { name: 'Tout voir du travail en cours' }).click();
    await heading(page, `Travail en cours : ${name}`);
    await counts(lines(page), number);
    if (!way.javascript) {
      await page.getByRole('button', { name: 'Réattribuer…' }).click();
      await says(page, 'Cochez au moins un élément');
    }
    const first = page.getByRole('checkbox', { name: /^Sélectionner Relire les comptes rendus/ }).first();
    await first.check();
    await page.getByRole('button', { name: 'Réattribuer…' }).click();
    await heading(page, `Réattribuer le travail : ${name}`);
    assert.match(await words(page.locator('main')), /Tâches \(1 élément\)/);
    assert.match(await words(page.locator('main')), /même fonction, même établissement/);
    await sound(page);
    await page.getByRole('searchbox', { name: 'Chercher un collègue par son nom' }).fill(n === 0 ? 'petit' : 'zanetti');
    await page.getByRole('button', { name: 'Rechercher' }).click();
    await page.getByRole('button', { name: 'Réattribuer', exact: true }).click();
    assert.deepEqual(await refused(page), ['Choisissez qui prend la suite']);
    await sound(page);
    await page.getByRole('radio', { name: to }).check();
    await page.getByRole('button', { name: 'Réattribuer', exact: true }).click();
    await says(page, '1 élément est réattribué à');
    await counts(lines(page), number - 1);

    await page.getByRole('link', { name: 'Réattribuer toute cette liste…' }).click();
    await page.getByRole('radio', { name: to }).check();
    await page.getByRole('button', { name: 'Réattribuer', exact: true }).click();
    await says(page, `${number - 1} éléments sont réattribués à`);
    await page.getByText('Aucun travail en cours').waitFor();
    await sound(page);
  });
}

test('appointments go to practitioners only', async (t) => {
  const page = await enter(t, server, people.bruno);
  await page.goto(`${await sheet(page, 'helene.faure-lenoir')}/work-items`);
  await page.getByRole('link', { name: 'Réattribuer toute cette liste…' }).click();
  assert.doesNotMatch(await words(page.locator('main')), /Secrétariat/);
  await page.getByRole('radio', { name: /Claire Morvan/ }).check();
  await page.getByRole('button', { name: 'Réattribuer', exact: true }).click();
  await says(page, '14 éléments sont réattribués à Claire Morvan');
});
