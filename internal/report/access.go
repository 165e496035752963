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
	"habilis/internal/resource"
	"habilis/internal/store"
)

// AccessQuery narrows who has access to what. What is empty narrows nothing.
type AccessQuery struct {
	At       time.Time // zero: now; of the future nothing is known
	Search   string    // words of a name
	Member   ident.Member
	Resource resource.ID
	Act      string // what may be done with Resource at least, as decisions call it
	Site     ident.Site
	Kind     string // one of Kinds
	After    string // cursor
	Size     int    // lines; 0: DefaultPage
}

// AccessList is one page of who has access to what, by name.
type AccessList struct {
	At           time.Time // the moment that it is about
	Lines        []Line
	Next         string // cursor of the page after; empty when there is none
	MemberName   string // of the person asked about
	ResourceName string // of the thing asked about
	Part         bool   // the reader reads at some sites only
}

// Access tells who had access to what at a moment, each right with its source, for whoever reads
// rights: of the sites where they do (AUZ-06). Errors: ErrQuery, fields "kind", "action", "q",
// decision.ErrMember, resource.ErrNotFound, access.ErrNotFound for a site, secret.ErrCursor.
func (r Reports) Access(ctx context.Context, by access.Actor, org ident.Org, q AccessQuery) (AccessList, error) {
	var who reader
	return action.View(ctx, r.Run, by, act(by, org, Access, verbAccess, &who), func(tx *store.Tx) (AccessList, error) {
		l := AccessList{Part: !who.whole}
		w, err := q.walk(ctx, tx, org, who, &l)
		if err != nil {
			return l, err
		}
		l.Lines, l.Next, err = r.page(ctx, tx, w, q.cursor(org), q.After, q.Size)
		return l, err
	})
}

// cursor is what a cursor is bound to: the moment is in it, so that pages are of one moment.
func (q AccessQuery) cursor(org ident.Org) string {
	return fmt.Sprintf("report.access|%s|%d|%q|%s|%s|%s|%s|%s", org, q.At.UnixMicro(), q.Search, q.Member, q.Resource, q.Act, q.Site, q.Kind)
}

// walk checks the query, and what it names, which the reader must be able to know of.
func (q AccessQuery) walk(ctx context.Context, tx *store.Tx, org ident.Org, who reader, l *AccessList) (*walk, error) {
	w := &walk{org: org, at: tx.Now, reader: who, member: q.Member, resource: q.Resource.String(), act: q.Act, site: q.Site, kind: q.Kind}
	if !q.At.IsZero() && q.At.Before(tx.Now) {
		w.at = q.At.UTC().Truncate(time.Microsecond)
	}
	l.At = w.at
	var err error
	if w.words, err = words(q.Search); err != nil {
		return nil, err
	}
	switch {
	case q.Kind != "" && !slices.Contains(Kinds, q.Kind):
		return nil, fault.OnField("kind", ErrQuery.Code)
	case q.Act != "" && (q.Resource == "" || !slices.Contains(decision.ActsOn(string(q.Resource.Type())), q.Act)):
		return nil, fault.OnField("action", "report.action")
	case !q.Site.IsZero() && !who.at(q.Site):
		return nil, access.ErrNotFound
	}
	if l.ResourceName, err = w.named(ctx, tx); err != nil || q.Member.IsZero() {
		return w, err
	}
	l.MemberName, err = w.called(ctx, tx)
	return w, err
}

// named gives the name of the thing asked about. Errors: resource.ErrNotFound for one of a site
// where the reader does not read.
func (w *walk) named(ctx context.Context, tx *store.Tx) (string, error) {
	if w.resource == "" {
		return "", nil
	}
	list, err := resource.Load(ctx, tx, w.org, []resource.ID{resource.ID(w.resource)})
	if err != nil {
		return "", err
	}
	if len(list) == 0 || !list[0].Site.IsZero() && !w.reader.at(list[0].Site) {
		return "", resource.ErrNotFound
	}
	return list[0].Name, nil
}

// called gives the name of the person asked about. Errors: decision.ErrMember for one who is, and
// was then, of no site where the reader reads.
func (w *walk) called(ctx context.Context, tx *store.Tx) (string, error) {
	name, found, err := nameOf(ctx, tx, w.org, w.member)
	if err != nil || !found {
		return "", orElse(err, decision.ErrMember)
	}
	if w.reader.whole {
		return name, nil
	}
	known, err := belonged(ctx, tx, w.org, w.member, w.reader.sites, w.at)
	if err == nil && !known {
		err = decision.ErrMember
	}
	return name, err
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// page reads the lines of one page, and the cursor of the next.
func (r Reports) page(ctx context.Context, tx *store.Tx, w *walk, name, after string, asked int) ([]Line, string, error) {
	most, err := size(asked)
	if err != nil {
		return nil, "", err
	}
	var from place
	if after != "" {
		if err := r.Run.Ring.OpenCursor(name, after, &from); err != nil {
			return nil, "", err
		}
	}
	var lines []Line
	var ends []place
	for done := false; !done && len(lines) <= most; {
		var some []Line
		var at []place
		if some, at, from, done, err = w.part(ctx, tx, from); err != nil {
			return nil, "", err
		}
		lines, ends = append(lines, some...), append(ends, at...)
	}
	if len(lines) <= most {
		return lines, "", nil
	}
	next, err := r.Run.Ring.Cursor(name, ends[most-1])
	return lines[:most:most], next, err
}
