package credential

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// passkeyRow is a passkey as it is kept.
type passkeyRow struct {
	factor ident.Factor
	body   string
	locked *time.Time // it rests until then
}

func passkeysOf(ctx context.Context, tx *store.Tx, account ident.Account) ([]passkeyRow, error) {
	return store.All(ctx, tx, func(s store.Scan) (passkeyRow, error) {
		var r passkeyRow
		return r, s(&r.factor, &r.body, &r.locked)
	}, `
		select id, body, locked_until from factor
		where account_id = $1 and kind = 'passkey' and proved_at is not null and removed_at is null order by created_at, id`, account)
}

func countPasskeys(ctx context.Context, tx *store.Tx, account ident.Account) (int64, error) {
	n, _, err := store.One(ctx, tx, store.Value[int64], `
		select count(*) from factor where account_id = $1 and kind = 'passkey' and proved_at is not null and removed_at is null`, account)
	return n, err
}

func passkeyOwner(ctx context.Context, tx *store.Tx, handle secret.Hash) (ident.Account, bool, error) {
	return store.One(ctx, tx, store.Value[ident.Account],
		`select account_id from factor where kind = 'passkey' and handle = $1 and removed_at is null`, handle)
}

func insertPasskey(
	ctx context.Context, tx *store.Tx, id ident.Factor, account ident.Account, name string, handle secret.Hash, body string,
) error {
	_, err := tx.Exec(ctx, `
		insert into factor (id, account_id, kind, name, handle, body, day_began_at, created_at, proved_at)
		values ($1, $2, 'passkey', $3, $4, $5, $6, $6, $6)`, id, account, name, handle, body, tx.Now)
	return err
}

func usePasskey(ctx context.Context, tx *store.Tx, id ident.Factor, body string) (int64, error) {
	return tx.Exec(ctx, `
		update factor set body = $2, last_used_at = $3 where id = $1 and kind = 'passkey' and removed_at is null`, id, body, tx.Now)
}

// Ceremonies -----------------------------------------------------------------------

func insertCeremony(
	ctx context.Context, tx *store.Tx, hash secret.Hash, what Ceremony, account ident.Account, place, body string, until time.Time,
) error {
	_, err := tx.Exec(ctx, `
		insert into ceremony (hash, account_id, purpose, place, body, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)`,
		hash, store.Null(account), what, place, body, tx.Now, until)
	return err
}

func spendCeremony(
	ctx context.Context, tx *store.Tx, hash secret.Hash, what Ceremony, account ident.Account, place string,
) (string, bool, error) {
	return store.One(ctx, tx, store.Value[string], `
		update ceremony set used_at = $5
		where hash = $1 and purpose = $2 and place = $3 and coalesce(account_id, '') = $4 and used_at is null and expires_at > $5
		returning body`, hash, what, place, account, tx.Now)
}

func sweepCeremonies(ctx context.Context, tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `delete from ceremony where expires_at < $1`, before)
	return err
}
