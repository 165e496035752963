package credential

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// Lifetimes of the links that set a password (rules.md 2 and 23).
const (
	ResetLife = time.Hour
	SetUpLife = time.Hour
)

// The functions below join the caller's transaction. Those that write expect it to
// hold the installation's lock (action.Act's Accounts).

// SetPassword gives an account the password that encoded was made from; the one
// before is closed.
func SetPassword(ctx context.Context, tx *store.Tx, account ident.Account, encoded string) error {
	if err := closePassword(ctx, tx, account); err != nil {
		return err
	}
	return insertPassword(ctx, tx, ident.NewCredential(), account, encoded)
}

// PasswordHash gives what Hasher.Verify compares with; it is empty when the
// account has no password.
func PasswordHash(ctx context.Context, tx *store.Tx, account ident.Account) (string, error) {
	return passwordHash(ctx, tx, account)
}

// HasPassword reports whether the account can sign in by password at all.
func HasPassword(ctx context.Context, tx *store.Tx, account ident.Account) (bool, error) {
	h, err := passwordHash(ctx, tx, account)
	return h != "", err
}

// NewReset makes the link that sets a new password; older ones are dead (PWD-01).
func NewReset(ctx context.Context, tx *store.Tx, account ident.Account) (secret.Text, error) {
	if err := EndResets(ctx, tx, account); err != nil {
		return secret.Text{}, err
	}
	token, hash := secret.NewToken(secret.Reset)
	return token, insertReset(ctx, tx, hash, account, tx.Now.Add(ResetLife))
}

// ResetOwner says whose password a presented link sets; it spends nothing. The
// second value is false for a link that is spent, expired or made up.
func ResetOwner(ctx context.Context, tx *store.Tx, presented string) (ident.Account, bool, error) {
	hash, ok := secret.HashToken(secret.Reset, presented)
	if !ok {
		return "", false, nil
	}
	return findReset(ctx, tx, hash)
}

// SpendReset is ResetOwner, once: of two who spend a link, one gets it.
func SpendReset(ctx context.Context, tx *store.Tx, presented string) (ident.Account, bool, error) {
	hash, ok := secret.HashToken(secret.Reset, presented)
	if !ok {
		return "", false, nil
	}
	return spendReset(ctx, tx, hash)
}

// EndResets kills every reset link of an account: its password, its address or its
// state changed (PWD-01).
func EndResets(ctx context.Context, tx *store.Tx, account ident.Account) error {
	return endResets(ctx, tx, account)
}

// Purpose is what a link shown on the operator's console opens.
type Purpose string

// PlatformAdministrator makes an account that administers the platform (CFG-01).
const PlatformAdministrator Purpose = "platform_administrator"

// NewSetUp makes a link for the console; an older one for the same purpose and
// address is dead.
func NewSetUp(ctx context.Context, tx *store.Tx, p Purpose, email string) (secret.Text, error) {
	if err := endSetUps(ctx, tx, p, email); err != nil {
		return secret.Text{}, err
	}
	token, hash := secret.NewToken(secret.SetUp)
	return token, insertSetUp(ctx, tx, hash, p, email, tx.Now.Add(SetUpLife))
}

// SetUpEmail gives the address of a presented link; it spends nothing. The second
// value is false for a link that is spent, expired or made up.
func SetUpEmail(ctx context.Context, tx *store.Tx, p Purpose, presented string) (string, bool, error) {
	hash, ok := secret.HashToken(secret.SetUp, presented)
	if !ok {
		return "", false, nil
	}
	return findSetUp(ctx, tx, p, hash)
}

// SpendSetUp is SetUpEmail, once.
func SpendSetUp(ctx context.Context, tx *store.Tx, p Purpose, presented string) (string, bool, error) {
	hash, ok := secret.HashToken(secret.SetUp, presented)
	if !ok {
		return "", false, nil
	}
	return spendSetUp(ctx, tx, p, hash)
}

// KeptDead is how long links that cannot be used any more are kept.
const KeptDead = 48 * time.Hour

// Sweep removes dead links, applications of codes that nobody proved, and challenges, and the counts of addresses without account that are
// over; the timetable calls it.
func Sweep(ctx context.Context, db *store.DB) error {
	return db.Write(ctx, []store.Lock{"credential sweep"}, func(tx *store.Tx) error {
		if err := sweepLinks(ctx, tx, tx.Now.Add(-KeptDead)); err != nil {
			return err
		}
		if err := sweepBegunTOTP(ctx, tx, tx.Now.Add(-EnrolmentLife)); err != nil {
			return err
		}
		if err := sweepCeremonies(ctx, tx, tx.Now.Add(-KeptDead)); err != nil {
			return err
		}
		if err := sweepTyped(ctx, tx, tx.Now.Add(-GuardDay)); err != nil {
			return err
		}
		return sweepCodes(ctx, tx, tx.Now.Add(-KeptDead))
	})
}
