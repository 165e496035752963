package web

import (
	"strings"

	"habilis/internal/identifier"
	"habilis/internal/member"
	"habilis/internal/nomenclature"
)

// The fields of the form of a member's details, by the names that the rules give them.
const (
	fieldTitle      = "title"
	fieldGiven      = "given_name"
	fieldFamily     = "family_name"
	fieldRPPS       = "rpps"
	fieldProfession = "profession"
	fieldSpecialty  = "specialty"
	fieldSIRET      = "siret"
	fieldAM         = "am_number"
	fieldPhone      = "phone"
	fieldMSSante    = "mssante"
	fieldReach      = "messaging_reach"
	fieldLocum      = "locum"
	fieldLocumName  = "locum_name"
	fieldLocumFrom  = "locum_from"
	fieldLocumUntil = "locum_until"
)

// editGroup is what is shown, compared and chosen together: one line of «avant / après».
type editGroup struct {
	Name   string // also the end of its label: "edit.field.<name>"
	Fields []string
}

// editGroups are the details of a member, in the order of the form.
var editGroups = []editGroup{
	{fieldTitle, []string{fieldTitle}},
	{fieldGiven, []string{fieldGiven}},
	{fieldFamily, []string{fieldFamily}},
	{fieldFunction, []string{fieldFunction}},
	{fieldRPPS, []string{fieldRPPS}},
	{fieldProfession, []string{fieldProfession}},
	{fieldSpecialty, []string{fieldSpecialty}},
	{fieldLocum, []string{fieldLocum, fieldLocumName, fieldLocumFrom, fieldLocumUntil}},
	{fieldSIRET, []string{fieldSIRET}},
	{fieldAM, []string{fieldAM}},
	{fieldEmail, []string{fieldEmail}},
	{fieldPhone, []string{fieldPhone}},
	{fieldMSSante, []string{fieldMSSante}},
	{fieldReach, []string{fieldReach}},
}

// editValues writes a member's details as the form shows them.
func editValues(m member.Member) map[string]string {
	values := map[string]string{
		fieldTitle: m.Title, fieldGiven: m.GivenName, fieldFamily: m.FamilyName, fieldFunction: m.Function,
		fieldRPPS: identifier.RPPS(m.RPPS).Format(), fieldProfession: m.Profession, fieldSpecialty: m.Specialty,
		fieldSIRET: identifier.SIRET(m.SIRET).Format(), fieldAM: identifier.AM(m.AMNumber).Format(), fieldMSSante: m.MSSante,
		fieldReach: string(m.Reach), fieldEmail: m.Email,
	}
	if m.Phone != "" {
		values[fieldPhone] = phoneNumber(m.Phone)
	}
	if m.Locum != nil {
		values[fieldLocum], values[fieldLocumName] = "yes", m.Locum.Name
		values[fieldLocumFrom], values[fieldLocumUntil] = m.Locum.From, m.Locum.Until
	}
	return values
}

// differ reports whether a line says something else in a than in b; of a replacement that
// there is not, what its fields hold says nothing.
func (g editGroup) differ(a, b map[string]string) bool {
	if g.Name == fieldLocum && a[fieldLocum] == "" && b[fieldLocum] == "" {
		return false
	}
	for _, f := range g.Fields {
		if loose(a[f]) != loose(b[f]) {
			return true
		}
	}
	return false
}

// loose is a text without the spaces at its ends, and with plain ones between: a browser
// gives no-break spaces back as it likes.
func loose(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, noBreak, " ")) }

// take copies a line from one set of values into another.
func (g editGroup) take(to, from map[string]string) {
	for _, f := range g.Fields {
		to[f] = from[f]
	}
}

// differing are the lines that say something else in a than in b.
func differing(a, b map[string]string) []editGroup {
	var list []editGroup
	for _, g := range editGroups {
		if g.differ(a, b) {
			list = append(list, g)
		}
	}
	return list
}

// shownValue is what a line says, in words.
func (v *visit) shownValue(g editGroup, values map[string]string) string {
	said := values[g.Fields[0]]
	switch g.Name {
	case fieldFunction:
		said = named(v.t, "function.", said)
	case fieldReach:
		said = named(v.t, "reach.", said)
	case fieldLocum:
		said = v.locumWords(values)
	}
	if said == "" {
		return v.t.T("edit.empty")
	}
	return said
}

func (v *visit) locumWords(values map[string]string) string {
	if values[fieldLocum] == "" {
		return v.t.T("common.no")
	}
	from, until := v.day(values[fieldLocumFrom]), v.day(values[fieldLocumUntil])
	return v.t.T("member.locum_of", "Name", values[fieldLocumName], "From", from, "Until", until)
}

// change is what an edition asks for: the fields that differ from what was read, and only
// those, so that it never writes over what somebody else changed beside it (CHG-1).
func (v *visit) change(e edition) (member.Change, error) {
	var c member.Change
	for _, g := range differing(e.Typed, e.Base) {
		if g.Name == fieldLocum {
			l, err := v.locum(e)
			if err != nil {
				return c, err
			}
			c.Locum = &l
			continue
		}
		for _, f := range g.Fields {
			set(&c, f, strings.TrimSpace(e.Typed[f]))
		}
	}
	return c, nil
}

func set(c *member.Change, field, value string) {
	switch field {
	case fieldReach:
		reach := member.Reach(value)
		c.Reach = &reach
	case fieldProfession:
		p := fromList(nomenclature.AllProfessions, value)
		c.ProfessionCode, c.Profession = &p.Code, &p.Label
	case fieldSpecialty:
		s := fromList(nomenclature.OrdinalSpecialty, value)
		c.SpecialtyCode, c.Specialty = &s.Code, &s.Label
	default:
		*map[string]**string{
			fieldTitle: &c.Title, fieldGiven: &c.GivenName, fieldFamily: &c.FamilyName, fieldFunction: &c.Function, fieldRPPS: &c.RPPS,
			fieldSIRET: &c.SIRET, fieldAM: &c.AMNumber, fieldEmail: &c.Email, fieldPhone: &c.Phone, fieldMSSante: &c.MSSante,
		}[field] = &value
	}
}

// locum is the replacement that was typed, or nil for none. Who is called like a member
// of the list is that member; anybody else is named as typed (MEM-4).
func (v *visit) locum(e edition) (*member.Locum, error) {
	if e.Typed[fieldLocum] == "" {
		return nil, nil //nolint:nilnil // no replacement is an answer
	}
	name := strings.TrimSpace(e.Typed[fieldLocumName])
	of, err := v.replaced(name)
	return &member.Locum{For: of, Name: plainLabel(name, of), From: e.Typed[fieldLocumFrom], Until: e.Typed[fieldLocumUntil]}, err
}
