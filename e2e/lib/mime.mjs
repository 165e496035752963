// Reads a letter as RFC 5322 and MIME write it: enough for what Habilis sends, strict about nothing else.

/** parseLetter answers {from, to, subject, date, headers, text, html} of an .eml file (Buffer or string). */
export function parseLetter(raw) {
  const { headers, parts } = parsePart(Buffer.from(raw).toString('latin1'));
  const body = (type) => parts.find((part) => part.type === type)?.content ?? '';
  const address = (name) => decodeWords(headers.get(name) ?? '');
  return {
    headers,
    from: address('from'),
    to: address('to'),
    subject: address('subject'),
    date: new Date(headers.get('date')),
    text: body('text/plain'),
    html: body('text/html'),
  };
}

// parsePart answers the headers of an entity and its leaves, the nested ones included.
function parsePart(raw) {
  const [head, ...rest] = raw.split(/\r?\n\r?\n/);
  const body = raw.slice(head.length).replace(/^\r?\n\r?\n/, '');
  const headers = parseHeaders(head);
  const { value: type, parameters } = parseValue(headers.get('content-type') ?? 'text/plain');
  if (rest.length > 0 && type.startsWith('multipart/')) {
    return { headers, parts: split(body, parameters.get('boundary')).flatMap((part) => parsePart(part).parts) };
  }
  const bytes = decodeBody(body, headers.get('content-transfer-encoding'));
  return { headers, parts: [{ type, content: new TextDecoder(parameters.get('charset') ?? 'utf-8').decode(bytes) }] };
}

function parseHeaders(head) {
  const headers = new Map();
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}

function parseValue(header) {
  const [value, ...rest] = header.split(';');
  const parameters = new Map(rest.map((pair) => /^\s*([^=]+)="?([^"]*)"?\s*$/.exec(pair)?.slice(1)).filter(Boolean));
  return { value: value.trim().toLowerCase(), parameters };
}

function split(body, boundary) {
  const pieces = `\n${body}`.split(new RegExp(`\\r?\\n--${boundary.replace(/[^\w]/g, '\\$&')}(?:--)?[ \\t]*`));
  return pieces.slice(1, -1).map((piece) => piece.replace(/^\r?\n/, ''));
}

function decodeBody(body, encoding = '7bit') {
  switch (encoding.toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64');
    case 'quoted-printable':
      return quotedPrintable(body.replace(/[ \t]*=\r?\n/g, ''));
    default:
      return Buffer.from(body, 'latin1');
  }
}

function quotedPrintable(text) {
  return Buffer.from(text.replace(/=([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1');
}

// decodeWords reads the encoded words of RFC 2047 («=?utf-8?q?...?=»); the space between two of them does not count.
function decodeWords(header) {
  return header.replace(/\?=\s+=\?/g, '?==?').replace(/=\?([^?]+)\?([bqBQ])\?([^?]*)\?=/g, (_, charset, kind, word) => {
    const bytes = kind.toLowerCase() === 'b' ? Buffer.from(word, 'base64') : quotedPrintable(word.replaceAll('_', ' '));
    return new TextDecoder(charset).decode(bytes);
  });
}
