// Codes by SMS as a second factor, through the development gateway: adding a number, signing in, changing it (SEC-2, SEC-7).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { asksAtOnce, enter, openPage, password, people, phone, press, refused, says, sound, startServer, texts, wayName, wide, words, write } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const at = (name) => `${name}@tilleuls.example`;
const submit = (page, name) => page.getByRole('button', { name, exact: true }).click();
const code = (page) => page.getByLabel('Code à 6 chiffres');
const wrong = (right) => (right === '000000' ? '000001' : '000000');

// byPassword gives the first proof, and leaves the second to the test.
async function byPassword(page, email) {
  await page.goto('/login');
  await page.getByLabel('E-mail professionnel').fill(email);
  await page.getByLabel('Mot de passe', { exact: true }).fill(password);
  await submit(page, 'Continuer');
  await page.waitForURL(/\/login\/second-factor/);
}

describe('a number of one’s own', () => {
  for (const [n, way] of [{ javascript: true, width: wide }, { javascript: false, width: phone }].entries()) {
    test(`SEC-2, SEC-7, MFA-07, MFA-08: added, used, changed, ${wayName(way)}`, async (t) => {
      const email = at(['sandrine.leroy', 'nadege.petit'][n]);
      const [first, second] = [`063998001${n}`, `063998002${n}`];
      const old = texts(server, `+33${first.slice(1)}`);
      const now = texts(server, `+33${second.slice(1)}`);
      const page = await enter(t, server, email, way);

      await page.goto('/account/security');
      await page.getByRole('link', { name: 'Ajouter un numéro de téléphone' }).click();
      await page.getByRole('heading', { level: 1, name: 'Recevoir les codes par SMS' }).waitFor();
      await sound(page);
      for (const [number, says] of [['', /numéro de mobile/], ['0899 70 12 34', /mobile français/], ['+44 7911 123456', /mobile français/], ['01 42 68 53 00', /mobile/]]) {
        await page.getByLabel('Numéro de téléphone portable').fill(number);
        await submit(page, 'Recevoir un code par SMS');
        assert.match((await refused(page)).join(), says, number);
        assert.equal(await page.getByLabel('Numéro de téléphone portable').inputValue(), number, 'what was typed stays');
      }
      await sound(page);
      await page.getByLabel('Numéro de téléphone portable').fill(first);
      await submit(page, 'Recevoir un code par SMS');
      await page.getByRole('heading', { level: 1, name: 'Confirmer le numéro' }).waitFor();
      assert.match(await words(page.locator('main')), new RegExp(`parti au 06 •• •• •• 1${n}`));
      assert.equal(await code(page).getAttribute('autocomplete'), 'one-time-code');
      await sound(page);

      const right = await old.code();
      await code(page).fill(wrong(right));
      await submit(page, 'Confirmer le numéro');
      assert.match((await refused(page)).join(), /Il vous reste 4 essais/);
      await sound(page);
      await code(page).fill(`${right.slice(0, 3)} ${right.slice(3)}`);
      await submit(page, 'Confirmer le numéro');
      await says(page, 'Second facteur ajouté');
      assert.match(await words(page.getByRole('region', { name: 'Seconds facteurs' })), new RegExp(`06 •• •• •• 1${n}`));
      assert.doesNotMatch(await page.content(), new RegExp(first.slice(3)), 'the number is shown to nobody');

      // Signing in asks for a code; one of another purpose opens nothing (MFA-07).
      const other = await openPage(t, server, way);
      await byPassword(other, email);
      await submit(other, 'Recevoir un code par SMS');
      const opens = await old.code();
      if (opens !== right) {
        await code(other).fill(right);
        await submit(other, 'Valider');
        await refused(other);
      }
      await sound(other);
      await code(other).fill(opens);
      await submit(other, 'Valider');
      await other.waitForURL('**/o/tilleuls/home');

      // The new number is proved before the old one goes; the old one is told.
      await other.goto('/account/security/phone/new');
      await other.getByRole('heading', { level: 1, name: 'Changer le numéro des codes par SMS' }).waitFor();
      await other.getByLabel('Numéro de téléphone portable').fill(first);
      await submit(other, 'Recevoir un code par SMS');
      await says(other, /un autre numéro/).catch(() => other.getByText(/Saisissez un autre numéro/).first().waitFor());
      await other.getByLabel('Numéro de téléphone portable').fill(second);
      await submit(other, 'Recevoir un code par SMS');
      const proves = await now.code();
      assert.match(await words(other.locator('main')), new RegExp(`parti au 06 •• •• •• 2${n}`));
      await code(other).fill(proves);
      await submit(other, 'Confirmer le numéro');
      await says(other, 'Second facteur ajouté');
      const factors = await words(other.getByRole('region', { name: 'Seconds facteurs' }));
      assert.match(factors, new RegExp(`06 •• •• •• 2${n}`));
      assert.doesNotMatch(factors, new RegExp(`•• 1${n}`));
      assert.match((await old.next()).text, /ne recoit plus vos codes/);
      assert.equal((await page.goto('/account')).url().includes('/login'), true, 'SES-02: the other browser is signed out');

      // Three codes an hour (MFA-08).
      const third = await openPage(t, server, way);
      await byPassword(third, email);
      await submit(third, 'Recevoir un code par SMS');
      await third.getByText(/Réessayez dans/).first().waitFor();
      await sound(third);
      assert.equal((await now.all()).length, 1);
    });
  }
});

test('SEC-2: by keyboard alone; five wrong codes, and another must be asked for', async (t) => {
  const page = await enter(t, server, at('antoine.roche'), { width: wide });
  const mine = texts(server, '+33639980099');
  await page.goto('/account/security/phone/new');
  await write(page, 'Numéro de téléphone portable', '06 39 98 00 99');
  await press(page, 'button', 'Recevoir un code par SMS');
  await page.getByRole('heading', { level: 1, name: 'Confirmer le numéro' }).waitFor();
  const first = await mine.code();
  for (let n = 0; n < 5; n++) {
    await write(page, 'Code à 6 chiffres', wrong(first));
    await page.keyboard.press('Enter');
    if (n < 4) assert.match((await refused(page)).join(), new RegExp(`Il vous reste ${4 - n} essai`));
  }
  await says(page, 'Demandez un nouveau code');
  await sound(page);
  await press(page, 'button', 'Recevoir un code par SMS');
  await says(page, 'Un autre code est parti');
  await write(page, 'Code à 6 chiffres', await mine.code());
  await page.keyboard.press('Enter');
  await says(page, 'Second facteur ajouté');
  assert.match(await words(page.getByRole('region', { name: 'Seconds facteurs' })), /06 •• •• •• 99/);
});

test('SEC-4: whoever must have a second factor adds a number between the two proofs, and is in', async (t) => {
  await asksAtOnce(await enter(t, server, people.bruno), server.base, 'tilleuls');
  const mine = texts(server, '+33639980088');
  const page = await openPage(t, server, { width: phone });
  await byPassword(page, at('sylvie.thevenet'));
  await submit(page, 'Choisir le code par SMS');
  await page.getByLabel('Numéro de téléphone portable').fill('06 39 98 00 88');
  await submit(page, 'Recevoir un code par SMS');
  await sound(page);
  await code(page).fill(await mine.code());
  await submit(page, 'Terminer');
  await page.waitForURL('**/o/tilleuls/home');
  await says(page, 'Votre second facteur est ajouté');
});

test('the messages of development can be read on a page of their own', async (t) => {
  const page = await openPage(t, server);
  await page.goto('/dev/sms');
  await page.getByRole('heading', { level: 1, name: 'SMS gardés sur cette machine' }).waitFor();
  await sound(page);
});
