// «Retirer de l’établissement»: what ends at one site and who takes over what is held there (OFF-4); and what is left to
// somebody whose last membership is gone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, at, counts, enter, look, memberId, people, phone, says, sound, startServer, wayName, wide, words } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const ways = [{ javascript: true, width: phone }, { javascript: false, width: wide }];
const sheet = async (page, name) => `/o/tilleuls/members/${await memberId(page, 'tilleuls', `${name}@tilleuls.example`)}`;
const removal = async (page, name, site) => {
  const { items } = await ask(page, '/organizations/tilleuls/sites');
  return `${await sheet(page, name)}/sites/${items.find((one) => one.name.startsWith(site)).id}/removal`;
};
const submit = (page) => page.getByRole('button', { name: 'Retirer de l’établissement' });

test('every page of it is sound, in both looks and at both widths', async (t) => {
  const page = await enter(t, server, people.bruno);
  await at(page, await removal(page, 'yanis.belkacem', 'Saint-Aubin'), { name: 'site-removal' });
  await at(page, await removal(page, 'ines.rahmani', 'Grand-Pré'), { name: 'site-removal-secretary' });
  await at(page, await removal(page, 'claire.morvan', 'Grand-Pré'), { name: 'site-removal-administrator' });
  await at(page, await removal(page, 'paul.garnier', 'Grand-Pré'), { name: 'site-removal-last' });
  const { items } = await ask(page, '/organizations/tilleuls/sites');
  await at(page, `${await sheet(page, 'paul.garnier')}/sites/${items.find((one) => one.name === 'Saint-Aubin').id}/removal`, { name: 'site-removal-elsewhere', status: 409 });
});

for (const [n, way] of ways.entries()) {
  const [who, name] = n === 0 ? ['yanis.belkacem', 'Yanis Belkacem'] : ['ludivine.weber', 'Ludivine Weber'];

  test(`OFF-4: somebody is removed from one site: all ends there, and nothing elsewhere, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.bruno, way);
    const path = await sheet(page, who);
    await page.goto(path);
    await page.getByRole('link', { name: 'Retirer de l’établissement Saint-Aubin' }).click();
    await page.getByRole('heading', { level: 1, name: 'Retirer cette personne de l’établissement ?' }).waitFor();
    const said = await words(page.locator('main'));
    assert.match(said, /Ce qui s’arrête/);
    assert.match(said, /garde son autre établissement : Grand-Pré/);
    await sound(page);
    await page.getByRole('link', { name: 'Garder' }).click();
    await page.waitForURL(`**${path}`);
    await page.getByRole('link', { name: 'Retirer de l’établissement Saint-Aubin' }).click();

    const choices = page.getByRole('combobox');
    const agenda = choices.first();
    await agenda.selectOption({ index: 1 });
    for (let i = 1; i < (await choices.count()); i++) await choices.nth(i).selectOption({ index: 0 });
    await submit(page).click();
    await says(page, `${name} ne fait plus partie de l’établissement Saint-Aubin.`);
    await counts(page.getByRole('link', { name: 'Retirer de l’établissement Saint-Aubin' }), 0);
    await page.getByRole('link', { name: 'Retirer de l’établissement Grand-Pré' }).waitFor();
    await sound(page);
    const id = path.split('/').pop();
    const { sites, roles } = await ask(page, `/organizations/tilleuls/members/${id}`);
    assert.deepEqual(sites.map((site) => site.name), ['Grand-Pré']);
    assert.ok(!roles.some((role) => role.site_name === 'Saint-Aubin'), JSON.stringify(roles));

    // The last one is a departure, and the page leads there.
    await page.getByRole('link', { name: 'Retirer de l’établissement Grand-Pré' }).click();
    await page.getByText(/C’est le seul établissement de/).waitFor();
    await sound(page);
    await page.getByRole('link', { name: 'Préparer le départ' }).click();
    await page.waitForURL(`**${path}/departure**`);
  });
}

test('OFF-4: no other door drops the site of somebody who holds an agenda there: it says where to go', async (t) => {
  const page = await enter(t, server, people.bruno);
  const path = await removal(page, 'claire.morvan', 'Saint-Aubin');
  const [id, , site] = path.split('/').slice(4);
  const answer = await page.request.delete(`/api/v1/organizations/tilleuls/members/${id}/sites/${site}`, { headers: { origin: server.base } });
  assert.equal(answer.status(), 409);
  assert.equal((await answer.json()).code, 'site_removal.holds');

  await page.goto(`${await sheet(page, 'claire.morvan')}/rights`);
  await page.getByRole('checkbox', { name: /^Saint-Aubin/ }).first().uncheck();
  await page.getByRole('button', { name: /Vérifier|Continuer|Valider/ }).first().click();
  await page.getByText(/Retirer de l’établissement.{1,3}depuis la fiche/).waitFor();
  await sound(page);
});

test('OFF-4: whoever has lost the last membership signs in, reads what is possible, and is invited again', async (t) => {
  const bruno = await enter(t, server, people.bruno);
  const julie = await enter(t, server, people.julie);
  await julie.goto('/o/tilleuls/leave');
  await julie.getByRole('button', { name: /^Quitter l’organisation/ }).click();
  await julie.waitForURL('**/organizations*');
  await julie.getByRole('heading', { level: 1, name: 'Vous n’êtes membre d’aucune organisation' }).waitFor();
  assert.match(await words(julie.locator('main')), /julie\.delmas@tilleuls\.example/);
  await look(julie, 'places-none');

  const again = await enter(t, server, people.julie); // signs in again
  await again.goto('/organizations');
  await again.getByRole('heading', { level: 1, name: 'Vous n’êtes membre d’aucune organisation' }).waitFor();
  for (const path of ['/account', '/account/security', '/account/sessions', '/account/history', '/account/password', '/account/email', '/account/tokens']) {
    assert.equal((await again.goto(path)).status(), 200, path);
    await sound(again);
  }
  assert.equal((await again.goto('/o/tilleuls/home')).status(), 404, 'what one is no member of is not there');
  assert.equal((await ask(again, '/me')).email, people.julie);
  assert.deepEqual((await ask(again, '/me/organizations')).items, []);

  const { items } = await ask(bruno, '/organizations/tilleuls/sites');
  const { items: roles } = await ask(bruno, '/organizations/tilleuls/roles');
  const made = await bruno.request.post('/api/v1/organizations/tilleuls/invitations', {
    headers: { origin: server.base },
    data: { emails: [people.julie], sites: [items[0].id], roles: [{ role: roles.find((one) => one.built_in === 'reader').id, scope: 'organization' }] },
  });
  assert.ok(made.ok(), await made.text());
  await again.goto('/organizations');
  await again.waitForURL('**/o/tilleuls/home');
});
