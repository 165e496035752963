// Package webhook sends the events of an organisation to the addresses that it chose, and
// lets it read them again.
//
// It must not know what the events mean, nor the routes through which it is asked.
//
// Rules it keeps:
//   - An endpoint has an address of the public web, spoken to over https, without redirect
//     (package outbound); the operator may name servers of their own network (rules.md 17,
//     OUT-01). The address is checked when it is written and each time it is dialled.
//   - Each delivery is signed by the scheme of Standard Webhooks; the secret is shown once
//     and kept sealed. A new one leaves the one before good for Overlap: both sign (rules.md
//     18, OUT-02).
//   - Events are sent at least once, under the same identifier, near to their order; the
//     version in each tells which of two is the later. A receiver that was away misses
//     nothing that is kept.
//   - An endpoint is a reader of the feed (read_to): what it is to be sent is written from
//     the feed, under its own lock, readAtOnce positions at a time, and is claimed under a
//     lease, so that no two nodes send the same at once. To replay is to go back in it.
//   - For an endpoint that is away maxWaiting deliveries wait, or a reading of the feed more; what
//     follows stays in the feed until some are done.
//   - Endpoints do not wait for each other: each has its own lane, that rests after failures.
//     An organisation has orgLanes at the same time, each for laneTime (rules.md 17).
//     What fails is tried again by Schedule, and given up after GiveUpAfter. An endpoint that
//     fails for as long is stopped, and the administrators are told.
//   - Its owner holds webhooks.edit for the whole organisation whenever something is sent;
//     else it is stopped. Whoever starts it, changes where or what is sent, or learns a new
//     secret becomes its owner (rules.md 13).
//   - While an organisation is suspended, or its administration space closed, nothing is sent;
//     afterwards it goes on where it was (ORG-6).
//   - After a restore everything is stopped: an endpoint may have been removed since the backup
//     was made (CFG-03).
//   - The log of deliveries keeps how the receiver answered and the beginning of what it said
//     when that was no success, without what looks like a secret.
package webhook
