// Signing in with a second factor (SEC-2): the code, the browser that is remembered, the first factor, and what a
// half-signed browser may not do.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  codeAt, crossed, enter, finish, freshCode, invite, links, mailbox, openPage, password, people, press, refused, says, send, shot, sound, startServer, wayName, words, write,
} from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const second = '/login/second-factor';

// first gives the address and the password, as a person does.
async function first(page, email) {
  await page.goto('/login?next=/o/tilleuls/members');
  await page.getByLabel('E-mail professionnel').fill(email);
  await page.getByLabel('Mot de passe', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Continuer' }).click();
  await page.waitForURL(`**${second}?next=*`);
}

async function give(page, code) {
  await page.getByLabel('Code à 6 chiffres').fill(code);
  await page.getByRole('button', { name: 'Valider' }).click();
}

const administrators = [people.bruno, people.claire, people.nadia, people.philippe];
for (const [n, way] of crossed.entries()) {
  test(`SEC-2: a wrong code, the right one, and the browser is remembered, ${wayName(way)}`, async (t) => {
    const email = administrators[n % 2];
    const page = await openPage(t, server, way);
    await first(page, email);
    assert.match(await words(page.locator('main')), /Entrez votre code.*Connexion de/s);
    const field = page.getByLabel('Code à 6 chiffres');
    assert.equal(await field.getAttribute('autocomplete'), 'one-time-code');
    assert.equal(await field.getAttribute('inputmode'), 'numeric');
    await sound(page);
    await shot(page, 'second-factor');
    await page.getByRole('button', { name: 'Valider' }).click();
    assert.deepEqual(await refused(page), ['Saisissez le code']);
    await page.getByLabel(/Se souvenir de cet appareil/).check();
    await give(page, '000 000');
    assert.match((await refused(page)).join(), /Recopiez le code qui s’affiche maintenant/);
    assert.ok(await page.getByLabel(/Se souvenir de cet appareil/).isChecked(), 'what was ticked is kept');
    await sound(page);
    await shot(page, 'second-factor-wrong');
    await give(page, await freshCode(server.base, email));
    await page.waitForURL('**/o/tilleuls/members');
    const device = (await page.context().cookies()).find(({ name }) => name === 'habilis-d');
    assert.ok(device.httpOnly && device.sameSite === 'Lax', 'scripts do not read it');
    await page.request.post('/logout', { headers: { origin: server.base } });
    await page.goto('/login?next=/o/tilleuls/members');
    await page.getByLabel('E-mail professionnel').fill(email);
    await page.getByLabel('Mot de passe', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Continuer' }).click();
    await page.waitForURL('**/o/tilleuls/members');
  });
}

test('MFA-03: between the two proofs nothing else opens, and the way back begins again', async (t) => {
  const page = await openPage(t, server, { allow: [/401/, /403/] });
  await first(page, people.nadia);
  for (const path of ['/organizations', '/account', '/account/security', '/o/deux-rives/home', '/platform/organizations']) {
    await page.goto(path);
    assert.equal(new URL(page.url()).pathname, '/login', `${path} stays closed`);
  }
  assert.equal((await page.request.get('/api/v1/me')).status(), 401);
  await page.goto(second);
  await page.getByRole('button', { name: 'Ce n’est pas vous ?' }).click();
  await page.waitForURL('**/login');
  await page.goto(second);
  await page.waitForURL('**/login');
});

test('MFA-01, MFA-02: a code works once; five wrong ones begin again', async (t) => {
  const code = await freshCode(server.base, people.philippe);
  const one = await openPage(t, server);
  await first(one, people.philippe);
  const other = await openPage(t, server);
  await first(other, people.philippe);
  await give(one, code);
  await one.waitForURL((url) => !url.pathname.startsWith('/login'));
  for (const typed of [code, '111111', '222222', '333333']) {
    await give(other, typed);
    assert.match((await refused(other)).join(), /Recopiez le code qui s’affiche maintenant/);
  }
  await give(other, '444444');
  await other.waitForURL('**/login*');
  await says(other, 'Reprenez la connexion depuis le début');
});

for (const way of crossed) {
  test(`who administers adds their first second factor before anything opens, ${wayName(way)}`, async (t) => {
    const email = `nouvelle${way.width}@tilleuls.example`;
    const admin = await enter(t, server, people.bruno);
    await invite(admin, 'tilleuls', { emails: [email], sites: ['Saint-Aubin'], roles: ['Administration'], job: 'Gestion' });
    await send(admin);
    const page = await openPage(t, server, way);
    await page.goto(links(await mailbox(server, email).next())[0]);
    await finish(page, { given: 'Anne', family: 'Le Gall' });
    await page.waitForURL(`**${second}/enrol?next=*`);
    assert.match(await words(page.locator('main')), /Ajoutez un second facteur.*droits d’administration/s);
    await sound(page);
    await shot(page, 'second-factor-enrol');
    await page.goto('/o/tilleuls/home');
    assert.equal(new URL(page.url()).pathname, '/login');
    await page.goto(`${second}/enrol?next=/o/tilleuls/home`);
    await page.getByRole('button', { name: 'Choisir l’application de codes' }).click();
    await page.waitForURL(`**${second}/enrol/totp?next=*`);
    await page.getByRole('img', { name: /QR|scanner/i }).waitFor();
    await sound(page);
    await shot(page, 'second-factor-totp');
    const secret = (await page.locator('#seed').innerText()).replaceAll(' ', '');
    await page.getByLabel('Code à 6 chiffres').fill('000000');
    await page.getByRole('button', { name: 'Terminer' }).click();
    assert.match((await refused(page)).join(), /Recopiez le code qui s’affiche maintenant/);
    await sound(page);
    assert.equal((await page.locator('#seed').innerText()).replaceAll(' ', ''), secret, 'the same is shown again');
    await page.getByLabel('Code à 6 chiffres').fill(codeAt(secret));
    await page.getByRole('button', { name: 'Terminer' }).click();
    await page.waitForURL('**/o/tilleuls/home');
    await says(page, 'Votre second facteur est ajouté');
    await mailbox(server, email).next(/second facteur/i);
  });
}

test('the second factor by keyboard alone', async (t) => {
  const page = await openPage(t, server);
  await first(page, 'sophie.jamet@saint-aubin.example');
  await write(page, 'Code à 6 chiffres', await freshCode(server.base, people.sophie));
  await press(page, 'button', 'Valider');
  await page.waitForURL((url) => !url.pathname.startsWith('/login'));
});
