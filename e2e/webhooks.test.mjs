// Receivers of events: made, tried, told, stopped, started again, removed (issue 8; rules.md 17, 18; OUT-01, OUT-02, OUT-04).
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { ask, crossed, enter, memberId, people, refused, row, says, sound, startServer, wayName, words } from './lib/index.mjs';

let server;
let receiver;
const got = [];
let status = 204;

// The receiver stands on this machine: the operator names it, and development lets it do without TLS.
before(async () => {
  receiver = createServer(async (request, answer) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    got.push({ headers: request.headers, body });
    answer.writeHead(status).end(status === 204 ? '' : 'en panne, Bearer abc.def.ghi');
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  server = await startServer({ args: ['--webhook-hosts', `127.0.0.1:${receiver.address().port}`] });
});
after(async () => {
  await server.stop();
  receiver.close();
});

// signed is the check of a receiver, written from the text of Standard Webhooks.
function signed({ headers, body }, secret) {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const mac = createHmac('sha256', key).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`).digest('base64');
  return headers['webhook-signature'].split(' ').includes(`v1,${mac}`) && Math.abs(Date.now() / 1000 - headers['webhook-timestamp']) < 300;
}

// arrives waits for what the receiver was sent and that fits.
async function arrives(fits) {
  for (let n = 0; n < 100; n++) {
    const found = got.find((one) => fits(JSON.parse(one.body)));
    if (found) return found;
    await new Promise((resume) => setTimeout(resume, 50));
  }
  throw new Error('the receiver was not told');
}

for (const [n, way] of crossed.entries()) {
  test(`a receiver: made, tried, told of a departure, stopped, started, removed, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.bruno, way);
    const address = `http://127.0.0.1:${receiver.address().port}/recepteur?cle=${n}`;
    const name = `Agenda ${n}`;
    got.length = 0;
    status = 204;
    await page.goto('/o/tilleuls/webhooks');
    await page.getByRole('link', { name: 'Nouveau récepteur' }).click();
    await page.getByLabel('Adresse du récepteur').fill('https://10.0.0.7/');
    await page.getByRole('button', { name: 'Créer le récepteur' }).click();
    assert.equal((await refused(page)).length, 3);
    await sound(page);
    await page.getByLabel('Nom').fill(name);
    await page.getByLabel('Adresse du récepteur').fill(address);
    for (const kind of ['Membre désactivé', 'Membre réactivé']) await page.getByLabel(kind).check();
    await page.getByRole('button', { name: 'Créer le récepteur' }).click();
    await page.getByRole('heading', { level: 1, name: new RegExp(`^Récepteur créé.*${name}$`) }).waitFor();
    const secret = await page.getByLabel('Secret de signature').inputValue();
    assert.match(secret, /^whsec_[\w+/]{43}=$/);
    await sound(page);
    await page.getByRole('link', { name: 'J’ai copié le secret' }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
    assert.ok(!(await page.content()).includes(secret), 'the sheet does not show it');
    await sound(page);

    await page.getByRole('button', { name: 'Faire un essai' }).click();
    await says(page, /Essai réussi : le récepteur a répondu 204 en \d+ ms/);
    const tried = await arrives(({ type }) => type === 'webhook.test');
    assert.ok(signed(tried, secret));

    const julie = await memberId(page, 'tilleuls', people.julie);
    const deactivated = await page.request.post(`/api/v1/organizations/tilleuls/members/${julie}/deactivate`, { headers: { origin: server.base } });
    assert.equal(deactivated.status(), 200, await deactivated.text());
    const told = await arrives(({ type }) => type === 'member.deactivated');
    assert.ok(signed(told, secret));
    assert.equal(JSON.parse(told.body).data.member, julie);
    assert.ok(!/Delmas|Julie|@/.test(told.body), `identifiers alone: ${told.body}`);
    const { items } = await ask(page, '/organizations/tilleuls/events?kind=member.deactivated&limit=100');
    assert.deepEqual(items.at(-1), JSON.parse(told.body), 'the feed says the same');

    status = 500;
    await page.request.post(`/api/v1/organizations/tilleuls/members/${julie}/reactivate`, { headers: { origin: server.base } });
    await arrives(({ type }) => type === 'member.reactivated');
    await page.waitForTimeout(300); // what came of it is being written
    await page.reload();
    const line = row(page, /^Membre réactivé/);
    assert.match(await words(line), /Le récepteur a répondu 500.*en panne, \*\*\*.*1 essai.*En attente/);
    assert.match(await words(page.locator('main')), /En échec depuis/);
    await sound(page);
    status = 204;
    await line.getByRole('button', { name: /^Renvoyer/ }).click();
    await says(page, 'L’événement est renvoyé.');

    await page.getByRole('button', { name: /^Arrêter/ }).click();
    await says(page, `Le récepteur ${name} est arrêté.`);
    await sound(page);
    await page.getByRole('link', { name: /^Relancer/ }).click();
    await page.getByRole('button', { name: 'Relancer' }).click();
    await says(page, `Le récepteur ${name} est relancé : vous en répondez.`);
    await page.getByLabel('Dernier événement bien reçu').fill('beaucoup');
    await page.getByRole('button', { name: /^Renvoyer.*tous les événements/ }).click();
    assert.deepEqual(await refused(page), ['Écrivez le numéro de version d’un événement, par exemple 42']); // webhook.after
    await page.getByLabel('Dernier événement bien reçu').fill(String(items.at(-1).data.version - 1));
    await page.getByRole('button', { name: /^Renvoyer.*tous les événements/ }).click();
    await says(page, '2 événements sont renvoyés.');

    await page.getByRole('link', { name: 'Nouveau secret' }).click();
    await page.getByRole('button', { name: 'Nouveau secret' }).click();
    await page.getByRole('heading', { level: 1, name: /^Nouveau secret/ }).waitFor();
    assert.notEqual(await page.getByLabel('Secret de signature').inputValue(), secret);
    await page.getByRole('link', { name: 'J’ai copié le secret' }).click();
    await page.getByRole('link', { name: /^Retirer/ }).click();
    await page.getByRole('button', { name: 'Retirer' }).click();
    await says(page, `Le récepteur ${name} est retiré.`);
  });
}
