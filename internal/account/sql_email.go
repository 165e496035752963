package account

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

func scanEmailChange(s store.Scan) (EmailChange, error) {
	var c EmailChange
	var confirmed, until *time.Time
	err := s(&c.ID, &c.Account, &c.Old.Key, &c.Old.Address, &c.New.Key, &c.New.Address, &c.AskedBy, &c.CreatedAt, &c.ExpiresAt,
		&confirmed, &until)
	if confirmed != nil {
		c.ConfirmedAt = *confirmed
	}
	if until != nil {
		c.UndoUntil = *until
	}
	return c, err
}

func insertEmailChange(ctx context.Context, tx *store.Tx, c EmailChange, hash secret.Hash) error {
	_, err := tx.Exec(ctx, `
		insert into email_change (id, account_id, old_key, old_email, new_key, new_email, asked_by, token_hash, created_at, expires_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		c.ID, c.Account, c.Old.Key, c.Old.Address, c.New.Key, c.New.Address, c.AskedBy, hash, c.CreatedAt, c.ExpiresAt)
	return err
}

func endEmailAsks(ctx context.Context, tx *store.Tx, account ident.Account) (int64, error) {
	return tx.Exec(ctx, `
		update email_change set ended_at = $2
		where account_id = $1 and confirmed_at is null and ended_at is null and expires_at > $2`, account, tx.Now)
}

func endEmailChanges(ctx context.Context, tx *store.Tx, undone EmailChange) error {
	_, err := tx.Exec(ctx, `
		update email_change set ended_at = $3
		where account_id = $1 and id <> $2 and ended_at is null and (confirmed_at is null or created_at > $4)`,
		undone.Account, undone.ID, tx.Now, undone.CreatedAt)
	return err
}

func askedEmail(ctx context.Context, tx *store.Tx, account ident.Account) (EmailChange, bool, error) {
	return store.One(ctx, tx, scanEmailChange, `
		select id, account_id, old_key, old_email, new_key, new_email, asked_by, created_at, expires_at, confirmed_at, undo_until
		from email_change where account_id = $1 and confirmed_at is null and ended_at is null and expires_at > $2
		order by created_at desc, id desc limit 1`, account, tx.Now)
}

func emailChange(ctx context.Context, tx *store.Tx, id ident.EmailChange) (EmailChange, bool, error) {
	return store.One(ctx, tx, scanEmailChange, `
		select id, account_id, old_key, old_email, new_key, new_email, asked_by, created_at, expires_at, confirmed_at, undo_until
		from email_change where id = $1`, id)
}

// keptChange is the latest change that gave this address up and may still be undone.
func keptChange(ctx context.Context, tx *store.Tx, oldKey string) (EmailChange, bool, error) {
	return store.One(ctx, tx, scanEmailChange, `
		select id, account_id, old_key, old_email, new_key, new_email, asked_by, created_at, expires_at, confirmed_at, undo_until
		from email_change where old_key = $1 and undone_at is null and ended_at is null and undo_until > $2
		order by undo_until desc, id desc limit 1`, oldKey, tx.Now)
}

// movedLately reports whether a change of the address of an account may still be undone.
func movedLately(ctx context.Context, tx *store.Tx, account ident.Account) (bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[int64], `
		select 1 from email_change where account_id = $1 and undone_at is null and ended_at is null and undo_until > $2 limit 1`,
		account, tx.Now)
	return found, err
}

func proofOf(ctx context.Context, tx *store.Tx, hash secret.Hash) (EmailChange, bool, error) {
	return store.One(ctx, tx, scanEmailChange, `
		select id, account_id, old_key, old_email, new_key, new_email, asked_by, created_at, expires_at, confirmed_at, undo_until
		from email_change where token_hash = $1 and confirmed_at is null and ended_at is null and expires_at > $2`, hash, tx.Now)
}

func spendProof(ctx context.Context, tx *store.Tx, hash, undo secret.Hash, until time.Time) (EmailChange, bool, error) {
	return store.One(ctx, tx, scanEmailChange, `
		update email_change set confirmed_at = $2, undo_hash = $3, undo_until = $4
		where token_hash = $1 and confirmed_at is null and ended_at is null and expires_at > $2
		returning id, account_id, old_key, old_email, new_key, new_email, asked_by, created_at, expires_at, confirmed_at, undo_until`,
		hash, tx.Now, undo, until)
}

func undoOf(ctx context.Context, tx *store.Tx, hash secret.Hash) (EmailChange, bool, error) {
	return store.One(ctx, tx, scanEmailChange, `
		select id, account_id, old_key, old_email, new_key, new_email, asked_by, created_at, expires_at, confirmed_at, undo_until
		from email_change where undo_hash = $1 and undone_at is null and ended_at is null and undo_until > $2`, hash, tx.Now)
}

func spendUndo(ctx context.Context, tx *store.Tx, hash secret.Hash) (EmailChange, bool, error) {
	return store.One(ctx, tx, scanEmailChange, `
		update email_change set undone_at = $2
		where undo_hash = $1 and undone_at is null and ended_at is null and undo_until > $2
		returning id, account_id, old_key, old_email, new_key, new_email, asked_by, created_at, expires_at, confirmed_at, undo_until`,
		hash, tx.Now)
}

func sweepEmailChanges(ctx context.Context, tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `delete from email_change where expires_at < $1 and (undo_until is null or undo_until < $1)`, before)
	return err
}
