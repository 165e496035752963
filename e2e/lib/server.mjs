// The real program, on a data folder of its own, as an operator starts it.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { totpSecret } from './totp.mjs';

/** The password of every demonstration account in these tests. */
export const password = 'quatre-tilleuls-devant-la-gare';

const binary = process.env.HABILIS_BIN ?? fileURLToPath(new URL('../../bin/habilis', import.meta.url));
const startDeadline = 60_000; // ms, the demonstration organisations included
const stopDeadline = 15_000;
const pause = 50;

/**
 * startServer starts `habilis serve` and answers {base, data, log(), cli(...), stop()} once /readyz says yes.
 * Options: demo (true), data (a new folder), args (more flags), env (more variables), databaseURL, mayLog (patterns
 * of error lines provoked on purpose). Call it in `before` and stop() in `after`: stopping checks that the server
 * ends by itself with status 0 and logged neither error nor panic nor a job that failed.
 */
export async function startServer({ demo = true, data, args = [], env = {}, databaseURL, mayLog = [] } = {}) {
  const folder = data ?? (await mkdtemp(join(tmpdir(), 'habilis-e2e-')));
  const made = process.env.HABILIS_E2E_DEMO; // run.mjs makes the demonstration once for all files
  if (made && demo && !data && !databaseURL) await cp(made, folder, { recursive: true, filter: (path) => !path.endsWith('.sock') });
  const settings = ['--data', folder, ...(databaseURL ? ['--database-url', databaseURL] : [])];
  const flags = ['serve', '--listen', '127.0.0.1:0', ...settings, ...(demo ? ['--demo', '--demo-password', password, '--demo-totp', totpSecret] : []), ...args];
  const surroundings = { ...cleanEnvironment(), ...env };
  const child = spawn(binary, flags, { env: surroundings, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk) => output.push(chunk));
  const log = () => output.join('');
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill); // a test that crashes leaves no server behind

  const forget = async () => {
    process.off('exit', kill);
    if (!data) await rm(folder, { recursive: true, force: true });
  };
  return {
    data: folder,
    log,
    pid: child.pid,
    base: await ready(child, log).catch((error) => forget().then(() => Promise.reject(error))),
    cli: (...words) => cli([...words, ...settings], surroundings),
    stop: () => stop(child, log, mayLog).finally(forget),
  };
}

// cleanEnvironment: settings of the person who runs the tests must not reach the server.
function cleanEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HABILIS_')));
}

// ready waits for the printed address and for /readyz.
async function ready(child, log) {
  const deadline = Date.now() + startDeadline;
  for (;;) {
    if (child.exitCode !== null || child.signalCode) throw new Error(`${binary} ended (${child.exitCode ?? child.signalCode}) before it was ready:\n${log()}`);
    const base = /https?:\/\/(?:127\.0\.0\.1|localhost):[1-9]\d*/.exec(log())?.[0];
    if (base && (await answers(`${base}/readyz`))) return base;
    if (Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${binary} was not ready after ${startDeadline} ms (address: ${base ?? 'not printed'}):\n${log()}`);
    }
    await new Promise((resume) => setTimeout(resume, pause));
  }
}

async function answers(url) {
  return fetch(url).then((answer) => answer.ok, () => false);
}

async function stop(child, log, mayLog) {
  if (child.exitCode === null && !child.signalCode) {
    const slow = setTimeout(() => child.kill('SIGKILL'), stopDeadline);
    child.kill('SIGTERM');
    await once(child, 'exit');
    clearTimeout(slow);
  }
  assert.equal(child.exitCode, 0, `the server must end by itself with status 0, not ${child.exitCode ?? child.signalCode}:\n${log()}`);
  const errors = log()
    .split('\n')
    .filter((line) => /level=ERROR|"level":"ERROR"|^panic:|^fatal error:|msg="jobs: failed"/.test(line) && !mayLog.some((pattern) => pattern.test(line)));
  assert.deepEqual(errors, [], 'the server must log no error');
}

// cli runs a command of the same program beside the running server and answers what it printed.
async function cli(words, env) {
  const { stdout } = await promisify(execFile)(binary, words, { env });
  return stdout;
}
