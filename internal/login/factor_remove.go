package login

import (
	"context"
	"errors"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/store"
)

const (
	verbRemoveFactor = "factor.remove"
	verbAskRemoval   = "factor.ask_removal"
)

// RemoveFactor removes one of the actor's own factors: at once, for whoever has proved one
// as strong in this session. The other browsers of the person end, and the person is told.
// Errors: ErrStronger (AskRemoval waits instead), ErrLastFactor, credential.ErrFactorNotFound,
// access.ErrStepUp.
func (l Logins) RemoveFactor(ctx context.Context, by access.Actor, id ident.Factor, c Client) error {
	act := ownAct(by, verbRemoveFactor, id.String())
	_, err := action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		f, err := credential.FactorOf(ctx, tx.Tx, by.Account, id)
		if err != nil {
			return struct{}{}, err
		}
		if err := mayRemove(ctx, tx.Tx, by, f); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, removeFactor(ctx, tx, f, c)
	})
	return err
}

// removeFactor removes a factor and all that hangs on it: recovery codes stand in for a
// factor, and are worth nothing without any.
func removeFactor(ctx context.Context, tx *action.Tx, f credential.Factor, c Client) error {
	if err := credential.RemoveFactor(ctx, tx.Tx, f.Account, f.ID, tx.By.Account); err != nil {
		return err
	}
	if err := dropWaiting(ctx, tx.Tx, f); err != nil {
		return err
	}
	if err := dropCodes(ctx, tx.Tx, f.Account); err != nil {
		return err
	}
	l := FactorLetter{Account: f.Account, Change: FactorRemoved, Of: f.Kind, Name: f.Name, Browser: c.UserAgent}
	ended, err := factorChanged(ctx, tx, l)
	tx.Record(audit.Event{
		Verb: verbRemoveFactor, Object: f.ID.String(), Subject: f.Account.String(),
		Before: map[string]any{trailKind: string(f.Kind)}, After: map[string]any{trailSessionsEnded: ended},
	})
	return err
}

// dropCodes drops the recovery codes of somebody who has no factor left.
func dropCodes(ctx context.Context, tx *store.Tx, of ident.Account) error {
	held, err := credential.Factors(ctx, tx, of)
	if err != nil || credential.Strongest(held) > 0 {
		return err
	}
	return credential.DropRecovery(ctx, tx, of)
}

// dropWaiting ends the removal that waited for a factor that is removed now.
func dropWaiting(ctx context.Context, tx *store.Tx, f credential.Factor) error {
	waiting, err := credential.WaitingOf(ctx, tx, f.Account)
	for _, d := range waiting {
		if d.Factor() == f.ID {
			_, err = credential.StopDelayed(ctx, tx, d.ID)
		}
	}
	return err
}

// RemovalOrder removes the factor of a delayed act, or takes them all, when its day has come
// (Logins.DoRemoval).
type RemovalOrder struct{ Delayed string }

// Kind names the job.
func (RemovalOrder) Kind() string { return "login.factor_removal" }

// AskRemoval asks to remove one of the actor's own factors without having proved one as
// strong: the telephone is lost. It happens after credential.Delay; the letter that tells
// the person has a link that stops it, and using the factor meanwhile stops it too
// (rules.md 5). Asked again, it happens on the day first told. It gives that day.
// Errors: credential.ErrFactorNotFound, access.ErrStepUp.
func (l Logins) AskRemoval(ctx context.Context, by access.Actor, id ident.Factor, c Client) (time.Time, error) {
	act := ownAct(by, verbAskRemoval, id.String())
	return action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (time.Time, error) {
		f, err := credential.FactorOf(ctx, tx.Tx, by.Account, id)
		if err != nil {
			return time.Time{}, err
		}
		d, link, fresh, err := credential.AskDelayed(ctx, tx.Tx, by.Account, credential.Removing(id))
		if err != nil {
			return time.Time{}, err
		}
		if !fresh {
			return d.ActsAt, action.Nothing
		}
		tx.Record(audit.Event{
			Verb: verbAskRemoval, Object: act.Object, Subject: by.Account.String(),
			After: map[string]any{trailKind: string(f.Kind), "acts_at": d.ActsAt},
		})
		tx.After(job.Order{Args: RemovalOrder{Delayed: d.ID}, Priority: job.Normal, At: d.ActsAt})
		tx.After(job.Order{Priority: job.Normal, Secret: link, Args: RemovalLetter{
			Account: by.Account, Of: f.Kind, Name: f.Name, At: tx.Now, ActsAt: d.ActsAt, Address: by.Address, Browser: c.UserAgent,
		}})
		return d.ActsAt, nil
	})
}

// KeepFactor stops the removal of one of the actor's own factors that waits for its day.
// Whoever is signed in may: it takes nothing away. Errors: credential.ErrNoDelayed.
func (l Logins) KeepFactor(ctx context.Context, by access.Actor, id ident.Factor, c Client) error {
	act := action.Act{Verb: verbKeepFactor, Needs: []access.Need{access.Myself(by.Account)}, Object: id.String()}
	_, err := action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		waiting, err := credential.WaitingOf(ctx, tx.Tx, by.Account)
		if err != nil {
			return struct{}{}, err
		}
		for _, d := range waiting {
			if d.Factor() == id {
				return struct{}{}, keepFactor(ctx, tx, d, c)
			}
		}
		return struct{}{}, credential.ErrNoDelayed
	})
	return err
}

const verbKeepFactor = "factor.stop_removal"

// keepFactor stops what waits, and tells the person.
func keepFactor(ctx context.Context, tx *action.Tx, d credential.Delayed, c Client) error {
	d, err := credential.StopDelayed(ctx, tx.Tx, d.ID)
	if err != nil {
		return err
	}
	f, err := credential.FactorOf(ctx, tx.Tx, d.Account, d.Factor())
	if err != nil {
		return err
	}
	tx.Record(audit.Event{
		Verb: verbKeepFactor, Object: f.ID.String(), Subject: d.Account.String(), After: map[string]any{trailKind: string(f.Kind)},
	})
	tellFactor(tx, FactorLetter{Account: d.Account, Change: FactorRemovalKept, Of: f.Kind, Name: f.Name, Browser: c.UserAgent})
	return nil
}

// DoRemoval is the handler of RemovalOrder. What was stopped, and a factor that was used
// since the removal was asked for, stay: it was not lost. Run twice, it does nothing more.
func (l Logins) DoRemoval(ctx context.Context, j job.Job) error {
	var order RemovalOrder
	if err := j.Decode(&order); err != nil {
		return job.Permanent(err)
	}
	act := action.Act{Verb: verbRemoveFactor, Needs: []access.Need{access.Everybody()}, Object: order.Delayed}
	_, err := action.Run(ctx, l.Run, access.Operator("job"), act, func(tx *action.Tx) (struct{}, error) {
		d, due, err := credential.TakeDelayed(ctx, tx.Tx, order.Delayed)
		if err != nil {
			return struct{}{}, err
		}
		if !due {
			return struct{}{}, action.Nothing
		}
		if d.IsLoss() {
			return struct{}{}, doLoss(ctx, tx, d)
		}
		return struct{}{}, l.doRemoval(ctx, tx, d)
	})
	return err
}

// doRemoval removes the factor whose day has come, if all is as it was when it was asked.
func (l Logins) doRemoval(ctx context.Context, tx *action.Tx, d credential.Delayed) error {
	a, found, err := account.Get(ctx, tx.Tx, d.Account)
	if err != nil {
		return err
	}
	f, err := credential.FactorOf(ctx, tx.Tx, d.Account, d.Factor())
	switch {
	case errors.Is(err, credential.ErrFactorNotFound): // removed since, by its person or an administrator
		return lapsed(tx, d, f, false)
	case err != nil:
		return err
	case !found || a.Status != account.Active:
		return lapsed(tx, d, f, false)
	case f.LastUsedAt.After(d.AskedAt):
		return lapsed(tx, d, f, true)
	}
	return removeFactor(ctx, tx, f, Client{})
}

// lapsed records that a removal came to nothing, and tells its person if they would wonder.
func lapsed(tx *action.Tx, d credential.Delayed, f credential.Factor, tell bool) error {
	tx.Record(audit.Event{Verb: verbKeepFactor, Object: d.Factor().String(), Subject: d.Account.String()})
	if tell {
		tellFactor(tx, FactorLetter{Account: d.Account, Change: FactorRemovalLapsed, Of: f.Kind, Name: f.Name})
	}
	return nil
}
