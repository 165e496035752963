package report

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/decision"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Reports answers questions about a whole organisation.
type Reports struct{ Run *action.Runner }

// Name is which report it is.
type Name string

// The reports.
const (
	Access  Name = "access"  // who has access to what
	Leavers Name = "leavers" // who left, and when
	Factors Name = "factors" // accounts without second factor
	Dormant Name = "dormant" // rights that nobody uses
)

// Names are all of them.
var Names = []Name{Access, Leavers, Factors, Dormant}

// Bounds of the lists.
const (
	DefaultPage = 50
	MaxPage     = 200 // lines

	// UnusedFor is how long a right was not used, and how long ago it was given, when it is dormant.
	UnusedFor  = UnusedDays * 24 * time.Hour
	UnusedDays = 90
)

// Faults of this package.
var (
	ErrQuery  = fault.New(fault.Invalid, "report.query")
	ErrFormat = fault.New(fault.Invalid, "report.format")
)

// Verbs of the acts.
const (
	verbAccess  = "report.review_access"
	verbLeavers = "report.review_leavers"
	verbFactors = "report.review_factors"
	verbDormant = "report.review_dormant"
	verbExport  = "report.export"
)

// needs are the permissions of which one, at a site, lets read each report there; of the accounts
// without second factor, both are needed.
var needs = map[Name][]access.Permission{
	Access:  {access.RightsRead, access.RightsEdit},
	Dormant: {access.RightsRead, access.RightsEdit},
	Leavers: {access.MembersRead},
	Factors: {access.MembersRead, access.SecurityEdit},
}

// reader is who reads, and where.
type reader struct {
	held  access.Held
	whole bool
	sites []ident.Site
}

// Readable are the reports that somebody who holds h may read somewhere.
func Readable(h access.Held) []Name {
	return slices.DeleteFunc(slices.Clone(Names), func(n Name) bool {
		r := readerOf(h, n)
		return !r.whole && len(r.sites) == 0
	})
}

func readerOf(h access.Held, n Name) reader {
	r := reader{held: h}
	if n == Factors {
		return r.both(needs[n])
	}
	for _, p := range needs[n] {
		sites, whole := h.Sites(p)
		r.whole = r.whole || whole
		r.sites = append(r.sites, sites...)
	}
	slices.Sort(r.sites)
	r.sites = slices.Compact(r.sites)
	return r
}

// both are the places where all of the permissions are held.
func (r reader) both(all []access.Permission) reader {
	r.whole = true
	for _, p := range all {
		sites, whole := r.held.Sites(p)
		switch {
		case whole:
		case r.whole:
			r.whole, r.sites = false, sites
		default:
			r.sites = slices.DeleteFunc(r.sites, func(s ident.Site) bool { return !slices.Contains(sites, s) })
		}
	}
	return r
}

// at reports whether r reads at a site.
func (r reader) at(s ident.Site) bool { return r.whole || slices.Contains(r.sites, s) }

// shares reports whether r reads at one of the sites of somebody.
func (r reader) shares(sites []ident.Site) bool { return r.whole || slices.ContainsFunc(sites, r.at) }

// act is the consultation of a report, for whoever may read it somewhere; into is who they are.
func act(by access.Actor, org ident.Org, n Name, verb string, into *reader) action.Act {
	a := action.Act{Verb: verb, Orgs: []ident.Org{org}, Object: org.String()}
	a.Resolve = func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		held, err := access.HeldBy(ctx, tx, by, org)
		if err != nil {
			return nil, err
		}
		if *into = readerOf(held, n); into.whole || len(into.sites) > 0 {
			return []access.Need{access.MemberOf(org)}, nil
		}
		for _, p := range needs[n] {
			if !held.HasAnywhere(p) {
				return []access.Need{access.At(p, access.OrgScope(org))}, nil
			}
		}
		return []access.Need{access.At(needs[n][len(needs[n])-1], access.OrgScope(org))}, nil
	}
	return a
}

// size is the number of lines of a page.
func size(asked int) (int, error) {
	switch {
	case asked == 0:
		return DefaultPage, nil
	case asked < 1 || asked > MaxPage:
		return 0, ErrQuery
	}
	return asked, nil
}

// MaxSearch and maxWords bound what is searched for: characters, and words.
const (
	MaxSearch = 100
	maxWords  = 8
)

func words(q string) ([]string, error) {
	if len([]rune(q)) > MaxSearch {
		return nil, fault.OnField("q", string(text.TooLong), "Max", MaxSearch)
	}
	list := text.FoldWords(q)
	if len(list) > maxWords {
		return nil, fault.OnField("q", "member.too_many_words", "Max", maxWords)
	}
	return list, nil
}

// Line is one right of one person.
type Line struct {
	Member   ident.Member
	Name     string // empty: erased
	Function string
	Known    bool // the reader may open their sheet
	Right    decision.Right
	LastUse  time.Time // of dormant rights; zero: none is known
}

// Kinds of rights, by which lines are narrowed.
const (
	KindRole       = "role"
	KindPermission = "permission"
	KindGroup      = "group"
)

// Kinds are all of them, in the order of the lines.
var Kinds = []string{
	KindRole, KindPermission, decision.TypeAgenda, decision.TypeMessagingProfile, decision.TypeIdentity, KindGroup,
}

// kindOf is the kind of a right.
func kindOf(r decision.Right) string {
	switch r.Kind {
	case decision.FactRole:
		return KindRole
	case decision.FactPermission:
		return KindPermission
	case decision.FactGroup:
		return KindGroup
	case decision.FactGrant, decision.FactHolder, decision.FactDelegation, decision.FactMembership, decision.FactSetting, decision.FactSite:
	}
	return r.Resource.Type
}

// Kind is the kind of right of a line.
func (l *Line) Kind() string { return kindOf(l.Right) }
