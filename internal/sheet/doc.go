// Package sheet writes files for spreadsheets, CSV or XLSX, as they are read: of any length, in
// little memory.
//
// Its rules:
//   - Every cell is text, and none can be taken for a formula (rules.md 15, INJ-03).
//   - Nothing is read here: what a file from outside holds, package exchange judges.
//
// It must not know the field.
package sheet
