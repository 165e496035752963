// Invitations: what a link may and may not do, what becomes of each address, temporary passwords.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, counts, enter, finish, gone, goTo, invite, links, mailbox, newPassword, openPage, password, people, refused, row, says, send, signIn, sound, startServer, words } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const desk = { sites: ['Saint-Aubin'], roles: ['Secrétariat'], job: 'Secrétariat' };

// invited sends an invitation as Bruno and answers the link of its letter.
async function invited(t, email, what = desk) {
  const admin = await enter(t, server, people.bruno);
  await invite(admin, 'tilleuls', { emails: [email], ...what });
  await send(admin);
  const [link] = links(await mailbox(server, email).next());
  return { admin, link };
}

// post sends a form as the page's browser would, without its page.
function post(page, path, form) {
  return page.request.post(path, { form, headers: { origin: server.base }, maxRedirects: 0 });
}

describe('a dead link', () => {
  test('INV-01, INV-03: spent, cut, altered, foreign or none: the same neutral page, for everybody', async (t) => {
    const email = 'lea.marchand@tilleuls.example';
    const { link } = await invited(t, email);
    const person = await openPage(t, server);
    await person.goto(link);
    await finish(person, { given: 'Léa', family: 'Marchand' });
    await person.waitForURL('**/o/tilleuls/home');

    const stranger = await openPage(t, server);
    await stranger.request.post('/password/forgot', { form: { email: people.julie } });
    const [reset] = links(await mailbox(server, people.julie).next());
    const token = link.slice(link.lastIndexOf('/') + 1);
    const dead = {
      spent: link,
      cut: link.slice(0, -7),
      altered: link.slice(0, -1) + (link.endsWith('A') ? 'B' : 'A'),
      'other case': link.replace(token, token.toUpperCase()),
      'of a reset': `${server.base}/activate/${reset.slice(reset.lastIndexOf('/') + 1)}`,
      none: `${server.base}/activate`,
    };
    const said = new Set();
    for (const [what, address] of Object.entries(dead)) {
      await t.test(what, async () => said.add(await gone(stranger, address)));
      await stranger.context().clearCookies();
    }
    assert.equal(said.size, 1, [...said].join('\n---\n'));
    await gone(stranger, reset.replace(/[^/]+$/, token)); // and an invitation resets no password
    await gone(person, link);
    await gone(await enter(t, server, people.julie), link);
    await sound(person);
    await post(person, '/activate/join', {}).then((answer) => assert.equal(answer.status(), 410));
    assert.equal((await ask(await enter(t, server, people.bruno), `/organizations/tilleuls/members?q=${email}`)).total, 1);
  });

  test('INV-03: an invitation answers only the fields of its form', async (t) => {
    const email = 'champs.en-trop@tilleuls.example';
    const { admin, link } = await invited(t, email);
    const person = await openPage(t, server);
    await person.goto(link);
    const answer = await post(person, '/activate', {
      given_name: 'Zoé', family_name: 'Petit', new_password: newPassword, role: 'administrator', is_admin: '1', email: people.bruno, org_id: 'deux-rives', site_id: 'x', function: 'physician',
    });
    assert.equal(answer.status(), 422, 'more than the form asks for');
    assert.equal((await ask(admin, `/organizations/tilleuls/members?q=${email}`)).total, 0, 'nothing was spent');
    await person.goto(link);
    await finish(person, { given: 'Zoé', family: 'Petit' });
    await person.waitForURL('**/o/tilleuls/home');
    const { items } = await ask(admin, `/organizations/tilleuls/members?q=${email}`);
    assert.deepEqual(items.map((member) => member.roles.map((role) => role.built_in)), [['secretary']]);
    assert.equal(items[0].administrator, false);
    assert.equal(items[0].function, 'secretary');
  });
});

test('INV-02: an invitation opened while signed in as somebody else stays theirs to use', async (t) => {
  const email = 'paul.meyer@tilleuls.example';
  const { admin, link } = await invited(t, email);
  const other = await enter(t, server, people.nadia);
  await other.goto(link);
  const said = await words(other.locator('main'));
  assert.match(said, /Vous êtes connecté avec un autre compte : Nadia Benali/);
  assert.match(said, /p…@tilleuls\.example/, 'the address is masked');
  assert.ok(!said.includes(email));
  await counts(other.getByLabel('Nouveau mot de passe'), 0);
  await sound(other);

  for (const [path, form] of [['/activate', { given_name: 'P', family_name: 'M', new_password: newPassword }], ['/activate/join', {}]]) {
    const answer = await post(other, path, form);
    assert.equal(answer.status(), 409, path);
    assert.match(await answer.text(), /autre adresse/);
  }
  assert.equal((await ask(admin, `/organizations/tilleuls/members?q=${people.nadia}`)).total, 0);

  await other.getByRole('button', { name: 'Se déconnecter pour l’utiliser' }).click();
  await other.waitForURL('**/login');
  await other.goto(link);
  await finish(other, { given: 'Paul', family: 'Meyer' });
  await other.waitForURL('**/o/tilleuls/home');
});

test('INV-09, INV-12: scanners of mail spend nothing; the token leaves the address, the referrer and the log', async (t) => {
  const email = 'scan.er@tilleuls.example';
  const { link } = await invited(t, email);
  const letter = (await mailbox(server, email).all())[0];
  const agents = ['Mozilla/5.0', 'SafeLinks/1.0', 'curl/8', 'Barracuda', 'Googlebot/2.1'];
  for (let n = 0; n < 20; n++) {
    for (const address of links(letter)) {
      const answer = await fetch(address, { method: n % 2 ? 'HEAD' : 'GET', headers: { 'user-agent': agents[n % agents.length] }, redirect: 'manual' });
      assert.ok(answer.status < 400, `${address} answers ${answer.status}`);
    }
  }
  const person = await openPage(t, server);
  const asked = [];
  person.on('request', (request) => asked.push(request));
  await person.goto(link);
  const referred = asked.map((request) => request.headers().referer ?? '').filter(Boolean);
  assert.ok(asked.length > 1);
  assert.deepEqual(referred.filter((referrer) => referrer.includes('/activate')), []);
  const token = link.slice(link.lastIndexOf('/') + 1);
  assert.ok(!person.url().includes(token));
  assert.ok(!server.log().includes(token), 'the log holds no token');
  await finish(person, { given: 'Scan', family: 'Er' });
  await person.waitForURL('**/o/tilleuls/home');
});

describe('the fate of each address', () => {
  test('MEM-9: a pasted list: each address once, each with its fate; what cannot be sent says what to do', async (t) => {
    const admin = await enter(t, server, people.bruno);
    const pasted = `Zoé Brun <zoe.brun@tilleuls.example>; ZOE.BRUN@tilleuls.example\n${people.julie},emma.caradec@tilleuls.example\tsans-arobase\nа.cyrillique@tilleuls.example`;
    await invite(admin, 'tilleuls', { emails: [], pasted, ...desk });
    await admin.waitForURL('**/review?draft=*');
    await counts(admin.getByRole('rowheader'), 5);
    const fate = (email) => words(row(admin, email));
    assert.match(await fate('zoe.brun@tilleuls.example'), /À inviter/);
    assert.match(await fate(people.julie), /Déjà membre/);
    assert.match(await fate('emma.caradec@tilleuls.example'), /Invitation en cours/);
    assert.match(await fate('sans-arobase'), /Adresse à corriger.*Saisissez une adresse e-mail complète/);
    assert.match(await fate('.cyrillique@'), /Adresse à corriger.*Retapez l’adresse/);
    await sound(admin);
    await send(admin);
    assert.match(await fate('zoe.brun@tilleuls.example'), /Invitation envoyée/);
    assert.match(await words(admin.getByRole('status').first()), /1 invitation envoyée/);
    await mailbox(server, 'zoe.brun@tilleuls.example').next();
    assert.equal((await mailbox(server, 'emma.caradec@tilleuls.example').all()).length, 0);
  });

  test('MEM-9: too many addresses are refused with what to do, and kept', async (t) => {
    const admin = await enter(t, server, people.bruno);
    const pasted = Array.from({ length: 251 }, (_, n) => `p${n}@tilleuls.example`).join('\n');
    await invite(admin, 'tilleuls', { emails: [], pasted, ...desk });
    assert.match((await refused(admin)).join(), /250 adresses au plus/);
    assert.match(await admin.getByLabel('Ou collez une liste').inputValue(), /p250@/);
  });

  test('RAC-08: a review sent twice at the same moment invites once', async (t) => {
    const admin = await enter(t, server, people.bruno);
    const email = 'deux.fois@tilleuls.example';
    await invite(admin, 'tilleuls', { emails: [email], ...desk });
    await admin.waitForURL('**/review?draft=*');
    const form = { draft: new URL(admin.url()).searchParams.get('draft') };
    const path = '/o/tilleuls/invitations/new/review';
    const answers = await Promise.all([1, 2, 3].map(() => post(admin, path, form)));
    assert.deepEqual(answers.map((answer) => answer.status()), [303, 303, 303]);
    await mailbox(server, email).next();
    assert.equal((await ask(admin, `/organizations/tilleuls/invitations?q=${email}`)).total, 1);
    assert.equal((await mailbox(server, email).all()).length, 1);
  });

  test('MEM-10: an address with an account joins at once, is told, and can leave', async (t) => {
    const admin = await enter(t, server, people.bruno);
    await invite(admin, 'tilleuls', { emails: [people.nadia], ...desk });
    await send(admin);
    assert.match(await words(row(admin, people.nadia)), /Membre dès maintenant/);
    const letter = await mailbox(server, people.nadia).next();
    assert.match(letter.subject, /^Bruno Lacaze vous donne accès/);

    const nadia = await enter(t, server, people.nadia);
    await nadia.goto('/organizations');
    await nadia.getByRole('link', { name: /Maison de santé des Tilleuls/ }).click();
    await nadia.waitForURL('**/o/tilleuls/home');
    await nadia.goto('/account');
    await nadia.getByRole('link', { name: 'Quitter l’organisation Maison de santé des Tilleuls' }).click();
    await sound(nadia);
    await nadia.getByRole('button', { name: 'Quitter l’organisation' }).click();
    await nadia.waitForURL(/\/o\/deux-rives\/home|\/organizations/);
    await says(nadia, 'Vous avez quitté l’organisation');
    assert.ok([403, 404].includes((await nadia.goto('/o/tilleuls/home')).status()));
  });

  test('MEM-10: a second invitation is accepted with the account that the first one made', async (t) => {
    const email = 'jean.double@exemple.example';
    const { link } = await invited(t, email);
    const nadia = await enter(t, server, people.nadia);
    await invite(nadia, 'deux-rives', { emails: [email], sites: ['Rive gauche'], roles: ['Secrétariat'] });
    await send(nadia);
    const letters = mailbox(server, email);
    await letters.next();
    const [second] = links(await letters.next());

    const person = await openPage(t, server);
    await person.goto(link);
    await finish(person, { given: 'Jean', family: 'Double' });
    await person.waitForURL('**/o/tilleuls/home');

    const elsewhere = await openPage(t, server); // another browser, not signed in: the account is asked for
    await elsewhere.goto(second);
    assert.match(await words(elsewhere.locator('main')), /j…@exemple\.example a déjà un compte/);
    await sound(elsewhere);
    await elsewhere.getByRole('link', { name: 'Se connecter pour rejoindre' }).click();
    await elsewhere.getByLabel('E-mail professionnel').fill(email);
    await elsewhere.getByLabel('Mot de passe', { exact: true }).fill(newPassword);
    await elsewhere.getByRole('button', { name: 'Continuer' }).click();
    await elsewhere.waitForURL('**/activate');
    await sound(elsewhere);
    await elsewhere.getByRole('button', { name: 'Rejoindre l’organisation' }).click();
    await elsewhere.waitForURL('**/o/deux-rives/home');
    await says(elsewhere, 'Vous avez rejoint l’organisation');
  });
});

describe('the page that finishes the account', () => {
  test('INJ-02: a name that hurts is refused with what to do, and spends nothing', async (t) => {
    const { link } = await invited(t, 'nom.penible@tilleuls.example');
    const person = await openPage(t, server);
    await person.goto(link);
    for (const [name, sentence] of [
      ['Ines\r\nBcc: x@y.example', /retour à la ligne/i],
      ['Inès 🙂', /émojis/],
      ['a'.repeat(10_000), /raccourcissez/i],
      ['   ', /remplissez/i],
    ]) {
      const answer = await post(person, '/activate', { given_name: name, family_name: 'Roussel', new_password: newPassword });
      assert.equal(answer.status(), 422, name.slice(0, 40));
      assert.match(/error-summary[\s\S]*?<\/ul>/.exec(await answer.text())[0], sentence);
    }
    await finish(person, { given: 'Jean‑Noël', family: 'd’Aubigné ابن سينا' });
    await person.waitForURL('**/o/tilleuls/home');
    await sound(person);
  });

  test('passwords: too short, too common, made of one’s own address: each says what to do', async (t) => {
    const { link } = await invited(t, 'isabelle.lemoine@tilleuls.example');
    const person = await openPage(t, server);
    await person.goto(link);
    for (const [secret, sentence] of [
      ['court', /15 caractères au moins/],
      ['aaaaaaaaaaaaaaaaaaaaaaaa', /difficile à deviner|trop répandu/],
      ['isabelle.lemoine@tilleuls.example', /sans votre nom/],
    ]) {
      await finish(person, { given: 'Isabelle', family: 'Lemoine', secret });
      assert.match((await refused(person)).join(), sentence);
    }
  });

  test('MEM-9: the letter and the page speak the language that the administrator chose', async (t) => {
    const admin = await enter(t, server, people.bruno);
    const email = 'emily.brown@tilleuls.example';
    await admin.goto('/o/tilleuls/invitations/new');
    await admin.getByLabel('Langue de l’e-mail').selectOption('en');
    await admin.getByLabel('Adresse 1').fill(email);
    await admin.getByRole('checkbox', { name: 'Saint-Aubin' }).check();
    await admin.getByRole('checkbox', { name: 'Lecture seule' }).check();
    await admin.getByRole('button', { name: 'Vérifier avant d’envoyer' }).click();
    await send(admin);
    const letter = await mailbox(server, email).next();
    assert.match(letter.subject, /invites you/);
    const person = await openPage(t, server);
    await person.goto(links(letter)[0]);
    assert.equal(await person.locator('html').getAttribute('lang'), 'en');
    await person.getByRole('heading', { level: 1, name: 'Activate my account' }).waitFor();
    await sound(person);
  });
});

test('MEM-11: the list is searched; expired ones stay, and can be sent again', async (t) => {
  const admin = await enter(t, server, people.bruno);
  await admin.goto('/o/tilleuls/home');
  await goTo(admin, 'Invitations');
  await admin.getByLabel('Rechercher une adresse').fill('PRIGENT');
  await admin.getByRole('button', { name: 'Rechercher' }).click();
  const line = row(admin, 'hugo.prigent@tilleuls.example');
  assert.match(await words(line), /Expirée/);
  await counts(admin.getByRole('rowheader'), 1);
  await admin.getByRole('link', { name: 'Retirer le filtre Recherche : PRIGENT' }).click();
  assert.ok((await admin.getByRole('rowheader').count()) > 1);
  await line.getByRole('link', { name: /^Renvoyer/ }).click();
  await admin.getByRole('button', { name: 'Renvoyer l’invitation' }).click();
  await says(admin, 'Elle est valable 30 jours');
  assert.match(await words(line), /Expire dans 30 jours/);
  await mailbox(server, 'hugo.prigent@tilleuls.example').next();
});

test('MEM-12, PWD-04: a temporary password, once allowed, works once and opens only the page that finishes the account', async (t) => {
  const email = 'marthe.provisoire@tilleuls.example';
  const admin = await enter(t, server, people.claire);
  await admin.goto('/o/tilleuls/invitations/new');
  await counts(admin.getByLabel('Mot de passe provisoire'), 0, 'not offered before the policy allows it');
  await admin.goto('/o/tilleuls/settings/security');
  await admin.getByLabel('Autoriser les mots de passe provisoires').check();
  await admin.getByRole('button', { name: 'Voir l’effet sur les membres' }).click();
  await admin.getByRole('button', { name: 'Enregistrer les règles' }).click();
  await says(admin, 'Les règles de sécurité sont enregistrées');

  await invite(admin, 'tilleuls', { emails: [email], ...desk, welcome: 'Mot de passe provisoire' });
  await send(admin);
  const letter = await mailbox(server, email).next();
  const temporary = /provisoire\s*:\s*(\S+)/.exec(letter.text)?.[1];
  assert.ok(temporary, letter.text);
  assert.ok(!(await admin.content()).includes(temporary), 'PWD-05: shown to nobody but the recipient');
  assert.ok(!server.log().includes(temporary));

  const person = await openPage(t, server);
  await signIn(person, email, temporary);
  await person.waitForURL('**/activate');
  await sound(person);
  for (const path of ['/organizations', '/account', '/o/tilleuls/home']) {
    await person.goto(path);
    assert.equal(new URL(person.url()).pathname, '/login', `${path} stays closed`);
  }
  assert.equal((await person.request.get('/api/v1/me')).status(), 401);

  const again = await openPage(t, server);
  await signIn(again, email, temporary);
  await says(again, /Vérifiez l’adresse et le mot de passe/);

  await person.goto('/activate');
  await finish(person, { given: 'Marthe', family: 'Provisoire' });
  await person.waitForURL('**/o/tilleuls/home');
  await signIn(again, email, temporary);
  await says(again, /Vérifiez l’adresse et le mot de passe/);
  await signIn(again, email, newPassword);
  await again.waitForURL('**/o/tilleuls/home');
  assert.notEqual(newPassword, password);
});

for (const javascript of [true, false]) {
  test(`RGT-4, RGT-8: invited with the rights of a colleague for a time, told on the review, held on joining, ${javascript ? 'with' : 'without'} JavaScript`, async (t) => {
    const email = javascript ? 'rose.lambert@tilleuls.example' : 'rene.lambert@tilleuls.example';
    const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    const page = await enter(t, server, people.bruno, { javascript });
    await page.goto('/o/tilleuls/invitations/new');
    await page.getByLabel('Mêmes droits sur les agendas et les messageries que').selectOption({ label: 'Julie Delmas' });
    await page.getByLabel('Premier jour de ces droits').fill(day(40));
    await page.getByLabel('Dernier jour de ces droits').fill(day(20));
    await page.getByLabel('Adresse 1', { exact: true }).fill(email);
    await page.getByRole('group', { name: 'Établissements' }).getByLabel('Saint-Aubin').check();
    await page.getByRole('group', { name: 'Rôles' }).getByRole('checkbox', { name: /^Secrétariat/ }).check();
    await page.getByLabel('Fonction').selectOption({ label: 'Secrétariat' });
    await page.getByRole('button', { name: 'Vérifier avant d’envoyer' }).click();
    assert.deepEqual(await refused(page), ['Choisissez une fin après le début']);
    await sound(page);
    await page.getByLabel('Premier jour de ces droits').fill('');
    await page.getByRole('button', { name: 'Vérifier avant d’envoyer' }).click();
    await page.waitForURL('**/review?draft=*');
    const said = await words(page.locator('main'));
    assert.match(said, /Agendas : Gestion/);
    assert.match(said, /\(jusqu’au /, 'each level says until when');
    await sound(page);
    await page.reload();
    assert.match(await words(page.locator('main')), /\(jusqu’au /, 'the draft keeps the dates');
    await send(page);
    const [link] = links(await mailbox(server, email).next());
    const person = await openPage(t, server);
    await person.goto(link);
    await finish(person, { given: javascript ? 'Rose' : 'René', family: 'Lambert' });
    await person.waitForURL('**/o/tilleuls/home');
    const { items } = await ask(page, `/organizations/tilleuls/members?q=${email}`);
    const julie = (await ask(page, `/organizations/tilleuls/members?q=${people.julie}`)).items[0];
    const levels = async (id) => (await ask(page, `/organizations/tilleuls/members/${id}/rights`)).levels.map(({ name, level }) => `${name} ${level}`).sort();
    assert.deepEqual(await levels(items[0].id), await levels(julie.id), 'the same levels');
    const { levels: given } = await ask(page, `/organizations/tilleuls/members/${items[0].id}/rights`);
    assert.ok(given.every(({ until }) => until?.slice(0, 10) >= day(19)), 'each of them ends');
  });
}
