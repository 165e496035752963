package action

import (
	"context"
	"errors"
	"time"

	"habilis/internal/access"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/limit"
	"habilis/internal/store"
)

// refusals of one actor, organisation, verb and rule that are written one by one in
// a minute; those beyond are folded into the count of the counter "refusal".
var refusals = limit.Counter{Name: "refusal", Window: time.Minute, Max: 10}

// recorded are the kinds of refusals that the trail keeps. What must be
// corrected, retried or was malformed is no refusal of a right.
func recorded(k fault.Kind) bool {
	switch k {
	case fault.Forbidden, fault.NotFound, fault.Conflict, fault.Gone, fault.Unauthenticated, fault.Limited:
		return true
	case fault.Internal, fault.Malformed, fault.Stale, fault.TooLarge, fault.Misdirected, fault.Invalid, fault.NoVersion,
		fault.Unavailable, fault.Full:
	}
	return false
}

// refused records the refusal err of an act, in a transaction of its own, and
// gives err back. When it cannot be recorded, that failure is what is told.
func (r *Runner) refused(ctx context.Context, by access.Actor, act Act, err error) error {
	err = r.closed(ctx, by, act, err)
	f := fault.Of(err)
	if !recorded(f.Kind) || by.Kind == access.System {
		return err
	}
	if e := r.RecordRefusal(ctx, by, act, f.Code); e != nil {
		return errors.Join(fault.Of(e), err)
	}
	return err
}

// RecordRefusal writes a refusal that happened before any transaction, such as a
// wrong password. It is folded like the others.
func (r *Runner) RecordRefusal(ctx context.Context, by access.Actor, act Act, code string) error {
	ctx = context.WithoutCancel(ctx)
	r.count(act.Verb, code)
	lock := store.Installation
	org, err := r.chainFor(ctx, act)
	if err != nil {
		return err
	}
	if org.IsZero() && !act.org().IsZero() {
		act.Object, act.Subject = "", "" // nothing says any more what they were
	} else if !org.IsZero() {
		lock = store.Lock(org)
	}
	return r.DB.Write(ctx, []store.Lock{lock}, func(tx *store.Tx) error {
		n, err := refusals.Add(ctx, tx, by.ID()+"|"+org.String()+"|"+act.Verb+"|"+code)
		if err != nil || n > refusals.Max {
			return err
		}
		return audit.Write(ctx, tx, by.Who(), audit.Refused, []audit.Event{{
			Org: org, Verb: act.Verb, Object: act.Object, Subject: act.Subject, Code: code,
		}})
	})
}

// closed is what a refusal is where the administration space may be closed (ORG-6): one
// place for every act, whatever it asked of the rights of its actor.
func (r *Runner) closed(ctx context.Context, by access.Actor, act Act, refusal error) error {
	if act.org().IsZero() || !access.Closes(refusal) {
		return refusal
	}
	told := refusal
	err := r.DB.Read(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		told = access.Told(ctx, tx, by, act.org(), refusal)
		return nil
	})
	if err != nil { // the refusal stands without it
		return refusal
	}
	return told
}
