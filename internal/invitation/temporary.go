package invitation

import (
	"context"

	"habilis/internal/account"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// TemporaryPassword is one that could be used now (MEM-12).
type TemporaryPassword struct {
	Org        ident.Org
	Invitation ident.Invitation
	Hash       string // as credential.Hasher verifies it
}

// Temporary finds the temporary password most recently sent to an address, for
// package login to verify. There is none once the address has an account that is not
// pending: it must open nothing but the page that makes one. Policy and authority are
// read again.
func Temporary(ctx context.Context, tx *store.Tx, emailKey string) (TemporaryPassword, bool, error) {
	list, err := temporaries(ctx, tx, emailKey)
	if err != nil {
		return TemporaryPassword{}, false, err
	}
	for _, t := range list {
		if ok, err := usable(ctx, tx, t); err != nil || ok {
			return t, ok, err
		}
	}
	return TemporaryPassword{}, false, nil
}

func usable(ctx context.Context, tx *store.Tx, t TemporaryPassword) (bool, error) {
	policy, err := setting.ReadSecurity(ctx, tx, t.Org)
	if err != nil || !policy.TemporaryPasswords {
		return false, err
	}
	i, ok, err := Read(ctx, tx, t.Org, t.Invitation)
	if err != nil || !ok {
		return false, err
	}
	if has, err := account.Owned(ctx, tx, i.Email.Key); err != nil || has {
		return false, err
	}
	return i.Stands(ctx, tx)
}

// SpendTemporary uses a temporary password up, once, and gives the token of the
// page that finishes the account, good for FinishLife. The caller holds the
// organisation's lock and has verified the password. Errors: ErrGone.
func SpendTemporary(ctx context.Context, tx *store.Tx, t TemporaryPassword) (secret.Text, error) {
	if ok, err := usable(ctx, tx, t); err != nil || !ok {
		return secret.Text{}, firstError(err, ErrGone)
	}
	token, hash := secret.NewToken(secret.Temporary)
	n, err := spendTemporary(ctx, tx, t, hash, tx.Now.Add(FinishLife))
	if err != nil {
		return secret.Text{}, err
	}
	if n != 1 {
		return secret.Text{}, ErrGone
	}
	return token, nil
}

// TemporaryHash gives the hash of an invitation's temporary password, spent or not;
// empty when it has none.
func TemporaryHash(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Invitation) (string, error) {
	return temporaryHash(ctx, tx, org, id)
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
