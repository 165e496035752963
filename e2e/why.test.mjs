// «Pourquoi ?» (RGT-9, RGT-10): the answer in words with its chain of facts, at a past date too; all the rights of a
// member with their sources; who sees a record; what applications were answered; what is asked of connections.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, crossed, enter, goTo, memberId, password, people, press, says, sound, startServer, styled, tabTo, wayName, words } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();
const main = async (page) => {
  await page.waitForLoadState('load');
  return words(page.locator('main'));
};

// julie is a secretary: she reads some agendas and manages others.
async function julie(page) {
  const id = await memberId(page, 'tilleuls', people.julie);
  const { items } = await ask(page, '/organizations/tilleuls/agendas?q=diallo');
  return { id, agenda: items[0] };
}

for (const way of crossed) {
  test(`RGT-10: a refusal is explained, then asked about the past, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.bruno, way);
    const { id, agenda } = await julie(page);
    await page.goto('/o/tilleuls/home');
    await goTo(page, /^Pourquoi/);
    await heading(page, /^Pourquoi/);
    await sound(page);
    await page.getByLabel('Personne').selectOption(id);
    await page.getByLabel('Ce qu’elle voudrait faire').selectOption('manage');
    await page.getByLabel('Agenda', { exact: true }).selectOption(agenda.id);
    await page.getByRole('button', { name: 'Voir la réponse' }).click();
    await page.getByRole('heading', { name: /^Julie Delmas/ }).waitFor();
    const said = await main(page);
    assert.match(said, /Non\s*Le niveau de cette personne est trop bas/);
    assert.match(said, /Niveau Lecture sur A\. Diallo/);
    assert.match(said, /Donnez un niveau plus élevé/);
    assert.match(await page.getByRole('link', { name: 'Ouvrir la page où cela se fait' }).getAttribute('href'), /access\/agendas\?q=Julie/);
    await sound(page);
    await styled(page);

    await page.getByLabel(/^Date/).fill('2020-01-01');
    await page.getByRole('button', { name: 'Voir la réponse' }).click();
    await page.waitForURL('**date=2020-01-01*');
    assert.match(await main(page), /Non\s*Cette personne n’est pas connue/);
    await page.getByLabel(/^Date/).fill('2999-01-01');
    await page.getByRole('button', { name: 'Voir la réponse' }).click();
    await page.waitForURL('**date=2999-01-01*');
    assert.match(await main(page), /Choisissez un moment passé/);
    await sound(page);
  });

  test(`RGT-10: the rights of a member with their sources, and who sees a record, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.bruno, way);
    const { id } = await julie(page);
    await page.goto(`/o/tilleuls/members/${id}`);
    await page.getByRole('link', { name: 'Tous les droits, avec leur source' }).click();
    await heading(page, 'Droits de Julie Delmas');
    const said = await main(page);
    assert.match(said, /Secrétariat/);
    assert.match(said, /A\. Diallo[\s\S]*Lecture[\s\S]*par Bruno Lacaze/);
    await sound(page);
    await page.getByLabel('À la date du').fill('2020-01-01');
    await page.getByRole('button', { name: /^Filtrer/ }).click();
    await page.waitForURL('**at=2020-01-01*');
    assert.match(await main(page), /Aucun agenda à cette date/);

    await page.goto('/o/tilleuls/access/records');
    await page.getByLabel('Numéro du dossier').fill('2026-00417');
    await page.getByRole('button', { name: 'Voir la réponse' }).click();
    await page.getByRole('link', { name: 'Claire Morvan', exact: true }).waitFor();
    assert.match(await main(page), /dans aucun groupe d’accès[\s\S]*rôle Soins/);
    await sound(page);
  });
}

test('the question by keyboard alone', async (t) => {
  const page = await enter(t, server, people.bruno);
  const { id, agenda } = await julie(page);
  await page.goto('/o/tilleuls/access/why');
  for (const [label, value] of [['Personne', 'Julie Delmas'], ['Ce qu’elle voudrait faire', 'Lire les rendez-vous'], ['Agenda', agenda.name]]) {
    await tabTo(page, 'combobox', label);
    await page.keyboard.type(value);
  }
  await press(page, 'button', 'Voir la réponse');
  await page.waitForURL(`**member=${id}*`);
  assert.match(await main(page), /Oui\s*Cette personne a reçu un niveau suffisant/);
});

test('an application asks, and its answer is in the log; the policy of connections refuses it next', async (t) => {
  const page = await enter(t, server, people.bruno);
  const { id, agenda } = await julie(page);
  const secret = (await server.cli('token', 'create', '--org', 'tilleuls', '--name', 'Agenda du cabinet', '--permission', 'decisions.ask')).trim();
  const decide = async () => {
    const a = await fetch(`${server.base}/access/v1/evaluation`, {
      method: 'POST', headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ subject: { type: 'member', id }, action: { name: 'read' }, resource: { type: 'agenda', id: agenda.id } }),
    });
    assert.equal(a.status, 200);
    return a.json();
  };
  const answer = await decide();
  assert.equal(answer.decision, true);
  assert.equal(answer.context.code, 'grant.agenda');

  await page.goto('/o/tilleuls/settings');
  await page.getByRole('link', { name: /^Modifier.*Connexion des personnes/ }).click();
  await heading(page, 'Connexion des personnes dans les applications');
  await page.waitForLoadState('load');
  await page.getByLabel('Réseaux autorisés').fill('10.1.0.0/16\nnulle-part');
  const proof = page.getByLabel('Votre mot de passe');
  if ((await proof.count()) > 0) await proof.fill(password);
  await page.getByRole('button', { name: 'Enregistrer les règles' }).click();
  await page.getByText('Écrivez une adresse ou un réseau').first().waitFor();
  await sound(page);
  await page.getByLabel('Réseaux autorisés').fill('10.1.0.0/16');
  if ((await page.getByLabel('Votre mot de passe').count()) > 0) await page.getByLabel('Votre mot de passe').fill(password);
  await page.getByRole('button', { name: 'Enregistrer les règles' }).click();
  await says(page, 'Les réglages sont enregistrés.');
  assert.equal((await decide()).context.code, 'address.not_allowed');

  await page.waitForTimeout(2500); // the log is written each second
  await page.goto('/o/tilleuls/journal');
  await page.getByRole('link', { name: 'Décisions demandées' }).click();
  await heading(page, 'Décisions demandées');
  const log = await main(page);
  assert.match(log, /Julie Delmas[\s\S]*Non\s*L’adresse de connexion[\s\S]*Agenda du cabinet[\s\S]*Oui/);
  await sound(page);
});
