package decision

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// stateSince is a status of a member, and since when.
type stateSince struct {
	status string
	from   time.Time
}

// pastStatuses are the statuses of a member, in their order.
func pastStatuses(ctx context.Context, tx *store.Tx, org ident.Org, member ident.Member) ([]stateSince, error) {
	return store.All(ctx, tx, func(s store.Scan) (stateSince, error) {
		var v stateSince
		return v, s(&v.status, &v.from)
	}, `select status, known_from from member_state where org_id = $1 and member_id = $2 order by rev`, org, member)
}

// endedWith counts what the end of an access ended for good: tokens that the account had made,
// revoked in the same transaction, and receivers that are still stopped for it.
func endedWith(ctx context.Context, tx *store.Tx, org ident.Org, account ident.Account, at time.Time) (tokens, webhooks int64, err error) {
	err = tx.QueryRow(ctx, `
		select (select count(*) from token where org_id = $1 and created_by = $2 and revoked_at = $3),
			(select count(*) from webhook where org_id = $1 and owner = $2 and status = 'stopped' and why = 'owner' and changed_at >= $3)`,
		org, account, at).Scan(&tokens, &webhooks)
	return tokens, webhooks, err
}

func pastGroupActive(ctx context.Context, tx *store.Tx, org ident.Org, group string, at time.Time) (bool, error) {
	return pastActive(ctx, tx, `
		select status from record_group_state where org_id = $1 and group_id = $2
			and known_from <= $3 and (known_until is null or known_until > $3)`, org, group, at)
}

func pastSiteActive(ctx context.Context, tx *store.Tx, org ident.Org, site string, at time.Time) (bool, error) {
	return pastActive(ctx, tx, `
		select status from site_state where org_id = $1 and site_id = $2
			and known_from <= $3 and (known_until is null or known_until > $3)`, org, site, at)
}

func pastActive(ctx context.Context, tx *store.Tx, query string, args ...any) (bool, error) {
	status, _, err := store.One(ctx, tx, store.Value[string], query, args...)
	return status == statusActive, err
}
