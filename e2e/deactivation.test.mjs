// A deactivation planned for a day, changed and cancelled; a reactivation that shows what changed meanwhile (CHG-4, LST-4).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { enter, mailbox, memberId, people, phone, says, sound, startServer, wayName, wide, words } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const at = (name) => `${name}@tilleuls.example`;

// day is a date of Europe/Paris some days from now: as forms and as people write it.
function day(days) {
  const date = new Date(Date.now() + days * 24 * 60 * 60 * 1000);
  const said = new Intl.DateTimeFormat('fr-FR', { timeZone: 'Europe/Paris', day: 'numeric', month: 'long', year: 'numeric' }).format(date);
  return { typed: new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris' }).format(date), said: said.replace(/^1 /, '1er ') };
}

// shows waits until the page itself says so.
const shows = (page, text) => page.getByRole('main').getByText(text).first().waitFor();

async function sheetOf(t, admin, email, way) {
  const page = await enter(t, server, admin, way);
  await page.goto(`/o/tilleuls/members/${await memberId(page, 'tilleuls', email)}`);
  return page;
}

// plan asks on the page of the sheet for the end of a day.
async function plan(page, sheet, typed) {
  await page.goto(`${sheet}/deactivate`);
  await page.getByRole('radio', { name: /^À la fin d’un jour choisi/ }).check();
  await page.getByLabel('Dernier jour d’accès').fill(typed);
  await page.getByRole('button', { name: 'Désactiver', exact: true }).click();
}

[{ javascript: true, width: phone }, { javascript: false, width: wide }].forEach((way, n) => {
  const [email, name] = [['amara.kone', 'Amara Koné'], ['nadege.petit', 'Nadège Petit']][n];

  test(`CHG-4: a deactivation is planned, shown, put off and cancelled, ${wayName(way)}`, async (t) => {
    const letters = mailbox(server, at(email));
    const page = await sheetOf(t, people.bruno, at(email), way);
    const sheet = new URL(page.url()).pathname;
    await plan(page, sheet, day(-2).typed);
    await shows(page, 'Choisissez un jour qui n’est pas passé');
    await sound(page);

    await plan(page, sheet, day(8).typed);
    await says(page, `Désactivation prévue à la fin du ${day(8).said} : ${name}`);
    assert.match(await words(page.locator('.hero')), /Désactivation prévue/);
    assert.match(await words(page.locator('main')), /Désactivation prévue Le \d/, 'the day stands apart from the chip');
    await sound(page);
    await letters.next(/s’arrête le/);
    await page.goto('/o/tilleuls/members?q=' + encodeURIComponent(name.split(' ')[1]));
    assert.match(await words(page.getByRole('row', { name: new RegExp(name.split(' ')[1]) })), /Désactivation prévue Le \d/);

    const person = await enter(t, server, at(email), way);
    assert.equal((await person.goto(sheet)).status(), 200, 'they still come in');
    const own = await words(person.locator('main'));
    assert.match(own, new RegExp(`À la fin du ${day(8).said}`));
    assert.doesNotMatch(own, /Changer ou annuler/);

    await page.goto(sheet);
    await page.getByRole('link', { name: 'Changer ou annuler' }).click();
    await shows(page, `La désactivation est prévue à la fin du ${day(8).said}`);
    assert.equal(await page.getByLabel('Dernier jour d’accès').inputValue(), day(8).typed);
    await page.getByLabel('Dernier jour d’accès').fill(day(9).typed);
    await page.getByRole('button', { name: 'Désactiver', exact: true }).click();
    await says(page, `Désactivation prévue à la fin du ${day(9).said}`);
    await letters.next(new RegExp(`s’arrête le ${day(9).said.replaceAll(' ', String.raw`\s`)}`));

    await page.getByRole('link', { name: 'Changer ou annuler' }).click();
    await page.getByRole('link', { name: /^Annuler la désactivation prévue/ }).click();
    await shows(page, 'Annuler la désactivation prévue de');
    await sound(page);
    await page.getByRole('button', { name: 'Annuler la désactivation', exact: true }).click();
    await says(page, `Désactivation annulée : ${name}`);
    assert.doesNotMatch(await words(page.locator('main')), /Désactivation prévue/);
    await letters.next(/continue/);
  });

  test(`CHG-4: reactivation shows what changed meanwhile, before and afterwards, ${wayName(way)}`, async (t) => {
    const page = await sheetOf(t, people.bruno, at(email), way);
    const sheet = new URL(page.url()).pathname;
    await page.goto(`${sheet}/deactivate`);
    await page.getByRole('radio', { name: /^Tout de suite/ }).check();
    await page.getByRole('button', { name: 'Désactiver', exact: true }).click();
    await says(page, `Membre désactivé : ${name}`);
    await page.goto(`${sheet}/reactivate`);
    await shows(page, 'Rien n’a changé entre-temps');

    const id = sheet.split('/').at(-1);
    const read = await (await page.request.get(`/api/v1/organizations/tilleuls/members/${id}`)).json();
    const { role, scope, name: label } = read.roles.find(({ built_in: builtIn }) => builtIn !== 'administrator');
    const taken = await page.request.delete(`/api/v1/organizations/tilleuls/members/${id}/roles/${role}?scope=${scope}`, { headers: { origin: server.base } });
    assert.equal(taken.status(), 200, await taken.text());
    await page.goto(`${sheet}/reactivate`);
    await shows(page, '1 chose ne sera pas comme avant');
    const row = page.getByRole('row', { name: new RegExp(label) });
    assert.match(await words(row), /Retiré entre-temps.*Oui.*Non/s);
    await shows(page, 'Ses sessions d’avant');
    await sound(page);
    await page.getByRole('button', { name: 'Réactiver', exact: true }).click();
    await says(page, `Membre réactivé : ${name}`);
    await shows(page, '1 chose n’est plus comme avant');
    await sound(page);
    await page.getByRole('link', { name: 'Revenir à la fiche' }).click();
    await page.waitForURL(`**${sheet}`);
  });
});
