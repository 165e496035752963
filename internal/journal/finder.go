package journal

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/text"
)

// finder is a query made ready: checked, its names turned into IDs.
type finder struct {
	reader

	ring    *secret.Ring
	asked   Query
	size    int
	at      place
	from    time.Time // the first moment; zero: no bound
	until   time.Time // the first moment after; zero: no bound
	verbs   []string
	words   []string
	account ident.Account // of asked.Person
	nothing bool          // the query can find nothing
	bound   int64         // of an export: the last event; 0: none
	found   *found        // of the words, once looked for
	few     *bool         // of the members of the reader's sites, once counted
}

// place is where a page begins, as its cursor says it.
type place struct {
	At    time.Time `json:"at"`
	Seq   int64     `json:"seq"`
	First int64     `json:"first"` // the number of its first event, from 1
	Up    bool      `json:"up"`    // the page ends there, instead of beginning
}

// newFinder checks a query. Errors: ErrQuery for what no list offers,
// secret.ErrCursor.
func newFinder(ring *secret.Ring, r reader, q Query) (*finder, error) {
	f := &finder{reader: r, ring: ring, size: q.Size, at: place{First: 1}}
	if f.size == 0 {
		f.size = DefaultPageSize
	}
	if f.size < 1 || f.size > MaxPageSize || len([]rune(q.Search)) > MaxSearch ||
		(q.Outcome != "" && q.Outcome != audit.Done && q.Outcome != audit.Refused) {
		return nil, ErrQuery
	}
	if err := f.days(q); err != nil {
		return nil, err
	}
	q = bySearchedID(q)
	f.asked, f.words = q, text.FoldWords(q.Search)
	f.words = f.words[:min(len(f.words), MaxWords)]
	f.chooseVerbs()
	f.nothing = f.nothing || !f.plain()
	if q.After == "" {
		return f, nil
	}
	return f, ring.OpenCursor(f.name(), q.After, &f.at)
}

func (f *finder) days(q Query) error {
	var ok bool
	if q.From != "" {
		if f.from, ok = q.From.begins(); !ok {
			return ErrQuery
		}
	}
	if q.Until != "" {
		if f.until, ok = q.Until.ends(); !ok {
			return ErrQuery
		}
	}
	return nil
}

// plain reports whether every ID and verb is made of signs that some ID or verb has;
// others name nothing, and no engine needs to see them.
func (f *finder) plain() bool {
	q := f.asked
	ids := append([]string{q.Actor, q.Person.String(), q.Subject.String(), q.Object, q.Site.String()}, q.Verbs...)
	return !slices.ContainsFunc(ids, func(id string) bool {
		return strings.ContainsFunc(id, func(r rune) bool { return r < '-' || r > 'z' })
	})
}

// bySearchedID looks for an ID that was pasted into the search as what it is.
func bySearchedID(q Query) Query {
	s := strings.TrimSpace(q.Search)
	if m, err := ident.ParseMember(s); err == nil && q.Person.IsZero() {
		q.Person, q.Search = m, ""
	} else if site, err := ident.ParseSite(s); err == nil && q.Site.IsZero() {
		q.Site, q.Search = site, ""
	} else if _, err := ident.ParseAccount(s); err == nil && q.Actor == "" {
		q.Actor, q.Search = s, ""
	} else if _, err := ident.ParseInvitation(s); err == nil && q.Object == "" {
		q.Object, q.Search = s, ""
	}
	return q
}

// chooseVerbs meets the verbs asked for with those of the kind.
func (f *finder) chooseVerbs() {
	f.verbs = f.asked.Verbs
	if f.asked.Kind == "" {
		return
	}
	of := verbsOf(f.asked.Kind)
	if len(f.verbs) > 0 {
		of = slices.DeleteFunc(of, func(v string) bool { return !slices.Contains(f.verbs, v) })
	}
	f.verbs, f.nothing = of, len(of) == 0
}

// name names the list with all that narrows it: a cursor opens no other.
func (f *finder) name() string {
	q := f.asked
	q.After, q.Size = "", 0
	b, err := json.Marshal([]any{f.org, f.self, f.reader.account, q})
	if err != nil {
		panic("journal: a query: " + err.Error()) // strings always marshal
	}
	return "journal " + string(b)
}

// allows reports whether the reader may ask for a site at all.
func (f *finder) allows(site ident.Site) bool {
	return site.IsZero() || f.sight.Of(site)
}
