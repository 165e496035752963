// Package report tells an organisation who may do what in it, and what deserves a look: who has
// access to what at any date, who left and when, which accounts have no second factor, which
// rights nobody uses (AUD-3, RGT-10).
//
// Its rules:
//   - It changes nothing, and decides nothing: what opens something is what package decision says
//     of that moment, by the history of the rows.
//   - Whoever reads at some sites is told of these alone (AUZ-06): of what stands there, of whoever
//     has it, and of the people who belong there; never how many others there are.
//   - A right is told to be unused as far as uses are known, and the report says since when.
//   - A file holds every line of what was filtered; it asks for a fresh proof, is recorded with its
//     number of lines before the first of them leaves, and its cells are harmless (rules.md 6, 15).
//   - Lists are read by parts, in the order of names: no report holds an organisation in memory.
//
// It must not know how rights are given, nor the pages that show it.
package report
