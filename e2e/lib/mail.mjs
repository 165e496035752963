// The letters that a server in development mode keeps in DIR/outbox/*.eml instead of sending them.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseLetter } from './mime.mjs';

const patience = 10_000; // ms: letters leave through a queue, after the answer
const pause = 50;

/** mailbox reads the letters of one address: `mailbox(server, 'alice@…').next()`. */
export function mailbox(server, address) {
  const read = new Set();
  const mine = async () => {
    const letters = await outbox(server);
    return letters.filter((letter) => letter.to.toLowerCase().includes(address.toLowerCase()));
  };
  return {
    /** all answers every letter sent to the address so far, oldest first. */
    all: mine,
    /** next waits for a letter not yet read (whose subject matches, when given) and answers it. */
    async next(subject = /.*/) {
      const deadline = Date.now() + patience;
      for (;;) {
        const letter = (await mine()).find((one) => !read.has(one.file) && subject.test(one.subject));
        if (letter) {
          read.add(letter.file);
          return letter;
        }
        if (Date.now() > deadline) throw new Error(await nothing(server, address, subject));
        await new Promise((resume) => setTimeout(resume, pause));
      }
    },
  };
}

/** links answers the addresses named in a letter's text, as a person would click them. */
export function links(letter) {
  return [...letter.text.matchAll(/https?:\/\/[^\s<>"]+/g)].map(([link]) => link.replace(/[.,;:!?)\]]+$/, ''));
}

async function outbox(server) {
  const folder = join(server.data, 'outbox');
  const names = await readdir(folder).catch(() => []);
  const letters = names.filter((name) => name.endsWith('.eml')).map(async (file) => ({ file, ...parseLetter(await readFile(join(folder, file))) }));
  return (await Promise.all(letters)).sort((a, b) => a.date - b.date || (a.file < b.file ? -1 : 1));
}

async function nothing(server, address, subject) {
  const seen = (await outbox(server)).map((letter) => `  ${letter.to}: ${letter.subject}`);
  return `no letter to ${address} with subject ${subject} within ${patience} ms. In the outbox:\n${seen.join('\n') || '  nothing'}`;
}
