// The main job end to end, on the real program with real letters: an administrator invites, the person receives the
// letter, finishes the account and is signed in. In the four ways, and once by keyboard alone ("Must show" 2).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  counts, finish, freshCode, focused, gone, goTo, invite, links, mailbox, newPassword, openPage, password, people, press, refused, row,
  says, send, signIn, sound, startServer, tabTo, wayName, ways, words, write,
} from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

for (const [n, way] of ways.entries()) {
  const first = `ines.roussel${n}@tilleuls.example`;
  const second = `hugo.martel${n}@tilleuls.example`;

  test(`MEM-9, MEM-11, MEM-13: from the invitation to the account, ${wayName(way)}`, async (t) => {
    const admin = await openPage(t, server, way);
    await signIn(admin, people.bruno);
    await admin.waitForURL('**/o/tilleuls/home');
    await inviteTwo(admin, [first, second]);

    const letters = mailbox(server, first);
    const letter = await letters.next();
    assert.match(letter.subject, /^Bruno Lacaze vous invite à rejoindre/);
    assert.match(letter.text, /Maison de santé des Tilleuls/);
    const [link] = links(letter);
    assert.ok(link.startsWith(`${server.base}/activate/`), 'INV-05: the link begins with the configured address');

    const person = await openPage(t, server, way);
    await activate(person, link, first);
    await appearsActive(admin, 'Inès N’Guyen-de La Tour du Pin', first);
    await gone(person, link); // INV-01, from the person's own browser
    await resendThenDelete(t, admin, way, second);
  });
}

// inviteTwo goes from the home page to the report, over the errors of an empty form.
async function inviteTwo(page, emails) {
  await goTo(page, 'Invitations');
  await page.getByRole('link', { name: 'Inviter par e-mail' }).click();
  await page.getByRole('button', { name: 'Vérifier avant d’envoyer' }).click();
  const points = await refused(page);
  assert.deepEqual(points, ['Saisissez au moins une adresse e-mail, par exemple nom@cabinet.fr', 'Choisissez au moins un établissement', 'Choisissez au moins un rôle']);
  await sound(page);

  await invite(page, 'tilleuls', { emails, sites: ['Saint-Aubin'], roles: ['Secrétariat'] });
  await page.waitForURL('**/review?draft=*');
  for (const email of emails) assert.match(await words(row(page, email)), /À inviter/);
  assert.match(await words(page.locator('main')), /Secrétariat \(Saint-Aubin\)/);
  await sound(page);
  await page.reload(); // the draft survives a reload
  await send(page);
  for (const email of emails) assert.match(await words(row(page, email)), /Invitation envoyée/);
  await sound(page);
}

// activate opens the link as a mail scanner would before the person does, makes every mistake once, then finishes.
async function activate(page, link, email) {
  for (let times = 0; times < 3; times++) assert.equal((await page.request.get(link)).status(), 200); // INV-09
  await page.context().clearCookies();
  await page.goto(link);
  assert.equal(new URL(page.url()).pathname, '/activate', 'INV-12: the token leaves the address at once');
  assert.equal(await page.getByLabel('E-mail professionnel').inputValue(), email);
  await sound(page);

  await finish(page, { given: '<script>alert(1)</script>', family: 'N’Guyen-de La Tour du Pin', secret: 'court' });
  const points = await refused(page);
  assert.equal(points.length, 3, points.join('\n')); // the name, the function, the password
  assert.match(points.join('\n'), /15 caractères/);
  assert.equal(await page.getByLabel('Nom', { exact: true }).inputValue(), 'N’Guyen-de La Tour du Pin', 'what was typed is kept');
  assert.equal(await page.getByLabel('Prénom').inputValue(), '<script>alert(1)</script>', 'INJ-01: shown as text');
  assert.equal(await page.getByLabel('Nouveau mot de passe').inputValue(), '', 'the password is not');
  await sound(page);

  await finish(page, { given: 'Inès', family: 'N’Guyen-de La Tour du Pin', job: 'Secrétariat' });
  await page.waitForURL('**/o/tilleuls/home');
  await says(page, 'Votre compte est actif');
  await page.getByRole('button', { name: 'Votre menu : Inès N’Guyen-de La Tour du Pin' }).waitFor();
}

async function appearsActive(page, name, email) {
  await goTo(page, 'Membres');
  await page.getByLabel('Nom ou e-mail').fill(email);
  await page.getByRole('button', { name: 'Filtrer' }).click();
  await page.getByText('Membres 1 à 1 sur 1').last().waitFor();
  const line = row(page, new RegExp(name.split(' ')[0]));
  assert.match(await words(line), /Actif/);
  assert.match(await words(line), /Secrétariat/);
}

// resendThenDelete: resending kills the older link (MEM-11, INV-07); deleting asks first, and kills the newer one.
async function resendThenDelete(t, admin, way, email) {
  const letters = mailbox(server, email);
  const [old] = links(await letters.next());
  await goTo(admin, 'Invitations');
  assert.match(await words(row(admin, email)), /Expire dans 30 jours/);
  await row(admin, email).getByRole('link', { name: `Renvoyer l’invitation à ${email}` }).click();
  await admin.getByRole('button', { name: 'Renvoyer l’invitation' }).waitFor();
  if (way.javascript) {
    await admin.getByRole('dialog').waitFor(); // level 2: a dialog with script, a page without (DESIGN.md 12)
    assert.match(await focused(admin), /Annuler/, 'the safe answer has the focus');
  }
  await sound(admin);
  await admin.getByRole('button', { name: 'Renvoyer l’invitation' }).click();
  await says(admin, `Invitation renvoyée à ${email}`);
  const [fresh] = links(await letters.next());
  assert.notEqual(fresh, old);

  const person = await openPage(t, server, way);
  await gone(person, old);
  assert.equal((await person.goto(fresh)).status(), 200);

  await row(admin, email).getByRole('link', { name: `Supprimer l’invitation à ${email}` }).click();
  await admin.getByRole('link', { name: 'Garder' }).click();
  await row(admin, email).getByRole('link', { name: `Supprimer l’invitation à ${email}` }).click();
  await admin.getByRole('button', { name: 'Supprimer l’invitation' }).click();
  await says(admin, `Invitation supprimée : ${email}`);
  await counts(row(admin, email), 0);
  await gone(person, fresh);
}

test('the whole journey by keyboard alone', async (t) => {
  const email = 'clavier.seul@tilleuls.example';
  const admin = await openPage(t, server);
  await admin.goto('/login');
  await write(admin, 'E-mail professionnel', people.claire);
  await writeSecret(admin, 'Mot de passe', password);
  await admin.keyboard.press('Enter');
  await admin.waitForURL('**/login/second-factor');
  await write(admin, 'Code à 6 chiffres', await freshCode(server.base, people.claire));
  await admin.keyboard.press('Enter');
  await admin.waitForURL('**/organizations');
  await press(admin, 'link', /Maison de santé des Tilleuls/);
  await admin.waitForURL('**/home');
  await press(admin, 'link', 'Inviter par e-mail');
  await admin.waitForURL('**/invitations/new');
  await write(admin, 'Adresse 1', 'pas-une-adresse');
  await tabTo(admin, 'button', 'Ajouter un autre');
  await admin.keyboard.press('Enter');
  assert.match(await focused(admin), /Adresse 2/, 'the new field has the focus');
  await admin.keyboard.type(email);
  await tabTo(admin, 'checkbox', /^Saint-Aubin/);
  await admin.keyboard.press('Space');
  await tabTo(admin, 'checkbox', /^Secrétariat/);
  await admin.keyboard.press('Space');
  await press(admin, 'button', 'Vérifier avant d’envoyer');
  await admin.waitForURL('**/review?draft=*');
  await press(admin, 'button', /^Envoyer 1 invitation/);
  await admin.waitForURL('**/sent?draft=*');

  const [link] = links(await mailbox(server, email).next());
  const person = await openPage(t, server);
  await person.goto(link);
  await write(person, 'Prénom', 'Ali');
  await write(person, 'Nom', 'Ø');
  await tabTo(person, 'combobox', 'Votre fonction');
  await person.keyboard.type('Soins');
  await writeSecret(person, 'Nouveau mot de passe', newPassword);
  await press(person, 'button', 'Activer mon compte');
  await person.waitForURL('**/o/tilleuls/home');
  await press(person, 'button', /^Votre menu/);
  await press(person, 'button', 'Se déconnecter');
  await person.waitForURL('**/login');
});

// writeSecret: a password field has no role of its own.
async function writeSecret(page, label, secret) {
  const field = page.getByLabel(label, { exact: true });
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    if (await field.evaluate((element) => element === document.activeElement)) return page.keyboard.type(secret);
  }
  assert.fail(`«${label}» cannot be reached with Tab`);
}
