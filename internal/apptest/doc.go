// Package apptest runs the whole server in a test: the real handler on a real
// port, a real database of each engine, letters read from the outbox. Tests of the
// doors stand on it.
package apptest
