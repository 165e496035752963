// The pages of members, of what they have, and of invitations; each looked at in full (the rule: e2e/pages.test.mjs).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, at, enter, here, keyed, links, look, mailbox, memberId, openPage, people, startServer } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const bruno = (t) => enter(t, server, people.bruno); // administers the Tilleuls

// sheet is the address of a member's sheet.
const sheet = async (page, name) => `/o/tilleuls/members/${await memberId(page, 'tilleuls', `${name}@tilleuls.example`)}`;

test('sees the members', async (t) => {
  const page = await bruno(t);
  await at(page, '/o/tilleuls/members', { name: 'members' });
  await at(page, '/o/tilleuls/members?q=zzz&function=nurse', { name: 'members-none' });
  await at(page, '/o/tilleuls/directory-alerts', { name: 'alerts' });
  const yanis = await sheet(page, 'yanis.belkacem');
  const claire = await sheet(page, 'claire.morvan');
  await at(page, yanis, { name: 'member' });
  await at(page, claire, { name: 'member-administrator' });
  await at(page, `${yanis}/deactivate`, { name: 'member-deactivate' });
  await page.goto(`${yanis}/deactivate`);
  await page.getByRole('radio', { name: /^À la fin d’un jour choisi/ }).check();
  await page.getByLabel('Dernier jour d’accès').fill('2099-11-30');
  await page.getByRole('button', { name: 'Désactiver', exact: true }).click();
  await page.getByText('Désactivation prévue').first().waitFor();
  await at(page, yanis, { name: 'member-planned' });
  await at(page, `${yanis}/deactivate`, { name: 'member-deactivate-planned' });
  await at(page, `${yanis}/deactivate/cancel`, { name: 'member-deactivate-cancel' });
  await at(page, `${await sheet(page, 'marc.chevallier')}/reactivate`, { name: 'member-reactivate' });
  await at(page, `${yanis}/administration`, { name: 'member-appoint' });
  await at(page, `${claire}/administration/withdraw`, { name: 'member-withdraw' });
});

test('sees «Nouvel utilisateur», its steps and its drafts', async (t) => {
  const page = await bruno(t);
  const step = (name) => new URL(page.url()).pathname.replace(/[^/]+$/, name);
  const click = (name) => page.getByRole('button', { name, exact: true }).click();
  await at(page, '/o/tilleuls/members/new', { name: 'create' });
  await page.getByRole('radio', { name: /^Profession réglementée/ }).check();
  await click('Commencer');
  await page.waitForURL('**/profile');
  await at(page, step('profile'), { name: 'create-profile-search' });
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
  await at(page, step('rights'), { name: 'create-rights' });
  await page.getByRole('checkbox', { name: /^Soins/ }).check();
  await click('Continuer vers le contact');
  await page.waitForURL('**/contact');
  await at(page, step('contact'), { name: 'create-contact' });
  await page.getByLabel('E-mail professionnel').fill('leo.marchand@tilleuls.example');
  await click('Continuer vers les agendas');
  await page.waitForURL('**/agendas');
  await at(page, step('agendas'), { name: 'create-agendas' });
  await click('Continuer vers la messagerie');
  await page.waitForURL('**/messaging');
  await at(page, step('messaging'), { name: 'create-messaging' });
  await click('Continuer vers les paramètres');
  await page.waitForURL('**/settings');
  await at(page, step('settings'), { name: 'create-settings' });
  await page.getByRole('group', { name: 'Affichage de l’agenda' }).getByRole('radio', { name: 'Personnaliser' }).check();
  await look(page, 'create-settings-own');
  await click('Continuer vers la vérification');
  await page.waitForURL('**/check-answers');
  await at(page, step('check-answers'), { name: 'create-check' });
  await at(page, '/o/tilleuls/members/drafts', { name: 'create-drafts' });
});

test('sees the forms of a member, and what they would change', async (t) => {
  const page = await bruno(t);
  const yanis = await sheet(page, 'yanis.belkacem');
  await at(page, `${yanis}/edit`, { name: 'member-edit' });
  await page.getByLabel('Fonction').selectOption({ label: 'Autre' });
  await page.getByLabel('Adresse MSSanté').fill('yanis.belkacem@medecin.mssante.fr');
  await page.getByRole('button', { name: 'Vérifier les changements' }).click();
  await page.waitForURL('**/edit/review?draft=*');
  await at(page, here(page), { name: 'member-edit-review' });
  await at(page, `${yanis}/rights`, { name: 'member-rights' });
  await page.getByText('Donner une autorisation particulière').click();
  await look(page, 'member-rights-more');
  await page.getByRole('checkbox', { name: 'Voir les statistiques' }).check();
  await page.getByRole('checkbox', { name: 'Lire le journal' }).check();
  await page.getByRole('button', { name: 'Vérifier les changements' }).click();
  await page.waitForURL('**/rights/review?draft=*');
  await at(page, here(page), { name: 'member-rights-review' });

  const { items } = await ask(page, '/organizations/tilleuls/invitations');
  const waits = items.find(({ email }) => /^(leila.haddad|linh.nguyen)@/.test(email));
  assert.ok((await page.request.post(`/o/tilleuls/invitations/${waits.id}/delete`, { form: {}, headers: { origin: server.base } })).ok());
  const uninvited = `/o/tilleuls/members/${await memberId(page, 'tilleuls', waits.email)}`;
  await at(page, uninvited, { name: 'member-not-invited' });
  await at(page, `${uninvited}/invite`, { name: 'member-invite' });
});

test('sees a departure, and who left', async (t) => {
  const page = await bruno(t);
  await at(page, '/o/tilleuls/members/gone', { name: 'gone-none' });
  const paul = await sheet(page, 'paul.garnier');
  await at(page, `${paul}/departure`, { name: 'departure' });
  await page.getByRole('button', { name: 'Programmer le départ' }).click();
  await look(page, 'departure-errors');
  await page.getByRole('radio', { name: /^Tout de suite/ }).check();
  await page.getByLabel(/^Pour confirmer, écrivez/).fill('Paul Garnier');
  await page.getByRole('button', { name: 'Supprimer le membre', exact: true }).click();
  await page.waitForURL((url) => url.search === '' && url.pathname.endsWith('/departure'));
  await page.getByText('Tous les accès ont pris fin').waitFor();
  await at(page, `${paul}/departure`, { name: 'departure-over' });
  await at(page, '/o/tilleuls/members/gone', { name: 'gone' });
});

test('sees a replacement, before and after', async (t) => {
  const page = await bruno(t);
  const old = await sheet(page, 'elodie.rousseau');
  await at(page, `${old}/replacement`, { name: 'replacement' });
  await page.getByLabel('Bon numéro RPPS').fill(keyed('9970088101'));
  await page.getByRole('button', { name: 'Vérifier ce numéro' }).click();
  await look(page, 'replacement-look');
  await page.getByLabel(/^Pour confirmer, écrivez/).fill('Élodie Rousseau');
  await page.getByRole('button', { name: 'Remplacer ce membre' }).click();
  await page.getByText('a pris la place de l’ancienne').waitFor();
  await at(page, `${old}/replacement`, { name: 'replaced' });
});

test('sees the review of a selection', async (t) => {
  const page = await bruno(t);
  await page.goto('/o/tilleuls/members');
  for (const name of ['Yanis Belkacem', 'Marc Chevallier', 'Bruno Lacaze']) await page.getByLabel(`Sélectionner ${name}`, { exact: true }).check();
  await look(page, 'members-selected');
  await page.getByRole('button', { name: 'Désactiver…' }).click();
  await page.waitForURL('**/members/bulk');
  await look(page, 'members-bulk');
});

test('sees the agendas, the messaging profiles and the identities', async (t) => {
  const page = await bruno(t);
  for (const kind of ['agendas', 'messaging-profiles', 'identities']) {
    const list = `/o/tilleuls/${kind}`;
    const { items } = await ask(page, `/organizations/tilleuls/${kind}`);
    const one = `${list}/${items.find(({ holder }) => holder).id}`;
    await at(page, list, { name: kind });
    await at(page, `${list}/new`, { name: `${kind}-new` });
    await at(page, one, { name: `${kind}-sheet` });
    await at(page, `${one}/edit`, { name: `${kind}-edit` });
    await at(page, `${one}/close`, { name: `${kind}-close` });
    await at(page, `${one}/access`, { name: `${kind}-access` });
  }
  await at(page, '/o/tilleuls/agendas?q=zzz&state=closed', { name: 'agendas-none' });
});

test('sees the invitations, before and after they are sent', async (t) => {
  const page = await bruno(t);
  await at(page, '/o/tilleuls/invitations', { name: 'invitations' });
  await at(page, '/o/tilleuls/invitations?q=zzz', { name: 'invitations-none' });
  const [invitation] = (await ask(page, '/organizations/tilleuls/invitations')).items;
  await at(page, `/o/tilleuls/invitations/${invitation.id}/resend`, { name: 'invitation-resend' });
  await at(page, `/o/tilleuls/invitations/${invitation.id}/delete`, { name: 'invitation-delete' });
  await at(page, '/o/tilleuls/invitations/new', { name: 'invitation-new' });
  await page.getByLabel('Adresse 1').fill('nouvelle.personne@tilleuls.example');
  await page.getByLabel('Ou collez une liste').fill(`${people.julie}\n${people.nadia}; emma.caradec@tilleuls.example, pas-une-adresse`);
  await page.getByLabel('Saint-Aubin', { exact: false }).first().check();
  await page.getByLabel('Secrétariat').first().check();
  await page.getByRole('button', { name: 'Vérifier avant d’envoyer' }).click();
  await page.waitForURL('**/review?draft=*');
  await look(page, 'invitation-review');
  await page.getByRole('button', { name: /Envoyer 2 invitations/ }).click();
  await page.waitForURL('**/sent?draft=*');
  await look(page, 'invitation-sent');
});

test('and the invited person sees what the invitation opens', async (t) => {
  const stranger = await openPage(t, server);
  const [link] = links(await mailbox(server, 'nouvelle.personne@tilleuls.example').next());
  await at(stranger, link, { name: 'activate' });
  await stranger.getByRole('button', { name: 'Activer mon compte' }).click();
  await look(stranger, 'activate-errors');
});

test('sees the settings of a member, their own, and those of all', async (t) => {
  const page = await bruno(t);
  const yanis = await sheet(page, 'yanis.belkacem');
  await at(page, `${yanis}/settings`, { name: 'member-settings' });
  await at(page, `${yanis}/settings/edit`, { name: 'member-settings-edit' });
  await at(page, '/o/tilleuls/me/settings', { name: 'my-settings' });
  await at(page, '/o/tilleuls/me/settings/edit', { name: 'my-settings-edit' });
  for (const own of await page.getByRole('radio', { name: 'Personnaliser' }).all()) await own.check();
  await look(page, 'my-settings-own');
  await at(page, '/o/tilleuls/settings/members', { name: 'settings-members' });
  await page.getByLabel('Fin de la journée').selectOption({ label: '20 h' });
  await page.getByRole('button', { name: 'Voir l’effet sur les membres' }).click();
  await page.waitForURL('**/settings/members/review*');
  await at(page, here(page), { name: 'settings-members-review' });
  await at(page, '/o/tilleuls/me/notifications', { name: 'notifications' });
  await at(page, '/o/tilleuls/me/notifications?unread=1', { name: 'notifications-unread' });
});
