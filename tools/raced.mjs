#!/usr/bin/env node
// For `go test -run`: the tests of these packages that start several goroutines, themselves or through a helper of
// their package. The race detector sees nothing in the others: node tools/raced.mjs ./internal/login …
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const starts = /\bgo func\b|\bgo \w+[.(]|\.Go\(|\.Parallel\(\)/;
const tagged = /^\/\/go:build (?!race)/m; // files that only a run by hand compiles

// functions answers name and body of each function of a package's tests, as gofmt writes them.
function functions(folder) {
  const sources = readdirSync(folder).filter((name) => name.endsWith('_test.go')).map((name) => readFileSync(join(folder, name), 'utf8'));
  const found = sources.filter((source) => !tagged.test(source)).flatMap((source) => [...source.matchAll(/^func (?:\([^)]*\) )?(\w+)\(.*\{\n([^]*?)^\}/gm)]);
  return found.map(([, name, body]) => [name, body]);
}

function raced(folder) {
  const bodies = functions(folder);
  const chosen = new Set();
  for (let before = -1; before !== chosen.size;) {
    before = chosen.size;
    const calls = chosen.size > 0 ? new RegExp(`\\b(?:${[...chosen].join('|')})\\b`) : starts;
    for (const [name, body] of bodies) if (starts.test(body) || calls.test(body)) chosen.add(name);
  }
  return [...chosen].filter((name) => name.startsWith('Test'));
}

const folders = process.argv.slice(2);
const tests = folders.map(raced);
const none = folders.filter((_, n) => tests[n].length === 0);
if (folders.length === 0 || none.length > 0) {
  console.error(`no test starts several goroutines in: ${none.join(' ') || 'no package named'}`);
  process.exit(1);
}
console.log(`^(${tests.flat().join('|')})$`);
