// Settings: one's own and those of members, inherited or not, given back; what the organisation sets for all and whom it
// touches; the last block of «Nouvel utilisateur»; notifications (CHG-3, MEM-1, MEM-6).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, counts, crossed, crossedOver, enter, goTo, memberId, password, people, press, refused, row, says, sound, startServer, tabTo, wayName, words, write } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const mine = '/o/tilleuls/me/settings';
const fact = (page, term) => page.locator('.dl > div').filter({ has: page.locator('dt', { hasText: new RegExp(`^${term}$`) }) });
const save = (page) => page.getByRole('button', { name: 'Valider les modifications' }).click();
const whose = (page, part) => page.getByRole('group', { name: part, exact: true });

/** settings is the address of the settings of a member of the Tilleuls. */
const settings = async (page, email) => `/o/tilleuls/members/${await memberId(page, 'tilleuls', email)}/settings`;

for (const way of crossed) {
  test(`a member makes settings their own, gives one back and takes that back, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, way.javascript ? people.julie : people.claire, way);
    await page.goto('/o/tilleuls/home');
    await goTo(page, 'Mes paramètres');
    assert.match(await words(fact(page, 'Affichage de l’agenda')), /Semaine, de 8 h à 19 h, pas de 15 min.*Organisation$/);
    await sound(page);
    await page.getByRole('link', { name: 'Modifier les paramètres' }).click();
    await whose(page, 'Horaires de travail').getByRole('radio', { name: 'Personnaliser' }).check();
    await page.getByLabel('Lundi', { exact: true }).fill('le matin');
    await save(page);
    assert.deepEqual(await refused(page), ['Écrivez les heures ainsi : 8 h 30 – 12 h, 14 h – 18 h']);
    await sound(page);
    for (const day of ['Lundi', 'Mardi', 'Jeudi']) await page.getByLabel(day, { exact: true }).fill('8h30-12h et 14h à 18h');
    await whose(page, 'Affichage de l’agenda').getByRole('radio', { name: 'Personnaliser' }).check();
    await page.getByLabel('Vue').selectOption({ label: 'Jour' });
    await page.locator('select[name="way.work"]').selectOption({ label: 'Ne pas prévenir' }); // alone, or beside that of the sites
    await save(page);
    await says(page, '3 paramètres modifiés.');
    assert.match(await words(fact(page, 'Horaires de travail')), /Du lundi au mardi : 8 h 30 – 12 h, 14 h – 18 h Jeudi : .*Personnalisé/);
    assert.match(await words(fact(page, 'Langue')), /Organisation$/);
    await sound(page);

    await fact(page, 'Affichage de l’agenda').getByRole('button', { name: /^Revenir au réglage de l’organisation/ }).click();
    await says(page, '« Affichage de l’agenda » suit de nouveau l’organisation.');
    assert.match(await words(fact(page, 'Affichage de l’agenda')), /^Affichage de l’agenda Semaine.*Organisation$/);
    await page.getByRole('button', { name: 'Annuler', exact: true }).click();
    await says(page, 'Les paramètres sont de nouveau comme avant.');
    assert.match(await words(fact(page, 'Affichage de l’agenda')), /Jour, .*Personnalisé/);
  });

  test(`two administrators at once: the second is told, and nothing is lost, ${wayName(way)}`, async (t) => {
    const bruno = await enter(t, server, people.bruno, way);
    const claire = await enter(t, server, people.claire, way);
    const email = way.javascript ? 'yanis.belkacem@tilleuls.example' : 'emilie.vasseur@tilleuls.example';
    const path = await settings(bruno, email);
    await bruno.goto(`${path}/edit`);
    assert.match(await words(bruno.locator('main')), /Elle est prévenue par e-mail de ce que vous modifiez/);
    await claire.goto(`${path}/edit`);
    await whose(bruno, 'Langue').getByRole('radio', { name: 'Personnaliser' }).check();
    await bruno.getByLabel('Langue des pages et des e-mails').selectOption({ label: 'Anglais' });
    await whose(bruno, 'Signature').getByRole('radio', { name: 'Personnaliser' }).check();
    await bruno.getByLabel('Texte de la signature').fill('Maison de santé');
    await save(bruno);
    await says(bruno, '2 paramètres modifiés.');
    await sound(bruno);

    await whose(claire, 'Signature').getByRole('radio', { name: 'Personnaliser' }).check();
    await claire.getByLabel('Texte de la signature').fill('Dr Belkacem\nMaison de santé des Tilleuls');
    await save(claire);
    await says(claire, /Quelqu’un a modifié ces paramètres pendant votre saisie/);
    assert.match(await words(claire.getByRole('status').first()), /Langue Anglais.*Signature Maison de santé/);
    assert.equal(await claire.getByLabel('Texte de la signature').inputValue(), 'Dr Belkacem\nMaison de santé des Tilleuls');
    await sound(claire);
    await save(claire);
    await says(claire, '1 paramètre modifié.');
    assert.match(await words(fact(claire, 'Langue')), /Anglais/);
    assert.match(await words(fact(claire, 'Signature')), /Dr Belkacem Maison de santé des Tilleuls/);
  });
}

for (const [n, way] of crossedOver.entries()) {
  test(`what the organisation sets: whom it touches is told before, ${wayName(way)}`, async (t) => {
    const page = await enter(t, server, people.bruno, way);
    const thomas = await settings(page, 'thomas.guerin@tilleuls.example');
    await page.goto(`${thomas}/edit`);
    await whose(page, 'Durée de session').getByRole('radio', { name: 'Personnaliser' }).check();
    await page.getByLabel('Fermeture sans activité').selectOption({ label: '10 minutes' });
    await save(page);
    if (n === 0) await says(page, /paramètre modifié/);

    await page.goto('/o/tilleuls/settings');
    await page.getByRole('link', { name: 'Modifier Paramètres des membres' }).click();
    await page.getByLabel('Fermeture sans activité').selectOption({ label: ['15 minutes', '20 minutes'][n] });
    await page.getByLabel('Début de la journée').selectOption({ label: ['7 h', '7 h 30'][n] });
    await sound(page);
    await page.getByRole('button', { name: 'Voir l’effet sur les membres' }).click();
    await page.waitForURL('**/settings/members/review*');
    assert.match(await words(row(page, 'Durée de session').last()), /membres .*1 membre Thomas Guérin/);
    assert.match(await words(row(page, 'Affichage de l’agenda').first()), new RegExp(`Semaine, de ${['7 h', '7 h 30'][n]} à 19 h`));
    await sound(page);
    const asked = page.getByLabel('Votre mot de passe');
    if (await asked.count()) await asked.fill(password);
    await save(page);
    await says(page, 'Les paramètres des membres sont enregistrés.');
    await page.goto(thomas);
    assert.match(await words(fact(page, 'Durée de session')), /10 minutes sans activité.*Personnalisé/);
    assert.match(await words(fact(page, 'Affichage de l’agenda')), new RegExp(`de ${['7 h', '7 h 30'][n]} à 19 h.*Organisation`));
  });
}

test('the keyboard alone', async (t) => {
  const page = await enter(t, server, people.bruno);
  await page.goto(mine);
  await press(page, 'link', /^Modifier les paramètres/);
  await page.waitForURL('**/me/settings/edit');
  await tabTo(page, 'radio', /^Comme l’organisation/); // of the language
  await tabTo(page, 'radio', /^Comme l’organisation/); // of the calendar
  await tabTo(page, 'radio', /^Comme l’organisation/); // of the hours
  await page.keyboard.press('ArrowDown');
  await write(page, 'Vendredi', '9h-13h');
  await press(page, 'button', 'Valider les modifications');
  await says(page, '1 paramètre modifié.');
  assert.match(await words(fact(page, 'Horaires de travail')), /Vendredi : 9 h – 13 h/);
  await press(page, 'button', 'Annuler');
  await says(page, 'Les paramètres sont de nouveau comme avant.');
  assert.match(await words(fact(page, 'Horaires de travail')), /Non précisés/);
});

test('an alert of some sites', async (t) => {
  const page = await enter(t, server, people.bruno);
  await page.goto(`${mine}/edit`);
  const alert = whose(page, 'Accès aux agendas et messageries');
  await alert.getByLabel('Pour quels établissements').selectOption({ label: 'Certains seulement' });
  await save(page);
  assert.deepEqual(await refused(page), ['Cochez au moins un établissement, ou choisissez « Tous »']);
  await sound(page);
  await alert.getByRole('checkbox', { name: 'Grand-Pré' }).check();
  await save(page);
  await says(page, '1 paramètre modifié.');
  assert.match(await words(fact(page, 'Accès aux agendas et messageries')), /Grand-Pré.*Personnalisé/);
});

// told makes Habilis tell Julie something: she may receive documents in the name of an identity.
async function told(page) {
  const { items } = await ask(page, '/organizations/tilleuls/identities');
  const { items: already } = await ask(page, '/organizations/tilleuls/delegations?limit=100');
  const member = await memberId(page, 'tilleuls', people.julie);
  const hers = already.filter((one) => JSON.stringify(one).includes(member)).map((one) => JSON.stringify(one)).join();
  const present = items.filter(({ name }) => /Morvan|Belkacem|Vasseur/.test(name)); // whose holder works here
  const identities = present.map(({ id }) => id).filter((id) => !hers.includes(id)).slice(0, 1);
  const given = await page.request.post('/api/v1/organizations/tilleuls/delegations', { headers: { origin: server.base }, data: { member, identities, acts: ['receive'] } });
  assert.equal(given.status(), 201, await given.text());
  return async () => {
    for (const { id } of (await given.json()).items) assert.equal((await page.request.delete(`/api/v1/organizations/tilleuls/delegations/${id}`, { headers: { origin: server.base } })).status(), 204);
  };
}

for (const way of crossedOver) {
  test(`notifications: counted, opened, marked as read, ${wayName(way)}`, async (t) => {
    const end = await told(await enter(t, server, people.bruno));
    const page = await enter(t, server, people.julie, way);
    await page.goto('/o/tilleuls/me/notifications');
    await page.getByRole('heading', { level: 1, name: 'Mes notifications' }).waitFor();
    const line = page.getByRole('listitem').filter({ hasText: /Vous pouvez agir au nom de 1.identité/ }).filter({ hasText: 'Non lue' });
    for (let n = 0; n < 100 && (await line.count()) === 0; n++) {
      await page.waitForTimeout(100); // it is written by a job
      await page.reload();
    }
    await counts(line, 1);
    assert.match(await page.locator('#menu a[href$="/me/notifications"]').textContent(), /[1-9]\s*non lues?/); // behind «Menu» on a phone
    await sound(page);
    await line.getByRole('button', { name: /^Ouvrir/ }).click();
    await page.waitForURL('**/me/delegations');
    await page.goto('/o/tilleuls/me/notifications');
    await counts(line, 0, 'opened: it is read');

    await end();
    const over = page.getByRole('listitem').filter({ hasText: 'Non lue' }).filter({ hasText: /Vous n’agissez plus/ });
    for (let n = 0; n < 100 && (await over.count()) === 0; n++) {
      await page.waitForTimeout(100);
      await page.reload();
    }
    await over.getByRole('button', { name: /^Marquer comme lue/ }).click();
    await counts(over, 0);
    await page.getByRole('link', { name: /^Non lues/ }).click();
    if (await page.getByRole('button', { name: 'Tout marquer comme lu' }).count()) {
      await page.getByRole('button', { name: 'Tout marquer comme lu' }).click();
      await says(page, 'Toutes vos notifications sont marquées comme lues.');
      await page.getByRole('link', { name: /^Non lues/ }).click();
    }
    await page.getByRole('heading', { name: 'Tout est lu' }).waitFor();
    await sound(page);
  });
}
