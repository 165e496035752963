// A reporter of node:test that names the file of each test that failed, one a line.
export default async function* failed(source) {
  for await (const { type, data } of source) {
    if (type === 'test:fail' && data.file) yield `${data.file}\n`;
  }
}
