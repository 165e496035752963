// What a page says behind the user's back: console messages, Content-Security-Policy refusals, uncaught errors,
// failed loads, answers 5xx, and requests to any other host. A page must be silent (issue "Must show" 2).

const failedLoad = /^Failed to load resource: the server responded with a status of (\d{3})/;

/** watch collects what the pages of a context say. `allow` holds patterns for what a test provokes on purpose. */
export function watch(context, { base, allow = [] }) {
  const messages = [];
  const note = (text) => {
    if (!allow.some((pattern) => pattern.test(text))) messages.push(text);
  };
  context.on('console', (message) => {
    if (['error', 'warning', 'assert'].includes(message.type()) && !isAnswer(message)) {
      note(`console ${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  context.on('weberror', (error) => note(`uncaught: ${error.error().message}`));
  context.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? '';
    if (why !== 'net::ERR_ABORTED') note(`failed: ${request.method()} ${request.url()} ${why}`); // aborted: the page was left
  });
  context.on('response', (response) => {
    if (response.status() >= 500) note(`answer ${response.status()}: ${response.url()}`);
  });
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (/^(https?|wss?):$/.test(url.protocol) && url.origin !== base) note(`foreign host: ${request.url()}`);
  });
  return messages;
}

// isAnswer: Chromium logs every 4xx, the page itself too. A page answering 403, 404 or 422 speaks to the person,
// and the test reads it; a script, picture or style that is missing is a defect.
function isAnswer(message) {
  const status = failedLoad.exec(message.text())?.[1];
  if (!status?.startsWith('4')) return false;
  return message.page()?.url() === message.location().url;
}
