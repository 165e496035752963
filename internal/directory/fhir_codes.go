package directory

import "habilis/internal/nomenclature"

// codeOf is a code with its French label: the one that the answer gives, or the
// nomenclature's, since answers leave labels out.
func codeOf(c coding) Code {
	out := Code{Code: clean(string(c.Code), maxCode), Label: clean(string(c.Display), maxText)}
	if out.Label == "" {
		out.Label = labelIn(table(c.System), out.Code)
	}
	return out
}

// labelIn finds what a code is called. Know-how of several tables is published as one set.
func labelIn(table, code string) string {
	if set, ok := nomenclature.Get(table); ok {
		if c, ok := set.Find(code); ok {
			return c.Label
		}
	}
	if c, ok := nomenclature.Profession(code); ok && (table == "G15" || table == "R94" || table == "R95" || table == "R291") {
		return c.Label
	}
	if c, ok := nomenclature.Specialty(code); ok && savoirFaire[table] {
		return c.Label
	}
	return ""
}
