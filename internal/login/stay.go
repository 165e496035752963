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
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/store"
)

// ErrNoErasure is the one answer to a link that stops no erasure (any more).
var ErrNoErasure = fault.New(fault.Gone, "privacy.stay_gone")

const verbStopErasure = "privacy.stop_erasure"

// Staying says why the erasure of an account, asked for in writing, did not begin.
type Staying string

// The ways an account stays.
const (
	StaySignedIn Staying = "sign_in"  // its person signed in, or changed their password, meanwhile
	StayLink     Staying = "link"     // by the link of the letter, from the mailbox
	StayAddress  Staying = "address"  // its former address took the account back
	StayPlatform Staying = "platform" // the platform's people took it back
	StayRefused  Staying = "refused"  // something stands in its way on the day
)

// StayLetter tells a person that their account is not erased.
type StayLetter struct {
	Account ident.Account
	At      time.Time
}

// Kind names the job.
func (StayLetter) Kind() string { return "letter.erasure_stopped" }

// StopErasing stops an erasure that waits, with its record, and tells the person. code is what stands in
// the way, of StayRefused. Of two who stop it, one does: the other one has credential.ErrNoDelayed.
func StopErasing(ctx context.Context, tx *action.Tx, d credential.Delayed, why Staying, code string) error {
	if _, err := credential.StopDelayed(ctx, tx.Tx, d.ID); err != nil {
		return err
	}
	RecordStay(tx, d, why, code)
	return nil
}

// RecordStay tells, in the trail and to the person, that an erasure does not begin.
func RecordStay(tx *action.Tx, d credential.Delayed, why Staying, code string) {
	after := map[string]any{trailBecause: string(why)}
	if code != "" {
		after["refusal"] = code
	}
	tx.Record(audit.Event{Verb: verbStopErasure, Object: d.Account.String(), After: after})
	tx.After(job.Order{Args: StayLetter{Account: d.Account, At: tx.Now}, Priority: job.Normal})
}

// stays stops the erasure of somebody who is seen to be there, if one waits.
func stays(ctx context.Context, tx *action.Tx, of ident.Account, why Staying) error {
	d, found, err := credential.ErasingOf(ctx, tx.Tx, of)
	if err != nil || !found {
		return err
	}
	err = StopErasing(ctx, tx, d, why, "")
	if errors.Is(err, credential.ErrNoDelayed) {
		return nil
	}
	return err
}

// Erasable is what the link of a letter would keep from being erased.
type Erasable struct {
	Email   string // of the account, masked
	AskedAt time.Time
	ActsAt  time.Time
}

// CheckStay says what a presented link stops; it stops nothing, since mail programs open links. Errors:
// ErrNoErasure.
func (l Logins) CheckStay(ctx context.Context, by access.Actor, presented string) (Erasable, error) {
	act := action.Act{Verb: verbStopErasure, Needs: []access.Need{access.Everybody()}}
	return action.View(ctx, l.Run, by, act, func(tx *store.Tx) (Erasable, error) {
		d, found, err := credential.ErasureByLink(ctx, tx, presented)
		if err != nil || !found {
			return Erasable{}, firstError(err, ErrNoErasure)
		}
		a, found, err := account.Get(ctx, tx, d.Account)
		if err != nil || !found {
			return Erasable{}, firstError(err, ErrNoErasure)
		}
		return Erasable{Email: a.Email.Masked(), AskedAt: d.AskedAt, ActsAt: d.ActsAt}, nil
	})
}

// Stay stops the erasure that a presented link names: whoever has the letter may, and nothing else opens
// by it. Errors: ErrNoErasure.
func (l Logins) Stay(ctx context.Context, by access.Actor, presented string) error {
	by = withoutKey(by)
	act := action.Act{Verb: verbStopErasure, Needs: []access.Need{access.Everybody()}}
	_, err := action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		d, found, err := credential.ErasureByLink(ctx, tx.Tx, presented)
		if err != nil || !found {
			return struct{}{}, firstError(err, ErrNoErasure)
		}
		err = StopErasing(ctx, tx, d, StayLink, "")
		if errors.Is(err, credential.ErrNoDelayed) {
			err = ErrNoErasure
		}
		return struct{}{}, err
	})
	return err
}
