package directory

import (
	"context"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// orgsOf are the organisations in which an account may do something with members.
func orgsOf(ctx context.Context, tx *store.Tx, account ident.Account) ([]ident.Org, error) {
	return store.All(ctx, tx, store.Value[ident.Org], `
		select distinct org_id from standing where account_id = $1 and permission in ($2, $3) order by org_id`,
		account, access.MembersInvite, access.MembersEdit)
}

func readCached(ctx context.Context, tx *store.Tx, key string) (page, bool, error) {
	return store.One(ctx, tx, func(s store.Scan) (page, error) {
		p := page{url: key}
		return p, s(&p.body, &p.etag, &p.at)
	}, `select body, etag, fetched_at from directory_cache where url = $1`, key)
}

func writeCached(ctx context.Context, tx *store.Tx, p page) error {
	_, err := tx.Exec(ctx, `
		insert into directory_cache (url, body, etag, fetched_at) values ($1, $2, $3, $4)
		on conflict (url) do update set body = excluded.body, etag = excluded.etag, fetched_at = excluded.fetched_at`,
		p.url, p.body, p.etag, p.at)
	return err
}

func dropCached(ctx context.Context, tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `delete from directory_cache where fetched_at < $1`, before)
	return err
}

// dropBeyond keeps the newest rows.
func dropBeyond(ctx context.Context, tx *store.Tx, keep int64) error {
	_, err := tx.Exec(ctx, `
		delete from directory_cache where url not in (select url from directory_cache order by fetched_at desc, url limit $1)`, keep)
	return err
}
