// The security policy: its effect told before it is saved, made stricter with people signed in, the allow-list behind a
// trusted proxy, and factors reset by an administrator (SEC-2, SEC-4, MFA-11, MFA-12, MFA-13).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { counts, enter, memberId, openPage, password, people, phone, says, sound, startServer, wayName, wide, words } from './lib/index.mjs';

const inside = '203.0.113.7';
const outside = '198.51.100.9';
let server;
before(async () => {
  server = await startServer({ args: ['--trusted-proxies', '127.0.0.1'] });
});
after(() => server.stop());

const rules = '/o/tilleuls/settings/security';

/** from makes a page's requests come through the proxy, from this address. */
const from = (page, address) => page.context().setExtraHTTPHeaders({ 'x-forwarded-for': address });

/** change types the policy, and goes to its effect. */
async function change(page, edit) {
  await page.goto(rules);
  await edit(page);
  await page.getByRole('button', { name: 'Voir l’effet sur les membres' }).click();
}

async function save(page) {
  await page.waitForURL('**/settings/security/review*');
  const asked = page.getByLabel('Votre mot de passe');
  if (await asked.count()) await asked.fill(password);
  await page.getByRole('button', { name: 'Enregistrer les règles' }).click();
  await says(page, 'Les règles de sécurité sont enregistrées. Elles s’appliquent dès la page suivante de chacun.');
}

for (const way of [{ javascript: true, width: wide }, { javascript: false, width: phone }]) {
  test(`the effect on people is told before saving, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.bruno, way);
    await change(page, (p) => p.getByLabel('Délai pour l’activer, en jours').fill('200'));
    assert.match(await words(page.locator('main')), /Choisissez un nombre de 0 à 90/);
    await sound(page);
    await change(page, (p) => p.getByLabel('Délai pour l’activer, en jours').fill(way.javascript ? '9' : '8'));
    await page.waitForURL('**/settings/security/review*');
    const effect = await words(page.locator('main'));
    assert.match(effect, /membres devront activer un second facteur avant le/);
    assert.match(effect, /Julie Delmas/);
    assert.doesNotMatch(effect, /Bruno Lacaze/, 'he has one');
    await sound(page);
    await save(page);
    assert.match(await words(page.locator('main')), /(9|8) jours/);
  });
}

test('an allow-list: refused without one’s own address; then nobody comes in from elsewhere, at the next page', async (t) => {
  const page = await enter(t, server, people.bruno);
  const julie = await enter(t, server, people.julie);
  await from(page, inside);
  await from(julie, outside);
  await julie.goto('/o/tilleuls/home');
  await change(page, (p) => p.getByLabel('Adresses de l’organisation').fill('192.0.2.0/24'));
  assert.match(await words(page.locator('main')), new RegExp(`Ajoutez votre adresse, ${inside.replaceAll('.', '\\.')}`));
  await change(page, (p) => p.getByLabel('Adresses de l’organisation').fill('0.0.0.0/0'));
  assert.match(await words(page.locator('main')), /trop grand/);

  await change(page, async (p) => {
    await p.getByLabel('Adresses de l’organisation').fill('203.0.113.0/24');
    await p.getByLabel('Entrer seulement depuis ces adresses').check();
  });
  await page.waitForURL('**/settings/security/review*');
  await save(page);

  const refused = await julie.goto('/o/tilleuls/home');
  assert.equal(refused.status(), 403);
  assert.match(await words(julie.locator('main')), new RegExp(`n’accepte pas votre adresse, ${outside.replaceAll('.', '\\.')}`));
  await sound(julie);
  await julie.setExtraHTTPHeaders({ 'x-forwarded-for': `${inside}, ${outside}`, 'x-real-ip': inside, forwarded: `for=${inside}` });
  assert.equal((await julie.goto('/o/tilleuls/home')).status(), 403, 'the right-most hop counts');
  await julie.setExtraHTTPHeaders({ 'x-forwarded-for': inside });
  assert.equal((await julie.goto('/o/tilleuls/home')).status(), 200);

  await change(page, (p) => p.getByLabel('Entrer seulement depuis ces adresses').uncheck());
  await save(page);
});

test('an administrator resets the factors of a member: the session ends, the next sign-in makes another', async (t) => {
  const page = await enter(t, server, people.bruno);
  const id = await memberId(page, 'tilleuls', people.claire);
  await page.goto(`/o/tilleuls/members/${id}/security`);
  assert.match(await words(page.locator('main')), /Ce compte sert aussi ailleurs/, 'she belongs to the Deux Rives too');
  await sound(page);

  const boss = await enter(t, server, people.platform);
  const claire = await enter(t, server, people.claire);
  await boss.goto('/platform/factor-resets');
  await boss.getByLabel('Adresse e-mail').fill(people.claire);
  await boss.getByRole('button', { name: 'Chercher le compte' }).click();
  await boss.getByRole('heading', { level: 1, name: /Réinitialiser les seconds facteurs de/ }).waitFor();
  await sound(boss);
  await boss.getByLabel('Motif').fill('Téléphone perdu, identité vérifiée au guichet');
  await boss.getByRole('button', { name: 'Réinitialiser les seconds facteurs' }).click();
  await says(boss, /Seconds facteurs réinitialisés/);

  await claire.goto('/account');
  await claire.waitForURL('**/login*');
  const again = await openPage(t, server);
  await again.goto('/login');
  await again.getByLabel('E-mail professionnel').fill(people.claire);
  await again.getByLabel('Mot de passe', { exact: true }).fill(password);
  await again.getByRole('button', { name: 'Continuer' }).click();
  await again.waitForURL('**/login/second-factor/enrol*');
  await counts(again.locator('h1'), 1);
});

test('SEC-2: the network that an administrator gave is confirmed at sign-in; their sessions are closed by one act', async (t) => {
  const page = await enter(t, server, people.bruno);
  await from(page, inside);
  await change(page, async (p) => {
    await p.getByLabel('Adresses de l’organisation').fill('203.0.113.0/24');
    await p.getByLabel('Le réseau peut servir de second facteur').check();
    await p.getByLabel('Délai pour l’activer, en jours').fill('0');
  });
  await page.waitForURL('**/settings/security/review*');
  await save(page);
  const sheet = `/o/tilleuls/members/${await memberId(page, 'tilleuls', people.julie)}/security`;
  await page.goto(sheet);
  await page.getByRole('link', { name: 'Ajouter le réseau de l’organisation' }).click();
  await page.getByRole('button', { name: 'Ajouter le réseau de l’organisation' }).click();
  await says(page, /Réseau ajouté/);

  const julie = await openPage(t, server, { width: phone });
  await from(julie, inside);
  await julie.goto('/login?next=/o/tilleuls/home');
  await julie.getByLabel('E-mail professionnel').fill(people.julie);
  await julie.getByLabel('Mot de passe', { exact: true }).fill(password);
  await julie.getByRole('button', { name: 'Continuer' }).click();
  await julie.waitForURL('**/login/second-factor/enrol*');
  await sound(julie);
  await julie.getByRole('button', { name: 'Confirmer ce réseau' }).click();
  await julie.waitForURL('**/o/tilleuls/home');
  await says(julie, 'Le réseau sert maintenant de second facteur.');

  await page.goto(sheet);
  await page.getByRole('link', { name: 'Fermer ses sessions' }).click();
  await sound(page);
  await page.getByRole('button', { name: 'Fermer ses sessions' }).click();
  await says(page, /Sessions fermées/);
  await julie.goto('/account');
  await julie.waitForURL('**/login*');
});
