package changeset

import (
	"context"
	"slices"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// Where is the part of an organisation in which somebody may read something.
type Where struct {
	Whole bool
	Sites []ident.Site
}

// At reports whether a place is in it; the whole organisation is a place of its own.
func (w Where) At(site ident.Site) bool { return w.Whole || slices.Contains(w.Sites, site) }

// Sight is which lines somebody may know of. Resources stand where they are today.
type Sight struct {
	Rights      Where // levels, roles, permissions, sites
	Delegations Where
	Groups      bool  // they are of the whole organisation
	Members     Where // of groups, the members told
	Self        ident.Member
}

// whole reports whether every line may be known of.
func (s Sight) whole() bool {
	return s.Rights.Whole && s.Delegations.Whole && s.Groups && s.Members.Whole
}

// Query chooses among the change sets of an organisation.
type Query struct {
	Sight  Sight
	Member ident.Member // with a line about them
	Object string       // with a line about it
	After  *Spot        // begin after it
	Limit  int
	Offset int
}

// Spot is where a page ended.
type Spot struct {
	At time.Time
	ID ident.ChangeSet
}

// Counts are how many lines of a set, of how many people, about how many things.
type Counts struct{ Lines, People, Things int }

// Total counts the sets that a query finds.
func Total(ctx context.Context, tx *store.Tx, in ident.Org, q Query) (int64, error) {
	return countSets(ctx, tx, in, q)
}

// List reads the sets that a query finds, the latest first.
func List(ctx context.Context, tx *store.Tx, in ident.Org, q Query) ([]Set, error) {
	return findSets(ctx, tx, in, q)
}

// Count counts, of some sets, the lines that a query finds, by set and domain.
func Count(ctx context.Context, tx *store.Tx, in ident.Org, q Query, ids []ident.ChangeSet) (map[ident.ChangeSet]Counted, error) {
	return countLines(ctx, tx, in, q, ids)
}

// Counted are the counts of a set, of all and by domain.
type Counted struct {
	Counts
	ByDomain map[Domain]int // lines; of records, how many records
}
