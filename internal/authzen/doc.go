// Package authzen is the door of decisions: the Authorization API 1.0 of AuthZEN
// (rest.md, Decisions). It reads a request, asks a Decider, and shows the answer; what
// the answer is, package decision says.
//
// Its rules:
//   - A denial is an answer: 200 and false. A request that cannot be read is 400, an
//     unknown caller 401, one who may not ask 403. When the Decider cannot answer, the
//     answer is 503 and false: an error is never a permission (AUZ-14).
//   - Fields that the specification does not know are read as strictly as the others,
//     and ignored (certification scenario, 5).
//   - Of a batch, what cannot be read as JSON refuses the whole; an item that says too
//     little is false, with the error in its context.
//   - What is said of a person (properties) reaches the Decider, which alone knows
//     whether to believe it: the one of production never does. Address and second factor
//     are passed on for trusted callers only; the answer says what was not used.
//   - X-Request-ID is echoed when it is short and printable; the number that stands in
//     our log is another, and ours.
//   - Every answer is read from the present: none may be kept (Cache-Control: no-store).
//
// It must not know the store, nor the other doors.
package authzen
