// Delegations: given by an administrator, proposed and confirmed, withdrawn and renounced (RGT-6, MEM-6, RGT-8).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, counts, crossed, crossedOver, enter, goTo, mailbox, links, openPage, people, press, refused, row, says, signIn, sound, startServer, tabTo, wayName, words } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});

// those of the demonstration would be among the ones that these tests count.
test('the delegations of the demonstration are ended', async (t) => endAll(await enter(t, server, people.bruno)));
after(() => server.stop());

const heading = (page, name) => page.getByRole('heading', { name, level: 1 }).waitFor();
const lines = (page) => page.getByRole('row').filter({ has: page.getByRole('rowheader') });

/** give fills in the form of new delegations and asks for its check. */
async function give(page, { who, acts, identities, until }) {
  await page.goto('/o/tilleuls/delegations/new');
  if (who) await page.getByLabel('Qui pourra agir').selectOption({ label: who });
  for (const act of acts) await page.getByRole('checkbox', { name: new RegExp(`^${act}`) }).check();
  for (const identity of identities) await page.getByRole('checkbox', { name: new RegExp(`^${identity}`) }).check();
  if (until) await page.getByLabel('Dernier jour').fill(until);
  await page.getByRole('button', { name: 'Vérifier' }).click();
}

/** endAll ends what is left, so that the next way begins like the first. */
async function endAll(page) {
  const { items } = await ask(page, '/organizations/tilleuls/delegations');
  for (const { id } of items) {
    const answer = await page.request.delete(`/api/v1/organizations/tilleuls/delegations/${id}`, { headers: { origin: server.base } });
    assert.equal(answer.status(), 204, await answer.text());
  }
}

for (const way of crossedOver) {
  test(`an administrator gives, changes and ends delegations, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.bruno, way);
    await page.goto('/o/tilleuls/home');
    await goTo(page, 'Délégations');
    await page.getByRole('link', { name: 'Nouvelle délégation' }).click();
    await heading(page, 'Nouvelle délégation');
    await page.getByRole('button', { name: 'Vérifier' }).click();
    assert.deepEqual(await refused(page), ['Cochez au moins une identité', 'Cochez au moins une chose que la personne pourra faire', 'Choisissez la personne qui pourra agir']);
    await sound(page);

    const who = 'Julie Delmas · Secrétariat';
    await give(page, { who, acts: ['Envoyer', 'Recevoir', 'Rédiger'], identities: ['Dr Morvan', 'Secrétariat Saint-Aubin'], until: '2020-01-01' });
    const points = await refused(page); // each line at its field, and what was typed is kept
    assert.match(points.join(' '), /Secrétariat Saint-Aubin.*personne ne rédige/);
    assert.match(points.join(' '), /Choisissez une fin après le début/);
    assert.equal(await page.getByRole('checkbox', { name: /^Dr Morvan/ }).isChecked(), true);
    await sound(page);
    await page.getByRole('checkbox', { name: /^Rédiger/ }).uncheck();
    await page.getByLabel('Dernier jour').fill('2031-06-30');
    await page.getByRole('button', { name: 'Vérifier' }).click();

    await heading(page, 'Vérifier la délégation');
    await counts(lines(page), 4);
    assert.match(await words(page.locator('main')), /Rien n’est encore enregistré.*Dès maintenant, jusqu’au 30 juin 2031.*Claire Morvan et Julie Delmas reçoivent un e-mail/);
    await sound(page);
    await page.getByRole('button', { name: /^Modifier/ }).click();
    await heading(page, 'Nouvelle délégation');
    assert.equal(await page.getByRole('checkbox', { name: /^Secrétariat Saint-Aubin/ }).isChecked(), true);
    await page.getByRole('button', { name: 'Vérifier' }).click();
    await page.getByRole('button', { name: 'Donner 4 délégations' }).click();
    await says(page, '4 délégations sont données à Julie Delmas.');
    await counts(lines(page), 4);
    assert.match(await words(row(page, 'Julie Delmas').first()), /Du .* au 30 juin 2031 Par Bruno Lacaze En cours/);
    await sound(page);

    await page.getByLabel('Personne ou identité').fill('delmas morvan');
    await page.getByRole('button', { name: 'Filtrer' }).click();
    await page.waitForURL('**/delegations?*q=*');
    await counts(lines(page), 2);
    await lines(page).first().getByRole('link', { name: /^Modifier/ }).click();
    await heading(page, 'Modifier les dates');
    assert.equal(await page.getByLabel('Dernier jour').inputValue(), '2031-06-30');
    await counts(page.getByLabel('Premier jour'), 0, 'what has begun does not begin anew');
    await page.getByLabel('Dernier jour').fill('');
    await page.getByRole('button', { name: 'Enregistrer les dates' }).click();
    await says(page, /Dates enregistrées : Depuis le/);

    await page.goto('/o/tilleuls/delegations?q=morvan');
    await lines(page).first().getByRole('link', { name: /^Retirer/ }).click();
    await page.getByRole('heading', { name: 'Retirer cette délégation à Julie Delmas ?' }).waitFor();
    await sound(page);
    await page.getByRole('button', { name: 'Retirer la délégation' }).click();
    await says(page, 'Délégation retirée à Julie Delmas.');
    await counts(lines(page), 3);
    await page.getByRole('link', { name: 'Terminées' }).click();
    await page.waitForURL('**/delegations?state=ended');
    assert.match(await words(lines(page).first()), /Julie Delmas .*Terminée$/);
    await counts(page.getByRole('main').getByRole('link', { name: /^Retirer/ }), 0, 'what is over is not ended again');
    await endAll(page);
  });

}

for (const way of crossed) {
  test(`drafting is proposed, confirmed by its holder alone, and given up, ${wayName(way)}`, async (t) => {
    const bruno = await enter(t, server, people.bruno, way);
    await give(bruno, { who: 'Julie Delmas · Secrétariat', acts: ['Rédiger'], identities: ['Dr Morvan'] });
    assert.match(await words(bruno.locator('main')), /Dès l’accord de Claire Morvan.*elle commence quand chaque praticien l’a confirmée/);
    await bruno.getByRole('button', { name: 'Proposer la délégation' }).click();
    await says(bruno, 'La délégation est proposée : elle attend une réponse.');
    assert.match(await words(row(bruno, 'Julie Delmas')), /Dès l’accord de Claire Morvan .*Proposée/);
    const { items: [proposal] } = await ask(bruno, '/organizations/tilleuls/delegations');
    assert.equal((await bruno.goto(`/o/tilleuls/me/delegations/${proposal.id}/confirm`)).status(), 403, 'nobody confirms in another’s name (AUZ-10)');

    const claire = await enter(t, server, people.claire, way);
    await claire.goto('/o/tilleuls/home');
    await goTo(claire, /^Mes délégations/);
    await heading(claire, 'Mes délégations');
    const first = claire.getByRole('main').getByRole('heading', { level: 2 }).first();
    assert.equal(await words(first), 'Une proposition attend votre réponse', 'what waits stands first');
    await sound(claire);
    await claire.getByRole('link', { name: /^Confirmer/ }).click();
    await claire.getByRole('heading', { name: 'Laisser Julie Delmas rédiger des consultations en votre nom ?' }).waitFor();
    assert.match(await words(claire.locator('main')), /Dès votre accord/);
    await sound(claire);
    await claire.getByRole('button', { name: 'Confirmer' }).click();
    await says(claire, 'Julie Delmas peut rédiger des consultations en votre nom.');
    await counts(claire.getByRole('link', { name: /^Confirmer/ }), 0);

    const julie = await enter(t, server, people.julie, way);
    await julie.goto('/o/tilleuls/home');
    await goTo(julie, 'Mes délégations');
    assert.match(await words(julie.locator('main')), /Ce que je peux faire au nom d’autres personnes Dr Morvan Rédiger des consultations/);
    await sound(julie);
    await julie.getByRole('link', { name: /^Renoncer/ }).click();
    await julie.getByRole('heading', { name: 'Renoncer à agir au nom de Dr Morvan ?' }).waitFor();
    await julie.getByRole('button', { name: 'Renoncer', exact: true }).click();
    await says(julie, 'Vous n’agissez plus au nom de Dr Morvan.');
    await julie.getByRole('heading', { name: 'Aucune délégation ne vous concerne' }).waitFor();
  });

  test(`the practitioner lets a colleague draft, and withdraws it, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.claire, way);
    await page.goto('/o/tilleuls/me/delegations');
    await page.getByRole('link', { name: 'Autoriser une personne à rédiger' }).click();
    await page.getByRole('button', { name: 'Vérifier' }).click();
    assert.deepEqual(await refused(page), ['Choisissez la personne qui pourra agir']);
    await page.getByLabel('Qui pourra rédiger en votre nom').selectOption({ label: 'Julie Delmas · Secrétariat' });
    await page.getByRole('button', { name: 'Vérifier' }).click();
    await heading(page, 'Vérifier la délégation');
    await counts(lines(page), 1);
    await sound(page);
    await page.getByRole('button', { name: 'Donner la délégation' }).click();
    await says(page, 'La délégation est donnée à Julie Delmas.');
    await sound(page);
    await page.getByRole('link', { name: /^Retirer/ }).click();
    await page.getByRole('heading', { name: 'Retirer cette délégation à Julie Delmas ?' }).waitFor();
    await page.getByRole('button', { name: 'Retirer la délégation' }).click();
    await says(page, 'Délégation retirée à Julie Delmas.');
    await page.getByText('Personne n’agit en votre nom.').waitFor();
  });
}

test('the letter of a proposal opens the page; its holder refuses there', async (t) => {
  const bruno = await enter(t, server, people.bruno);
  const letters = mailbox(server, people.claire);
  await give(bruno, { who: 'Nadège Petit · Secrétariat', acts: ['Rédiger'], identities: ['Dr Morvan'] });
  await bruno.getByRole('button', { name: 'Proposer la délégation' }).click();
  await says(bruno, 'La délégation est proposée');
  const letter = await letters.next(/vous propose une délégation.*Nadège Petit/);
  const [link] = links(letter);
  assert.equal(new URL(link).pathname, '/o/tilleuls/me/delegations');

  const claire = await enter(t, server, people.claire);
  await claire.goto(new URL(link).pathname);
  await claire.getByRole('link', { name: /^Refuser/ }).click();
  await claire.getByRole('dialog').waitFor();
  await claire.getByRole('button', { name: 'Refuser la proposition' }).click();
  await says(claire, 'Proposition refusée.');
  await counts(claire.getByText('Nadège Petit'), 0);
});

test('with the keyboard alone', async (t) => {
  const page = await openPage(t, server);
  await signIn(page, people.bruno);
  await page.waitForURL('**/home');
  await press(page, 'link', 'Délégations');
  await page.waitForURL('**/delegations');
  await press(page, 'link', 'Nouvelle délégation');
  await page.waitForURL('**/delegations/new');
  await tabTo(page, 'combobox', 'Qui pourra agir');
  await page.keyboard.type('Nad');
  await press(page, 'checkbox', /^Recevoir/, 'Space');
  await press(page, 'checkbox', /^Dr Morvan/, 'Space');
  await press(page, 'button', 'Vérifier');
  await heading(page, 'Vérifier la délégation');
  await press(page, 'button', 'Donner la délégation');
  await says(page, 'La délégation est donnée à Nadège Petit.');
  await press(page, 'link', /^Retirer/);
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await counts(page.getByRole('dialog'), 0);
  await press(page, 'link', /^Retirer/);
  await page.getByRole('dialog').waitFor();
  await press(page, 'button', 'Retirer la délégation');
  await says(page, 'Délégation retirée à Nadège Petit.');
});

test('whoever may not, sees no such page', async (t) => {
  const page = await enter(t, server, people.julie);
  await page.goto('/o/tilleuls/home');
  await counts(page.getByRole('link', { name: 'Délégations', exact: true }), 0);
  assert.equal((await page.goto('/o/tilleuls/delegations')).status(), 403);
  assert.equal((await page.goto('/o/tilleuls/delegations/new')).status(), 403);
  assert.equal((await page.goto('/o/tilleuls/me/delegations')).status(), 200);
  await page.getByRole('heading', { name: 'Aucune délégation ne vous concerne' }).waitFor();
  await page.goto('/o/tilleuls/me/delegations/new');
  await page.getByRole('heading', { name: 'Aucune identité' }).waitFor();
});
