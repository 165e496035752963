// The rights matrix (RGT-5, DESIGN.md 14): by keyboard alone, without JavaScript, on a phone; reviewed, saved, undone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, axe, counts, enter, focused, memberId, noOverflow, people, phone, press, says, sound, startServer, styled, tabTo, wayName, ways, wide, words } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const agendas = '/o/tilleuls/access/agendas?detail=G%C3%A9n%C3%A9raliste'; // four of them
const cell = (page, name, agenda) => page.getByLabel(`${name}, agenda ${agenda}`, { exact: true });
const plaque = (page) => page.locator('#decision [role=status]');

// pending waits until the plaque tells so many changes: with script they are kept a moment after they were made.
async function pending(page, changes, of = '') {
  const hasText = changes === 0 ? /Aucun changement/ : new RegExp(`^${changes}\\schangements?\\spour\\s${of.replace(' ', '\\s')}`);
  await plaque(page).filter({ hasText }).waitFor({ state: changes === 0 ? 'attached' : 'visible' });
  await page.waitForLoadState('domcontentloaded');
}

// both judges the page in both looks.
async function both(page) {
  await sound(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await axe(page, { colours: true });
  await page.emulateMedia({ colorScheme: 'light' });
}

// clean gives up what an earlier test left pending.
async function clean(page) {
  await page.goto(agendas);
  const reset = page.getByRole('button', { name: 'Tout annuler' });
  if (await reset.isVisible()) await reset.click();
  await pending(page, 0);
}

const value = async (page, name, agenda) => (await cell(page, name, agenda).locator('option:checked').innerText()).trim();

async function choose(page, name, agenda, level) {
  await cell(page, name, agenda).selectOption({ label: level });
}

describe('the matrix', () => {
  for (const [n, way] of ways.entries()) {
    test(`RGT-5: typed, kept, given up line by line, reviewed, saved, undone, ${wayName(way)}`, async (t) => {
      const who = ['Petit Nadège', 'Leroy Sandrine', 'Rahmani Inès', 'Zanetti Paola'][n];
      const [family, given] = who.split(' ');
      const page = await enter(t, server, people.bruno, way);
      await clean(page);
      const former = await value(page, who, 'Dr Morvan');
      const level = former === 'Lecture' ? 'Dispos' : 'Lecture';
      const other = (await value(page, who, 'Dr Belkacem')) === 'Gestion' ? 'Aucun' : 'Gestion';
      await choose(page, who, 'Dr Morvan', level);
      await choose(page, who, 'Dr Belkacem', other);
      if (!way.javascript) {
        await page.getByRole('button', { name: 'Vérifier et enregistrer' }).click();
        await page.getByRole('heading', { level: 1, name: 'Vérifier les changements de droits' }).waitFor();
        await page.getByRole('link', { name: 'Modifier' }).click();
        await page.goto(agendas);
      }
      await pending(page, 2, '1 personne');
      await page.reload();
      await pending(page, 2);
      assert.equal(await value(page, who, 'Dr Morvan'), level, 'a reload keeps the draft');
      await both(page);
      await styled(page);
      const description = await cell(page, who, 'Dr Morvan').evaluate((e) => document.getElementById(e.getAttribute('aria-describedby').split(' ')[0]).textContent.replace(/\s+/g, ' '));
      assert.match(description, new RegExp(`Modifié. Niveau enregistré : ${former}`));

      await page.getByRole('button', { name: new RegExp(`Annuler le changement de ${given} ${family} : Dr Belkacem`) }).click();
      await pending(page, 1);
      await page.getByRole('button', { name: 'Vérifier et enregistrer' }).click();
      await page.getByLabel('Raison').fill('Remplacement');
      await both(page);
      await page.getByRole('button', { name: 'Enregistrer 1 changement' }).click();
      await says(page, '1 changement enregistré');
      await page.goto(agendas);
      assert.equal(await value(page, who, 'Dr Morvan'), level, 'it is saved');
      await page.goto('/o/tilleuls/access/changes');
      await page.getByRole('link', { name: 'Modification : 1 niveau d’accès pour 1 personne' }).first().click();
      await page.getByText('Remplacement', { exact: true }).waitFor();
      await page.getByRole('link', { name: 'Annuler cette modification' }).click();
      await both(page);
      await page.getByRole('button', { name: 'Annuler 1 changement' }).click();
      await says(page, '1 changement annulé');
      await page.goto(agendas);
      assert.equal(await value(page, who, 'Dr Morvan'), former, 'it is undone');
    });
  }

  test('RGT-4, RGT-5: the rights of a colleague, one level for several, and on the agendas ticked', async (t) => {
    const page = await enter(t, server, people.claire, { javascript: true, width: wide });
    await clean(page);
    const tool = page.getByRole('group', { name: 'Pour ce qui est coché' });
    assert.ok(await tool.isHidden(), 'nothing is ticked yet');
    await page.getByRole('checkbox', { name: 'Cocher Petit Nadège' }).check();
    await page.getByRole('checkbox', { name: 'Cocher Rahmani Inès' }).check();
    await tool.getByText('2 personnes cochées').waitFor();
    assert.match(await words(tool), /Petit Nadège, Rahmani Inès/);
    await page.getByLabel('Ou donner le même niveau').selectOption({ label: 'Gestion' });
    await tool.getByRole('button', { name: 'Appliquer' }).first().click();
    await page.waitForLoadState('domcontentloaded');
    const gives = Number(/^\d+/.exec(await plaque(page).innerText())?.[0]);
    assert.ok(gives > 0 && gives <= 8, `${gives} changes`);
    assert.equal(await value(page, 'Petit Nadège', 'Dr Belkacem'), 'Gestion');
    await axe(page);

    await page.getByRole('button', { name: 'Tout annuler' }).click();
    await pending(page, 0);
    await page.getByRole('checkbox', { name: 'Cocher Zanetti Paola' }).check();
    await page.getByLabel('Utiliser les mêmes droits que').selectOption({ label: 'Julie Delmas' });
    await page.getByRole('button', { name: 'Copier' }).click();
    await says(page, 'Droits copiés');
    for (const agenda of ['Dr Belkacem', 'Dr Rousseau']) {
      assert.equal(await value(page, 'Zanetti Paola', agenda), await value(page, 'Delmas Julie', agenda), 'the levels are the colleague’s');
    }
    await page.getByRole('button', { name: 'Tout annuler' }).click();
    await pending(page, 0);
    await page.getByRole('checkbox', { name: 'Cocher Dr Vasseur' }).check();
    await page.getByRole('checkbox', { name: 'Cocher Dr Rousseau' }).check();
    await tool.getByText('Définir les droits des 2 agendas sélectionnés').waitFor();
    await page.getByLabel('À qui').selectOption({ label: 'fonction : Secrétariat' });
    await page.getByLabel('Donner le niveau').selectOption({ label: 'Dispos' });
    await tool.getByRole('button', { name: 'Appliquer aux agendas cochés' }).click();
    await page.waitForLoadState('domcontentloaded');
    assert.equal(await value(page, 'Leroy Sandrine', 'Dr Vasseur'), 'Dispos');
    await page.getByRole('button', { name: 'Tout annuler' }).click();
    await pending(page, 0);
  });

  test('DESIGN.md 14: by keyboard alone: arrows, letters, a row copied, a change undone, the decision bar', async (t) => {
    const page = await enter(t, server, people.claire, { javascript: true, width: wide });
    await clean(page);
    await tabTo(page, 'combobox', /^Delmas Julie, agenda /);
    const key = (name) => page.keyboard.press(name);
    const first = await focused(page);
    await key('ArrowRight');
    assert.notEqual(await focused(page), first, 'the arrow moves');
    await key('ArrowLeft');
    await key('ArrowDown');
    assert.match(await focused(page), /Leroy Sandrine, agenda Dr Belkacem/);
    const was = await value(page, 'Leroy Sandrine', 'Dr Belkacem');
    await key(was === 'Gestion' ? 'd' : 'g');
    assert.equal(await value(page, 'Leroy Sandrine', 'Dr Belkacem'), was === 'Gestion' ? 'Dispos' : 'Gestion');
    await pending(page, 1);
    assert.match(await focused(page), /Leroy Sandrine, agenda Dr Belkacem/, 'the letter stays in the cell');
    await key('Control+z');
    await pending(page, 0);
    assert.equal(await value(page, 'Leroy Sandrine', 'Dr Belkacem'), was);

    for (const letter of ['a', 'd', 'l', 'g']) {
      await key(letter);
      await key('ArrowRight');
    }
    await key('Home');
    await key('Space'); // the box that heads the row
    await page.getByText('1 personne cochée').waitFor();
    await key('ArrowRight'); // the name
    await key('Space');
    await page.getByText('1 personne cochée').waitFor({ state: 'hidden' });
    await key('End');
    await key('Control+c');
    await key('ArrowDown');
    assert.match(await focused(page), /Petit Nadège/);
    await key('Control+v');
    for (const agenda of ['Dr Belkacem', 'Dr Morvan', 'Dr Rousseau', 'Dr Vasseur']) {
      assert.equal(await value(page, 'Petit Nadège', agenda), await value(page, 'Leroy Sandrine', agenda), 'the row was pasted');
    }
    await key('Escape');
    await page.locator('#decision button:focus').waitFor();
    assert.match(await focused(page), /button "Vérifier et enregistrer/);
    await key('Enter');
    await page.waitForURL('**/review-changes*');
    await press(page, 'button', /^Enregistrer \d+ changements$/);
    await says(page, 'changements enregistrés');
    await page.goto('/o/tilleuls/access/changes');
    await press(page, 'link', /^Modification : \d+ niveaux d’accès pour/);
    await page.waitForURL('**/changes/cst_*');
    await press(page, 'link', 'Annuler cette modification');
    await page.waitForURL('**/undo');
    await press(page, 'button', /^Annuler \d+ changements$/);
    await says(page, 'changements annulés');
  });

  test('a phone has one card a person, two levels a line, and each agenda’s name above its level', async (t) => {
    const page = await enter(t, server, people.bruno, { javascript: true, width: phone });
    await page.goto(agendas);
    const [left, right] = await Promise.all(['Dr Belkacem', 'Dr Morvan'].map((agenda) => cell(page, 'Delmas Julie', agenda).boundingBox()));
    assert.ok(Math.abs(left.y - right.y) < 2 && right.x > left.x + left.width - 1, 'two levels side by side');
    const above = await cell(page, 'Delmas Julie', 'Dr Morvan').evaluate((e) => getComputedStyle(e.parentElement, '::before').content);
    assert.match(above, /Dr Morvan/);
    await noOverflow(page);
  });
});

describe('around the matrix', () => {
  test('a filter and a page keep what is pending; twelve agendas at most', async (t) => {
    const page = await enter(t, server, people.claire, { javascript: false, width: wide });
    await clean(page);
    await page.goto('/o/tilleuls/access/agendas');
    assert.equal(await page.locator('.mx-table thead .tk').count(), 12);
    const first = page.locator('select.lvl').first();
    const to = (await first.locator('option:checked').innerText()) === 'Gestion' ? 'Lecture' : 'Gestion';
    await first.selectOption({ label: to });
    await page.getByRole('button', { name: 'Page 2 des agendas' }).click();
    await pending(page, 1);
    await page.getByLabel('Rechercher une personne').fill('julie');
    await page.keyboard.press('Enter');
    await page.waitForURL('**q=julie*');
    await pending(page, 1);
    await counts(page.locator('.mx-table tbody tr:not(.grp)'), 1);
    await axe(page);
    await page.getByRole('button', { name: 'Tout annuler' }).click();
    await pending(page, 0);
  });

  test('two people at once: what the other saved is told, cell by cell, and nothing typed is lost', async (t) => {
    const mine = await enter(t, server, people.bruno, { javascript: false, width: wide });
    const other = await enter(t, server, people.claire, { javascript: true, width: wide });
    await clean(mine);
    await clean(other);
    const former = await value(mine, 'Zanetti Paola', 'Dr Vasseur');
    const [theirs, yours] = former === 'Dispos' ? ['Lecture', 'Gestion'] : ['Dispos', former === 'Gestion' ? 'Lecture' : 'Gestion'];
    await choose(mine, 'Zanetti Paola', 'Dr Vasseur', yours);
    await mine.getByRole('button', { name: 'Vérifier et enregistrer' }).click();
    await choose(other, 'Zanetti Paola', 'Dr Vasseur', theirs);
    await pending(other, 1);
    await other.getByRole('button', { name: 'Vérifier et enregistrer' }).click();
    await other.getByRole('button', { name: 'Enregistrer 1 changement' }).click();
    await says(other, '1 changement enregistré');
    await mine.getByRole('button', { name: 'Enregistrer 1 changement' }).click();
    await mine.getByText('Rien n’a été enregistré').waitFor();
    assert.match(await words(mine.locator('main')), new RegExp(`Entre-temps : ${theirs}. Vous aviez vu : ${former}.`));
    await axe(mine);
    await mine.getByRole('button', { name: /^Garder mon changement/ }).click();
    await mine.getByRole('button', { name: 'Enregistrer 1 changement' }).click();
    await says(mine, '1 changement enregistré');
    await mine.goto(agendas);
    assert.equal(await value(mine, 'Zanetti Paola', 'Dr Vasseur'), yours);
  });

  for (const javascript of [true, false]) {
    test(`RGT-8: the levels of one member and their dates on a phone, ${javascript ? 'with' : 'without'} JavaScript`, async (t) => {
      const page = await enter(t, server, people.bruno, { javascript, width: phone });
      await clean(page);
      const path = `/o/tilleuls/members/${await memberId(page, 'tilleuls', 'sandrine.leroy@tilleuls.example')}/levels`;
      await page.goto(path);
      const level = page.getByLabel('Niveau : Vaccination');
      const last = page.getByLabel('Dernier jour Vaccination');
      const to = javascript ? 'Lecture' : 'Dispos';
      await level.selectOption({ label: to });
      await last.fill('2001-01-01');
      await page.getByRole('button', { name: 'Vérifier et enregistrer' }).last().click();
      await page.locator('[data-error-summary]').waitFor();
      await both(page);
      await last.fill(new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10));
      await page.getByRole('button', { name: 'Vérifier et enregistrer' }).last().click();
      await page.waitForURL('**/review-changes*');
      assert.match(await words(page.locator('main')), /jusqu’au/);
      await page.getByRole('button', { name: /^Enregistrer 1 changement/ }).click();
      await says(page, '1 changement enregistré');
      await page.goto('/o/tilleuls/access/agendas?name=vaccination');
      assert.match(await words(page.locator('tr', { hasText: 'Leroy' }).first()), /jusqu’au/, 'the matrix tells the date');
    });
  }

  test('what was changed is read through the API too', async (t) => {
    const page = await enter(t, server, people.bruno, { javascript: true, width: wide });
    const { items } = await ask(page, '/organizations/tilleuls/change-sets');
    assert.ok(items.length > 0);
  });
});
