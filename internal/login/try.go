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
	"habilis/internal/fault"
	"habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// try is one try of a password, on whatever surface: looked up, counted, verified,
// in this order.
type try struct {
	verb      string
	subject   credential.Subject
	from      source
	account   account.Account // the zero value: the address has none
	temporary *invitation.TemporaryPassword
	hash      string // what the password is compared with; empty: with nothing
	attempt   credential.Attempt
}

// count counts the try as a failure. It gives the refusal of a try that comes too
// early: nothing may be verified then.
func (l Logins) count(ctx context.Context, t *try) error {
	var exceeded bool
	var now time.Time
	locks := []store.Lock{store.Lock("sign-in " + t.subject.Account.String() + t.subject.Typed)}
	if t.from.network != "" {
		locks = append(locks, store.Lock("sign-in from "+t.from.network))
	}
	err := l.Run.DB.Write(ctx, locks, func(tx *store.Tx) (err error) {
		now = tx.Now
		if exceeded, err = t.from.take(ctx, tx); err != nil || exceeded {
			return err
		}
		t.attempt, err = credential.Begin(ctx, tx, t.subject)
		return err
	})
	switch {
	case err != nil:
		return err
	case exceeded:
		return failuresFrom.Exceeded(now)
	case t.attempt.Wait > 0:
		return ErrLocked.After(t.attempt.Wait)
	}
	return nil
}

// verify compares the password: one argon2 whatever there is to compare it with. A
// try that could not be verified is uncounted.
func (l Logins) verify(ctx context.Context, t try, password secret.Text) (bool, error) {
	ok, err := l.Hasher.Verify(ctx, t.hash, password)
	if err == nil {
		return ok, nil
	}
	back := l.Run.DB.Write(context.WithoutCancel(ctx), []store.Lock{"sign-in undo"}, func(tx *store.Tx) error {
		if err := t.from.giveBack(ctx, tx); err != nil {
			return err
		}
		return credential.TakeBack(ctx, tx, t.subject, t.attempt)
	})
	if back != nil {
		return false, back
	}
	return false, err
}

// succeed forgets the failures: the password was the right one.
func (t try) succeed(ctx context.Context, tx *store.Tx) error {
	if err := t.from.giveBack(ctx, tx); err != nil {
		return err
	}
	return credential.Succeed(ctx, tx, t.subject)
}

// unchanged refuses a try whose account changed while its password was verified:
// blocked, or another password set.
func (t try) unchanged(ctx context.Context, tx *store.Tx) error {
	a, found, err := account.Get(ctx, tx, t.account.ID)
	if err != nil {
		return err
	}
	hash, err := credential.PasswordHash(ctx, tx, t.account.ID)
	if err != nil {
		return err
	}
	if !found || a.Status != account.Active || hash != t.hash {
		return ErrRefused
	}
	return nil
}

// refused records that a try was refused, and gives the refusal.
func (l Logins) refused(ctx context.Context, by access.Actor, t try, refusal error) error {
	act := action.Act{Verb: t.verb, Object: t.account.ID.String()}
	if err := l.Run.RecordRefusal(ctx, by, act, fault.Of(refusal).Code); err != nil {
		return err
	}
	return refusal
}

// failed is refused for a wrong password: the person is told when there were many.
// An address without account makes the same notes, without the letter (ENU-01).
func (l Logins) failed(ctx context.Context, by access.Actor, t try, refusal error) error {
	if err := l.refused(ctx, by, t, refusal); !errors.Is(err, refusal) {
		return err
	}
	notice := t.attempt.Failures == credential.NoticeAt && !t.attempt.Locked
	if !notice && !t.attempt.Locks {
		return refusal
	}
	act := action.Act{Verb: "login.many_failures", Needs: []access.Need{access.Everybody()}}
	_, err := action.Run(ctx, l.Run, withoutKey(by), act, func(tx *action.Tx) (struct{}, error) {
		tx.Record(audit.Event{
			Verb: act.Verb, Object: t.account.ID.String(), After: map[string]any{"failures": t.attempt.Failures, "locked": t.attempt.Locks},
		})
		if !t.account.ID.IsZero() {
			tx.After(job.Order{Priority: job.Normal, Args: LockedLetter{
				Account: t.account.ID, Locked: t.attempt.Locks, Failures: t.attempt.Failures, At: tx.Now,
			}})
		}
		return struct{}{}, nil
	})
	if err != nil {
		return err
	}
	return refusal
}

// withoutKey takes the idempotency key away from acts that must not be replayed.
func withoutKey(by access.Actor) access.Actor {
	by.Once = access.Once{}
	return by
}
