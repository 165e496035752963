package directory

import (
	"slices"
	"strconv"
	"strings"

	"habilis/internal/identifier"
)

// Kinds of lines, the first field of a body.
const (
	lineActivity  = "A" // of Personne_activite
	lineKnowHow   = "S" // of SavoirFaire
	lineDiploma   = "D" // of Dipl_AutExerc
	separator     = "|" // of the files, and so of a body: no value holds it
	separatorByte = '|'
)

// Fields of the body of an activity, after its kind.
const (
	bodyTitle = iota + 1
	bodyCivility
	bodyFamily
	bodyGiven
	bodyProfession
	bodyCategory
	bodyKnowHow
	bodyMode
	bodySector
	bodyRole
	bodyGenre
	bodyStructure
	bodyName
	bodySIRET
	bodyFINESS
	bodyStreet
	bodyPostalCode
	bodyCity
	bodyPhone
	activityFields
)

// Fields of the other bodies.
const (
	knowHowProfession = iota + 1
	knowHowCode
	knowHowFields
)

const (
	diplomaCode = iota + 1
	diplomaAuthorisation
	diplomaFields
)

// labelKey names a code of one nomenclature.
type labelKey struct{ kind, code string }

// Kinds of labels.
const (
	labelProfession    = "profession"
	labelCategory      = "category"
	labelKnowHow       = "know_how"
	labelMode          = "mode"
	labelSector        = "sector"
	labelRole          = "role"
	labelGenre         = "genre"
	labelDiploma       = "diploma"
	labelAuthorisation = "authorisation"
)

// personKey is the number by which lines of one person are found: that of RPPS is itself,
// an ADELI number becomes one below zero.
func personKey(kind, number string) (int64, bool) {
	switch kind {
	case typeRPPS:
		n, err := strconv.ParseInt(number, 10, 64)
		return n, err == nil
	case typeADELI:
		n, err := strconv.ParseInt("1"+number, adeliBase, 64)
		return -n, err == nil
	}
	return 0, false
}

// Types of identifiers in the files (TRE_G08), and the digits and letters of ADELI.
const (
	typeRPPS  = "8"
	typeADELI = "0"
	adeliBase = 36
)

// hasRPPS tells who is known by an RPPS number. Of the others, known by a number of the
// register that closed in 2024 only, the index keeps count; it answers nothing about them:
// they cannot be imported.
func hasRPPS(person int64) bool { return person > 0 }

// assemble makes one practitioner of the lines of one person, who has an RPPS number.
func assemble(person int64, bodies [][]string, labels map[labelKey]string) Practitioner {
	var p Practitioner
	p.RPPS = strconv.FormatInt(person, 10)
	p.NationalID = typeRPPS + p.RPPS
	label := func(kind, code string) Code { return Code{code, labels[labelKey{kind, code}]} }
	known := map[string][]Code{} // by profession
	for _, b := range bodies {
		switch {
		case b[0] == lineActivity && len(b) == activityFields:
			identify(&p, b)
			practise(&p, b, label)
		case b[0] == lineKnowHow && len(b) == knowHowFields:
			known[b[knowHowProfession]] = with(known[b[knowHowProfession]], label(labelKnowHow, b[knowHowCode]))
		case b[0] == lineDiploma && len(b) == diplomaFields:
			p.Diplomas = with(p.Diplomas, label(labelDiploma, b[diplomaCode]))
			p.Authorisations = with(p.Authorisations, label(labelAuthorisation, b[diplomaAuthorisation]))
		}
	}
	for i := range p.Activities {
		a := &p.Activities[i]
		for _, c := range known[a.Profession.Code] {
			a.Specialties = with(a.Specialties, c)
		}
	}
	return p
}

// with adds a code that is not empty and not there.
func with(list []Code, c Code) []Code {
	if c.Code == "" || slices.ContainsFunc(list, func(x Code) bool { return x.Code == c.Code }) {
		return list
	}
	return append(list, c)
}

// identify takes the name from the first line that has one.
func identify(p *Practitioner, b []string) {
	if p.FamilyName != "" {
		return
	}
	p.Title, p.Civility, p.FamilyName, p.GivenName = b[bodyTitle], b[bodyCivility], b[bodyFamily], b[bodyGiven]
}

// practise adds the activity of a line, or a specialty to the one that is there: a
// practitioner with two specialties has two lines. Whoever practises nowhere has one
// "activity" that says the profession and nothing else, and is not active.
func practise(p *Practitioner, b []string, label func(kind, code string) Code) {
	id := activityID(b)
	i := slices.IndexFunc(p.Activities, func(a Activity) bool { return a.ID == id })
	if i < 0 {
		p.Activities = append(p.Activities, Activity{
			ID: id, Profession: label(labelProfession, b[bodyProfession]), Category: label(labelCategory, b[bodyCategory]),
			Mode: label(labelMode, b[bodyMode]), Sector: label(labelSector, b[bodySector]),
			Role: label(labelRole, b[bodyRole]), Genre: label(labelGenre, b[bodyGenre]),
			Structure: Structure{
				ID: b[bodyStructure], Name: b[bodyName], SIRET: b[bodySIRET], FINESS: b[bodyFINESS], Street: b[bodyStreet],
				PostalCode: b[bodyPostalCode], City: b[bodyCity], Phone: b[bodyPhone],
			},
		})
		i = len(p.Activities) - 1
	}
	a := &p.Activities[i]
	a.Specialties = with(a.Specialties, label(labelKnowHow, b[bodyKnowHow]))
	p.Active = p.Active || exercised(b)
}

// exercised tells a line of an activity from that of a person without any.
func exercised(b []string) bool {
	return b[bodyMode] != "" || b[bodyStructure] != "" || b[bodySector] != "" || b[bodyRole] != "" || b[bodyGenre] != ""
}

// activityID names an activity by what it is: the files give it no number. It holds as
// long as profession, manner, place and role stay the same.
func activityID(b []string) string {
	place := b[bodyStructure]
	if place == "" {
		place = b[bodyFINESS] + b[bodySIRET]
	}
	return strings.TrimRight(strings.Join([]string{b[bodyProfession], b[bodyMode], place, b[bodyRole]}, "."), ".")
}

// validNumber checks a number of the files. The key of an RPPS number must be right
// (health/facts.md 3).
func validNumber(kind, number string) bool {
	var bare string
	switch kind {
	case typeRPPS:
		n, err := identifier.ParseRPPS(number)
		if err != nil {
			return false
		}
		bare = string(n)
	case typeADELI:
		n, err := identifier.ParseADELI(number)
		if err != nil {
			return false
		}
		bare = string(n)
	}
	return bare != "" && bare == number
}
