package account

import (
	"slices"

	"habilis/internal/fault"
	"habilis/internal/text"
)

// Titles are the forms of address that a person may choose.
var Titles = []string{"", "Mme", "M.", "Dr", "Pr", "Me"}

// Clean reads names as somebody typed them, and notes in f what must be corrected
// under title, given_name and family_name.
func (n Names) Clean(f *fault.Fields) Names {
	if !slices.Contains(Titles, n.Title) {
		f.Add("title", "account.title_unknown")
	}
	return Names{Title: n.Title, GivenName: cleanName(f, "given_name", n.GivenName), FamilyName: cleanName(f, "family_name", n.FamilyName)}
}

func cleanName(f *fault.Fields, location, typed string) string {
	clean, problem := text.PersonName(typed)
	f.Check(location, string(problem), "Max", text.MaxPersonName)
	return clean
}
