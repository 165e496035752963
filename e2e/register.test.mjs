// Self-registration (VER-1): from the address to the file that is sent, with and without script; what an account meets;
// what an organisation sets.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { at, crossed, enter, links, look, mailbox, newPassword, openPage, people, refused, says, signIn, sound, startServer, texts, wayName } from './lib/index.mjs';
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
