// The code application of a person, and what keeps tests from waiting for its next code.
import { createHmac } from 'node:crypto';

/** The secret of every demonstration administrator's code application, as serve --demo-totp fixes it. */
export const totpSecret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

const step = 30_000; // ms for which a code shows
const typing = 10_000; // ms that a test may take to type a code and send it, on a busy machine
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const used = new Map(); // server, address → the last step whose code was used: a code works once (MFA-01)
const secrets = new Map(); // server, address → the secret of an application that a test added
const devices = new Map(); // server, address → the cookie of a browser that is remembered

const key = (base, email) => `${base} ${email}`;

/** codeAt is the code that an application shows (RFC 6238). */
export function codeAt(secret, time = Date.now()) {
  const bits = [...secret.replaceAll(' ', '')].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const seed = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(time / step)));
  const mac = createHmac('sha1', seed).update(counter).digest();
  const at = mac[mac.length - 1] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** earliest is the oldest step whose code a server still takes: the one before (rules.md 2), unless it may be over before it is typed. */
function earliest() {
  const left = step - (Date.now() % step);
  return Math.floor(Date.now() / step) - (left > typing ? 1 : 0);
}

/**
 * freshCode gives a code of the person's application that was not used: the oldest that the server takes, so that the
 * next one need not be waited for. It waits where even the present one was used.
 */
export async function freshCode(base, email, secret = secrets.get(key(base, email)) ?? totpSecret) {
  const who = key(base, email);
  const next = Math.max((used.get(who) ?? -1) + 1, earliest());
  if (next * step > Date.now()) await new Promise((resume) => setTimeout(resume, next * step - Date.now()));
  used.set(who, next);
  return codeAt(secret, next * step);
}

/** firstCode gives the code that proves a new application, and notes that it is the person's. */
export function firstCode(base, email, secret) {
  secrets.set(key(base, email), secret);
  used.set(key(base, email), earliest());
  return codeAt(secret, used.get(key(base, email)) * step);
}

/** recognise makes a browser one that its person had remembered in an earlier test, if they had. */
export async function recognise(page, base, email) {
  const cookie = devices.get(key(base, email));
  if (cookie) await page.context().addCookies([{ ...cookie, url: base }]);
}

/** remember keeps the cookie of a browser that was just remembered, for the person's next browsers. */
export async function remember(page, base, email) {
  const cookie = (await page.context().cookies(base)).find(({ name }) => name === 'habilis-d');
  if (cookie) devices.set(key(base, email), { name: cookie.name, value: cookie.value, httpOnly: true, sameSite: 'Lax' });
}
