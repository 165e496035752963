package credential

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// Codes ----------------------------------------------------------------------------

func insertCode(ctx context.Context, tx *store.Tx, c SMSCode, f Factor, what CodeFor, place string, tag []byte) error {
	_, err := tx.Exec(ctx, `
		insert into sms_code (id, account_id, factor_id, purpose, place, hash, created_at, expires_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`, c.ID, f.Account, f.ID, what, place, tag, tx.Now, c.Until)
	return err
}

func endCodes(ctx context.Context, tx *store.Tx, account ident.Account, what CodeFor) error {
	_, err := tx.Exec(ctx, `
		update sms_code set expires_at = $3 where account_id = $1 and purpose = $2 and used_at is null and expires_at > $3`,
		account, what, tx.Now)
	return err
}

// tryCode counts a try of the code that waits, and gives it: of two at once each is counted.
// The number it was sent to must be a factor still.
func tryCode(ctx context.Context, tx *store.Tx, account ident.Account, what CodeFor, place string) (waitingCode, bool, error) {
	return store.One(ctx, tx, scanCode, `
		update sms_code set tries = tries + 1
		where account_id = $1 and purpose = $2 and place = $3 and used_at is null and expires_at > $4 and tries < $5
			and factor_id in (select id from factor where account_id = $1 and removed_at is null)
		returning id, factor_id, hash, tries, expires_at`, account, what, place, tx.Now, CodeTries)
}

func scanCode(s store.Scan) (waitingCode, error) {
	var c waitingCode
	return c, s(&c.id, &c.factor, &c.tag, &c.tries, &c.until)
}

func spendCode(ctx context.Context, tx *store.Tx, id ident.Code) (bool, error) {
	n, err := tx.Exec(ctx, `update sms_code set used_at = $2 where id = $1 and used_at is null and expires_at > $2`, id, tx.Now)
	return n == 1, err
}

func codeWaits(ctx context.Context, tx *store.Tx, id ident.Code) (bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[int64],
		`select tries from sms_code where id = $1 and used_at is null and expires_at > $2 and tries < $3`, id, tx.Now, CodeTries)
	return found, err
}

func pendingCode(ctx context.Context, tx *store.Tx, account ident.Account, what CodeFor, place string) (waitingCode, bool, error) {
	return store.One(ctx, tx, scanCode, `
		select id, factor_id, hash, tries, expires_at from sms_code
		where account_id = $1 and purpose = $2 and place = $3 and used_at is null and expires_at > $4 and tries < $5
			and factor_id in (select id from factor where account_id = $1 and removed_at is null)`,
		account, what, place, tx.Now, CodeTries)
}

func sweepCodes(ctx context.Context, tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `delete from sms_code where expires_at < $1`, before)
	return err
}

// Numbers --------------------------------------------------------------------------

func insertPhone(ctx context.Context, tx *store.Tx, f Factor, sealed, handle []byte, place string) error {
	_, err := tx.Exec(ctx, `
		insert into factor (id, account_id, kind, name, secret, handle, body, given_by, session_id, day_began_at, created_at)
		values ($1, $2, 'sms', $3, $4, $5, $6, $7, $8, $9, $9)`,
		f.ID, f.Account, f.Name, sealed, handle, f.Hint, f.GivenBy, place, tx.Now)
	return err
}

func phonesOf(ctx context.Context, tx *store.Tx, account ident.Account) ([]heldPhone, error) {
	return store.All(ctx, tx, func(s store.Scan) (heldPhone, error) {
		var h heldPhone
		var proved *time.Time
		err := s(&h.id, &h.handle, &proved, &h.givenBy)
		h.proved = proved != nil
		return h, err
	}, `select id, handle, proved_at, given_by from factor where account_id = $1 and kind = 'sms' and removed_at is null`, account)
}

func sealedPhone(ctx context.Context, tx *store.Tx, account ident.Account, id ident.Factor) ([]byte, bool, error) {
	return store.One(ctx, tx, store.Value[[]byte],
		`select secret from factor where id = $1 and account_id = $2 and kind = 'sms' and removed_at is null`, id, account)
}

func phoneBegunIn(ctx context.Context, tx *store.Tx, id ident.Factor) (string, error) {
	place, _, err := store.One(ctx, tx, store.Value[string], `select session_id from factor where id = $1`, id)
	return place, err
}

func provePhone(ctx context.Context, tx *store.Tx, id ident.Factor) error {
	_, err := tx.Exec(ctx, `update factor set proved_at = $2, last_used_at = $2, session_id = '' where id = $1`, id, tx.Now)
	return err
}

func touchFactor(ctx context.Context, tx *store.Tx, id ident.Factor) error {
	_, err := tx.Exec(ctx, `update factor set last_used_at = $2 where id = $1`, id, tx.Now)
	return err
}
