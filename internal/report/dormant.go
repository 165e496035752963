package report

import (
	"context"
	"fmt"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/decision"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// DormantQuery narrows which rights nobody uses. What is empty narrows nothing.
type DormantQuery struct {
	Search string
	Site   ident.Site
	Kind   string
	After  string
	Size   int
}

// DormantList is one page of the rights that nobody uses, by name of whoever has them.
type DormantList struct {
	Lines  []Line
	Next   string
	Since  time.Time // from when uses are known
	Before time.Time // what was given and last used before it is dormant
	Part   bool
	// Early says that uses are known for less than UnusedFor: nothing can be told yet.
	Early bool
}

// Ready is when the report tells something: uses are known for long enough.
func (l *DormantList) Ready() time.Time { return l.Since.Add(UnusedFor) }

// Dormant tells the rights that were given UnusedFor ago or before and not used since, for whoever
// reads rights, of the sites where they do. What somebody holds is theirs, and is left out. Errors:
// those of Access.
func (r Reports) Dormant(ctx context.Context, by access.Actor, org ident.Org, q DormantQuery) (DormantList, error) {
	var who reader
	return action.View(ctx, r.Run, by, act(by, org, Dormant, verbDormant, &who), func(tx *store.Tx) (DormantList, error) {
		l := DormantList{Part: !who.whole}
		w, err := q.walk(ctx, tx, org, who, &l)
		if err != nil || l.Early {
			return l, err
		}
		name := fmt.Sprintf("report.dormant|%s|%q|%s|%s", org, q.Search, q.Site, q.Kind)
		l.Lines, l.Next, err = r.page(ctx, tx, w, name, q.After, q.Size)
		return l, err
	})
}

func (q DormantQuery) walk(ctx context.Context, tx *store.Tx, org ident.Org, who reader, l *DormantList) (*walk, error) {
	w := &walk{org: org, at: tx.Now, reader: who, site: q.Site, kind: q.Kind, unused: tx.Now.Add(-UnusedFor)}
	l.Before = w.unused
	var err error
	if w.words, err = words(q.Search); err != nil {
		return nil, err
	}
	switch {
	case q.Kind != "" && !slices.Contains(Kinds, q.Kind):
		return nil, fault.OnField("kind", ErrQuery.Code)
	case !q.Site.IsZero() && !who.at(q.Site):
		return nil, access.ErrNotFound
	}
	known, err := decision.LastUses(ctx, tx, org, nil)
	l.Since, l.Early = known.Since, known.Since.After(w.unused)
	return w, err
}
