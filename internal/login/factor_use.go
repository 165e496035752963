package login

import (
	"context"

	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/job"
)

// useTOTP spends a code of an application (credential.UseTOTP). Its person is told when too
// many were wrong: commit whatever it gives.
func useTOTP(ctx context.Context, tx *action.Tx, account ident.Account, code string) (credential.Used, error) {
	used, err := credential.UseTOTP(ctx, tx.Tx, tx.Ring, account, code)
	if err == nil && used.Locks {
		rested(tx, account, credential.TOTP)
	}
	return used, err
}

// useRecovery spends a recovery code that Hasher.HashRecovery hashed before the
// transaction. Its person is told that one was used, or that too many were wrong: commit
// whatever it gives.
func useRecovery(ctx context.Context, tx *action.Tx, account ident.Account, try credential.RecoveryTry, c Client) (credential.Used, error) {
	used, err := credential.UseRecovery(ctx, tx.Tx, account, try)
	switch {
	case err != nil:
	case used.Locks:
		rested(tx, account, credential.Recovery)
	case used.OK:
		tellFactor(tx, FactorLetter{Account: account, Change: RecoveryUsed, Of: credential.Recovery, Left: used.Left, Browser: c.UserAgent})
	}
	return used, err
}

// rested records and tells that a factor rests.
func rested(tx *action.Tx, account ident.Account, kind credential.FactorKind) {
	tx.Record(audit.Event{Verb: "factor.rest", Object: account.String(), After: map[string]any{trailKind: string(kind)}})
	tellFactor(tx, FactorLetter{Account: account, Change: FactorRested, Of: kind})
}

// tellFactor orders the letter to the person whose factors changed.
func tellFactor(tx *action.Tx, l FactorLetter) {
	l.At, l.Address = tx.Now, tx.By.Address
	tx.After(job.Order{Args: l, Priority: job.Normal})
}
