package departure

import (
	"context"
	"fmt"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
	"habilis/internal/text"
)

// finder is a query of «Partis» that was checked, with whom it may find.
type finder struct {
	GoneQuery

	org   ident.Org
	words []string
	after *spot
	whole bool
	sites []ident.Site
}

// Gone lists those who left in the last UndoDays days («Partis»), the latest first: those of the
// whole organisation, or of the sites at which the actor holds members.read (AUZ-06). Errors:
// ErrQuery, the field q, secret.ErrCursor.
func (d Departures) Gone(ctx context.Context, by access.Actor, org ident.Org, q GoneQuery) (GoneList, error) {
	act := action.Act{Verb: verbList, Orgs: []ident.Org{org}, Object: org.String()}
	var held access.Held
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if held, err = access.HeldBy(ctx, tx, by, org); err != nil {
			return nil, err
		}
		if held.HasAnywhere(access.MembersRead) {
			return []access.Need{access.MemberOf(org)}, nil
		}
		return []access.Need{access.At(access.MembersRead, access.OrgScope(org))}, nil
	}
	return action.View(ctx, d.Run, by, act, func(tx *store.Tx) (GoneList, error) {
		f, err := d.finder(org, q)
		if err != nil {
			return GoneList{}, err
		}
		f.sites, f.whole = held.Sites(access.MembersRead)
		return d.list(ctx, tx, &f, held)
	})
}

func (d Departures) finder(org ident.Org, q GoneQuery) (finder, error) {
	f := finder{GoneQuery: q, org: org}
	if f.Size == 0 {
		f.Size = DefaultPage
	}
	if f.Page == 0 {
		f.Page = 1
	}
	if f.Size < 1 || f.Size > MaxPageSize || f.Page < 1 || f.Page > MaxPage {
		return f, ErrQuery
	}
	if utf8.RuneCountInString(q.Search) > member.MaxQuery {
		return f, fault.OnField("q", string(text.TooLong), "Max", member.MaxQuery)
	}
	if f.words = text.FoldWords(q.Search); len(f.words) > member.MaxWords {
		return f, fault.OnField("q", "member.too_many_words", "Max", member.MaxWords)
	}
	if f.After == "" {
		return f, nil
	}
	f.after = &spot{}
	return f, d.Run.Ring.OpenCursor(f.name(), f.After, f.after)
}

// name is what a cursor is bound to.
func (f *finder) name() string { return fmt.Sprintf("departures|%s|%q", f.org, f.words) }

func (d Departures) list(ctx context.Context, tx *store.Tx, f *finder, held access.Held) (GoneList, error) {
	var l GoneList
	var err error
	if l.Total, err = countGone(ctx, tx, f); err != nil {
		return l, err
	}
	found, err := findGone(ctx, tx, f)
	if err != nil {
		return l, err
	}
	if len(found) > f.Size {
		found = found[:f.Size]
		last := found[f.Size-1]
		if l.Next, err = d.Run.Ring.Cursor(f.name(), spot{At: last.EndsAt, ID: last.ID}); err != nil {
			return l, err
		}
	}
	for _, v := range found {
		r, err := row(ctx, tx, v, held)
		if err != nil {
			return l, err
		}
		l.Rows = append(l.Rows, r)
	}
	return l, nil
}

func row(ctx context.Context, tx *store.Tx, v Departure, held access.Held) (GoneRow, error) {
	r := GoneRow{Departure: v}
	f, err := member.FormerOf(ctx, tx, v.Org, v.Member, v.EndsAt)
	if err != nil {
		return r, err
	}
	r.Title, r.Function = f.Title, f.Function
	r.MayOpen = f.Over(held, access.MembersDelete) == nil
	r.Sites, err = namesOf(ctx, tx, v.Org, f.Sites, sightOf(held))
	return r, err
}
