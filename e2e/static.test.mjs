// Proves the harness itself, on pages made here: what it must see it sees, with and without JavaScript.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { leftOut, routeOf, routes } from './lib/routes.mjs';
import { axe, focused, lintOpenAPI, links, mailbox, messages, noOverflow, openPage, phone, press, shot, styled, tabTo, write } from './lib/index.mjs';

const file = (path) => fileURLToPath(new URL(path, import.meta.url));

// The policy of security/rules.md 8, as far as these pages meet it.
const policy = "default-src 'none'; script-src 'nonce-r'; style-src 'self' 'nonce-r'; img-src 'self' data:; form-action 'self'; base-uri 'none'";
const html = (body, style = '') => `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Essai</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><style nonce="r">body{font:16px sans-serif} a,button,input{font:inherit;min-height:24px} ${style}</style></head>
<body><main><h1>Essai</h1>${body}</main></body></html>`;

const pages = {
  '/good': html('<p><a href="/other">Autre page</a></p><form action="/other"><label>Nom <input name="name" value="ancien"></label> <button>Envoyer</button></form>'),
  '/other': html('<p>Arrivé</p>'),
  '/picture': html('<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'),
  '/mended': html('<p class="pale">Sans script</p><script nonce="r">document.querySelector(".pale").remove()</script>', '.pale{color:#ccc;background:#fff}'),
  '/inline-style': html('<p style="color:#900">Rouge</p>'),
  '/inline-script': html('<script>document.title = "non"</script>'),
  '/uncaught': html('<script nonce="r">throw new Error("perdu")</script>'),
  '/missing': html('<img src="/nothing.png" alt="rien">'),
  '/foreign': html('<p>ailleurs</p><link rel="stylesheet" href="http://127.0.0.1:9/elsewhere.css">'),
  '/wide': html('<p class="wide">large</p>', '.wide{width:900px}'),
  '/hidden-focus': html('<a href="/other">Invisible</a>', 'a:focus{outline:none}'),
  '/covered': html('<a href="/other">Couvert</a><div class="lid"></div>', '.lid{position:fixed;inset:0;background:#fff}'),
  '/mouse-only': html('<a>Souris seule</a><a href="/other">Autre</a>'),
  '/dark': html('<p class="mode"></p>', '.mode::after{content:"clair"} @media (prefers-color-scheme:dark){.mode::after{content:"sombre"}}'),
};
pages['/styled'] = pages['/wide'].replace('</head>', '<link rel="stylesheet" href="/sheet.css"></head>');
pages['/mistyped'] = pages['/styled'].replace('class="wide"', 'class="wide widd"');
const statuses = { '/404': 404, '/422': 422, '/500': 500 };

let web;
before(async () => {
  const server = createServer(({ url, headers }, answer) => {
    const path = new URL(url, 'http://x').pathname;
    if (path === '/sheet.css') return answer.writeHead(200, { 'content-type': 'text/css' }).end('.wide{color:#111}');
    const page = pages[path] ?? (statuses[path] && html(`<p>${statuses[path]} ${headers['accept-language']}</p>`));
    answer.writeHead(statuses[path] ?? (page ? 200 : 404), { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy });
    answer.end(page);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  web = { base: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
});
after(() => web.close());

for (const javascript of [true, false]) {
  describe(javascript ? 'with JavaScript' : 'without JavaScript', () => {
    const open = async (t, path, options) => {
      const page = await openPage(t, web, { javascript, ...options });
      await page.goto(path);
      return page;
    };

    test('a sound page is silent, accessible, narrow enough and usable by keyboard', async (t) => {
      const page = await open(t, '/good', { width: phone });
      await axe(page);
      await noOverflow(page);
      await write(page, 'Nom', 'Zoé');
      await press(page, 'button', 'Envoyer');
      await page.waitForURL(/name=Zo%C3%A9$/);
      await axe(page);
    });

    test('axe sees a picture without words', async (t) => {
      const page = await open(t, '/picture');
      await assert.rejects(axe(page), /image-alt \(critical\)[\s\S]*img/);
    });

    test('noOverflow names what sticks out', async (t) => {
      const page = await open(t, '/wide');
      await assert.rejects(noOverflow(page), /too wide at 320 px: .*class="wide"/);
      assert.equal(page.viewportSize().width, 1280);
    });

    test('the keyboard helpers see what a mouse hides', async (t) => {
      const page = await open(t, '/hidden-focus');
      await assert.rejects(tabTo(page, 'link', 'Invisible'), /cannot be seen/);
      await page.goto('/covered');
      await assert.rejects(tabTo(page, 'link', 'Couvert'), /lies under something else/);
      await page.goto('/mouse-only');
      await assert.rejects(tabTo(page, 'link', 'Souris seule'), /cannot be reached with Tab/);
      await page.goto('/good');
      await tabTo(page, 'link', 'Autre page');
      assert.equal(await focused(page), '- link "Autre page":');
    });

    for (const [path, pattern] of [
      ['/inline-style', /console error: .*inline style.*Content Security Policy/],
      ['/missing', /console error: .*404.*nothing\.png/],
      ['/foreign', /foreign host: http:\/\/127\.0\.0\.1:9\/elsewhere\.css/],
      ['/500', /answer 500/],
      ...(javascript ? [['/inline-script', /console error: .*inline script.*Content Security Policy/], ['/uncaught', /uncaught: perdu/]] : []),
    ]) {
      test(`${path} is heard`, async (t) => {
        const page = await open(t, path);
        assert.match(messages(page).join('\n'), pattern);
      });
    }

    test('a page that answers 422 or 404 is no noise', async (t) => {
      const page = await open(t, '/422', { lang: 'en-GB' });
      assert.match(await page.locator('p').innerText(), /^422 en-GB/);
      await page.goto('/404');
      assert.deepEqual(messages(page), []);
    });

    test('what a test provokes on purpose can be allowed', async (t) => {
      const page = await open(t, '/inline-style', { allow: [/Content Security Policy/] });
      assert.deepEqual(messages(page), []);
    });

    test('dark and light are two looks, and a picture can be kept', async (t) => {
      const page = await open(t, '/dark', { dark: true });
      const word = () => page.evaluate(() => getComputedStyle(document.querySelector('.mode'), '::after').content);
      assert.equal(await word(), '"sombre"');
      assert.equal(await shot(page, 'harness'), file('shots/harness-1280-dark.png'));
      assert.ok(existsSync(file('shots/harness-1280-dark.png')));
    });
  });
}

test('styled names the class that no style sheet knows', async (t) => {
  const page = await openPage(t, web);
  await page.goto('/styled');
  await styled(page);
  await page.goto('/mistyped');
  await assert.rejects(styled(page), /widd/);
});

test('axe judges again what colours decide, and only that', async (t) => {
  const page = await openPage(t, web);
  await page.goto('/picture');
  await axe(page, { colours: true });
  await page.goto('/mended');
  await page.evaluate(() => document.querySelector('main').insertAdjacentHTML('beforeend', '<p class="pale">pâle</p>'));
  await assert.rejects(axe(page, { colours: true }), /color-contrast/);
});

test('axe judges the page as it is without JavaScript, not as scripts mend it', async (t) => {
  const [scripted, plain] = [await openPage(t, web), await openPage(t, web, { javascript: false })];
  await scripted.goto('/mended');
  await axe(scripted);
  await plain.goto('/mended');
  await assert.rejects(axe(plain), /color-contrast/);
});

test('a journey over a noisy page fails even if it looks at nothing', async () => {
  const { NODE_TEST_CONTEXT, ...env } = process.env; // else the inner runner would speak to the outer one
  const [code, output] = await new Promise((done) => {
    execFile(process.execPath, ['--test-reporter=spec', file('selftest/noisy.mjs'), web.base], { env }, (error, stdout) => done([error?.code, stdout]));
  });
  assert.equal(code, 1, output);
  assert.match(output, /the browser must have nothing to say/);
});

describe('letters', () => {
  const letter = (to, subject, date, body) => `From: =?utf-8?q?Les_Tilleuls?= <no-reply@tilleuls.example>\r\nTo: ${to}\r\nSubject: ${subject}\r\nDate: ${date}\r\n${body}`;
  const multipart = `MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="b=1"\r\n\r\n--b=1\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nVotre compte est pr=C3=AAt=E2=80=AF: http://127.0.0.1:1/invitation/inv_=\r\nabc.\r\n--b=1\r\nContent-Type: text/html; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from('<p>Prêt</p>').toString('base64')}\r\n--b=1--\r\n`;
  let server;
  before(async () => {
    server = { data: await mkdtemp(join(tmpdir(), 'habilis-mail-')) };
    await mkdir(join(server.data, 'outbox'));
  });
  after(() => rm(server.data, { recursive: true }));

  test('are waited for, read once, and give their links', async () => {
    const box = mailbox(server, 'alice@tilleuls.example');
    const first = box.next();
    const put = (name, ...parts) => writeFile(join(server.data, 'outbox', name), letter(...parts));
    await put('2.eml', 'Alice <alice@tilleuls.example>', '=?utf-8?q?Bienvenue_=C3=A0?= =?utf-8?b?IGJvcmQ=?=', 'Sat, 21 Nov 2026 21:00:02 +0000', multipart);
    await put('1.eml', 'bob@tilleuls.example', 'Autre', 'Sat, 21 Nov 2026 21:00:01 +0000', '\r\nbonjour');
    const read = await first;
    assert.equal(read.subject, 'Bienvenue à bord');
    assert.equal(read.from, 'Les Tilleuls <no-reply@tilleuls.example>');
    assert.match(read.text, /Votre compte est prêt\u202f:/);
    assert.equal(read.html, '<p>Prêt</p>');
    assert.deepEqual(links(read), ['http://127.0.0.1:1/invitation/inv_abc']);
    await put('3.eml', 'alice@tilleuls.example', 'Rappel', 'Sat, 21 Nov 2026 21:00:03 +0000', '\r\nencore');
    assert.equal((await box.next(/^Rappel$/)).text, 'encore');
    assert.equal((await box.all()).length, 2);
  });
});

describe('startServer', () => {
  let startServer;
  before(async () => {
    process.env.HABILIS_BIN = file('selftest/server.mjs');
    process.env.HABILIS_LEAK = 'yes';
    ({ startServer } = await import('./lib/server.mjs?selftest'));
  });

  test('waits until ready, gives its own folder and flags, and removes the folder', async () => {
    const server = await startServer({ args: ['--more'], databaseURL: 'postgres://x' });
    const { flags, leaked } = await (await fetch(server.base)).json();
    assert.deepEqual(flags.slice(0, 7), ['serve', '--listen', '127.0.0.1:0', '--data', server.data, '--database-url', 'postgres://x']);
    assert.equal(flags.at(-1), '--more');
    assert.equal(leaked, null);
    assert.equal(await server.cli('verify-audit'), `verify-audit --data ${server.data} --database-url postgres://x\n`);
    await server.stop();
    assert.ok(!existsSync(server.data));
  });

  test('tells when the server ends early, ends badly, or logs an error', async () => {
    await assert.rejects(startServer({ env: { FAULT: 'early' } }), /ended \(3\) before it was ready/);
    await assert.rejects((await startServer({ env: { FAULT: 'status' } })).stop(), /status 0, not 2/);
    await assert.rejects((await startServer({ env: { FAULT: 'error' } })).stop(), /something broke/);
    await (await startServer({ env: { FAULT: 'error' }, mayLog: [/something broke/] })).stop();
  });
});

describe('lintOpenAPI', () => {
  const document = {
    openapi: '3.1.0',
    info: { title: 'Essai', version: '1', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths: {
      '/me': { get: { operationId: 'me', summary: 'Me', security: [], responses: { 200: { description: 'ok' }, 401: { description: 'no' } } } },
    },
  };
  test('passes a valid description', () => lintOpenAPI(JSON.stringify(document)));
  test('refuses an invalid one', async () => {
    const broken = structuredClone(document);
    broken.paths['/me'].get.parameters = [{ name: 'x' }];
    await assert.rejects(lintOpenAPI(JSON.stringify(broken)), /parameter/);
  });
});

describe('the pages that a run has looked at', () => {
  const patterns = ['/{$}', '/activate/{token}', '/o/{org}', '/o/{org}/members/new', '/o/{org}/members/{member}'];
  const every = ['passed /{$}', 'passed /activate/{token}', 'passed /o/{org}', 'seen /o/{org}/members/new', 'seen /o/{org}/members/{member}'];
  const doors = ['/{$}', '/activate/{token}', '/o/{org}'];

  test('an address is that of the route that Go chooses', () => {
    const of = (path) => routeOf(`http://127.0.0.1:1${path}`, patterns);
    assert.deepEqual(['/', '/o/a', '/o/a/members/new?x=1', '/o/a/members/mbr_1', '/o/a/members/', '/o/a/members/mbr_1/edit'].map(of), ['/{$}', '/o/{org}', '/o/{org}/members/new', '/o/{org}/members/{member}', undefined, undefined]);
  });

  test('what nothing looked at is named, and so is a door that nobody passed or that shows a page', () => {
    assert.deepEqual(leftOut(every, patterns, doors), []);
    assert.deepEqual(leftOut(every.map((line) => line.replace('seen', 'file')), patterns, doors), []);
    for (const [n, line] of every.entries()) {
      const [sentence, ...more] = leftOut(every.filter((other) => other !== line), patterns, doors);
      assert.ok(sentence.startsWith(`${patterns[n]}: `) && more.length === 0, sentence);
    }
    assert.match(leftOut([...every, 'seen /o/{org}'], patterns, doors).join(), /^\/o\/\{org\}: listed as a door, and it shows a page$/);
    assert.match(leftOut(every, patterns, [...doors, '/gone/{token}']).join(), /^\/gone\/\{token\}: .* nothing passed through it$/);
  });

  test('the route tables of the product are read, with the constants that they add up', () => {
    for (const route of ['/{$}', '/login/second-factor/enrol/sms', '/o/{org}/members/{member}', '/platform/factor-resets']) assert.ok(routes().includes(route), route);
  });
});
