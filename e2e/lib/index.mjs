// Everything a journey needs, in one import.
export { startServer, password } from './server.mjs';
export { openPage, messages, shot, wide, phone, narrow } from './page.mjs';
export { axe, noOverflow, styled } from './look.mjs';
export { tabTo, press, write, focused } from './keyboard.mjs';
export { mailbox, links } from './mail.mjs';
export { texts } from './sms.mjs';
export { people, signIn, giveCode, enrol, addApplication, enter, ask, memberId } from './people.mjs';
export { codeAt, freshCode, hasApplication, totpSecret } from './totp.mjs';
export { lintOpenAPI } from './openapi.mjs';
export { ways, wayName, counts, newPassword, sound, goTo, says, refused, invite, send, finish, gone, words, row } from './steps.mjs';
