// The pages of rights: roles, groups, delegations, sources, the matrix; each looked at in full (the rule: e2e/pages.test.mjs).
import { after, before, test } from 'node:test';
import { ask, at, enter, here, look, memberId, people, startServer } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const bruno = (t) => enter(t, server, people.bruno); // administers the Tilleuls

const memberOf = (page, name) => memberId(page, 'tilleuls', `${name}@tilleuls.example`);

test('sees the roles', async (t) => {
  const page = await bruno(t);
  const { items } = await ask(page, '/organizations/tilleuls/roles');
  const provided = items.find(({ built_in }) => built_in === 'secretary').id;
  const own = items.find(({ name }) => name === 'Coordination').id;
  const at1 = (id, rest = '') => `/o/tilleuls/roles/${id}${rest}`;
  await at(page, '/o/tilleuls/roles', { name: 'roles' });
  await at(page, `/o/tilleuls/roles/new?from=${provided}`, { name: 'role-new' });
  await at(page, at1(provided), { name: 'role-provided' });
  await at(page, at1(own), { name: 'role' });
  await at(page, at1(own, '/remove'), { name: 'role-remove' });
  await page.goto(at1(own));
  await page.getByRole('checkbox', { name: /^Lire les ordonnances/ }).check();
  await page.getByRole('button', { name: 'Vérifier les changements' }).click();
  await page.waitForURL('**/review?draft=*');
  await at(page, here(page), { name: 'role-review' });
});

test('sees the access groups', async (t) => {
  const page = await bruno(t);
  const list = '/o/tilleuls/access-groups';
  const yanis = await memberOf(page, 'yanis.belkacem');
  await at(page, list, { name: 'groups-none' });
  await at(page, `${list}/new`, { name: 'group-new' });
  await page.getByLabel('Nom du groupe').fill('Pédiatrie');
  await page.getByRole('button', { name: 'Créer le groupe' }).click();
  await page.waitForURL('**/access-groups/grp_*');
  const group = new URL(page.url()).pathname;
  await at(page, group, { name: 'group-empty' });
  await at(page, `${group}/members/add`, { name: 'group-add' });
  await page.getByRole('checkbox', { name: /Yanis Belkacem/ }).check();
  await page.getByRole('button', { name: 'Ajouter au groupe' }).click();
  await page.waitForURL((url) => url.pathname === group);
  await at(page, `${group}/records/add`, { name: 'group-records-add' });
  await page.getByLabel('Noms des dossiers').fill('DOS-1\n255081416802538');
  await page.getByRole('button', { name: 'Ajouter ces dossiers' }).click();
  await look(page, 'group-records-errors');
  await page.getByLabel('Noms des dossiers').fill('DOS-1\nDOS-2');
  await page.getByRole('button', { name: 'Ajouter ces dossiers' }).click();
  await page.waitForURL('**/records');
  const member = `${group}/members/${yanis}`;
  await at(page, list, { name: 'groups' });
  await at(page, group, { name: 'group' });
  await at(page, `${group}/edit`, { name: 'group-edit' });
  await at(page, `${group}/remove`, { name: 'group-remove' });
  await at(page, member, { name: 'group-dates' });
  await at(page, `${member}/remove`, { name: 'group-take-out' });
  await at(page, `${group}/records`, { name: 'group-records' });
  await at(page, `${group}/records/remove`, { name: 'group-records-remove' });
  await at(page, `${group}/records/remove?record=DOS-1`, { name: 'group-record-remove' });
});

test('sees the delegations', async (t) => {
  const page = await bruno(t);
  const list = '/o/tilleuls/delegations';
  await at(page, list, { name: 'delegations' });
  await at(page, `${list}?q=personne`, { name: 'delegations-nothing' });
  await at(page, `${list}/new`, { name: 'delegation-new' });
  await page.getByRole('button', { name: 'Vérifier' }).click();
  await look(page, 'delegation-new-errors');
  const { items } = await ask(page, '/organizations/tilleuls/identities?q=morvan');
  const julie = await memberOf(page, 'julie.delmas');
  const made = await page.request.post('/api/v1/organizations/tilleuls/delegations', {
    data: { identities: [items[0].id], member: julie, acts: ['draft_consultation'] }, headers: { origin: server.base },
  });
  const [proposal] = (await made.json()).items;
  await at(page, `${list}/${proposal.id}/edit`, { name: 'delegation-dates' });
  await at(page, `${list}/${proposal.id}/end`, { name: 'delegation-end' });

  const claire = await enter(t, server, people.claire);
  const mine = '/o/tilleuls/me/delegations';
  await at(claire, mine, { name: 'my-delegations' });
  await at(claire, `${mine}/new`, { name: 'my-delegation-new' });
  for (const page of ['confirm', 'refuse', 'edit', 'end']) {
    await at(claire, `${mine}/${proposal.id}/${page}`, { name: `my-delegation-${page}` });
  }
});

test('sees where rights come from', async (t) => {
  const page = await bruno(t);
  const yanis = await memberOf(page, 'yanis.belkacem');
  const { items } = await ask(page, '/organizations/tilleuls/agendas');
  await at(page, '/o/tilleuls/access/why', { name: 'why' });
  await at(page, `/o/tilleuls/access/why?type=agenda&member=${yanis}&act=manage&on=${items[0].id}`, { name: 'why-answer' });
  await at(page, `/o/tilleuls/access/why?type=patient_record&member=${yanis}&act=read&on=DOS-9`, { name: 'why-record' });
  await at(page, '/o/tilleuls/access/records?record=DOS-9', { name: 'why-records' });
  await at(page, `/o/tilleuls/members/${yanis}/access`, { name: 'member-access' });
  await at(page, '/o/tilleuls/decision-log', { name: 'decision-log' });
  await at(page, '/o/tilleuls/reports', { name: 'reports' });
  await at(page, '/o/tilleuls/reports/access', { name: 'report-access' });
  await at(page, `/o/tilleuls/reports/access?resource=${items[0].id}&action=read`, { name: 'report-access-thing' });
  await at(page, '/o/tilleuls/reports/access?at=x', { name: 'report-access-error', status: 422 });
  await at(page, '/o/tilleuls/reports/leavers', { name: 'report-leavers' });
  await at(page, '/o/tilleuls/reports/second-factor', { name: 'report-second-factor' });
  await at(page, '/o/tilleuls/reports/dormant', { name: 'report-dormant' });
  await at(page, '/o/tilleuls/reports/access/export?kind=role', { name: 'report-export' });
  await at(page, '/o/tilleuls/settings/decisions', { name: 'settings-decisions' });
});

test('sees the matrix of rights, what is pending, its history and its undoing', async (t) => {
  const page = await bruno(t);
  await at(page, '/o/tilleuls/access/agendas', { name: 'matrix' });
  await at(page, '/o/tilleuls/access/agendas?q=zzz', { name: 'matrix-nobody' });
  await at(page, '/o/tilleuls/access/messaging-profiles?name=secr%C3%A9tariat', { name: 'matrix-messaging' });
  await at(page, '/o/tilleuls/access/patient-records', { name: 'matrix-records' });
  await at(page, '/o/tilleuls/access/administration', { name: 'matrix-administration' });
  await at(page, '/o/tilleuls/access/export?from=records&function=secretary', { name: 'matrix-export' });
  await at(page, '/o/tilleuls/access/review-changes', { name: 'matrix-review-none' });
  await page.goto('/o/tilleuls/access/agendas?detail=G%C3%A9n%C3%A9raliste');
  const cell = page.locator('select.lvl').first();
  await cell.selectOption({ label: (await cell.locator('option:checked').innerText()) === 'Dispos' ? 'Lecture' : 'Dispos' });
  await page.getByRole('button', { name: 'Vérifier et enregistrer' }).click();
  await page.waitForURL('**/review-changes*');
  await at(page, '/o/tilleuls/access/review-changes', { name: 'matrix-review' });
  await page.getByRole('button', { name: 'Enregistrer 1 changement' }).click();
  await page.waitForURL('**/access/agendas*');
  await look(page, 'matrix-saved');
  await at(page, '/o/tilleuls/access/changes', { name: 'changes' });
  const change = await page.getByRole('main').getByRole('link', { name: /^Modification/ }).first().getAttribute('href');
  await at(page, change, { name: 'change' });
  await at(page, `${change}/undo`, { name: 'change-undo' });
  await at(page, `/o/tilleuls/members/${await memberOf(page, 'yanis.belkacem')}/levels`, { name: 'member-levels' });
});

test('sees the receivers of events', async (t) => {
  const page = await bruno(t);
  const list = '/o/tilleuls/webhooks';
  await at(page, list, { name: 'webhooks-none' });
  await at(page, `${list}/new`, { name: 'webhook-new' });
  await page.getByLabel('Nom').fill('Agenda du cabinet');
  await page.getByLabel('Adresse du récepteur').fill('https://agenda.exemple.fr/habilis');
  await page.getByLabel('Membre désactivé').check();
  await page.getByRole('button', { name: 'Créer le récepteur' }).click();
  await page.getByLabel('Secret de signature').waitFor();
  await look(page, 'webhook-made');
  await page.getByRole('link', { name: 'J’ai copié le secret' }).click();
  await page.waitForURL('**/webhooks/whk_*');
  const one = here(page);
  await at(page, list, { name: 'webhooks' });
  await at(page, one, { name: 'webhook' });
  for (const rest of ['edit', 'start', 'secret', 'remove']) await at(page, `${one}/${rest}`, { name: `webhook-${rest}` });
});
