// Applications that ask for decisions: a token that is trusted about the connection, the policy that asks for a second
// factor, and the log of what was answered (RGT-9, rules.md 6): by keyboard, without JavaScript, on a phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, axe, counts, crossedOver, enter, memberId, people, phone, press, says, sound, startServer, tabTo, wayName, wide, words } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const patience = 10_000; // ms
const policy = '/o/tilleuls/settings/decisions';
const main = (page) => words(page.locator('main'));

// both judges the page in both looks.
async function both(page) {
  await sound(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await axe(page, { colours: true });
  await page.emulateMedia({ colorScheme: 'light' });
}

// decide asks whether Julie may read an agenda of hers, as an application does; context is what it says of the connection.
async function decide(page, secret, context) {
  const id = await memberId(page, 'tilleuls', people.julie);
  const { levels } = await ask(page, `/organizations/tilleuls/members/${id}/rights`);
  const agenda = levels.find(({ type }) => type === 'agenda');
  const answer = await fetch(`${server.base}/access/v1/evaluation`, {
    method: 'POST', headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ subject: { type: 'member', id }, action: { name: 'read' }, resource: { type: 'agenda', id: agenda.resource }, context }),
  });
  assert.equal(answer.status, 200);
  return answer.json();
}

// make makes a token that asks for decisions and answers its secret.
async function make(page, name, trusted) {
  await page.goto('/o/tilleuls/tokens/new');
  await page.getByLabel('Nom du jeton').fill(name);
  await page.getByLabel('Demander une décision d’accès').check();
  if (trusted) await page.getByLabel('Croire ce que ce programme dit de la connexion de la personne').check();
  await both(page);
  await page.getByRole('button', { name: 'Créer le jeton' }).click();
  return page.getByLabel('Secret du jeton').inputValue();
}

async function setPolicy(page, factor) {
  await page.goto(policy);
  await page.getByLabel('Exiger un second facteur').setChecked(factor);
  await both(page);
  await page.getByRole('button', { name: 'Enregistrer les règles' }).click();
  await says(page, 'Les réglages sont enregistrés.');
}

// logged waits until the log, which is written each second, tells so.
async function logged(page, outcome, pattern) {
  for (const deadline = Date.now() + patience; ; ) {
    await page.goto(`/o/tilleuls/decision-log?outcome=${outcome}`);
    const said = await main(page);
    if (pattern.test(said) || Date.now() > deadline) return assert.match(said, pattern);
    await page.waitForTimeout(300);
  }
}

for (const [n, way] of crossedOver.entries()) {
  test(`a policy that asks for a second factor believes a trusted token alone, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.bruno, way);
    await setPolicy(page, false); // whatever an earlier test left
    const plain = await make(page, `Agenda ${n}`, false);
    const trusted = await make(page, `Portail ${n}`, true);
    await page.goto('/o/tilleuls/tokens');
    assert.match(await words(page.locator('tr, li').filter({ hasText: `Portail ${n}` }).first()), /Cru sur l’adresse et le second facteur/);
    assert.equal((await decide(page, plain)).decision, true, 'nothing is asked yet');

    await setPolicy(page, true);
    await page.goto('/o/tilleuls/settings');
    assert.match(await main(page), /Second facteur Exigé/);
    for (const [secret, context, decision] of [[plain, { second_factor: true }, false], [trusted, {}, false], [trusted, { second_factor: true }, true]]) {
      const answer = await decide(page, secret, context);
      assert.equal(answer.decision, decision, JSON.stringify(context));
      if (!decision) assert.equal(answer.context.code, 'second_factor.required');
    }

    await logged(page, 'permit', /Portail \d/); // a sample: which of them is not said
    await page.getByRole('link', { name: 'Toutes', exact: true }).click();
    await page.waitForURL('**/decision-log');
    await both(page);
    await page.getByRole('link', { name: 'Refus', exact: true }).click();
    await page.waitForURL('**/decision-log?outcome=refusal');
    const said = await main(page);
    assert.match(said, /L’organisation demande un second facteur/);
    assert.match(said, /(Agenda|Portail) \d/);
    await counts(page.getByRole('main').getByText('Oui', { exact: true }), 0);
    await setPolicy(page, false);
    assert.equal((await decide(page, plain)).decision, true);
  });
}

test('by keyboard alone: the policy is set, the log read, and a question asked again', async (t) => {
  const page = await enter(t, server, people.claire, { javascript: true, width: wide });
  await setPolicy(page, false); // whatever an earlier test left
  const secret = await make(page, 'Clavier', true);
  await page.goto(policy);
  await tabTo(page, 'checkbox', /^Exiger un second facteur/);
  await page.keyboard.press('Space');
  await press(page, 'button', 'Enregistrer les règles');
  await says(page, 'Les réglages sont enregistrés.');
  assert.equal((await decide(page, secret)).decision, false);
  await logged(page, 'refusal', /L’organisation demande un second facteur/);
  await press(page, 'link', /^Lire les rendez-vous/);
  await page.waitForURL('**/access/why?*');
  assert.match(await main(page), /Julie Delmas/);
  await page.goto(policy);
  await tabTo(page, 'checkbox', /^Exiger un second facteur/);
  await page.keyboard.press('Space');
  await press(page, 'button', 'Enregistrer les règles');
  await says(page, 'Les réglages sont enregistrés.');
});

test('what is no network is told at its field, and who does not decide it sees no page', async (t) => {
  const page = await enter(t, server, people.bruno, { javascript: false, width: phone });
  await page.goto(policy);
  await page.getByLabel('Réseaux autorisés').fill('nulle-part');
  await page.getByRole('button', { name: 'Enregistrer les règles' }).click();
  await page.getByText('Écrivez une adresse ou un réseau').first().waitFor();
  await both(page);
  const julie = await enter(t, server, people.julie, { allow: [/403/] });
  assert.equal((await julie.goto(policy)).status(), 403);
  assert.equal((await julie.goto('/o/tilleuls/decision-log')).status(), 403);
});
