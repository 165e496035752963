package workitem

import (
	"cmp"
	"context"
	"slices"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// total is how many items an organisation has, and the number of the last one made.
type total struct{ items, lastNo int64 }

func readTotal(ctx context.Context, tx *store.Tx, org ident.Org) (total, error) {
	t, _, err := store.One(ctx, tx, func(s store.Scan) (total, error) {
		var t total
		return t, s(&t.items, &t.lastNo)
	}, `select items, last_no from work_item_total where org_id = $1`, org)
	return t, err
}

func writeTotal(ctx context.Context, tx *store.Tx, org ident.Org, t total) error {
	_, err := tx.Exec(ctx, `
		insert into work_item_total (org_id, items, last_no) values ($1, $2, $3)
		on conflict (org_id) do update set items = excluded.items, last_no = excluded.last_no`, org, t.items, t.lastNo)
	return err
}

// tally is by how much the numbers of open items change.
type tally map[holder]int64

type holder struct {
	owner ident.Member
	kind  Kind
}

// add counts an item n times, if it is open.
func (t tally) add(i Item, n int64) {
	if i.State == Open {
		t[holder{i.Owner, i.Kind}] += n
	}
}

func (t tally) write(ctx context.Context, tx *store.Tx, org ident.Org) error {
	list := make([]holder, 0, len(t))
	for h, n := range t {
		if n != 0 {
			list = append(list, h)
		}
	}
	slices.SortFunc(list, func(a, b holder) int { return cmp.Or(cmp.Compare(a.owner, b.owner), cmp.Compare(a.kind, b.kind)) })
	return store.InsertAll(ctx, tx, list, `insert into work_item_count (org_id, owner_id, kind, items) values ($1, $2, $3, $4)`,
		` on conflict (org_id, owner_id, kind) do update set items = work_item_count.items + excluded.items`,
		func(h *holder) []any { return []any{org, h.owner, h.kind, t[*h]} })
}

// openItems are the numbers of open items of a member, by kind.
func openItems(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Member) (map[Kind]int64, error) {
	numbers := map[Kind]int64{}
	err := store.Each(ctx, tx, func(s store.Scan) error {
		var k Kind
		var n int64
		err := s(&k, &n)
		numbers[k] = n
		return err
	}, `select kind, items from work_item_count where org_id = $1 and owner_id = $2`, org, owner)
	return numbers, err
}
