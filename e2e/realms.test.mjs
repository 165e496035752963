// The tabs «Dossier patient» and «Administration» of the rights, and their export (RGT-1, RGT-5, DESIGN.md 14): by keyboard
// alone, without JavaScript, on a phone; reviewed, saved, undone; the filters stay.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { axe, counts, crossedOver, enter, focused, noOverflow, people, phone, press, says, sound, startServer, styled, tabTo, wayName, wide, words } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const records = '/o/tilleuls/access/patient-records?function=secretary';
const administration = '/o/tilleuls/access/administration';
const cell = (page, name, what, where = 'Toute l’organisation') => page.getByLabel(`${name}, ${what}, ${where}`, { exact: true });
const chosen = async (select) => (await select.locator('option:checked').innerText()).trim();

// pending waits until the plaque tells so many changes: with script they are kept a moment after they were made.
async function pending(page, changes) {
  const hasText = changes === 0 ? /Aucun changement/ : new RegExp(`^${changes}\\schangements?\\spour`);
  await page.locator('#decision [role=status]').filter({ hasText }).waitFor({ state: changes === 0 ? 'attached' : 'visible' });
  await page.waitForLoadState('domcontentloaded');
}

async function clean(page, path) {
  await page.goto(path);
  const reset = page.getByRole('button', { name: 'Tout annuler' });
  if (await reset.isVisible()) await reset.click();
  await pending(page, 0);
}

// both judges the page in both looks.
async function both(page) {
  await sound(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await axe(page, { colours: true });
  await page.emulateMedia({ colorScheme: 'light' });
}

describe('the patient record', () => {
  for (const [n, way] of crossedOver.entries()) {
    test(`RGT-1, RGT-5: typed, reviewed, saved, undone; what a role gives stays; the filters stay, ${wayName(way)}`, async (t) => {
      const who = ['Petit Nadège', 'Leroy Sandrine', 'Rahmani Inès', 'Zanetti Paola'][n];
      const page = await enter(t, server, [people.bruno, people.bruno, people.claire, people.claire][n], way);
      await clean(page, records);
      const select = cell(page, who, 'dossier patient');
      assert.equal(await chosen(select), 'Documents', 'by the role of secretaries');
      assert.ok(await select.locator('option', { hasText: 'Aucun' }).isDisabled(), 'no click takes a role away');
      const description = await select.evaluate((e) => document.getElementById(e.getAttribute('aria-describedby').split(' ')[0]).textContent);
      assert.match(description, /rôle Secrétariat/);
      await select.selectOption({ label: 'Lecture' });
      if (way.javascript) {
        await pending(page, 1);
        await both(page);
      }
      await page.getByRole('button', { name: 'Vérifier et enregistrer' }).click();
      await page.getByRole('heading', { level: 1, name: 'Vérifier les changements de droits' }).waitFor();
      assert.match(await words(page.locator('main')), /pourra lire des dossiers de patients/);
      await both(page);
      await page.getByRole('link', { name: 'Modifier' }).click();
      await page.waitForURL(`**${records}`);
      assert.equal(await chosen(select), 'Lecture', 'the way back loses nothing');
      await styled(page);
      await page.getByRole('button', { name: 'Vérifier et enregistrer' }).click();
      await page.getByRole('button', { name: 'Enregistrer 1 changement' }).click();
      await says(page, '1 changement enregistré');
      await page.waitForURL(`**${records}`);
      assert.equal(await chosen(select), 'Lecture');
      await page.getByRole('status').getByRole('button', { name: 'Annuler' }).click();
      await page.waitForURL('**/undo?**');
      await page.getByRole('button', { name: /^Annuler \d+ changements?$/ }).click();
      await says(page, /annulés?/);
      await page.waitForURL(`**${records}`);
      assert.equal(await chosen(select), 'Documents', 'it is undone');
    });
  }

  test('a phone has one card a person, with the name of each place above its level', async (t) => {
    const page = await enter(t, server, people.bruno, { javascript: true, width: phone });
    await page.goto(records);
    const above = await cell(page, 'Delmas Julie', 'dossier patient').evaluate((e) => getComputedStyle(e.parentElement, '::before').content);
    assert.match(above, /Toute l’organisation/);
    await noOverflow(page);
  });
});

describe('administration', () => {
  test('ORG-5, rules.md 6: by keyboard alone: arrows, a letter, the decision, the review, and back to member', async (t) => {
    const page = await enter(t, server, people.claire, { javascript: true, width: wide });
    await clean(page, administration);
    await tabTo(page, 'combobox', /^Delmas Julie, administration, /);
    const key = (name) => page.keyboard.press(name);
    await key('ArrowDown');
    assert.match(await focused(page), /Leroy Sandrine, administration, Toute l’organisation/);
    await key('a');
    assert.equal(await chosen(cell(page, 'Leroy Sandrine', 'administration')), 'Admin');
    await pending(page, 1);
    await key('Control+z');
    await pending(page, 0);
    await key('a');
    await pending(page, 1);
    await both(page);
    await key('Escape');
    await page.locator('#decision button:focus').waitFor();
    await key('Enter');
    await page.waitForURL('**/review-changes?*');
    assert.match(await words(page.locator('main')), /Sandrine Leroy sera admin/);
    await both(page);
    await press(page, 'button', 'Enregistrer 1 changement');
    await says(page, '1 changement enregistré');
    await tabTo(page, 'combobox', /^Delmas Julie, administration, /);
    await key('ArrowDown');
    await key('m');
    await pending(page, 1);
    await key('Escape');
    await page.locator('#decision button:focus').waitFor();
    await key('Enter');
    await page.waitForURL('**/review-changes?*');
    assert.match(await words(page.locator('main')), /n’aura plus ses droits d’administration/);
    await press(page, 'button', 'Enregistrer 1 changement');
    await says(page, '1 changement enregistré');
    assert.equal(await chosen(cell(page, 'Leroy Sandrine', 'administration')), 'Membre');
  });

  test('ORG-4: the last administrators are told at their lines, and stay', async (t) => {
    const page = await enter(t, server, people.bruno, { javascript: false, width: wide });
    await clean(page, administration);
    for (const who of ['Morvan Claire', 'Lacaze Bruno']) {
      const select = cell(page, who, 'administration');
      if (await select.count()) await select.selectOption({ label: 'Membre' });
    }
    await page.getByRole('button', { name: 'Vérifier et enregistrer' }).click();
    await page.getByRole('heading', { level: 1, name: 'Vérifier les changements de droits' }).waitFor();
    await axe(page);
    await page.getByRole('button', { name: 'Tout annuler' }).click();
    await says(page, 'Changements annulés');
  });
});

describe('the export', () => {
  for (const javascript of [true, false]) {
    test(`rules.md 6, 15: asked, downloaded, read, ${javascript ? 'with' : 'without'} JavaScript`, async (t) => {
      const page = await enter(t, server, people.bruno, { javascript, width: javascript ? wide : phone });
      await page.goto('/o/tilleuls/access/agendas?function=secretary');
      await page.getByRole('link', { name: 'Exporter' }).click();
      await page.getByRole('heading', { name: 'Exporter ces droits' }).waitFor();
      assert.match(await words(page.locator('main')), /Fonction : Secrétariat/);
      await both(page);
      const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Exporter en CSV' }).click()]);
      assert.match(file.suggestedFilename(), /^rights-agenda-\d{4}-\d\d-\d\d\.csv$/);
      const lines = readFileSync(await file.path(), 'utf8').split('\r\n');
      assert.match(lines[0], /^\uFEFF"Personne";"Fonction"/);
      const julie = lines.filter((line) => line.includes('"Julie Delmas"'));
      assert.ok(julie.length > 3 && julie.every((line) => line.includes('"Niveau donné"')), julie.join('\n'));
      assert.ok(!lines.some((line) => line.includes('"Médecin"')), 'the filters hold');
    });
  }

  test('all four tabs lead to theirs', async (t) => {
    const page = await enter(t, server, people.claire, { javascript: true, width: wide });
    for (const [tab, what] of [['Agendas', 'agenda'], ['Messagerie', 'messaging_profile'], ['Dossier patient', 'records'], ['Administration', 'administration']]) {
      await page.goto('/o/tilleuls/access/agendas');
      await page.getByRole('navigation', { name: 'Type de droits' }).getByRole('link', { name: tab }).click();
      await page.getByRole('link', { name: 'Exporter' }).click();
      await page.waitForURL(`**/access/export?from=${what}`);
      await counts(page.getByRole('button', { name: 'Exporter en CSV' }), 1);
    }
  });
});
