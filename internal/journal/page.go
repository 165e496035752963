package journal

import (
	"cmp"
	"context"
	"slices"

	"habilis/internal/store"
)

// page finds one page: where its events stand, and how many there are in all.
func (f *finder) page(ctx context.Context, tx *store.Tx) (List, error) {
	if err := f.prepare(ctx, tx); err != nil || f.nothing {
		return List{First: 1}, err
	}
	spots, l, err := f.spots(ctx, tx)
	if err != nil {
		return List{}, err
	}
	if l.Events, err = f.events(ctx, tx, spots); err != nil {
		return List{}, err
	}
	return l, nil
}

// prepare reads what the query needs to know beforehand.
func (f *finder) prepare(ctx context.Context, tx *store.Tx) error {
	if f.nothing = f.nothing || !f.allows(f.asked.Site); f.nothing {
		return nil
	}
	if m := f.asked.Person; !m.IsZero() {
		var err error
		if f.account, _, err = accountOf(ctx, tx, f.org, m); err != nil {
			return err
		}
	}
	if f.asked.Actor != "" {
		p, err := f.parties(ctx, tx, []string{f.asked.Actor})
		if err != nil {
			return err
		}
		f.nothing = f.nothing || !p.of(f.asked.Actor)
	}
	return f.search(ctx, tx)
}

// spots chooses the events of the page, with the totals and the cursors.
func (f *finder) spots(ctx context.Context, tx *store.Tx) ([]spot, List, error) {
	l := List{First: f.at.First}
	var list []spot
	var err error
	if f.numbered() {
		list, l.Total, err = f.among(ctx, tx)
	} else if list, err = f.merged(ctx, tx, f.size+1); err == nil {
		l.Total, l.More, err = f.total(ctx, tx)
	}
	if err != nil {
		return nil, l, err
	}
	further := len(list) > f.size
	list = list[:min(len(list), f.size)]
	if f.at.Up {
		slices.Reverse(list)
		l.First = max(1, f.at.First-int64(len(list)))
		if !further {
			l.First = 1
		}
	}
	if seen := l.First - 1 + int64(len(list)); l.Total <= seen {
		l.Total, l.More = max(l.Total, seen), l.More && further && !f.at.Up
	}
	err = f.cursors(&l, list, further)
	return list, l, err
}

// cursors writes where the pages before and after this one begin.
func (f *finder) cursors(l *List, list []spot, further bool) error {
	if len(list) == 0 {
		return nil
	}
	var err error
	first, last := list[0], list[len(list)-1]
	older := further
	newer := !f.at.At.IsZero() && !f.at.Up // it began after something
	if f.at.Up {
		older, newer = true, further
	}
	if older {
		if l.Next, err = f.ring.Cursor(f.name(), place{At: last.at, Seq: last.seq, First: l.First + int64(len(list))}); err != nil {
			return err
		}
	}
	if newer {
		l.Previous, err = f.ring.Cursor(f.name(), place{At: first.at, Seq: first.seq, First: l.First, Up: true})
	}
	return err
}

// after is where the page begins, or nil at the start of the list.
func (f *finder) after() *place {
	if f.at.At.IsZero() {
		return nil
	}
	return &f.at
}

// merged takes the next events of every branch, in order.
func (f *finder) merged(ctx context.Context, tx *store.Tx, limit int) ([]spot, error) {
	var all []spot
	branches := f.branches()
	for _, b := range branches {
		few, err := f.fewMembers(ctx, tx, b)
		if err != nil {
			return nil, err
		}
		list, err := spotsOf(ctx, tx, f, b, f.after(), limit, few)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	if len(branches) > 1 {
		slices.SortFunc(all, f.order)
	}
	return all[:min(len(all), limit)], nil
}

// order compares two places in the direction of the page.
func (f *finder) order(a, b spot) int {
	n := cmp.Or(b.at.Compare(a.at), cmp.Compare(b.seq, a.seq))
	if f.at.Up {
		return -n
	}
	return n
}

// fewMembers reports whether the events about the members of the reader's sites are
// so few that they are gathered first and ordered after.
func (f *finder) fewMembers(ctx context.Context, tx *store.Tx, b branch) (bool, error) {
	if b.membersAt == nil || b.subject != "" || b.object != "" || f.numbered() {
		return false, nil
	}
	if f.few == nil { // the same for the page and its total: the sites are the reader's
		looked, _, err := countOf(ctx, tx, f, branch{membersAt: b.membersAt}, true, MaxExactTotal+1)
		if err != nil {
			return false, err
		}
		few := looked <= MaxExactTotal
		f.few = &few
	}
	return *f.few, nil
}

// maxAsked is how many events are looked at for a total where each must be asked whether
// its member belongs to the reader's sites: two look-ups instead of one.
const maxAsked = MaxExactTotal / 2

// total counts the events, exactly where no more than MaxExactTotal of a branch must be
// looked at. Those that a search of common words finds are not counted: there are more
// than were seen.
func (f *finder) total(ctx context.Context, tx *store.Tx) (total int64, more bool, err error) {
	if f.found != nil {
		return f.totalOfScan(), true, nil
	}
	for _, b := range f.branches() {
		few, err := f.fewMembers(ctx, tx, b)
		if err != nil {
			return 0, false, err
		}
		most := int64(MaxExactTotal)
		if b.membersAt != nil && !few {
			most = maxAsked
		}
		looked, n, err := countOf(ctx, tx, f, b, few, most+1)
		if err != nil {
			return 0, false, err
		}
		more = more || looked > most
		if total += n; total > MaxExactTotal {
			return MaxExactTotal, true, nil
		}
	}
	return total, more, nil
}

// totalOfScan is what is known without counting: a search alone, of words that one
// name holds, finds more than MaxExactTotal.
func (f *finder) totalOfScan() int64 {
	q := f.asked
	q.Search, q.After, q.Size = "", "", 0
	alone := f.whole && f.self.IsZero() && f.from.IsZero() && f.until.IsZero() && len(f.verbs) == 0 && q.empty() && len(f.found.groups) == 1
	if alone {
		return MaxExactTotal
	}
	return 0
}

// empty reports whether nothing narrows the query.
func (q Query) empty() bool {
	return q.Actor == "" && q.Person.IsZero() && q.Subject.IsZero() && q.Object == "" && len(q.Verbs) == 0 && q.Kind == "" &&
		q.Site.IsZero() && q.Outcome == "" && q.From == "" && q.Until == "" && q.Search == ""
}

// among takes the page from the few events that mention the words; the total is exact.
func (f *finder) among(ctx context.Context, tx *store.Tx) ([]spot, int64, error) {
	all, err := f.chosen(ctx, tx)
	if err != nil {
		return nil, 0, err
	}
	slices.SortFunc(all, f.order)
	total := int64(len(all))
	if after := f.after(); after != nil {
		from := spot{at: after.At, seq: after.Seq}
		i, _ := slices.BinarySearchFunc(all, from, f.order)
		for i < len(all) && f.order(all[i], from) <= 0 {
			i++
		}
		all = all[i:]
	}
	return all[:min(len(all), f.size+1)], total, nil
}

// chosen gives those of the found events that the rest of the query lets through.
func (f *finder) chosen(ctx context.Context, tx *store.Tx) ([]spot, error) {
	var all []spot
	for _, b := range f.branches() {
		for part := range slices.Chunk(f.found.seqs, seqsAtOne) {
			list, err := spotsAmong(ctx, tx, f, b, part)
			if err != nil {
				return nil, err
			}
			all = append(all, list...)
		}
	}
	return all, nil
}
