// The messages by SMS that a server in development mode keeps in DIR/outbox/*.sms instead of sending them.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const patience = 10_000; // ms: messages leave through a queue, after the answer
const pause = 50;

/** texts reads the messages to one number: `texts(server, '+33612345678').code()`. */
export function texts(server, number) {
  const read = new Set();
  const mine = async () => (await outbox(server)).filter((message) => message.to === number);
  const next = async () => {
    const deadline = Date.now() + patience;
    for (;;) {
      const message = (await mine()).find((one) => !read.has(one.file));
      if (message) {
        read.add(message.file);
        return message;
      }
      if (Date.now() > deadline) throw new Error(`no message to ${number} within ${patience} ms. In the outbox: ${(await outbox(server)).map((one) => one.to).join() || 'nothing'}`);
      await new Promise((resume) => setTimeout(resume, pause));
    }
  };
  return {
    all: mine,
    /** next waits for a message not yet read, and answers {to, text}. */
    next,
    /** code waits for one and answers the code of its last line, as a telephone reads it. */
    code: async () => /\n@\S+ #([0-9]{6})$/.exec((await next()).text)[1],
  };
}

async function outbox(server) {
  const folder = join(server.data, 'outbox');
  const names = await readdir(folder).catch(() => []);
  const messages = names.filter((name) => name.endsWith('.sms')).map(async (file) => {
    const [to, ...lines] = (await readFile(join(folder, file), 'utf8')).trimEnd().split('\n');
    return { file, to, text: lines.join('\n').trim() };
  });
  return (await Promise.all(messages)).sort((a, b) => (a.file < b.file ? -1 : 1));
}
