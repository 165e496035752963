// Passkeys, with Chromium's virtual authenticator: added, alone at sign-in, after a password, for a sensitive act,
// refused, removed. WebAuthn needs a name: the server is opened as localhost.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { newDatabase } from './lib/postgres.mjs';
import { asksAtOnce, byName, counts, device, enter, newPassword, openPage, password, people, phone, says, sound, startServer, wayName, wide } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer({ args: await byName() });
});
after(() => server.stop());

const at = (name) => `${name}@tilleuls.example`;
const security = '/account/security';
const adding = `${security}/passkeys/new`;

/** enrolled signs somebody in and adds a passkey, as they do. */
async function enrolled(t, email, options) {
  const page = await enter(t, server, email, options);
  const phone = await device(page);
  await add(page, 'Tablette');
  return { page, phone };
}

async function add(page, name) {
  await page.goto(adding);
  await page.getByLabel(/^Nom de la clé/).fill(name);
  await page.getByRole('button', { name: 'Créer la clé d’accès' }).click();
  await page.waitForURL(/\/account\/security(?!\/passkeys)/);
}

/** elsewhere opens another browser whose authenticator holds the same passkeys, as a synchronised telephone does. */
async function elsewhere(t, from, options) {
  const page = await openPage(t, server, options);
  const phone = await device(page);
  for (const key of await from.keys()) await phone.give(key);
  return { page, phone };
}

/** typed fills in the address and the password, and stops where the second factor is asked. */
async function typed(page, email, secret = password) {
  await page.goto('/login');
  await page.getByLabel('E-mail professionnel').fill(email);
  await page.getByLabel('Mot de passe', { exact: true }).fill(secret);
  await page.getByRole('button', { name: 'Continuer' }).click();
  await page.waitForURL(/\/login\/second-factor/);
}

/** told is the sentence that stands where a passkey was not used. */
const told = (page) => page.locator('[data-passkey] [role=alert]');

for (const [n, width] of [wide, phone].entries()) {
  describe(`at ${width} px`, () => {
    const email = [at('julie.delmas'), at('nadege.petit')][n];

    test('SEC-2, MFA-06: a passkey is added, with a name, and its person is told', async (t) => {
      const other = await enter(t, server, email);
      const page = await enter(t, server, email, { width });
      await device(page);
      await page.goto(security);
      await page.getByRole('link', { name: /clé d’accès/ }).first().click();
      await page.waitForURL(`**${adding}`);
      await page.getByRole('button', { name: 'Créer la clé d’accès' }).waitFor();
      await counts(page.locator('[data-no-passkey]'), 0);
      await sound(page);
      await add(page, 'Tablette rouge');
      await page.goto(security);
      await page.getByRole('listitem').filter({ hasText: 'Tablette rouge' }).waitFor();
      await sound(page);
      await other.goto('/account');
      assert.match(other.url(), /\/login/, 'the other browser is signed out (SES-02)');
      await page.goto(adding);
      await page.getByRole('button', { name: 'Créer la clé d’accès' }).click();
      await told(page).filter({ hasText: 'Cet appareil a déjà une clé d’accès' }).waitFor();
      await sound(page);
    });

    test('SEC-2: it signs in alone, without an address', async (t) => {
      const { phone: key } = await enrolled(t, [at('antoine.roche'), at('sylvie.thevenet')][n]);
      const { page } = await elsewhere(t, key, { width });
      await page.goto('/login?next=/account/sessions');
      await page.getByRole('button', { name: 'Se connecter avec une clé d’accès' }).waitFor();
      await sound(page);
      await page.getByRole('button', { name: 'Se connecter avec une clé d’accès' }).click();
      await page.waitForURL('**/account/sessions');
    });

    test('SEC-2: it is the second factor after the password', async (t) => {
      const who = [at('ludivine.weber'), at('ines.rahmani')][n];
      const { phone: key } = await enrolled(t, who);
      const { page } = await elsewhere(t, key, { width });
      await typed(page, who);
      await page.getByRole('button', { name: 'Utiliser une clé d’accès' }).waitFor();
      await sound(page);
      await page.getByRole('button', { name: 'Utiliser une clé d’accès' }).click();
      await page.waitForURL('**/o/tilleuls/home');
    });
  });
}

test('a person who says no, waits too long or has no passkey here reads what to do, and can go on', async (t) => {
  const who = at('elise.jourdan');
  await enrolled(t, who);
  const page = await openPage(t, server);
  const empty = await device(page);
  await page.goto('/login');
  await page.getByRole('button', { name: 'Se connecter avec une clé d’accès' }).click();
  await told(page).filter({ hasText: 'Aucune clé d’accès n’a été utilisée' }).waitFor();
  await sound(page);
  await typed(page, who); // by the form that stands beside it
  await page.getByRole('button', { name: 'Utiliser une clé d’accès' }).click();
  await told(page).filter({ hasText: 'Aucune clé d’accès n’a été utilisée' }).waitFor();
  await empty.remove();
});

test('SEC-2, MFA-09: a second one is added before the first is removed, which opens nothing any more', async (t) => {
  const { page, phone: lost } = await enrolled(t, at('sofia.da-costa'));
  const keys = await lost.keys();
  await lost.remove();
  await device(page);
  await add(page, 'Clé USB bleue');
  await page.goto(security);
  await page.getByRole('listitem').filter({ hasText: 'Tablette' }).getByRole('link', { name: /^Retirer/ }).click();
  await sound(page);
  await page.getByRole('main').getByRole('button', { name: /^Retirer/ }).click();
  await page.waitForURL(/\/account\/security(?!\/factors)/);
  await page.getByRole('listitem').filter({ hasText: 'Clé USB bleue' }).waitFor();
  await counts(page.getByRole('listitem').filter({ hasText: 'Tablette' }), 0);
  const { page: later } = await elsewhere(t, { keys: () => keys });
  await later.goto('/login');
  await later.getByRole('button', { name: 'Se connecter avec une clé d’accès' }).click();
  await later.getByText('Cette clé d’accès n’ouvre aucun compte ici').waitFor();
  assert.match(await later.title(), /^Erreur\s: Connexion/);
  await sound(later);
});

for (const way of [{ javascript: false, width: wide }, { javascript: false, width: phone }]) {
  test(`without script, something else always stands there, ${wayName(way)}`, async (t) => {
    const page = await openPage(t, server, way);
    await page.goto('/login');
    assert.equal(await page.getByRole('button', { name: 'Se connecter avec une clé d’accès' }).isVisible(), false);
    const inside = await enter(t, server, at('paola.zanetti'), way);
    await inside.goto(adding);
    await inside.getByText('Ce navigateur ne connaît pas les clés d’accès').waitFor();
    await inside.getByRole('link', { name: 'Ajouter une application de codes' }).waitFor();
    await sound(inside);
  });
}

test('SEC-4: whoever must have a second factor makes a passkey between the two proofs, and is in', async (t) => {
  const who = at('sandrine.leroy');
  await asksAtOnce(await enter(t, server, people.bruno), server.base, 'tilleuls');
  const page = await openPage(t, server, { width: phone });
  const key = await device(page);
  await typed(page, who);
  await page.waitForURL('**/login/second-factor/enrol*');
  await page.getByRole('button', { name: 'Créer la clé d’accès' }).click();
  await page.waitForURL('**/o/tilleuls/home');
  const { page: again } = await elsewhere(t, key);
  await typed(again, who);
  await again.getByRole('button', { name: 'Utiliser une clé d’accès' }).click();
  await again.waitForURL('**/o/tilleuls/home');
});

describe('a new installation, on PostgreSQL', () => {
  const root = 'plateforme@hebergeur.example';
  let fresh;
  let database;
  before(async () => {
    database = await newDatabase();
    const mayLog = [/relation .* does not exist/];
    fresh = await startServer({ demo: false, args: ['--dev', ...(await byName())], databaseURL: database.url, mayLog });
  });
  after(async () => {
    await fresh.stop();
    await database.drop();
  });

  // later makes every session's last proof of its person six minutes old.
  const later = () => database.sql("update session set step_up_at = step_up_at - interval '6 minutes'");

  test('rules.md 5, STP-01, SES-03: whoever must have a second factor makes a passkey first; it then does what the password does', async (t) => {
    const [link] = (await fresh.cli('admin', 'create-platform-admin', '--email', root, '--base-url', fresh.base)).match(/http\S+/);
    const page = await openPage(t, fresh);
    const key = await device(page);
    const cookie = async () => (await page.context().cookies()).find((one) => one.value.startsWith('hs_')).value;
    await page.goto(link);
    await page.getByLabel('Prénom').fill('Alix');
    await page.getByLabel('Nom', { exact: true }).fill('Roy');
    await page.getByLabel('Nouveau mot de passe').fill(newPassword);
    await page.getByRole('button', { name: 'Créer mon compte' }).click();
    await page.waitForURL(/\/login/);
    if (!page.url().includes('second-factor')) await typed(page, root, newPassword);
    await page.waitForURL('**/login/second-factor/enrol*');
    await page.getByRole('button', { name: 'Créer la clé d’accès' }).waitFor();
    await sound(page);
    await page.getByRole('button', { name: 'Créer la clé d’accès' }).click();
    await page.waitForURL('**/platform/organizations');

    await later();
    await page.goto('/platform/organizations/new');
    await page.getByLabel('Nom de l’organisation').fill('Clinique des Lilas');
    await page.getByLabel('Nom de l’établissement').fill('Les Lilas');
    await page.getByLabel('E-mail professionnel').fill('directrice@clinique.example');
    const confirm = page.getByRole('button', { name: 'Confirmer avec une clé d’accès' });
    await confirm.waitFor();
    await sound(page);
    await key.knows(false); // somebody else holds the telephone
    await confirm.click();
    await told(page).filter({ hasText: 'Aucune clé d’accès n’a été utilisée' }).waitFor();
    await sound(page);
    await key.knows(true);
    const before = await cookie();
    await confirm.click();
    await says(page, 'Organisation créée : Clinique des Lilas');
    assert.notEqual(await cookie(), before, 'the session has a new value');

    await later();
    await page.getByRole('link', { name: /^Suspendre/ }).click()
    await page.getByRole('button', { name: 'Confirmer avec une clé d’accès' }).click();
    await says(page, /suspendue/);
  });
});
