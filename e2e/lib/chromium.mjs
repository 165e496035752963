// The browser: one Chromium per test file, started when the first page is asked for, closed at the end.
import { execFileSync } from 'node:child_process';
import { after } from 'node:test';
import { chromium } from 'playwright-core';

// Chromium's own errands look for Google's hosts; a closed network refuses them, loudly and slowly.
const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-features=Translate,OptimizationHints,MediaRouter',
  // A page of a test lives for seconds: the slowest of V8's compilers never earns its work back, nor do the helpers of a
  // garbage collector that starts with little room. A tenth less work for the same pages.
  '--js-flags=--no-turbofan,--single-threaded-gc,--min-semi-space-size=16',
];

let launched;

/**
 * browserPath is the browser installed on this machine; HABILIS_CHROMIUM names another one. Debian's headless shell is
 * the same Chromium of the same version without the window around the page: a third less work for the same page.
 */
export function browserPath() {
  for (const name of [process.env.HABILIS_CHROMIUM, 'chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome']) {
    if (!name) continue;
    try {
      return execFileSync('sh', ['-c', 'command -v "$0"', name], { encoding: 'utf8' }).trim();
    } catch {
      // not this one
    }
  }
  throw new Error('No Chromium found. On Debian, as root: apt-get install chromium-headless-shell');
}

/** browser answers the running Chromium of this test file. It reads only pages that we serve, so it runs unsandboxed, as root must. */
export function browser() {
  launched ??= chromium.launch({ executablePath: browserPath(), chromiumSandbox: false, args: flags });
  return launched;
}

after(async () => (await launched)?.close());
