// Everything a journey needs, in one import.
export { startServer, password } from './server.mjs';
export { openPage, messages, shot, wide, phone, narrow } from './page.mjs';
export { axe, noOverflow, styled } from './look.mjs';
export { tabTo, press, write, focused } from './keyboard.mjs';
export { mailbox, links } from './mail.mjs';
export { texts } from './sms.mjs';
export { people, signIn, giveCode, enrol, addApplication, enter, ask, asksAtOnce, memberId } from './people.mjs';
export { byName, device } from './passkey.mjs';
export { codeAt, firstCode, freshCode, totpSecret } from './totp.mjs';
export { at, fetched, here, look, pictured } from './visit.mjs';
export { lintOpenAPI } from './openapi.mjs';
export { ways, crossed, crossedOver, wayName, counts, newPassword, sound, goTo, keyed, says, refused, invite, send, finish, gone, words, row } from './steps.mjs';
