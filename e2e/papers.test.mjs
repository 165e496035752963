// The papers of a file (VER-1, VER-3, FIL-01, FIL-03): sent by an administrator, refused with words, shown in the page
// without script, seen by support after a proof, removed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { at, crossed, enter, fetched, look, password, people, says, startServer, wayName } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const send = async (page, name, buffer) => {
  await page.getByLabel('Fichier').setInputFiles({ name, mimeType: 'image/png', buffer });
  await page.getByRole('button', { name: 'Envoyer la pièce' }).click();
};

for (const way of crossed) {
  test(`papers are sent, refused, opened and removed, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.nadia, { ...way, allow: [/422/] });
    const shown = way.javascript ? at : (there, path) => there.goto(path); // pages are looked at with script
    const seen = way.javascript ? look : () => {};
    await page.goto('/o/deux-rives/members?verification=unchecked');
    const file = await page.locator('a[href*="/dossiers/dos_"]').first().getAttribute('href');
    await shown(page, `${file}/documents`, { name: 'papers' });
    await page.getByRole('button', { name: 'Envoyer la pièce' }).click();
    await page.getByRole('link', { name: /Choisissez un fichier/ }).waitFor();
    await seen(page, 'papers-none');
    await send(page, 'attestation.png', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'));
    await page.getByText('Choisissez un fichier PDF, JPEG ou PNG').waitFor();
    await seen(page, 'papers-refused');
    await send(page, 'attestation.svg', png);
    await says(page, 'attestation.png');
    await page.goto(`${file}/documents`);
    const mine = page.getByRole('listitem').filter({ hasText: 'attestation.png' });
    const address = await mine.getByRole('link', { name: /^Ouvrir/ }).getAttribute('href');
    await shown(page, address, { name: 'paper' });
    assert.ok(await page.locator('main img').evaluate((img) => img.complete && img.naturalWidth > 0), 'the image is shown');
    await page.reload();
    await page.getByText('Vue par Nadia Benali').waitFor();
    for (const part of ['file', 'view']) await fetched(page, `${address}/${part}`);
    await shown(page, `${address}/remove`, { name: 'paper-remove' });
    await page.getByRole('button', { name: 'Retirer la pièce' }).click();
    await says(page, 'Pièce retirée');
  });
}

test('support proves itself before it opens a paper (rules.md 6)', async (t) => {
  const admin = await enter(t, server, people.nadia);
  await admin.goto('/o/deux-rives/members?verification=unchecked');
  const file = await admin.locator('a[href*="/dossiers/dos_"]').first().getAttribute('href');
  await admin.goto(`${file}/documents`);
  const path = await admin.getByRole('link', { name: /^Ouvrir/ }).first().getAttribute('href');
  const page = await enter(t, server, people.platform);
  await page.goto('/platform/dossiers');
  const queued = await page.locator(`a[href*="${/dos_[^/]+/.exec(path)[0]}"]`).first().getAttribute('href');
  const address = `${queued}/documents/${/doc_[^/]+/.exec(path)[0]}`;
  await at(page, address, { name: 'platform-paper' });
  const proof = page.getByLabel('Votre mot de passe');
  if (await proof.isVisible()) {
    await proof.fill(password);
    await page.getByRole('button', { name: 'Ouvrir' }).click();
  }
  await page.getByRole('link', { name: 'Télécharger' }).waitFor();
  for (const part of ['file', 'view']) await fetched(page, `${address}/${part}`);
  await admin.reload();
  await admin.getByText(/, support \(/).waitFor();
});
