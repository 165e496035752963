package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"habilis/internal/grant"
	"habilis/internal/resource"
	"habilis/internal/text"
)

// domain is what one matrix is about: agendas, messaging profiles, or what people may do at
// each site in a realm.
type domain struct {
	Type  resource.Type
	Realm grant.Realm // of a matrix of people and sites: Type is then empty
	At    string      // its page, under /o/{org}
	List  string      // the page of its columns
}

var (
	agendas        = domain{Type: resource.Agenda, At: atAccess, List: atAgendas}
	mailboxes      = domain{Type: resource.MessagingProfile, At: "access/messaging-profiles", List: "messaging-profiles"}
	records        = domain{Realm: grant.Records, At: "access/patient-records", List: atSites}
	administration = domain{Realm: grant.Administration, At: "access/administration", List: atSites}
)

// domains are the tabs, in their order.
var domains = []domain{agendas, mailboxes, records, administration}

// name is how addresses and texts call a domain.
func (d domain) name() string {
	if d.Realm != "" {
		return string(d.Realm)
	}
	return string(d.Type)
}

// domainNamed reads what name writes; anything else is the agendas.
func domainNamed(name string) domain {
	for _, d := range domains {
		if d.name() == name {
			return d
		}
	}
	return agendas
}

// key is the text of a sentence that differs between domains.
func (d domain) key(what string) string { return "matrix." + d.name() + "." + what }

// level is a level in words. Its letter is how forms write it: A D L G, A L R G
// (DESIGN.md 14), in every language.
type level struct {
	grant.Level

	Letter, Label string
	Rank          int
}

var letters = map[resource.Type][]string{resource.Agenda: {"A", "D", "L", "G"}, resource.MessagingProfile: {"A", "L", "R", "G"}}

func (l level) rank() string { return strconv.Itoa(l.Rank) }

// levelsOf are the levels of a type, from none to the highest.
func levelsOf(t *text.Printer, of resource.Type) []level {
	var list []level
	for n, l := range grant.LevelsOf(of) {
		list = append(list, level{l, letters[of][n], t.T("level." + string(of) + "." + l.Word()), n})
	}
	return list
}

func levelOf(t *text.Printer, of resource.Type, l grant.Level) level {
	if n := grant.Rank(of, l); n >= 0 {
		return levelsOf(t, of)[n]
	}
	return level{Level: l, Label: string(l)}
}

// byLetter reads a level as a form writes it.
func byLetter(of resource.Type, letter string) (grant.Level, bool) {
	for n, l := range letters[of] {
		if l == letter {
			return grant.LevelsOf(of)[n], true
		}
	}
	return grant.None, false
}

func letterOf(of resource.Type, l grant.Level) string {
	if n := grant.Rank(of, l); n >= 0 {
		return letters[of][n]
	}
	return ""
}

// stateView is a level with its dates, in words.
type stateView struct {
	level

	Dates string
}

func (v *visit) state(of resource.Type, s grant.State) stateView {
	return stateView{levelOf(v.t, of, s.Level), v.dates(s)}
}

// dates say when a level begins, when that is to come, and when it ends (RGT-8).
func (v *visit) dates(s grant.State) string {
	if s.Level == grant.None {
		return ""
	}
	later := s.From.After(v.s.now())
	switch {
	case later && s.Until != nil:
		return v.t.T("matrix.from_until", "From", v.t.ShortDate(s.From), "Until", v.lastDayOn(*s.Until))
	case later:
		return v.t.T("matrix.from", "From", v.t.ShortDate(s.From))
	case s.Until != nil:
		return v.t.T("matrix.until", "Until", v.lastDayOn(*s.Until))
	}
	return ""
}

// lastDayOn says the last day on which a level holds: it ends when that day does.
func (v *visit) lastDayOn(end time.Time) string { return v.t.ShortDate(lastMoment(end)) }

func lastMoment(end time.Time) time.Time { return end.Add(-time.Microsecond) }

// numberOne, numberMany and numberOther stand for the plural forms of French and English.
const (
	numberOne   = 1
	numberMany  = 1_000_000
	numberOther = 2
)

// counted gives the script a sentence in every plural form, with {n} for the number.
func counted(t *text.Printer, key string) templ.Attributes {
	form := func(n int) string { return strings.Replace(t.T(key, "Count", n), t.Number(n), "{n}", 1) }
	return templ.Attributes{"data-count": true, "data-one": form(numberOne), "data-many": form(numberMany), "data-other": form(numberOther)}
}
