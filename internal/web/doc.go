// Package web serves the pages: a door. It reads a request, calls one method of
// a noun, and shows the answer. It holds no rule and no SQL.
//
// routes.go lists every page; each page has one .go and one .templ. A handler
// returns an error, and one function turns it into a page. Pages render to a
// buffer, so that nobody sees half of one. POST answers 303; what must be
// corrected answers 422 with the same page and what was typed (DESIGN.md 3, 10).
//
// The session is read from the database on every request (rules.md 7); no active
// organisation is kept in it: the URL says it (ORG-2).
package web
