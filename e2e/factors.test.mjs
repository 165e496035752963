// One's own second factors: an application of codes, recovery codes, changing of telephone, losing it (SEC-2; MFA-01, MFA-06, MFA-10).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  crossedOver, enter, firstCode, links, mailbox, openPage, password, people, phone, press, refused, says, signIn, sound, startServer,
  wayName, wide, words,
} from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const at = (name) => `${name}@tilleuls.example`;
const security = '/account/security';
const second = '**/login/second-factor*';
const line = (page, name) => page.getByRole('listitem').filter({ hasText: new RegExp(`^\\s*${name}`) });
const open = (page) => page.waitForURL((url) => !url.pathname.startsWith('/login'));

// prove fills in the password where the page asks for it.
async function prove(page) {
  const field = page.getByLabel('Votre mot de passe');
  if (await field.count()) await field.fill(password);
}

// begin opens the page of a new application, as far as its secret.
async function begin(page) {
  await page.goto(security);
  await page.getByRole('link', { name: 'Ajouter une application de codes' }).click();
  await page.getByRole('heading', { level: 1, name: 'Ajouter une application de codes' }).waitFor();
  await prove(page);
  await page.getByRole('button', { name: 'Afficher le code à scanner' }).click();
  return (await page.locator('#seed').innerText()).replaceAll(' ', '');
}

// add adds an application and says when its code can be used next.
async function add(page, email, name) {
  const secret = await begin(page);
  await page.getByLabel('Code à 6 chiffres').fill(firstCode(server.base, email, secret));
  await page.getByLabel('Nom').fill(name);
  await page.getByRole('button', { name: 'Ajouter cette application' }).click();
  await says(page, /Second facteur ajouté/);
  return secret;
}

// content is what the page holds once it has settled: going back, a browser may still be leaving it.
async function content(page) {
  for (;;) {
    await page.waitForLoadState();
    const html = await page.content().catch((error) => (/navigating/.test(error.message) ? null : Promise.reject(error)));
    if (html !== null) return html;
  }
}

// codes makes ten recovery codes and notes them.
async function codes(page) {
  await page.goto(security);
  await page.getByRole('link', { name: /^(En faire|Refaire)/ }).click();
  await prove(page);
  await page.getByRole('button', { name: 'Faire dix codes' }).click();
  await page.getByRole('heading', { level: 1, name: 'Vos codes de secours' }).waitFor();
  const list = await page.locator('#codes code').allInnerTexts();
  assert.equal(new Set(list).size, 10);
  for (const code of list) assert.match(code, /^[0-9a-f]{4}(-[0-9a-f]{4}){3}$/);
  return list;
}

// recover signs in with the password and a recovery code.
async function recover(page, email, code) {
  await page.goto('/login');
  await page.getByLabel('E-mail professionnel').fill(email);
  await page.getByLabel('Mot de passe', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Continuer' }).click();
  await page.waitForURL(second);
  await page.getByRole('link', { name: 'Code de secours' }).click();
  await page.getByLabel('Code de secours').fill(code);
  await page.getByRole('button', { name: 'Valider' }).click();
}

const enrolled = ['elise.jourdan', 'antoine.roche', 'nadege.petit', 'yanis.belkacem'].map(at);

for (const [n, way] of crossedOver.entries()) {
  test(`an application of codes: added, asked for at sign-in, once, ${wayName(way)}`, async (t) => {
    const email = enrolled[n];
    const page = await enter(t, server, email, way);
    await page.goto(security);
    assert.match(await words(page.locator('main')), /second facteur protège|pas encore de second facteur/);
    await sound(page);

    const secret = await begin(page);
    assert.match(secret, /^[A-Z2-7]{32}$/);
    await page.getByRole('img', { name: /Code QR/ }).waitFor();
    assert.equal(await page.locator('img[src^="data:"]').count(), 0);
    await sound(page);
    await page.reload();
    assert.equal((await page.locator('#seed').innerText()).replaceAll(' ', ''), secret, 'a reload shows the same');

    await page.getByLabel('Code à 6 chiffres').fill('12 34');
    await page.getByRole('button', { name: 'Ajouter cette application' }).click();
    assert.match((await refused(page)).join(), /Recopiez les 6 chiffres/);
    await sound(page);
    const code = firstCode(server.base, email, secret);
    await page.getByLabel('Code à 6 chiffres').fill(`${code.slice(0, 3)} ${code.slice(3)}`);
    await page.getByLabel('Nom').fill('Téléphone');
    await page.getByRole('button', { name: 'Ajouter cette application' }).click();
    await says(page, /Second facteur ajouté/);
    assert.match(await words(line(page, 'Téléphone')), /Application de codes. Ajouté le/);
    assert.ok(!(await page.content()).includes(secret), 'the secret is shown no more');
    await sound(page);
    assert.match((await mailbox(server, email).next(/un second facteur a été ajouté/)).text, /Téléphone/);

    if (n === 0) {
      const there = await openPage(t, server, way);
      await signIn(there, email);
      await open(there);
    }
    const again = await openPage(t, server, way);
    await again.goto('/login');
    await again.getByLabel('E-mail professionnel').fill(email);
    await again.getByLabel('Mot de passe', { exact: true }).fill(password);
    await again.getByRole('button', { name: 'Continuer' }).click();
    await again.waitForURL(second);
    await again.getByLabel('Code à 6 chiffres').fill(code);
    await again.getByRole('button', { name: 'Valider' }).click();
    assert.ok((await refused(again)).length > 0, 'MFA-01: the code that proved it opens nothing');
    assert.equal((await again.goto(security)).url().includes('/login'), true, 'MFA-03: nothing opens before the code');
  });
}

test('recovery codes: shown once, printed alone, each good once', async (t) => {
  const email = at('fatoumata.traore');
  const page = await enter(t, server, email, { allow: [/ERR_CACHE_MISS/] }); // how a browser says that it kept no such page
  await page.goto(security);
  assert.match(await words(page.locator('main')), /Ajoutez d’abord un second facteur/);
  await add(page, email, 'Téléphone');
  const list = await codes(page);
  await sound(page);
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.getByRole('button', { name: 'Imprimer' }).isVisible(), false);
  assert.equal(await page.getByRole('link', { name: 'Je les ai notés' }).isVisible(), false);
  assert.equal(await page.locator('#codes').isVisible(), true);
  await page.emulateMedia({ media: 'screen' });
  await press(page, 'link', 'Je les ai notés');
  await page.waitForURL(`**${security}`);
  assert.match(await words(page.locator('main')), /10 codes restants sur 10/);
  await page.goBack().catch(() => {});
  assert.ok(!(await content(page)).includes(list[0]), 'going back shows none');

  const elsewhere = await openPage(t, server);
  await recover(elsewhere, email, list[4].toUpperCase().replaceAll('-', ' '));
  await open(elsewhere);
  assert.match((await mailbox(server, email).next(/un code de secours a servi/)).text, /Il vous en reste 9/);
  const third = await openPage(t, server);
  await recover(third, email, list[4]);
  await third.waitForURL(second);
  assert.match((await refused(third)).join(), /code/i);
});

test('changing of telephone: the new one first, then the old one; with the keyboard alone', async (t) => {
  const email = at('thomas.guerin');
  const page = await enter(t, server, email);
  await add(page, email, 'Ancien');
  await add(page, email, 'Nouveau');
  await press(page, 'link', /^Retirer Ancien/);
  await page.getByRole('heading', { name: /Retirer Ancien/ }).waitFor();
  await sound(page);
  await press(page, 'button', 'Retirer maintenant');
  await says(page, /Ancien ne sert plus/);
  assert.equal(await line(page, 'Ancien').count(), 0);
  await press(page, 'link', /^Renommer Nouveau/);
  await page.getByRole('heading', { level: 1, name: /Renommer Nouveau/ }).waitFor();
  await sound(page);
  await page.getByLabel('Nom').fill('Cabinet');
  await press(page, 'button', 'Renommer');
  await says(page, /Nom modifié/);
  assert.equal(await line(page, 'Cabinet').count(), 1);
});

test('an administrator keeps at least one', async (t) => {
  const page = await enter(t, server, people.bruno, { javascript: false, width: phone });
  await page.goto(security);
  await page.getByRole('link', { name: /^Retirer/ }).first().click();
  await page.getByRole('button', { name: 'Retirer maintenant' }).click();
  await says(page, /Ajoutez d’abord un autre second facteur/);
  await sound(page);
});

for (const way of [{ javascript: true, width: wide }, { javascript: false, width: phone }]) {
  test(`the telephone is lost: a recovery code, a removal that waits, and the link that stops it, ${wayName(way)}`, async (t) => {
    const email = at(way.javascript ? 'amara.kone' : 'ludivine.weber');
    const page = await enter(t, server, email, way);
    await add(page, email, 'Perdu');
    const [code] = await codes(page);
    const lost = await openPage(t, server, way);
    await recover(lost, email, code);
    await open(lost);
    await lost.goto(security);
    await lost.getByRole('link', { name: /^Retirer Perdu/ }).click();
    assert.match(await words(lost.locator('main')), /Vous l’avez encore/);
    assert.equal(await lost.getByRole('button', { name: 'Retirer maintenant' }).count(), 0);
    await sound(lost);
    await lost.getByRole('button', { name: /Demander le retrait dans 72 heures/ }).click();
    await says(lost, /Demande enregistrée/);
    assert.match(await words(line(lost, 'Perdu')), /Sera retiré le/);
    await sound(lost);

    const letter = await mailbox(server, email).next(/un second facteur va être retiré/);
    const owner = await openPage(t, server, way);
    await owner.goto(links(letter)[0]);
    await owner.getByRole('heading', { name: /Garder Perdu/ }).waitFor();
    await sound(owner);
    await owner.getByRole('button', { name: 'Garder ce second facteur' }).click();
    await says(owner, /La demande est annulée/);
    await owner.goto(links(letter)[0]);
    assert.match(await words(owner.locator('main')), /Il n’y a plus rien à annuler/);
    await lost.reload();
    assert.doesNotMatch(await words(line(lost, 'Perdu')), /Sera retiré le/);
  });
}
