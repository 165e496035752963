package resource

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Bounds of a list.
const (
	DefaultPageSize = 20
	MaxPageSize     = 100
	MaxPageNo       = 1_000_000 // of any list: beyond is a mistake
	MaxSearch       = 200       // code points of a search
)

// Any is the status of a query for active and closed resources alike.
const Any Status = "all"

// Statuses are those that a query may name; Active is the one of a query that names none.
var Statuses = []Status{Active, Closed, Any}

// Query is the state of a list: filters and place.
type Query struct {
	Type   Type
	Search string // words of the name, the detail or the address
	Site   ident.Site
	Whole  bool // only what belongs to the whole organisation; Site is then ignored
	Kind   Kind
	Holder ident.Member
	Status Status
	Page   int // from 1, for the web
	Size   int
	After  string // cursor, for the API; Page is then ignored
}

// Page is one page of resources, by name, with the exact total of the query.
type Page struct {
	Rows   []Resource
	Total  int64
	Next   string // cursor, empty at the end
	Counts Counts // of the query in each status
}

// Counts are the numbers on the tabs.
type Counts struct{ Active, Closed int64 }

// finder is a query that was checked, with what it may find.
type finder struct {
	Query
	org     ident.Org
	words   []string
	nothing bool // a search such as "%%%", which no name can match
	after   *spot
	sight   Sight
}

// spot is where a page ended.
type spot struct {
	Key string `json:"k"`
	ID  ID     `json:"i"`
}

// List gives one page of the resources of a type that the actor may know of. Errors:
// ErrQuery for what no list offers, fields to correct, secret.ErrCursor.
func (r Resources) List(ctx context.Context, by access.Actor, in ident.Org, q Query) (Page, error) {
	act := action.Act{Verb: "resource.list", Orgs: []ident.Org{in}, Object: in.String()}
	var held access.Held
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		held, err = access.HeldBy(ctx, tx, by, in)
		return []access.Need{mayRead(held)}, err
	}
	return action.View(ctx, r.Run, by, act, func(tx *store.Tx) (Page, error) {
		f, err := r.finder(in, q)
		if err != nil || f.nothing {
			return Page{}, err
		}
		f.sight = See(held)
		return r.page(ctx, tx, &f)
	})
}

func (r Resources) finder(in ident.Org, q Query) (finder, error) {
	f := finder{Query: q, org: in}
	f.Size, f.Page = max(f.Size, 0), max(f.Page, 0)
	if f.Size == 0 {
		f.Size = DefaultPageSize
	}
	if f.Page == 0 {
		f.Page = 1
	}
	if f.Status == "" {
		f.Status = Active
	}
	if err := f.known(); err != nil {
		return f, err
	}
	if utf8.RuneCountInString(q.Search) > MaxSearch {
		return f, fault.OnField("q", string(text.TooLong), "Max", MaxSearch)
	}
	f.words = text.FoldWords(q.Search)
	f.nothing = len(f.words) == 0 && strings.TrimSpace(q.Search) != ""
	if f.After == "" {
		return f, nil
	}
	f.after = &spot{}
	return f, r.Run.Ring.OpenCursor(f.name(), f.After, f.after)
}

// known refuses what no list offers: it does not come from our pages.
func (f *finder) known() error {
	bad := ""
	switch {
	case !slices.Contains(Types, f.Type):
		bad = "type"
	case f.Kind != "" && !slices.Contains(Kinds(f.Type), f.Kind):
		bad = "kind"
	case !slices.Contains(Statuses, f.Status):
		bad = "status"
	case f.Size > MaxPageSize:
		bad = "size"
	case f.Page > MaxPageNo:
		bad = "page"
	}
	if bad == "" {
		return nil
	}
	return ErrQuery.With("Name", bad)
}

// name is what a cursor is bound to: the list with its filters.
func (f *finder) name() string {
	return fmt.Sprintf("resources|%s|%s|%q|%s|%t|%s|%s|%s", f.org, f.Type, f.words, f.Site, f.Whole, f.Kind, f.Holder, f.Status)
}

func (f *finder) offset() int {
	if f.after != nil {
		return 0
	}
	return (f.Page - 1) * f.Size
}

func (r Resources) page(ctx context.Context, tx *store.Tx, f *finder) (Page, error) {
	by, err := countStatuses(ctx, tx, f)
	if err != nil {
		return Page{}, err
	}
	p := Page{Counts: Counts{Active: by[Active], Closed: by[Closed]}, Total: by[f.Status]}
	if f.Status == Any {
		p.Total = by[Active] + by[Closed]
	}
	found, err := findPage(ctx, tx, f)
	if err != nil {
		return Page{}, err
	}
	if len(found) > f.Size {
		found = found[:f.Size]
		last := found[f.Size-1]
		if p.Next, err = r.Run.Ring.Cursor(f.name(), spot{Key: text.SortKey(last.Name), ID: last.ID}); err != nil {
			return Page{}, err
		}
	}
	p.Rows = found
	return p, f.sight.hideHolders(ctx, tx, f.org, found)
}
