// Accounts that the platform's support makes for an organisation: refused; or unusable, then authorised (APP-1, ORG-6, INV-15).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { at, ask, enter, finish, goTo, links, look, mailbox, newPassword, openPage, people, phone, refused, row, says, signIn, sound, startServer, wayName, wide, words } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

/** propose has the support make an account for the Tilleuls; the proof of who they are is asked when it is due. */
async function propose(page, { given, family, email, judge = () => {} }) {
  const { items } = await ask(page, '/organizations?q=tilleuls');
  await page.goto(`/platform/organizations/${items[0].id}`);
  await page.getByRole('link', { name: 'Créer un compte' }).click();
  await page.getByRole('heading', { level: 1, name: 'Créer un compte' }).waitFor();
  await judge(page);
  await page.getByLabel('Motif').fill('Demande 48213, remplacement au secrétariat');
  await page.getByLabel('Prénom').fill(given);
  await page.getByLabel('Nom', { exact: true }).fill(family);
  await page.getByLabel('Fonction').selectOption({ label: 'Secrétariat' });
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('checkbox', { name: /^Saint-Aubin/ }).check();
  await page.getByRole('checkbox', { name: /^Secrétariat/ }).check();
  await page.getByRole('button', { name: 'Demander l’autorisation' }).click();
  await says(page, `Compte créé : ${given} ${family}. Maison de santé des Tilleuls doit l’autoriser.`);
}

/** decide answers one of the requests that wait, and gives the page that says so. */
async function decide(page, name, decision, message) {
  await page.getByRole('link', { name: new RegExp(`^Examiner.*${name}`) }).first().click();
  await page.getByRole('heading', { level: 1, name: `Compte de ${name}` }).waitFor();
  await page.getByRole('radio', { name: decision }).check();
  if (message) await page.getByLabel('Message à la personne').fill(message);
  await page.getByRole('button', { name: 'Confirmation' }).click();
}

test('APP-1: the support creates, the organisation refuses', async (t) => {
  const support = await enter(t, server, people.platform);
  await propose(support, {
    given: 'Romain', family: 'Aubert', email: 'romain.aubert@ailleurs.example',
    async judge(page) {
      await look(page, 'platform-propose');
      await page.getByRole('button', { name: 'Demander l’autorisation' }).click();
      const points = await refused(page);
      assert.ok(points.length >= 4, points.join('\n')); // reason, names, function, address
    },
  });
  assert.match(await words(support.locator('main')), /Romain Aubert.*Autorisation en attente/);

  const bruno = await enter(t, server, people.bruno);
  await bruno.goto('/o/tilleuls/members');
  await bruno.getByText('1 compte créé par le support attend votre autorisation.').waitFor();
  const first = bruno.getByRole('rowheader').first();
  assert.match(await words(first), /Aubert/);
  assert.match(await words(row(bruno, /Aubert/)), /Autorisation en attente/);
  await goTo(bruno, 'À valider');
  await look(bruno, 'approvals');
  await bruno.getByRole('link', { name: 'Examiner' }).first().click();
  await bruno.getByRole('heading', { level: 1, name: 'Compte de Romain Aubert' }).waitFor();
  assert.match(await words(bruno.locator('main')), /Demande 48213.*Support.*Secrétariat/);
  await look(bruno, 'approval');
  await bruno.getByRole('button', { name: 'Confirmation' }).click();
  await refused(bruno); // nothing was chosen
  await bruno.getByRole('radio', { name: 'Refuser' }).check();
  await bruno.getByLabel('Message à la personne').fill('Nous n’avons pas demandé ce compte.');
  await bruno.getByRole('button', { name: 'Confirmation' }).click();
  await says(bruno, 'Accès refusé : Romain Aubert');
  await sound(bruno);
  assert.match((await mailbox(server, 'romain.aubert@ailleurs.example').next()).text, /Nous n’avons pas demandé ce compte/);

  await bruno.goto('/o/tilleuls/journal');
  assert.match(await words(bruno.locator('main')), /a créé le compte de Romain Aubert.*Support|Support.*a créé le compte de Romain Aubert/s);
  await support.reload();
  assert.match(await words(support.locator('main')), /Romain Aubert.*Refusé/);
});

for (const way of [{ javascript: true, width: wide }, { javascript: false, width: phone }]) {
  test(`APP-1, INV-15: the support creates; the person cannot come in; authorised, they sign in, ${wayName(way)}`, async (t) => {
    const email = `lucie.${way.width}@ailleurs.example`;
    const support = await enter(t, server, people.platform, way);
    await propose(support, { given: 'Lucie', family: `Marchand${way.width === wide ? '' : '-Petit'}`, email });
    const name = `Lucie Marchand${way.width === wide ? '' : '-Petit'}`;

    const person = await openPage(t, server, way);
    await person.goto('/login');
    await person.getByLabel('E-mail professionnel').fill(email);
    await person.getByLabel('Mot de passe', { exact: true }).fill(newPassword);
    await person.getByRole('button', { name: 'Continuer' }).click();
    await says(person, /Vérifiez l’adresse et le mot de passe/);
    await person.request.post('/password/forgot', { form: { email }, headers: { origin: server.base } });

    const claire = await enter(t, server, people.claire, way);
    await claire.goto('/o/tilleuls/approvals');
    await sound(claire);
    await decide(claire, name, 'Autoriser');
    await says(claire, `Accès autorisé : ${name}. Invitation envoyée à ${email}.`);

    const letter = await mailbox(server, email).next(); // the first that this address ever gets
    assert.match(letter.subject, /vous invite à rejoindre/);
    await person.goto(links(letter)[0]);
    await finish(person, { given: 'Lucie', family: name.split(' ')[1] });
    await person.waitForURL('**/o/tilleuls/home');
    const again = await openPage(t, server, way);
    await signIn(again, email, newPassword);
    await again.waitForURL('**/o/tilleuls/home');
  });
}

describe('ORG-6: the administration space', () => {
  test('closed by the support, its pages say so and whom to ask; members work on; opened, all is back', async (t) => {
    const support = await enter(t, server, people.platform);
    const { items } = await ask(support, '/organizations?q=deux-rives');
    const one = `/platform/organizations/${items[0].id}`;
    await at(support, `${one}/features`, { name: 'platform-features' });
    await support.getByRole('button', { name: 'Fermer l’espace' }).click();
    await says(support, 'Espace d’administration fermé');

    const nadia = await enter(t, server, people.nadia);
    for (const page of ['members', 'invitations', 'settings', 'journal', 'approvals']) {
      assert.equal((await nadia.goto(`/o/deux-rives/${page}`)).status(), 403, page);
      assert.match(await words(nadia.locator('main')), /L’espace d’administration est fermé.*support/s, page);
    }
    await look(nadia, 'feature-off');
    await nadia.goto('/o/deux-rives/home');
    assert.match(await words(nadia.locator('main')), /Le travail des membres continue/);
    await sound(nadia);
    const answer = await nadia.request.get('/api/v1/organizations/deux-rives/members');
    assert.equal(answer.status(), 403);
    assert.equal((await answer.json()).code, 'feature.off');

    await support.getByRole('link', { name: 'Ouvrir l’espace…' }).click();
    await support.getByRole('button', { name: 'Ouvrir l’espace' }).click();
    await says(support, 'Espace d’administration ouvert');
    assert.equal((await nadia.goto('/o/deux-rives/members')).status(), 200);
  });
});
