package credential

import (
	"context"
	"slices"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// ErrAddressSame is the refusal to add a network that the account has as a factor already.
var ErrAddressSame = fault.New(fault.Conflict, "factor.address_same")

// AddAddress adds the network of an organisation to somebody's factors, in the caller's
// transaction: givenBy is the account of the administrator who gives it, or empty when its
// person adds it. It is worth nothing before ProveAddress. Errors: ErrAddressSame.
func AddAddress(ctx context.Context, tx *store.Tx, account ident.Account, org ident.Org, givenBy string) (Factor, error) {
	all, err := factorsOf(ctx, tx, account)
	if err != nil {
		return Factor{}, err
	}
	for _, f := range all {
		if f.Kind == Address && f.Network == org {
			return Factor{}, ErrAddressSame
		}
	}
	f := Factor{ID: ident.NewFactor(), Account: account, Kind: Address, Network: org, GivenBy: givenBy, CreatedAt: tx.Now}
	return f, insertAddress(ctx, tx, f)
}

// ProveAddress notes that the person has confirmed the factor from the network itself: who
// calls it has compared the address.
func ProveAddress(ctx context.Context, tx *store.Tx, account ident.Account, id ident.Factor) error {
	return proveAddress(ctx, tx, account, id)
}

// ResetFactors takes every second factor of an account, its recovery codes, what was begun to
// make others and what waits for its day; by is who does it. It says how many there were.
func ResetFactors(ctx context.Context, tx *store.Tx, account ident.Account, by string) (int64, error) {
	n, err := resetFactors(ctx, tx, account, by)
	if err != nil {
		return n, err
	}
	if err := stopAllDelayed(ctx, tx, account); err != nil {
		return n, err
	}
	return n, DropRecovery(ctx, tx, account)
}

// HasRecovery reports whether the account has printed codes in force.
func HasRecovery(ctx context.Context, tx *store.Tx, account ident.Account) (bool, error) {
	_, found, err := recoveryState(ctx, tx, account)
	return found, err
}

// WereReset reports whether somebody else took the factors of an account, and none was
// made since: the next sign-in must make one, whatever the organisations ask (MFA-11).
func WereReset(ctx context.Context, tx *store.Tx, account ident.Account) (bool, error) {
	return wereReset(ctx, tx, account)
}

// ProvedKind is a kind of factor that an account has proved; of a network, whose.
type ProvedKind struct {
	Kind    FactorKind
	Network ident.Org
}

// kindsAtOnce bounds the accounts that one statement asks about.
const kindsAtOnce = 500

// ProvedKinds gives what each of these accounts has proved.
func ProvedKinds(ctx context.Context, tx *store.Tx, accounts []ident.Account) (map[ident.Account][]ProvedKind, error) {
	out := map[ident.Account][]ProvedKind{}
	for some := range slices.Chunk(accounts, kindsAtOnce) {
		rows, err := provedKinds(ctx, tx, some)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.account] = append(out[r.account], r.ProvedKind)
		}
	}
	return out, nil
}

// ForgetNetwork removes the addresses that are factors by the network of an organisation which is
// no more, n at most, and says how many.
func ForgetNetwork(ctx context.Context, tx *store.Tx, org ident.Org, n int) (int64, error) {
	return forgetNetwork(ctx, tx, org, n)
}
