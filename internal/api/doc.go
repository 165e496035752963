// Package api is the REST door: version 1 under /api/v1, its OpenAPI 3.1
// description at /api/openapi.json and a readable one at /api/docs (rest.md).
//
// It reads a request, calls one method of a noun, and writes the answer. It holds
// no rule of the field and no SQL, and does not know the other doors: what it needs
// of the browser's session is given to it as functions.
//
// Its rules:
//   - Who asks is settled before anything else is read: a bearer token or the
//     browser's session, never both, never a header that only a proxy should set.
//   - A request that a browser's cookie signs must come from our own pages, and
//     says so (rules.md 9). Bodies are application/json and nothing else.
//   - Input is strict: one document, 1 MiB, 32 levels, no name twice, no unknown
//     name, no null, no number out of range (rules.md 14). What is wrong is told
//     with its place and a code.
//   - Every refusal is a problem document (RFC 9457) with a stable code and a
//     sentence in the caller's language; the cause of a failure stays in the log.
//   - What is not the caller's, and what cannot be an identifier, is answered like
//     what does not exist (AUZ-01, ENU-03).
//   - A change names the version it was made from; an unsafe request may be repeated
//     under its Idempotency-Key.
//   - Every exported act of a noun has its route in Acts, or a reason why not.
package api
