// A departure (OFF-1, OFF-2, OFF-3, OFF-6): what somebody holds goes to colleagues, all access ends at once, and there
// is a way back. The person of the first journey is made as applications and administrators make them: through REST.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, counts, crossed, enter, look, memberId, openPage, people, press, refused, says, signIn, sound, startServer, tabTo, wayName, words, write } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const org = '/organizations/tilleuls';
const idOf = (page, name) => memberId(page, 'tilleuls', `${name}@tilleuls.example`);
const sheetOf = async (page, name) => `/o/tilleuls/members/${await idOf(page, name)}`;
const heading = (page, name) => page.getByRole('heading', { name, level: 1 }).waitFor();
const main = (page) => words(page.locator('main'));
const line = (page, name) => page.getByRole('combobox', { name });

// send makes something through the REST API, as the person signed in.
async function send(page, method, path, data, headers = {}) {
  const answer = await page.request.fetch(`/api/v1${path}`, { method, data, headers: { origin: server.base, ...headers } });
  assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`);
  return answer.status() === 204 ? null : answer.json();
}

const inDays = (days) => new Date(Date.now() + days * 24 * 3600_000).toISOString();
const many = (n, kind, owner, site) =>
  Array.from({ length: n }, (_, i) => ({ source: 'cabinet', external_id: `${kind}-${i}`, kind, owner, site, title: `${kind} ${i}`, due_at: inDays(2 + i) }));

// held is what a member has in progress, by kind.
async function held(page, owner) {
  const { items } = await ask(page, `${org}/work-items?owner=${owner}&limit=100`);
  return Object.fromEntries(['task', 'appointment'].map((kind) => [kind, items.filter((item) => item.kind === kind && item.source === 'cabinet').length]));
}

const holds = async (page, holder) => (await ask(page, `${org}/agendas?limit=100`)).items.filter((agenda) => agenda.holder?.id === holder || agenda.holder === holder).length;

// practitioner gives a physician everything that a departure must not forget; a colleague works at the same place.
async function practitioner(page) {
  const leaver = await idOf(page, 'elodie.rousseau');
  const colleague = await idOf(page, 'yanis.belkacem');
  const assistant = await idOf(page, 'ines.rahmani');
  const annexe = await send(page, 'POST', `${org}/sites`, { name: 'Annexe', members: [leaver] }); // its only member administers it
  const { etag } = (await page.request.get(`/api/v1${org}/members/${colleague}`)).headers();
  await send(page, 'PUT', `${org}/members/${colleague}/sites/${annexe.id}`, undefined, { 'if-match': etag });
  for (const name of ['Dr Rousseau, annexe', 'Dr Rousseau, visites']) {
    await send(page, 'POST', `${org}/agendas`, { name, kind: 'practitioner', site: annexe.id, holder: leaver });
  }
  await send(page, 'POST', `${org}/work-items`, { items: [...many(40, 'task', leaver, annexe.id), ...many(25, 'appointment', leaver, annexe.id)] });
  const { items } = await ask(page, `${org}/identities?limit=100`);
  const identity = items.find((one) => (one.holder?.id ?? one.holder) === leaver).id;
  await send(page, 'POST', `${org}/delegations`, { identities: [identity], member: assistant, acts: ['send', 'receive'] });
  return { leaver, colleague };
}

// finished waits for the work that follows, as a person does: by asking for the page again.
async function finished(page) {
  for (let n = 0; n < 60; n++) {
    if (!/se fait seul/.test(await main(page))) return;
    await page.waitForTimeout(250);
    await page.getByRole('link', { name: 'Actualiser' }).click();
    await page.waitForLoadState('domcontentloaded');
  }
  assert.fail('the work that follows the departure does not end');
}

test('a practitioner who administers alone, with 3 agendas, 40 tasks, 25 appointments and 2 delegations, leaves and comes back', async (t) => {
  const page = await enter(t, server, people.bruno);
  const own = await enter(t, server, 'elodie.rousseau@tilleuls.example');
  assert.equal((await own.goto('/o/tilleuls/home')).status(), 200);
  const { leaver, colleague } = await practitioner(page);
  assert.equal(await holds(page, leaver), 3);

  await page.goto(`/o/tilleuls/members/${leaver}`);
  await page.getByRole('link', { name: 'Supprimer le membre…' }).click();
  await heading(page, 'Départ : Dr Élodie Rousseau');
  const said = await main(page);
  for (const thing of ['40 tâches ouvertes', '25 rendez-vous à venir', 'Dr Rousseau, annexe', 'Dr Rousseau, visites', '2 délégations données', 'Administration (Annexe)']) assert.ok(said.includes(thing), `${thing}: ${said}`);
  assert.match(said, /0 sur 1 a un repreneur/);
  await look(page, 'departure-form');

  await page.getByRole('radio', { name: /^Tout de suite/ }).check();
  const last = page.getByRole('button', { name: 'Supprimer le membre', exact: true });
  await last.waitFor(); // the button says what it would do now
  await page.getByLabel(/^Pour confirmer, écrivez/).fill('Élodie Rousseau');
  await last.click();
  await page.getByText('Donnez d’abord l’administration').first().waitFor(); // ORG-4
  await sound(page);
  assert.equal(await page.getByLabel(/^Pour confirmer, écrivez/).inputValue(), 'Élodie Rousseau', 'what was typed stays');

  await line(page, /Administration \(Annexe\)/).selectOption({ label: 'Dr Yanis Belkacem' });
  await page.getByLabel('Confier tout à').selectOption({ label: 'Dr Yanis Belkacem' });
  await page.getByRole('button', { name: /^Appliquer/ }).click();
  await page.waitForLoadState('domcontentloaded');
  assert.doesNotMatch(await main(page), /Personne ne reprend encore/);
  await page.getByLabel(/^Pour confirmer, écrivez/).fill('Élodie rousseau');
  await last.click();
  assert.match((await refused(page))[0], /Écrivez exactement « Élodie Rousseau »/);
  await sound(page);
  await page.getByLabel(/^Pour confirmer, écrivez/).fill('Élodie Rousseau');
  await last.click();
  await says(page, 'Membre supprimé : Élodie Rousseau');
  assert.equal((await own.goto('/o/tilleuls/home')).status(), 404, 'AUZ-11: no access, at once');

  await finished(page);
  const done = await main(page);
  assert.match(done, /Tous les accès ont pris fin/);
  assert.match(done, /Dr Rousseau, annexe/);
  await look(page, 'departure-done');
  assert.deepEqual(await held(page, colleague), { task: 40, appointment: 25 });
  assert.equal(await holds(page, leaver), 0);
  await page.goto('/o/tilleuls/members?q=rousseau');
  assert.doesNotMatch(await main(page), /Rousseau Élodie/);

  await page.getByRole('link', { name: /^Partis/ }).click();
  await heading(page, 'Partis');
  assert.match(await words(page.getByRole('row').last()), /Élodie Rousseau .* Par Bruno Lacaze Accès terminé Retour possible jusqu’au/);
  await page.getByRole('link', { name: 'Dr Élodie Rousseau' }).click();
  await page.getByRole('button', { name: 'Rétablir le membre' }).click();
  await says(page, 'Départ annulé : Élodie Rousseau est de nouveau membre');
  await finished(page);
  await look(page, 'departure-undone');
  assert.deepEqual(await held(page, leaver), { task: 40, appointment: 25 });
  assert.deepEqual(await held(page, colleague), { task: 0, appointment: 0 });
  assert.equal(await holds(page, leaver), 3);
  const again = await openPage(t, server);
  await signIn(again, 'elodie.rousseau@tilleuls.example'); // who administers again: with a second factor
  assert.equal((await again.goto('/o/tilleuls/home')).status(), 200);
  await page.goto(`/o/tilleuls/members/${leaver}/departure?form=1`);
  await heading(page, 'Départ : Dr Élodie Rousseau');
});

for (const [n, way] of crossed.entries()) {
  test(`a departure is planned, changed and cancelled, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.bruno, way);
    const [name, full] = [['antoine.roche', 'Antoine Roche'], ['thomas.guerin', 'Thomas Guérin']][n];
    const sheet = await sheetOf(page, name);
    await page.goto(sheet);
    await page.getByRole('link', { name: 'Supprimer le membre…' }).click();
    await page.getByRole('button', { name: 'Programmer le départ' }).click();
    assert.deepEqual((await refused(page)).length, 2);
    await page.getByLabel('Date', { exact: true }).fill(inDays(9).slice(0, 10));
    await page.getByLabel(/^Pour confirmer, écrivez/).fill(full);
    if (!way.javascript) { // a button never does what it does not say
      await page.getByRole('radio', { name: /^Tout de suite/ }).check();
      await page.getByRole('button', { name: 'Programmer le départ' }).click();
      assert.match((await refused(page))[0], /confirmez avec le bouton « Supprimer le membre »/);
      await page.getByRole('radio', { name: /^À la fin d’un jour/ }).check();
      await page.getByRole('button', { name: 'Supprimer le membre', exact: true }).click();
      assert.match((await refused(page))[0], /confirmez avec le bouton « Programmer le départ »/);
    }
    await page.getByRole('button', { name: 'Programmer le départ' }).click();
    await says(page, `Départ programmé : ${full}`);
    await look(page, 'departure-planned');
    await page.goto(`/o/tilleuls/members?q=${full.split(' ')[1]}`);
    assert.match(await main(page), /Départ prévu Le \d/);
    await page.goto(sheet);
    assert.match(await main(page), /Départ prévu Le \d/);
    await page.getByRole('link', { name: 'Voir le départ' }).click();
    await page.getByRole('link', { name: 'Modifier', exact: true }).click();
    await page.getByLabel('Date', { exact: true }).fill(inDays(12).slice(0, 10));
    await page.getByLabel(/^Pour confirmer, écrivez/).fill(full);
    await page.getByRole('button', { name: 'Programmer le départ' }).click();
    await says(page, `Départ programmé : ${full}`);
    await page.getByRole('button', { name: 'Annuler le départ' }).click();
    await says(page, `Départ annulé : ${full}`);
    await counts(page.getByText('Départ prévu', { exact: true }), 0);
    await sound(page);
  });
}

describe('with the keyboard alone', () => {
  test('somebody is deleted, and comes back', async (t) => {
    const page = await enter(t, server, people.bruno);
    await page.goto(await sheetOf(page, 'sylvie.thevenet'));
    await press(page, 'link', 'Supprimer le membre…');
    await heading(page, /^Départ : .*Sylvie Thévenet$/);
    await tabTo(page, 'radio', /^À la fin d’un jour/);
    await page.keyboard.press('ArrowDown');
    await page.getByRole('button', { name: 'Supprimer le membre', exact: true }).waitFor();
    await write(page, /^Pour confirmer, écrivez/, 'Sylvie Thévenet');
    await press(page, 'button', 'Supprimer le membre');
    await says(page, 'Membre supprimé : Sylvie Thévenet');
    await finished(page);
    await press(page, 'button', 'Rétablir le membre');
    await says(page, 'Départ annulé : Sylvie Thévenet est de nouveau membre');
    await finished(page);
  });
});

test('whoever leaves by themself is told what ends, and what they had can be handed over', async (t) => {
  const page = await enter(t, server, people.bruno);
  const julie = await idOf(page, 'julie.delmas');
  const own = await enter(t, server, people.julie);
  await own.goto('/o/tilleuls/leave');
  assert.match(await main(own), /12 tâches ouvertes Supprimées\. L’administration a 30 jours/);
  await look(own, 'leave-with-work');
  await own.getByRole('button', { name: 'Quitter l’organisation' }).click();
  await says(own, 'Vous avez quitté l’organisation');

  await page.goto('/o/tilleuls/members/gone');
  assert.match(await words(page.getByRole('row').last()), /Julie Delmas .* Par la personne elle-même/);
  await page.goto(`/o/tilleuls/members/${julie}/departure`);
  await finished(page);
  await page.goto(`/o/tilleuls/members/${julie}/departure`);
  await line(page, /12 tâches ouvertes/).selectOption({ label: 'Nadège Petit' });
  await page.getByRole('button', { name: 'Transmettre' }).click();
  await says(page, '1 ligne est transmise');
  await counts(page.getByRole('heading', { name: 'À transmettre' }), 0);
  await sound(page);
});

test('nobody deletes themself, and whoever may not delete sees no button', async (t) => {
  const page = await enter(t, server, people.bruno);
  const self = await memberId(page, 'tilleuls', people.bruno);
  await page.goto(`/o/tilleuls/members/${self}`);
  await counts(page.getByRole('link', { name: 'Supprimer le membre…' }), 0);
  assert.equal((await page.goto(`/o/tilleuls/members/${self}/departure`)).status(), 409);
  await sound(page);
  const stranger = await openPage(t, server);
  await stranger.goto(`/o/tilleuls/members/${self}/departure`);
  assert.equal(new URL(stranger.url()).pathname, '/login');
});
