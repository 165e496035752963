// Self-registration (VER-1): from the address to the file that is sent, with and without script; what an account meets;
// what an organisation sets; the proof by a mailbox of the directory (VER-2).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  ask, at, crossed, enter, keyed, links, look, mailbox, newPassword, openPage, people, refused, says, signIn, sound, startServer, texts, wayName, words,
} from './lib/index.mjs';
import { runsScripts } from './lib/page.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const start = '/register/deux-rives';
const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const seen = (page, name) => runsScripts(page) && look(page, name);
const go = (page, name = 'Continuer') => page.getByRole('button', { name }).click();

/** begin types an address and the code of its letter. */
async function begin(page, box, address) {
  await page.goto(start);
  await page.getByLabel('E-mail professionnel').fill(address);
  await go(page, 'Recevoir le code');
  await page.getByLabel('Code reçu par e-mail').waitFor();
  const { text } = await box.next(/code d’inscription/);
  await page.getByLabel('Code reçu par e-mail').fill(/\b([0-9]{6})\b/.exec(text)[1]);
}

for (const [i, way] of crossed.entries()) {
  test(`registers and comes back by the link (VER-1, INV-15), ${wayName(way)}`, async (t) => {
    const page = await openPage(t, server, { ...way, allow: [/422/] });
    const address = `rosa${i}@exemple.fr`;
    const box = mailbox(server, address);
    if (way.javascript) await at(page, start, { name: 'register' });
    await begin(page, box, address);
    await seen(page, 'register-code');
    await go(page);
    await page.getByLabel('Nouveau mot de passe').waitFor();
    await seen(page, 'register-password');
    await page.getByLabel('Nouveau mot de passe').fill(newPassword);
    await go(page);
    await page.getByLabel('Prénom').waitFor();
    await seen(page, 'register-person');
    await page.getByLabel('Prénom').fill('Rosa');
    await go(page);
    assert.ok((await refused(page)).length >= 3);
    await page.getByLabel('Nom', { exact: true }).fill('Vidal');
    await page.getByLabel('Votre fonction').selectOption('nurse');
    await page.getByLabel('Profession').selectOption('60');
    await page.getByLabel('Sans numéro RPPS').fill('en cours d’attribution');
    await go(page);
    await page.getByLabel('Fichier').setInputFiles({ name: 'carte.png', mimeType: 'image/png', buffer: png });
    await go(page, 'Envoyer la pièce');
    await says(page, 'carte.png');
    await seen(page, 'register-documents');
    await page.getByRole('link', { name: /^Retirer/ }).click();
    await seen(page, 'register-documents-remove');
    await page.getByRole('link', { name: 'Annuler' }).click();
    await page.getByRole('link', { name: 'Continuer' }).click();
    const number = `+3361234567${i}`;
    await page.getByLabel('Numéro de téléphone portable').fill(number);
    await go(page, 'Recevoir un code par SMS');
    await page.getByLabel('Code reçu par SMS').fill(await texts(server, number).code());
    await seen(page, 'register-phone');
    await go(page, 'Vérifier le code');
    await page.getByRole('button', { name: 'Envoyer mon dossier' }).waitFor();
    await seen(page, 'register-consents');
    await page.getByLabel('J’ai lu ce texte').check();
    await go(page, 'Envoyer mon dossier');
    await page.getByText('Votre dossier est arrivé').waitFor();
    await page.reload(); // what was given survives
    await page.getByText('Il manque encore').waitFor();
    await seen(page, 'register-done');

    const back = await openPage(t, server, way);
    const [link] = links(await box.next(/dossier est envoyé/));
    if (way.javascript) await at(back, link, { name: 'register-resume' });
    else await back.goto(link);
    await back.getByText('Rosa Vidal').waitFor();

    const door = await openPage(t, server, { ...way, allow: [/401/] });
    await signIn(door, address, newPassword); // pending: as for no account
    await door.getByText('ne correspondent pas').first().waitFor();
    assert.match(door.url(), /\/login$/);
  });
}

describe('an account', () => {
  test('is told only by mail, and goes on with its own (ENU-01)', async (t) => {
    const page = await openPage(t, server);
    const box = mailbox(server, people.julie);
    await page.goto(start);
    await page.getByLabel('E-mail professionnel').fill(people.julie);
    await go(page, 'Recevoir le code');
    await page.getByLabel('Code reçu par e-mail').waitFor();
    await sound(page);
    assert.equal((await box.next(/déjà un compte/)).text.match(/\b[0-9]{6}\b/), null);
    const mine = await enter(t, server, people.julie);
    await mine.goto(start);
    await go(mine, 'Continuer avec ce compte');
    await mine.getByLabel('Prénom').waitFor();
    assert.notEqual(await mine.getByLabel('Prénom').inputValue(), '');
  });
});

describe('an administrator', () => {
  test('closes registrations, and chooses the papers that are asked', async (t) => {
    const page = await enter(t, server, 'nadia.benali@deux-rives.example');
    await at(page, '/o/deux-rives/settings/registration');
    await page.getByLabel('Titre du texte 1').fill('Charte');
    await page.getByLabel(/^Texte 1/).fill('Je respecte la charte.');
    await go(page, /^Enregistrer/);
    await says(page, /enregistr/i);
    await at(page, '/o/deux-rives/settings/documents');
    await page.getByLabel('Jours de conservation').fill('60');
    await go(page, /^Enregistrer/);
    await says(page, /enregistr/i);
  });
});

// The API of the Annuaire Santé, on this machine: under some numbers it publishes the same person, each with one MSSanté mailbox.
const boxOf = (number) => `saucier.${number}@pro.mssante.fr`;
const examples = fileURLToPath(new URL('../internal/directory/testdata/fhir/', import.meta.url));
const published = (name) => readFileSync(examples + name, 'utf8');
const api = createServer((request, answer) => {
  const url = new URL(request.url, 'http://annuaire.test');
  const number = url.searchParams.get('identifier')?.split('|')[1];
  answer.setHeader('Content-Type', 'application/fhir+json');
  if (url.pathname.endsWith('/PractitionerRole')) return answer.end(published('constructed_Bundle-practitionerrole-by-practitioner_include-organization.json'));
  if (number?.startsWith('9970080')) {
    const person = published('constructed_Bundle-practitioner-by-rpps_revinclude-roles.json');
    return answer.end(person.replaceAll('10003461033', number).replaceAll('jeromebonnet@pro.mssante.fr', boxOf(number)));
  }
  return answer.end(published('constructed_Bundle-empty.json'));
});

// pdf is a whole document without pages, unlike that of another title.
const pdf = (title) => Buffer.from(`%PDF-1.7
1 0 obj
<< /Type /Catalog /Pages 2 0 R /X (${title}) >>
endobj
2 0 obj
<< /Type /Pages /Kids [] /Count 0 >>
endobj
xref
0 1
0000000000 65535 f\x20
trailer
<< /Size 3 /Root 1 0 R >>
startxref
9
%%EOF
`);

describe('a mailbox of the directory', () => {
  let asked;
  const noted = new Set(); // files that were looked at
  before(async () => {
    await new Promise((resume) => { api.listen(0, '127.0.0.1', resume); });
    asked = await startServer({
      args: ['--directory-url', `http://127.0.0.1:${api.address().port}/fhir/v2`], env: { HABILIS_DIRECTORY_KEY: 'cle-de-l-annuaire' },
    });
  });
  after(async () => {
    await asked.stop();
    api.closeAllConnections();
    api.close();
  });

  // declares says who one is, and stops at the papers.
  async function declares(page, address, { family = 'Saucier', rpps }) {
    await begin(page, mailbox(asked, address), address);
    await go(page);
    await page.getByLabel('Nouveau mot de passe').fill(newPassword);
    await go(page);
    await page.getByLabel('Prénom').fill('Arthur');
    await page.getByLabel('Nom', { exact: true }).fill(family);
    await page.getByLabel('Votre fonction').selectOption('physician');
    await page.getByLabel('Profession').selectOption('10');
    await page.getByLabel('Numéro RPPS').first().fill(rpps);
    await go(page);
  }

  // givesPapers gives every paper that is asked of a physician.
  async function givesPapers(page) {
    const kinds = page.getByLabel('Ce que la pièce prouve');
    await kinds.waitFor();
    for (const kind of ['card', 'order']) {
      await kinds.selectOption(kind);
      await page.getByLabel('Fichier').setInputFiles({ name: `${kind}.pdf`, mimeType: 'application/pdf', buffer: pdf(kind) });
      await go(page, 'Envoyer la pièce');
      await says(page, `${kind}.pdf`);
    }
  }

  for (const [i, way] of crossed.entries()) {
    test(`proves the number, and nobody else has to look (VER-2), ${wayName(way)}`, async (t) => {
      const address = `arthur${i}@exemple.fr`;
      const rpps = keyed(`997008000${i}`);
      const box = boxOf(rpps);
      const page = await openPage(t, asked, { ...way, allow: [/422/] });
      await declares(page, address, { rpps });
      await givesPapers(page);
      await page.getByRole('link', { name: 'Continuer' }).click();
      await page.getByRole('radio', { name: box }).waitFor();
      await seen(page, 'register-mailbox');
      await go(page, 'Envoyer un code à cette messagerie');
      const letters = mailbox(asked, box);
      const letter = (await letters.next(/prouver votre numéro RPPS/)).text;
      assert.match(letter.replaceAll(/\s/g, ''), new RegExp(rpps));
      const field = page.getByLabel('Code reçu dans votre messagerie MSSanté');
      const code = /\b([0-9]{6})\b/.exec(letter.slice(letter.indexOf('Code')))[1];
      await field.fill(code === '000000' ? '000001' : '000000');
      await go(page, 'Vérifier le code');
      assert.ok((await refused(page)).length > 0);
      await seen(page, 'register-mailbox-wrong');
      await field.fill(code);
      await go(page, 'Vérifier le code');
      await page.getByText(`vous l’avez prouvé avec ${box}`).waitFor();
      await seen(page, 'register-mailbox-proved');
      await page.getByRole('link', { name: 'Continuer' }).click();
      const number = `+3361234568${i}`;
      await page.getByLabel('Numéro de téléphone portable').fill(number);
      await go(page, 'Recevoir un code par SMS');
      await page.getByLabel('Code reçu par SMS').fill(await texts(asked, number).code());
      await go(page, 'Vérifier le code');
      await page.getByLabel('J’ai lu ce texte').check();
      await go(page, 'Envoyer mon dossier');
      await mailbox(asked, address).next(/est ouvert/);
      const own = await openPage(t, asked, way);
      await signIn(own, address, newPassword);
      assert.equal((await own.goto('/o/deux-rives/home')).status(), 200);

      const nadia = await enter(t, asked, people.nadia, way);
      const { items } = await ask(nadia, '/organizations/deux-rives/dossiers?verification=verified');
      const { id } = items.find((file) => file.name === 'Arthur Saucier' && !noted.has(file.id));
      noted.add(id);
      await nadia.goto(`/o/deux-rives/dossiers/${id}`);
      assert.match(await words(nadia.locator('main')), new RegExp(`Dossier vérifié.*Messagerie MSSanté.*${box}, prouvée par un code.*personne d’autre n’a à le confirmer`, 's'));
      await sound(nadia);
    });
  }
  test('is not offered under another name: the page says the other ways', async (t) => {
    const page = await openPage(t, asked);
    await declares(page, 'autre@exemple.fr', { family: 'Marchand', rpps: keyed('9970080009') });
    await page.getByRole('link', { name: 'Continuer' }).click();
    await page.getByLabel('Numéro de téléphone portable').waitFor();
    await page.goto(`${start}/mailbox`);
    assert.match(await words(page.locator('main')), /Aucune messagerie MSSanté ne peut prouver.*le support vérifiera votre dossier/s);
    await sound(page);
  });
});
