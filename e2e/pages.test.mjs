// Every page that a GET answers, in both looks and at both widths: accessible, silent, narrow enough, one title, both
// languages ("Must show" 2, DESIGN.md 19). HABILIS_SHOTS=1 keeps a picture of each in e2e/shots/.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ask, axe, counts, enter, links, mailbox, memberId, noOverflow, openPage, people, phone, shot, startServer, styled, wide } from './lib/index.mjs';

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
  await counts(page.locator('h1'), 1, `${name}: one h1`);
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
    await counts(page.locator('h1'), 1);
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

// tokens looks at a list of tokens and at the pages that lead from it.
async function tokens(page, route) {
  const path = route.replace('{org}', 'tilleuls');
  const name = path.replace(/^\//, '').replaceAll('/', '-');
  await at(page, route, path, { name: `${name}-none` });
  await at(page, `${route}/new`, `${path}/new`);
  await page.getByRole('button', { name: 'Créer le jeton' }).click();
  await look(page, `${name}-new-errors`);
  await page.getByLabel('Nom du jeton').fill('Sauvegarde');
  if (route.includes('{org}')) await page.getByLabel('Voir les membres').check();
  await page.getByRole('button', { name: 'Créer le jeton' }).click();
  await page.getByLabel('Secret du jeton').waitFor();
  await look(page, `${name}-made`);
  await at(page, route, path, { name });
  await at(page, `${route}/{token}/revoke`, await page.getByRole('link', { name: /^Révoquer/ }).first().getAttribute('href'), { name: `${name}-revoke` });
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
    for (const name of ['yanis.belkacem', 'marc.chevallier', 'claire.morvan', 'julie.delmas']) ids[name] = await memberId(page, 'tilleuls', `${name}@tilleuls.example`);
    return page;
  }

  test('sees their account', async (t) => {
    const page = await bruno(t);
    await at(page, '/organizations', '/organizations?stay=1', { name: 'organizations' });
    await at(page, '/account', '/account');
    await at(page, '/account/security', '/account/security');
    await at(page, '/account/email', '/account/email');
    await at(page, '/account/security/passkeys/new', '/account/security/passkeys/new');
    await at(page, '/account/history', '/account/history');
    await at(page, '/account/password', '/account/password');
    await at(page, '/account/sessions', '/account/sessions');
    await tokens(page, '/account/tokens');
    await tokens(page, '/o/{org}/tokens');
  });

  test('sees their second factors', async (t) => {
    const page = await enter(t, server, people.claire);
    const { items: [factor] } = await ask(page, '/me/factors');
    const one = `/account/security/factors/${factor.id}`;
    await at(page, '/account/security/factors/{factor}/rename', `${one}/rename`, { name: 'factor-rename' });
    await at(page, '/account/security/factors/{factor}/remove', `${one}/remove`, { name: 'factor-remove' });
    await at(page, '/account/security/recovery/new', '/account/security/recovery/new');
    await at(page, '/account/security/totp/new', '/account/security/totp/new', { name: 'totp-new' });
    const asked = await page.request.post(`${one}/remove-later`, { headers: { origin: server.base }, maxRedirects: 0 });
    assert.equal(asked.status(), 303);
    const [link] = links(await mailbox(server, people.claire).next(/va être retiré/));
    await at(page, '/factors/stop', link, { name: 'factor-stop' });
    await page.getByRole('button', { name: 'Garder ce second facteur' }).click();
    await page.waitForURL('**/account/security');
  });

  test('sees the number to which their codes go', async (t) => {
    const page = await enter(t, server, people.julie);
    await at(page, '/account/security/phone/new', '/account/security/phone/new');
    await page.getByLabel('Numéro de téléphone portable').fill('06 39 98 00 77');
    await page.getByRole('button', { name: 'Recevoir un code par SMS' }).click();
    await page.waitForURL('**/account/security/phone/code');
    const factor = await page.locator('input[name=factor]').inputValue();
    await at(page, '/account/security/phone/code', '/account/security/phone/code');
    await at(page, '/account/security/phone/send', `/account/security/phone/send?factor=${factor}`, { name: 'phone-send' });
  });

  test('sees the security rules, and how a member signs in', async (t) => {
    const page = await bruno(t);
    await at(page, '/o/{org}/settings/security', '/o/tilleuls/settings/security', { name: 'settings-security' });
    await page.getByLabel('Délai pour l’activer, en jours').fill('10');
    await page.getByLabel('Adresses de l’organisation').fill('127.0.0.0/8');
    await page.getByLabel('Le réseau peut servir de second facteur').check();
    await page.getByLabel('L’administration peut corriger une adresse e-mail').check();
    await page.getByRole('button', { name: 'Voir l’effet sur les membres' }).click();
    await page.waitForURL('**/settings/security/review*');
    await at(page, '/o/{org}/settings/security/review', new URL(page.url()).pathname + new URL(page.url()).search, { name: 'settings-security-review' });
    await page.getByRole('button', { name: 'Enregistrer les règles' }).click();
    await page.waitForURL('**/o/tilleuls/settings');
    const security = `/o/tilleuls/members/${ids['julie.delmas']}/security`;
    await at(page, '/o/{org}/members/{member}/security/address', `${security}/address`, { name: 'member-security-address' });
    await page.getByRole('button', { name: 'Ajouter le réseau de l’organisation' }).click();
    await page.waitForURL(`**${security}`);
    await at(page, '/o/{org}/members/{member}/security', security, { name: 'member-security' });
    const remove = await page.getByRole('link', { name: /^Retirer/ }).getAttribute('href');
    await at(page, '/o/{org}/members/{member}/security/{factor}/remove', remove, { name: 'member-security-remove' });
    await at(page, '/o/{org}/members/{member}/security/phone', `${security}/phone`, { name: 'member-security-phone' });
    await at(page, '/o/{org}/members/{member}/security/reset', `${security}/reset`, { name: 'member-security-reset' });
    await at(page, '/o/{org}/members/{member}/email', `/o/tilleuls/members/${ids['julie.delmas']}/email`, { name: 'member-email' });
    await at(page, '/account/security/network/confirm/{factor}', `/account/security/network/confirm/${remove.split('/').at(-2)}`, { name: 'network-confirm' });
    const { items: [place] } = await ask(page, '/me/organizations');
    await at(page, '/account/security/network/{org}', `/account/security/network/${place.organization.id}`, { name: 'network-add' });
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

  test('sees the roles', async (t) => {
    const page = await bruno(t);
    const { items } = await ask(page, '/organizations/tilleuls/roles');
    const provided = items.find(({ built_in }) => built_in === 'secretary').id;
    const own = items.find(({ name }) => name === 'Coordination').id;
    const at1 = (id, rest = '') => `/o/tilleuls/roles/${id}${rest}`;
    await at(page, '/o/{org}/roles', '/o/tilleuls/roles', { name: 'roles' });
    await at(page, '/o/{org}/roles/new', `/o/tilleuls/roles/new?from=${provided}`, { name: 'role-new' });
    await at(page, '/o/{org}/roles/{role}', at1(provided), { name: 'role-provided' });
    await at(page, '/o/{org}/roles/{role}', at1(own), { name: 'role' });
    await at(page, '/o/{org}/roles/{role}/remove', at1(own, '/remove'), { name: 'role-remove' });
    await page.goto(at1(own));
    await page.getByRole('checkbox', { name: /^Lire les ordonnances/ }).check();
    await page.getByRole('button', { name: 'Vérifier les changements' }).click();
    await page.waitForURL('**/review?draft=*');
    await at(page, '/o/{org}/roles/{role}/review', new URL(page.url()).pathname + new URL(page.url()).search, { name: 'role-review' });
  });

  test('sees the agendas, the messaging profiles and the identities', async (t) => {
    const page = await bruno(t);
    for (const kind of ['agendas', 'messaging-profiles', 'identities']) {
      const list = `/o/tilleuls/${kind}`;
      const { items } = await ask(page, `/organizations/tilleuls/${kind}`);
      const one = `${list}/${items.find(({ holder }) => holder).id}`;
      const route = `/o/{org}/${kind}`;
      await at(page, route, list, { name: kind });
      await at(page, `${route}/new`, `${list}/new`, { name: `${kind}-new` });
      await at(page, `${route}/{resource}`, one, { name: `${kind}-sheet` });
      await at(page, `${route}/{resource}/edit`, `${one}/edit`, { name: `${kind}-edit` });
      await at(page, `${route}/{resource}/close`, `${one}/close`, { name: `${kind}-close` });
      await at(page, `${route}/{resource}/access`, `${one}/access`, { name: `${kind}-access` });
    }
    await at(page, '/o/{org}/agendas', '/o/tilleuls/agendas?q=zzz&state=closed', { name: 'agendas-none' });
  });

  test('sees the access groups', async (t) => {
    const page = await bruno(t);
    const list = '/o/tilleuls/access-groups';
    await at(page, '/o/{org}/access-groups', list, { name: 'groups-none' });
    await at(page, '/o/{org}/access-groups/new', `${list}/new`, { name: 'group-new' });
    await page.getByLabel('Nom du groupe').fill('Pédiatrie');
    await page.getByRole('button', { name: 'Créer le groupe' }).click();
    await page.waitForURL('**/access-groups/grp_*');
    const group = new URL(page.url()).pathname;
    await at(page, '/o/{org}/access-groups/{group}', group, { name: 'group-empty' });
    await at(page, '/o/{org}/access-groups/{group}/members/add', `${group}/members/add`, { name: 'group-add' });
    await page.getByRole('checkbox', { name: /Yanis Belkacem/ }).check();
    await page.getByRole('button', { name: 'Ajouter au groupe' }).click();
    await page.waitForURL((url) => url.pathname === group);
    await at(page, '/o/{org}/access-groups/{group}/records/add', `${group}/records/add`, { name: 'group-records-add' });
    await page.getByLabel('Noms des dossiers').fill('DOS-1\n255081416802538');
    await page.getByRole('button', { name: 'Ajouter ces dossiers' }).click();
    await look(page, 'group-records-errors');
    await page.getByLabel('Noms des dossiers').fill('DOS-1\nDOS-2');
    await page.getByRole('button', { name: 'Ajouter ces dossiers' }).click();
    await page.waitForURL('**/records');
    const member = `${group}/members/${ids['yanis.belkacem']}`;
    await at(page, '/o/{org}/access-groups', list, { name: 'groups' });
    await at(page, '/o/{org}/access-groups/{group}', group, { name: 'group' });
    await at(page, '/o/{org}/access-groups/{group}/edit', `${group}/edit`, { name: 'group-edit' });
    await at(page, '/o/{org}/access-groups/{group}/remove', `${group}/remove`, { name: 'group-remove' });
    await at(page, '/o/{org}/access-groups/{group}/members/{member}', member, { name: 'group-dates' });
    await at(page, '/o/{org}/access-groups/{group}/members/{member}/remove', `${member}/remove`, { name: 'group-take-out' });
    await at(page, '/o/{org}/access-groups/{group}/records', `${group}/records`, { name: 'group-records' });
    await at(page, '/o/{org}/access-groups/{group}/records/remove', `${group}/records/remove`, { name: 'group-records-remove' });
    await at(page, '/o/{org}/access-groups/{group}/records/remove', `${group}/records/remove?record=DOS-1`, { name: 'group-record-remove' });
  });

  test('sees the delegations', async (t) => {
    const page = await bruno(t);
    const list = '/o/tilleuls/delegations';
    await at(page, '/o/{org}/delegations', list, { name: 'delegations' });
    await at(page, '/o/{org}/delegations', `${list}?q=personne`, { name: 'delegations-nothing' });
    await at(page, '/o/{org}/delegations/new', `${list}/new`, { name: 'delegation-new' });
    await page.getByRole('button', { name: 'Vérifier' }).click();
    await look(page, 'delegation-new-errors');
    const { items } = await ask(page, '/organizations/tilleuls/identities?q=morvan');
    const julie = await memberId(page, 'tilleuls', people.julie);
    const made = await page.request.post('/api/v1/organizations/tilleuls/delegations', {
      data: { identities: [items[0].id], member: julie, acts: ['draft_consultation'] }, headers: { origin: server.base },
    });
    const [proposal] = (await made.json()).items;
    await at(page, '/o/{org}/delegations/{delegation}/edit', `${list}/${proposal.id}/edit`, { name: 'delegation-dates' });
    await at(page, '/o/{org}/delegations/{delegation}/end', `${list}/${proposal.id}/end`, { name: 'delegation-end' });

    const claire = await enter(t, server, people.claire);
    const mine = '/o/tilleuls/me/delegations';
    await at(claire, '/o/{org}/me/delegations', mine, { name: 'my-delegations' });
    await at(claire, '/o/{org}/me/delegations/new', `${mine}/new`, { name: 'my-delegation-new' });
    for (const page of ['confirm', 'refuse', 'edit', 'end']) {
      await at(claire, `/o/{org}/me/delegations/{delegation}/${page}`, `${mine}/${proposal.id}/${page}`, { name: `my-delegation-${page}` });
    }
  });

  test('sees where rights come from', async (t) => {
    const page = await bruno(t);
    const yanis = ids['yanis.belkacem'];
    const { items } = await ask(page, '/organizations/tilleuls/agendas');
    await at(page, '/o/{org}/access/why', '/o/tilleuls/access/why', { name: 'why' });
    await at(page, '/o/{org}/access/why', `/o/tilleuls/access/why?type=agenda&member=${yanis}&act=manage&on=${items[0].id}`, { name: 'why-answer' });
    await at(page, '/o/{org}/access/why', `/o/tilleuls/access/why?type=patient_record&member=${yanis}&act=read&on=DOS-9`, { name: 'why-record' });
    await at(page, '/o/{org}/access/records', '/o/tilleuls/access/records?record=DOS-9', { name: 'why-records' });
    await at(page, '/o/{org}/members/{member}/access', `/o/tilleuls/members/${yanis}/access`, { name: 'member-access' });
    await at(page, '/o/{org}/decision-log', '/o/tilleuls/decision-log', { name: 'decision-log' });
    await at(page, '/o/{org}/settings/decisions', '/o/tilleuls/settings/decisions', { name: 'settings-decisions' });
  });

  test('sees the journal', async (t) => {
    const page = await bruno(t);
    await at(page, '/o/{org}/journal', '/o/tilleuls/journal', { name: 'journal' });
    await at(page, '/o/{org}/journal', '/o/tilleuls/journal?q=zzz&outcome=refused&from=2026-01-01', { name: 'journal-none' });
    await at(page, '/o/{org}/journal/export', '/o/tilleuls/journal/export?kind=members', { name: 'journal-export' });
    const [event] = (await ask(page, '/organizations/tilleuls/audit-events')).items;
    await at(page, '/o/{org}/journal/{event}', `/o/tilleuls/journal/${event.id}`, { name: 'journal-event' });
    await at(page, '/o/{org}/me/journal', '/o/tilleuls/me/journal', { name: 'my-journal' });
  });

  test('sees the members', async (t) => {
    const page = await bruno(t);
    await at(page, '/o/{org}/members', '/o/tilleuls/members', { name: 'members' });
    await at(page, '/o/{org}/members', '/o/tilleuls/members?q=zzz&function=nurse', { name: 'members-none' });
    await at(page, '/o/{org}/directory-alerts', '/o/tilleuls/directory-alerts', { name: 'alerts' });
    const sheet = (name) => `/o/tilleuls/members/${ids[name]}`;
    await at(page, '/o/{org}/members/{member}', sheet('yanis.belkacem'), { name: 'member' });
    await at(page, '/o/{org}/members/{member}', sheet('claire.morvan'), { name: 'member-administrator' });
    await at(page, '/o/{org}/members/{member}/deactivate', `${sheet('yanis.belkacem')}/deactivate`, { name: 'member-deactivate' });
    await at(page, '/o/{org}/members/{member}/reactivate', `${sheet('marc.chevallier')}/reactivate`, { name: 'member-reactivate' });
    await at(page, '/o/{org}/members/{member}/administration', `${sheet('yanis.belkacem')}/administration`, { name: 'member-appoint' });
    await at(page, '/o/{org}/members/{member}/administration/withdraw', `${sheet('claire.morvan')}/administration/withdraw`, { name: 'member-withdraw' });
  });

  test('sees «Nouvel utilisateur», its steps and its drafts', async (t) => {
    const page = await bruno(t);
    const step = (name) => new URL(page.url()).pathname.replace(/[^/]+$/, name);
    const route = (name) => `/o/{org}/members/new/{draft}/${name}`;
    const click = (name) => page.getByRole('button', { name, exact: true }).click();
    await at(page, '/o/{org}/members/new', '/o/tilleuls/members/new', { name: 'create' });
    await page.getByRole('radio', { name: /^Profession réglementée/ }).check();
    await click('Commencer');
    await page.waitForURL('**/profile');
    await at(page, route('profile'), step('profile'), { name: 'create-profile-search' });
    await page.getByRole('button', { name: /^La personne n’apparaît pas/ }).click();
    await page.getByLabel('Profession', { exact: true }).waitFor();
    await look(page, 'create-profile-regulated');
    await page.getByRole('radio', { name: /^Profession non réglementée/ }).check();
    await page.getByLabel('Personne remplacée').waitFor({ state: 'attached' });
    await page.getByRole('checkbox', { name: /^Saint-Aubin/ }).check();
    await page.getByLabel('Nom', { exact: true }).fill('Marchand');
    await page.getByLabel('Prénom', { exact: true }).fill('Léo');
    await page.getByLabel('Spécialité').fill('Sophrologie');
    await page.getByLabel('Fonction').selectOption({ label: 'Autre' });
    await look(page, 'create-profile-unregulated');
    await click('Continuer vers les droits');
    await page.waitForURL('**/rights');
    await page.getByRole('radio', { name: 'Oui', exact: true }).check();
    await look(page, 'create-rights-administrator');
    await at(page, route('rights'), step('rights'), { name: 'create-rights' });
    await page.getByRole('checkbox', { name: /^Soins/ }).check();
    await click('Continuer vers le contact');
    await page.waitForURL('**/contact');
    await at(page, route('contact'), step('contact'), { name: 'create-contact' });
    await page.getByLabel('E-mail professionnel').fill('leo.marchand@tilleuls.example');
    await click('Continuer vers les agendas');
    await page.waitForURL('**/agendas');
    await at(page, route('agendas'), step('agendas'), { name: 'create-agendas' });
    await click('Continuer vers la messagerie');
    await page.waitForURL('**/messaging');
    await at(page, route('messaging'), step('messaging'), { name: 'create-messaging' });
    await click('Continuer vers la vérification');
    await page.waitForURL('**/check-answers');
    await at(page, route('check-answers'), step('check-answers'), { name: 'create-check' });
    await at(page, '/o/{org}/members/drafts', '/o/tilleuls/members/drafts', { name: 'create-drafts' });
  });

  test('sees the matrix of rights, what is pending, its history and its undoing', async (t) => {
    const page = await bruno(t);
    await at(page, '/o/{org}/access/agendas', '/o/tilleuls/access/agendas', { name: 'matrix' });
    await at(page, '/o/{org}/access/agendas', '/o/tilleuls/access/agendas?q=zzz', { name: 'matrix-nobody' });
    await at(page, '/o/{org}/access/messaging-profiles', '/o/tilleuls/access/messaging-profiles?name=secr%C3%A9tariat', { name: 'matrix-messaging' });
    await at(page, '/o/{org}/access/patient-records', '/o/tilleuls/access/patient-records', { name: 'matrix-records' });
    await at(page, '/o/{org}/access/administration', '/o/tilleuls/access/administration', { name: 'matrix-administration' });
    await at(page, '/o/{org}/access/export', '/o/tilleuls/access/export?from=records&function=secretary', { name: 'matrix-export' });
    await at(page, '/o/{org}/access/review-changes', '/o/tilleuls/access/review-changes', { name: 'matrix-review-none' });
    await page.goto('/o/tilleuls/access/agendas?detail=G%C3%A9n%C3%A9raliste');
    const cell = page.locator('select.lvl').first();
    await cell.selectOption({ label: (await cell.locator('option:checked').innerText()) === 'Dispos' ? 'Lecture' : 'Dispos' });
    await page.getByRole('button', { name: 'Vérifier et enregistrer' }).click();
    await page.waitForURL('**/review-changes*');
    await at(page, '/o/{org}/access/review-changes', '/o/tilleuls/access/review-changes', { name: 'matrix-review' });
    await page.getByRole('button', { name: 'Enregistrer 1 changement' }).click();
    await page.waitForURL('**/access/agendas*');
    await look(page, 'matrix-saved');
    await at(page, '/o/{org}/access/changes', '/o/tilleuls/access/changes', { name: 'changes' });
    const change = await page.getByRole('main').getByRole('link', { name: /^Modification/ }).first().getAttribute('href');
    await at(page, '/o/{org}/access/changes/{set}', change, { name: 'change' });
    await at(page, '/o/{org}/access/changes/{set}/undo', `${change}/undo`, { name: 'change-undo' });
    await at(page, '/o/{org}/members/{member}/levels', `/o/tilleuls/members/${ids['yanis.belkacem']}/levels`, { name: 'member-levels' });
  });

  test('sees the forms of a member, and what they would change', async (t) => {
    const page = await bruno(t);
    const sheet = `/o/tilleuls/members/${ids['yanis.belkacem']}`;
    await at(page, '/o/{org}/members/{member}/edit', `${sheet}/edit`, { name: 'member-edit' });
    await page.getByLabel('Fonction').selectOption({ label: 'Autre' });
    await page.getByLabel('Adresse MSSanté').fill('yanis.belkacem@medecin.mssante.fr');
    await page.getByRole('button', { name: 'Vérifier les changements' }).click();
    await page.waitForURL('**/edit/review?draft=*');
    await at(page, '/o/{org}/members/{member}/edit/review', new URL(page.url()).pathname + new URL(page.url()).search, { name: 'member-edit-review' });
    await at(page, '/o/{org}/members/{member}/rights', `${sheet}/rights`, { name: 'member-rights' });
    await page.getByText('Donner une autorisation particulière').click();
    await look(page, 'member-rights-more');
    await page.getByRole('checkbox', { name: 'Voir les statistiques' }).check();
    await page.getByRole('checkbox', { name: 'Lire le journal' }).check();
    await page.getByRole('button', { name: 'Vérifier les changements' }).click();
    await page.waitForURL('**/rights/review?draft=*');
    await at(page, '/o/{org}/members/{member}/rights/review', new URL(page.url()).pathname + new URL(page.url()).search, { name: 'member-rights-review' });

    const { items } = await ask(page, '/organizations/tilleuls/invitations');
    const waits = items.find(({ id, email }) => id !== ids.invitation && /^(leila.haddad|linh.nguyen)@/.test(email));
    assert.ok((await page.request.post(`/o/tilleuls/invitations/${waits.id}/delete`, { form: {}, headers: { origin: server.base } })).ok());
    const uninvited = `/o/tilleuls/members/${await memberId(page, 'tilleuls', waits.email)}`;
    await at(page, '/o/{org}/members/{member}', uninvited, { name: 'member-not-invited' });
    await at(page, '/o/{org}/members/{member}/invite', `${uninvited}/invite`, { name: 'member-invite' });
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
    await at(page, '/platform/organizations/{id}/suspend', `/platform/organizations/${items[0].id}/suspend`, { name: 'platform-suspend' });
    await tokens(page, '/platform/tokens');
    await at(page, '/platform/factor-resets', '/platform/factor-resets');
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
    await counts(page.getByRole('dialog'), 0);
    await page.setViewportSize({ width: phone, height: 844 });
    await page.getByRole('button', { name: 'Menu', exact: true }).click();
    await page.getByRole('button', { name: 'Fermer le menu' }).waitFor();
    await axe(page);
    if (pictures) await shot(page, 'menu-pages');
    await page.getByRole('button', { name: 'Fermer le menu' }).click();
    await page.getByRole('button', { name: 'Fermer le menu' }).waitFor({ state: 'hidden' });
  });
});

// Pages that only somebody half signed in, locked out or holding a letter's link comes to: the journeys of these files look at them.
const elsewhere = {
  'second-factor': ['/login/second-factor', '/login/second-factor/enrol', '/login/second-factor/enrol/totp', '/account/second-factor'],
  sms: ['/login/second-factor/enrol/sms'],
  'account-security': ['/email/confirm', '/email/undo', '/locked'],
};

// The route tables of package web are the list of pages: one that is added there must be added here.
test('no page was left out', () => {
  const folder = fileURLToPath(new URL('../internal/web/', import.meta.url));
  const files = ['', 'ui/'].flatMap((sub) => readdirSync(folder + sub).map((name) => folder + sub + name));
  const source = files.filter((name) => name.endsWith('.go') && !name.endsWith('_test.go')).map((name) => readFileSync(name, 'utf8')).join('\n');
  const constants = Object.fromEntries([...source.matchAll(/^\s*(?:const )?([pP]ath\w+)\s*= (.+?)(?:\s*\/\/ ?[a-zA-Z].*)?$/gm)].map(([, name, value]) => [name, value.trim()]));
  // said evaluates a path as the code writes it: texts and constants, added up.
  const said = (expression) => expression.split(' + ').map((part) => (part.startsWith('"') ? part.slice(1, -1) : said(constants[part.replace(/^ui\./, '')]))).join('');
  const routes = [...source.matchAll(/\{("GET [^,]*), (?:open|signed|within|linkPages),/g)].map(([, expression]) => said(expression).replace(/^GET /, ''));
  const onlyLeadElsewhere = ['/{$}', '/platform', '/o/{org}', '/activate/{token}', '/password/reset/{token}', '/setup/{token}', '/factors/stop/{token}', '/email/confirm/{token}', '/email/undo/{token}'];
  assert.ok(routes.length > 35, `the route tables are read: ${routes.length}`);
  const seen = Object.values(elsewhere).flat();
  for (const [file] of Object.entries(elsewhere)) assert.ok(readdirSync(fileURLToPath(new URL('.', import.meta.url))).includes(`${file}.test.mjs`), file);
  assert.deepEqual(routes.filter((route) => !visited.has(route) && !onlyLeadElsewhere.includes(route) && !seen.includes(route)), []);
  assert.deepEqual(seen.filter((path) => !routes.includes(path)), [], 'pages that there are no longer');
});
