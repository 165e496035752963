package workitem

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// ofSite keeps to the items of one site, among those that selectHeld reads.
const ofSite = ` and i.site_id = $5`

func listAt(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Member, k Kind, site ident.Site, limit int) ([]Item, error) {
	query := selectHeld + ofSite + ` order by i.due_at, i.no limit $6`
	return store.All(ctx, tx, scanItem(org), query, org, owner, k, k.since(tx.Now), site, limit)
}

func countAt(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Member, k Kind, site ident.Site) (n int64, err error) {
	err = tx.QueryRow(ctx, `
		select count(*) from work_item
		where org_id = $1 and owner_id = $2 and kind = $3 and due_at >= $4 and state = 'open' and detached_at is null and site_id = $5`,
		org, owner, k, k.since(tx.Now), site).Scan(&n)
	return n, err
}
