// Everything a journey needs, in one import.
export { startServer, password } from './server.mjs';
export { openPage, messages, shot, wide, phone, narrow } from './page.mjs';
export { axe, noOverflow } from './look.mjs';
export { tabTo, press, write, focused } from './keyboard.mjs';
export { mailbox, links } from './mail.mjs';
export { lintOpenAPI } from './openapi.mjs';
