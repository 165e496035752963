package credential

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// recoverySet is what the codes of an account are checked against.
type recoverySet struct {
	id       string
	salt     []byte
	cost     string
	failures int64 // of the day
}

func insertRecoverySet(ctx context.Context, tx *store.Tx, account ident.Account, s RecoverySet) error {
	_, err := tx.Exec(ctx, `
		insert into recovery_set (id, account_id, salt, cost, created_at, day_began_at) values ($1, $2, $3, $4, $5, $5)`,
		s.ID, account, s.salt, s.cost, tx.Now)
	return err
}

func insertRecoveryCode(ctx context.Context, tx *store.Tx, set string, hash []byte) error {
	_, err := tx.Exec(ctx, `insert into recovery_code (set_id, hash) values ($1, $2)`, set, hash)
	return err
}

func closeRecoverySet(ctx context.Context, tx *store.Tx, account ident.Account) error {
	_, err := tx.Exec(ctx, `update recovery_set set removed_at = $2 where account_id = $1 and removed_at is null`, account, tx.Now)
	return err
}

// recoverySetOf gives the codes that an account may use now.
func recoverySetOf(ctx context.Context, tx *store.Tx, account ident.Account) (recoverySet, bool, error) {
	return store.One(ctx, tx, func(s store.Scan) (recoverySet, error) {
		var v recoverySet
		return v, s(&v.id, &v.salt, &v.cost, &v.failures)
	}, `select id, salt, cost, case when day_began_at <= $3 then 0 else day_failures end from recovery_set
		where account_id = $1 and removed_at is null and (locked_until is null or locked_until <= $2)`,
		account, tx.Now, tx.Now.Add(-GuardDay))
}

// countRecovery counts one failure, in one statement: no try goes uncounted whatever runs
// beside it.
func countRecovery(ctx context.Context, tx *store.Tx, account ident.Account) (failures int64, found bool, err error) {
	return store.One(ctx, tx, store.Value[int64], `
		update recovery_set set
			day_failures = case when day_began_at <= $3 then 1 else day_failures + 1 end,
			day_began_at = case when day_began_at <= $3 then $2 else day_began_at end
		where account_id = $1 and removed_at is null and (locked_until is null or locked_until <= $2)
		returning day_failures`, account, tx.Now, tx.Now.Add(-GuardDay))
}

func uncountRecovery(ctx context.Context, tx *store.Tx, account ident.Account) error {
	_, err := tx.Exec(ctx, `
		update recovery_set set day_failures = day_failures - 1 where account_id = $1 and removed_at is null and day_failures > 0`, account)
	return err
}

func restRecovery(ctx context.Context, tx *store.Tx, account ident.Account, until time.Time) error {
	_, err := tx.Exec(ctx, `update recovery_set set locked_until = $2 where account_id = $1 and removed_at is null`, account, until)
	return err
}

// takeRecoveryCode spends a code once, of the set that is in force: one that was replaced
// while the code was hashed spends nothing.
func takeRecoveryCode(ctx context.Context, tx *store.Tx, account ident.Account, try RecoveryTry) (int64, error) {
	return tx.Exec(ctx, `
		update recovery_code set used_at = $3 where set_id = $1 and hash = $2 and used_at is null
			and exists (select 1 from recovery_set s where s.id = $1 and s.account_id = $4 and s.removed_at is null)`,
		try.set, try.hash, tx.Now, account)
}

func recoveryState(ctx context.Context, tx *store.Tx, account ident.Account) (RecoveryState, bool, error) {
	return store.One(ctx, tx, func(s store.Scan) (RecoveryState, error) {
		var v RecoveryState
		var locked *time.Time
		err := s(&v.MadeAt, &locked, &v.Left)
		if locked != nil {
			v.LockedUntil = *locked
		}
		return v, err
	}, `select s.created_at, s.locked_until, (select count(*) from recovery_code c where c.set_id = s.id and c.used_at is null)
		from recovery_set s where s.account_id = $1 and s.removed_at is null`, account)
}
