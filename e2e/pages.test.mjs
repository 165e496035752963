// Every page that a GET answers, in both looks and at both widths: accessible, silent, narrow enough, one title, both
// languages ("Must show" 2, DESIGN.md 19). HABILIS_SHOTS=1 keeps a picture of each in e2e/shots/.
//
// The rule: whoever adds a GET to a route table of package web adds a line to one of the files e2e/pages*.test.mjs,
//
//     await at(page, '/o/tilleuls/coffee', { name: 'coffee' }); // the name is that of the picture
//
// or, where the page opens only in the middle of a journey, `await look(page, 'coffee')` once it is there, in any file.
// Both note the page as seen when it really was shown and judged; a whole run fails naming every route of the tables
// that was not (lib/routes.mjs). An address that shows nothing and only leads on stands in `doors` there, and some
// `at` must pass through it; of one that answers a file, `await fetched(page, address)` notes that it does.
//
// Here: strangers, the account, the organisation, the platform, errors. Beside: pages-arrival (between two proofs,
// locked out, by letter), pages-members, pages-rights.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, at, axe, counts, enter, here, links, look, mailbox, memberId, openPage, people, phone, pictured, startServer } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const bruno = (t) => enter(t, server, people.bruno); // administers the Tilleuls

// tokens looks at a list of tokens and at the pages that lead from it.
async function tokens(page, path) {
  const name = path.replace(/^\//, '').replaceAll('/', '-');
  await at(page, path, { name: `${name}-none` });
  await at(page, `${path}/new`);
  await page.getByRole('button', { name: 'Créer le jeton' }).click();
  await look(page, `${name}-new-errors`);
  await page.getByLabel('Nom du jeton').fill('Sauvegarde');
  if (path.startsWith('/o/')) await page.getByLabel('Voir les membres').check();
  await page.getByRole('button', { name: 'Créer le jeton' }).click();
  await page.getByLabel('Secret du jeton').waitFor();
  await look(page, `${name}-made`);
  await at(page, path, { name });
  await at(page, await page.getByRole('link', { name: /^Révoquer/ }).first().getAttribute('href'), { name: `${name}-revoke` });
}

describe('a stranger', () => {
  test('sees the pages of signing in, and those of information', async (t) => {
    const page = await openPage(t, server);
    await at(page, '/', { name: 'login' });
    await at(page, '/password/forgot');
    await at(page, '/password/forgot/sent');
    for (const path of ['/help', '/site-map', '/accessibility', '/privacy']) await at(page, path, { name: `stranger${path}` });
  });

  test('sees the pages that links of letters open', async (t) => {
    const page = await openPage(t, server);
    await page.request.post('/password/forgot', { form: { email: people.julie } });
    const [reset] = links(await mailbox(server, people.julie).next());
    await at(page, reset, { name: 'password-reset' });
    const [setUp] = (await server.cli('admin', 'create-platform-admin', '--email', 'second@habilis.example')).match(/http\S+/);
    await at(page, setUp, { name: 'setup' });
  });

  test('sees the pages of development', async (t) => {
    const page = await openPage(t, server);
    await page.goto('/dev/mail');
    await look(page, 'dev-mail');
    await page.getByRole('main').getByRole('link').first().click();
    await look(page, 'dev-mail-letter');
  });
});

describe('an administrator', () => {
  test('sees their account', async (t) => {
    const page = await bruno(t);
    await at(page, '/organizations?stay=1', { name: 'organizations' });
    await at(page, '/account');
    await at(page, '/account/security');
    await at(page, '/account/email');
    await at(page, '/account/security/passkeys/new');
    await at(page, '/account/history');
    await at(page, '/account/password');
    await at(page, '/account/sessions');
    await tokens(page, '/account/tokens');
    await tokens(page, '/o/tilleuls/tokens');
  });

  test('sees their second factors', async (t) => {
    const page = await enter(t, server, people.claire);
    const { items: [factor] } = await ask(page, '/me/factors');
    const one = `/account/security/factors/${factor.id}`;
    await at(page, `${one}/rename`, { name: 'factor-rename' });
    await at(page, `${one}/remove`, { name: 'factor-remove' });
    await at(page, '/account/security/recovery/new');
    await at(page, '/account/security/totp/new', { name: 'totp-new' });
    const asked = await page.request.post(`${one}/remove-later`, { headers: { origin: server.base }, maxRedirects: 0 });
    assert.equal(asked.status(), 303);
    const [link] = links(await mailbox(server, people.claire).next(/va être retiré/));
    await at(page, link, { name: 'factor-stop' });
    await page.getByRole('button', { name: 'Garder ce second facteur' }).click();
    await page.waitForURL('**/account/security');
  });

  test('sees the number to which their codes go', async (t) => {
    const page = await enter(t, server, people.julie);
    await at(page, '/account/security/phone/new');
    await page.getByLabel('Numéro de téléphone portable').fill('06 39 98 00 77');
    await page.getByRole('button', { name: 'Recevoir un code par SMS' }).click();
    await page.waitForURL('**/account/security/phone/code');
    const factor = await page.locator('input[name=factor]').inputValue();
    await at(page, '/account/security/phone/code');
    await at(page, `/account/security/phone/send?factor=${factor}`, { name: 'phone-send' });
  });

  test('sees the security rules, and how a member signs in', async (t) => {
    const page = await bruno(t);
    await at(page, '/o/tilleuls/settings/security', { name: 'settings-security' });
    await page.getByLabel('Délai pour l’activer, en jours').fill('10');
    await page.getByLabel('Adresses de l’organisation').fill('127.0.0.0/8');
    await page.getByLabel('Le réseau peut servir de second facteur').check();
    await page.getByLabel('L’administration peut corriger une adresse e-mail').check();
    await page.getByRole('button', { name: 'Voir l’effet sur les membres' }).click();
    await page.waitForURL('**/settings/security/review*');
    await at(page, here(page), { name: 'settings-security-review' });
    await page.getByRole('button', { name: 'Enregistrer les règles' }).click();
    await page.waitForURL('**/o/tilleuls/settings');
    const julie = `/o/tilleuls/members/${await memberId(page, 'tilleuls', people.julie)}`;
    const security = `${julie}/security`;
    await at(page, `${security}/address`, { name: 'member-security-address' });
    await page.getByRole('button', { name: 'Ajouter le réseau de l’organisation' }).click();
    await page.waitForURL(`**${security}`);
    await at(page, security, { name: 'member-security' });
    const remove = await page.getByRole('link', { name: /^Retirer/ }).getAttribute('href');
    await at(page, remove, { name: 'member-security-remove' });
    await at(page, `${security}/phone`, { name: 'member-security-phone' });
    await at(page, `${security}/reset`, { name: 'member-security-reset' });
    await at(page, `${security}/sessions`, { name: 'member-security-sessions' });
    await at(page, `${julie}/email`, { name: 'member-email' });
    await at(page, `/account/security/network/confirm/${remove.split('/').at(-2)}`, { name: 'network-confirm' });
    const { items: [place] } = await ask(page, '/me/organizations');
    await at(page, `/account/security/network/${place.organization.id}`, { name: 'network-add' });
  });

  test('sees the organisation, its sites and settings', async (t) => {
    const page = await bruno(t);
    await at(page, '/o/tilleuls', { name: 'o-tilleuls-home' });
    await at(page, '/o/tilleuls/leave');
    await at(page, '/o/tilleuls/settings');
    await at(page, '/o/tilleuls/sites');
    await at(page, '/o/tilleuls/sites/new');
    const [site] = (await ask(page, '/organizations/tilleuls/sites')).items;
    await at(page, `/o/tilleuls/sites/${site.id}`, { name: 'site' });
    await at(page, `/o/tilleuls/sites/${site.id}/close`, { name: 'site-close' });
  });

  test('sees the journal', async (t) => {
    const page = await bruno(t);
    await at(page, '/o/tilleuls/journal', { name: 'journal' });
    await at(page, '/o/tilleuls/journal?q=zzz&outcome=refused&from=2026-01-01', { name: 'journal-none' });
    await at(page, '/o/tilleuls/journal/export?kind=members', { name: 'journal-export' });
    const [event] = (await ask(page, '/organizations/tilleuls/audit-events')).items;
    await at(page, `/o/tilleuls/journal/${event.id}`, { name: 'journal-event' });
    await at(page, '/o/tilleuls/me/journal', { name: 'my-journal' });
  });
});

describe('the platform', () => {
  test('sees its organisations', async (t) => {
    const page = await enter(t, server, people.platform);
    await at(page, '/platform', { name: 'platform-organizations' });
    await at(page, '/platform/organizations/new');
    const { items } = await ask(page, '/organizations');
    await at(page, `/platform/organizations/${items[0].id}`, { name: 'platform-organization' });
    await at(page, `/platform/organizations/${items[0].id}/suspend`, { name: 'platform-suspend' });
    await tokens(page, '/platform/tokens');
    await at(page, '/platform/factor-resets');
    await page.getByLabel('Adresse e-mail').fill(people.julie);
    await page.getByRole('button', { name: 'Chercher le compte' }).click();
    await page.getByLabel('Motif').waitFor();
    await look(page, 'platform-factor-reset');
  });
});

describe('errors', () => {
  const wrong = async (t, email, path, status) => {
    const page = email ? await enter(t, server, email) : await openPage(t, server);
    assert.equal((await page.goto(path)).status(), status, path);
    await look(page, `error-${status}${email ? '' : '-stranger'}`);
    await counts(page.getByRole('main').getByRole('link'), 1, 'there is one way on');
  };
  test('403: a right that one does not have', (t) => wrong(t, people.julie, '/o/tilleuls/members', 403));
  test('404: a page that is not there, for a stranger', (t) => wrong(t, '', '/nulle/part', 404));
  test('404: nor for somebody signed in', (t) => wrong(t, people.bruno, '/o/tilleuls/members/mbr_01a20000-0000-7000-8000-000000000000', 404));
  test('410: a dead link', (t) => wrong(t, '', '/activate/inv_mort', 410));
});

describe('menus and dialogs', () => {
  test('opened, they are as accessible as the page', async (t) => {
    const page = await enter(t, server, people.bruno);
    await page.goto('/o/tilleuls/sites'); // no link lies half under the open menu there, which axe would call too small
    await page.getByRole('button', { name: /^Votre menu/ }).click();
    await page.getByRole('navigation', { name: 'Votre compte' }).waitFor();
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await axe(page);
      await pictured(page, 'menu-person');
    }
    await page.keyboard.press('Escape');
    await page.goto('/o/tilleuls/invitations');
    await page.getByRole('link', { name: /^Supprimer l’invitation/ }).first().click();
    await page.getByRole('dialog').waitFor();
    for (const colorScheme of ['dark', 'light']) {
      await page.emulateMedia({ colorScheme });
      await axe(page);
      await pictured(page, 'dialog-delete');
    }
    await page.keyboard.press('Escape');
    await counts(page.getByRole('dialog'), 0);
    await page.setViewportSize({ width: phone, height: 844 });
    await page.getByRole('button', { name: 'Menu', exact: true }).click();
    await page.getByRole('button', { name: 'Fermer le menu' }).waitFor();
    await axe(page);
    await pictured(page, 'menu-pages');
    await page.getByRole('button', { name: 'Fermer le menu' }).click();
    await page.getByRole('button', { name: 'Fermer le menu' }).waitFor({ state: 'hidden' });
  });
});
