// Editing a member: details and rights, before and after, and two people at once (CHG-1, CHG-2, MEM-3, RGT-1).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, axe, counts, crossed, enter, links, mailbox, memberId, noOverflow, people, phone, press, refused, row, says, sound, startServer, wayName, wide, words, write } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const at = (name) => `${name}@tilleuls.example`;
const some = [{ javascript: true, width: phone }, { javascript: false, width: wide }];

// open goes to a page of a member as an administrator; answers the page and the sheet's address.
async function open(t, admin, name, what = '', way = {}) {
  const page = await enter(t, server, admin, way);
  const sheet = `/o/tilleuls/members/${await memberId(page, 'tilleuls', at(name))}`;
  await page.goto(sheet + what);
  return { page, sheet };
}

async function check(page) {
  await page.getByRole('button', { name: 'Vérifier les changements' }).click();
  await page.waitForURL('**/review?draft=*');
}

async function save(page) {
  await page.getByRole('button', { name: /^Enregistrer \d+ changement/ }).click();
}

// both judges the page in both looks.
async function both(page) {
  await sound(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await axe(page, { colours: true });
  await page.emulateMedia({ colorScheme: 'light' });
}

describe('details', () => {
  for (const [n, way] of crossed.entries()) {
    test(`CHG-1: errors, back and forth, reload, then saved, ${wayName(way)}`, async (t) => {
      const [name, called] = [['yanis.belkacem', 'Yanis'], ['emilie.vasseur', 'Émilie'], ['thomas.guerin', 'Thomas'], ['loic.tanguy', 'Loïc']][n];
      const { page } = await open(t, people.bruno, name, '', way);
      await page.locator('.hero').getByRole('link', { name: 'Modifier la fiche' }).click();
      await page.getByLabel('Nom', { exact: true }).fill('');
      await page.getByLabel('Téléphone').fill('12');
      await page.getByRole('checkbox', { name: /remplace un praticien/ }).check();
      await page.getByRole('button', { name: 'Vérifier les changements' }).click();
      const points = await refused(page);
      assert.equal(points.length, 5, points.join('; '));
      assert.match(points.join(), /Nom : remplissez ce champ.*Premier jour : saisissez une date/);
      await both(page);

      await page.getByLabel('Nom', { exact: true }).fill('N’Guyen-de La Tour');
      await page.getByLabel('Téléphone').fill('06.12.34.56.78');
      await page.getByRole('checkbox', { name: /remplace un praticien/ }).uncheck();
      await check(page);
      assert.match(await words(row(page, 'Nom')), /N’Guyen-de La Tour$/);
      assert.match(await words(row(page, 'Téléphone')), /06 12 34 56 78$/);
      await counts(page.getByRole('row'), 3, 'only what changes is listed');
      await both(page);

      await page.getByRole('link', { name: 'Modifier ces changements' }).click();
      assert.equal(await page.getByLabel('Nom', { exact: true }).inputValue(), 'N’Guyen-de La Tour', 'what was typed is there');
      await page.getByLabel('Adresse MSSanté').fill(`${name}@medecin.mssante.fr`);
      await check(page);
      await page.reload();
      await page.getByRole('button', { name: 'Enregistrer 3 changements' }).click();
      await says(page, '3 changements enregistrés');
      const said = await words(page.locator('main'));
      assert.match(said, new RegExp(`${called} N’Guyen-de La Tour`));
      assert.match(said, /06 12 34 56 78.*mssante\.fr/);
      await page.goBack();
      await page.waitForLoadState();
    });
  }

  test('a draft is taken up on another browser, by its person only', async (t) => {
    const { page } = await open(t, people.bruno, 'julie.delmas', '/edit');
    await page.getByLabel('Prénom').fill('Julia');
    await check(page);
    const other = await enter(t, server, people.bruno, { width: phone });
    await other.goto(page.url());
    assert.match(await words(row(other, 'Prénom')), /Julie.*Julia/);
    assert.equal((await (await enter(t, server, people.claire)).goto(page.url())).status(), 404);
    await save(other);
    await says(other, '1 changement enregistré');
    await save(page); // the same form, sent twice: done once
    await page.waitForURL(/members\/mbr_[^/]*$/);
    assert.match(await words(page.locator('.hero')), /Julia Delmas/);
  });

  test('MEM-3, CHG-2: what is locked says why; a first RPPS warns before it is saved', async (t) => {
    const { page, sheet } = await open(t, people.bruno, 'yanis.belkacem', '/edit');
    for (const label of ['Numéro RPPS', 'E-mail']) assert.equal(await page.getByLabel(label, { exact: true }).getAttribute('readonly'), '', label);
    const said = await words(page.locator('main'));
    assert.match(said, /Ce numéro ne change plus une fois enregistré : une identité pourrait être usurpée/);
    assert.match(said, /Seule la personne change son adresse/);
    // without the attribute, the server refuses all the same
    await page.getByLabel('Numéro RPPS').evaluate((input) => { input.readOnly = false; input.value = '99700004122'; });
    await page.getByRole('button', { name: 'Vérifier les changements' }).click();
    await page.locator('[data-error-summary]').waitFor();
    assert.equal((await ask(page, sheet.replace('/o/', '/organizations/'))).rpps.replace(/\s/g, ''), '99700000112');

    const julie = await open(t, people.bruno, 'paola.zanetti', '/edit');
    await julie.page.getByLabel('Numéro RPPS').fill('99 700 004 122');
    await check(julie.page);
    assert.match(await words(julie.page.locator('main')), /ne pourront plus changer, par personne/);
    await both(julie.page);
    await save(julie.page);
    await says(julie.page, '1 changement enregistré');
    assert.match(await words(julie.page.locator('main')), /Profession réglementée.*99 700 004 122.*À vérifier/);
  });

  test('by keyboard alone', async (t) => {
    const { page } = await open(t, people.claire, 'amara.kone');
    await press(page, 'link', /^Modifier la fiche/);
    await page.waitForURL('**/edit');
    await write(page, /^Adresse MSSanté/, 'amara@medecin.mssante.fr');
    await page.keyboard.press('Tab'); // whom they may write to: the arrows choose
    await page.keyboard.press('ArrowDown');
    await press(page, 'button', 'Vérifier les changements');
    await page.waitForURL('**/review?draft=*');
    await press(page, 'button', 'Enregistrer 2 changements');
    await says(page, '2 changements enregistrés');
    assert.match(await words(page.locator('main')), /Échange avec Tout le monde/);
  });
});

describe('two people at once', () => {
  for (const [n, way] of some.entries()) {
    test(`CHG-1: the second is told both versions, and mixes them, ${wayName(way)}`, async (t) => {
      const name = ['elodie.rousseau', 'antoine.roche'][n];
      const one = await open(t, people.claire, name, '/edit', way);
      const two = await open(t, people.bruno, name, '/edit', way);
      await two.page.getByLabel('Nom', { exact: true }).fill('Version-Deux');
      await two.page.getByLabel('Téléphone').fill('06 22 22 22 22');
      await two.page.getByLabel('Civilité').selectOption({ label: 'Pr' });
      await check(two.page);

      await one.page.getByLabel('Nom', { exact: true }).fill('Version-Une');
      await one.page.getByLabel('Téléphone').fill('06 11 11 11 11');
      await one.page.getByLabel('Adresse MSSanté').fill('une@medecin.mssante.fr');
      await check(one.page);
      await save(one.page);
      await says(one.page, '3 changements enregistrés');

      await save(two.page);
      await two.page.getByRole('heading', { level: 1, name: 'Deux versions de cette fiche' }).waitFor();
      assert.match(await two.page.title(), /^Erreur\s: /);
      const said = await words(two.page.locator('main'));
      assert.match(said, /Claire Morvan a modifié cette fiche pendant votre saisie/);
      for (const part of ['Version-Une', 'Version-Deux', '06 11 11 11 11', '06 22 22 22 22', 'une@medecin.mssante.fr', 'Pr']) assert.ok(said.includes(part), part);
      await both(two.page);
      await two.page.getByRole('button', { name: 'Vérifier cette version' }).click();
      assert.equal((await refused(two.page)).length, 2, 'each that both changed is asked for');

      await two.page.getByRole('group', { name: 'Nom', exact: true }).getByRole('radio', { name: /^Version-Deux/ }).check();
      await two.page.getByRole('group', { name: 'Téléphone' }).getByRole('radio', { name: /^06 11 11 11 11/ }).check();
      await two.page.getByRole('button', { name: 'Vérifier cette version' }).click();
      await two.page.waitForURL('**/edit/review?draft=*');
      assert.match(await words(row(two.page, 'Nom')), /Version-Une Version-Deux/);
      await two.page.getByRole('button', { name: 'Enregistrer 2 changements' }).click();
      await says(two.page, '2 changements enregistrés');
      const end = await words(two.page.locator('main'));
      for (const part of ['Pr', 'Version-Deux', '06 11 11 11 11', 'une@medecin.mssante.fr']) assert.ok(end.includes(part), part);
    });
  }
});

describe('rights', () => {
  for (const [n, way] of some.entries()) {
    test(`RGT-1: sites, roles and single permissions, before and after, then what somebody changed meanwhile, ${wayName(way)}`, async (t) => {
      const name = ['julie.delmas', 'nadege.petit'][n];
      const { page, sheet } = await open(t, people.bruno, name, '', way);
      await page.getByRole('link', { name: 'Modifier les droits' }).click();
      await page.getByRole('group', { name: 'Donner un rôle' }).getByRole('checkbox', { name: /^Lecture seule/ }).check();
      await page.getByLabel('Portée du rôle Lecture seule').selectOption({ label: 'Toute l’organisation' });
      await page.getByText('Donner une autorisation particulière').click();
      await page.getByLabel('Où valent les autorisations cochées').selectOption({ label: 'Toute l’organisation' });
      await page.getByRole('checkbox', { name: 'Lire le journal' }).check();
      await both(page);
      await check(page);
      const said = await words(page.locator('main'));
      assert.match(said, /Lire le journal · Toute l’organisation Non Oui/);
      assert.match(said, /Rôle Lecture seule · Toute l’organisation Non Oui/);
      assert.match(said, /Cette personne pourra.*lire le journal.*lire les dossiers des patients/);
      assert.match(said, /touche à l’administration/);
      await both(page);

      const other = await enter(t, server, people.claire, way);
      await other.goto(`${sheet}/rights`);
      await other.getByText('Donner une autorisation particulière').click();
      await other.getByRole('checkbox', { name: 'Rédiger les ordonnances' }).check();
      await check(other);
      await save(other);
      await says(other, '1 changement enregistré');

      await save(page);
      await says(page, 'Claire Morvan a modifié ces droits entre-temps');
      assert.match(await words(page.locator('main')), /Rédiger les ordonnances.*Vos changements.*Lecture seule/);
      await both(page);
      await save(page);
      await says(page, '2 changements enregistrés');
      const card = await words(page.locator('main'));
      assert.match(card, /Lecture seule Toute l’organisation · par Bruno Lacaze/);
      assert.match(card, /Rédiger les ordonnances .* par Claire Morvan/);

      await page.getByRole('link', { name: 'Modifier les droits' }).click();
      await page.getByRole('group', { name: 'Rôles actuels' }).getByRole('checkbox', { name: /^Lecture seule/ }).uncheck();
      await check(page);
      assert.match(await words(page.locator('main')), /Cette personne ne pourra plus/);
      await save(page);
      await says(page, '1 changement enregistré');
    });
  }

  test('a site’s administrator: what is not theirs is not theirs to change', async (t) => {
    const page = await enter(t, server, people.sophie);
    const { items } = await ask(page, '/organizations/saint-aubin/members');
    const other = items.find((member) => !member.administrator);
    await page.goto(`/o/saint-aubin/members/${other.id}/rights`);
    const scopes = await page.locator('select option').allInnerTexts();
    assert.ok(!scopes.includes('Toute l’organisation'), scopes.join());
    await sound(page);
    const [boss] = (await ask(page, '/organizations/saint-aubin/members?q=philippe.renaud')).items;
    if (boss) assert.equal((await page.goto(`/o/saint-aubin/members/${boss.id}/edit`)).status(), 403);
  });
});

test('MEM-1: «Inviter» waits on the sheet of whoever has no invitation', async (t) => {
  const { page } = await open(t, people.bruno, 'linh.nguyen');
  const [waits] = (await ask(page, '/organizations/tilleuls/invitations?q=linh.nguyen')).items;
  await counts(page.getByRole('link', { name: 'Inviter…' }), 0);
  await page.request.post(`/o/tilleuls/invitations/${waits.id}/delete`, { form: {}, headers: { origin: server.base } });
  await page.reload();
  await page.getByRole('link', { name: 'Inviter…' }).click();
  await page.getByRole('button', { name: 'Envoyer l’invitation' }).click();
  await says(page, `Invitation envoyée à ${at('linh.nguyen')}`);
  assert.equal(links(await mailbox(server, at('linh.nguyen')).next()).length > 0, true);
  await noOverflow(page);
});
