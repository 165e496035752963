// Package limit counts tries and says when there were too many
// (security/rules.md 4). A counter is incremented before it is compared, in a
// transaction of its own, so that a try counts whatever becomes of it and two at
// once are both seen. A try that the limit itself refuses does not count: nobody
// makes a lock last longer by knocking at it.
//
// It does not know what is counted, nor what happens after.
package limit
