package member

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Place is one organisation of a person, for «Mes établissements» (ORG-2).
type Place struct {
	Org       org.Org
	Member    Member
	Roles     []RoleRef
	Admin     bool
	Sites     []SiteRef
	Suspended bool
}

// Places lists the organisations in which the actor is a member in force, by name,
// suspended ones too; search, which may be empty, is for words of an organisation
// or of a site.
func (m Members) Places(ctx context.Context, by access.Actor, search string) ([]Place, error) {
	if utf8.RuneCountInString(search) > MaxQuery {
		return nil, fault.OnField("q", string(text.TooLong), "Max", MaxQuery)
	}
	act := action.Act{Verb: "place.list", Needs: []access.Need{access.Myself(by.Account)}}
	return action.View(ctx, m.Run, by, act, func(tx *store.Tx) ([]Place, error) {
		mine, err := placesOf(ctx, tx, by.Account)
		if err != nil {
			return nil, err
		}
		var places []Place
		for _, in := range mine {
			p, err := readPlace(ctx, tx, in, by.Account)
			if err != nil {
				return nil, err
			}
			if p.matches(search) {
				places = append(places, p)
			}
		}
		slices.SortFunc(places, func(a, b Place) int {
			return strings.Compare(text.SortKey(a.Org.Name)+" "+a.Org.Slug, text.SortKey(b.Org.Name)+" "+b.Org.Slug)
		})
		return places, nil
	})
}

func readPlace(ctx context.Context, tx *store.Tx, in ident.Org, account ident.Account) (Place, error) {
	m, ok, err := ByAccount(ctx, tx, in, account)
	if err != nil || !ok {
		return Place{}, notFound(err)
	}
	p := Place{Member: m}
	if p.Org, err = org.Get(ctx, tx, m.Org); err != nil {
		return p, err
	}
	p.Suspended = p.Org.Status == org.Suspended
	v := viewer{held: access.Held{Org: m.Org, Member: m.ID}}
	if !p.Suspended {
		if v.held, err = access.HeldByAccount(ctx, tx, m.Account, m.Org); err != nil {
			return p, err
		}
		if p.Org, err = org.WithCounts(ctx, tx, p.Org, v.held); err != nil {
			return p, err
		}
	}
	d, err := v.readDetails(ctx, tx, m.Org, []ident.Member{m.ID})
	p.Sites, p.Roles = d.sites[m.ID], d.roles[m.ID]
	p.Admin = slices.ContainsFunc(p.Roles, func(r RoleRef) bool { return r.BuiltIn == role.Administrator })
	return p, err
}

// matches looks for every word in the names of the organisation and its sites.
func (p Place) matches(search string) bool {
	words := text.FoldWords(search)
	if len(words) == 0 {
		return strings.TrimSpace(search) == ""
	}
	all := []string{p.Org.Name}
	for _, s := range p.Sites {
		all = append(all, s.Name)
	}
	names := " " + text.Fold(strings.Join(all, " "))
	for _, w := range words {
		if utf8.RuneCountInString(w) <= org.ShortWord {
			w = " " + w
		}
		if !strings.Contains(names, w) {
			return false
		}
	}
	return true
}
