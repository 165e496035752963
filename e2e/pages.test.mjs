// Every page that a GET answers, in both looks and at both widths: accessible, silent, narrow enough, one title, both
// languages ("Must show" 2, DESIGN.md 19). HABILIS_SHOTS=1 keeps a picture of each in e2e/shots/.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ask, axe, enter, links, mailbox, memberId, noOverflow, openPage, people, phone, shot, startServer, styled, wide } from './lib/index.mjs';

let server;
let ids; // of the objects that the pages show, read once
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const pictures = process.env.HABILIS_SHOTS === '1';
const visited = new Set(); // route patterns

/** look judges the page as it stands, in every look; `name` is that of its pictures. */
async function look(page, name) {
  assert.equal(await page.locator('h1').count(), 1, `${name}: one h1`);
  assert.ok((await page.locator('h1').innerText()).trim(), `${name}: the h1 says something`);
  assert.match(await page.title(), /\S/, `${name}: a title`);
  for (const width of [wide, phone]) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await axe(page, { colours: colorScheme === 'dark' });
      if (pictures) await shot(page, name);
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await noOverflow(page);
  await page.setViewportSize({ width: wide, height: 900 });
  await styled(page);
}

// The keys of the catalogues: none may be seen on a page.
const catalogues = fileURLToPath(new URL('../internal/text/catalogue/', import.meta.url));
const keys = readdirSync(catalogues).filter((name) => name.endsWith('.en.json')).flatMap((name) => Object.keys(JSON.parse(readFileSync(catalogues + name, 'utf8'))));

// inEnglish looks at the same address in the other language, then goes back to French.
async function inEnglish(page, path) {
  const speak = (lang) => page.request.post('/language', { form: { lang }, headers: { origin: server.base }, maxRedirects: 0 });
  const french = await page.locator('main').innerText();
  await speak('en');
  try {
    await page.goto(path);
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    assert.equal(await page.locator('h1').count(), 1);
    assert.notEqual(await page.locator('main').innerText(), french, `${path} is the same in both languages`);
    const english = await page.locator('body').innerText();
    assert.deepEqual(keys.filter((key) => english.includes(key)), [], `${path} shows the key of a text`);
    assert.doesNotMatch(english, /\{\{|%!|\b(votre|vous|aucun|toutes?|cette) /i, `${path} still speaks French`);
    await noOverflow(page);
  } finally {
    await speak('fr');
  }
  await page.goto(path);
}

// at goes to a page, looks at it, and remembers which route that was.
async function at(page, route, path, { name = path, status = 200 } = {}) {
  const answer = await page.goto(path);
  assert.equal(answer.status(), status, `${path} answers ${status}`);
  visited.add(route);
  await look(page, name.replace(/^\//, '').replace(/[/?=&]+/g, '-'));
  await inEnglish(page, new URL(page.url()).pathname + new URL(page.url()).search);
}

describe('a stranger', () => {
  test('sees the pages of signing in, and those of information', async (t) => {
    const page = await openPage(t, server);
    await at(page, '/login', '/login');
    await at(page, '/password/forgot', '/password/forgot');
    await at(page, '/password/forgot/sent', '/password/forgot/sent');
    for (const path of ['/help', '/site-map', '/accessibility', '/privacy']) await at(page, path, path, { name: `stranger${path}` });
  });

  test('sees the pages that links of letters open', async (t) => {
    const page = await openPage(t, server);
    await page.request.post('/password/forgot', { form: { email: people.julie } });
    const [reset] = links(await mailbox(server, people.julie).next());
    await at(page, '/password/reset', reset, { name: 'password-reset' });
    const [setUp] = (await server.cli('admin', 'create-platform-admin', '--email', 'second@habilis.example')).match(/http\S+/);
    await at(page, '/setup', setUp, { name: 'setup' });
  });

  test('sees the pages of development', async (t) => {
    const page = await openPage(t, server);
    await page.goto('/dev/mail');
    await look(page, 'dev-mail');
    await page.getByRole('main').getByRole('link').first().click();
    await look(page, 'dev-mail-letter');
    await page.goto('/api/docs'); // one long page: once is enough
    await axe(page);
    await noOverflow(page);
  });
});

describe('an administrator', () => {
  // bruno opens a page of his, and reads once the ids of what the pages show.
  async function bruno(t) {
    const page = await enter(t, server, people.bruno);
    if (ids) return page;
    const [site] = (await ask(page, '/organizations/tilleuls/sites')).items;
    const [invitation] = (await ask(page, '/organizations/tilleuls/invitations')).items;
    ids = { site: site.id, invitation: invitation.id };
    for (const name of ['yanis.belkacem', 'marc.chevallier', 'claire.morvan']) ids[name] = await memberId(page, 'tilleuls', `${name}@tilleuls.example`);
    return page;
  }

  test('sees their account', async (t) => {
    const page = await bruno(t);
    await at(page, '/organizations', '/organizations?stay=1', { name: 'organizations' });
    await at(page, '/account', '/account');
    await at(page, '/account/password', '/account/password');
    await at(page, '/account/sessions', '/account/sessions');
  });

  test('sees the organisation, its sites and settings', async (t) => {
    const page = await bruno(t);
    await at(page, '/o/{org}/home', '/o/tilleuls/home');
    await at(page, '/o/{org}/leave', '/o/tilleuls/leave');
    await at(page, '/o/{org}/settings', '/o/tilleuls/settings');
    await at(page, '/o/{org}/sites', '/o/tilleuls/sites');
    await at(page, '/o/{org}/sites/new', '/o/tilleuls/sites/new');
    await at(page, '/o/{org}/sites/{site}', `/o/tilleuls/sites/${ids.site}`, { name: 'site' });
    await at(page, '/o/{org}/sites/{site}/close', `/o/tilleuls/sites/${ids.site}/close`, { name: 'site-close' });
  });

  test('sees the members', async (t) => {
    const page = await bruno(t);
    await at(page, '/o/{org}/members', '/o/tilleuls/members', { name: 'members' });
    await at(page, '/o/{org}/members', '/o/tilleuls/members?q=zzz&function=nurse', { name: 'members-none' });
    const sheet = (name) => `/o/tilleuls/members/${ids[name]}`;
    await at(page, '/o/{org}/members/{member}', sheet('yanis.belkacem'), { name: 'member' });
    await at(page, '/o/{org}/members/{member}', sheet('claire.morvan'), { name: 'member-administrator' });
    await at(page, '/o/{org}/members/{member}/deactivate', `${sheet('yanis.belkacem')}/deactivate`, { name: 'member-deactivate' });
    await at(page, '/o/{org}/members/{member}/reactivate', `${sheet('marc.chevallier')}/reactivate`, { name: 'member-reactivate' });
    await at(page, '/o/{org}/members/{member}/administration', `${sheet('yanis.belkacem')}/administration`, { name: 'member-appoint' });
    await at(page, '/o/{org}/members/{member}/administration/withdraw', `${sheet('claire.morvan')}/administration/withdraw`, { name: 'member-withdraw' });
  });

  test('sees the review of a selection', async (t) => {
    const page = await bruno(t);
    await page.goto('/o/tilleuls/members');
    for (const name of ['Yanis Belkacem', 'Marc Chevallier', 'Bruno Lacaze']) await page.getByLabel(`Sélectionner ${name}`, { exact: true }).check();
    await look(page, 'members-selected');
    await page.getByRole('button', { name: 'Désactiver…' }).click();
    await page.waitForURL('**/members/bulk');
    await look(page, 'members-bulk');
    visited.add('/o/{org}/members/bulk');
  });

  test('sees the invitations, before and after they are sent', async (t) => {
    const page = await bruno(t);
    await at(page, '/o/{org}/invitations', '/o/tilleuls/invitations', { name: 'invitations' });
    await at(page, '/o/{org}/invitations', '/o/tilleuls/invitations?q=zzz', { name: 'invitations-none' });
    await at(page, '/o/{org}/invitations/{invitation}/resend', `/o/tilleuls/invitations/${ids.invitation}/resend`, { name: 'invitation-resend' });
    await at(page, '/o/{org}/invitations/{invitation}/delete', `/o/tilleuls/invitations/${ids.invitation}/delete`, { name: 'invitation-delete' });
    await at(page, '/o/{org}/invitations/new', '/o/tilleuls/invitations/new', { name: 'invitation-new' });
    await page.getByLabel('Adresse 1').fill('nouvelle.personne@tilleuls.example');
    await page.getByLabel('Ou collez une liste').fill(`${people.julie}\n${people.nadia}; emma.caradec@tilleuls.example, pas-une-adresse`);
    await page.getByLabel('Saint-Aubin', { exact: false }).first().check();
    await page.getByLabel('Secrétariat').first().check();
    await page.getByRole('button', { name: 'Vérifier avant d’envoyer' }).click();
    await page.waitForURL('**/review?draft=*');
    await look(page, 'invitation-review');
    visited.add('/o/{org}/invitations/new/review');
    await page.getByRole('button', { name: /Envoyer 2 invitations/ }).click();
    await page.waitForURL('**/sent?draft=*');
    await look(page, 'invitation-sent');
    visited.add('/o/{org}/invitations/sent');
  });

  test('and the invited person sees what the invitation opens', async (t) => {
    const stranger = await openPage(t, server);
    const [link] = links(await mailbox(server, 'nouvelle.personne@tilleuls.example').next());
    await at(stranger, '/activate', link, { name: 'activate' });
    await stranger.getByRole('button', { name: 'Activer mon compte' }).click();
    await look(stranger, 'activate-errors');
  });
});

describe('the platform', () => {
  test('sees its organisations', async (t) => {
    const page = await enter(t, server, people.platform);
    await at(page, '/platform/organizations', '/platform/organizations');
    await at(page, '/platform/organizations/new', '/platform/organizations/new');
    const { items } = await ask(page, '/organizations');
    await at(page, '/platform/organizations/{id}', `/platform/organizations/${items[0].id}`, { name: 'platform-organization' });
  });
});

describe('errors', () => {
  const wrong = async (t, email, path, status) => {
    const page = email ? await enter(t, server, email) : await openPage(t, server);
    assert.equal((await page.goto(path)).status(), status, path);
    await look(page, `error-${status}${email ? '' : '-stranger'}`);
    assert.equal(await page.getByRole('main').getByRole('link').count(), 1, 'there is one way on');
  };
  test('403: a right that one does not have', (t) => wrong(t, people.julie, '/o/tilleuls/members', 403));
  test('404: a page that is not there, for a stranger', (t) => wrong(t, '', '/nulle/part', 404));
  test('404: nor for somebody signed in', (t) => wrong(t, people.bruno, '/o/tilleuls/members/mbr_01a20000-0000-7000-8000-000000000000', 404));
  test('410: a dead link', (t) => wrong(t, '', '/activate/inv_mort', 410));
});

describe('menus and dialogs', () => {
  test('opened, they are as accessible as the page', async (t) => {
    const page = await enter(t, server, people.bruno);
    await page.goto('/o/tilleuls/invitations');
    await page.getByRole('button', { name: /^Votre menu/ }).click();
    await page.getByRole('navigation', { name: 'Votre compte' }).waitFor();
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await axe(page);
      if (pictures) await shot(page, 'menu-person');
    }
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: /^Supprimer l’invitation/ }).first().click();
    await page.getByRole('dialog').waitFor();
    for (const colorScheme of ['dark', 'light']) {
      await page.emulateMedia({ colorScheme });
      await axe(page);
      if (pictures) await shot(page, 'dialog-delete');
    }
    await page.keyboard.press('Escape');
    assert.equal(await page.getByRole('dialog').count(), 0);
    await page.setViewportSize({ width: phone, height: 844 });
    await page.getByRole('button', { name: 'Menu', exact: true }).click();
    await page.getByRole('button', { name: 'Fermer le menu' }).waitFor();
    await axe(page);
    if (pictures) await shot(page, 'menu-pages');
    await page.getByRole('button', { name: 'Fermer le menu' }).click();
    await page.getByRole('button', { name: 'Fermer le menu' }).waitFor({ state: 'hidden' });
  });
});

// The route tables of package web are the list of pages: one that is added there must be added here.
test('no page was left out', () => {
  const folder = fileURLToPath(new URL('../internal/web/', import.meta.url));
  const paths = Object.fromEntries([...readFileSync(`${folder}ui/paths.go`, 'utf8').matchAll(/(Path\w+)\s*= "([^"]+)"/g)].map(([, name, path]) => [name, path]));
  const source = readdirSync(folder).filter((name) => name.endsWith('.go')).map((name) => readFileSync(folder + name, 'utf8')).join('\n');
  const routes = [...source.matchAll(/\{"GET ([^"]*)"(?: \+ ui\.(Path\w+))?, (?:open|signed|within|linkPages),/g)].map(([, path, name]) => path + (paths[name] ?? ''));
  const onlyLeadElsewhere = ['/{$}', '/platform', '/o/{org}', '/activate/{token}', '/password/reset/{token}', '/setup/{token}'];
  assert.ok(routes.length > 35, `the route tables are read: ${routes.length}`);
  assert.deepEqual(routes.filter((route) => !visited.has(route) && !onlyLeadElsewhere.includes(route)), []);
});
