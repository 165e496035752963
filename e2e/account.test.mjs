// One's own account: signing in and out, forgotten password, password, sessions, language.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { counts, enter, giveCode, gone, links, mailbox, newPassword, openPage, password, people, phone, refused, says, signIn, sound, startServer, wayName, wide, words } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const ways = [{ javascript: true, width: wide }, { javascript: false, width: phone }];
const at = (name) => `${name}@tilleuls.example`;
const closed = /\/login(\?|$)/;

describe('signing in', () => {
  test('ENU-01: a wrong password, an unknown address, a locked and a deactivated account get the same answer', async (t) => {
    const page = await openPage(t, server);
    const answers = [];
    for (const email of [at('odile.bertin'), at('personne.du.tout'), at('luca.marchetti'), at('aicha.diallo')]) {
      const answer = await page.request.post('/login', { form: { email, password: 'ce-n-est-pas-le-bon' }, maxRedirects: 0 });
      const headers = answer.headers();
      for (const varies of ['date', 'x-request-id', 'content-length']) delete headers[varies];
      headers['content-security-policy'] = headers['content-security-policy'].replace(/nonce-\w+/g, 'nonce');
      const body = (await answer.text()).replaceAll(email, 'EMAIL').replace(/nonce="\w+"/g, 'nonce');
      answers.push({ status: answer.status(), headers, body });
    }
    assert.equal(answers[0].status, 401);
    for (const other of answers.slice(1)) assert.deepEqual(other, answers[0]);
  });

  for (const way of ways) {
    test(`a refusal keeps the address and says what to do, ${wayName(way)}`, async (t) => {
      const page = await openPage(t, server, way);
      await signIn(page, at('odile.bertin'), 'ce-n-est-pas-le-bon');
      await says(page, /Vérifiez l’adresse et le mot de passe/);
      assert.match(await page.title(), /^Erreur\s: Connexion/);
      assert.equal(await page.getByLabel('E-mail professionnel').inputValue(), at('odile.bertin'));
      assert.equal(await page.getByLabel('Mot de passe', { exact: true }).inputValue(), '');
      await sound(page);
      await signIn(page, '', '');
      assert.match((await refused(page)).join(), /Saisissez l’adresse/);
      await sound(page);
    });
  }

  test('rules.md 4, PWD-09: five wrong passwords close the door for a while; the open session goes on', async (t) => {
    const email = at('antoine.roche');
    const inside = await enter(t, server, email);
    const page = await openPage(t, server);
    for (let n = 0; n < 5; n++) await signIn(page, email, `non ${n}`);
    await signIn(page, email);
    await says(page, /Attendez .* avant de réessayer/);
    await sound(page);
    assert.equal((await inside.goto('/account')).status(), 200);
  });

  test('SES-03: the session’s cookie is new at each sign-in, and scripts cannot read it', async (t) => {
    const page = await openPage(t, server);
    const cookie = async () => (await page.context().cookies()).find((one) => one.name.endsWith('s') && one.value.startsWith('hs_'));
    await page.context().addCookies([{ name: 'habilis-s', value: 'hs_fixed', url: server.base }]);
    await signIn(page, at('nadege.petit'));
    await page.waitForURL('**/o/tilleuls/home');
    const first = await cookie();
    assert.notEqual(first.value, 'hs_fixed');
    assert.ok(first.httpOnly);
    assert.equal(first.sameSite, 'Lax');
    await signIn(page, at('nadege.petit'));
    await page.waitForURL('**/o/tilleuls/home');
    assert.notEqual((await cookie()).value, first.value);
  });

  test('OP-07: one comes back to the page that was asked for, and nowhere else', async (t) => {
    const page = await openPage(t, server);
    await page.goto('/o/tilleuls/members?q=morvan');
    assert.match(page.url(), closed);
    await page.getByLabel('E-mail professionnel').fill(people.bruno);
    await page.getByLabel('Mot de passe', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Continuer' }).click();
    await giveCode(page, server.base, people.bruno);
    await page.waitForURL('**/o/tilleuls/members?q=morvan');
    for (const next of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '/%09/evil.example', '/nulle/part']) {
      const answer = await page.request.post('/login', { form: { email: people.bruno, password, next }, headers: { origin: server.base }, maxRedirects: 0 });
      assert.equal(answer.headers().location, '/organizations', next);
    }
  });
});

for (const [n, way] of ways.entries()) {
  test(`SEC-1, PWD-01, SES-02: a forgotten password, the whole round, ${wayName(way)}`, async (t) => {
    const email = [at('sandrine.leroy'), at('paola.zanetti')][n];
    const elsewhere = await enter(t, server, email);
    const page = await openPage(t, server, way);
    await page.goto('/login');
    await page.getByRole('link', { name: 'Mot de passe oublié' }).click();
    await page.getByLabel('E-mail professionnel').fill('pas une adresse');
    await submit(page, 'Recevoir le lien');
    assert.match((await refused(page)).join(), /adresse e-mail complète/);
    const sent = [];
    for (const address of [at('personne.du.tout'), email]) {
      await page.goto('/password/forgot');
      await page.getByLabel('E-mail professionnel').fill(address);
      await submit(page, 'Recevoir le lien');
      await page.waitForURL('**/password/forgot/sent');
      sent.push(await words(page.locator('main')));
    }
    assert.equal(sent[0], sent[1], 'ENU-01');
    const letter = await mailbox(server, email).next();
    assert.match(letter.subject, /choisissez un nouveau mot de passe/);
    const [link] = links(letter);
    for (let times = 0; times < 3; times++) assert.equal((await fetch(link)).status, 410, 'without a cookie jar there is nothing to see, and nothing is spent');

    await page.goto(link);
    await sound(page);
    await page.getByLabel('Nouveau mot de passe').fill('court');
    await submit(page, 'Enregistrer le mot de passe');
    assert.match((await refused(page)).join(), /15 caractères/);
    await sound(page);
    await page.getByLabel('Nouveau mot de passe').fill(newPassword);
    await submit(page, 'Enregistrer le mot de passe');
    await page.waitForURL('**/login');
    await says(page, 'Votre mot de passe est changé');

    await gone(page, link);
    await elsewhere.goto('/account');
    assert.match(elsewhere.url(), closed, 'the other session has ended');
    await signIn(page, email);
    await says(page, /Vérifiez l’adresse et le mot de passe/);
    await signIn(page, email, newPassword);
    await page.waitForURL('**/o/tilleuls/home');
    assert.equal((await mailbox(server, at('personne.du.tout')).all()).length, 0);
    await mailbox(server, email).next(/votre mot de passe a changé/);
  });

  test(`SES-02, PWD-06: changing the password asks for the current one and ends the other browsers, ${wayName(way)}`, async (t) => {
    const email = [at('elise.jourdan'), at('sofia.da-costa')][n];
    const elsewhere = await enter(t, server, email);
    await elsewhere.goto('/o/tilleuls/home');
    const page = await enter(t, server, email, way);
    await page.goto('/account/password');
    await change(page, 'pas le mien', newPassword);
    assert.match((await refused(page)).join(), /Retapez votre mot de passe actuel/);
    await sound(page);
    await change(page, password, 'court');
    assert.match((await refused(page)).join(), /15 caractères/);
    await change(page, password, newPassword);
    await says(page, 'Votre mot de passe est changé. Vos autres connexions sont fermées.');
    assert.equal((await page.goto('/account')).status(), 200, 'this browser goes on');

    await elsewhere.getByRole('link', { name: 'Établissements' }).first().click();
    await elsewhere.waitForURL(closed);
    await says(elsewhere, 'Votre session est terminée');
    await mailbox(server, email).next(/votre mot de passe a changé/);
  });

  test(`SEC-1: sessions are listed, and ended one by one or all at once, ${wayName(way)}`, async (t) => {
    const email = [at('ines.rahmani'), at('amara.kone')][n];
    const others = [await enter(t, server, email), await enter(t, server, email), await enter(t, server, email)];
    const page = await enter(t, server, email, way);
    await page.goto('/account/sessions');
    const list = page.getByRole('main').getByRole('listitem');
    await counts(list, 4);
    assert.match(await words(list.first()), /Chrome sur Linux.*adresse 127\.0\.0\.1.*Cette connexion/, 'this one comes first');
    await sound(page);
    await list.nth(1).getByRole('button', { name: /^Fermer/ }).click();
    await says(page, 'La connexion est fermée');
    await counts(list, 3);
    const open = async () => {
      const answers = await Promise.all(others.map((other) => other.request.get('/account', { maxRedirects: 0 })));
      return answers.filter((answer) => answer.status() === 200).length;
    };
    assert.equal(await open(), 2);
    await page.getByRole('button', { name: 'Fermer les autres connexions' }).click();
    await says(page, '2 connexions fermées');
    assert.equal(await open(), 0);
    await counts(list, 1);
  });

  test(`language: a choice for the browser before signing in, for the account after, ${wayName(way)}`, async (t) => {
    const email = [at('fatoumata.traore'), at('sylvie.thevenet')][n];
    const lang = (page) => page.locator('html').getAttribute('lang');
    const page = await openPage(t, server, way);
    await page.goto('/login');
    assert.equal(await lang(page), 'fr');
    await page.locator('footer').getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    assert.equal(new URL(page.url()).pathname, '/login', 'one stays on the page');
    assert.equal(await lang(page), 'en');
    await sound(page);

    await page.getByLabel(/e-mail/i).fill(email);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL('**/o/tilleuls/home');
    assert.equal(await lang(page), 'fr', 'the account speaks French');
    await page.getByRole('button', { name: /^Votre menu/ }).click();
    await page.getByRole('navigation', { name: 'Votre compte' }).getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { level: 1, name: 'My establishments' }).waitFor();
    assert.equal(await lang(page), 'en');
    await page.goto('/account');
    await page.getByLabel('Language').selectOption('fr');
    await page.getByRole('button', { name: 'Save' }).click();
    await says(page, 'Vos informations sont enregistrées');
    const elsewhere = await enter(t, server, email, { lang: 'en-GB' });
    await elsewhere.goto('/account');
    assert.equal(await lang(elsewhere), 'fr', 'the account’s choice wins over the browser’s');
  });

  test(`signing out: the way back shows nothing private, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.bruno, way);
    await page.goto('/o/tilleuls/members');
    await page.getByText('Aubry').first().waitFor();
    await page.getByRole('button', { name: /^Votre menu/ }).click();
    await page.getByRole('button', { name: 'Se déconnecter' }).click();
    await page.waitForURL(closed);
    await says(page, 'Vous êtes déconnecté');
    await page.goBack();
    await page.waitForURL(closed);
    await counts(page.getByText('Aubry'), 0);
    assert.equal((await page.request.get('/o/tilleuls/members', { maxRedirects: 0 })).status(), 303);
  });
}

test('one’s own name is changed, and refused with what to do when it cannot be', async (t) => {
  const page = await enter(t, server, at('ludivine.weber'));
  await page.goto('/account');
  await page.getByLabel('Prénom').fill('');
  await page.getByLabel('Nom', { exact: true }).fill('W '.repeat(100));
  await submit(page, 'Enregistrer');
  const points = await refused(page);
  assert.match(points.join('\n'), /80 caractères au plus/);
  assert.equal(points.length, 2);
  await sound(page);
  await page.getByLabel('Prénom').fill('Ludivine-Élise');
  await page.getByLabel('Nom', { exact: true }).fill('Weber');
  await submit(page, 'Enregistrer');
  await says(page, 'Vos informations sont enregistrées');
  await page.getByRole('button', { name: 'Votre menu : Ludivine-Élise Weber' }).waitFor();
});

async function change(page, current, next) {
  await page.getByLabel('Mot de passe actuel').fill(current);
  await page.getByLabel('Nouveau mot de passe').fill(next);
  await submit(page, 'Changer le mot de passe');
}

// submit presses a button whose form the browser itself would not refuse.
function submit(page, name) {
  return page.getByRole('button', { name, exact: true }).click();
}
