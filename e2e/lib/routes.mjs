// The pages of the product, as the route tables of package web list them, and which of them a run has looked at.
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const web = fileURLToPath(new URL('../../internal/web/', import.meta.url));
const fewest = 35; // routes: less means that the tables are written in a way that is not read here any more

/** Addresses that show nothing and only lead on: a run must have passed through each of them. */
export const doors = [
  '/{$}', '/platform', '/o/{org}', '/activate/{token}', '/register/{org}/resume/{token}', '/password/reset/{token}', '/setup/{token}', '/factors/stop/{token}', '/email/confirm/{token}', '/email/undo/{token}', '/accounts/undo/{token}', '/erasure/stop/{token}',
];

let read;

/** routes answers the pattern of every page that a GET answers, such as «/o/{org}/members/{member}». */
export function routes() {
  read ??= readRoutes();
  return read;
}

function readRoutes() {
  const files = ['', 'ui/'].flatMap((sub) => readdirSync(web + sub).map((name) => web + sub + name));
  const source = files.filter((name) => name.endsWith('.go') && !name.endsWith('_test.go')).map((name) => readFileSync(name, 'utf8')).join('\n');
  const constants = Object.fromEntries([...source.matchAll(/^\s*(?:const )?([pP]ath\w+)\s*= (.+?)(?:\s*\/\/ ?[a-zA-Z].*)?$/gm)].map(([, name, value]) => [name, value.trim()]));
  // said evaluates a path as the code writes it: texts and constants, added up.
  const said = (expression) => expression.split(' + ').map((part) => (part.startsWith('"') ? part.slice(1, -1) : said(constants[part.replace(/^ui\./, '')]))).join('');
  const found = [...source.matchAll(/\{("GET [^,]*), (?:open|signed|within|leaving|linkPages),/g)].map(([, expression]) => said(expression).replace(/^GET /, ''));
  if (found.length <= fewest) throw new Error(`the route tables of package web are not read: ${found.length} routes`);
  return found;
}

/** routeOf answers the pattern that serves an address, words before {names} as Go chooses; undefined where no page is. */
export function routeOf(url, patterns = routes()) {
  const parts = new URL(url).pathname.split('/');
  const named = (part) => part.startsWith('{') && part !== '{$}';
  const fits = (pattern) => {
    const wanted = pattern.replace('{$}', '').split('/');
    return wanted.length === parts.length && wanted.every((part, n) => (named(part) ? parts[n] !== '' : part === parts[n]));
  };
  const names = (pattern) => pattern.split('/').filter(named).length;
  return patterns.filter(fits).sort((a, b) => names(a) - names(b))[0];
}

const notes = process.env.HABILIS_E2E_PAGES; // the file of a run, which e2e/run.mjs reads at its end

/** note keeps for the end of the run that a page was «seen» (looked at in full), «passed» (it led on) or is a «file». */
export function note(what, url) {
  const route = routeOf(url);
  if (notes && route) appendFileSync(notes, `${what} ${route}\n`);
}

/** leftOut answers what is wrong with a whole run's notes, one sentence each: pages that nothing looked at, doors that are none. */
export function leftOut(lines, patterns = routes(), leading = doors) {
  const noted = new Set(lines);
  const has = (what) => (route) => noted.has(`${what} ${route}`);
  const pages = patterns.filter((route) => !leading.includes(route));
  return [
    ...pages.filter((route) => !has('seen')(route) && !has('file')(route)).map((route) => `${route}: no test looked at this page (e2e/pages.test.mjs says how)`),
    ...leading.filter((route) => !has('passed')(route)).map((route) => `${route}: listed as a door (e2e/lib/routes.mjs), and nothing passed through it`),
    ...leading.filter((route) => has('seen')(route)).map((route) => `${route}: listed as a door, and it shows a page`),
  ];
}
