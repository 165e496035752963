// The sheet of a member: naming and revoking administrators, deactivating and reactivating (ORG-4, ORG-5, CHG-4).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { addApplication, ask, counts, enrol, enter, finish, goTo, invite, links, mailbox, memberId, newPassword, openPage, people, phone, refused, says, send, signIn, sound, startServer, wayName, wide, words } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const ways = [{ javascript: true, width: phone }, { javascript: false, width: wide }];
const at = (name) => `${name}@tilleuls.example`;

// sheetOf opens a member's sheet as an administrator of the organisation.
async function sheetOf(t, admin, email, way, org = 'tilleuls') {
  const page = await enter(t, server, admin, way);
  const id = await memberId(page, org, email);
  await page.goto(`/o/${org}/members/${id}`);
  return page;
}

async function appoint(page, place) {
  await page.getByRole('link', { name: 'Nommer admin' }).click();
  await page.getByRole('radio', { name: place }).check();
  await page.getByRole('button', { name: 'Nommer admin' }).click();
}

async function withdraw(page, place) {
  await page.getByRole('link', { name: 'Révoquer les droits administrateurs' }).click();
  const choice = page.getByRole('radio', { name: place });
  await choice.check();
  await page.getByRole('button', { name: 'Révoquer les droits' }).click();
}

// confirm answers the question that an act of the sheet asks, in a dialog or on a page.
async function confirm(page, opener, button) {
  await page.getByRole('link', { name: opener }).click();
  await page.getByRole('button', { name: button, exact: true }).click();
}

for (const [n, way] of ways.entries()) {
  test(`ORG-5: named administrator of a site, then of the organisation; then withdrawn, ${wayName(way)}`, async (t) => {
    const [email, name] = [['yanis.belkacem', 'Dr Yanis Belkacem'], ['emilie.vasseur', 'Dr Émilie Vasseur']][n];
    const person = await enter(t, server, at(email), way);
    await addApplication(person, at(email)); // who administers has a second factor
    const page = await sheetOf(t, people.bruno, at(email), way);
    const letters = mailbox(server, at(email));

    await page.getByRole('link', { name: 'Nommer admin' }).click();
    await page.getByRole('button', { name: 'Nommer admin' }).click();
    assert.match((await refused(page)).join(), /Choisissez l’organisation ou un établissement/);
    await sound(page);
    await page.getByRole('radio', { name: 'Saint-Aubin' }).check();
    await page.getByRole('button', { name: 'Nommer admin' }).click();
    await says(page, `${name} administre maintenant : Saint-Aubin`);
    const letter = await letters.next(/vous confie l’administration/);
    assert.match(letter.text, /Inviter des personnes/);
    await person.goto('/o/tilleuls/home'); // effective at once, in the open browser too
    await goTo(person, 'Membres');
    assert.match(await words(person.locator('header').first()), /Vous administrez/);
    assert.equal((await person.goto('/o/tilleuls/settings')).status(), 403, 'a site’s administrator does not change the settings');

    await appoint(page, 'Toute l’organisation');
    await says(page, `${name} administre maintenant : Toute l’organisation`);
    await letters.next(/vous confie l’administration/);
    assert.equal((await person.goto('/o/tilleuls/settings')).status(), 200);
    await page.goto('/o/tilleuls/members?admin=1');
    await page.getByRole('rowheader', { name: new RegExp(name.split(' ').at(-1)) }).waitFor();

    await page.goBack();
    await withdraw(page, 'Toute l’organisation');
    await says(page, `Droits administrateurs révoqués pour ${name}`);
    await letters.next(/vous retire l’administration/);
    assert.equal((await person.goto('/o/tilleuls/settings')).status(), 403);
    assert.equal((await person.goto('/o/tilleuls/members')).status(), 200, 'the site’s administration stays');
    await withdraw(page, 'Saint-Aubin');
    await says(page, 'Droits administrateurs révoqués');
    assert.equal((await person.goto('/o/tilleuls/members')).status(), 403);
  });

  test(`SES-01, CHG-4: deactivated, the person’s open browser is refused at the next click; reactivated, the rights are back, ${wayName(way)}`, async (t) => {
    const [email, name] = [['amara.kone', 'Amara Koné'], ['nadege.petit', 'Nadège Petit']][n];
    const person = await enter(t, server, at(email), way);
    await person.goto('/o/tilleuls/home');
    const page = await sheetOf(t, people.bruno, at(email), way);
    await confirm(page, 'Désactiver…', 'Désactiver');
    await says(page, `Membre désactivé : ${name}`);
    assert.match(await words(page.locator('.hero')), /Désactivé/);
    await mailbox(server, at(email)).next(/a désactivé votre accès/);

    await person.getByRole('main').getByRole('link').first().click();
    await person.waitForLoadState();
    const said = await words(person.locator('main'));
    assert.doesNotMatch(said, /Tilleuls|Feins/, said);
    await signIn(person, at(email));
    await person.waitForURL('**/organizations');
    assert.match(await words(person.locator('main')), /Vous n’êtes membre d’aucune organisation/);
    assert.equal((await person.goto('/o/tilleuls/home')).status(), 404);
    await sound(person);

    await confirm(page, 'Réactiver…', 'Réactiver');
    await says(page, `Membre réactivé : ${name}`);
    await mailbox(server, at(email)).next(/a réactivé votre accès/);
    assert.match(await words(page.locator('main')), n === 0 ? /Soins/ : /Secrétariat/);
    assert.equal((await person.goto('/o/tilleuls/home')).status(), 200);
  });
}

test('CHG-4: somebody deactivated here works on elsewhere', async (t) => {
  const claire = await enter(t, server, people.claire);
  await claire.goto('/o/deux-rives/home');
  const page = await sheetOf(t, people.bruno, people.claire);
  await confirm(page, 'Désactiver…', 'Désactiver');
  await says(page, 'Membre désactivé');
  assert.equal((await claire.goto('/o/tilleuls/home')).status(), 404);
  await signIn(claire, people.claire);
  await claire.waitForURL('**/o/deux-rives/home');
  await confirm(page, 'Réactiver…', 'Réactiver');
  await says(page, 'Membre réactivé');
});

test('CHG-1: a sheet that somebody changed meanwhile is not changed blindly', async (t) => {
  const [one, two] = [await sheetOf(t, people.bruno, at('thomas.guerin'), { javascript: false }), await sheetOf(t, people.claire, at('thomas.guerin'), { javascript: false })];
  for (const page of [one, two]) await page.getByRole('link', { name: 'Désactiver…' }).click();
  await one.getByRole('button', { name: 'Désactiver', exact: true }).click();
  await says(one, 'Membre désactivé');
  await two.getByRole('button', { name: 'Désactiver', exact: true }).click();
  const said = await words(two.locator('main'));
  assert.match(said, /Quelqu’un a modifié|déjà désactivé|n’est pas actif/i, said);
  await sound(two);
});

describe('ORG-4: the last administrator', () => {
  test('is not withdrawn and does not leave; the pages say why and what to do', async (t) => {
    const nadia = await enter(t, server, people.nadia);
    const mine = `/o/deux-rives/members/${await memberId(nadia, 'deux-rives', people.nadia)}`;
    await nadia.goto(`${mine}/administration/withdraw`); // while there are two

    const etienne = await sheetOf(t, people.nadia, 'etienne.kermarrec@deux-rives.example', {}, 'deux-rives');
    await withdraw(etienne, 'Toute l’organisation');
    await says(etienne, 'Droits administrateurs révoqués');

    await nadia.getByRole('radio', { name: 'Toute l’organisation' }).check();
    await nadia.getByRole('button', { name: 'Révoquer les droits' }).click();
    await says(nadia, /Donnez d’abord l’administration à une autre personne .* « CPTS des Deux Rives »/);
    assert.match(await nadia.title(), /^Erreur\s: /);
    await sound(nadia);

    await nadia.goto(mine);
    assert.match(await words(nadia.locator('main')), /Dernière personne qui administre « CPTS des Deux Rives »/);
    await counts(nadia.getByRole('link', { name: 'Révoquer les droits administrateurs' }), 0);
    assert.equal((await nadia.goto(`${mine}/administration/withdraw`)).status(), 409);
    assert.match(await words(nadia.locator('main')), /Donnez d’abord l’administration/);

    await nadia.goto('/o/deux-rives/leave');
    assert.match(await words(nadia.locator('main')), /la dernière personne qui administre « CPTS des Deux Rives ».* Donnez d’abord l’administration/);
    await counts(nadia.getByRole('button', { name: 'Quitter l’organisation' }), 0);
    await sound(nadia);
    assert.equal((await ask(nadia, '/organizations/deux-rives/members')).counts.administrators, 1);
  });
});

test('MEM-12: the invitation is sent again from the sheet', async (t) => {
  const page = await sheetOf(t, people.bruno, at('linh.nguyen'));
  assert.match(await words(page.locator('main')), /Invitation Valable jusqu’au/);
  await confirm(page, 'Renvoyer l’e-mail d’invitation', 'Renvoyer l’invitation');
  await says(page, `Invitation renvoyée à ${at('linh.nguyen')}`);
  const [link] = links(await mailbox(server, at('linh.nguyen')).next());
  const person = await openPage(t, server);
  await person.goto(link);
  assert.equal(await person.getByLabel('Nom', { exact: true }).inputValue(), 'Nguyen', 'what is known is filled in');
  await finish(person, { given: 'Linh', family: 'Nguyen' });
  await person.waitForURL('**/o/tilleuls/home');
  await page.goto('/o/tilleuls/members?q=nguyen+linh');
  assert.match(await words(page.getByRole('row').last()), /Actif/);
});

test('nobody deactivates themselves, nor somebody with more rights', async (t) => {
  const page = await sheetOf(t, people.bruno, people.bruno);
  await counts(page.getByRole('link', { name: 'Désactiver…' }), 0);
  const own = await page.goto(`${page.url()}/deactivate`);
  assert.ok([403, 409].includes(own.status()), `${own.status()}`);
  await sound(page);

  const thierry = await enter(t, server, 'thierry.bazin@saint-aubin.example');
  const philippe = await memberId(await enter(t, server, people.philippe), 'saint-aubin', people.philippe);
  await thierry.goto(`/o/saint-aubin/members/${philippe}`);
  await counts(thierry.getByRole('link', { name: 'Désactiver…' }), 0);
  const answer = await thierry.goto(`/o/saint-aubin/members/${philippe}/deactivate`);
  assert.equal(answer.status(), 403);
  assert.match(await words(thierry.locator('main')), /demande l’autorisation « Désactiver et réactiver des membres »\. .* peuvent vous la donner/);
});

test('INV-08: an invitation with administration makes an administrator; the review says what that opens', async (t) => {
  const admin = await enter(t, server, people.bruno);
  const email = at('nouvelle.admin');
  await invite(admin, 'tilleuls', { emails: [email], sites: ['Grand-Pré'], roles: ['Administration'], job: 'Gestion' });
  await admin.waitForURL('**/review?draft=*');
  assert.match(await words(admin.locator('main')), /Administration \(Grand-Pré\)/);
  assert.match(await words(admin.locator('main')), /Ces personnes administreront/);
  await send(admin);
  const letter = await mailbox(server, email).next();
  assert.match(letter.text, /Vous administrerez cet établissement/);
  const person = await openPage(t, server);
  await person.goto(links(letter)[0]);
  await finish(person, { given: 'Nouvelle', family: 'Admin', secret: newPassword });
  await enrol(person, email);
  await person.waitForURL('**/o/tilleuls/home');
  await goTo(person, 'Membres');
});
