#!/usr/bin/env node
// Runs the browser tests: node e2e/run.mjs [NAME…], NAME.test.mjs each («NAME*»: all that begin so), all without a name.
// Installs the npm packages of the lock file when they are not there, and builds the program unless HABILIS_BIN names one.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { leftOut } from './lib/routes.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '..');
const concurrency = 3; // test files at once: some wait (for a code that works once, for a limit of time) while two cores work
const timeout = 600_000; // ms for one test, and for one file
const secondChances = 2; // files

function run(command, args, cwd) {
  const { status, error } = spawnSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) throw error;
  return status ?? 1;
}

function must(command, args, cwd) {
  const status = run(command, args, cwd);
  if (status !== 0) process.exit(status);
}

// The mark holds the lock file that node_modules was made from.
function install() {
  const lock = readFileSync(join(here, 'package-lock.json'), 'utf8');
  const mark = join(here, 'node_modules', '.habilis-lock');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === lock) return;
  must('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], here);
  writeFileSync(mark, lock);
}

function build() {
  if (process.env.HABILIS_BIN) return;
  must('make', ['--no-print-directory', 'build'], root);
}

// fits: FILES="pages*" are all that begin so.
const fits = (name, wanted) => (wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted);

function files(names) {
  const all = readdirSync(here).filter((name) => name.endsWith('.test.mjs')).sort();
  const chosen = names.length === 0 ? all : all.filter((name) => names.some((wanted) => fits(basename(name, '.test.mjs'), wanted)));
  if (chosen.length === 0) throw new Error(`no such test; there are: ${all.join(' ')}`);
  // The longest first, by what is written in them: none is left to run alone at the end. A line that looks at a page in
  // full takes as long as several of a journey.
  const paths = chosen.map((name) => join(here, name));
  const length = (path) => statSync(path).size * (basename(path).startsWith('pages') ? 3 : 1);
  return paths.sort((a, b) => length(b) - length(a));
}

// demonstration makes the demonstration organisations once: each file's server starts on a copy (lib/server.mjs).
async function demonstration(data) {
  const { startServer } = await import('./lib/server.mjs'); // the program is built by now
  const server = await startServer({ data });
  await server.stop();
  process.env.HABILIS_E2E_DEMO = data;
}

function test(paths, atOnce, report) {
  const reporters = ['--test-reporter=spec', '--test-reporter-destination=stdout', `--test-reporter=${join(here, 'lib', 'failed.mjs')}`, `--test-reporter-destination=${report}`];
  return run(process.execPath, ['--test', `--test-concurrency=${atOnce}`, `--test-timeout=${timeout}`, ...reporters, ...paths], root);
}

// again gives the files that failed a second run, alone on the machine: a browser on a busy one may be too slow for a
// test's patience. What passes then is named as unsteady, for somebody to mend; more than a few are never given one.
function again(report) {
  const failed = [...new Set(readFileSync(report, 'utf8').split('\n').filter(Boolean))];
  if (failed.length === 0 || failed.length > secondChances) return 1;
  const status = test(failed, 1, report);
  if (status === 0) console.log(`browser tests: UNSTEADY, passed at the second run: ${failed.map((path) => basename(path)).join(' ')}`);
  return status;
}

// complete: a run of all files has looked at every page of the route tables (e2e/pages.test.mjs says how).
function complete(notes) {
  const wrong = leftOut(existsSync(notes) ? readFileSync(notes, 'utf8').split('\n') : []);
  for (const sentence of wrong) console.log(`browser tests: ${sentence}`);
  return wrong.length === 0 ? 0 : 1;
}

const began = Date.now();
const names = process.argv.slice(2);
const chosen = files(names);
install();
build();
const folder = mkdtempSync(join(tmpdir(), 'habilis-e2e-'));
const report = join(folder, 'failed');
process.env.HABILIS_E2E_PAGES = join(folder, 'pages');
await demonstration(join(folder, 'demo'));
let status = test(chosen, concurrency, report);
if (status !== 0) status = again(report);
if (names.length === 0) status = complete(process.env.HABILIS_E2E_PAGES) || status;
rmSync(folder, { recursive: true });
console.log(`browser tests: ${status === 0 ? 'ok' : 'FAILED'}, ${chosen.length} files, ${Math.round((Date.now() - began) / 1000)} s`);
process.exit(status);
