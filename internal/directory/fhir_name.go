package directory

import (
	"net/url"
	"strings"

	"habilis/internal/text"
)

// Bounds of a search by name.
const (
	maxNameWords  = 6
	maxCandidates = 150 // people whose places are read, to keep those of a town
	rolesAtOnce   = 50  // people whose places one request reads
	countByName   = "100"
)

// byName finds people by name, then reads where they work. The API cannot search a name
// and a town together: of a common name in a given town, some may be missing, and the
// answer says that there are more.
func (l *lookup) byName(n Name) ([]Practitioner, bool, error) {
	words := strings.Fields(text.Fold(n.Words))
	if len(words) == 0 {
		return nil, false, nil
	}
	q := url.Values{"active": {"true"}, "_count": {countByName}}
	for i, w := range strings.Fields(clean(n.Words, maxText)) {
		if i < maxNameWords {
			q.Add("name:contains", w)
		}
	}
	found, more, err := l.search("Practitioner", q, maxPages)
	if err != nil {
		return nil, false, err
	}
	people := named(found.practitioners, words)
	room := n.Limit
	if n.City != "" {
		room = maxCandidates
	}
	if len(people) > room {
		people, more = people[:room], true
	}
	out, less, err := l.placed(people)
	if err != nil {
		return nil, false, err
	}
	out = inTown(out, n.City)
	if len(out) > n.Limit {
		out, more = out[:n.Limit], true
	}
	return out, more || less, nil
}

// named keeps whoever has the words in their name, and an RPPS number.
func named(all []fhirPractitioner, words []string) (out []fhirPractitioner) {
	for _, p := range all {
		if v := p.read(); v.Active && digits(v.RPPS, rppsDigits) && matches(v, words) {
			out = append(out, p)
		}
	}
	return out
}

// placed reads the activities of people; more tells that there are others.
func (l *lookup) placed(people []fhirPractitioner) (out []Practitioner, more bool, err error) {
	for len(people) > 0 {
		some := people[:min(rolesAtOnce, len(people))]
		people = people[len(some):]
		ids := make([]loose, 0, len(some))
		for _, p := range some {
			ids = append(ids, p.ID)
		}
		roles, cut, err := l.roles(ids...)
		if err != nil {
			return nil, false, err
		}
		more = more || cut
		for _, p := range some {
			v := p.read()
			v.Activities = p.activities(roles)
			out = append(out, v)
		}
	}
	return out, more, nil
}

// inTown keeps those who work in a town, named or by its postal code; then those of whom
// the directory does not say where.
func inTown(people []Practitioner, town string) []Practitioner {
	town = text.Fold(town)
	if town == "" {
		return people
	}
	var there, unknown []Practitioner
	for _, p := range people {
		switch where := p.towns(); {
		case where == "":
			unknown = append(unknown, p)
		case strings.Contains(where, " "+town):
			there = append(there, p)
		}
	}
	return append(there, unknown...)
}

// towns are the folded towns and postal codes where somebody works, each word after a
// space.
func (p Practitioner) towns() string {
	var b strings.Builder
	for _, a := range p.Activities {
		for _, v := range []string{a.Structure.City, a.Structure.PostalCode} {
			if v = text.Fold(v); v != "" {
				b.WriteString(" " + v)
			}
		}
	}
	return b.String()
}
