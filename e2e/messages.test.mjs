// An e-mail to members of the list: chosen, written, reviewed, sent; what became of each letter (LST-3).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axe, counts, enter, look, mailbox, noOverflow, people, phone, refused, says, sound, startServer, wayName, wide, words } from './lib/index.mjs';
import { runsScripts } from './lib/page.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const list = '/o/tilleuls/members';

// both judges the page in both looks; with script, in full, as every page is somewhere.
async function both(page, name) {
  if (runsScripts(page)) return look(page, name);
  await sound(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await axe(page, { colours: true });
  await page.emulateMedia({ colorScheme: 'light' });
}

for (const way of [{ javascript: true, width: wide }, { javascript: false, width: phone }]) {
  test(`LST-3: written to two members, reviewed, sent, and followed, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.bruno, way);
    const inbox = mailbox(server, people.julie);
    await page.goto(`${list}?q=delmas`);
    await page.getByRole('checkbox', { name: /Julie Delmas/ }).check();
    await page.getByRole('button', { name: 'Écrire un e-mail…' }).click();
    await page.waitForURL('**/messages/new?draft=*');
    await both(page, 'message');
    await page.getByLabel('Objet').fill('Fermeture le 24 décembre');
    await page.getByRole('button', { name: 'Relire avant l’envoi' }).click();
    await refused(page);
    assert.equal(await page.getByLabel('Objet').inputValue(), 'Fermeture le 24 décembre', 'what was typed stays');
    await page.getByLabel('Texte').fill('Le cabinet ferme à midi.\n\nBonnes fêtes');
    await page.getByRole('button', { name: 'Relire avant l’envoi' }).click();
    await page.waitForURL('**/messages/new/review*');
    assert.match(await words(page.locator('main')), /Rien n’est encore parti.*Le cabinet ferme à midi/s);
    await noOverflow(page);
    await both(page, 'message review');
    await page.reload(); // nothing typed is lost
    await page.getByRole('button', { name: 'Envoyer 1 e-mail' }).click();
    await page.waitForURL('**/messages/mes_*');
    await says(page, '1 e-mail part');
    assert.match((await inbox.next(/Fermeture/)).text, /Le cabinet ferme à midi[^]*bruno\.lacaze@tilleuls\.example/);
    await both(page, 'message sent');
    await page.goto('/o/tilleuls/messages');
    await counts(page.getByRole('rowheader', { name: 'Fermeture le 24 décembre' }), way.javascript ? 1 : 2);
    await noOverflow(page);
    await both(page, 'messages');
  });
}
