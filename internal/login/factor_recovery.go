package login

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// MadeRecovery is a set of recovery codes just made: shown to their person once.
type MadeRecovery struct {
	Set   string
	Codes []secret.Text `json:"-"`
}

const verbMakeRecovery = "factor.make_recovery"

// MakeRecovery gives the actor ten recovery codes; those before are worth nothing. The
// other browsers of the person end, and the person is told (MFA-06). Errors: ErrNoFactor,
// ErrCodesShown to a request that was made before, ErrStronger for whoever proved no second factor in this session, credential.ErrBusy,
// access.ErrStepUp.
func (l Logins) MakeRecovery(ctx context.Context, by access.Actor, c Client) (MadeRecovery, error) {
	act := ownAct(by, verbMakeRecovery, by.Account.String())
	if _, done, err := replayed[MadeRecovery](ctx, l.Run, by, act); err != nil || done {
		return MadeRecovery{}, firstError(err, ErrCodesShown)
	}
	if _, err := action.View(ctx, l.Run, by, act, func(tx *store.Tx) (struct{}, error) {
		return struct{}{}, mayMakeRecovery(ctx, tx, by) // before ten slow hashes
	}); err != nil {
		return MadeRecovery{}, err
	}
	set, err := l.Hasher.NewRecoverySet(ctx)
	if err != nil {
		return MadeRecovery{}, err
	}
	made, err := action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (MadeRecovery, error) {
		if err := mayMakeRecovery(ctx, tx.Tx, by); err != nil {
			return MadeRecovery{}, err
		}
		if err := credential.SetRecovery(ctx, tx.Tx, by.Account, set); err != nil {
			return MadeRecovery{}, err
		}
		ended, err := factorChanged(ctx, tx, FactorLetter{
			Account: by.Account, Change: RecoveryMade, Of: credential.Recovery, Browser: c.UserAgent,
		})
		tx.Record(audit.Event{Verb: verbMakeRecovery, Object: act.Object, After: map[string]any{trailSessionsEnded: ended}})
		return MadeRecovery{Set: set.ID}, err
	})
	switch {
	case err != nil:
		return MadeRecovery{}, err
	case made.Set != set.ID: // made by the same request, beside this one
		return MadeRecovery{}, ErrCodesShown
	}
	made.Codes = set.Codes
	return made, nil
}

// mayMakeRecovery: codes stand in for a factor, and whoever came in without having proved
// one gets none.
func mayMakeRecovery(ctx context.Context, tx *store.Tx, by access.Actor) error {
	held, err := credential.Factors(ctx, tx, by.Account)
	if err != nil {
		return err
	}
	if credential.Strongest(held) == 0 {
		return ErrNoFactor
	}
	return strongEnough(by, credential.Recovery.Strength())
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
