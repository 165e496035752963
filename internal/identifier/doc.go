// Package identifier owns the numbers and addresses by which French health care knows
// people and places: how each is read from what somebody typed, checked, and shown.
//
// Its rules:
//   - What is certain is refused (a length, a key whose rule is published); what is
//     only plausible is kept and told: Doubt gives the key of a sentence to show
//     (health/facts.md 3). A doubt never stops anybody.
//   - What is typed may hold spaces, dots and dashes; what is kept never does. Parsing
//     what Format shows gives the same identifier back.
//   - A value of one of these types was parsed, or was read from the database, where
//     only parsed values are.
//   - Nothing is looked up: that a number exists is package directory's to know.
//
// It must not know members, organisations, or any database.
package identifier
