// «Nouvel utilisateur»: A, B and C in steps, with errors at every step, back and forth, reloads, drafts resumed on another
// browser (MEM-1 to MEM-8, SEC-3), with and without JavaScript, 1280 and 390 px, by keyboard alone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, axe, counts, crossed, enter, links, mailbox, people, press, refused, says, sound, startServer, tabTo, wayName, words, write } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const kinds = { A: /^Profession réglementée/, B: /^Profession non réglementée/, C: /^Non-praticien/ };
const to = { continue: 'Continuer', rights: 'Continuer vers les droits', contact: 'Continuer vers le contact', agendas: 'Continuer vers les agendas', messaging: 'Continuer vers la messagerie', settings: 'Continuer vers les paramètres', check: 'Continuer vers la vérification' };

const click = (page, name) => page.getByRole('button', { name, exact: true }).click();
const at = (page, step) => page.waitForURL(new RegExp(`/members/new/[^/]+/${step}`));

// begin starts from the list of members, as an administrator does.
async function begin(page, kind) {
  await page.goto('/o/tilleuls/members');
  await page.getByRole('link', { name: 'Nouvel utilisateur' }).click();
  await page.getByRole('radio', { name: kinds[kind] }).check();
  await click(page, 'Commencer');
  await at(page, 'profile');
}

async function names(page, { family, given, job }) {
  await page.getByLabel('Nom', { exact: true }).fill(family);
  await page.getByLabel('Prénom', { exact: true }).fill(given);
  await page.getByLabel('Fonction').selectOption({ label: job });
}

const site = (page) => page.getByRole('checkbox', { name: /^Saint-Aubin/ });
const role = (page, name) => page.getByRole('checkbox', { name: new RegExp(`^${name}`) });

// looked: the page as it stands is accessible in both looks, and fits a small screen.
async function looked(page) {
  await sound(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await axe(page, { colours: true });
  await page.emulateMedia({ colorScheme: 'light' });
}

// without goes from the contact to the review, and gives no level.
async function without(page) {
  await click(page, to.agendas);
  await at(page, 'agendas');
  await click(page, to.messaging);
  await at(page, 'messaging');
  await click(page, to.settings);
  await at(page, 'settings');
  await click(page, to.check);
  await at(page, 'check-answers');
}

// settings chooses in the last block, which is optional; what is chosen survives a reload (MEM-1, MEM-6).
async function settings(page) {
  assert.match(await words(page.locator('main')), /Facultatif/);
  await page.getByRole('group', { name: 'Affichage de l’agenda' }).getByRole('radio', { name: 'Personnaliser' }).check();
  await page.getByLabel('Début de la journée').selectOption({ label: '20 h' });
  await click(page, to.check);
  assert.deepEqual(await refused(page), ['Choisissez une fin de journée après son début, par exemple de 8 h à 19 h']);
  await looked(page);
  await page.getByLabel('Début de la journée').selectOption({ label: '7 h 30' });
  await page.getByLabel('Travail reçu').selectOption({ label: 'Dans Habilis seulement' });
  await click(page, 'Enregistrer le brouillon');
  await says(page, 'Brouillon enregistré');
  await page.reload();
  assert.equal(await page.getByLabel('Début de la journée').inputValue(), '07:30');
  await looked(page);
}

const level = (page, name) => page.getByRole('combobox', { name: `Droit sur ${name}`, exact: true });

// levels gives levels in every way: those of a colleague, one for the lines that are ticked, one by one (RGT-2 to RGT-5).
async function levels(page, way) {
  assert.equal(await page.getByLabel('Utiliser les mêmes droits que').locator(':checked').innerText(), 'Julie Delmas', 'the colleague with the same function and site');
  await click(page, 'Copier');
  await says(page, 'Droits de Julie Delmas repris sur');
  assert.equal(await level(page, 'l’agenda Échographie').locator(':checked').innerText(), 'Gestion');
  await click(page, 'Appliquer aux lignes cochées');
  assert.match((await refused(page)).join(), /Cochez au moins une ligne/);
  await looked(page);
  await page.getByRole('checkbox', { name: 'Cocher Échographie' }).check();
  await page.getByLabel('Ou donner le même niveau').selectOption({ label: 'Dispos' });
  await click(page, 'Appliquer aux lignes cochées');
  await says(page, '1 agenda mis au niveau Dispos');
  assert.equal(await level(page, 'l’agenda Échographie').locator(':checked').innerText(), 'Dispos');
  await page.reload();
  assert.equal(await level(page, 'l’agenda Échographie').locator(':checked').innerText(), 'Dispos', 'the levels survive a reload');
  await click(page, to.messaging);
  await at(page, 'messaging');
  await level(page, 'la messagerie Secrétariat Saint-Aubin').selectOption({ label: 'Lecture' });
  await looked(page);
  await click(page, to.settings);
  await at(page, 'settings');
  await settings(page);
  await click(page, to.check);
  await at(page, 'check-answers');
}

describe('type C: every step refuses, keeps, goes back and forth', () => {
  for (const [n, way] of crossed.entries()) {
    test(wayName(way), async (t) => {
      const email = `anne.legoff${n}@tilleuls.example`;
      const page = await enter(t, server, people.bruno, way);
      await begin(page, 'C');
      await counts(page.getByLabel('SIRET'), 0, 'MEM-5: no SIRET for a type C');

      await click(page, to.rights);
      const wrong = await refused(page);
      assert.equal(wrong.length, 4, wrong.join('\n')); // site, last name, first name, function
      await looked(page);

      await names(page, { family: 'Le Goff', given: 'Anne', job: 'Autre' });
      assert.ok(await page.getByText('ne pourra ni partager de documents').isVisible(), 'MEM-7 is said when «Autre» is chosen');
      await page.getByLabel('Fonction').selectOption({ label: 'Secrétariat' });
      await click(page, 'Enregistrer le brouillon');
      await says(page, 'Brouillon enregistré');
      assert.equal(await page.getByLabel('Nom', { exact: true }).inputValue(), 'Le Goff', 'a draft checks nothing and keeps everything');
      await site(page).check();
      await click(page, to.rights);
      await at(page, 'rights');
      assert.match(await page.title(), /étape 2 sur 7/);

      await click(page, to.contact);
      assert.match((await refused(page)).join(), /au moins un rôle/);
      await looked(page);
      assert.ok(!(await page.getByText('Cette personne pourra désactiver des comptes').isVisible()));
      await page.getByRole('radio', { name: 'Oui', exact: true }).check();
      assert.ok(await page.getByText('Cette personne pourra désactiver des comptes').isVisible(), 'the consequence is written');
      await page.getByRole('radio', { name: /^Non, uniquement/ }).check();
      await role(page, 'Secrétariat').check();
      await click(page, 'Précédent');
      await at(page, 'profile');
      assert.equal(await page.getByLabel('Prénom', { exact: true }).inputValue(), 'Anne');
      await page.reload();
      await click(page, to.rights);
      await at(page, 'rights');
      assert.ok(await role(page, 'Secrétariat').isChecked(), '«Précédent» loses nothing');
      await click(page, to.contact);
      await at(page, 'contact');

      await page.getByLabel('E-mail professionnel').fill('anne.legoff');
      await click(page, to.agendas);
      assert.match((await refused(page)).join(), /adresse e-mail complète/);
      assert.equal(await page.getByLabel('E-mail professionnel').inputValue(), 'anne.legoff');
      await looked(page);
      await page.getByLabel('E-mail professionnel').fill(email);
      await page.getByRole('radio', { name: /^Tout le monde/ }).check();
      await click(page, 'Enregistrer le brouillon');
      await says(page, 'Brouillon enregistré');

      // Another browser carries on where this one stopped.
      const other = await enter(t, server, people.bruno, way);
      await other.goto('/o/tilleuls/invitations');
      await other.getByRole('link', { name: 'Brouillons' }).click();
      await looked(other);
      await other.getByRole('link', { name: 'Reprendre le brouillon : Anne Le Goff' }).first().click();
      await at(other, 'contact');
      assert.equal(await other.getByLabel('E-mail professionnel').inputValue(), email);
      assert.ok(await other.getByRole('radio', { name: /^Tout le monde/ }).isChecked());
      await click(other, to.agendas);
      await at(other, 'agendas');
      await levels(other, way);
      const said = await words(other.locator('main'));
      for (const part of ['Anne Le Goff', 'Anne Le Goff verra les noms des patients', 'Lecture Secrétariat Saint-Aubin', 'Semaine, de 7 h 30 à 19 h', 'Travail reçu : Dans Habilis seulement', 'Secrétariat (Saint-Aubin)', 'Tout le monde', `Une invitation partira à ${email}`, 'Saint-Aubin']) {
        assert.ok(said.includes(part), `the review says «${part}»: ${said}`);
      }
      await looked(other);

      // «Modifier» goes to the step, and «Continuer» comes straight back.
      await other.getByRole('link', { name: 'Modifier le profil' }).click();
      await other.getByLabel('Civilité').selectOption({ label: 'Mme' });
      await click(other, to.check);
      await at(other, 'check-answers');
      assert.match(await words(other.locator('main')), /Mme Anne Le Goff/);

      await click(other, 'Créer un compte');
      await other.waitForURL(/\/members\/mbr_/);
      await says(other, 'Compte créé : ');
      await links(await mailbox(server, email).next());
      const { items } = await ask(other, `/organizations/tilleuls/members?q=${email}`);
      assert.equal(items.length, 1);

      await page.reload(); // the draft went with the creation: its replay is refused
      assert.match(await words(page.locator('main')), /ce brouillon n’existe pas ou plus/);

      await click(other, 'Créer un autre membre avec les mêmes droits');
      await at(other, 'profile');
      assert.ok(await site(other).isChecked());
      assert.equal(await other.getByLabel('Nom', { exact: true }).inputValue(), '');
      await names(other, { family: 'Roux', given: 'Zoé', job: 'Secrétariat' });
      await click(other, to.rights);
      await at(other, 'rights');
      assert.ok(await role(other, 'Secrétariat').isChecked());
      await other.goto('/o/tilleuls/members/drafts');
      await other.getByRole('button', { name: 'Supprimer le brouillon : Zoé Roux' }).click();
      await says(other, 'Brouillon supprimé : Zoé Roux');
    });
  }
});

describe('type B: the national list or free text, a locum, and a profession that has an RPPS', () => {
  for (const way of crossed) {
    test(wayName(way), async (t) => {
      const page = await enter(t, server, people.claire, way);
      await begin(page, 'B');
      await site(page).check();
      await names(page, { family: 'Roy', given: 'Paul', job: 'Psychologue' });
      await page.getByLabel(/^SIRET/).fill('123');
      await click(page, to.rights);
      const points = (await refused(page)).join('\n');
      assert.match(points, /SIRET/);
      assert.match(points, /spécialité/i, 'MEM-4: a type B says a specialty');
      await looked(page);
      await page.getByLabel(/^SIRET/).fill('732 829 320 00074');
      await page.getByLabel(/^Profession/).last().fill('psychologue');
      await page.getByLabel('Spécialité').fill('Thérapies brèves');
      await click(page, to.rights);
      await says(page, 'Une profession comme « Psychologue » a un numéro RPPS');
      await looked(page);
      await page.getByRole('checkbox', { name: /^Praticien remplaçant/ }).check();
      await click(page, to.rights); // proposed, never forced
      assert.match((await refused(page)).join('\n'), /rempla|jour|date/i);
      await page.getByLabel('Personne remplacée').fill('Yanis Belkacem');
      await page.getByLabel('Premier jour').fill('2036-12-01');
      await page.getByLabel('Dernier jour').fill('2036-12-31');
      await click(page, to.rights);
      await at(page, 'rights');
      await role(page, 'Soins').check();
      await click(page, to.contact);
      await at(page, 'contact');
      await page.getByRole('radio', { name: /^Plus tard/ }).check();
      await without(page);
      const said = await words(page.locator('main'));
      for (const part of ['Paul Roy', 'Thérapies brèves', 'Yanis Belkacem, du 1er décembre 2036 au 31 décembre 2036', 'Aucun e-mail ne partira', 'a un numéro RPPS']) {
        assert.ok(said.includes(part), `the review says «${part}»: ${said}`);
      }
      await looked(page);
      await click(page, 'Créer un compte');
      await page.waitForURL(/\/members\/mbr_/);
      await says(page, 'Compte créé : Paul Roy');
    });
  }
});

describe('type A: found in the Annuaire Santé, or typed by hand', () => {
  for (const way of crossed) {
    test(`imported, ${wayName(way)}`, async (t) => {
      const page = await enter(t, server, people.bruno, way);
      await begin(page, 'A');
      assert.equal(await page.getByRole('link', { name: /annuaire\.sante\.fr/ }).getAttribute('href'), 'https://annuaire.sante.fr/');
      await page.getByText('ne pourront plus être changés').waitFor();
      await looked(page);
      await click(page, to.continue);
      assert.match((await refused(page)).join(), /importez ses données/);
      await page.getByLabel('Numéro RPPS, ou nom').fill('99700001441');
      await page.getByLabel('Numéro RPPS, ou nom').press('Enter'); // the key searches
      await page.getByRole('radio', { name: /Gaëlle Denis/ }).waitFor();
      await page.getByLabel('Numéro RPPS, ou nom').fill('99700001442');
      await click(page, 'Rechercher');
      assert.match((await refused(page)).join(), /erreur de frappe/);
      await page.getByLabel('Numéro RPPS, ou nom').fill(way.javascript ? 'denis gaelle' : 'louis baptiste');
      await page.getByLabel('Commune').fill('Saint-Aubin-d’Aubigné');
      await click(page, 'Rechercher');
      await page.getByRole('status').filter({ hasText: /personnes? trouvée/ }).waitFor();
      await looked(page);
      const name = way.javascript ? 'Gaëlle Denis' : 'Baptiste Louis';
      await page.getByRole('radio', { name: new RegExp(name) }).check();
      await click(page, 'Importer ces données');
      await page.getByText('Données de l’Annuaire Santé du').waitFor();
      assert.equal(await page.getByLabel('Nom', { exact: true }).getAttribute('readonly'), '');
      await site(page).check();
      await page.getByLabel('Fonction').selectOption({ label: 'Kinésithérapeute' });
      await click(page, to.rights);
      assert.match((await refused(page)).join(), /activité/, 'MEM-2: several activities: one is chosen');
      await looked(page);
      await page.getByRole('radio', { name: /Cabinet Rive droite/ }).check();
      await page.getByLabel(/^Numéro Assurance Maladie/).fill('12');
      await click(page, to.rights);
      assert.match((await refused(page)).join(), /Assurance Maladie/);
      assert.ok(await page.getByRole('radio', { name: /Cabinet Rive droite/ }).isChecked());
      await page.getByLabel(/^Numéro Assurance Maladie/).fill('');
      await click(page, to.rights);
      await at(page, 'rights');
      await role(page, 'Soins').check();
      await click(page, to.contact);
      await at(page, 'contact');
      await page.getByRole('radio', { name: /^Plus tard/ }).check();
      await without(page);
      const said = await words(page.locator('main'));
      for (const part of [name, 'Annuaire Santé', 'Cabinet Rive droite', 'ne pourront plus être changés']) assert.ok(said.includes(part), `${part}: ${said}`);
      await looked(page);
      await click(page, 'Créer un compte');
      await page.waitForURL(/\/members\/mbr_/);
      await says(page, `Compte créé : ${name}`);

      await begin(page, 'A'); // one member for one RPPS
      await page.getByLabel('Numéro RPPS, ou nom').fill(name);
      await click(page, 'Rechercher');
      await page.getByRole('radio', { name: new RegExp(name) }).check();
      await click(page, 'Importer ces données');
      await page.getByText('Données de l’Annuaire Santé du').waitFor();
      await page.getByRole('radio', { name: /Cabinet Rive droite/ }).check();
      await site(page).check();
      await page.getByLabel('Fonction').selectOption({ label: 'Kinésithérapeute' });
      await click(page, to.rights);
      assert.match((await refused(page)).join(), /RPPS/);
    });
  }

  test('typed by hand, and a profession that is not regulated', async (t) => {
    const page = await enter(t, server, people.bruno);
    await begin(page, 'A');
    await page.getByLabel('Numéro RPPS, ou nom').fill('99700050133');
    await click(page, 'Rechercher');
    await page.getByRole('radio', { name: /Théo Le Bris/ }).check();
    await click(page, 'Importer ces données');
    await says(page, 'n’est pas une profession réglementée');
    await looked(page);
    await click(page, 'Chercher une autre personne');
    await page.getByLabel('Numéro RPPS, ou nom').fill('99700099007');
    await click(page, 'Rechercher');
    await says(page, 'Personne ne correspond');
    await click(page, 'La personne n’apparaît pas : saisir les informations à la main');
    await page.getByText('À vérifier').first().waitFor();
    assert.equal(await page.getByLabel('Numéro RPPS', { exact: true }).inputValue(), '99700099007', 'what was searched for is kept');
    await page.getByLabel('Numéro RPPS', { exact: true }).fill('9970009900');
    await names(page, { family: 'Diallo', given: 'Binta', job: 'Sage-femme' });
    await site(page).check();
    await click(page, to.rights);
    const points = (await refused(page)).join('\n');
    assert.match(points, /11 chiffres/);
    assert.match(points, /profession/i);
    await looked(page);
    await page.getByLabel('Numéro RPPS', { exact: true }).fill('99 700 099 007');
    await page.getByLabel('Profession', { exact: true }).selectOption({ label: 'Sage-Femme' });
    await click(page, to.rights);
    await at(page, 'rights');
    await role(page, 'Soins').check();
    await click(page, to.contact);
    await at(page, 'contact');
    await page.getByRole('radio', { name: /^Plus tard/ }).check();
    await without(page);
    assert.match(await words(page.locator('main')), /À vérifier.*99 700 099 007.*sera marqué « à vérifier »/);
  });
});

test('by keyboard alone, in English', async (t) => {
  const page = await enter(t, server, people.claire);
  await page.request.post('/language', { form: { lang: 'en' }, headers: { origin: server.base }, maxRedirects: 0 });
  await page.goto('/o/tilleuls/members');
  await press(page, 'link', 'New user');
  await page.waitForURL('**/members/new');
  await tabTo(page, 'radio', /^Regulated profession/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await at(page, 'profile');
  await tabTo(page, 'checkbox', /^Saint-Aubin/);
  await page.keyboard.press('Space');
  await write(page, 'Last name', 'Ó Briain');
  await write(page, 'First name', 'Dara');
  await tabTo(page, 'combobox', 'Function');
  await page.keyboard.type('Coord');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter'); // from a text field: goes on
  await at(page, 'rights');
  await tabTo(page, 'checkbox', /^Read only/);
  await page.keyboard.press('Space');
  await press(page, 'button', 'Continue to the contact');
  await at(page, 'contact');
  await write(page, 'Work e-mail', 'dara@');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: /complete e-mail address/ }).waitFor();
  assert.match(await page.title(), /^Error: New user, step 3 of 7/);
  await write(page, 'Work e-mail', 'dara.obriain@tilleuls.example');
  await press(page, 'button', 'Continue to the agendas');
  await at(page, 'agendas');
  await tabTo(page, 'combobox', 'Right on the agenda Échographie');
  await page.keyboard.type('R');
  await press(page, 'button', 'Continue to the mailboxes');
  await at(page, 'messaging');
  await press(page, 'button', 'Continue to the settings');
  await at(page, 'settings');
  await press(page, 'button', 'Continue to the check');
  await at(page, 'check-answers');
  assert.match(await words(page.locator('main')), /Read Échographie/);
  await press(page, 'button', 'Create an account');
  await page.waitForURL(/\/members\/mbr_/);
  await says(page, 'Account created: Dara Ó Briain');
});

test('what is typed while the page is being refreshed stays', async (t) => {
  const page = await enter(t, server, people.bruno);
  await begin(page, 'B');
  let answer;
  const held = new Promise((resolve) => { answer = resolve; });
  await page.route('**/profile', async (route) => {
    if (route.request().postData()?.includes('do=preview')) await held;
    await route.continue();
  });
  await page.getByRole('radio', { name: kinds.C }).check(); // the server thinks about it
  await page.getByLabel('Nom', { exact: true }).fill('Marchand');
  await site(page).check();
  await page.getByLabel('Fonction').selectOption({ label: 'Autre' });
  answer();
  await page.getByLabel('Spécialité').waitFor({ state: 'detached' }); // of B only
  assert.equal(await page.getByLabel('Nom', { exact: true }).inputValue(), 'Marchand');
  assert.ok(await site(page).isChecked());
  assert.equal(await page.getByLabel('Fonction').locator('option:checked').textContent(), 'Autre');
});
