package preference

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// lastRevision is that of the last row of a member, in force or not.
func lastRevision(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) (rev int64, err error) {
	err = tx.QueryRow(ctx, `select coalesce(max(rev), 0) from member_setting where org_id = $1 and member_id = $2`, org, of).Scan(&rev)
	return rev, err
}

// closeOwn leaves a member with nothing of their own.
func closeOwn(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) error {
	_, err := tx.Exec(ctx, `
		update member_setting set known_until = $3 where org_id = $1 and member_id = $2 and known_until is null`, org, of, tx.Now)
	return err
}

func passNotices(ctx context.Context, tx *store.Tx, org ident.Org, from, to ident.Member) error {
	_, err := tx.Exec(ctx, `
		update notice set member_id = $3 where org_id = $1 and member_id = $2 and not exists (
			select 1 from notice n where n.org_id = notice.org_id and n.member_id = $3 and n.source = notice.source)`, org, from, to)
	return err
}
