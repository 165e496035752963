// Package authzen is the door of decisions: the Authorization API 1.0 of AuthZEN
// (rest.md, Decisions). It reads a request, asks a Decider, and shows the answer; what
// the answer is, package decision says.
package authzen
