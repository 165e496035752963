package setting

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

type row struct {
	value string
	rev   int64
}

// current gives the value in force and its revision, 0 when it was never set.
func current(ctx context.Context, tx *store.Tx, org ident.Org, name string) (string, int64, error) {
	r, _, err := store.One(ctx, tx, func(s store.Scan) (row, error) {
		var r row
		return r, s(&r.value, &r.rev)
	}, `select value, rev from org_setting where org_id = $1 and name = $2 and known_until is null`, org, name)
	return r.value, r.rev, err
}

// replace closes the row in force and writes the next one.
func replace(ctx context.Context, tx *store.Tx, org ident.Org, name string, rev int64, value string) error {
	if _, err := tx.Exec(ctx, `
		update org_setting set known_until = $3 where org_id = $1 and name = $2 and known_until is null`, org, name, tx.Now); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		insert into org_setting (org_id, name, rev, value, known_from) values ($1, $2, $3, $4, $5)`, org, name, rev, value, tx.Now)
	return err
}

// kindOf is the kind of an organisation, which decides some defaults.
func kindOf(ctx context.Context, tx *store.Tx, org ident.Org) (string, error) {
	kind, _, err := store.One(ctx, tx, store.Value[string], `
		select kind from org_state where org_id = $1 and known_until is null`, org)
	return kind, err
}

type orgRow struct {
	row

	org ident.Org
}

// securityOf gives the policy's row of each organisation in which an account has a
// membership in force: as access has it, for organisations that are not suspended.
func securityOf(ctx context.Context, tx *store.Tx, account ident.Account) ([]orgRow, error) {
	return store.All(ctx, tx, func(s store.Scan) (orgRow, error) {
		var r orgRow
		return r, s(&r.org, &r.value, &r.rev)
	}, `
		select m.org_id, coalesce(s.value, ''), coalesce(s.rev, 0) from member_state m
		join org_state o on o.org_id = m.org_id and o.known_until is null and o.status = 'active'
		left join org_setting s on s.org_id = m.org_id and s.name = 'security' and s.known_until is null
		where m.account_id = $1 and m.known_until is null and m.status in ('created', 'active') and m.verification in ('not_needed', 'verified')
			and (m.starts_at is null or m.starts_at <= $2) and (m.ends_at is null or m.ends_at > $2)
		order by m.org_id`, account, tx.Now)
}
