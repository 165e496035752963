// Package job does durable work after a transaction has committed: letters,
// sweeps, everything that must not be lost and must not be waited for.
//
// A job is written in the transaction of the act that orders it. Workers take
// jobs under a lease: the job of a worker that died is taken over. A job may run
// twice, so handlers are idempotent. Codes and resets go before mass letters, and
// what could not begin soon after it was taken goes back, untried, to make way; so does
// what only has to wait (Later), which is no failure and is never given up for it.
// A secret that a job needs (a link to mail) is sealed with it and wiped when it
// ends: minting a new link at sending time would kill the one delivered before.
package job
