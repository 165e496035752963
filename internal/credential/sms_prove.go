package credential

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// ProvedSMS is a number that its person has proved, and the one it took the place of.
type ProvedSMS struct {
	Used
	Phone    Factor
	Replaced *Factor // nil: the account had none
	Old      Phone   // the number of Replaced, to tell it
}

// ProveSMS tries the code that proves a number, in the browser (place) where it was asked
// for. From then on the number is the account's one: every other makes room (add the new
// one, then remove the old one).
func ProveSMS(
	ctx context.Context, tx *store.Tx, ring *secret.Ring, account ident.Account, place, typed string,
) (ProvedSMS, error) {
	u, err := UseSMS(ctx, tx, ring, account, CodeEnrol, place, typed)
	out := ProvedSMS{Used: u}
	if err != nil || !u.OK {
		return out, err
	}
	list, err := factorsOf(ctx, tx, account)
	if err != nil {
		return out, err
	}
	for _, f := range list {
		switch {
		case f.Kind != SMS:
		case f.ID == u.Factor:
			out.Phone = f
		case f.ProvedAt.IsZero():
			err = removeFactor(ctx, tx, account, f.ID, account)
		default:
			err = out.replace(ctx, tx, ring, f)
		}
		if err != nil {
			return out, err
		}
	}
	if out.Phone.ID.IsZero() { // removed since the code was sent
		out.OK = false
		return out, nil
	}
	out.Phone.ProvedAt = tx.Now
	return out, provePhone(ctx, tx, u.Factor)
}

// replace removes the number that was used until now. Its seal is opened first: the old
// number is told (MFA-06).
func (out *ProvedSMS) replace(ctx context.Context, tx *store.Tx, ring *secret.Ring, f Factor) (err error) {
	if out.Old, err = PhoneOf(ctx, tx, ring, f.Account, f.ID); err != nil {
		return err
	}
	out.Replaced = &f
	return removeFactor(ctx, tx, f.Account, f.ID, f.Account)
}
