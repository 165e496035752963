package credential

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// triedTOTP is an application of codes with what its codes are checked against.
type triedTOTP struct {
	id       ident.Factor
	sealed   []byte // the seed
	last     int64  // the last time step that was used
	failures int64  // of the day, the try under way included
	created  time.Time
}

func scanTOTP(s store.Scan) (triedTOTP, error) {
	var t triedTOTP
	return t, s(&t.id, &t.sealed, &t.last, &t.failures, &t.created)
}

func insertTOTP(ctx context.Context, tx *store.Tx, id ident.Factor, account ident.Account, sealed []byte, place string) error {
	_, err := tx.Exec(ctx, `
		insert into factor (id, account_id, kind, name, secret, session_id, day_began_at, created_at)
		values ($1, $2, 'totp', '', $3, $4, $5, $5)`, id, account, sealed, place, tx.Now)
	return err
}

// dropBegunTOTP removes for good what was never a factor: nothing refers to it.
func dropBegunTOTP(ctx context.Context, tx *store.Tx, account ident.Account) error {
	_, err := tx.Exec(ctx, `delete from factor where account_id = $1 and kind = 'totp' and proved_at is null and removed_at is null`, account)
	return err
}

func sweepBegunTOTP(ctx context.Context, tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `delete from factor where kind = 'totp' and proved_at is null and removed_at is null and created_at <= $1`, before)
	return err
}

func begunTOTP(ctx context.Context, tx *store.Tx, account ident.Account, place string) (triedTOTP, bool, error) {
	return store.One(ctx, tx, scanTOTP, `
		select id, secret, last_step, day_failures, created_at from factor
		where account_id = $1 and session_id = $2 and kind = 'totp' and proved_at is null and removed_at is null and created_at > $3
		order by created_at desc limit 1`, account, place, tx.Now.Add(-EnrolmentLife))
}

func proveTOTP(ctx context.Context, tx *store.Tx, account ident.Account, id ident.Factor, name string, step int64) error {
	_, err := tx.Exec(ctx, `
		update factor set name = $3, last_step = $4, proved_at = $5, last_used_at = $5, session_id = ''
		where id = $1 and account_id = $2 and proved_at is null and removed_at is null`, id, account, name, step, tx.Now)
	return err
}

// countTOTP counts one failure of each application of codes that does not rest, and gives
// them: one statement, so that no try goes uncounted whatever runs beside it.
func countTOTP(ctx context.Context, tx *store.Tx, account ident.Account) ([]triedTOTP, error) {
	return store.All(ctx, tx, scanTOTP, `
		update factor set
			day_failures = case when day_began_at <= $3 then 1 else day_failures + 1 end,
			day_began_at = case when day_began_at <= $3 then $2 else day_began_at end
		where account_id = $1 and kind = 'totp' and proved_at is not null and removed_at is null
			and (locked_until is null or locked_until <= $2)
		returning id, secret, last_step, day_failures, created_at`, account, tx.Now, tx.Now.Add(-GuardDay))
}

func leftTOTP(ctx context.Context, tx *store.Tx, account ident.Account) (failures int64, found bool, err error) {
	return store.One(ctx, tx, store.Value[int64], `
		select case when day_began_at <= $3 then 0 else day_failures end from factor
		where account_id = $1 and kind = 'totp' and proved_at is not null and removed_at is null
			and (locked_until is null or locked_until <= $2)
		order by 1 limit 1`, account, tx.Now, tx.Now.Add(-GuardDay))
}

func takeStep(ctx context.Context, tx *store.Tx, id ident.Factor, step int64) (int64, error) {
	return tx.Exec(ctx, `
		update factor set last_step = $2, last_used_at = $3 where id = $1 and last_step < $2 and removed_at is null`, id, step, tx.Now)
}

func uncountTOTP(ctx context.Context, tx *store.Tx, id ident.Factor) error {
	_, err := tx.Exec(ctx, `update factor set day_failures = day_failures - 1 where id = $1 and day_failures > 0`, id)
	return err
}
