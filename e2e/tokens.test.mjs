// Tokens of the API: of an organisation, of a person, of the platform. The secret is shown once (rules.md 1, 2, 6).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axe, counts, crossedOver, enter, openPage, people, press, refused, row, says, signIn, sound, startServer, tabTo, wayName, words, write } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const create = (page) => page.getByRole('button', { name: 'Créer le jeton' }).click();
const secretOf = (page) => page.getByLabel('Secret du jeton').inputValue();

// api asks a route with a token, as a program does, and answers the status and the document.
async function api(path, token) {
  const answer = await fetch(`${server.base}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
  return { status: answer.status, document: await answer.json() };
}

for (const [n, way] of crossedOver.entries()) {
  test(`a token of an organisation: made with chosen rights, shown once, used, revoked, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.bruno, way);
    const name = `Agenda ${n}`;
    await page.goto('/o/tilleuls/tokens');
    await page.getByRole('link', { name: 'Nouveau jeton' }).click();
    await create(page);
    assert.deepEqual(await refused(page), ['Nom du jeton : remplissez ce champ', 'Cochez au moins un droit, par exemple Voir les membres']);
    await sound(page);
    await page.getByLabel('Nom du jeton').fill(name);
    await page.getByLabel('Durée').selectOption({ label: '180 jours' });
    await page.getByLabel('Voir les membres').check();
    await create(page);

    await page.getByRole('heading', { level: 1, name: new RegExp(`^Jeton créé.*${name}$`) }).waitFor();
    const secret = await secretOf(page);
    assert.match(secret, /^hat_[\w-]{43}$/);
    assert.match(await words(page.locator('main')), /Il ne sera plus jamais montré/);
    assert.ok(!page.url().includes(secret));
    assert.equal(await page.getByRole('button', { name: 'Copier le secret' }).isVisible(), way.javascript);
    await sound(page);
    assert.equal((await api('/organizations/tilleuls/members', secret)).status, 200);
    assert.equal((await api('/organizations/tilleuls/invitations', secret)).document.code, 'access.forbidden');

    await page.getByRole('link', { name: 'J’ai copié le secret' }).click();
    await page.waitForURL('**/o/tilleuls/tokens');
    const line = row(page, name);
    const said = await words(line);
    for (const part of ['Voir les membres', 'Bruno Lacaze', 'Actif', 'en ce moment']) assert.ok(said.toLowerCase().includes(part.toLowerCase()), `${part}: ${said}`);
    assert.ok(!(await page.content()).includes(secret), 'the list does not show it');

    await line.getByRole('link', { name: /^Révoquer/ }).click();
    await page.getByRole('heading', { name: new RegExp(`^Révoquer le jeton ${name}`) }).waitFor();
    await sound(page);
    await page.getByRole('button', { name: 'Révoquer le jeton' }).click();
    await says(page, `Le jeton ${name} est révoqué.`);
    assert.match(await words(row(page, name)), /Révoqué/);
    const after = await api('/organizations/tilleuls/members', secret);
    assert.deepEqual([after.status, after.document.code], [401, 'api.token_invalid']);
  });
}

// content is what the page holds once it has settled: going back, a browser may still be leaving it.
async function content(page) {
  for (;;) {
    await page.waitForLoadState();
    const html = await page.content().catch((error) => (/navigating/.test(error.message) ? null : Promise.reject(error)));
    if (html !== null) return html;
  }
}

test('the secret is in no page that can be come back to: back, forward, reload, another form sent twice', async (t) => {
  const page = await enter(t, server, people.claire, { allow: [/ERR_CACHE_MISS/] }); // how a browser says that it kept no such page
  await page.goto('/account/tokens/new');
  await page.getByLabel('Nom du jeton').fill('Sauvegarde');
  await create(page);
  const secret = await secretOf(page);
  assert.equal((await api('/me', secret)).document.email, people.claire);
  await page.goto('/account/tokens');
  await page.goBack().catch(() => {}); // a page that answered a form: the browser may refuse to show it again
  assert.ok(!(await content(page)).includes(secret), 'going back shows it');
  await page.goForward().catch(() => {});
  assert.ok(!(await content(page)).includes(secret));

  await page.goto('/account/tokens/new');
  await page.getByLabel('Nom du jeton').fill('Autre');
  await create(page);
  const other = await secretOf(page);
  await page.reload(); // sends the form again
  await says(page, 'il n’est montré qu’une seule fois');
  assert.equal(new URL(page.url()).pathname, '/account/tokens');
  assert.ok(!(await content(page)).includes(other));
  await counts(row(page, 'Autre'), 1, 'sent twice, it made one token');
  assert.ok(!server.log().includes(secret) && !server.log().includes(other), 'the log knows no secret');
  const history = await page.evaluate(() => JSON.stringify([history.state, { ...localStorage }, { ...sessionStorage }, document.cookie]));
  assert.ok(!history.includes('hat_'));
});

test('with the keyboard alone, and the password asked again when it is old', async (t) => {
  const page = await openPage(t, server);
  await signIn(page, people.platform);
  await page.waitForURL('**/platform/organizations');
  await press(page, 'link', 'Jetons de la plateforme');
  await page.waitForURL('**/platform/tokens');
  await press(page, 'link', 'Nouveau jeton');
  await page.waitForURL('**/platform/tokens/new');
  await write(page, 'Nom du jeton', 'Supervision');
  await tabTo(page, 'combobox', 'Durée');
  await page.keyboard.type('30');
  await press(page, 'button', 'Créer le jeton');
  await page.getByLabel('Secret du jeton').waitFor();
  await tabTo(page, 'textbox', 'Secret du jeton');
  const secret = await secretOf(page);
  assert.equal(await page.evaluate(() => document.activeElement.readOnly), true);
  assert.ok((await api('/organizations', secret)).document.total >= 3);
  await press(page, 'link', 'J’ai copié le secret');
  await page.waitForURL('**/platform/tokens');
  await press(page, 'link', /^Révoquer/);
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await counts(page.getByRole('dialog'), 0);
  assert.match(await words(row(page, 'Supervision')), /Actif/);
});

test('whoever may not, sees no such page', async (t) => {
  const page = await enter(t, server, people.julie);
  await page.goto('/o/tilleuls/home');
  await counts(page.getByRole('link', { name: 'Jetons d’API', exact: true }), 0);
  assert.equal((await page.goto('/o/tilleuls/tokens')).status(), 403);
  assert.equal((await page.goto('/platform/tokens')).status(), 404);
  assert.equal((await page.goto('/account/tokens')).status(), 200);
  await page.getByRole('heading', { name: 'Aucun jeton' }).waitFor();
  await page.goto('/account/security');
  await page.getByRole('main').getByRole('link', { name: 'Mes jetons d’API' }).click();
  await page.waitForURL('**/account/tokens');
});

test('a token that ends within 14 days is pointed at, in the list and above it', async (t) => {
  const page = await enter(t, server, people.nadia);
  const made = await page.request.post('/api/v1/organizations/deux-rives/tokens', {
    data: { name: 'Passerelle', permissions: ['members.read'], expires_in_days: 10 }, headers: { origin: server.base },
  });
  assert.equal(made.status(), 201, await made.text());
  await page.goto('/o/deux-rives/tokens');
  assert.match(await words(page.locator('main')), /Passerelle expire bientôt/);
  assert.match(await words(row(page, 'Passerelle')), /Expire dans 10 jours/);
  await sound(page);
});

test('documentation of the API: found from the tokens, accessible, at both widths and in both looks', async (t) => {
  const page = await enter(t, server, people.bruno);
  await page.goto('/o/tilleuls/tokens');
  await page.getByRole('link', { name: 'Documentation de l’API' }).click();
  await page.getByRole('heading', { level: 1 }).waitFor();
  await sound(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await axe(page, { colours: true });
  await page.getByRole('navigation', { name: 'Contents' }).getByRole('link', { name: 'Errors' }).click();
  assert.match(page.url(), /#errors$/);
});
