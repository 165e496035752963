// Package event is what other systems are told of an organisation: which kind of thing
// happened to what, in identifiers alone, in one order.
//
// It must not know who is told, nor how (package webhook), nor what the acts mean: it knows
// them by their verbs.
//
// Rules it keeps:
//   - An event is written in the transaction of its act, by package action, from what the act
//     records in the trail: no act can forget it, and none tells what did not happen. Every
//     verb says what it tells (tells), or why it tells nothing (Silent); a test holds both
//     against the journal.
//   - An event carries identifiers and nothing else: what is no identifier is left out, so
//     that whoever reads it asks the API, with their own rights, for the rest (OUT-04).
//   - Its position in the organisation's feed grows by one, in the order in which acts were
//     committed, and is never given twice: it is the version of its subject, and the cursor
//     of whoever reads the feed.
//   - Acts that do not hold the organisation's lock leave theirs to wait (Settle): a sign-in
//     makes no act of the organisation begin again. An act that ends sessions, or touches
//     accounts otherwise, holds both locks and gives them their positions before its own: of
//     what happened to somebody's sessions and account the later always has the higher one.
//   - Events are kept Kept; whoever asks from before is told so (ErrGone), and reads the
//     members again.
package event
