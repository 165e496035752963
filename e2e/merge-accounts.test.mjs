// «Réunir deux comptes»: the other account is proved with its password and its second factor, what becomes of it is read
// first, and it is taken back, by the person or by the link in the other mailbox. With and without script, by keyboard.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { at, byName, device, enter, freshCode, gone, links, look, mailbox, newPassword, openPage, password, people, phone, press, refused, says, signIn, sound, startServer, texts, wayName, wide, words, write } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer({ args: await byName() });
});
after(() => server.stop());

const list = '/account/security/accounts';
const main = (page) => words(page.locator('main'));
const path = (page) => new URL(page.url()).pathname;

// other gives the address and the password of the other account.
async function other(page, email, secret = password) {
  await page.getByLabel('Adresse e-mail de l’autre compte').fill(email);
  await page.getByLabel('Mot de passe de l’autre compte').fill(secret);
  await page.getByRole('button', { name: 'Continuer' }).click();
}

async function code(page, digits, button = 'Valider') {
  await page.getByLabel('Code à 6 chiffres').fill(digits);
  await page.getByRole('button', { name: button }).click();
}

// proved proves the other account, up to what is read before the two are one.
async function proved(page, email) {
  await page.goto(`${list}/new`);
  await other(page, email);
  await page.waitForURL(`**${list}/new/second-factor`);
  await code(page, await freshCode(server.base, email));
  await page.waitForURL(`**${list}/new/review`);
}

async function merged(page, email) {
  await page.getByRole('button', { name: 'Réunir ces deux comptes' }).click();
  await says(page, `Vos deux comptes sont réunis : ${email} ne sert plus à vous connecter`);
  assert.equal(path(page), list);
}

async function opens(page, address, status) {
  assert.equal((await page.request.get(address)).status(), status, `${address} answers ${status}`);
}

test('every page of it, in both languages', async (t) => {
  const page = await enter(t, server, people.bruno);
  await at(page, list);
  await at(page, `${list}/new`);
  await page.goto(`${list}/new`);
  await other(page, people.philippe);
  await page.waitForURL(`**${list}/new/second-factor`);
  await at(page, `${list}/new/second-factor`);
  await at(page, `${list}/new/second-factor?way=recovery`);
  await page.goto(`${list}/new/second-factor`);
  await code(page, await freshCode(server.base, people.philippe));
  await page.waitForURL(`**${list}/new/review`);
  await at(page, `${list}/new/review`);
  await page.goto(`${list}/new/review`);
  await merged(page, people.philippe);
  await at(page, list, { name: 'accounts-one' });
  const undo = await page.getByRole('link', { name: /^Annuler…/ }).getAttribute('href');
  await at(page, undo, { name: 'accounts-undo' });
  const [link] = links(await mailbox(server, people.philippe).next(/réuni à un autre/));
  const reader = await openPage(t, server);
  await at(reader, link, { name: 'accounts-link' });
  await page.goto(undo);
  await page.getByRole('button', { name: 'Annuler la réunion des comptes' }).click();
  await says(page, `${people.philippe} a repris ses organisations`);
  await look(page, 'accounts-undone');
  await gone(reader, link);
});

// parted takes the one merging of a page back, so that the next test finds both accounts.
async function parted(page, email) {
  await page.goto(list);
  await page.getByRole('link', { name: /^Annuler…/ }).first().click();
  await page.getByRole('button', { name: 'Annuler la réunion des comptes' }).click();
  await says(page, `${email} a repris ses organisations`);
}

for (const [n, way] of [{ javascript: true, width: phone }, { javascript: false, width: wide }].entries()) {
  test(`FED-02, MFA-07: the other account is proved by a code by SMS, ${wayName(way)}`, async (t) => {
    const email = [people.sophie, people.nadia][n];
    const number = `063998003${n}`;
    const telephone = texts(server, `+33${number.slice(1)}`);
    const owner = await enter(t, server, email, way);
    await owner.goto('/account/security/phone/new');
    await owner.getByLabel('Numéro de téléphone portable').fill(number);
    await owner.getByRole('button', { name: 'Recevoir un code par SMS' }).click();
    await code(owner, await telephone.code(), 'Confirmer le numéro');
    await says(owner, 'Second facteur ajouté');

    const page = await enter(t, server, people.bruno, way);
    await page.goto(`${list}/new`);
    await other(page, email);
    await page.waitForURL(`**${list}/new/second-factor`);
    await page.getByRole('link', { name: /SMS/ }).click();
    await sound(page);
    await page.getByRole('button', { name: 'Recevoir un code par SMS' }).click();
    const right = await telephone.code();
    await sound(page);
    await code(page, right === '000000' ? '000001' : '000000');
    await refused(page);
    await sound(page);
    await page.goto(`${list}/new/review`);
    assert.equal(path(page), `${list}/new/second-factor`, 'a wrong code proves nothing');
    await page.getByRole('link', { name: /SMS/ }).click();
    await code(page, right);
    await page.waitForURL(`**${list}/new/review`);
    await merged(page, email);
    await parted(page, email);
  });
}

for (const [width, email, place] of [[wide, people.nadia, '/o/deux-rives/home'], [phone, people.sophie, '/o/saint-aubin/home']]) {
  test(`FED-02, MFA-06: the other account is proved by its passkey, at ${width} px`, async (t) => {
    const owner = await enter(t, server, email);
    const theirs = await device(owner);
    await owner.goto('/account/security/passkeys/new');
    await owner.getByLabel(/^Nom de la clé/).fill('Tablette');
    await owner.getByRole('button', { name: 'Créer la clé d’accès' }).click();
    await owner.waitForURL(/\/account\/security(?!\/passkeys)/);

    const page = await enter(t, server, people.bruno, { width });
    const here = await device(page);
    await page.goto(`${list}/new`);
    await other(page, email);
    await page.waitForURL(`**${list}/new/second-factor`);
    await page.getByRole('link', { name: 'Clé d’accès' }).click();
    const use = page.getByRole('button', { name: 'Utiliser une clé d’accès' });
    await use.click();
    await page.locator('[data-passkey] [role=alert]').filter({ hasText: 'Aucune clé d’accès n’a été utilisée' }).waitFor();
    await sound(page);
    for (const key of await theirs.keys()) await here.give(key);
    await use.click();
    await page.waitForURL(`**${list}/new/review`);
    await opens(page, place, 404);
    await merged(page, email);
    await opens(page, place, 200);
    await parted(page, email);
  });
}

describe('joined with a real second factor, and taken back', () => {
  const ways = [{ javascript: true, width: phone, b: people.sophie, opens: '/o/saint-aubin/home' }, { javascript: false, width: wide, b: people.nadia, opens: '/o/deux-rives/home' }];
  for (const way of ways) {
    test(wayName(way), async (t) => {
      const page = await enter(t, server, people.bruno, way);
      await page.goto('/account/security');
      await page.getByRole('link', { name: 'Réunir un autre compte à celui-ci' }).click();
      await other(page, way.b, 'ce n’est pas celui-là');
      assert.match(await main(page), /Vérifiez l’adresse et le mot de passe/);
      assert.equal(await page.getByLabel('Adresse e-mail de l’autre compte').inputValue(), way.b, 'what was typed stays');
      assert.equal(await page.getByLabel('Mot de passe de l’autre compte').inputValue(), '', 'but for the password');
      await sound(page);
      await other(page, way.b);
      await page.waitForURL(`**${list}/new/second-factor`);
      await code(page, '000000');
      assert.match((await refused(page)).join(), /Recopiez le code qui s’affiche maintenant/);
      await sound(page);
      await opens(page, way.opens, 404);
      const token = (await page.context().cookies()).find(({ name }) => name === 'habilis-m');
      assert.ok(token.httpOnly && token.sameSite === 'Lax', 'scripts do not read it');
      await code(page, await freshCode(server.base, way.b));
      await page.waitForURL(`**${list}/new/review`);
      assert.match(await main(page), /Ce qui passe à ce compte.*Ce qui prend fin.*Ce qui ne change pas/);
      await sound(page);
      await opens(page, way.opens, 404);
      await merged(page, way.b);
      await sound(page);
      await opens(page, way.opens, 200);

      const stranger = await openPage(t, server);
      await signIn(stranger, way.b);
      assert.equal(path(stranger), '/login', 'the other account signs in no more');
      await page.getByRole('link', { name: /^Annuler…/ }).click();
      await sound(page);
      await page.getByRole('button', { name: 'Annuler la réunion des comptes' }).click();
      await says(page, `${way.b} a repris ses organisations`);
      await opens(page, way.opens, 404);
      const back = await enter(t, server, way.b);
      await opens(back, way.opens, 200);
    });
  }
});

test('two sheets in one organisation: told which, and what to do; by the keyboard alone', async (t) => {
  const page = await enter(t, server, people.bruno);
  await page.goto(`${list}/new`);
  await write(page, 'Adresse e-mail de l’autre compte', people.bruno);
  await write(page, 'Mot de passe de l’autre compte', password);
  await press(page, 'button', 'Continuer');
  await page.getByText('celle-ci est celle du compte que vous utilisez en ce moment').waitFor();
  await write(page, 'Adresse e-mail de l’autre compte', people.claire);
  await write(page, 'Mot de passe de l’autre compte', password);
  await press(page, 'button', 'Continuer');
  await page.waitForURL(`**${list}/new/second-factor`);
  await write(page, 'Code à 6 chiffres', await freshCode(server.base, people.claire));
  await press(page, 'button', 'Valider');
  await page.waitForURL(`**${list}/new/review`);
  assert.match(await main(page), /Ces deux comptes ne peuvent pas être réunis maintenant.*les deux comptes sont membres de la même organisation.*Maison de santé des Tilleuls.*Demandez à son administration/);
  assert.equal(await page.getByRole('button', { name: 'Réunir ces deux comptes' }).count(), 0);
  await look(page, 'accounts-shared');
  await press(page, 'button', 'Abandonner');
  await page.waitForURL('**/account/security');
  await page.goto(`${list}/new/review`);
  assert.equal(path(page), `${list}/new`, 'what was proved is over');
});

test('the link in the other mailbox undoes it without signing in, and ends the sessions of the account that was kept', async (t) => {
  const page = await enter(t, server, people.bruno);
  const letters = mailbox(server, people.nadia);
  await letters.all();
  for (const _ of await letters.all()) await letters.next();
  await proved(page, people.nadia);
  await merged(page, people.nadia);
  const [link] = links(await letters.next(/réuni à un autre/));
  assert.ok(link.startsWith(`${server.base}/accounts/undo/`), link);
  const told = await mailbox(server, people.bruno).next(/vos deux comptes sont réunis/);
  assert.deepEqual(links(told), [], 'a security letter leads nowhere');

  const reader = await openPage(t, server, { javascript: false, width: phone });
  await reader.goto(link);
  assert.equal(path(reader), '/accounts/undo', 'the link leaves the address bar');
  assert.match(await main(reader), /nadia\.benali@deux-rives\.example.*b…@tilleuls\.example/);
  await sound(reader);
  await opens(page, '/o/deux-rives/home', 200);
  await reader.getByRole('button', { name: 'Rendre ses organisations à ce compte' }).click();
  await says(reader, 'ce compte est de nouveau ouvert');
  assert.equal(path(reader), '/password/reset', 'who merged it knows the password');
  await sound(reader);
  await reader.getByLabel('Nouveau mot de passe').fill(newPassword);
  await reader.getByRole('button', { name: 'Enregistrer' }).click();
  await reader.waitForURL((url) => url.pathname !== '/password/reset');
  await gone(reader, link);
  await page.goto('/account/security');
  assert.equal(path(page), '/login', 'the session of the account that was kept has ended');
  await letters.next(/de nouveau ouvert/);
});
