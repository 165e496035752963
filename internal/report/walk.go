package report

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/decision"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// walkChunk is how many people are read at a time.
const walkChunk = 100

// place is where a page ended: at a right of a person.
type place struct {
	Key    string       `json:"k"`
	Member ident.Member `json:"m"`
	N      int          `json:"n"` // rights of theirs that were told
}

// walk goes through the rights that opened something at a moment, person by person.
type walk struct {
	org    ident.Org
	at     time.Time
	reader reader

	words    []string
	member   ident.Member
	resource string
	act      string
	site     ident.Site
	kind     string

	// unused, when it is set, leaves only what was not used since then.
	unused time.Time
	used   decision.Used
}

// person is one of those whom the walk comes by.
type person struct {
	id       ident.Member
	key      string
	name     string
	function string
}

// part tells the lines of the next people after a place, and where it stopped; done when there
// are no more.
func (w *walk) part(ctx context.Context, tx *store.Tx, from place) (lines []Line, at []place, next place, done bool, err error) {
	people, err := peopleAfter(ctx, tx, w, from)
	if err != nil || len(people) == 0 {
		return nil, nil, from, true, err
	}
	ids := make([]ident.Member, len(people))
	for i := range people {
		ids[i] = people[i].id
	}
	rights, err := decision.RightsOf(ctx, tx, w.org, ids, w.at)
	if err != nil {
		return nil, nil, from, false, err
	}
	if !w.unused.IsZero() {
		if w.used, err = decision.LastUses(ctx, tx, w.org, ids); err != nil {
			return nil, nil, from, false, err
		}
	}
	for _, p := range people {
		skip := 0
		if p.id == from.Member {
			skip = from.N
		}
		for n, l := range w.lines(p, rights[p.id]) {
			if n >= skip {
				lines = append(lines, l)
				at = append(at, place{Key: p.key, Member: p.id, N: n + 1})
			}
		}
	}
	last := people[len(people)-1]
	return lines, at, place{Key: last.key, Member: last.id, N: wholePerson}, len(people) < walkChunk, nil
}

// wholePerson is more rights than anybody has.
const wholePerson = 1 << 30

// lines are the rights of a person that are told.
func (w *walk) lines(p person, r *decision.Rights) []Line {
	if r == nil || r.Away != "" {
		return nil
	}
	var list []Line
	known := w.reader.shares(r.Sites)
	for _, one := range r.All() {
		if one.Unused != "" || !w.seen(one, known) || !w.wanted(one, r.Sites) {
			continue
		}
		l := Line{Member: p.id, Name: p.name, Function: p.function, Known: known, Right: one}
		if !w.unused.IsZero() {
			if one.Kind == decision.FactHolder || !given(one).Before(w.unused) {
				continue
			}
			if l.LastUse = w.used.Of(p.id, one); !l.LastUse.Before(w.unused) {
				continue
			}
		}
		list = append(list, l)
	}
	return list
}

// given is from when a right could be used.
func given(r decision.Right) time.Time {
	if r.StartsAt.After(r.GivenAt) {
		return r.StartsAt
	}
	return r.GivenAt
}

// seen reports whether the reader may know of a right (AUZ-06): of what stands at a site, whoever
// reads there; of what holds everywhere, whoever may know of the person.
func (w *walk) seen(r decision.Right, known bool) bool {
	if s := siteOf(r); !s.IsZero() {
		return w.reader.at(s)
	}
	return known
}

// siteOf is where a right holds; zero: everywhere.
func siteOf(r decision.Right) ident.Site {
	switch r.Kind {
	case decision.FactRole, decision.FactPermission:
		if r.Scope != access.WholeOrganization {
			return ident.Site(r.Scope)
		}
		return ""
	case decision.FactGrant, decision.FactHolder, decision.FactDelegation, decision.FactGroup, decision.FactMembership, decision.FactSetting,
		decision.FactSite:
	}
	return r.Site
}

// wanted reports whether a right is one of those asked for.
func (w *walk) wanted(r decision.Right, of []ident.Site) bool {
	switch {
	case w.kind != "" && kindOf(r) != w.kind:
		return false
	case w.resource != "" && r.Resource.ID != w.resource:
		return false
	case w.act != "" && !r.Permits(w.act):
		return false
	}
	return w.site.IsZero() || w.reaches(r, of)
}

// reaches reports whether a right opens something at the site asked about: it holds there, or in
// the whole organisation; what is of no site counts where its person is.
func (w *walk) reaches(r decision.Right, of []ident.Site) bool {
	s := siteOf(r)
	switch {
	case s == w.site:
		return true
	case !s.IsZero():
		return false
	case r.Kind == decision.FactRole || r.Kind == decision.FactPermission:
		return true
	}
	return slices.Contains(of, w.site)
}
