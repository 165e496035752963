// How long things are kept, the register, and leaving the service (AUD-4).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { at, crossed, enter, look, mailbox, people, refused, row, says, sound, startServer, wayName } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const settings = '/o/tilleuls/settings';
const months = ['9', '8']; // each way changes what the one before had saved

// ready waits for the copy, which the timetable makes: the page is read again as a person would.
async function ready(page) {
  for (let n = 0; n < 40; n++) {
    if (await page.getByText('Empreinte (SHA-256)').count()) return;
    await new Promise((resume) => setTimeout(resume, 1000));
    await page.reload();
  }
  throw new Error('the full copy was not made');
}

for (const [n, way] of crossed.entries()) {
  test(`how long things are kept: refused, seen, saved; the register follows, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.bruno, way);
    await page.goto(settings);
    await page.getByRole('link', { name: 'Durées de conservation' }).click();
    const security = page.getByLabel('Connexions et refus');
    await security.fill('60');
    await page.getByRole('button', { name: 'Voir l’effet' }).click();
    assert.equal((await refused(page)).length, 1);
    assert.equal(await page.getByLabel('Connexions et refus').inputValue(), '60');
    await sound(page);
    await page.getByLabel('Connexions et refus').fill(months[n]);
    await page.getByRole('button', { name: 'Voir l’effet' }).click();
    await page.waitForURL('**/settings/retention/review?*');
    await row(page, 'Connexions et refus').getByText(`${months[n]} mois`).waitFor();
    await sound(page);
    await page.getByRole('button', { name: 'Enregistrer les durées' }).click();
    await says(page, 'Les durées sont enregistrées');
    await page.goto(`${settings}/kept`);
    await row(page, 'Journal de sécurité').getByText(`${months[n]} mois`).waitFor();
    await row(page, 'Comptes').getByText('Commun à tout le service').waitFor();
  });
}

test('the pages of it', async (t) => {
  const page = await enter(t, server, people.bruno);
  await at(page, `${settings}/retention`, { name: 'settings-retention' });
  await page.getByLabel('Notifications').fill('30');
  await page.getByRole('button', { name: 'Voir l’effet' }).click();
  await page.waitForURL('**/settings/retention/review?*');
  await look(page, 'settings-retention-review');
  await at(page, `${settings}/kept`, { name: 'settings-kept' });
  await at(page, `${settings}/exit`, { name: 'settings-exit' });
  await at(page, `${settings}/exit/export`, { name: 'settings-exit-export' });
  await at(page, `${settings}/exit/file`, { name: 'settings-exit-file' });
  await at(page, `${settings}/exit/deletion`, { name: 'settings-exit-deletion' });
  await at(page, `${settings}/exit/deletion/back`, { name: 'settings-exit-deletion-back' });
});

test('a full copy: asked for, told by letter, downloaded', async (t) => {
  const page = await enter(t, server, people.bruno);
  await page.goto(`${settings}/exit`);
  await page.getByRole('link', { name: 'Demander une copie complète' }).click();
  const box = await mailbox(server, people.bruno);
  await page.getByRole('button', { name: 'Demander une copie complète' }).click();
  await says(page, 'La copie complète est en préparation');
  await ready(page);
  await box.next(/l’export complet est prêt/);
  await look(page, 'settings-exit-ready');
  await page.getByRole('link', { name: 'Télécharger' }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Télécharger' }).click()]);
  const file = readFileSync(await download.path());
  assert.equal(file.subarray(0, 2).toString(), 'PK');
  assert.ok(file.includes('manifest.json'), 'the file has no inventory');
});

for (const way of crossed) {
  test(`the deletion of an organisation: asked for, told, taken back, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.bruno, way);
    await page.goto(`${settings}/exit`);
    await page.getByRole('link', { name: 'Supprimer l’organisation…' }).click();
    const name = (await page.getByText('Écrivez exactement : ').innerText()).split(': ')[1];
    await page.getByLabel('Nom de l’organisation').fill(name.toLowerCase());
    await page.getByRole('button', { name: 'Demander la suppression' }).click();
    assert.equal((await refused(page)).length, 1);
    await sound(page);
    const box = await mailbox(server, people.claire);
    await page.getByLabel('Nom de l’organisation').fill(name);
    await page.getByRole('button', { name: 'Demander la suppression' }).click();
    await says(page, 'La suppression est demandée');
    await box.next(/suppression demandée/);
    await page.goto('/o/tilleuls/home');
    await page.getByText('Cette organisation sera supprimée le').waitFor();
    await sound(page);
    await page.goto(`${settings}/exit`);
    await sound(page);
    await page.getByRole('link', { name: 'Renoncer à la suppression' }).click();
    await page.getByRole('button', { name: 'Renoncer à la suppression' }).click();
    await says(page, 'ne sera pas supprimée');
    await page.goto('/o/tilleuls/home');
    assert.equal(await page.getByText('Cette organisation sera supprimée le').count(), 0);
  });
}
