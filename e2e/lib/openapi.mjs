// Judges an OpenAPI document with redocly lint, offline.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const redocly = fileURLToPath(new URL('../node_modules/.bin/redocly', import.meta.url));
const config = fileURLToPath(new URL('../redocly.yaml', import.meta.url));

/** lintOpenAPI fails unless the document (text) is a valid OpenAPI description without a warning. */
export async function lintOpenAPI(document) {
  const folder = await mkdtemp(join(tmpdir(), 'habilis-openapi-'));
  try {
    const file = join(folder, 'openapi.json');
    await writeFile(file, document);
    const { code, output } = await run(['lint', file, '--config', config, '--max-problems', '50']);
    assert.equal(code, 0, output);
    assert.doesNotMatch(output, /\d+ warning/, output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(args) {
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' };
  return new Promise((done) => {
    execFile(redocly, args, { env }, (error, stdout, stderr) => done({ code: error ? (error.code ?? 1) : 0, output: `${stdout}\n${stderr}` }));
  });
}
