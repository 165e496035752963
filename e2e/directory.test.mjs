// The Annuaire Santé in the browser: somebody whom only the API knows is imported (MEM-2, DIR-1); an API that misbehaves is
// «ne répond pas» and manual entry, quickly; the alerts of the watch are read, accepted and dismissed (VER-5), with and
// without JavaScript, 1280 and 390 px.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ask, axe, enter, keyed, people, press, says, sound, startServer, tabTo, wayName, ways, words } from './lib/index.mjs';

const examples = fileURLToPath(new URL('../internal/directory/testdata/fhir/', import.meta.url));
const published = (name) => readFileSync(examples + name, 'utf8');
const person = published('constructed_Bundle-practitioner-by-rpps_revinclude-roles.json');
const roles = published('constructed_Bundle-practitionerrole-by-practitioner_include-organization.json');
const empty = published('constructed_Bundle-empty.json');

const known = keyed('9970090001');
const others = Array.from({ length: 8 }, (_, n) => keyed(`997009100${n}`));

// The API of the Annuaire Santé, on this machine: it serves the published examples, and misbehaves when it is told to.
const misbehaviours = {
  silence: () => {},
  'the wrong person': (answer) => answer.writeHead(200).end(person),
  'status 500': (answer) => answer.writeHead(500).end('Internal Server Error'),
  HTML: (answer) => answer.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Maintenance</title>'),
  'truncated JSON': (answer) => answer.writeHead(200).end(person.slice(0, person.length / 2)),
  'a redirect to this machine': (answer) => answer.writeHead(302, { Location: 'http://127.0.0.1/' }).end(),
};
let misbehave;
let key = '';
const api = createServer((request, answer) => {
  const url = new URL(request.url, 'http://annuaire.test');
  key = request.headers['esante-api-key'] ?? '';
  if (misbehave) return misbehave(answer);
  const number = url.searchParams.get('identifier')?.split('|')[1];
  answer.setHeader('Content-Type', 'application/fhir+json');
  if (url.pathname === '/fhir/v2/Practitioner' && number === known) return answer.end(person.replaceAll('10003461033', known));
  if (url.pathname === '/fhir/v2/PractitionerRole') return answer.end(roles);
  return answer.end(empty);
});

let server;
before(async () => {
  await new Promise((resume) => { api.listen(0, '127.0.0.1', resume); });
  server = await startServer({
    args: ['--directory-url', `http://127.0.0.1:${api.address().port}/fhir/v2`], env: { HABILIS_DIRECTORY_KEY: 'cle-de-l-annuaire' },
  });
});
after(async () => {
  api.closeAllConnections();
  api.close();
  const log = server.log();
  await server.stop();
  assert.ok(!log.includes('cle-de-l-annuaire'), 'the key is in the log');
});

const click = (page, name) => page.getByRole('button', { name, exact: true }).click();

async function search(page, number) {
  await page.goto('/o/tilleuls/members');
  await page.getByRole('link', { name: 'Nouvel utilisateur' }).click();
  await page.getByRole('radio', { name: /^Profession réglementée/ }).check();
  await click(page, 'Commencer');
  await page.waitForURL(/\/members\/new\/[^/]+\/profile/);
  await page.getByLabel('Numéro RPPS, ou nom').fill(number);
  let slowest = 0; // of the server's answers: the browser's own time depends on the machine
  const note = (response) => (slowest = Math.max(slowest, response.request().timing().responseStart));
  page.on('response', note);
  await click(page, 'Rechercher');
  await page.locator('#found').getByText(/./).first().waitFor();
  page.off('response', note);
  return slowest;
}

describe('what is loaded does not know the number: the API does, or cannot say', () => {
  test('imported from the API, with both activities', async (t) => {
    const page = await enter(t, server, people.bruno);
    await search(page, known);
    await page.getByRole('radio', { name: /Arthur Saucier/ }).check();
    assert.equal(key, 'cle-de-l-annuaire');
    await click(page, 'Importer ces données');
    await page.getByText('Données de l’Annuaire Santé du').waitFor();
    assert.equal(await page.getByLabel('Nom', { exact: true }).inputValue(), 'Saucier');
    assert.equal(await page.getByLabel('Nom', { exact: true }).getAttribute('readonly'), '');
    await page.getByRole('radio', { name: /CH Eure-Seine/i }).waitFor();
    await page.getByRole('radio', { name: /Cabinet Saint Antoine/i }).waitFor();
    await sound(page);
  });

  for (const way of [ways[0], ways[3]]) {
    test(`down, slow or garbage: manual entry, ${wayName(way)}`, async (t) => {
      const page = await enter(t, server, people.bruno, way);
      for (const [n, [name, how]] of Object.entries(misbehaviours).entries()) {
        misbehave = how;
        try {
          const took = await search(page, others[n]);
          assert.match(await words(page.locator('#found')), /ne répond pas/, name);
          assert.ok(took < 5000, `${name} took ${took} ms`); // directory.LookupTime is 2 s
        } finally {
          misbehave = undefined;
        }
      }
      await sound(page);
      misbehave = misbehaviours['status 500'];
      await search(page, known); // a good answer is kept for a while
      misbehave = undefined;
      await page.getByRole('radio', { name: /Arthur Saucier/ }).waitFor();
      await page.getByLabel('Numéro RPPS, ou nom').fill(others[7]);
      await page.getByRole('button', { name: /à la main/ }).click();
      await page.getByLabel('Nom', { exact: true }).fill('Kermarrec');
      assert.equal(await page.getByLabel('Nom', { exact: true }).getAttribute('readonly'), null, 'manual entry is open');
    });
  }
});

describe('the watch: alerts are shown before and after, and decided', () => {
  const path = '/o/tilleuls/directory-alerts';
  const card = (page, name) => page.locator('section', { has: page.getByRole('heading', { name, exact: true }) });

  before(async () => {
    assert.match(await server.cli('directory', 'compare'), /[1-9]\d* alerts raised/);
  });

  test('the list of members says how many, in orange', async (t) => {
    const page = await enter(t, server, people.bruno);
    await page.goto('/o/tilleuls/members');
    assert.match(await words(page.locator('.note.wait')), /annonce un changement pour \d+ membres/);
    await page.getByRole('link', { name: 'Voir les alertes' }).click();
    await page.waitForURL(`**${path}`);
  });

  for (const [n, way] of [ways[0], ways[3]].entries()) {
    test(`accepted, dismissed, ${wayName(way)}`, async (t) => {
      const page = await enter(t, server, people.bruno, way);
      await page.goto(path);
      await sound(page);
      await page.emulateMedia({ colorScheme: 'dark' });
      await axe(page, { colours: true });
      await page.emulateMedia({ colorScheme: 'light' });
      const [accepted, dismissed] = [['Sofia Da Costa', 'Paul Garnier'], ['Amara Koné', 'Luca Marchetti']][n];

      const before = await words(card(page, accepted));
      assert.match(before, /Avant/);
      assert.match(before, /Trouvé dans l’annuaire/);
      assert.match(before, /copie locale du/);
      await card(page, accepted).getByRole('button', { name: /^Reprendre dans la fiche/ }).click();
      await says(page, `La fiche de ${accepted} reprend`);
      await card(page, dismissed).getByRole('button', { name: /^Écarter/ }).click();
      await says(page, `L’alerte sur ${dismissed} est écartée`);
      assert.match(await words(page.locator('main')), new RegExp(`${dismissed}.*Écarté par Bruno Lacaze`));

      const { items } = await ask(page, '/organizations/tilleuls/directory-alerts?status=accepted');
      assert.ok(items.some((a) => a.member_name === accepted && a.decided_by === 'Bruno Lacaze'));
      await page.goto('/o/tilleuls/members');
      await page.getByRole('link', { name: new RegExp(accepted.split(' ').at(-1)) }).first().click();
      assert.match(await words(page.locator('main')), /Annuaire Santé/, 'the sheet says where the identity comes from');
    });
  }

  test('by keyboard alone', async (t) => {
    const page = await enter(t, server, people.bruno);
    await page.goto(path);
    await tabTo(page, 'button', /^Écarter.*Hélène Faure-Lenoir/);
    await press(page, 'button', /^Écarter.*Hélène Faure-Lenoir/);
    await says(page, 'L’alerte sur Hélène Faure-Lenoir est écartée');
  });

  test('whoever may not edit members is refused', async (t) => {
    const page = await enter(t, server, people.julie);
    const answer = await page.goto(path);
    assert.equal(answer.status(), 403);
  });
});
