package session

import (
	"context"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

func scan(s store.Scan) (Session, error) {
	var v Session
	var second, locked *time.Time
	err := s(&v.ID, &v.Account, &v.CreatedAt, &v.SeenAt, &v.ExpiresAt, &v.StepUpAt, &v.Address, &v.UserAgent,
		&v.First, &v.Second, &second, &v.StepUpBy, &v.Device, &v.Shared, &locked, &v.IdleUntil)
	v.SecondAt, v.LockedAt = timeOf(second), timeOf(locked)
	return v, err
}

// timeOf reads a time that may be missing; the zero time stands for none.
func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// orNone writes the zero time as none.
func orNone(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func byToken(ctx context.Context, tx *store.Tx, hash secret.Hash) (Session, bool, error) {
	return store.One(ctx, tx, scan, `
		select id, account_id, created_at, seen_at, expires_at, step_up_at, address, user_agent,
			first, second, second_at, step_up_by, device_id, shared, locked_at, idle_until from session
		where token_hash = $1 and ended_at is null and expires_at > $2 and idle_until > $2`, hash, tx.Now)
}

func open(ctx context.Context, tx *store.Tx, account ident.Account) ([]Session, error) {
	return store.All(ctx, tx, scan, `
		select id, account_id, created_at, seen_at, expires_at, step_up_at, address, user_agent,
			first, second, second_at, step_up_by, device_id, shared, locked_at, idle_until from session
		where account_id = $1 and ended_at is null and expires_at > $2 and idle_until > $2
		order by seen_at desc, id desc`, account, tx.Now)
}

func openOldestFirst(ctx context.Context, tx *store.Tx, account ident.Account) ([]ident.Session, error) {
	return store.All(ctx, tx, store.Value[ident.Session], `
		select id from session where account_id = $1 and ended_at is null and expires_at > $2 and idle_until > $2
		order by created_at, id`, account, tx.Now)
}

func insert(ctx context.Context, tx *store.Tx, s Session, hash secret.Hash, idleUntil time.Time) error {
	_, err := tx.Exec(ctx, `
		insert into session (id, account_id, token_hash, created_at, seen_at, idle_until, expires_at, step_up_at, address, user_agent,
			first, second, second_at, step_up_by, device_id, end_reason)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, '')`,
		s.ID, s.Account, hash, s.CreatedAt, s.SeenAt, idleUntil, s.ExpiresAt, s.StepUpAt, s.Address, s.UserAgent,
		s.First, s.Second, orNone(s.SecondAt), s.StepUpBy, s.Device)
	return err
}

// touch moves the session on by as much as it may be idle: the distance that its
// two times had when it was opened or renewed, or less: for a person who has been made
// administrator since (rules.md 7), and where of may be idle, or last, for less by now.
func touch(ctx context.Context, tx *store.Tx, of Session) error {
	idle, found, err := store.One(ctx, tx, func(s store.Scan) (time.Duration, error) {
		var seen, until time.Time
		err := s(&seen, &until)
		return until.Sub(seen), err
	}, `select seen_at, idle_until from session where id = $1`, of.ID)
	if err != nil || !found {
		return err
	}
	idle = min(idle, of.IdleUntil.Sub(of.SeenAt))
	if idle > IdleAdmin {
		more, err := administers(ctx, tx, of.Account)
		if err != nil {
			return err
		}
		if more {
			idle = IdleAdmin
		}
	}
	_, err = tx.Exec(ctx, `
		update session set seen_at = $2, idle_until = $3, expires_at = $4
		where id = $1 and ended_at is null and expires_at > $2 and idle_until > $2`, of.ID, tx.Now, tx.Now.Add(idle), of.ExpiresAt)
	return err
}

func renew(
	ctx context.Context, tx *store.Tx, account ident.Account, id ident.Session, hash secret.Hash, idleUntil time.Time, by First,
) (Session, bool, error) {
	return store.One(ctx, tx, scan, `
		update session set token_hash = $3, seen_at = $4, step_up_at = $4, idle_until = $5, step_up_by = $6, locked_at = null
		where id = $1 and account_id = $2 and ended_at is null and expires_at > $4 and idle_until > $4
		returning id, account_id, created_at, seen_at, expires_at, step_up_at, address, user_agent,
			first, second, second_at, step_up_by, device_id, shared, locked_at, idle_until`,
		id, account, hash, tx.Now, idleUntil, by)
}

// prove gives the session another token and notes the second factor just proved. The
// time of the step-up stays: a code is no password (rules.md 6).
func prove(
	ctx context.Context, tx *store.Tx, account ident.Account, id ident.Session, hash secret.Hash, idleUntil time.Time, second string,
) (Session, bool, error) {
	return store.One(ctx, tx, scan, `
		update session set token_hash = $3, seen_at = $4, idle_until = $5, second = $6, second_at = $4
		where id = $1 and account_id = $2 and ended_at is null and expires_at > $4 and idle_until > $4
		returning id, account_id, created_at, seen_at, expires_at, step_up_at, address, user_agent,
			first, second, second_at, step_up_by, device_id, shared, locked_at, idle_until`,
		id, account, hash, tx.Now, idleUntil, second)
}

func endOne(ctx context.Context, tx *store.Tx, account ident.Account, id ident.Session, why Reason) (int64, error) {
	return tx.Exec(ctx, `
		update session set ended_at = $3, end_reason = $4
		where id = $1 and account_id = $2 and ended_at is null and expires_at > $3 and idle_until > $3`, id, account, tx.Now, why)
}

func endAllBut(ctx context.Context, tx *store.Tx, account ident.Account, but ident.Session, why Reason) (int64, error) {
	return tx.Exec(ctx, `
		update session set ended_at = $3, end_reason = $4
		where account_id = $1 and id <> $2 and ended_at is null and expires_at > $3 and idle_until > $3`, account, but, tx.Now, why)
}

func sweep(ctx context.Context, tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `delete from session where expires_at < $1`, before)
	return err
}

// administers reports whether an account holds an administration
// permission in force, in whatever organisation: it is found by the account.
func administers(ctx context.Context, tx *store.Tx, account ident.Account) (bool, error) {
	args := new(store.Args)
	args.Add(account)
	args.Add(tx.Now)
	query := `
		select 1 from standing where account_id = $1 and starts_at <= $2 and (ends_at is null or ends_at > $2)
			and (member_starts_at is null or member_starts_at <= $2) and (member_ends_at is null or member_ends_at > $2)`
	query += ` and permission in ` + store.In(args, access.Administration) + ` limit 1`
	_, found, err := store.One(ctx, tx, store.Value[int64], query, args.List()...)
	return found, err
}

// openOfAll gives the open sessions of these accounts.
func openOfAll(ctx context.Context, tx *store.Tx, accounts []ident.Account) ([]Session, error) {
	args := new(store.Args)
	args.Add(tx.Now)
	query := `
		select id, account_id, created_at, seen_at, expires_at, step_up_at, address, user_agent,
			first, second, second_at, step_up_by, device_id, shared, locked_at, idle_until from session
		where ended_at is null and expires_at > $1 and idle_until > $1 and account_id in `
	query += store.In(args, accounts)
	return store.All(ctx, tx, scan, query, args.List()...)
}
