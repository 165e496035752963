// An account is erased on its person's written request, by an administrator of the platform: it waits for seven days, and
// is stopped by the link of the letter, by signing in, or in the list (AUD-4).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { at, crossed, enter, links, look, mailbox, openPage, password, people, press, refused, says, sound, startServer, wayName, words, write } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const list = '/platform/erasures';
const main = (page) => words(page.locator('main'));

// leaves makes somebody a member of nothing.
async function leaves(t, email, way) {
  const page = await enter(t, server, email, way);
  await page.goto('/o/tilleuls/leave');
  await page.getByRole('button', { name: 'Quitter l’organisation' }).click();
  await page.waitForURL('**/organizations');
  return page;
}

async function find(page, email) {
  await page.goto(list);
  await page.getByLabel('Adresse e-mail').fill(email);
  await page.getByRole('button', { name: 'Chercher le compte' }).click();
}

// prove answers the question for the password, where it is asked.
async function prove(page) {
  const field = page.getByLabel('Mot de passe', { exact: true });
  if (await field.count()) await field.fill(password);
}

async function ask(page, email, name) {
  await find(page, email);
  await page.getByLabel('Référence de la demande écrite').fill('Courrier 2026-118');
  await page.getByLabel(/^Pour confirmer, écrivez/).fill(name);
  await prove(page);
  await page.getByRole('button', { name: 'Demander l’effacement' }).click();
  await says(page, `L’effacement du compte de ${name} commence dans 7 jours`);
}

// linkIn gives the address of a letter that keeps the account.
const linkIn = (letter) => links(letter).find((l) => l.includes('/erasure/stop/'));

for (const [n, way] of crossed.entries()) {
  const [email, name] = [['ines.rahmani@tilleuls.example', 'Inès Rahmani'], ['paul.garnier@tilleuls.example', 'Paul Garnier']][n];
  test(`asked for, refused, taken back, stopped by the letter and by signing in, ${wayName(way)}`, async (t) => {
    const theirs = await leaves(t, email, way);
    const page = await enter(t, server, people.platform, way);
    await page.goto('/platform/organizations');
    await page.getByRole('link', { name: 'Effacements demandés' }).first().click();
    await page.getByText('Aucun effacement n’attend').waitFor();
    await sound(page);
    await find(page, 'personne@tilleuls.example');
    assert.equal((await refused(page)).length, 1);
    await find(page, people.julie);
    assert.match(await main(page), /Ce compte doit d’abord quitter ses organisations.*Membre de/s);
    await sound(page);

    await find(page, email);
    await page.getByLabel('Référence de la demande écrite').fill(`Demande de ${name}`);
    await page.getByLabel(/^Pour confirmer, écrivez/).fill(name.toLowerCase());
    await prove(page);
    await page.getByRole('button', { name: 'Demander l’effacement' }).click();
    assert.equal((await refused(page)).length, 2);
    await sound(page);

    const box = await mailbox(server, email);
    await ask(page, email, name);
    await sound(page);
    await theirs.goto('/account/security');
    await theirs.waitForURL('**/login?next=*'); // their session has ended
    await box.next(/effacement de votre compte est demandé/);
    await page.getByRole('button', { name: `Annuler` }).click();
    await says(page, 'L’effacement est annulé');
    await box.next(/compte est gardé/);

    await ask(page, email, name);
    const link = linkIn(await box.next(/effacement de votre compte est demandé/));
    const stranger = await openPage(t, server, way);
    await stranger.goto(link);
    assert.match(await main(stranger), /Garder votre compte/);
    await sound(stranger);
    await stranger.getByRole('button', { name: 'Garder mon compte' }).click();
    await says(stranger, 'Votre compte est gardé');
    await stranger.goto('/account/security');
    await stranger.waitForURL('**/login?next=*'); // the link opens nothing
    assert.equal((await stranger.goto(link)).status(), 410);
    await box.next(/compte est gardé/);

    await ask(page, email, name);
    await enter(t, server, email, way);
    await page.goto(list);
    await page.getByText('Aucun effacement n’attend').waitFor();
  });
}

test('the pages of it, by keyboard alone', async (t) => {
  await leaves(t, 'yanis.belkacem@tilleuls.example');
  const page = await enter(t, server, people.platform);
  await at(page, list, { name: 'platform-erasures' });
  await page.goto(list);
  await write(page, 'Adresse e-mail', people.julie);
  await press(page, 'button', 'Chercher le compte');
  await page.getByText('Membre de').waitFor();
  await look(page, 'platform-erasure-refused');
  await page.goto(list);
  await write(page, 'Adresse e-mail', 'yanis.belkacem@tilleuls.example');
  await press(page, 'button', 'Chercher le compte');
  await page.getByLabel('Référence de la demande écrite').waitFor();
  await look(page, 'platform-erasure');
  const box = await mailbox(server, 'yanis.belkacem@tilleuls.example');
  await write(page, 'Référence de la demande écrite', 'Courrier 2026-119');
  await write(page, /^Pour confirmer, écrivez/, 'Yanis Belkacem');
  await prove(page);
  await press(page, 'button', 'Demander l’effacement');
  await says(page, 'commence dans 7 jours');
  await look(page, 'platform-erasures-waiting');
  const link = linkIn(await box.next(/effacement de votre compte est demandé/));
  const stranger = await openPage(t, server);
  await at(stranger, link, { name: 'erasure-stop' });
});
