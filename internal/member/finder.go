package member

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Sorts, Listed are what a query may name (INJ-04).
var (
	Sorts  = []Sort{ByName, ByLastSignIn, ByCreation}
	Listed = []Status{PendingApproval, Created, Active, Deactivated}
)

// finder is a query that was checked, with whom it may find.
type finder struct {
	Query
	ring     *secret.Ring
	org      ident.Org
	search   []string // words
	keywords []string
	nothing  bool // a search such as "%%%", which nobody's name can match
	after    *spot

	within   []ident.Site // the viewer's sites; nil: the whole organisation
	sight    org.Sight    // where the viewer may know of a right
	admin    ident.Role   // the built-in administrator role
	granting []ident.Role // the roles that hold the wanted permission
	singly   bool         // somebody was given it without a role
	now      time.Time    // of the transaction
}

// spot is where a member stands in the order of a list.
type spot struct {
	Key string       `json:"k,omitempty"`
	At  time.Time    `json:"t,omitzero"`
	ID  ident.Member `json:"i"`
}

func newFinder(ring *secret.Ring, in ident.Org, q Query) (finder, error) {
	f := finder{Query: q, ring: ring, org: in}
	f.Sort = or(f.Sort, ByName)
	f.Size = or(f.Size, DefaultPageSize)
	f.Page = or(f.Page, 1)
	if err := f.known(); err != nil {
		return f, err
	}
	if err := f.read(); err != nil {
		return f, err
	}
	if f.After != "" {
		f.after = &spot{}
		return f, ring.OpenCursor(f.name(), f.After, f.after)
	}
	return f, nil
}

// known refuses what no list offers: it does not come from our pages.
func (f *finder) known() error {
	bad := ""
	switch {
	case !slices.Contains(Sorts, f.Sort):
		bad = "sort"
	case f.Size < 1 || f.Size > MaxPageSize:
		bad = "size"
	case f.Page < 1 || f.Page > MaxPage:
		bad = "page"
	case f.Function != "" && !slices.Contains(Functions, f.Function):
		bad = "function"
	case f.Permission != "" && !access.Known(f.Permission):
		bad = "permission"
	case f.Verification != "" && !slices.Contains(Verifications, f.Verification):
		bad = "verification"
	case slices.ContainsFunc(f.Statuses, func(s Status) bool { return !slices.Contains(Listed, s) }):
		bad = "status"
	}
	if bad != "" {
		return ErrQuery.With("Name", bad)
	}
	return nil
}

// read makes the words to look for. The search is bounded: each word is looked
// for in every name (INJ-07).
func (f *finder) read() error {
	var fields fault.Fields
	f.search = f.words(&fields, "q", f.Search)
	f.keywords = f.words(&fields, "keyword", f.Keyword)
	return fields.Err()
}

func (f *finder) words(fields *fault.Fields, at, typed string) []string {
	if utf8.RuneCountInString(typed) > MaxQuery {
		fields.Add(at, string(text.TooLong), "Max", MaxQuery)
		return nil
	}
	words := joinNumber(text.FoldWords(typed))
	slices.Sort(words)
	words = slices.Compact(words)
	if len(words) > MaxWords {
		fields.Add(at, "member.too_many_words", "Max", MaxWords)
	}
	if len(words) == 0 && strings.TrimSpace(typed) != "" {
		f.nothing = true
	}
	return words
}

// joinNumber makes one word of a number written in groups: «99 700 004 122».
func joinNumber(words []string) []string {
	whole := strings.Join(words, "")
	if whole == "" || strings.Trim(whole, "0123456789") != "" {
		return words
	}
	return []string{whole}
}

// name is what a cursor is bound to: the list with its filters and order.
func (f *finder) name() string {
	statuses := slices.Clone(f.Statuses)
	slices.Sort(statuses)
	return fmt.Sprintf("members|%s|%q|%q|%s|%s|%q|%s|%s|%s|%t|%s|%t", f.org, f.search, f.keywords, f.Role, f.Permission, statuses,
		f.Verification, f.Site, f.Function, f.Admin, f.Sort, f.Descending)
}

// plain reports whether nothing but the statuses filters.
func (f *finder) plain() bool {
	return len(f.search) == 0 && len(f.keywords) == 0 && f.Role == "" && f.Permission == "" && f.Site == "" && f.Function == "" && !f.Admin &&
		f.Verification == ""
}

// tabs gives the numbers of the tabs, which no filter changes: the viewer's whole
// scope; and those of each status.
func (f *finder) tabs(ctx context.Context, tx *store.Tx) (c Counts, byStatus map[Status]int64, err error) {
	if byStatus, err = countStatuses(ctx, tx, f); err != nil {
		return c, nil, err
	}
	c.Active, c.Deactivated = byStatus[Active], byStatus[Deactivated]
	c.Pending = byStatus[Created] + byStatus[PendingApproval]
	c.All = c.Active + c.Pending + c.Deactivated
	c.Administrators, err = countAdministrators(ctx, tx, f)
	return c, byStatus, err
}

// total counts what the query finds; what the tabs count already is not counted again.
func (f *finder) total(ctx context.Context, tx *store.Tx, byStatus map[Status]int64) (n int64, err error) {
	if !f.plain() {
		return countFound(ctx, tx, f)
	}
	for _, s := range f.statuses() {
		n += byStatus[s]
	}
	return n, nil
}

func (f *finder) statuses() []Status {
	if len(f.Statuses) == 0 {
		return Listed
	}
	return f.Statuses
}

// fewMembers is up to how many members found are chosen first and ordered after:
// below it, following the order until they are met would read all the others.
const fewMembers = 2_000

// eachMembers is up to how many members the order is followed while looking up the
// sites and rights of each; beyond, listing beforehand all who have them costs less.
const eachMembers = 5_000

// eachWithin is the same for whoever sees the members of some sites, counted in lines of
// the list: a few times as many members are met.
const eachWithin = 500

// stretch is a part of a list: in which direction, from where, how many lines, and
// how it is best found.
type stretch struct {
	descending    bool
	offset, limit int64
	few, each     bool
}

// find gives the spots of a page, and one more when others follow. A page of the
// second half is reached from the end.
func (f *finder) find(ctx context.Context, tx *store.Tx, all, total int64) ([]spot, error) {
	at := stretch{few: total <= fewMembers, descending: f.Descending, limit: int64(f.Size) + 1}
	if f.after != nil {
		at.each = at.meets(all, total)
		return findSpots(ctx, tx, f, at)
	}
	if at.offset = int64(f.Page-1) * int64(f.Size); at.offset >= total {
		return nil, nil
	}
	backwards := at.offset > total/2
	if backwards {
		end := min(at.offset+at.limit, total)
		at.descending, at.limit, at.offset = !at.descending, end-at.offset, total-end
	}
	at.each = at.meets(all, total)
	if f.within != nil { // all counts the viewer's members only: how many others stand between is not known
		at.each = at.each && at.offset+at.limit <= eachWithin
		at.few = at.few || !at.each
	}
	found, err := findSpots(ctx, tx, f, at)
	if backwards {
		slices.Reverse(found)
	}
	return found, err
}

// meets guesses whether following the order to the end of the stretch meets few
// enough members, found or not: those found are taken to stand evenly among all.
func (at stretch) meets(all, total int64) bool {
	return !at.few && (at.offset+at.limit)*all/total <= eachMembers
}
