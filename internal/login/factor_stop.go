package login

import (
	"context"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/store"
)

// Stoppable is what the link of a letter would stop, as its page shows it.
type Stoppable struct {
	All    bool // every second factor, and the printed codes
	Kind   credential.FactorKind
	Name   string
	ActsAt time.Time
}

// CheckStop says what a presented link would stop; it stops nothing, so that a mail program
// that opens links does no harm. Errors: credential.ErrNoDelayed.
func (l Logins) CheckStop(ctx context.Context, by access.Actor, presented string) (Stoppable, error) {
	act := action.Act{Verb: verbKeepFactor, Needs: []access.Need{access.Everybody()}}
	return action.View(ctx, l.Run, by, act, func(tx *store.Tx) (Stoppable, error) {
		d, err := credential.FindDelayed(ctx, tx, presented)
		if err != nil {
			return Stoppable{}, err
		}
		if d.IsLoss() {
			return Stoppable{All: true, ActsAt: d.ActsAt}, nil
		}
		f, err := credential.FactorOf(ctx, tx, d.Account, d.Factor())
		if err != nil {
			return Stoppable{}, credential.ErrNoDelayed
		}
		return Stoppable{Kind: f.Kind, Name: f.Name, ActsAt: d.ActsAt}, nil
	})
}

// Stop stops what a presented link names: whoever has the letter may. Errors:
// credential.ErrNoDelayed.
func (l Logins) Stop(ctx context.Context, by access.Actor, presented string, c Client) error {
	by = withoutKey(by)
	act := action.Act{Verb: verbKeepFactor, Needs: []access.Need{access.Everybody()}}
	_, err := action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		d, err := credential.FindDelayed(ctx, tx.Tx, presented)
		if err != nil {
			return struct{}{}, err
		}
		if d.IsLoss() {
			return struct{}{}, stopLoss(ctx, tx, d, lossStopped(c.UserAgent))
		}
		return struct{}{}, keepFactor(ctx, tx, d, c)
	})
	return err
}
