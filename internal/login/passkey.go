package login

import (
	"context"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/limit"
	"habilis/internal/session"
	"habilis/internal/store"
)

// Limits of one network address, as those of passwords exempt listed networks (rules.md 4).
// A challenge costs a row, and every sign-in page opened with script may ask for one.
const (
	PasskeyWindow   = 5 * time.Minute
	PasskeyBegins   = 300 // challenges asked for, by an address whose browsers nobody signed in, or by a person
	PasskeyFailures = 30  // answers that did not hold
)

var (
	passkeyBegins   = limit.Counter{Name: "passkey.begin", Window: PasskeyWindow, Max: PasskeyBegins}
	passkeyFailures = limit.Counter{Name: "passkey.failure", Window: PasskeyWindow, Max: PasskeyFailures}
	copiedLetters   = limit.Counter{Name: "passkey.copied", Window: credential.GuardDay, Max: 1}
)

// ErrPasskeyRefused is the one answer to a passkey that does not hold, for somebody whom
// the server knows already; a stranger gets ErrRefused.
var ErrPasskeyRefused = fault.New(fault.Forbidden, "login.passkey_refused")

// HasPasskey reports whether the actor may be offered to prove themselves by a passkey.
func (l Logins) HasPasskey(ctx context.Context, by access.Actor) (bool, error) {
	act := action.Act{Verb: "factor.list", Needs: []access.Need{access.Myself(by.Account)}}
	return action.View(ctx, l.Run, by, act, func(tx *store.Tx) (bool, error) {
		has, err := credential.HasPasskey(ctx, tx, by.Account)
		return has && l.Passkeys.Available() && !by.Session.IsZero() && by.Token.IsZero(), err
	})
}

// BeginPasskeySignIn gives the options of a sign-in by passkey alone, the same for
// everybody (ENU-01); place names the browser. Errors: limit.ErrExceeded,
// credential.ErrNoPasskeys.
func (l Logins) BeginPasskeySignIn(ctx context.Context, by access.Actor, place string) ([]byte, error) {
	return l.ceremony(ctx, by, verbSignIn, func(tx *store.Tx) ([]byte, error) { return l.Passkeys.BeginLogin(ctx, tx, place) })
}

// BeginPasskeySecond gives the options of a passkey as the second factor of a half, whose
// token the browser presents. Errors: session.ErrHalfGone, credential.ErrFactorNotFound,
// credential.ErrNoPasskeys.
func (l Logins) BeginPasskeySecond(ctx context.Context, by access.Actor, half string) ([]byte, error) {
	return l.ceremony(ctx, by, verbSecond, func(tx *store.Tx) ([]byte, error) {
		h, err := session.AuthenticateHalf(ctx, tx, half)
		if err != nil {
			return nil, err
		}
		return l.Passkeys.BeginSecond(ctx, tx, h.Account, h.ID.String())
	})
}

// BeginPasskeyHalf gives the options with which somebody who must have a second factor
// before anything opens makes a passkey. Errors: session.ErrHalfGone,
// credential.ErrNoPasskeys, credential.ErrTooManyFactors.
func (l Logins) BeginPasskeyHalf(ctx context.Context, by access.Actor, half string) ([]byte, error) {
	return l.ceremony(ctx, by, verbAddFactor, func(tx *store.Tx) ([]byte, error) {
		h, err := session.AuthenticateHalf(ctx, tx, half)
		if err != nil {
			return nil, err
		}
		return l.beginEnrol(ctx, tx, h.Account, h.ID.String())
	})
}

// BeginPasskeyStepUp gives the options with which the actor proves themselves again in
// this session. Errors: access.ErrForbidden without a session,
// credential.ErrFactorNotFound, credential.ErrNoPasskeys.
func (l Logins) BeginPasskeyStepUp(ctx context.Context, by access.Actor) ([]byte, error) {
	if err := l.inSession(ctx, by, verbStepUp); err != nil {
		return nil, err
	}
	return l.ceremony(ctx, by, verbStepUp, func(tx *store.Tx) ([]byte, error) {
		return l.Passkeys.BeginStepUp(ctx, tx, by.Account, by.Session.String())
	})
}

// MayAddPasskey says why the actor may not add a passkey now, before anything is asked of
// their device. Errors: ErrStronger, ErrKindRefused, access.ErrStepUp, access.ErrForbidden
// without a session, credential.ErrNoPasskeys.
func (l Logins) MayAddPasskey(ctx context.Context, by access.Actor) error {
	_, err := action.View(ctx, l.Run, by, ownAct(by, verbAddFactor, by.Account.String()), func(tx *store.Tx) (struct{}, error) {
		if err := inBrowser(by); err != nil {
			return struct{}{}, err
		}
		if !l.Passkeys.Available() {
			return struct{}{}, credential.ErrNoPasskeys
		}
		return struct{}{}, mayAdd(ctx, tx, by, credential.Passkey)
	})
	return err
}

// BeginPasskey gives the options with which the actor makes a passkey in this session.
// Errors: those of MayAddPasskey, credential.ErrTooManyFactors.
func (l Logins) BeginPasskey(ctx context.Context, by access.Actor) ([]byte, error) {
	if err := l.MayAddPasskey(ctx, by); err != nil {
		return nil, err
	}
	return l.ceremony(ctx, by, verbAddFactor, func(tx *store.Tx) ([]byte, error) {
		return l.beginEnrol(ctx, tx, by.Account, by.Session.String())
	})
}

// AddPasskey adds the passkey that the actor's browser made, under a name. The other
// browsers of the person end, the person is told, and this session has proved it. Errors:
// ErrPasskeyRefused, the field name, credential.ErrPasskeyKnown, credential.ErrTooManyFactors,
// those of MayAddPasskey.
func (l Logins) AddPasskey(ctx context.Context, by access.Actor, typed string, response []byte, c Client) (AddedFactor, error) {
	by = withoutKey(by)
	name, err := factorName(typed)
	if err != nil {
		return AddedFactor{}, err
	}
	if err := l.MayAddPasskey(ctx, by); err != nil {
		return AddedFactor{}, err
	}
	act := ownAct(by, verbAddFactor, by.Account.String())
	added, err := action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (AddedFactor, error) {
		if err := mayAdd(ctx, tx.Tx, by, credential.Passkey); err != nil {
			return AddedFactor{}, err
		}
		id, ok, err := l.Passkeys.FinishEnrol(ctx, tx.Tx, by.Account, by.Session.String(), name, response)
		if err != nil {
			return AddedFactor{}, err
		}
		if !ok {
			return AddedFactor{}, notProven(ctx, tx, act, by.Account, credential.Used{}, c)
		}
		return addedFactor(ctx, tx, id, FactorLetter{Of: credential.Passkey, Name: name, Browser: c.UserAgent})
	})
	if err == nil && added.Factor.IsZero() {
		err = ErrPasskeyRefused
	}
	return added, err
}

func (l Logins) beginEnrol(ctx context.Context, tx *store.Tx, id ident.Account, place string) ([]byte, error) {
	a, found, err := account.Get(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if !found || a.Status != account.Active {
		return nil, access.ErrUnauthenticated
	}
	return l.Passkeys.BeginEnrol(ctx, tx, credential.Holder{Account: id, Email: a.Email.Address, Name: a.Name()}, place)
}

// ceremony keeps a challenge, counted for the person or, of a stranger, for the address. It
// is no act: nothing of the field changes by it, and the trail has what it is used for.
func (l Logins) ceremony(
	ctx context.Context, by access.Actor, verb string, begin func(*store.Tx) ([]byte, error),
) (options []byte, err error) {
	subject := by.Account.String()
	if by.Account.IsZero() {
		subject = l.networkOf(by.Address)
	}
	if subject != "" {
		if err := passkeyBegins.Take(ctx, l.Run.DB, subject); err != nil {
			return nil, l.refused(ctx, by, try{verb: verb}, err)
		}
	}
	err = l.Run.DB.Write(ctx, []store.Lock{store.Lock("ceremony " + by.Request)}, func(tx *store.Tx) (err error) {
		options, err = begin(tx)
		return err
	})
	return options, err
}

// inSession checks that the actor is a person in a browser, who acts on themselves.
func (l Logins) inSession(ctx context.Context, by access.Actor, verb string) error {
	act := action.Act{Verb: verb, Needs: []access.Need{access.Myself(by.Account)}, Object: by.Session.String()}
	_, err := action.View(ctx, l.Run, by, act, func(*store.Tx) (struct{}, error) { return struct{}{}, inBrowser(by) })
	return err
}

// copied records that a passkey's counter went back, which a copy of it would do, and
// tells its person, once a day.
func copied(ctx context.Context, tx *action.Tx, of ident.Account, factor ident.Factor, c Client) error {
	tx.Record(audit.Event{Verb: verbCopied, Object: of.String(), After: map[string]any{trailFactor: factor.String()}})
	told, err := copiedLetters.Add(ctx, tx.Tx, factor.String())
	if err == nil && told <= copiedLetters.Max {
		tellFactor(tx, FactorLetter{Account: of, Change: FactorCopied, Of: credential.Passkey, Browser: c.UserAgent})
	}
	return err
}
