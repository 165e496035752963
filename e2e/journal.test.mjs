// The journal: filters, one line, export, and what concerns oneself (AUD-1, AUD-2).
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { ask, counts, crossedOver, enter, goTo, memberId, people, press, sound, startServer, wayName, wide, words } from './lib/index.mjs';

let server;
const journal = '/o/tilleuls/journal';

// What the journal tells of: Bruno deactivates Paola Zanetti and takes her back; Julie tries to see the members.
before(async () => {
  server = await startServer();
  const page = await signedIn(people.bruno);
  const paola = await memberId(page, 'tilleuls', 'paola.zanetti@tilleuls.example');
  for (const act of ['deactivate', 'reactivate']) {
    const answer = await page.request.post(`/api/v1/organizations/tilleuls/members/${paola}/${act}`, { headers: { origin: server.base } });
    assert.equal(answer.status(), 200, await answer.text());
  }
  const julie = await signedIn(people.julie);
  assert.equal((await julie.request.get('/o/tilleuls/members')).status(), 403);
});
after(() => server.stop());

// signedIn is a page whose end nobody waits for a test to bring.
function signedIn(email) {
  return enter({ after: () => {} }, server, email);
}

const lines = async (page) => {
  await page.waitForLoadState('domcontentloaded'); // the end of the list may still be on its way
  return page.getByRole('rowheader').getByRole('link').allInnerTexts();
};

async function filter(page, fields) {
  for (const [label, value] of Object.entries(fields)) {
    const field = page.getByRole('search').getByLabel(label, { exact: true });
    if ((await field.evaluate((element) => element.tagName)) === 'SELECT') await field.selectOption({ label: value });
    else await field.fill(value);
  }
  await page.getByRole('button', { name: 'Filtrer' }).click();
}

for (const way of crossedOver) {
  describe(wayName(way), () => {
    test('AUD-1: filtered by text, kind, person, day and outcome; each chip takes its filter away', async (t) => {
      const page = await enter(t, server, people.bruno, way);
      await page.goto('/o/tilleuls/home');
      await goTo(page, 'Journal');
      await page.getByRole('heading', { name: 'Journal', level: 1 }).waitFor();
      await filter(page, { 'Nom ou e-mail': 'ZANETTI' });
      await page.getByRole('link', { name: 'Retirer le filtre Recherche : ZANETTI' }).waitFor();
      assert.deepEqual((await lines(page)).slice(0, 2), ['a réactivé Paola Zanetti', 'a désactivé Paola Zanetti']);
      await filter(page, { Personne: 'Bruno Lacaze', 'Type d’acte': 'Membres', Du: '2026-01-01', Résultat: 'Fait' });
      await page.getByRole('link', { name: 'Retirer le filtre Du 1er janvier 2026' }).waitFor();
      assert.deepEqual(await lines(page), ['a réactivé Paola Zanetti', 'a désactivé Paola Zanetti']);
      assert.match(page.url(), /kind=members/);
      await sound(page);
      await page.getByRole('link', { name: 'Retirer le filtre Personne : Bruno Lacaze' }).click();
      await page.getByRole('link', { name: 'Retirer le filtre Personne' }).waitFor({ state: 'detached' });
      await filter(page, { 'Nom ou e-mail': 'introuvable' });
      await page.getByRole('heading', { name: 'Aucune ligne ne correspond à ces filtres' }).waitFor();
      await sound(page);
      await page.getByRole('main').getByRole('link', { name: 'Réinitialiser les filtres' }).click();
      await page.locator('.pager > p', { hasText: /Lignes 1 à 20 sur/ }).waitFor();
      await page.getByRole('link', { name: 'Plus anciennes' }).click();
      await page.locator('.pager > p', { hasText: /Lignes 21 à/ }).waitFor();
      await page.getByRole('link', { name: 'Plus récentes', exact: true }).click();
      await page.locator('.pager > p', { hasText: /Lignes 1 à 20 sur/ }).waitFor();
    });

    test('AUD-1: one line says what changed, by whom and from where; a refusal says why', async (t) => {
      const page = await enter(t, server, people.claire, way);
      await page.goto(`${journal}?q=zanetti`);
      await page.getByRole('link', { name: 'a désactivé Paola Zanetti' }).click();
      await page.getByRole('heading', { name: 'Bruno Lacaze a désactivé Paola Zanetti' }).waitFor();
      const said = await words(page.locator('main'));
      for (const fact of ['API', '127.0.0.1', 'Avant et après', 'Statut']) assert.ok(said.includes(fact), `${fact} in: ${said}`);
      assert.match(await words(page.getByRole('row').last()), /Statut.*Actif|Créé.*Désactivé/);
      await sound(page);
      await page.goto(`${journal}?outcome=refused`);
      await page.getByRole('link', { name: 'n’a pas pu consulter les membres' }).first().click();
      await page.getByRole('heading', { name: 'Julie Delmas n’a pas pu consulter les membres' }).waitFor();
      assert.match(await words(page.locator('main')), /Pourquoi.*droit/);
      await sound(page);
    });
  });
}

for (const way of [{ javascript: true, width: wide }, { javascript: false, width: wide }]) {
  test(`AUD-1: the export is a file, in both formats, and is in the journal afterwards, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.bruno, way);
    for (const [format, name] of [['CSV', 'csv'], ['JSON Lines', 'jsonl']]) {
      await page.goto(`${journal}?q=zanetti&kind=members`);
      await page.getByRole('link', { name: 'Exporter' }).click();
      assert.match(await words(page.locator('main')), /Recherche : zanetti · Type d’acte : Membres/);
      await page.getByRole('radio', { name: format }).check();
      await sound(page);
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Exporter' }).click()]);
      assert.match(download.suggestedFilename(), new RegExp(`^journal-\\d{4}-\\d\\d-\\d\\d\\.${name}$`));
      const file = await readFile(await download.path(), 'utf8');
      if (name === 'csv') assert.ok(file.startsWith('\uFEFF"Date et heure";') && file.includes('"Bruno Lacaze a désactivé Paola Zanetti"'), file);
      else assert.equal(JSON.parse(file.split('\n')[1]).verb, 'member.deactivate');
    }
    await page.goto(`${journal}?kind=journal&outcome=done`);
    assert.deepEqual((await lines(page)).slice(0, 2), ['a exporté le journal', 'a exporté le journal']);
  });

  test(`AUD-2: a member sees what concerns them, and no more, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.julie, way);
    await page.goto('/o/tilleuls/home');
    await counts(page.getByRole('link', { name: 'Journal', exact: true }), 0);
    await goTo(page, 'Ce qui me concerne');
    await page.getByRole('link', { name: 'n’a pas pu consulter les membres' }).first().click();
    await page.getByRole('heading', { name: 'Julie Delmas n’a pas pu consulter les membres' }).waitFor();
    assert.ok(!(await words(page.locator('main'))).includes('Paola'));
    await page.getByRole('main').getByRole('link', { name: 'Ce qui me concerne' }).click();
    await sound(page);
    const admin = await enter(t, server, people.bruno, way);
    const { items } = await ask(admin, '/organizations/tilleuls/audit-events?verb=member.deactivate');
    assert.equal((await page.request.get(`${journal}/${items[0].id}`)).status(), 404);
    assert.equal((await page.request.get(journal)).status(), 403);
    assert.equal((await page.request.get(`${journal}/export`)).status(), 403);
  });
}

test('without a mouse: the search, a chip, a line', async (t) => {
  const page = await enter(t, server, people.bruno);
  await page.goto(journal);
  await page.getByRole('searchbox').focus();
  await page.keyboard.type('zanetti');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Retirer le filtre Recherche : zanetti' }).waitFor();
  await press(page, 'link', 'a désactivé Paola Zanetti');
  await page.getByRole('heading', { name: 'Bruno Lacaze a désactivé Paola Zanetti' }).waitFor();
  await press(page, 'link', 'Journal');
  await page.getByRole('heading', { name: 'Journal', level: 1 }).waitFor();
});
