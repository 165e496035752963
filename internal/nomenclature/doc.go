// Package nomenclature owns the national nomenclatures of French health care: the codes
// of professions, specialties, functions and places of exercise, with their labels.
//
// Its rules:
//   - The data is embedded, read once, when it is first asked for, and versioned: a
//     code's meaning never depends on a network (data/README.md: origin and licence).
//   - Labels are those of the publisher, in French, whatever the reader's language.
//   - An RPPS number does not make a regulated professional: the register also holds
//     people known by a role, with the profession code 99 (health/facts.md 3.1).
//
// It must not know members, the Annuaire Santé, or any database.
package nomenclature
