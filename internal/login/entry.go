package login

import (
	"context"
	"errors"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/preference"
	"habilis/internal/session"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// Refusals to let a signed-in browser into an organisation.
var (
	// ErrNetwork: the organisation lets people in from its own addresses only.
	ErrNetwork = fault.New(fault.Forbidden, "login.network")
	// ErrSessionOver: the session is older, or was left alone for longer, than the
	// organisation allows. It has ended.
	ErrSessionOver = fault.New(fault.Unauthenticated, "login.session_over")
	// ErrOtherFactor: the second factor of the session is not enough here, and the person
	// has one that is (ProveSecond).
	ErrOtherFactor = fault.New(fault.Forbidden, "login.other_factor")
	// ErrFactorDue: the organisation asks for a second factor, the grace is over, and the
	// person has none that it allows.
	ErrFactorDue = fault.New(fault.Forbidden, "login.factor_due")
)

// Entry reports whether the session of by may enter org now, by the policy in force at
// this very request (SEC-4). Each door asks it before anything of the organisation is
// done in a browser; tokens, which have no session, are not concerned. Whoever has no
// place in org is told nothing: the act refuses them. Errors: ErrNetwork, ErrSessionOver,
// ErrOtherFactor, ErrFactorDue.
func (l Logins) Entry(ctx context.Context, by access.Actor, org ident.Org) error {
	if by.Kind != access.Person || by.Session.IsZero() || !by.Token.IsZero() {
		return nil
	}
	var refusal error
	err := l.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		refusal, err = entry(ctx, tx, by, org)
		return err
	})
	if err != nil || refusal == nil {
		return err
	}
	return l.refuseEntry(ctx, by, org, refusal)
}

// refuseEntry records a refusal and gives it, to whoever has a place in org.
func (l Logins) refuseEntry(ctx context.Context, by access.Actor, org ident.Org, refusal error) error {
	act := action.Act{Verb: "login.enter", Orgs: []ident.Org{org}, Object: org.String(), Needs: []access.Need{access.Everybody()}}
	_, err := action.View(ctx, l.Run, by, act, func(tx *store.Tx) (struct{}, error) {
		_, err := access.HeldBy(ctx, tx, by, org)
		if _, stranger := errors.AsType[*fault.Error](err); stranger {
			return struct{}{}, nil
		}
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, refusal
	})
	if errors.Is(err, ErrSessionOver) {
		return errors.Join(err, l.endHere(ctx, by))
	}
	return err
}

// endHere ends the session itself: else the next request would find it just used.
func (l Logins) endHere(ctx context.Context, by access.Actor) error {
	act := action.Act{Verb: "session.end", Needs: []access.Need{access.Myself(by.Account)}, Object: by.Session.String()}
	_, err := action.Run(ctx, l.Run, withoutKey(by), act, func(tx *action.Tx) (struct{}, error) {
		ended, err := session.EndOne(ctx, tx.Tx, by.Account, by.Session, session.ByPolicy)
		if err == nil && !ended {
			err = action.Nothing
		}
		tx.Record(audit.Event{Verb: act.Verb, Object: act.Object, After: map[string]any{trailBecause: string(session.ByPolicy)}})
		return struct{}{}, err
	})
	return err
}

// entry reads two rows when nothing is to be said: the policy, and how much shorter the sessions of
// by are to be here (CHG-3).
func entry(ctx context.Context, tx *store.Tx, by access.Actor, org ident.Org) (refusal, err error) {
	s, err := setting.ReadSecurity(ctx, tx, org)
	if err == nil {
		s, err = preference.Shortened(ctx, tx, org, by.Account, s)
	}
	switch {
	case err != nil:
		return nil, err
	case s.NetworkOnly && !s.Inside(by.Address):
		return ErrNetwork.With("Address", by.Address), nil
	case lasted(tx.Now, by.Opened, s.Absolute()), lasted(tx.Now, by.Seen, s.Idle()):
		return ErrSessionOver, nil
	}
	enough, err := secondIsEnough(ctx, tx, by, s)
	if err != nil || enough {
		return nil, err
	}
	return lacking(ctx, tx, by, s)
}

// Lasting is how long the sessions of an account may last now, unused and in all: of what its
// organisations allow, and set for the person, the shortest. Sessions.Lasting asks for it.
func Lasting(ctx context.Context, tx *store.Tx, of ident.Account) (idle, absolute time.Duration, err error) {
	idle, absolute = session.Idle, session.Absolute
	all, err := setting.SecurityOf(ctx, tx, of)
	if err == nil {
		all, err = preference.ShortenedAll(ctx, tx, of, all)
	}
	for i := range all {
		idle, absolute = min(idle, all[i].Security.Idle()), min(absolute, all[i].Security.Absolute())
	}
	return idle, absolute, err
}

// secondIsEnough reports whether the organisation takes the second factor of the session.
func secondIsEnough(ctx context.Context, tx *store.Tx, by access.Actor, s setting.Security) (bool, error) {
	switch credential.FactorKind(by.Second) {
	case "":
		return false, nil
	case credential.Recovery:
		return true, nil
	case credential.Address:
		return s.NetworkFactor && s.Inside(by.Address), nil
	case session.ByDevice:
		return deviceIsEnough(ctx, tx, by, s)
	case credential.Passkey, credential.TOTP, credential.SMS:
		return s.Factors.Has(by.Second), nil
	}
	return false, nil
}

// deviceIsEnough: a remembered browser spares the factor for no longer than the
// organisation says, and not where it may have been one that the organisation refuses.
func deviceIsEnough(ctx context.Context, tx *store.Tx, by access.Actor, s setting.Security) (bool, error) {
	if s.DeviceDays < setting.MaxDeviceDays { // longer, none is remembered
		made, found, err := session.DeviceMade(ctx, tx, by.Account, by.Session)
		if err != nil || !found || !tx.Now.Before(made.Add(s.DeviceLife())) {
			return false, err
		}
	}
	if len(s.Factors.List()) == len(setting.AllFactors) {
		return true, nil
	}
	factors, err := credential.Factors(ctx, tx, by.Account)
	refused := func(f credential.Factor) bool {
		return f.Kind != credential.Address && !f.ProvedAt.IsZero() && !s.Factors.Has(string(f.Kind))
	}
	return err == nil && !slices.ContainsFunc(factors, refused), err
}

// lacking says what is missing to a session whose second factor is not enough: nothing,
// when none is asked of its person or their grace runs.
func lacking(ctx context.Context, tx *store.Tx, by access.Actor, s setting.Security) (refusal, err error) {
	a, found, err := account.Get(ctx, tx, by.Account)
	if err != nil || !found {
		return nil, err
	}
	strict, err := administers(ctx, tx, a)
	if err != nil || !strict && s.Required != setting.Everybody {
		return nil, err
	}
	factors, err := credential.Factors(ctx, tx, by.Account)
	if err != nil {
		return nil, err
	}
	from, err := graceFrom(ctx, tx, a)
	if err != nil {
		return nil, err
	}
	grace := !strict && tx.Now.Before(s.Due(from))
	switch has := slices.ContainsFunc(factors, acceptedBy(s, by.Address)); {
	case has && by.Second == "" && grace: // made in this very session
		return nil, nil
	case has:
		return ErrOtherFactor, nil
	case grace:
		return nil, nil
	}
	return ErrFactorDue, nil
}

// acceptedBy reports whether a factor would let its person in.
func acceptedBy(s setting.Security, address string) func(credential.Factor) bool {
	return func(f credential.Factor) bool {
		if f.ProvedAt.IsZero() {
			return false
		}
		if f.Kind == credential.Address {
			return s.NetworkFactor && s.Inside(address)
		}
		return s.Factors.Has(string(f.Kind))
	}
}

// lasted reports whether something that began has gone on for as long as it may; what has
// no beginning has.
func lasted(now, began time.Time, life time.Duration) bool {
	return began.IsZero() || now.Sub(began) >= life
}
