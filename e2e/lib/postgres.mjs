// A database of its own on the PostgreSQL that the tests are given (tools/postgres.sh run, HABILIS_TEST_POSTGRES).
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** newDatabase answers {url, sql(text), drop()}. */
export async function newDatabase() {
  const given = process.env.HABILIS_TEST_POSTGRES;
  if (!given) throw new Error('HABILIS_TEST_POSTGRES is not set: run the browser tests with `make e2e`, or through tools/postgres.sh run --');
  const name = `habilis_e2e_${randomBytes(6).toString('hex')}`;
  const url = new URL(given);
  url.pathname = `/${name}`;
  const sql = async (text, at = url.href) => (await run('psql', ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--set=ON_ERROR_STOP=1', at, '--command', text])).stdout.trim();
  await sql(`create database ${name}`, given);
  return { url: url.href, sql: (text) => sql(text), drop: () => sql(`drop database ${name} with (force)`, given) };
}
