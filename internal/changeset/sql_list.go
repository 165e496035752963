package changeset

import (
	"context"
	"strings"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// fromLines are lines with the resource that they are about, if any, as it stands today.
const fromLines = `
	from change_line l
	left join resource_state s on s.org_id = l.org_id and s.resource_id = l.object and s.known_until is null
		and l.domain in ('level', 'delegation')
	where l.org_id = $1`

// in keeps to the lines at the places of w, of which column is the site.
func (w Where) in(args *store.Args, column string) string {
	switch {
	case w.Whole:
		return ``
	case len(w.Sites) == 0:
		return ` and 1 = 0`
	}
	return ` and ` + column + ` in ` + store.In(args, w.Sites)
}

// lines says which lines a query is about: of what one may know.
func (q Query) lines(args *store.Args) string {
	cond := ``
	if q.Member != "" {
		cond += ` and l.member_id = ` + args.Add(q.Member)
	}
	if q.Object != "" {
		cond += ` and l.object = ` + args.Add(q.Object)
	}
	if q.Sight.whole() {
		return cond
	}
	v := q.Sight
	known := []string{
		`l.domain = 'level'` + v.Rights.in(args, `s.site_id`),
		`l.domain in ('role', 'permission', 'site')` + v.Rights.in(args, `l.site_id`),
		`l.domain = 'delegation'` + v.Delegations.in(args, `s.site_id`),
	}
	if v.Groups {
		known = append(known, `l.domain = 'group_record'`, `l.domain = 'group_member'`+v.people(args))
	}
	return cond + ` and (` + strings.Join(known, ` or `) + `)`
}

// people keeps to the members whom one may know of.
func (s Sight) people(args *store.Args) string {
	if s.Members.Whole {
		return ``
	}
	self := `l.member_id = ` + args.Add(s.Self)
	if len(s.Members.Sites) == 0 {
		return ` and ` + self
	}
	return ` and (` + self + ` or exists (select 1 from member_site b where b.org_id = l.org_id and b.member_id = l.member_id
		and b.known_until is null and b.site_id in ` + store.In(args, s.Members.Sites) + `))`
}

// having keeps the sets with such a line.
func (q Query) having(args *store.Args) string {
	if q.Sight.whole() && q.Member == "" && q.Object == "" {
		return ``
	}
	return ` and exists (select 1` + fromLines + ` and l.change_set_id = c.id` + q.lines(args) + `)`
}

func countSets(ctx context.Context, tx *store.Tx, in ident.Org, q Query) (n int64, err error) {
	var args store.Args
	args.Add(in)
	query := `select count(*) from change_set c where c.org_id = $1` + q.having(&args)
	err = tx.QueryRow(ctx, query, args.List()...).Scan(&n)
	return n, err
}

func findSets(ctx context.Context, tx *store.Tx, in ident.Org, q Query) ([]Set, error) {
	var args store.Args
	args.Add(in)
	query := selectSets + q.having(&args)
	if q.After != nil {
		query += ` and (c.made_at, c.id) < (` + args.Add(q.After.At) + `, ` + args.Add(q.After.ID) + `)`
	}
	query += ` order by c.made_at desc, c.id desc limit ` + args.Add(q.Limit) + ` offset ` + args.Add(q.Offset)
	return store.All(ctx, tx, scanSet, query, args.List()...)
}

func countLines(ctx context.Context, tx *store.Tx, in ident.Org, q Query, ids []ident.ChangeSet) (map[ident.ChangeSet]Counted, error) {
	out := make(map[ident.ChangeSet]Counted, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	var args store.Args
	args.Add(in)
	query := `select l.change_set_id, count(*), count(distinct l.member_id), count(distinct l.object)` + fromLines
	query += q.lines(&args) + ` and l.change_set_id in ` + store.In(&args, ids) + ` group by l.change_set_id`
	err := store.Each(ctx, tx, func(s store.Scan) error {
		var id ident.ChangeSet
		c := Counted{ByDomain: map[Domain]int{}}
		err := s(&id, &c.Lines, &c.People, &c.Things)
		out[id] = c
		return err
	}, query, args.List()...)
	if err != nil {
		return nil, err
	}
	return out, countDomains(ctx, tx, in, q, ids, out)
}

func countDomains(ctx context.Context, tx *store.Tx, in ident.Org, q Query, ids []ident.ChangeSet, out map[ident.ChangeSet]Counted) error {
	var args store.Args
	args.Add(in)
	query := `select l.change_set_id, l.domain, sum(l.count)` + fromLines
	query += q.lines(&args) + ` and l.change_set_id in ` + store.In(&args, ids) + ` group by l.change_set_id, l.domain`
	return store.Each(ctx, tx, func(s store.Scan) error {
		var id ident.ChangeSet
		var d Domain
		var n int
		err := s(&id, &d, &n)
		out[id].ByDomain[d] = n
		return err
	}, query, args.List()...)
}
