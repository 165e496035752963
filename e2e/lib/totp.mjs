// The code application of a person, and what keeps tests from waiting for its next code.
import { createHmac } from 'node:crypto';

/** The secret of every demonstration administrator's code application, as serve --demo-totp fixes it. */
export const totpSecret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

const step = 30_000; // ms for which a code shows
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

/** freshCode waits until the person's application shows a code that was not used, and gives it. */
export async function freshCode(base, email, secret = secrets.get(key(base, email)) ?? totpSecret) {
  const who = key(base, email);
  const next = ((used.get(who) ?? -1) + 1) * step;
  if (next > Date.now()) await new Promise((resume) => setTimeout(resume, next - Date.now()));
  used.set(who, Math.floor(Date.now() / step));
  return codeAt(secret);
}

/** hasApplication notes the code application that somebody added in a test. */
export function hasApplication(base, email, secret) {
  secrets.set(key(base, email), secret);
  used.set(key(base, email), Math.floor(Date.now() / step));
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
