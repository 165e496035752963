package session

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// knows counts what is known of an account: of any pair at any time, and of this one since.
func knows(ctx context.Context, tx *store.Tx, account ident.Account, browser, network string, since time.Time) (met, here int, err error) {
	_, _, err = store.One(ctx, tx, func(s store.Scan) (struct{}, error) { return struct{}{}, s(&met, &here) }, `
		select count(*), count(case when browser = $2 and network = $3 and seen_at > $4 then 1 end)
		from known_browser where account_id = $1`, account, browser, network, since)
	return met, here, err
}

func meet(ctx context.Context, tx *store.Tx, account ident.Account, browser, network string) error {
	_, err := tx.Exec(ctx, `
		insert into known_browser (account_id, browser, network, seen_at) values ($1, $2, $3, $4)
		on conflict (account_id, browser, network) do update set seen_at = excluded.seen_at`, account, browser, network, tx.Now)
	return err
}

// sweepKnown forgets the pairs of long ago, but the last of each account: whoever comes back
// after months is told where they, or somebody else, came in.
func sweepKnown(ctx context.Context, tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `
		delete from known_browser where seen_at < $1 and exists (
			select 1 from known_browser later where later.account_id = known_browser.account_id and later.seen_at > known_browser.seen_at)`, before)
	return err
}
