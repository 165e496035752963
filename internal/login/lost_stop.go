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
	"habilis/internal/session"
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
		return struct{}{}, stopLoss(ctx, tx, d, lossStopped(c.UserAgent))
	})
	return err
}

// stopLoss stops what waits, and tells the person and the administrators.
func stopLoss(ctx context.Context, tx *action.Tx, d credential.Delayed, l FactorLetter) error {
	d, err := credential.StopDelayed(ctx, tx.Tx, d.ID)
	if err != nil {
		return err
	}
	return lossKept(ctx, tx, d, l)
}

// lossKept records that nothing was taken, and tells it.
func lossKept(ctx context.Context, tx *action.Tx, d credential.Delayed, l FactorLetter) error {
	tx.Record(audit.Event{Verb: verbStopLoss, Object: d.Account.String(), After: map[string]any{trailBecause: string(l.Change)}})
	l.Account = d.Account
	tellFactor(tx, l)
	return tellLoss(ctx, tx, d, LossToldLetter{Change: LossStopped})
}

// lossStopped is the letter about what somebody stopped.
func lossStopped(browser string) FactorLetter {
	return FactorLetter{Change: FactorLossKept, Browser: browser}
}

// lossUsed is the letter about what the use of a second factor stopped.
func lossUsed(browser string) FactorLetter {
	return FactorLetter{Change: FactorLossLapsed, Browser: browser}
}

// dropLoss stops what waits for somebody who has just made or proved a factor: not everything
// is lost. It reports whether there was something to stop, which nobody else stopped meanwhile.
func dropLoss(ctx context.Context, tx *action.Tx, of ident.Account, l FactorLetter) (bool, error) {
	d, waits, err := waitingLoss(ctx, tx.Tx, of)
	if err != nil || !waits {
		return false, err
	}
	err = stopLoss(ctx, tx, d, l)
	if errors.Is(err, credential.ErrNoDelayed) {
		return false, nil
	}
	return err == nil, err
}

// lossAtArrival says in the answer of a sign-in what waits, or that the factor it was given
// with stopped it: a remembered browser proves nothing.
func lossAtArrival(ctx context.Context, tx *action.Tx, a arrival, second string, res Result) (Result, error) {
	var err error
	if second != "" && second != session.ByDevice {
		res.LossStopped, err = dropLoss(ctx, tx, a.account.ID, lossUsed(a.client.UserAgent))
		return res, err
	}
	d, _, err := waitingLoss(ctx, tx.Tx, a.account.ID)
	res.LostAt = d.ActsAt
	return res, err
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
	return tellLoss(ctx, tx, d, LossToldLetter{Change: LossDone})
}

// lossMoot records that there was nothing to take.
func lossMoot(tx *action.Tx, d credential.Delayed) error {
	tx.Record(audit.Event{Verb: verbStopLoss, Object: d.Account.String()})
	return nil
}
