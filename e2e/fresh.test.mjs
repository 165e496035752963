// A fresh installation without demonstration data, on both databases: from the link of the console to the first member.
// On PostgreSQL time can be moved, so step-up is shown here.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  enrol, ask, finish, gone, invite, links, mailbox, memberId, newPassword, openPage, phone, refused, says, send, signIn, sound, startServer, wide, words,
} from './lib/index.mjs';
import { newDatabase } from './lib/postgres.mjs';

const root = 'plateforme@hebergeur.example';
const director = 'directrice@clinique.example';

for (const engine of ['SQLite', 'PostgreSQL']) {
  describe(engine, () => {
    let database;
    let server;
    before(async () => {
      if (engine === 'PostgreSQL') database = await newDatabase();
      server = await startServer({ demo: false, args: ['--dev'], databaseURL: database?.url, mayLog: [/relation .*invitation.* does not exist/] });
    });
    after(async () => {
      await server.stop();
      await database?.drop();
    });
    const way = engine === 'SQLite' ? { javascript: false, width: phone } : { javascript: true, width: wide };

    test('CFG-01: a link of the console, good once, makes the first platform administrator', async (t) => {
      const [link] = (await server.cli('admin', 'create-platform-admin', '--email', root, '--base-url', server.base)).match(/http\S+/);
      const page = await openPage(t, server, way);
      await gone(page, `${link}x`);
      await page.goto(link);
      assert.equal(new URL(page.url()).pathname, '/setup');
      await page.getByRole('button', { name: 'Créer mon compte' }).click();
      assert.equal((await refused(page)).length, 3);
      await sound(page);
      await page.getByLabel('Prénom').fill('Alix');
      await page.getByLabel('Nom', { exact: true }).fill('Roy');
      await page.getByLabel('Nouveau mot de passe').fill(newPassword);
      await page.getByRole('button', { name: 'Créer mon compte' }).click();
      await page.waitForURL('**/login');
      await says(page, 'Votre compte est créé');
      await gone(page, link);
      await signIn(page, root, newPassword);
      await page.waitForURL('**/platform/organizations');
      await page.getByText('Aucune organisation').first().waitFor();
      await sound(page);
    });

    test('ORG-7, MEM-9: an organisation, its administrator, and the first person they invite', async (t) => {
      const page = await openPage(t, server, way);
      await signIn(page, root, newPassword);
      await page.goto('/platform/organizations/new');
      await page.getByLabel('Nom de l’organisation').fill('Clinique des Lilas');
      await page.getByLabel('Nom de l’établissement').fill('Les Lilas');
      await page.getByLabel('E-mail professionnel').fill(director);
      await page.getByRole('button', { name: 'Créer l’organisation et inviter' }).click();
      await says(page, 'Organisation créée : Clinique des Lilas');

      const head = await openPage(t, server, way);
      await head.goto(links(await mailbox(server, director).next())[0]);
      await finish(head, { given: 'Anne', family: 'Lebrun', job: 'Gestion' });
      await enrol(head, director);
      await head.waitForURL('**/o/clinique-des-lilas/home');
      await invite(head, 'clinique-des-lilas', { emails: ['ide@clinique.example'], roles: ['Soins'], job: 'Soins infirmiers' }); // one site: none to choose
      await send(head);
      const nurse = await openPage(t, server, way);
      await nurse.goto(links(await mailbox(server, 'ide@clinique.example').next())[0]);
      await finish(nurse, { given: 'Ida', family: 'Élan' });
      await nurse.waitForURL('**/o/clinique-des-lilas/home');
      await head.goto('/o/clinique-des-lilas/members');
      assert.match(await words(head.locator('main')), /Élan Ida/);
    });

    if (engine === 'PostgreSQL') {
      // later makes every session's last proof of its password six minutes old.
      const later = () => database.sql("update session set step_up_at = step_up_at - interval '6 minutes'");
      const cookie = async (page) => (await page.context().cookies()).find((one) => one.value.startsWith('hs_')).value;

      test('STP-01, SES-03: after five minutes a sensitive act asks for the password, and does nothing without it', async (t) => {
        const page = await openPage(t, server, way);
        await signIn(page, director, newPassword);
        await page.waitForURL('**/o/clinique-des-lilas/home');
        await later();
        await page.goto('/o/clinique-des-lilas/settings/security');
        await sound(page);
        const rules = page.getByRole('button', { name: 'Enregistrer les règles' });
        const proof = page.locator('form', { has: rules }).getByLabel('Votre mot de passe');
        await page.getByLabel('Autoriser les mots de passe provisoires').check();
        await page.getByRole('button', { name: 'Voir l’effet sur les membres' }).click();
        await rules.click();
        assert.match((await refused(page)).join(), /Saisissez votre mot de passe/);
        await proof.fill('pas le mien du tout');
        await rules.click();
        assert.match((await refused(page)).join(), /Retapez votre mot de passe/);
        assert.match(await words(page.locator('main')), /mots de passe provisoires/i, 'what was ticked is kept');
        await sound(page);
        const stranger = await openPage(t, server, way);
        await signIn(stranger, director, newPassword);
        await stranger.waitForURL('**/home');
        await stranger.goto('/o/clinique-des-lilas/settings/security');
        assert.equal(await stranger.getByLabel('Autoriser les mots de passe provisoires').isChecked(), false, 'nothing was done');
        const before = await cookie(page);
        await proof.fill(newPassword);
        await rules.click();
        await says(page, 'Les règles de sécurité sont enregistrées');
        assert.notEqual(await cookie(page), before, 'the session has a new value');
      });

      test('SEC-3, STP-01: inviting with administration, deactivating and naming an administrator ask for the password', async (t) => {
        const page = await openPage(t, server, way);
        await signIn(page, director, newPassword);
        await page.waitForURL('**/home');
        await later();
        await invite(page, 'clinique-des-lilas', { emails: ['adjointe@clinique.example'], roles: ['Administration'] });
        await page.getByRole('button', { name: /^Envoyer/ }).click();
        assert.match((await refused(page)).join(), /mot de passe/);
        await sound(page);
        await page.getByLabel('Votre mot de passe').fill(newPassword);
        await send(page);
        await mailbox(server, 'adjointe@clinique.example').next();

        const nurse = await memberId(page, 'clinique-des-lilas', 'ide@clinique.example');
        for (const [path, button, done] of [['administration', 'Nommer admin', 'administre maintenant'], ['deactivate', 'Désactiver', 'Membre désactivé'], ['reactivate', 'Réactiver', 'Membre réactivé']]) {
          await later();
          await page.goto(`/o/clinique-des-lilas/members/${nurse}/${path}`);
          if (path === 'administration') await page.getByRole('radio').first().check();
          await page.getByRole('button', { name: button, exact: true }).click();
          assert.match((await refused(page)).join(), /Saisissez votre mot de passe/, path);
          await sound(page);
          await page.getByLabel('Votre mot de passe').fill(newPassword);
          await page.getByRole('button', { name: button, exact: true }).click();
          await says(page, done);
        }
        assert.equal((await ask(page, `/organizations/clinique-des-lilas/members/${nurse}`)).status, 'active');
      });

      test('500: when the database fails, the page says that nothing was saved, gives a reference, and nothing of the inside', async (t) => {
        const page = await openPage(t, server, { ...way, allow: [/answer 500/, /status of 500/] });
        await signIn(page, director, newPassword);
        await page.waitForURL('**/home');
        await database.sql('alter table invitation rename to invitation_away');
        try {
          assert.equal((await page.goto('/o/clinique-des-lilas/invitations')).status(), 500);
        } finally {
          await database.sql('alter table invitation_away rename to invitation');
        }
        const said = await words(page.locator('main'));
        assert.match(said, /Le service a rencontré un problème.*Rien n’a été enregistré.*Référence [A-Z0-9]{8,}/);
        assert.doesNotMatch(said, /relation|SQL|invitation_away|pgx/i);
        await sound(page);
        await page.getByRole('main').getByRole('link').click();
        await page.waitForURL('**/o/clinique-des-lilas/home');
      });
    }
  });
}
