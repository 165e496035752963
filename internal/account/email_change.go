package account

import (
	"context"
	"strings"
	"time"

	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// Lifetimes of the two links of a change of address (rules.md 2, CHG-2).
const (
	EmailProofLife = 24 * time.Hour
	EmailUndoLife  = 72 * time.Hour // from the moment when the change is done
)

// EmailChange is another address that was asked for an account: it holds once somebody who
// reads mail there has said so.
type EmailChange struct {
	ID          ident.EmailChange
	Account     ident.Account
	Old, New    Email
	AskedBy     ident.Account // its person, or an administrator (CHG-2)
	CreatedAt   time.Time
	ExpiresAt   time.Time
	ConfirmedAt time.Time // zero: not yet
	UndoUntil   time.Time // zero before it is done
}

// ByOther reports whether somebody else asked than the person of the account.
func (c EmailChange) ByOther() bool { return c.AskedBy != c.Account }

// Masked is the address as the trail and the logs show it: enough to know one's own, too
// little to write to (rules.md 22).
func (e Email) Masked() string {
	local, domain, ok := strings.Cut(e.Address, "@")
	if !ok {
		return ""
	}
	first := []rune(local)[:1]
	return string(first) + "…@" + domain
}

// The functions below join the caller's transaction. Those that write expect it to
// hold the installation's lock (action.Act's Accounts).

// AskEmail notes that another address was asked for an account, and gives the link to it;
// what was asked before is over.
func AskEmail(ctx context.Context, tx *store.Tx, a Account, next Email, by ident.Account) (EmailChange, secret.Text, error) {
	if _, err := EndEmailAsks(ctx, tx, a.ID); err != nil {
		return EmailChange{}, secret.Text{}, err
	}
	token, hash := secret.NewToken(secret.EmailProof)
	c := EmailChange{
		ID: ident.NewEmailChange(), Account: a.ID, Old: a.Email, New: next, AskedBy: by,
		CreatedAt: tx.Now, ExpiresAt: tx.Now.Add(EmailProofLife),
	}
	return c, token, insertEmailChange(ctx, tx, c, hash)
}

// EndEmailAsks kills the link to an address that was asked and is not proved yet: it was
// given up, another was asked, or the password changed. It says how many there were.
func EndEmailAsks(ctx context.Context, tx *store.Tx, account ident.Account) (int64, error) {
	return endEmailAsks(ctx, tx, account)
}

// EndEmailChanges kills what was asked of an account's address since a change whose old address
// came back (CHG-2). What was changed before may still be undone: whoever undoes a change of
// their own making takes no link from whose address it was.
func EndEmailChanges(ctx context.Context, tx *store.Tx, undone EmailChange) error {
	return endEmailChanges(ctx, tx, undone)
}

// AskedEmail gives the address that was asked for an account and waits for its proof.
func AskedEmail(ctx context.Context, tx *store.Tx, account ident.Account) (EmailChange, bool, error) {
	return askedEmail(ctx, tx, account)
}

// MovedLately reports whether the address of an account changed so lately that it may still be undone.
func MovedLately(ctx context.Context, tx *store.Tx, account ident.Account) (bool, error) {
	return movedLately(ctx, tx, account)
}

// GetEmailChange reads a change by its ID, whatever became of it: a letter tells of it.
func GetEmailChange(ctx context.Context, tx *store.Tx, id ident.EmailChange) (EmailChange, bool, error) {
	return emailChange(ctx, tx, id)
}

// EmailProofOf gives the change that a presented link confirms; it spends nothing. The
// second value is false for a link that is spent, expired or made up.
func EmailProofOf(ctx context.Context, tx *store.Tx, presented string) (EmailChange, bool, error) {
	hash, ok := secret.HashToken(secret.EmailProof, presented)
	if !ok {
		return EmailChange{}, false, nil
	}
	return proofOf(ctx, tx, hash)
}

// SpendEmailProof is EmailProofOf, once: of two who confirm, one does. It gives the link
// that undoes the change, for the old address.
func SpendEmailProof(ctx context.Context, tx *store.Tx, presented string) (EmailChange, secret.Text, bool, error) {
	hash, ok := secret.HashToken(secret.EmailProof, presented)
	if !ok {
		return EmailChange{}, secret.Text{}, false, nil
	}
	undo, undoHash := secret.NewToken(secret.Undo)
	c, found, err := spendProof(ctx, tx, hash, undoHash, tx.Now.Add(EmailUndoLife))
	return c, undo, found, err
}

// EmailUndoOf gives the change that a presented link undoes; it spends nothing.
func EmailUndoOf(ctx context.Context, tx *store.Tx, presented string) (EmailChange, bool, error) {
	hash, ok := secret.HashToken(secret.Undo, presented)
	if !ok {
		return EmailChange{}, false, nil
	}
	return undoOf(ctx, tx, hash)
}

// SpendEmailUndo is EmailUndoOf, once.
func SpendEmailUndo(ctx context.Context, tx *store.Tx, presented string) (EmailChange, bool, error) {
	hash, ok := secret.HashToken(secret.Undo, presented)
	if !ok {
		return EmailChange{}, false, nil
	}
	return spendUndo(ctx, tx, hash)
}

// KeptEmailChanges is how long a change that can neither be confirmed nor undone is kept:
// letters and questions about it come within days.
const KeptEmailChanges = 30 * 24 * time.Hour

// Sweep removes the changes of address of long ago; the timetable calls it.
func Sweep(ctx context.Context, db *store.DB) error {
	return db.Write(ctx, []store.Lock{"account sweep"}, func(tx *store.Tx) error {
		return sweepEmailChanges(ctx, tx, tx.Now.Add(-KeptEmailChanges))
	})
}
