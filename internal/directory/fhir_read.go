package directory

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"habilis/internal/nomenclature"
	"habilis/internal/text"
)

// Systems of identifiers, and kinds of them.
const (
	systemRPPS   = "https://rpps.esante.gouv.fr"
	systemIDNPS  = "urn:oid:1.2.250.1.71.4.2.1"
	systemIDNST  = "urn:oid:1.2.250.1.71.4.2.2"
	systemFINESS = "https://finess.esante.gouv.fr"
	systemRank   = "https://rppsrang.esante.gouv.fr"
	typeFINEJ    = "FINEJ" // of the legal entity, not of the site
)

// Bounds of what is kept of one person: more is cut off.
const (
	rppsDigits    = 11
	siretDigits   = 14
	maxText       = 200 // characters
	maxCode       = 40
	maxAddresses  = 10
	maxActivities = 50
	maxSpecialty  = 20
	maxMail       = 254
)

// byRPPS is the look-up of one person.
func (l *lookup) byRPPS(rpps string) ([]Practitioner, bool, error) {
	one, roles, found, err := l.person(rpps)
	if err != nil || !found {
		return nil, false, err
	}
	p := one.read()
	if p.Active {
		p.Activities = one.activities(roles)
	}
	return []Practitioner{p}, false, nil
}

// person finds the resource of one person, and those of their activities while they are
// active. An answer about somebody else, or about two persons, is worth nothing.
func (l *lookup) person(rpps string) (one fhirPractitioner, roles resources, found bool, err error) {
	all, more, err := l.search("Practitioner", url.Values{"identifier": {systemRPPS + "|" + rpps}}, maxPages)
	switch {
	case err != nil:
		return one, roles, false, err
	case more:
		return one, roles, false, errPages
	case len(all.practitioners) == 0:
		return one, roles, false, nil
	case len(all.practitioners) > 1:
		return one, roles, false, errGarbage
	}
	one = all.practitioners[0]
	if one.read().RPPS != rpps || !one.Active.known {
		return one, roles, false, errGarbage
	}
	if one.Active.value {
		if roles, more, err = l.roles(one.ID); err == nil && more {
			err = errPages
		}
	}
	return one, roles, err == nil, err
}

// fhirID is what FHIR allows as the id of a resource.
var fhirID = regexp.MustCompile(`^[A-Za-z0-9\-.]{1,64}$`)

// roles reads the activities of people, with their structures.
func (l *lookup) roles(ids ...loose) (resources, bool, error) {
	asked := make([]string, 0, len(ids))
	for _, id := range ids {
		if !fhirID.MatchString(string(id)) {
			return resources{}, false, errShape
		}
		asked = append(asked, string(id))
	}
	found, more, err := l.search("PractitionerRole", url.Values{
		"practitioner": {strings.Join(asked, ",")}, "_include": {"PractitionerRole:organization"}, "_count": {countRoles},
	}, maxPages)
	if err != nil {
		return found, more, err
	}
	for _, r := range found.roles {
		if !slices.Contains(asked, target(r.Practitioner)) {
			return found, more, errGarbage
		}
	}
	return found, more, nil
}

// countRoles is how many activities are asked for at once.
const countRoles = "200"

// target is the id that a reference points to: relative, absolute, or with a version.
func target(r reference) string {
	ref, _, _ := strings.Cut(string(r.Reference), "/_history/")
	return ref[strings.LastIndexByte(ref, '/')+1:]
}

// read takes the person out of the resource, without activities. Of somebody who is no
// longer active little more than the numbers is left.
func (p fhirPractitioner) read() Practitioner {
	out := Practitioner{Active: p.Active.value, MSSante: secureMail(p.Telecom)}
	for _, i := range p.Identifier {
		switch i.System {
		case systemRPPS:
			if out.RPPS != "" && out.RPPS != string(i.Value) {
				return Practitioner{} // two numbers: nobody in particular
			}
			out.RPPS = clean(string(i.Value), maxCode)
		case systemIDNPS:
			out.NationalID = clean(string(i.Value), maxCode)
		}
	}
	n := p.usual()
	out.FamilyName, out.GivenName = clean(string(n.Family), maxText), clean(joined(n.Given), maxText)
	out.Civility, out.Title = clean(joined(n.Prefix), maxCode), clean(joined(n.Suffix), maxCode)
	return out
}

// usual is the name by which the person works.
func (p fhirPractitioner) usual() humanName {
	var first humanName
	for i, n := range p.Name {
		if n.Use == "usual" {
			return n
		}
		if i == 0 {
			first = n
		}
	}
	return first
}

// activities are the person's activities. The API does not say which of several
// professions an activity is of: each is offered, and a person chooses. Whoever has a
// profession and no place has one activity without a place.
func (p fhirPractitioner) activities(found resources) []Activity {
	professions, specialties := p.professions(), p.specialties()
	if len(professions) == 0 {
		professions = []held{{}}
	}
	var out []Activity
	for _, r := range found.roles {
		if target(r.Practitioner) != string(p.ID) || (r.Active.known && !r.Active.value) {
			continue
		}
		for i, h := range professions {
			a := r.read(found.organizations)
			a.Profession, a.Category, a.Specialties = h.profession, h.category, specialties
			if i > 0 {
				a.ID += "/" + h.profession.Code
			}
			if out = append(out, a); len(out) == maxActivities {
				return out
			}
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, h := range professions {
		if h.profession.Code != "" {
			out = append(out, Activity{
				ID: "profession/" + h.profession.Code, Profession: h.profession, Category: h.category, Specialties: specialties,
			})
		}
	}
	return out
}

// held is a profession that somebody exercises, and as what (R09).
type held struct{ profession, category Code }

func (p fhirPractitioner) professions() (out []held) {
	for _, q := range p.Qualification {
		var h held
		for _, c := range q.Code.Coding {
			switch table(c.System) {
			case "G15", "R94", "R95", "R291":
				h.profession = codeOf(c)
			case "R09":
				h.category = codeOf(c)
			}
		}
		if h.profession.Code != "" && len(out) < maxActivities {
			out = append(out, h)
		}
	}
	return out
}

// savoirFaire are the tables of know-how beside specialties.
var savoirFaire = map[string]bool{
	"R39": true, "R40": true, "R42": true, "R43": true, "R44": true, "R45": true, "R97": true, "R359": true, "G13": true,
}

// specialties are what the person is qualified in, the specialty of the register first.
func (p fhirPractitioner) specialties() (out []Code) {
	var others []Code
	for _, q := range p.Qualification {
		for _, c := range q.Code.Coding {
			switch name := table(c.System); {
			case name == nomenclature.OrdinalSpecialty:
				out = append(out, codeOf(c))
			case savoirFaire[name]:
				others = append(others, codeOf(c))
			}
		}
	}
	out = append(out, others...)
	return out[:min(len(out), maxSpecialty)]
}

// read takes the activity out of its resource.
func (r fhirRole) read(known map[string]fhirOrganization) Activity {
	a := Activity{MSSante: secureMail(r.Telecom)}
	for _, i := range r.Identifier {
		if a.ID == "" {
			a.ID = clean(string(i.Value), maxText)
		}
	}
	for _, concept := range r.Code {
		for _, c := range concept.Coding {
			switch table(c.System) {
			case "R22":
				a.Genre = codeOf(c)
			case "R23":
				a.Mode = codeOf(c)
			case "R21", "R85", "R96":
				a.Role = codeOf(c)
			}
		}
	}
	if o, ok := known[target(r.Organization)]; ok {
		a.Structure, a.Sector = o.read(), o.sector()
	}
	return a
}

// read takes the place out of its resource.
func (o fhirOrganization) read() Structure {
	s := Structure{Name: clean(string(o.Name), maxText)}
	for _, i := range o.Identifier {
		s.number(string(i.System), clean(string(i.Value), maxCode), i.Type)
	}
	for _, t := range o.Telecom {
		if t.System == "phone" && s.Phone == "" {
			s.Phone = clean(string(t.Value), maxCode)
		}
	}
	if len(o.Address) > 0 {
		a := o.Address[0]
		s.Street, s.PostalCode, s.City = a.street(), clean(string(a.PostalCode), maxCode), clean(string(a.City), maxText)
	}
	switch {
	case s.FINESS != "":
		s.ID = "F" + s.FINESS
	case s.SIRET != "":
		s.ID = "C" + s.SIRET
	}
	return s
}

// number reads one number of a structure. The rank in the register is the number of a
// practice that has no other.
func (s *Structure) number(system, value string, kind concept) {
	switch system {
	case systemFINESS:
		for _, c := range kind.Coding {
			if c.Code == typeFINEJ {
				return
			}
		}
		s.FINESS = value
	case systemIDNST:
		if siret, ok := strings.CutPrefix(value, "3"); ok && digits(siret, siretDigits) {
			s.SIRET = siret
		}
	case systemRank:
		if digits(value, len(value)) && value != "" {
			s.ID = "R" + value
		}
	}
}

func (o fhirOrganization) sector() Code {
	for _, t := range o.Type {
		for _, c := range t.Coding {
			if table(c.System) == "R02" {
				return codeOf(c)
			}
		}
	}
	return Code{}
}

// street is the line of the address, or what its parts make when the line is absent.
func (a address) street() string {
	if line := clean(joined(a.Line), maxText); line != "" {
		return line
	}
	var parts []string
	for _, p := range a.Parts {
		for _, e := range p.Extension {
			if strings.HasPrefix(string(e.URL), "http://hl7.org/fhir/StructureDefinition/iso21090-ADXP-") {
				parts = append(parts, string(e.ValueString))
			}
		}
	}
	return clean(strings.Join(parts, " "), maxText)
}

// secureMail gives the MSSanté addresses; others are not for letters about patients.
func secureMail(list []contact) (out []string) {
	for _, t := range list {
		if t.System != "email" || len(out) == maxAddresses || !marked(t.Extension) {
			continue
		}
		if a := strings.ToLower(clean(string(t.Value), maxMail+1)); strings.Count(a, "@") == 1 && len(a) <= maxMail && !strings.Contains(a, " ") {
			out = append(out, a)
		}
	}
	return out
}

func marked(list []extension) bool {
	for _, e := range list {
		if table(e.ValueCoding.System) == "R256" && e.ValueCoding.Code == "MSSANTE" {
			return true
		}
	}
	return false
}

// tableName finds the table of a nomenclature in the address of its code system.
var tableName = regexp.MustCompile(`TRE[_-]([A-Z]\d{1,3})-`)

func table(system loose) string {
	m := tableName.FindStringSubmatch(string(system))
	if m == nil {
		return ""
	}
	return m[1]
}

func joined(list []loose) string {
	words := make([]string, 0, len(list))
	for _, v := range list {
		words = append(words, string(v))
	}
	return strings.Join(words, " ")
}

// clean makes one line of plain text, of at most limit characters.
func clean(s string, limit int) string {
	if len(s) > limit*utf8.UTFMax*2 {
		s = s[:limit*utf8.UTFMax*2]
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > limit {
		s = strings.TrimSpace(string([]rune(s)[:limit]))
	}
	return s
}

func digits(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789") == ""
}

// matches reports whether every word of a search is in a name.
func matches(p Practitioner, words []string) bool {
	name := text.Fold(p.GivenName + " " + p.FamilyName)
	tight := strings.ReplaceAll(name, " ", "")
	for _, w := range words {
		if !strings.Contains(name, w) && !strings.Contains(tight, w) {
			return false
		}
	}
	return true
}
