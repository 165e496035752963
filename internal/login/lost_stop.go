package login

import (
	"context"
	"errors"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/ident"
)

const (
	verbStopLoss = "factor.stop_loss"
	verbLose     = "factor.lose"
)

// StopLoss keeps the actor's own second factors, which somebody asked to take. Whoever is
// signed in may: it takes nothing away. Errors: credential.ErrNoDelayed.
func (l Logins) StopLoss(ctx context.Context, by access.Actor, c Client) error {
	act := action.Act{Verb: verbStopLoss, Needs: []access.Need{access.Myself(by.Account)}, Object: by.Account.String()}
	_, err := action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		d, waits, err := waitingLoss(ctx, tx.Tx, by.Account)
		if err == nil && !waits {
			err = credential.ErrNoDelayed
		}
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, stopLoss(ctx, tx, d, c)
	})
	return err
}

// stopLoss stops what waits, and tells the person and the administrators.
func stopLoss(ctx context.Context, tx *action.Tx, d credential.Delayed, c Client) error {
	d, err := credential.StopDelayed(ctx, tx.Tx, d.ID)
	if err != nil {
		return err
	}
	return lossKept(ctx, tx, d, FactorLetter{Change: FactorLossKept, Browser: c.UserAgent})
}

// lossKept records that nothing was taken, and tells it.
func lossKept(ctx context.Context, tx *action.Tx, d credential.Delayed, l FactorLetter) error {
	tx.Record(audit.Event{Verb: verbStopLoss, Object: d.Account.String(), After: map[string]any{"because": string(l.Change)}})
	l.Account = d.Account
	tellFactor(tx, l)
	return tellLoss(ctx, tx, d, LossStopped)
}

// dropLoss stops what waits for somebody who has just made a factor: not everything is lost.
func dropLoss(ctx context.Context, tx *action.Tx, of ident.Account, browser string) error {
	d, waits, err := waitingLoss(ctx, tx.Tx, of)
	if err != nil || !waits {
		return err
	}
	return stopLoss(ctx, tx, d, Client{UserAgent: browser})
}

// doLoss takes everything from somebody whose day has come. Who used a factor since, or is
// of the platform by now, keeps them; of a closed account, and of one that has none left,
// nothing is said.
func doLoss(ctx context.Context, tx *action.Tx, d credential.Delayed) error {
	a, found, err := account.Get(ctx, tx.Tx, d.Account)
	if err != nil {
		return err
	}
	if !found || a.Status != account.Active {
		return lossMoot(tx, d)
	}
	used, err := credential.UsedSince(ctx, tx.Tx, d.Account, d.AskedAt)
	if err != nil {
		return err
	}
	if used || a.PlatformRole != account.NoRole {
		return lossKept(ctx, tx, d, FactorLetter{Change: FactorLossLapsed})
	}
	n, err := reset(ctx, tx, d.Account)
	if errors.Is(err, ErrNoFactors) {
		return lossMoot(tx, d)
	}
	if err != nil {
		return err
	}
	tx.Record(audit.Event{Verb: verbLose, Object: d.Account.String(), After: map[string]any{"factors": n}})
	tellFactor(tx, FactorLetter{Account: d.Account, Change: FactorsLost})
	return tellLoss(ctx, tx, d, LossDone)
}

// lossMoot records that there was nothing to take.
func lossMoot(tx *action.Tx, d credential.Delayed) error {
	tx.Record(audit.Event{Verb: verbStopLoss, Object: d.Account.String()})
	return nil
}
