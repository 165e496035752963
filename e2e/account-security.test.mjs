// «Sécurité du compte»: the e-mail address changed and undone, devices and sessions, history, leaving, a shared workstation.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axe, enter, gone, links, mailbox, newPassword, noOverflow, openPage, password, phone, press, refused, says, signIn, sound, startServer, tabTo, wayName, wide, words, write } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const ways = [{ javascript: true, width: wide }, { javascript: false, width: phone }];
const at = (name) => `${name}@tilleuls.example`;
const path = (page) => new URL(page.url()).pathname;

async function askFor(page, email) {
  await page.getByLabel('Nouvelle adresse', { exact: true }).fill(email);
  await page.getByLabel('Nouvelle adresse, une seconde fois').fill(email);
  await page.getByRole('button', { name: 'Recevoir le lien' }).click();
}

for (const [n, way] of ways.entries()) {
  test(`CHG-2, SES-02: the address changes once the new one confirms, and the old one undoes it, ${wayName(way)}`, async (t) => {
    const email = [at('sandrine.leroy'), at('antoine.roche')][n];
    const next = `nouvelle.${n}@port.example`;
    const elsewhere = await enter(t, server, email);
    const page = await enter(t, server, email, way);
    await page.goto('/o/tilleuls/home');
    await page.getByRole('button', { name: /^Votre menu/ }).click();
    await page.getByRole('navigation', { name: 'Votre compte' }).getByRole('link', { name: 'Sécurité du compte' }).click();
    await page.waitForURL('**/account/security');
    await sound(page);
    await page.getByRole('link', { name: 'Modifier l’adresse e-mail' }).click();
    await page.getByLabel('Nouvelle adresse', { exact: true }).fill(next);
    await page.getByLabel('Nouvelle adresse, une seconde fois').fill(`x${next}`);
    await page.getByRole('button', { name: 'Recevoir le lien' }).click();
    assert.match((await refused(page)).join(), /à l’identique/);
    await sound(page);
    await askFor(page, next);
    await says(page, `Un lien part à l’adresse ${next}`);
    await page.getByText('À confirmer par le lien').waitFor();

    const notice = await mailbox(server, email).next(/une autre adresse e-mail est demandée/);
    assert.deepEqual(links(notice), [], 'a security letter leads nowhere');
    const [link] = links(await mailbox(server, next).next(/confirmez votre nouvelle adresse/));
    const reader = await openPage(t, server, way);
    await reader.goto(link);
    assert.equal(path(reader), '/email/confirm', 'the link leaves the address bar');
    await sound(reader);
    await reader.getByRole('button', { name: 'Confirmer cette adresse' }).click();
    await says(reader, `vous vous connectez désormais avec ${next}`);
    await gone(reader, link);
    await elsewhere.goto('/account/security');
    assert.equal(path(elsewhere), '/login', 'the other sessions have ended');
    await signIn(reader, email);
    await says(reader, /Vérifiez l’adresse et le mot de passe/);

    const thief = await enter(t, server, next);
    const [undo] = links(await mailbox(server, email).next(/ne sert plus à vous connecter/));
    const victim = await openPage(t, server, way);
    await victim.goto(undo);
    await sound(victim);
    await victim.getByRole('button', { name: 'Annuler le changement et fermer les connexions' }).click();
    await victim.waitForURL('**/password/reset');
    await says(victim, 'Votre adresse est rétablie');
    await thief.goto('/account/security');
    assert.equal(path(thief), '/login', 'whoever took the account is out');
    await victim.getByLabel('Nouveau mot de passe').fill(newPassword);
    await victim.getByRole('button', { name: 'Enregistrer le mot de passe' }).click();
    await victim.waitForURL('**/login');
    await signIn(victim, email, newPassword);
    await victim.waitForURL(/\/(organizations|home)$/);
    await mailbox(server, next).next(/ne sert plus à vous connecter/);
  });

  test(`a shared workstation: locked at once, opened again on the same page, given to somebody else, ${wayName(way)}`, async (t) => {
    const email = [at('elise.jourdan'), at('sofia.da-costa')][n];
    const page = await enter(t, server, email, way);
    await page.goto('/account/security');
    await page.getByRole('button', { name: 'Passer en poste partagé' }).click();
    await says(page, 'Ce poste est partagé');
    await sound(page);
    await page.goto('/o/tilleuls/sites');
    await page.getByRole('button', { name: 'Verrouiller' }).click();
    await page.waitForURL('**/locked?next=*');
    await sound(page);
    assert.equal((await page.request.get('/api/v1/me')).status(), 401);
    await page.goto('/account');
    assert.equal(path(page), '/locked', 'nothing else opens');
    await page.getByLabel('Votre mot de passe').fill('ce-n-est-pas-le-bon');
    await page.getByRole('button', { name: 'Déverrouiller' }).click();
    assert.match((await refused(page)).join(), /mot de passe/);
    await sound(page);
    await page.goBack();
    await page.goto('/locked?next=/o/tilleuls/sites');
    await page.getByLabel('Votre mot de passe').fill(password);
    await page.getByRole('button', { name: 'Déverrouiller' }).click();
    await page.waitForURL('**/o/tilleuls/sites');
    await page.getByRole('button', { name: 'Changer de personne' }).click();
    await page.waitForURL('**/login');
    await says(page, 'La session est fermée');
    assert.equal(await page.getByLabel('E-mail professionnel').inputValue(), '', 'nobody’s name is kept');
    assert.ok(await page.getByLabel('Poste partagé').isChecked());
    await sound(page);
  });

  test(`SEC-5: leaving says what happens, and the person and the administrators are told, ${wayName(way)}`, async (t) => {
    const email = [at('ines.rahmani'), at('amara.kone')][n];
    const page = await enter(t, server, email, way);
    await page.goto('/account/security');
    await page.getByRole('link', { name: /^Quitter l’organisation/ }).click();
    await page.getByText('prennent fin tout de suite').waitFor();
    await sound(page);
    await page.getByRole('button', { name: 'Quitter l’organisation' }).click();
    await says(page, 'Vous avez quitté l’organisation');
    assert.equal((await page.goto('/o/tilleuls/home')).status(), 404);
    await mailbox(server, email).next(/Vous avez quitté/);
    await mailbox(server, at('bruno.lacaze')).next(/a quitté/);
  });
}

test('the history names refusals and where they came from', async (t) => {
  const email = at('fatoumata.traore');
  const stranger = await openPage(t, server);
  await stranger.goto('/login');
  await stranger.getByLabel('E-mail professionnel').fill(email);
  await stranger.getByLabel('Mot de passe', { exact: true }).fill('ce-n-est-pas-le-bon');
  await stranger.getByRole('button', { name: 'Continuer' }).click();
  await says(stranger, /Vérifiez l’adresse et le mot de passe/);
  const page = await enter(t, server, email, { width: phone });
  await page.goto('/account/history');
  assert.match(await words(page.getByRole('main')), /mot de passe faux ou verrouillé.*adresse 127\.0\.0\.1.*Refusée/);
  await sound(page);
});

test('the keyboard alone asks for another address, and «Rester connecté» keeps the session', async (t) => {
  const page = await enter(t, server, at('sylvie.thevenet'));
  await page.goto('/account/email');
  await write(page, 'Nouvelle adresse', 'clavier@port.example');
  await write(page, 'Nouvelle adresse, une seconde fois', 'clavier@port.example');
  await press(page, 'button', 'Recevoir le lien à la nouvelle adresse');
  await says(page, 'Un lien part à l’adresse');
  await tabTo(page, 'button', 'Annuler clavier@port.example');
  await page.keyboard.press('Enter');
  await says(page, 'Le changement d’adresse est annulé');

  // The clock of the page goes on to two minutes before the end: the dialog comes, and a key keeps the session.
  await page.clock.install();
  await page.goto('/account/security');
  await page.clock.fastForward('28:30');
  const dialog = page.getByRole('dialog', { name: 'Votre session se termine bientôt' });
  await dialog.waitFor();
  await axe(page);
  await noOverflow(page);
  const kept = page.waitForResponse('**/session/keep');
  await page.keyboard.press('Enter');
  assert.equal((await kept).status(), 204);
  await dialog.waitFor({ state: 'hidden' });
});
