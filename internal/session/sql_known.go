package session

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// knows counts what is known of an account: of any place at any time, and of this one since.
func knows(ctx context.Context, tx *store.Tx, account ident.Account, at place, since time.Time) (met, seen int, err error) {
	_, _, err = store.One(ctx, tx, func(s store.Scan) (struct{}, error) { return struct{}{}, s(&met, &seen) }, `
		select count(*), count(case when browser = $2 and network = $3 and seen_at > $4 then 1 end)
		from known_browser where account_id = $1`, account, at.browser, at.network, since)
	return met, seen, err
}

func meet(ctx context.Context, tx *store.Tx, account ident.Account, at place, when time.Time) error {
	_, err := tx.Exec(ctx, `
		insert into known_browser (account_id, browser, network, seen_at) values ($1, $2, $3, $4)
		on conflict (account_id, browser, network) do update set seen_at = excluded.seen_at`, account, at.browser, at.network, when)
	return err
}

// placeOf is where a session of an account was opened.
func placeOf(ctx context.Context, tx *store.Tx, account ident.Account, id ident.Session) (place, bool, error) {
	return store.One(ctx, tx, func(s store.Scan) (place, error) {
		var agent, address string
		err := s(&agent, &address)
		return place{familyOf(agent), networkOf(address)}, err
	}, `select user_agent, address from session where id = $1 and account_id = $2`, id, account)
}

func forget(ctx context.Context, tx *store.Tx, account ident.Account, at place) (int64, error) {
	return tx.Exec(ctx, `
		delete from known_browser where account_id = $1 and browser = $2 and network = $3`, account, at.browser, at.network)
}

func forgetOthers(ctx context.Context, tx *store.Tx, account ident.Account, but place) (int64, error) {
	return tx.Exec(ctx, `
		delete from known_browser where account_id = $1 and not (browser = $2 and network = $3)`, account, but.browser, but.network)
}

// sweepKnown forgets the places of long ago, but the last of each account: whoever comes back
// after months is told where they, or somebody else, came in.
func sweepKnown(ctx context.Context, tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `
		delete from known_browser where seen_at < $1 and exists (
			select 1 from known_browser later where later.account_id = known_browser.account_id and later.seen_at > known_browser.seen_at)`, before)
	return err
}
