package member

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"habilis/internal/directory"
	"habilis/internal/identifier"
)

// IdentitySource is where a professional identity comes from (MEM-2).
type IdentitySource string

// The sources.
const (
	NoIdentity    IdentitySource = ""
	Declared      IdentitySource = "declared"  // typed by an administrator: «à vérifier»
	FromDirectory IdentitySource = "directory" // imported from the Annuaire Santé
)

// Identity is a professional identity with its source and date.
type Identity struct {
	Source IdentitySource
	At     *time.Time        // of the data, or of the typing
	Import *directory.Import // what was imported; nil for Declared, and in lists
}

// openImport reads what was imported, as the database keeps it.
func openImport(body string) (*directory.Import, error) {
	i := new(directory.Import)
	if err := json.Unmarshal([]byte(body), i); err != nil {
		return nil, fmt.Errorf("member: an imported identity: %w", err)
	}
	return i, nil
}

// body is what was imported, as the database keeps it.
func (i Identity) body() (string, error) {
	if i.Import == nil {
		return "", nil
	}
	body, err := json.Marshal(i.Import)
	return string(body), err
}

// titles are the forms of address of the directory (R11, R81) that are ours too.
var titles = map[string]string{"DR": "Dr", "PR": "Pr", "ME": "Me", "M": "M.", "MME": "Mme"}

// adopt takes the identity that the directory publishes for the RPPS of e (MEM-2). A
// practitioner of another number is refused: a directory may answer garbage (FED-09).
func (e *edition) adopt(i *directory.Import) {
	p := i.Practitioner
	if e.RPPS == "" || p.RPPS != e.RPPS {
		if !e.wrong.Has("rpps") {
			e.wrong.Add("rpps", "member.import_other")
		}
		return
	}
	a, _ := p.Activity(i.Activity) // of one who has none, nothing is told
	e.GivenName = personName(&e.wrong, "given_name", p.GivenName)
	e.FamilyName = personName(&e.wrong, "family_name", p.FamilyName)
	e.ProfessionCode, e.Profession = a.Profession.Code, a.Profession.Label
	e.SpecialtyCode, e.Specialty = "", ""
	if len(a.Specialties) > 0 {
		e.SpecialtyCode, e.Specialty = a.Specialties[0].Code, a.Specialties[0].Label
	}
	if e.Title == "" {
		e.Title = or(titles[strings.ToUpper(p.Title)], titles[strings.ToUpper(p.Civility)])
	}
	for _, s := range slices.Concat(a.MSSante, p.MSSante) {
		if address, err := identifier.ParseMSSante(s); err == nil && e.MSSante == "" {
			e.MSSante = string(address)
		}
	}
	at := i.AsOf.UTC()
	e.Identity = Identity{Source: FromDirectory, At: &at, Import: i}
	e.adopted = true
}
