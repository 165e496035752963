package journal

import (
	"slices"
	"strings"
	"sync"
	"time"

	"habilis/internal/text"
)

// Kind is a family of verbs, by which people filter.
type Kind string

// The families.
const (
	KindMembers      Kind = "members"
	KindRights       Kind = "rights"
	KindInvitations  Kind = "invitations"
	KindSites        Kind = "sites"
	KindOrganization Kind = "organization"
	KindSecurity     Kind = "security"
	KindJournal      Kind = "journal"
	KindOther        Kind = "other"
)

// Kinds lists the families, in the order in which people choose.
var Kinds = []Kind{
	KindMembers, KindRights, KindInvitations, KindSites, KindOrganization, KindSecurity, KindJournal, KindOther,
}

// kinds says of which family a noun is; a verb written whole wins.
var kinds = map[string]Kind{
	"member": KindMembers, "message": KindMembers, "place": KindMembers, "draft": KindMembers, "document": KindMembers,
	"directory":      KindMembers,
	"member.appoint": KindRights, "member.withdraw": KindRights, "member.change_rights": KindRights, "member.rights": KindRights,
	"member.read_rights": KindRights, "role": KindRights, "invitation": KindInvitations, "member.join": KindInvitations,
	"resource": KindRights, "group": KindRights, "settings": KindOrganization, "rights": KindRights, "site": KindSites,
	"member.add_site": KindSites, "member.remove_site": KindSites, "org": KindOrganization,
	"import": KindMembers, "security": KindSecurity, "token": KindSecurity, "login": KindSecurity, "api": KindSecurity, "web": KindSecurity,
	"session": KindSecurity, "audit": KindJournal, "report": KindRights, "review": KindRights,
	"workitem": KindMembers, "webhook": KindSecurity,
}

// KindOf is the family of a verb.
func KindOf(verb string) Kind {
	if k, ok := kinds[verb]; ok {
		return k
	}
	noun, _, _ := strings.Cut(verb, ".")
	if k, ok := kinds[noun]; ok {
		return k
	}
	return KindOther
}

// What the keys of the catalogue that say what was done begin and end with.
const (
	sentenceKey = "journal.verb."
	refusedKey  = ".refused"
)

// Verbs lists what can be done, as the catalogue says it.
var Verbs = sync.OnceValue(func() []string {
	var verbs []string
	for _, key := range text.Keys(text.FR) {
		verb, ok := strings.CutPrefix(key, sentenceKey)
		if !ok {
			continue
		}
		if verb = strings.TrimSuffix(verb, refusedKey); !slices.Contains(verbs, verb) {
			verbs = append(verbs, verb)
		}
	}
	slices.Sort(verbs)
	return verbs
})

// verbsOf lists the verbs of a family.
func verbsOf(k Kind) []string {
	var verbs []string
	for _, v := range Verbs() {
		if KindOf(v) == k {
			verbs = append(verbs, v)
		}
	}
	return verbs
}

// Day is a day of the calendar in France, "2026-11-22"; empty: no bound.
type Day string

// begins gives the moment at which the day begins; ok is false for what is no day.
func (d Day) begins() (at time.Time, ok bool) {
	at, err := time.ParseInLocation(time.DateOnly, string(d), text.Zone)
	return at.UTC(), err == nil
}

// ends gives the first moment of the day after.
func (d Day) ends() (at time.Time, ok bool) {
	at, err := time.ParseInLocation(time.DateOnly, string(d), text.Zone)
	return at.AddDate(0, 0, 1).UTC(), err == nil
}

// At gives the moment at which the day begins; ok is false for what is no day.
func (d Day) At() (at time.Time, ok bool) { return d.begins() }

// Valid reports whether it is a day.
func (d Day) Valid() bool {
	_, ok := d.begins()
	return ok
}
