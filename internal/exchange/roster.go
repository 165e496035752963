package exchange

import (
	"slices"
	"strings"

	"habilis/internal/account"
	"habilis/internal/ident"
	"habilis/internal/text"
)

// roster finds, among the members whom the importer may see, the people of a file.
type roster struct {
	byID     map[ident.Member]*someone
	byEmail  map[string]*someone
	byRPPS   map[string]*someone
	byPhone  map[string]*someone
	byMS     map[string]*someone
	byFamily map[string][]*someone
	byGiven  map[string][]*someone
}

// someone is a member, as a roster needs them.
type someone struct {
	id                                                           ident.Member
	given, family, email, rpps, phone, mssante, function, status string

	foldedGiven, foldedFamily string
}

func newRoster(all []someone) *roster {
	r := &roster{
		byID: map[ident.Member]*someone{}, byEmail: map[string]*someone{}, byRPPS: map[string]*someone{}, byPhone: map[string]*someone{},
		byMS: map[string]*someone{}, byFamily: map[string][]*someone{}, byGiven: map[string][]*someone{},
	}
	for i := range all {
		s := &all[i]
		s.foldedGiven, s.foldedFamily = text.Fold(s.given), text.Fold(s.family)
		r.byID[s.id] = s
		if e, code := account.ParseEmail(s.email); code == "" {
			r.byEmail[e.Key] = s
		}
		for value, by := range map[string]map[string]*someone{s.rpps: r.byRPPS, s.phone: r.byPhone, s.mssante: r.byMS} {
			if value != "" {
				by[value] = s
			}
		}
		r.byFamily[s.foldedFamily] = append(r.byFamily[s.foldedFamily], s)
		r.byGiven[s.foldedGiven] = append(r.byGiven[s.foldedGiven], s)
	}
	return r
}

// owner is the member whose line it is, by the ID, the address or the number that it holds;
// none for somebody new. What names two members is refused.
func (r *roster) owner(p *person) ident.Member {
	var found []*someone
	for _, s := range []*someone{r.byID[p.asked], r.byEmail[p.key], r.byRPPS[p.rpps]} {
		if s != nil && !slices.Contains(found, s) {
			found = append(found, s)
		}
	}
	switch len(found) {
	case 0:
		if !p.asked.IsZero() {
			p.mark(MemberID, codeNoMember, nil)
		}
		return ""
	case 1:
		if !p.asked.IsZero() && found[0].id != p.asked {
			p.mark(MemberID, codeNoMember, nil)
		}
		return found[0].id
	}
	p.mark("", codeTwoPeople, map[string]any{"Name": found[0].name(), "Other": found[1].name()})
	p.lone = true
	return ""
}

func (s *someone) name() string { return s.given + " " + s.family }

// maxTwins bounds the members who are proposed for a line.
const maxTwins = 3

// twins are the members who may be the person of a line: of the same or almost the same
// name, or reached in the same way.
func (r *roster) twins(p *person, phone, mssante string) []Twin {
	var list twins
	given, family := text.Fold(p.GivenName), text.Fold(p.FamilyName)
	if given != "" && family != "" {
		r.namesakes(&list, given, family)
	}
	if s := r.byPhone[phone]; phone != "" && s != nil && (s.foldedFamily == family || s.foldedGiven == given) {
		list.add(s, "phone")
	}
	if s := r.byMS[mssante]; mssante != "" && s != nil {
		list.add(s, "mssante")
	}
	return list
}

// namesakes adds the members of the same or almost the same name.
func (r *roster) namesakes(list *twins, given, family string) {
	for _, s := range r.byFamily[family] {
		if near(s.foldedGiven, given) {
			list.add(s, "name")
		}
	}
	for _, s := range r.byFamily[given] { // the two the other way round
		if s.foldedGiven == family {
			list.add(s, "name")
		}
	}
	for _, s := range r.byGiven[given] {
		if near(s.foldedFamily, family) {
			list.add(s, "name")
		}
	}
}

// twins are members who may be one person, each once.
type twins []Twin

func (l *twins) add(s *someone, why string) {
	known := slices.ContainsFunc(*l, func(t Twin) bool { return t.Member == s.id })
	if !known && len(*l) < maxTwins {
		*l = append(*l, Twin{Member: s.id, Name: s.name(), Function: s.function, Email: s.email, Why: why})
	}
}

// nearFrom is how long a name must be for another that differs by one letter to be near it.
const nearFrom = 5

// near reports whether two folded names are one, but for their words' order or one letter.
func near(a, b string) bool {
	if a == b {
		return true
	}
	x, y := strings.Fields(a), strings.Fields(b)
	if len(x) > 1 && len(x) == len(y) && slices.Equal(slices.Sorted(slices.Values(x)), slices.Sorted(slices.Values(y))) {
		return true
	}
	return min(len(a), len(b)) >= nearFrom && oneApart([]rune(a), []rune(b))
}

// oneApart reports whether one letter put, taken or exchanged, or two neighbours turned, makes
// one word of the other.
func oneApart(a, b []rune) bool {
	if len(a) < len(b) {
		a, b = b, a
	}
	if len(a)-len(b) > 1 {
		return false
	}
	i := 0
	for i < len(b) && a[i] == b[i] {
		i++
	}
	switch {
	case len(a) > len(b):
		return slices.Equal(a[i+1:], b[i:])
	case i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i]:
		return slices.Equal(a[i+2:], b[i+2:])
	case i < len(a):
		return slices.Equal(a[i+1:], b[i+1:])
	}
	return true
}
