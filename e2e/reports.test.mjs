// Reports (AUD-3, RGT-10): who has access to what at a date, who left, whose account has no second factor, which rights
// nobody uses; files for spreadsheets.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { ask, axe, counts, enter, goTo, noOverflow, people, sound, startServer, wayName, ways, wide, words } from './lib/index.mjs';

let server;
const reports = '/o/tilleuls/reports';
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const main = (page) => words(page.locator('main'));
const rows = (page) => page.locator('main table tbody tr');

// both judges the page in both looks.
async function both(page) {
  await sound(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await axe(page, { colours: true });
  await page.emulateMedia({ colorScheme: 'light' });
}

describe('reports', () => {
  for (const way of ways) {
    test(`AUD-3: from the menu to who has an agenda, and to all that somebody has, ${wayName(way)}`, async (t) => {
      const page = await enter(t, server, people.bruno, way);
      await page.goto('/o/tilleuls/home');
      await goTo(page, 'Rapports');
      await counts(page.getByRole('main').getByRole('listitem'), 4);
      await both(page);
      await page.getByRole('link', { name: 'Qui a accès à quoi' }).click();
      await page.getByRole('heading', { level: 1, name: 'Qui a accès à quoi' }).waitFor();
      assert.match(await main(page), /Situation au/);
      await page.getByRole('searchbox').fill('delmas');
      await page.getByLabel('Type de droit').selectOption({ label: 'Agenda' });
      if (!way.javascript) await page.getByRole('button', { name: 'Filtrer' }).click();
      else await page.keyboard.press('Enter');
      await page.getByRole('link', { name: /Type de droit : Agenda/ }).waitFor();
      const all = await rows(page).allInnerTexts();
      assert.ok(all.length > 1 && all.every((row) => row.includes('Delmas') && row.includes('Agenda')), all.join('\n'));
      await both(page);
      await rows(page).first().getByRole('link').nth(1).click();
      await page.getByLabel('Qui peut').waitFor();
      assert.match(await main(page), /Accès à : /);
      await page.getByLabel('Qui peut').selectOption({ label: 'Voir les disponibilités' });
      if (!way.javascript) await page.getByRole('button', { name: 'Filtrer' }).click();
      await page.waitForURL(/action=view_availability/);
      for (const row of await rows(page).allInnerTexts()) assert.match(row, /Dispos|Lecture|Gestion|Titulaire/);
      await both(page);
      await rows(page).first().getByRole('link').first().click();
      await page.waitForURL('**/members/*/access*');
    });

    test(`rules.md 6, 15: a report leaves as a file, in both formats, and the journal says so, ${wayName(way)}`, async (t) => {
      const page = await enter(t, server, people.claire, way);
      for (const [format, ends] of [['Classeur (XLSX)', 'xlsx'], ['Texte (CSV)', 'csv']]) {
        await page.goto(`${reports}/access?q=delmas&kind=agenda`);
        await page.getByRole('link', { name: 'Exporter…' }).click();
        await page.getByRole('heading', { level: 1, name: 'Exporter ce rapport' }).waitFor();
        assert.match(await main(page), /Nom de la personne : delmas · Type de droit : Agenda/);
        await page.getByRole('radio', { name: format }).check();
        await sound(page);
        const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Exporter' }).click()]);
        assert.match(file.suggestedFilename(), new RegExp(`^report-access-\\d{4}-\\d\\d-\\d\\d\\.${ends}$`));
        const bytes = await readFile(await file.path());
        if (ends === 'xlsx') {
          assert.equal(bytes.subarray(0, 2).toString(), 'PK');
          continue;
        }
        const lines = bytes.toString('utf8').trimEnd().split('\r\n');
        assert.match(lines[0], /^\uFEFF"Personne";"Fonction";"Type"/);
        assert.ok(lines.length > 2 && lines.slice(1).every((line) => line.includes('Delmas"') && line.includes('"Agenda"')), lines.join('\n'));
      }
      await page.goto('/o/tilleuls/journal?kind=rights&outcome=done');
      assert.match(await words(page.locator('main tbody tr').first()), /a exporté un rapport/);
    });
  }

  test('RGT-10: a date that is none, or to come, is said at its field; before all, nobody had anything', async (t) => {
    const page = await enter(t, server, people.bruno);
    for (const [at, says] of [['2999-01-01', /avenir|venir|passée/], ['x', /date/i]]) {
      const answer = await page.goto(`${reports}/access?at=${at}`);
      assert.equal(answer.status(), 422);
      assert.match(await words(page.locator('#at-err, .err').first()), says);
      assert.match(await page.title(), /^Erreur/);
    }
    await page.goto(`${reports}/access?at=2001-01-01`);
    assert.match(await main(page), /Aucun droit ne correspond/);
    await both(page);
  });

  test('who left, whose account has no second factor, which rights nobody uses', async (t) => {
    const page = await enter(t, server, people.bruno);
    const { items } = await ask(page, '/organizations/tilleuls/reports/second-factor?limit=200');
    await page.goto(`${reports}/second-factor`);
    await counts(rows(page), Math.min(items.length, 50));
    await both(page);
    await page.goto(`${reports}/leavers?how=deactivated`);
    for (const row of await rows(page).allInnerTexts()) assert.match(row, /Désactivé/);
    await both(page);
    await page.goto(`${reports}/dormant`);
    assert.match(await main(page), /Il est trop tôt pour le dire/);
    await both(page);
  });

  test('AUZ-06: whoever administers one site of Saint-Aubin reads of that one, page after page', async (t) => {
    const page = await enter(t, server, people.sophie, { javascript: true, width: wide });
    await page.goto('/o/saint-aubin/reports/access');
    assert.match(await main(page), /Vous lisez ce qui concerne vos établissements/);
    await noOverflow(page);
    await page.getByRole('link', { name: 'Page suivante' }).click();
    await page.getByRole('link', { name: 'Première page' }).waitFor();
    await both(page);
    const julie = await enter(t, server, people.julie);
    for (const path of ['', '/access', '/dormant', '/leavers', '/second-factor', '/access/export']) {
      assert.equal((await julie.request.get(`${reports}${path}`)).status(), 403, path);
    }
    assert.equal((await page.request.get(`${reports}/access`)).status(), 404);
  });

  test('without a mouse: a filter, a chip that takes it away', async (t) => {
    const page = await enter(t, server, people.bruno);
    await page.goto(`${reports}/access`);
    await page.getByRole('searchbox').focus();
    await page.keyboard.type('morvan');
    await page.keyboard.press('Enter');
    const chip = page.getByRole('link', { name: /Nom de la personne : morvan/ });
    await chip.waitFor();
    await chip.focus();
    await page.keyboard.press('Enter');
    await counts(chip, 0);
  });
});
