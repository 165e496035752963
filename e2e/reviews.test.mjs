// An access review (AUD-3): opened, gone through person by person with the keyboard alone, ended, signed; and the same
// without JavaScript on a phone.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inflateRawSync } from 'node:zlib';
import { at, counts, enter, goTo, look, password, people, phone, press, refused, says, sound, startServer, tabTo, wide, words } from './lib/index.mjs';

const binary = process.env.HABILIS_BIN ?? fileURLToPath(new URL('../bin/habilis', import.meta.url));

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const list = '/o/tilleuls/reviews';
const main = (page) => words(page.locator('main'));
const undecided = (page) => page.getByRole('navigation', { name: 'Personnes de la revue' }).getByRole('link', { name: /^À décider \d/ });
const left = async (page) => Number((await words(undecided(page))).replace(/\D/g, ''));
const card = (page, name) => page.getByRole('region', { name });

/** prove fills in the password where the page asks for it: one just signed in does not. */
async function prove(page) {
  const field = page.getByLabel('Votre mot de passe');
  if ((await field.count()) > 0) await field.fill(password);
}

async function open(page, site) {
  await page.goto(list);
  await page.getByRole('main').getByRole('link', { name: 'Ouvrir une revue' }).first().click();
  await page.getByLabel('Établissement').selectOption({ label: site });
  await page.getByRole('button', { name: 'Ouvrir une revue' }).click();
  await says(page, /La revue est ouverte/);
  return page.url().split(/[?#]/)[0];
}

/** finished waits for what follows the end, as a person does: by asking for the page again. */
async function finished(page, path) {
  for (let n = 0; n < 120; n++) {
    await page.goto(path);
    if (/son fichier signé est prêt/.test(await main(page))) return;
    await page.waitForTimeout(250);
  }
  assert.fail('the work that follows the end does not end');
}

/** unpacked are the files of a zip. */
function unpacked(zip) {
  const files = {};
  let at = zip.readUInt32LE(zip.length - 22 + 16); // the central directory, as the end of one without comment says
  while (zip.readUInt32LE(at) === 0x02014b50) {
    const [size, name, extra, comment] = [zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32)];
    const local = zip.readUInt32LE(at + 42);
    const begin = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    files[zip.toString('utf8', at + 46, at + 46 + name)] = inflateRawSync(zip.subarray(begin, begin + size));
    at += 46 + name + extra + comment;
  }
  return files;
}

/** verified runs the verifier of a machine that has nothing but the files. */
async function verified(files, change = (name, data) => data) {
  const folder = await mkdtemp(join(tmpdir(), 'revue-'));
  for (const [name, data] of Object.entries(files)) await writeFile(join(folder, name), change(name, Buffer.from(data)));
  const words = ['verify-audit', '--file', 'revue.json', '--signature', 'revue.json.signature', '--keys', 'cles-publiques.json'];
  return promisify(execFile)(binary, words, { cwd: folder });
}

test('AUD-3: a review of one site without JavaScript, on a phone', async (t) => {
  const page = await enter(t, server, people.bruno, { javascript: false, width: phone });
  await page.goto('/o/tilleuls/home');
  await goTo(page, 'Revue des accès');
  await sound(page);
  const path = await open(page, 'Grand-Pré');
  await sound(page);
  await page.goto(`${path}?filter=undecided`);
  const total = await left(page);
  assert.ok(total > 3, `${total} people`);
  await page.getByRole('button', { name: 'Enregistrer', exact: true }).click();
  await says(page, 'Choisissez Garder, Réduire ou Retirer');

  const one = page.locator('.rv').filter({ has: page.getByRole('radio') }).filter({ has: page.locator('input[type=checkbox]') }).first();
  const name = await words(one.getByRole('heading', { level: 2 }));
  await one.getByRole('radio', { name: 'Réduire' }).check();
  await page.getByRole('button', { name: 'Enregistrer', exact: true }).click();
  const points = await refused(page); // a comment, and what goes
  assert.equal(points.length, 2, points.join(' | '));
  assert.ok(points.every((point) => point.startsWith(name)), points.join(' | '));
  await sound(page);
  assert.ok(await card(page, name).getByRole('radio', { name: 'Réduire' }).isChecked(), 'what was chosen stays');
  await card(page, name).getByRole('checkbox', { name: /^Retirer / }).first().check();
  await card(page, name).getByLabel('Pourquoi').fill('A changé de service');
  await page.getByRole('button', { name: 'Enregistrer', exact: true }).click();
  await says(page, '1 décision enregistrée.');
  assert.equal(await left(page), total - 1);

  await page.goto(`${path}?filter=reduce`);
  assert.match(await main(page), /Réduire, décidé par Bruno Lacaze .* « A changé de service »/);
  await page.goto(path);
  await page.getByRole('link', { name: 'Confier à quelqu’un d’autre' }).first().click();
  await sound(page);
  await page.getByRole('button', { name: 'Confier', exact: true }).click();
  assert.deepEqual(await refused(page), ['Choisissez à qui confier ces personnes']);

  await page.goto(path);
  await page.getByRole('link', { name: 'Terminer la revue…' }).click();
  await sound(page);
  await page.getByLabel(/^Pour confirmer, écrivez/).fill('Maison des Tilleuls');
  await prove(page);
  await page.getByRole('button', { name: 'Terminer sans les personnes non revues' }).click();
  assert.match((await refused(page))[0], /Écrivez exactement « Maison de santé des Tilleuls »/);
  await page.getByLabel(/^Pour confirmer, écrivez/).fill('Maison de santé des Tilleuls');
  await prove(page);
  await page.getByRole('button', { name: 'Terminer sans les personnes non revues' }).click();
  await says(page, 'La revue est terminée');
  await finished(page, path);
  await sound(page);
  assert.match(await main(page), /terminée avec des personnes non revues/);
  await page.goto(`${path}?filter=reduce`);
  assert.match(await main(page), /Droits réduits/);
});

const crowd = 600;

/** imports 600 members, of whom nobody is written to. */
async function imports(page) {
  const head = 'Nom;Prénom;E-mail;Fonction;Type de profil;Établissements;Rôles;Téléphone\n';
  const rows = Array.from({ length: crowd }, (_, n) => `Martin ${n + 100};Camille;m${n}@exemple.fr;Secrétariat;Non-praticien;Saint-Aubin;Secrétariat;`);
  await page.goto('/o/tilleuls/members/import');
  const invite = page.getByLabel('Envoyer les invitations');
  if (await invite.isChecked()) await invite.uncheck();
  await page.getByLabel('Fichier à importer').setInputFiles({ name: 'membres.csv', mimeType: 'text/csv', buffer: Buffer.from(head + rows.join('\n')) });
  await page.getByRole('button', { name: 'Vérifier le fichier' }).click();
  await page.getByRole('link', { name: 'Importer…' }).waitFor({ timeout: 60_000 });
  await page.getByRole('link', { name: 'Importer…' }).click();
  await page.getByRole('button', { name: 'Importer', exact: true }).waitFor();
  await prove(page);
  await page.getByRole('button', { name: 'Importer', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Import terminé' }).waitFor({ timeout: 60_000 });
}

test('AUD-3: a review of more than 600 members, by keyboard alone', async (t) => {
  const page = await enter(t, server, people.bruno);
  await at(page, '/o/tilleuls/settings/reviews');
  await at(page, list, { name: 'reviews' });
  await imports(page);
  await at(page, `${list}/new`);
  const path = await open(page, 'Toute l’organisation');
  await at(page, path, { name: 'review-open' });
  await at(page, `${path}/reviewers`, { name: 'review-reviewers' });
  await page.setViewportSize({ width: wide, height: 900 });

  // Claire reviews Bruno: nobody reviews themself (rules.md 13).
  await page.goto(`${path}?filter=all&q=lacaze`);
  assert.match(await words(card(page, 'Bruno Lacaze')), /C’est vous : quelqu’un d’autre revoit vos droits/);
  const claire = await enter(t, server, people.claire);
  await claire.goto(`${path}?filter=all&q=lacaze`);
  await press(claire, 'radio', 'Garder', 'g');
  await claire.keyboard.press('Enter');
  await says(claire, '1 décision enregistrée.');

  await page.goto(`${path}?filter=undecided&size=100`);
  const total = await left(page);
  assert.ok(total > crowd, `${total} people`);
  const begun = Date.now();
  let [done, reduced, removed] = [0, 0, 0];
  await tabTo(page, 'radio', 'Garder');
  while (done < total) {
    const shown = await page.locator('.rv').filter({ has: page.getByRole('radio') }).count();
    assert.ok(shown > 0, `${total - done} people are left, and none is shown`);
    await page.locator('.rv input:focus').waitFor(); // on the next page, the first person of it
    for (let n = 0; n < shown; n++) {
      const name = await page.evaluate(() => document.activeElement.closest('.rv').querySelector('h2').textContent.trim());
      if (/Camille Martin 15\d$/.test(name)) { // one right of ten goes
        await page.keyboard.press('r');
        await page.keyboard.press('Space');
        await write(page, 'Ne tient plus l’accueil');
        reduced++;
      } else if (/Camille Martin 16[0-4]$/.test(name)) { // five go
        await page.keyboard.press('t');
        await page.keyboard.type('Partie');
        await page.keyboard.press('Control+Enter');
        removed++;
      } else {
        await page.keyboard.press('g');
      }
    }
    done += shown;
    await page.locator('[data-save]:focus').waitFor(); // after the last one comes the button
    assert.match(await words(page.locator('[data-chosen]')), new RegExp(`^${shown} décisions? à enregistrer$`));
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
    await says(page, new RegExp(`${shown} décisions? enregistrées?`));
    assert.equal(await left(page), total - done);
  }
  t.diagnostic(`${done} people in ${Math.round((Date.now() - begun) / 1000)} s`);
  assert.deepEqual([reduced, removed], [10, 5]);

  await page.goto(path);
  assert.match(await main(page), /Tout le monde est revu/);
  await at(page, `${path}/end`, { name: 'review-end' });
  assert.match(await main(page), /10 personnes .* 5 personnes/);
  await counts(page.getByLabel(/^Pour confirmer, écrivez/), 0);
  if ((await page.getByLabel('Votre mot de passe').count()) > 0) {
    await tabTo(page, 'textbox', 'Votre mot de passe');
    await page.keyboard.type(password);
  }
  await press(page, 'button', 'Terminer la revue et appliquer');
  await says(page, 'La revue est terminée');
  await finished(page, path);
  await look(page, 'review-ended');
  await page.goto(`${path}?filter=remove`);
  assert.equal((await main(page)).match(/Retirée de l’organisation \(départ\)/g).length, 5);

  await at(page, `${path}/file`, { name: 'review-file' });
  await prove(page);
  const [sent] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Télécharger' }).click()]);
  assert.match(sent.suggestedFilename(), /^revue-\d{4}-\d\d-\d\d\.zip$/);
  const files = unpacked(await readFile(await sent.path()));
  await verified(files);
  const forged = (name, data) => {
    if (name === 'revue.json') data[data.length >> 1] ^= 1;
    return data;
  };
  await assert.rejects(verified(files, forged), 'one byte altered is refused');
  assert.ok((await page.request.get('/.well-known/habilis-signing-keys.json')).ok(), 'the public keys of the server');
});

/** write goes to the comment of the person whose right was just ticked, types it, and goes on. */
async function write(page, text) {
  await tabTo(page, 'textbox', 'Pourquoi');
  await page.keyboard.type(text);
  await page.keyboard.press('Control+Enter');
}
