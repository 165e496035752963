// Package text owns what is said to people and how their words are read:
// the catalogues of texts in French and English, plurals, dates, numbers,
// folding of accents for searches, and the cleaning of one-line human input.
//
// It must not know any noun of the field, any door, nor the database. It knows
// keys and values, never who asks.
//
// Rules it keeps:
//   - French first: a person who states nothing reads French.
//   - Every text lives in catalogue/<area>.<language>.json, the same keys,
//     plural forms and variables in both languages (catalogue_test.go). French
//     stands nowhere else in the code.
//   - Texts are plain text. They are never HTML, and a value put in a text is
//     never read as a template (INJ-05): the door that shows the text escapes it.
//   - A text that cannot be made (unknown key, missing variable) is shown as
//     ⟦key⟧ and reported once as a Defect; it never fails a request.
//   - French typography follows DESIGN.md 9 and is checked by the package
//     typeset, not by the memory of authors.
//   - All times are said in Europe/Paris.
package text
