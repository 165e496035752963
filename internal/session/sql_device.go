package session

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

func scanDevice(s store.Scan) (Device, error) {
	var d Device
	return d, s(&d.ID, &d.Account, &d.CreatedAt, &d.UsedAt, &d.ExpiresAt, &d.Address, &d.UserAgent)
}

func insertDevice(ctx context.Context, tx *store.Tx, d Device, hash secret.Hash) error {
	_, err := tx.Exec(ctx, `
		insert into device (id, account_id, token_hash, created_at, used_at, expires_at, address, user_agent, end_reason)
		values ($1, $2, $3, $4, $5, $6, $7, $8, '')`,
		d.ID, d.Account, hash, d.CreatedAt, d.UsedAt, d.ExpiresAt, d.Address, d.UserAgent)
	return err
}

func useDevice(ctx context.Context, tx *store.Tx, account ident.Account, hash secret.Hash, made time.Time) (Device, bool, error) {
	return store.One(ctx, tx, scanDevice, `
		update device set used_at = $3
		where token_hash = $1 and account_id = $2 and ended_at is null and expires_at > $3 and created_at > $4
		returning id, account_id, created_at, used_at, expires_at, address, user_agent`, hash, account, tx.Now, made)
}

func devices(ctx context.Context, tx *store.Tx, account ident.Account) ([]Device, error) {
	return store.All(ctx, tx, scanDevice, `
		select id, account_id, created_at, used_at, expires_at, address, user_agent from device
		where account_id = $1 and ended_at is null and expires_at > $2
		order by used_at desc, id desc`, account, tx.Now)
}

// deviceOf is the remembered browser that a session was opened in.
func deviceOf(ctx context.Context, tx *store.Tx, account ident.Account, id ident.Session) (ident.Device, error) {
	d, _, err := store.One(ctx, tx, store.Value[ident.Device], `
		select device_id from session where id = $1 and account_id = $2`, id, account)
	return d, err
}

func endDevice(ctx context.Context, tx *store.Tx, account ident.Account, id ident.Device, why Reason) (int64, error) {
	return tx.Exec(ctx, `
		update device set ended_at = $3, end_reason = $4
		where id = $1 and account_id = $2 and ended_at is null and expires_at > $3`, id, account, tx.Now, why)
}

func endDevices(ctx context.Context, tx *store.Tx, account ident.Account, why Reason) (int64, error) {
	return tx.Exec(ctx, `
		update device set ended_at = $2, end_reason = $3 where account_id = $1 and ended_at is null`, account, tx.Now, why)
}

func endOtherDevices(ctx context.Context, tx *store.Tx, account ident.Account, but ident.Device, why Reason) error {
	_, err := tx.Exec(ctx, `
		update device set ended_at = $3, end_reason = $4 where account_id = $1 and id <> $2 and ended_at is null`, account, but, tx.Now, why)
	return err
}

func sweepDevices(ctx context.Context, tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `delete from device where expires_at < $1`, before)
	return err
}

func deviceMade(ctx context.Context, tx *store.Tx, account ident.Account, id ident.Session) (time.Time, bool, error) {
	return store.One(ctx, tx, store.Value[time.Time], `
		select d.created_at from session s join device d on d.id = s.device_id and d.account_id = s.account_id
		where s.id = $1 and s.account_id = $2 and d.ended_at is null and d.expires_at > $3`, id, account, tx.Now)
}
