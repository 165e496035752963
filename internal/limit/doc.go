// Package limit counts tries and says when there were too many
// (security/rules.md 4). A counter is incremented before it is compared, in a
// transaction of its own, so that a refused act still counts and two tries at
// once are both seen.
//
// It does not know what is counted, nor what happens after.
package limit
