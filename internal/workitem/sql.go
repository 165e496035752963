package workitem

import (
	"context"
	"slices"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// blockFind is how many names are looked for at once: SQLite binds the arguments of one
// statement in a time that grows with the square of their number.
const blockFind = 200

const selectItem = `
	select i.no, i.source, i.external_id, i.kind, i.title, i.owner_id, coalesce(i.site_id, ''), i.due_at, i.state, i.version, i.created_at,
		i.changed_at, i.detached_at is not null
	from work_item i
	where i.org_id = $1`

func scanItem(org ident.Org) func(store.Scan) (Item, error) {
	return func(s store.Scan) (Item, error) {
		i := Item{Org: org}
		var due time.Time
		var detached bool
		err := s(&i.No, &i.Source, &i.External, &i.Kind, &i.Title, &i.Owner, &i.Site, &due, &i.State, &i.Version, &i.CreatedAt, &i.ChangedAt,
			&detached)
		if detached && i.State == Open {
			i.State = Detached
		}
		if due.Before(dateless) {
			i.Due = &due
		}
		return i, err
	}
}

// findAll reads the items of these names that are there.
func findAll(ctx context.Context, tx *store.Tx, org ident.Org, refs []Ref) (map[Ref]Item, error) {
	found := make(map[Ref]Item, len(refs))
	bySource := map[string][]string{}
	for _, r := range refs {
		bySource[r.Source] = append(bySource[r.Source], r.External)
	}
	for source, names := range bySource {
		for block := range slices.Chunk(names, blockFind) {
			var args store.Args
			args.Add(org)
			list, err := store.All(ctx, tx, scanItem(org),
				selectItem+` and i.source = `+args.Add(source)+` and i.external_id in `+store.In(&args, block), args.List()...)
			if err != nil {
				return nil, err
			}
			for _, i := range list {
				found[i.Ref] = i
			}
		}
	}
	return found, nil
}

// byNumber reads items by their numbers.
func byNumber(ctx context.Context, tx *store.Tx, org ident.Org, numbers []int64) ([]Item, error) {
	var found []Item
	for block := range slices.Chunk(numbers, blockFind) {
		var args store.Args
		args.Add(org)
		list, err := store.All(ctx, tx, scanItem(org), selectItem+` and i.no in `+store.In(&args, block), args.List()...)
		if err != nil {
			return nil, err
		}
		found = append(found, list...)
	}
	return found, nil
}

// place is where a page ended.
type place struct {
	Kind Kind      `json:"k"`
	Due  time.Time `json:"d"`
	No   int64     `json:"n"`
}

// selectHeld reads what a member holds of one kind, in the order of its index: $4 is from
// which date on it is held.
const selectHeld = selectItem + ` and i.owner_id = $2 and i.kind = $3 and i.due_at >= $4 and i.state = 'open' and i.detached_at is null`

func listHeld(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Member, k Kind, after *place, limit, offset int,
) ([]Item, error) {
	var args store.Args
	for _, v := range []any{org, owner, k, k.since(tx.Now)} {
		args.Add(v)
	}
	query := selectHeld
	if after != nil {
		query += ` and (i.due_at, i.no) > (` + args.Add(after.Due) + `, ` + args.Add(after.No) + `)`
	}
	query += ` order by i.due_at, i.no limit ` + args.Add(limit) + ` offset ` + args.Add(offset)
	return store.All(ctx, tx, scanItem(org), query, args.List()...)
}

// What is counted of one kind by its dates: those that come, those that are late, up to
// MaxLate.
const (
	countFrom = `
		select count(*) from work_item where org_id = $1 and owner_id = $2 and kind = $3 and due_at >= $4 and state = 'open'
			and detached_at is null`
	countBefore = `
		select count(*) from (
			select 1 from work_item where org_id = $1 and owner_id = $2 and kind = $3 and due_at < $4 and state = 'open' limit 1000) late`
)

func countDated(ctx context.Context, tx *store.Tx, query string, org ident.Org, owner ident.Member, k Kind) (n int64, err error) {
	err = tx.QueryRow(ctx, query, org, owner, k, tx.Now).Scan(&n)
	return n, err
}

func insert(ctx context.Context, tx *store.Tx, items []Item) error {
	return store.InsertAll(ctx, tx, items, `
		insert into work_item (org_id, no, source, external_id, kind, title, owner_id, site_id, due_at, state, version, created_at, changed_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`, "", func(v *Item) []any {
		return []any{
			v.Org, v.No, v.Source, v.External, v.Kind, v.Title, v.Owner, siteOrNone(v.Site), dueOf(v.Due), v.State, v.Version,
			v.CreatedAt, v.ChangedAt,
		}
	})
}

// siteOrNone writes no site as null, which refers to none.
func siteOrNone(s ident.Site) any {
	if s.IsZero() {
		return nil
	}
	return s
}

func update(ctx context.Context, tx *store.Tx, v Item) error {
	_, err := tx.Exec(ctx, `
		update work_item set kind = $3, title = $4, owner_id = $5, site_id = $6, due_at = $7, state = $8, version = $9, changed_at = $10,
			detached_at = case when $11 then detached_at end
		where org_id = $1 and no = $2`,
		v.Org, v.No, v.Kind, v.Title, v.Owner, siteOrNone(v.Site), dueOf(v.Due), v.kept(), v.Version, v.ChangedAt, v.State == Detached)
	return err
}

// move gives items to another member.
func move(ctx context.Context, tx *store.Tx, org ident.Org, to ident.Member, items []Item) error {
	for block := range slices.Chunk(items, blockFind) {
		var args store.Args
		for _, v := range []any{org, to, tx.Now} {
			args.Add(v)
		}
		numbers := make([]int64, len(block))
		for i := range block {
			numbers[i] = block[i].No
		}
		if _, err := tx.Exec(ctx, `
			update work_item set owner_id = $2, version = version + 1, changed_at = $3 where org_id = $1 and no in `+store.In(&args, numbers),
			args.List()...); err != nil {
			return err
		}
	}
	return nil
}

// kept is the state as its column has it: what is detached is open.
func (d Details) kept() State {
	if d.State == Detached {
		return Open
	}
	return d.State
}

func remove(ctx context.Context, tx *store.Tx, v Item) error {
	if _, err := tx.Exec(ctx, `delete from work_item where org_id = $1 and no = $2`, v.Org, v.No); err != nil {
		return err
	}
	total, err := readTotal(ctx, tx, v.Org)
	if err != nil {
		return err
	}
	total.items--
	if err := writeTotal(ctx, tx, v.Org, total); err != nil {
		return err
	}
	counts := tally{}
	counts.add(v, -1)
	return counts.write(ctx, tx, v.Org)
}
