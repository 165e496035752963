// «Remplacer ce membre»: a wrong RPPS is put right by a new sheet that takes the place of the old one, with everything that
// it had, and gives it back (MEM-3). With and without script, by keyboard, on a phone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, axe, enter, keyed, memberId, noOverflow, people, phone, press, startServer, wayName, wide, words, write } from './lib/index.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const org = '/organizations/tilleuls';
const main = (page) => words(page.locator('main'));

// rights is what a member may do, with its dates and givers: not who they are, nor since when the row is known.
async function rights(page, id) {
  const { levels, roles, permissions, groups, in_force } = await ask(page, `${org}/members/${id}/rights`);
  const known = (name, value) => (['id', 'given_at', 'since', 'version'].includes(name) ? undefined : value);
  return JSON.stringify({ levels, roles, permissions, groups, in_force }, known);
}

// replaced types another number, reads what it changes, and confirms.
async function replaced(page, number, name) {
  await page.getByRole('link', { name: 'Numéro erroné ? Remplacer ce membre' }).click();
  await page.getByRole('heading', { name: /^Remplacer la fiche de/, level: 1 }).waitFor();
  await page.getByLabel('Bon numéro RPPS').fill(number);
  await page.getByRole('button', { name: 'Vérifier ce numéro' }).click();
  await page.getByRole('heading', { name: 'Ce qui passe à la nouvelle fiche' }).waitFor();
  await page.getByLabel(/^Pour confirmer, écrivez/).fill(name);
  await page.getByRole('button', { name: 'Remplacer ce membre' }).click();
  await page.getByText('a pris la place de l’ancienne').waitFor();
}

describe('a wrong number is put right, and back', () => {
  const ways = [{ javascript: true, width: phone, name: 'elodie.rousseau', full: 'Élodie Rousseau', serial: '9970088101' }, { javascript: false, width: wide, name: 'yanis.belkacem', full: 'Yanis Belkacem', serial: '9970088202' }];
  for (const way of ways) {
    test(wayName(way), async (t) => {
      const page = await enter(t, server, people.bruno, way);
      const old = await memberId(page, 'tilleuls', `${way.name}@tilleuls.example`);
      const before = await rights(page, old);
      await page.goto(`/o/tilleuls/members/${old}`);
      await replaced(page, keyed(way.serial), way.full);
      const id = page.url().split('/').at(-1);
      assert.notEqual(id, old);
      assert.equal(await rights(page, id), before);
      const said = await main(page);
      assert.ok(said.includes('Remplace la fiche de'), said);
      await axe(page);
      await noOverflow(page);

      await page.getByRole('link', { name: way.full, exact: true }).click();
      await page.getByRole('heading', { name: `Ancienne fiche de ${way.full}`, level: 1 }).waitFor();
      await axe(page);
      await page.getByRole('button', { name: 'Annuler le remplacement' }).click();
      await page.getByText('a repris sa place').waitFor();
      assert.ok(page.url().endsWith(old));
      assert.equal(await rights(page, old), before);
    });
  }
});

test('by the keyboard alone; a number that is none, and a name that is not exact, are refused at their fields', async (t) => {
  const page = await enter(t, server, people.bruno);
  const old = await memberId(page, 'tilleuls', 'thomas.guerin@tilleuls.example');
  await page.goto(`/o/tilleuls/members/${old}/replacement`);
  await write(page, 'Bon numéro RPPS', '123');
  await press(page, 'button', 'Vérifier ce numéro');
  await page.getByText('1 point à corriger').waitFor();
  await write(page, 'Bon numéro RPPS', keyed('9970088303'));
  await press(page, 'button', 'Vérifier ce numéro');
  await page.getByRole('heading', { name: 'Ce qui passe à la nouvelle fiche' }).waitFor();
  await write(page, /^Pour confirmer, écrivez/, 'thomas guérin');
  await press(page, 'button', 'Remplacer ce membre');
  await page.getByText(/^Écrivez exactement/).first().waitFor();
  assert.match(await main(page), /points? à corriger/);
});
