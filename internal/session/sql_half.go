package session

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

func scanHalf(s store.Scan) (Half, error) {
	var h Half
	var proved *time.Time
	err := s(&h.ID, &h.Account, &h.First, &h.CreatedAt, &h.ExpiresAt, &h.Failures, &h.Address, &h.UserAgent, &h.ForSession, &proved)
	if proved != nil {
		h.ProvedAt = *proved
	}
	return h, err
}

func halfByToken(ctx context.Context, tx *store.Tx, hash secret.Hash) (Half, bool, error) {
	return store.One(ctx, tx, scanHalf, `
		select id, account_id, first, created_at, expires_at, failures, address, user_agent, for_session, proved_at from half_session
		where token_hash = $1 and for_session = '' and ended_at is null and expires_at > $2`, hash, tx.Now)
}

func boundByToken(ctx context.Context, tx *store.Tx, hash secret.Hash, to ident.Session) (Half, bool, error) {
	return store.One(ctx, tx, scanHalf, `
		select id, account_id, first, created_at, expires_at, failures, address, user_agent, for_session, proved_at from half_session
		where token_hash = $1 and for_session = $3 and for_session <> '' and ended_at is null and expires_at > $2`, hash, tx.Now, to)
}

func spentBound(ctx context.Context, tx *store.Tx, hash secret.Hash, to ident.Session) (ident.Half, bool, error) {
	return store.One(ctx, tx, store.Value[ident.Half], `
		select id from half_session
		where token_hash = $1 and for_session = $2 and proved_at is not null and end_reason = $3`, hash, to, Completed)
}

func endBound(ctx context.Context, tx *store.Tx, to ident.Session) error {
	_, err := tx.Exec(ctx, `
		update half_session set ended_at = $2, end_reason = $3
		where for_session = $1 and for_session <> '' and ended_at is null`, to, tx.Now, Left)
	return err
}

func proveBound(ctx context.Context, tx *store.Tx, id ident.Half, until time.Time) (int64, error) {
	return tx.Exec(ctx, `
		update half_session set proved_at = $2, expires_at = $3
		where id = $1 and for_session <> '' and proved_at is null and ended_at is null and expires_at > $2`, id, tx.Now, until)
}

func insertHalf(ctx context.Context, tx *store.Tx, h Half, hash secret.Hash) error {
	_, err := tx.Exec(ctx, `
		insert into half_session (id, account_id, token_hash, first, created_at, expires_at, failures, address, user_agent, end_reason,
			for_session)
		values ($1, $2, $3, $4, $5, $6, 0, $7, $8, '', $9)`,
		h.ID, h.Account, hash, h.First, h.CreatedAt, h.ExpiresAt, h.Address, h.UserAgent, h.ForSession)
	return err
}

func failHalf(ctx context.Context, tx *store.Tx, id ident.Half) (int, bool, error) {
	return store.One(ctx, tx, store.Value[int], `
		update half_session set failures = failures + 1
		where id = $1 and ended_at is null and expires_at > $2
		returning failures`, id, tx.Now)
}

func endHalf(ctx context.Context, tx *store.Tx, id ident.Half, why Reason) (int64, error) {
	return tx.Exec(ctx, `
		update half_session set ended_at = $2, end_reason = $3
		where id = $1 and ended_at is null and expires_at > $2`, id, tx.Now, why)
}

func endHalves(ctx context.Context, tx *store.Tx, account ident.Account, why Reason) (int64, error) {
	return tx.Exec(ctx, `
		update half_session set ended_at = $2, end_reason = $3 where account_id = $1 and ended_at is null`, account, tx.Now, why)
}

func sweepHalves(ctx context.Context, tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `delete from half_session where expires_at < $1`, before)
	return err
}
