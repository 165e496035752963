// The list of members: pages, search, filters, order, selection (LST-1, LST-2, LST-4).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, counts, enter, mailbox, narrow, noOverflow, people, phone, row, says, sound, startServer, wayName, wide, words } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const ways = [{ javascript: true, width: wide }, { javascript: false, width: wide }];
const list = '/o/tilleuls/members';
const names = async (page) => {
  await page.waitForLoadState('domcontentloaded'); // the end of the list may still be on its way
  return page.getByRole('rowheader').getByRole('link').allInnerTexts();
};
const summary = (page) => words(page.locator('.pager > p'));

// shows waits until the list says how many it holds: with script it is refreshed in place.
async function shows(page, text) {
  await page.locator('.pager > p', { hasText: text }).waitFor();
}

async function filter(page, fields) {
  for (const [label, value] of Object.entries(fields)) {
    const field = page.getByRole('search').getByLabel(label);
    if ((await field.evaluate((element) => element.tagName)) === 'SELECT') await field.selectOption({ label: value });
    else await field.fill(value);
  }
  await page.getByRole('button', { name: 'Filtrer' }).click();
}

for (const way of ways) {
  describe(wayName(way), () => {
    test('LST-1: 20, 50, 100 a page, «Afficher tout» up to 500, and the pages', async (t) => {
      const page = await enter(t, server, people.philippe, way);
      await page.goto('/o/saint-aubin/members');
      const pager = page.getByRole('navigation', { name: 'Pages' });
      await shows(page, 'Membres 1 à 20 sur 600');
      await pager.getByRole('link', { name: 'Page 30', exact: true }).click();
      await shows(page, 'Membres 581 à 600 sur 600');
      await counts(pager.getByRole('link', { name: 'Suivante' }), 0);
      await pager.getByRole('link', { name: 'Précédente' }).click();
      await shows(page, 'Membres 561 à 580 sur 600');
      assert.match(page.url(), /[?&]page=29(&|$)/);
      for (const [size, last] of [['50', 50], ['100', 100], ['Afficher tout', 500]]) {
        await pager.getByRole('link', { name: size, exact: true }).click();
        await shows(page, `Membres 1 à ${last} sur 600`);
        await counts(page.getByRole('rowheader'), last);
      }
      await pager.getByRole('link', { name: 'Suivante' }).click();
      await shows(page, 'Membres 501 à 600 sur 600');
    });

    test('LST-1: the search goes over all pages, without accents or case; one letter begins a word; the chip takes it away', async (t) => {
      const page = await enter(t, server, people.bruno, way);
      await page.goto(list);
      const search = async (text) => {
        await filter(page, { 'Nom ou e-mail': text });
        await page.getByRole('link', { name: `Retirer le filtre Recherche : ${text}`, exact: true }).waitFor();
      };
      await search('THEVENET');
      assert.equal(await summary(page), 'Membres 1 à 1 sur 1');
      assert.match((await names(page))[0], /Thévenet/);
      await search('élise jour');
      assert.equal(await summary(page), 'Membres 1 à 1 sur 1');
      assert.match((await names(page))[0], /Jourdan/);
      await search('z');
      assert.deepEqual((await names(page)).map((name) => name.trim()), ['Zanetti Paola'], 'not Lacaze, not Sanchez');
      await page.getByRole('link', { name: 'Retirer le filtre Recherche : z' }).click();
      await shows(page, 'Membres 1 à 20 sur 34');
      assert.ok(!page.url().includes('q='));
      for (const hurts of ['%', '_', '\\', "'; drop table member; --", '<script>', 'a'.repeat(150)]) {
        await filter(page, { 'Nom ou e-mail': hurts });
        await page.getByRole('heading', { name: 'Aucun membre ne correspond' }).waitFor();
        await page.getByRole('main').getByRole('link', { name: 'Réinitialiser les filtres' }).click();
        await shows(page, 'sur 34');
      }
      const tooLong = await page.goto(`${list}?q=${'a'.repeat(300)}`);
      assert.equal(tooLong.status(), 422);
      assert.match(await words(page.locator('main')), /Raccourcissez ce texte/i);
    });

    test('LST-1: every filter, alone and together, each with its chip; «Réinitialiser»; the address is the state', async (t) => {
      const page = await enter(t, server, people.bruno, way);
      for (const [fields, found] of [
        [{ 'Mot-clé': 'sophro' }, ['Aubry']],
        [{ 'Mot-clé': '99 700 000 112' }, ['Belkacem']],
        [{ Rôle: 'Secrétariat' }, ['Delmas', 'Leroy', 'Petit', 'Rahmani', 'Zanetti']],
        [{ Fonction: 'Sage-femme' }, ['Diallo']],
        [{ Autorisation: 'Modifier la sécurité de l’organisation' }, ['Lacaze', 'Morvan']],
        [{ Rôle: 'Secrétariat', Établissement: 'Grand-Pré' }, ['Leroy', 'Rahmani', 'Zanetti']],
        [{ Rôle: 'Secrétariat', Établissement: 'Grand-Pré', 'Nom ou e-mail': 'leroy' }, ['Leroy']],
      ]) {
        await page.goto(list);
        await filter(page, fields);
        for (const value of Object.values(fields)) await page.getByRole('list', { name: 'Filtres actifs' }).getByRole('link', { name: value }).waitFor();
        const shown = (await names(page)).join('|');
        await counts(page.getByRole('rowheader'), found.length, `${JSON.stringify(fields)}: ${shown}`);
        for (const name of found) assert.ok(shown.includes(name), `${JSON.stringify(fields)}: ${shown}`);
      }
      const other = await enter(t, server, people.claire, { javascript: !way.javascript, width: phone });
      await other.goto(page.url());
      assert.deepEqual(await names(other), await names(page), 'the address reproduces the list in another browser');
      await page.getByRole('link', { name: /^Retirer le filtre Établissement/ }).click();
      await page.getByRole('link', { name: /^Retirer le filtre Établissement/ }).waitFor({ state: 'detached' });
      await counts(page.getByRole('list', { name: 'Filtres actifs' }).getByRole('link'), 2);
      await page.getByRole('link', { name: 'Réinitialiser', exact: true }).click();
      await shows(page, 'Membres 1 à 20 sur 34');
      assert.equal(page.url(), server.base + list);
    });

    test('LST-1, ORG-5: the tabs hold what they count', async (t) => {
      const page = await enter(t, server, people.bruno, way);
      await page.goto(list);
      const tabs = page.getByRole('navigation', { name: 'Statut du compte' });
      for (const [tab, status] of [['Actifs', /Actif|Verrouillé|Départ prévu|Fin prévue/], ['Invités', /Créé/], ['Désactivés', /Désactivé/], ['Administrateurs', /Admin/]]) {
        const link = tabs.getByRole('link', { name: tab });
        const count = Number(/\d+/.exec(await link.innerText())[0]);
        await link.click();
        await page.locator('.tabs [aria-current]', { hasText: tab }).waitFor();
        assert.match(await summary(page), new RegExp(`sur ${count}$`));
        for (const line of await page.getByRole('row').filter({ has: page.getByRole('rowheader') }).allInnerTexts()) assert.match(line, status);
      }
      assert.deepEqual((await names(page)).map((name) => name.split(' ')[1]), ['Lacaze', 'Morvan']);
    });

    test('LST-2: sorted by name and by last sign-in, both ways', async (t) => {
      const page = await enter(t, server, people.bruno, way);
      await page.goto(`${list}?size=50`);
      const column = (name) => page.getByRole('columnheader', { name });
      assert.equal(await column('Membre').getAttribute('aria-sort'), 'ascending');
      const ascending = await names(page);
      await column('Membre').getByRole('link').click();
      await page.locator('th[aria-sort=descending]').waitFor();
      assert.deepEqual(await names(page), ascending.toReversed());
      for (const order of ['ascending', 'descending']) {
        await column('Dernière connexion').getByRole('link').click();
        await page.locator(`th[aria-sort=${order}]`, { hasText: 'Dernière connexion' }).waitFor();
        const times = await page.locator('td time').evaluateAll((elements) => elements.map((element) => element.dateTime));
        assert.ok(times.length > 20);
        const sorted = times.toSorted();
        assert.deepEqual(times, order === 'ascending' ? sorted : sorted.toReversed());
      }
    });

    test('LST-4: every status is told by a word, and what waits by a second line', async (t) => {
      const page = await enter(t, server, people.bruno, way);
      await page.goto(`${list}?size=50`);
      for (const [name, status] of [
        [/Belkacem/, /Actif/],
        [/Chevallier/, /Désactivé/],
        [/Diallo/, /Créé · invitation envoyée Expire dans (3|30) jours · Renvoyer/],
        [/Simon/, /Créé Aucune invitation en cours/],
        [/Marchetti/, /Verrouillé Trop d’essais de mot de passe/],
        [/Garnier/, /Fin prévue Le \d+(er)? \S+ \d{4}/],
      ]) assert.match(await words(row(page, name)), status);
      assert.match(await words(row(page, /Diallo/)), /jamais/);
      await row(page, /Diallo/).getByRole('link', { name: /^Renvoyer l’invitation à/ }).click(); // MEM-12, from the line
      await page.getByRole('button', { name: 'Renvoyer l’invitation' }).click();
      await says(page, 'Invitation renvoyée à aicha.diallo@tilleuls.example');
      await mailbox(server, 'aicha.diallo@tilleuls.example').next();
    });
  });
}

test('with script, a list is chosen by its select alone, said aloud, and the way back works', async (t) => {
  const page = await enter(t, server, people.bruno);
  await page.goto(list);
  await page.getByRole('search').getByLabel('Rôle').selectOption({ label: 'Secrétariat' });
  await shows(page, 'Membres 1 à 5 sur 5');
  assert.equal(await page.locator('#listing-status').innerText(), 'Membres 1 à 5 sur 5');
  await page.getByRole('search').getByLabel('Établissement').selectOption({ label: 'Grand-Pré' });
  await page.getByRole('search').getByLabel('Établissement').selectOption({ label: 'Tous' });
  await page.getByRole('search').getByLabel('Fonction').selectOption({ label: 'Secrétariat' }); // faster than the answers come
  await page.getByRole('link', { name: 'Retirer le filtre Fonction : Secrétariat' }).click();
  await page.getByRole('link', { name: 'Retirer le filtre Fonction : Secrétariat' }).waitFor({ state: 'detached' });
  await shows(page, 'Membres 1 à 5 sur 5');
  await page.getByRole('navigation', { name: 'Statut du compte' }).getByRole('link', { name: 'Invités' }).click();
  await page.getByRole('heading', { name: 'Aucun membre' }).waitFor();
  await page.goBack();
  await shows(page, 'Membres 1 à 5 sur 5');
  assert.equal(await page.getByRole('search').getByLabel('Rôle').evaluate((element) => element.selectedOptions[0].label), 'Secrétariat');
  const kept = await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
  assert.doesNotMatch(kept, /Delmas|Aubry/, 'nobody’s name stays in the browser');
});

for (const javascript of [true, false]) {
  test(`a filter keeps the order, the size and the tab that were chosen before, ${javascript ? 'with' : 'without'} JavaScript`, async (t) => {
    const page = await enter(t, server, people.bruno, { javascript });
    await page.goto(`${list}?status=active`);
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: '50', exact: true }).click();
    await page.waitForURL(/size=50/);
    await page.getByRole('columnheader', { name: 'Dernière connexion' }).getByRole('link').click();
    await page.waitForURL(/sort=last_sign_in/);
    await filter(page, { Rôle: 'Secrétariat' });
    await page.waitForURL(/role=/);
    for (const kept of [/size=50/, /sort=last_sign_in/, /status=active/]) assert.match(page.url(), kept);
  });
}

test('on a phone each member is a card: name, function, role, site, sign-in, status', async (t) => {
  const page = await enter(t, server, people.bruno, { width: phone });
  await page.goto(list);
  const card = row(page, /Belkacem/);
  const { width, height } = await card.boundingBox();
  assert.ok(width <= phone && height > 80, 'stacked, not a line');
  assert.match(await words(card), /Belkacem.*Médecin généraliste.*Soins.*Les 2 établissements.*il y a.*Actif/);
  assert.ok(await card.getByRole('checkbox').isVisible());
  await noOverflow(page, narrow);
  assert.ok(await page.getByRole('columnheader', { name: 'Dernière connexion' }).getByRole('link').isVisible(), 'the order can still be chosen');
  assert.equal(await page.locator('thead').getByText('Statut du compte').isVisible(), false, 'what cannot be sorted by needs no header');
});

describe('a selection', () => {
  const bar = (page) => page.getByRole('form', { name: 'Actions pour les membres sélectionnés' });
  const box = (page, name) => page.getByRole('checkbox', { name: `Sélectionner ${name}`, exact: true });

  test('with script, the bar comes with the first tick, counts, and goes with the last', async (t) => {
    const page = await enter(t, server, people.bruno);
    await page.goto(list);
    assert.equal(await bar(page).isVisible(), false);
    await box(page, 'Julie Delmas').check();
    await bar(page).getByText('1 sélectionné', { exact: true }).waitFor();
    await box(page, 'Amara Koné').check();
    await bar(page).getByText('2 sélectionnés').waitFor();
    await page.keyboard.press('Escape');
    assert.equal(await bar(page).isVisible(), false);
    await page.getByRole('checkbox', { name: 'Sélectionner les 20 membres de cette page' }).check();
    await bar(page).getByText('20 sélectionnés').waitFor();
    await bar(page).getByLabel('Sélectionner les 34 membres du filtre').check();
    await bar(page).getByRole('button', { name: 'Désactiver…' }).click();
    await page.waitForURL('**/members/bulk');
    const review = await words(page.locator('main'));
    assert.match(review, /personnes resteront comme elles sont/);
    assert.match(review, /Zanetti/, 'the second page is in it');
    await page.getByRole('link', { name: 'Garder' }).click();
    await page.waitForURL(`**${list}`);
    await box(page, 'Julie Delmas').check();
    await bar(page).getByRole('button', { name: 'Tout désélectionner' }).click();
    await bar(page).waitFor({ state: 'hidden' });
    assert.equal(await box(page, 'Julie Delmas').isChecked(), false);
  });

  for (const [n, way] of [...ways, { javascript: false, width: phone }].entries()) {
    const [given, family] = [['Camille', 'Aubry'], ['Maëlle', 'Le Goff'], ['Thomas', 'Guérin']][n];

    test(`CHG-4: several are deactivated together; who is skipped is told why, ${wayName(way)}`, async (t) => {
      const page = await enter(t, server, people.bruno, way);
      await page.goto(list);
      if (!way.javascript) {
        await bar(page).getByText('Pour les membres cochés').waitFor();
        await bar(page).getByRole('button', { name: 'Désactiver…' }).click();
        await says(page, 'Cochez d’abord au moins un membre');
      }
      for (const name of [`${given} ${family}`, 'Marc Chevallier', 'Bruno Lacaze']) await box(page, name).check();
      await bar(page).getByRole('button', { name: 'Désactiver…' }).click();
      await page.getByRole('heading', { level: 1, name: 'Désactiver 1 membre' }).waitFor();
      const review = await words(page.locator('main'));
      assert.match(review, new RegExp(`1 personne sera désactivée ${given} ${family}|1 personne sera désactivée .*${given} ${family}`));
      assert.match(review, /2 personnes resteront comme elles sont .*Marc Chevallier Déjà désactivé.*Bruno Lacaze C’est vous/);
      await sound(page);
      await page.getByRole('button', { name: 'Désactiver 1 membre' }).click();
      await says(page, '1 membre désactivé');
      const { items } = await ask(page, `/organizations/tilleuls/members?q=${encodeURIComponent(family)}`);
      assert.deepEqual(items.map((member) => member.status), ['deactivated']);
      await mailbox(server, items[0].email).next(/a désactivé votre accès/);
    });
  }
});
