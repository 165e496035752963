// The platform: organisations are created, suspended and resumed (ORG-7).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { enrol, ask, enter, finish, goTo, links, mailbox, openPage, people, phone, refused, says, signIn, sound, startServer, wayName, wide, words } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const ways = [{ javascript: true, width: wide }, { javascript: false, width: phone }];
const create = (page) => page.getByRole('button', { name: 'Créer l’organisation et inviter' }).click();

for (const [n, way] of ways.entries()) {
  test(`ORG-7: an organisation is created; its first administrator receives the letter and comes in, ${wayName(way)}`, async (t) => {
    const page = await openPage(t, server, way);
    await signIn(page, people.platform);
    await page.waitForURL('**/platform/organizations');
    await page.getByRole('link', { name: 'Nouvelle organisation' }).click();
    await create(page);
    const points = await refused(page);
    assert.ok(points.length >= 3, points.join('\n')); // organisation, site, address
    await sound(page);
    const first = `direction${n}@clinique-neuve.example`;
    await page.getByLabel('Nom de l’organisation').fill(`Clinique neuve ${n}`);
    await page.getByLabel('Nom court').fill('tilleuls');
    await page.getByLabel('Type d’organisation').selectOption({ label: 'Clinique' });
    await page.getByLabel('Nom de l’établissement').fill('Bâtiment A');
    await page.getByLabel('E-mail professionnel').fill(first);
    await create(page);
    await page.getByText(/(nom court|adresse).*déjà|déjà.*(nom court|adresse)|autre nom court/i).first().waitFor(); // it is taken
    assert.equal(await page.getByLabel('E-mail professionnel').inputValue(), first, 'what was typed is kept');
    await sound(page);
    await page.getByLabel('Nom court').fill(`clinique-neuve-${n}`);
    await create(page);
    await says(page, `Organisation créée : Clinique neuve ${n}. Invitation envoyée à ${first}.`);

    const letter = await mailbox(server, first).next();
    assert.match(letter.text, /Vous administrerez toute l’organisation/);
    const person = await openPage(t, server, way);
    await person.goto(links(letter)[0]);
    await finish(person, { given: 'Mathilde', family: 'Keller', job: 'Gestion' });
    await enrol(person, first); // who administers has a second factor before anything opens
    await person.waitForURL(`**/o/clinique-neuve-${n}/home`);
    await goTo(person, 'Réglages');
    await person.getByRole('heading', { level: 1, name: 'Réglages' }).waitFor();
    await goTo(person, 'Membres');
    await person.getByRole('rowheader', { name: /Keller/ }).waitFor();
    assert.equal((await page.goto(`/o/clinique-neuve-${n}/home`)).status(), 404, 'the platform does not go in');
  });

  test(`ORG-7: suspended, its members see why; resumed, they go on, ${wayName(way)}`, async (t) => {
    const [slug, email] = [['deux-rives', people.nadia], ['saint-aubin', people.philippe]][n];
    const person = await enter(t, server, email, way);
    await person.goto(`/o/${slug}/home`);
    const page = await enter(t, server, people.platform, way);
    const { items } = await ask(page, '/organizations');
    const { id, name } = items.find((one) => one.slug === slug);
    await page.goto('/platform/organizations');
    await page.getByLabel('Rechercher une organisation').fill(name.toUpperCase());
    await page.getByRole('button', { name: 'Filtrer' }).click();
    await page.getByRole('link', { name }).click();
    assert.equal(new URL(page.url()).pathname, `/platform/organizations/${id}`);
    await page.getByRole('link', { name: 'Suspendre…' }).click();
    await page.getByRole('heading', { level: 1, name: new RegExp(`^Suspendre ${name}`) }).waitFor();
    await sound(page);
    await page.getByLabel('Motif').fill('Contrat terminé');
    await page.getByRole('button', { name: 'Suspendre l’organisation' }).click();
    await says(page, `Organisation suspendue : ${name}`);

    await goTo(person, 'Membres');
    await person.getByRole('heading', { level: 1 }).waitFor();
    const said = await words(person.locator('main'));
    assert.match(said, /suspendue/, said);
    assert.doesNotMatch(said, /Contrat terminé/);
    await sound(person);
    await person.goto('/organizations?stay=1');
    assert.match(await words(person.locator('main')), /Suspendue/);
    await sound(person);

    await page.getByRole('button', { name: 'Rouvrir l’organisation' }).click();
    await says(page, `Organisation rouverte : ${name}`);
    assert.equal((await person.goto(`/o/${slug}/home`)).status(), 200);
  });
}
