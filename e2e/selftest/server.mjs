#!/usr/bin/env node
// Stands for the program in static.test.mjs, to prove what startServer checks: it says its flags, its address,
// gets ready after a moment, and stops as FAULT tells it to.
import { createServer } from 'node:http';

const fault = process.env.FAULT;
if (process.argv[2] !== 'serve') {
  console.log(process.argv.slice(2).join(' '));
  process.exit(0);
}
if (fault === 'early') process.exit(3);
const readyAt = Date.now() + 150;
const server = createServer((_, answer) => {
  answer.statusCode = Date.now() < readyAt ? 503 : 200;
  answer.end(JSON.stringify({ flags: process.argv.slice(2), leaked: process.env.HABILIS_LEAK ?? null }));
});
server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
process.on('SIGTERM', () => {
  if (fault === 'error') console.error('time=2026-11-21 level=ERROR msg="something broke"');
  process.exit(fault === 'status' ? 2 : 0);
});
