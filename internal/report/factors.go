package report

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
)

// FactorsQuery narrows whose account has no second factor. What is empty narrows nothing.
type FactorsQuery struct {
	Search string
	Site   ident.Site
	After  string
	Size   int
}

// Unprotected is somebody who may sign in here, and whose account has no second factor that the
// organisation takes.
type Unprotected struct {
	Member      ident.Member
	Name        string
	Function    string
	Administers bool
	Asked       bool      // one is asked of them, at once or when their delay is over
	Since       time.Time // of the account
	LastSignIn  time.Time // here; zero: never
}

// UnprotectedList is one page of them, by name.
type UnprotectedList struct {
	People []Unprotected
	Next   string
	Total  int64
	Part   bool
}

// Factors tells whose account has no second factor that the organisation takes, for whoever reads
// members and edits its security: of the sites where they do both. That somebody has one elsewhere
// that is not taken here is not told. Errors: ErrQuery, field "q", access.ErrNotFound for a site,
// secret.ErrCursor.
func (r Reports) Factors(ctx context.Context, by access.Actor, org ident.Org, q FactorsQuery) (UnprotectedList, error) {
	var who reader
	return action.View(ctx, r.Run, by, act(by, org, Factors, verbFactors, &who), func(tx *store.Tx) (UnprotectedList, error) {
		l := UnprotectedList{Part: !who.whole}
		all, err := q.find(ctx, tx, org, who)
		if err != nil {
			return l, err
		}
		l.Total = int64(len(all))
		l.People, l.Next, err = pageOf(r, all, fmt.Sprintf("report.factors|%s|%q|%s", org, q.Search, q.Site), q.After, q.Size)
		return l, err
	})
}

func (q FactorsQuery) find(ctx context.Context, tx *store.Tx, org ident.Org, who reader) ([]Unprotected, error) {
	list, err := words(q.Search)
	if err == nil && !q.Site.IsZero() && !who.at(q.Site) {
		err = access.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	people, err := member.People(ctx, tx, org)
	if err != nil {
		return nil, err
	}
	if people, err = q.among(ctx, tx, org, who, people, list); err != nil {
		return nil, err
	}
	policy, err := setting.ReadSecurity(ctx, tx, org)
	if err != nil {
		return nil, err
	}
	accounts := make([]ident.Account, len(people))
	for i := range people {
		accounts[i] = people[i].Account
	}
	kinds, err := credential.ProvedKinds(ctx, tx, accounts)
	if err != nil {
		return nil, err
	}
	people = slices.DeleteFunc(people, func(p member.PersonOf) bool { return slices.ContainsFunc(kinds[p.Account], taken(policy, org)) })
	return unprotected(ctx, tx, org, policy, people)
}

// among leaves the people of the sites where who reads, whose names have the words.
func (q FactorsQuery) among(ctx context.Context, tx *store.Tx, org ident.Org, who reader, people []member.PersonOf, words []string,
) ([]member.PersonOf, error) {
	people = slices.DeleteFunc(people, func(p member.PersonOf) bool {
		name := text.Fold(p.Name())
		return slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(name, w) })
	})
	if who.whole && q.Site.IsZero() {
		return people, nil
	}
	sites, err := member.SitesOf(ctx, tx, org, idsOf(people))
	return slices.DeleteFunc(people, func(p member.PersonOf) bool {
		of := sites[p.Member]
		return !who.shares(of) || !q.Site.IsZero() && !slices.Contains(of, q.Site)
	}), err
}

func idsOf(people []member.PersonOf) []ident.Member {
	ids := make([]ident.Member, len(people))
	for i := range people {
		ids[i] = people[i].Member
	}
	return ids
}

// taken says whether an organisation takes a factor: of networks, its own alone.
func taken(policy setting.Security, org ident.Org) func(credential.ProvedKind) bool {
	return func(k credential.ProvedKind) bool {
		if k.Kind == credential.Address {
			return policy.NetworkFactor && k.Network == org
		}
		return policy.Factors.Has(string(k.Kind))
	}
}

func unprotected(
	ctx context.Context, tx *store.Tx, org ident.Org, policy setting.Security, people []member.PersonOf,
) ([]Unprotected, error) {
	refs, err := member.Refs(ctx, tx, org, idsOf(people))
	list := make([]Unprotected, 0, len(people))
	for i := range people {
		p := &people[i]
		m := refs[p.Member]
		u := Unprotected{
			Member: p.Member, Name: p.Name(), Function: m.Function, Administers: p.Administers, Since: p.AccountSince,
			LastSignIn: signedIn(m.LastSignInAt),
		}
		u.Asked = p.Administers || p.Platform || policy.Required == setting.Everybody
		list = append(list, u)
	}
	return list, err
}
