package decision

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// membersNamed gives the members whom notes name, by their own ID or by that of their account.
func membersNamed(ctx context.Context, tx *store.Tx, org ident.Org, notes []used) (map[string]ident.Member, error) {
	args := &store.Args{}
	named := map[string]bool{}
	for _, n := range notes {
		named[n.subject] = true
	}
	var list []string
	for subject := range named {
		list = append(list, subject)
	}
	type pair struct {
		member  ident.Member
		account string
	}
	query := `select member_id, coalesce(account_id, '') from member_state where org_id = ` + args.Add(org) +
		` and known_until is null and status <> 'left' and (member_id in ` + store.In(args, list)
	query += ` or account_id in ` + store.In(args, list) + `)`
	found, err := store.All(ctx, tx, func(s store.Scan) (p pair, err error) {
		return p, s(&p.member, &p.account)
	}, query, args.List()...)
	members := make(map[string]ident.Member, len(found))
	for _, p := range found {
		members[p.member.String()] = p.member
		if p.account != "" {
			members[p.account] = p.member
		}
	}
	return members, err
}

// upsertUses writes each use, unless a later one is there.
func upsertUses(ctx context.Context, tx *store.Tx, rows []useRow) error {
	return store.InsertAll(ctx, tx, rows,
		`insert into right_use (org_id, member_id, type, object_id, action, day) values ($1, $2, $3, $4, $5, $6)`,
		` on conflict (org_id, member_id, type, object_id, action) do update set day = excluded.day where right_use.day < excluded.day`,
		func(r *useRow) []any { return []any{r.org, r.member, r.typ, r.on, r.act, r.day} })
}

func usesOf(ctx context.Context, tx *store.Tx, org ident.Org, members []ident.Member) ([]useRow, error) {
	args := &store.Args{}
	query := `select org_id, member_id, type, object_id, action, day from right_use where org_id = ` + args.Add(org) +
		` and member_id in ` + store.In(args, members)
	return store.All(ctx, tx, func(s store.Scan) (r useRow, err error) {
		return r, s(&r.org, &r.member, &r.typ, &r.on, &r.act, &r.day)
	}, query, args.List()...)
}

func removeUsesBefore(ctx context.Context, tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `delete from right_use where day < $1`, before)
	return err
}

func removeUsesOfLeavers(ctx context.Context, tx *store.Tx) error {
	_, err := tx.Exec(ctx, `
		delete from right_use where exists (
			select 1 from member_state s
			where s.org_id = right_use.org_id and s.member_id = right_use.member_id and s.known_until is null and s.status = 'left')`)
	return err
}

// removeUsesBeyond removes the oldest of whoever has more than most.
func removeUsesBeyond(ctx context.Context, tx *store.Tx, most int) error {
	type full struct {
		org    ident.Org
		member ident.Member
	}
	list, err := store.All(ctx, tx, func(s store.Scan) (f full, err error) { return f, s(&f.org, &f.member) },
		`select org_id, member_id from right_use group by org_id, member_id having count(*) > $1 order by org_id, member_id`, most)
	for _, f := range list {
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			delete from right_use where org_id = $1 and member_id = $2 and (day, type, object_id, action) < (
				select day, type, object_id, action from right_use where org_id = $1 and member_id = $2
				order by day desc, type desc, object_id desc, action desc limit 1 offset $3)`, f.org, f.member, most-1)
	}
	return err
}

func removeUsesOf(ctx context.Context, tx *store.Tx, org ident.Org, m ident.Member) error {
	_, err := tx.Exec(ctx, `delete from right_use where org_id = $1 and member_id = $2`, org, m)
	return err
}
