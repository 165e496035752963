// Package papertest makes files for the tests of papers, good and bad, and a virus scanner
// that knows EICAR.
package papertest
