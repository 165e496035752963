package login

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// ErrNotInside tells that the network of an organisation becomes somebody's factor from there only.
var ErrNotInside = fault.New(fault.Conflict, "login.not_inside")

const (
	verbAddAddress   = "factor.add_address"
	verbProveAddress = "factor.prove_address"
)

// OwnAddress is what a person may do, where they are now, with the networks of their
// organisations.
type OwnAddress struct {
	Offers  []ident.Org         // whose network may become a factor here
	ToProve []credential.Factor // those that an administrator gave
	Here    bool                // the one to prove can be confirmed from here
}

// OwnAddress reads it.
func (l Logins) OwnAddress(ctx context.Context, by access.Actor) (OwnAddress, error) {
	act := action.Act{Verb: "factor.check", Needs: []access.Need{access.Myself(by.Account)}}
	return action.View(ctx, l.Run, by, act, func(tx *store.Tx) (OwnAddress, error) {
		var out OwnAddress
		p, err := Effective(ctx, tx, by.Account)
		if err != nil {
			return out, err
		}
		factors, err := credential.Factors(ctx, tx, by.Account)
		has := map[ident.Org]bool{}
		for _, f := range factors {
			if f.Kind != credential.Address {
				continue
			}
			has[f.Network] = true
			if f.ProvedAt.IsZero() {
				out.ToProve = append(out.ToProve, f)
				out.Here = out.Here || p.isOf(f.Network, by.Address)
			}
		}
		for _, o := range p.OffersAddress(by.Address) {
			if !has[o] {
				out.Offers = append(out.Offers, o)
			}
		}
		return out, err
	})
}

// AddAddress makes the network of an organisation a second factor of the actor, who is
// there: it is proved at once. Errors: ErrNotInside, credential.ErrAddressSame, ErrStronger,
// ErrKindRefused, access.ErrStepUp.
func (l Logins) AddAddress(ctx context.Context, by access.Actor, org ident.Org) (credential.Factor, error) {
	act := ownAct(by, verbAddAddress, org.String())
	return action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (credential.Factor, error) {
		if err := mayAdd(ctx, tx.Tx, by, credential.Address); err != nil {
			return credential.Factor{}, err
		}
		if err := here(ctx, tx.Tx, by, org); err != nil {
			return credential.Factor{}, err
		}
		f, err := credential.AddAddress(ctx, tx.Tx, by.Account, org, "")
		if err != nil {
			return f, err
		}
		f.ProvedAt = tx.Now
		return f, addressProved(ctx, tx, verbAddAddress, f)
	})
}

// ConfirmAddress proves the network that an administrator gave the actor as a factor: the
// actor is there. Errors: ErrNotInside, credential.ErrFactorNotFound, access.ErrStepUp.
func (l Logins) ConfirmAddress(ctx context.Context, by access.Actor, id ident.Factor) error {
	act := ownAct(by, verbProveAddress, id.String())
	_, err := action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		f, err := credential.FactorOf(ctx, tx.Tx, by.Account, id)
		switch {
		case err != nil:
			return struct{}{}, err
		case f.Kind != credential.Address:
			return struct{}{}, credential.ErrFactorNotFound
		case !f.ProvedAt.IsZero():
			return struct{}{}, action.Nothing
		}
		if err := here(ctx, tx.Tx, by, f.Network); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, addressProved(ctx, tx, verbProveAddress, f)
	})
	return err
}

// here refuses whoever is not in the network of an organisation that makes it a factor.
func here(ctx context.Context, tx *store.Tx, by access.Actor, org ident.Org) error {
	p, err := Effective(ctx, tx, by.Account)
	if err == nil && !p.isOf(org, by.Address) {
		err = ErrNotInside.With("Address", by.Address)
	}
	return err
}

// givenHere finds the network that an administrator gave somebody as a factor, not proved
// yet, when the address is in it; zero: there is none.
func givenHere(ctx context.Context, tx *store.Tx, of ident.Account, p Policy, address string) (ident.Factor, error) {
	factors, err := credential.Factors(ctx, tx, of)
	for _, f := range factors {
		if f.Kind == credential.Address && f.GivenBy != "" && f.ProvedAt.IsZero() && p.isOf(f.Network, address) {
			return f.ID, err
		}
	}
	return "", err
}

// confirmGiven proves it, between the two proofs of a sign-in: an administrator chose that
// being there is enough, so nothing is added that the password alone decides. Errors:
// ErrNotInside.
func confirmGiven(ctx context.Context, tx *action.Tx, of ident.Account) (ident.Factor, error) {
	p, err := Effective(ctx, tx.Tx, of)
	if err != nil {
		return "", err
	}
	id, err := givenHere(ctx, tx.Tx, of, p, tx.By.Address)
	if err == nil && id.IsZero() {
		err = ErrNotInside.With("Address", tx.By.Address)
	}
	if err != nil {
		return "", err
	}
	return id, credential.ProveAddress(ctx, tx.Tx, of, id)
}

func addressProved(ctx context.Context, tx *action.Tx, verb string, f credential.Factor) error {
	if err := credential.ProveAddress(ctx, tx.Tx, f.Account, f.ID); err != nil {
		return err
	}
	tx.Record(audit.Event{
		Verb: verb, Object: f.ID.String(), Subject: f.Account.String(),
		After: map[string]any{trailKind: string(f.Kind), "organization": f.Network.String()},
	})
	tellFactor(tx, FactorLetter{Account: f.Account, Change: FactorAdded, Of: f.Kind})
	_, err := dropLoss(ctx, tx, f.Account, lossStopped(""))
	return err
}
