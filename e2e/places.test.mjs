// Where one is and what one may do there: organisations, sites, and who sees which administration.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, counts, enter, goTo, memberId, openPage, people, phone, row, signIn, sound, startServer, wayName, wide, words } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const ways = [{ javascript: true, width: phone }, { javascript: false, width: wide }];
const menu = (page) => page.getByRole('navigation', { name: 'Navigation principale' });
const plates = (page) => page.getByRole('main').getByRole('list').getByRole('link');

for (const way of ways) {
  test(`ORG-1: one person, two organisations, two tabs at once, ${wayName(way)}`, async (t) => {
    const page = await openPage(t, server, way);
    await signIn(page, people.claire);
    await page.waitForURL('**/organizations');
    assert.match(await words(page.getByRole('heading', { level: 1 })), /Où travaillez-vous aujourd’hui, Claire \?/);
    await listed(page, 2);
    await sound(page);

    await plates(page).filter({ hasText: 'Tilleuls' }).click();
    await page.waitForURL('**/o/tilleuls/home');
    const other = await page.context().newPage();
    await other.goto('/organizations');
    await plates(other).filter({ hasText: 'Deux Rives' }).click();
    await other.waitForURL('**/o/deux-rives/home');

    await goTo(page, 'Membres');
    await page.waitForURL('**/o/tilleuls/members');
    for (const tab of [page, other]) await tab.reload();
    assert.match(await page.title(), /Tilleuls/);
    assert.match(await other.title(), /Deux Rives/);
    assert.match(await words(other.locator('header')), /Vous êtes dans CPTS des Deux Rives/);
    assert.match(await words(page.locator('header')), /Vous administrez Maison de santé des Tilleuls/);
    assert.equal((await other.goto('/o/deux-rives/members')).status(), 403, 'rights never add up over organisations');
  });

  test(`ORG-2: «Mes établissements» are searched, accents and case ignored, ${wayName(way)}`, async (t) => {
    const page = await openPage(t, server, way);
    await signIn(page, people.philippe); // one organisation: its home
    await page.waitForURL('**/o/saint-aubin/home');
    await page.getByRole('heading', { level: 1, name: 'Mes établissements' }).waitFor();
    await listed(page, 6);
    await find(page, 'ERABLES');
    await listed(page, 1);
    await sound(page);
    await plates(page).click();
    await page.waitForURL('**/o/saint-aubin/members?site=ste_*');
    await page.getByRole('link', { name: 'Retirer le filtre Établissement : Centre des Érables' }).waitFor();

    await page.goto('/o/saint-aubin/home');
    await find(page, 'zzz');
    await page.getByText('Aucun établissement ne correspond à « zzz »').waitFor();
    await sound(page);
    await page.getByRole('link', { name: 'Réinitialiser' }).click();
    await listed(page, 6);
  });
}

test('ORG-2: organisations are searched too, by those who have several', async (t) => {
  const page = await enter(t, server, people.claire);
  await page.goto('/organizations');
  await find(page, 'deux');
  await listed(page, 1);
  await find(page, 'introuvable');
  await page.getByRole('heading', { name: /Aucun/ }).waitFor();
});

describe('ORG-3: the administrator of one site', () => {
  test('sees the members of her site only', async (t) => {
    const philippe = await enter(t, server, people.philippe);
    const elsewhere = await memberId(philippe, 'saint-aubin', 'thierry.bazin@saint-aubin.example');
    const page = await enter(t, server, people.sophie);
    await page.goto('/o/saint-aubin/members');
    const total = Number(/sur (\d+)/.exec(await words(page.locator('.pager')))[1]);
    assert.ok(total > 50 && total < 200, `${total} of 600`);
    await counts(page.getByLabel('Établissement', { exact: true }), 0, 'there is nothing to choose');
    const { items } = await ask(page, '/organizations/saint-aubin/members?limit=100');
    for (const member of items) assert.ok(member.sites.some((site) => site.name === 'Clinique Saint-Aubin'), JSON.stringify(member.sites));
    assert.equal((await page.goto(`/o/saint-aubin/members/${elsewhere}`)).status(), 404, 'AUZ: not hers is not there');
    assert.equal((await page.goto('/o/saint-aubin/members?q=bazin+thierry')).status(), 200);
    await counts(row(page, /Bazin.*Thierry/), 0);
  });

  test('INV-08: may invite to her site only, with roles for her site only', async (t) => {
    const page = await enter(t, server, people.sophie);
    await page.goto('/o/saint-aubin/invitations/new');
    await counts(page.getByRole('group', { name: 'Établissements' }), 0);
    assert.ok(!(await words(page.locator('main'))).includes('Toute l’organisation'));
    const shown = await ask(page, '/organizations/saint-aubin/invitations');
    assert.equal(shown.total, 3);
    for (const invitation of shown.items) assert.ok(!/interim\.infirmier/.test(JSON.stringify(invitation)), 'invitations of another site are not listed');
  });

  test('does not see the settings, nor how to create or close a site', async (t) => {
    const page = await enter(t, server, people.sophie);
    await page.goto('/o/saint-aubin/home');
    await counts(menu(page).getByRole('link', { name: 'Réglages' }), 0);
    await forbidden(page, '/o/saint-aubin/settings');
    await page.goto('/o/saint-aubin/sites');
    await counts(page.getByRole('link', { name: 'Nouvel établissement' }), 0);
    await forbidden(page, '/o/saint-aubin/sites/new');
    const { items } = await ask(page, '/organizations/saint-aubin/sites');
    assert.deepEqual(items.map((site) => site.name), ['Clinique Saint-Aubin']);
    await page.goto(`/o/saint-aubin/sites/${items[0].id}`);
    await page.getByRole('button', { name: 'Enregistrer l’établissement' }).waitFor();
    await counts(page.getByRole('link', { name: /Fermer/ }), 0);
  });
});

test('a plain member sees no administration: absent from the pages, refused by its address with what to do', async (t) => {
  const page = await enter(t, server, people.julie);
  const id = await memberId(await enter(t, server, people.bruno), 'tilleuls', people.bruno);
  await page.goto('/o/tilleuls/home');
  const entries = await menu(page).getByRole('link').allInnerTexts();
  for (const entry of ['Membres', 'Invitations', 'Réglages']) assert.ok(!entries.some((text) => text.includes(entry)), `${entry} is absent: ${entries}`);
  for (const name of ['Inviter par e-mail', 'Membres', 'Nouvel établissement']) await counts(page.getByRole('link', { name }), 0, name);
  await sound(page);
  for (const path of ['members', `members/${id}/deactivate`, 'invitations', 'invitations/new', 'settings', 'sites/new']) await forbidden(page, `/o/tilleuls/${path}`);
  await page.goto('/o/tilleuls/sites');
  await counts(page.getByRole('link', { name: 'Nouvel établissement' }), 0);
  assert.equal((await page.request.get('/api/v1/organizations/tilleuls/members')).status(), 403);
  for (const path of ['/o/deux-rives/home', '/o/nulle-part/home', '/platform/organizations', '/platform/organizations/new']) {
    assert.equal((await page.goto(path)).status(), 404, `${path}: not hers is not there`);
  }
});

test('without signing in, every page of an organisation asks to sign in first', async (t) => {
  const page = await openPage(t, server);
  for (const path of ['/organizations', '/account', '/o/tilleuls/members', '/o/nulle-part/home', '/platform/organizations']) {
    await page.goto(path);
    assert.equal(new URL(page.url()).pathname, '/login', path);
  }
});

async function find(page, text) {
  await page.getByRole('searchbox').fill(text);
  await page.getByRole('button', { name: 'Rechercher' }).click();
}

// listed waits until the list has so many lines: the answer to a search may still be on its way.
const listed = (page, lines) => counts(plates(page), lines);

// forbidden: the page says what is missing and whom to ask (DESIGN.md 4, 10).
async function forbidden(page, path) {
  const answer = await page.goto(path);
  assert.ok([403, 404].includes(answer.status()), `${path} answers ${answer.status()}`);
  if (answer.status() === 404) return;
  await page.getByRole('heading', { level: 1, name: 'Vous n’avez pas ce droit' }).waitFor();
  const said = await words(page.locator('main'));
  assert.match(said, /peuvent vous la donner|peut vous la donner/, said);
  await sound(page);
}
