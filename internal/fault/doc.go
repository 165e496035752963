// Package fault holds the one error type that crosses the borders of packages.
//
// A fault says what kind of failure happened and which rule refused. Its code,
// such as "member.last_administrator", is the address of the rule: it is shown
// to the person, searched in the tree, explained in the handbook, present in
// both catalogues (key "fault.<code>") and in at least one test. The doors turn
// a fault into a page or a problem document in the reader's language.
//
// The package knows nothing of the field, of databases or of HTTP.
package fault
