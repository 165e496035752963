package credential

import (
	"context"
	"slices"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// FactorOf gives one factor of an account. Errors: ErrFactorNotFound, also for one that
// was removed.
func FactorOf(ctx context.Context, tx *store.Tx, account ident.Account, id ident.Factor) (Factor, error) {
	all, err := factorsOf(ctx, tx, account)
	if err != nil {
		return Factor{}, err
	}
	i := slices.IndexFunc(all, func(f Factor) bool { return f.ID == id })
	if i < 0 {
		return Factor{}, ErrFactorNotFound
	}
	return all[i], nil
}

// RenameFactor changes what a person calls one of their factors.
func RenameFactor(ctx context.Context, tx *store.Tx, account ident.Account, id ident.Factor, name string) error {
	return renameFactor(ctx, tx, account, id, name)
}

// RemoveFactor makes a factor worth nothing and forgets its secret; the row stays, for
// what the trail says of it. by is the account of whoever removes it, or empty for the
// server itself.
func RemoveFactor(ctx context.Context, tx *store.Tx, account ident.Account, id ident.Factor, by ident.Account) error {
	return removeFactor(ctx, tx, account, id, by)
}

// Strongest is the greatest strength among the factors of an account that count.
func Strongest(factors []Factor) int {
	s := 0
	for i := range factors {
		if !factors[i].ProvedAt.IsZero() {
			s = max(s, factors[i].Kind.Strength())
		}
	}
	return s
}
