package login

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// OwnFactor is one second factor as its person manages it.
type OwnFactor struct {
	credential.Factor

	RemovedAt time.Time // it will be, unless its person says no (AskRemoval); zero: it stays
}

// OwnFactors is what a person sees of their second factors.
type OwnFactors struct {
	Factors     []OwnFactor
	Recovery    credential.RecoveryState
	HasRecovery bool
	Policy      Policy
	Proved      int       // the strength that this session has proved
	LostAt      time.Time // when all of them are taken, unless their person says no (AskLoss); zero: they stay
}

// Count is how many factors count, recovery codes aside.
func (o OwnFactors) Count() int {
	n := 0
	for i := range o.Factors {
		if !o.Factors[i].ProvedAt.IsZero() {
			n++
		}
	}
	return n
}

// Factors gives the actor's own second factors, those that wait to be proved included.
func (l Logins) Factors(ctx context.Context, by access.Actor) (OwnFactors, error) {
	act := action.Act{Verb: "factor.list", Needs: []access.Need{access.Myself(by.Account)}}
	return action.View(ctx, l.Run, by, act, func(tx *store.Tx) (OwnFactors, error) {
		return ownFactors(ctx, tx, by)
	})
}

func ownFactors(ctx context.Context, tx *store.Tx, by access.Actor) (OwnFactors, error) {
	own := OwnFactors{Proved: strengthOf(by)}
	all, err := credential.Factors(ctx, tx, by.Account)
	if err != nil {
		return own, err
	}
	waiting, err := credential.WaitingOf(ctx, tx, by.Account)
	if err != nil {
		return own, err
	}
	for i := range all {
		own.Factors = append(own.Factors, OwnFactor{Factor: all[i], RemovedAt: removedAt(waiting, all[i].ID)})
	}
	if own.Recovery, own.HasRecovery, err = credential.RecoveryOf(ctx, tx, by.Account); err != nil {
		return own, err
	}
	if i := slices.IndexFunc(waiting, credential.Delayed.IsLoss); i >= 0 {
		own.LostAt = waiting[i].ActsAt
	}
	own.Policy, err = Effective(ctx, tx, by.Account)
	return own, err
}

func removedAt(waiting []credential.Delayed, id ident.Factor) time.Time {
	for _, d := range waiting {
		if d.Factor() == id {
			return d.ActsAt
		}
	}
	return time.Time{}
}

// Factor gives one of the actor's own factors. Errors: credential.ErrFactorNotFound.
func (l Logins) Factor(ctx context.Context, by access.Actor, id ident.Factor) (OwnFactor, error) {
	own, err := l.Factors(ctx, by)
	for i := range own.Factors {
		if own.Factors[i].ID == id {
			return own.Factors[i], err
		}
	}
	if err == nil {
		err = credential.ErrFactorNotFound
	}
	return OwnFactor{}, err
}

// factorName judges what a person calls a factor; none is what the kind is called.
func factorName(typed string) (string, error) {
	if typed == "" {
		return "", nil
	}
	name, problem := text.Line(typed, credential.MaxFactorName)
	var f fault.Fields
	f.Check("name", string(problem), "Max", credential.MaxFactorName)
	return name, f.Err()
}

const verbRenameFactor = "factor.rename"

// RenameFactor changes what the actor calls one of their factors. Errors: the field name,
// credential.ErrFactorNotFound.
func (l Logins) RenameFactor(ctx context.Context, by access.Actor, id ident.Factor, typed string) error {
	name, err := factorName(typed)
	if err != nil {
		return err
	}
	act := ownAct(by, verbRenameFactor, id.String())
	_, err = action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		f, err := credential.FactorOf(ctx, tx.Tx, by.Account, id)
		if err != nil {
			return struct{}{}, err
		}
		if f.Name == name {
			return struct{}{}, action.Nothing
		}
		tx.Record(audit.Event{
			Verb: verbRenameFactor, Object: act.Object, Subject: by.Account.String(),
			Before: map[string]any{"name": f.Name}, After: map[string]any{"name": name},
		})
		return struct{}{}, credential.RenameFactor(ctx, tx.Tx, by.Account, id, name)
	})
	return err
}
