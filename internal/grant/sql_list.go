package grant

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// lines says which lines of the set c the query is about: of what the reader may know.
func (f *setFinder) lines(args *store.Args) string {
	cond := ``
	if !f.whole {
		cond += ` and s.site_id in ` + store.In(args, f.sites)
	}
	if f.Member != "" {
		cond += ` and l.member_id = ` + args.Add(f.Member)
	}
	if f.Resource != "" {
		cond += ` and l.resource_id = ` + args.Add(f.Resource)
	}
	return cond
}

// having keeps the sets with such a line.
func (f *setFinder) having(args *store.Args) string {
	if f.whole && f.Member == "" && f.Resource == "" {
		return ``
	}
	return ` and exists (
		select 1 from change_line l
		join resource_state s on s.org_id = l.org_id and s.resource_id = l.resource_id and s.known_until is null
		where l.org_id = $1 and l.change_set_id = c.id` + f.lines(args) + `)`
}

func countSets(ctx context.Context, tx *store.Tx, f *setFinder) (n int64, err error) {
	var args store.Args
	args.Add(f.org)
	query := `select count(*) from change_set c where c.org_id = $1` + f.having(&args)
	err = tx.QueryRow(ctx, query, args.List()...).Scan(&n)
	return n, err
}

// findSets reads one more than a page, to tell whether there is another.
func findSets(ctx context.Context, tx *store.Tx, f *setFinder) ([]storedSet, error) {
	var args store.Args
	args.Add(f.org)
	query := selectSets + f.having(&args)
	if f.after != nil {
		query += ` and (c.made_at, c.id) < (` + args.Add(f.after.At) + `, ` + args.Add(f.after.ID) + `)`
	}
	query += ` order by c.made_at desc, c.id desc limit ` + args.Add(f.Size+1) + ` offset ` + args.Add((f.Page-1)*f.Size)
	return store.All(ctx, tx, scanSet, query, args.List()...)
}

// countLines fills the counts of the sets of a page.
func countLines(ctx context.Context, tx *store.Tx, f *setFinder, sets []ChangeSet) error {
	var args store.Args
	args.Add(f.org)
	ids := make([]ident.ChangeSet, len(sets))
	at := map[ident.ChangeSet]int{}
	for i, c := range sets {
		ids[i], at[c.ID] = c.ID, i
	}
	query := `
		select l.change_set_id, count(*), count(distinct l.member_id), count(distinct l.resource_id)
		from change_line l
		join resource_state s on s.org_id = l.org_id and s.resource_id = l.resource_id and s.known_until is null
		where l.org_id = $1`
	query += f.lines(&args) + ` and l.change_set_id in ` + store.In(&args, ids) + ` group by l.change_set_id`
	return store.Each(ctx, tx, func(s store.Scan) error {
		var id ident.ChangeSet
		var lines, people, things int
		err := s(&id, &lines, &people, &things)
		c := &sets[at[id]]
		c.Changes, c.People, c.Resources = lines, people, things
		return err
	}, query, args.List()...)
}
