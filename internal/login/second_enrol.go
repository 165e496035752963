package login

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/session"
	"habilis/internal/store"
)

// Enrolling is a first factor that its person proves, before anything is open to them.
type Enrolling struct {
	Kind     credential.FactorKind
	Factor   ident.Factor // of an application of codes: the one begun
	Name     string
	Code     string // that the application shows, or that was sent
	Response []byte // of a passkey
}

// Enrol is what a half without any factor may do: Pending, when it is so. Errors:
// session.ErrHalfGone, ErrHasFactor.
func (l Logins) Enrol(ctx context.Context, by access.Actor, presented string) (Pending, error) {
	p, err := l.Pending(ctx, by, presented)
	if err == nil && !p.Enrol {
		err = ErrHasFactor
	}
	return p, err
}

// EnrolTOTP draws the seed of a first application of codes. Errors: those of Enrol,
// ErrKindRefused.
func (l Logins) EnrolTOTP(ctx context.Context, by access.Actor, presented string) error {
	p, err := l.Enrol(ctx, by, presented)
	if err != nil {
		return err
	}
	act := action.Act{Verb: "factor.begin", Accounts: true, Needs: []access.Need{access.Myself(p.Account.ID)}, Object: p.Account.ID.String()}
	_, err = action.Run(ctx, l.Run, person(by, p.Account), act, func(tx *action.Tx) (struct{}, error) {
		half, err := enrolling(ctx, tx.Tx, presented, credential.TOTP)
		if err != nil {
			return struct{}{}, err
		}
		b, err := credential.BeginTOTP(ctx, tx.Tx, tx.Ring, half.Account, half.ID.String())
		tx.Record(audit.Event{
			Verb: act.Verb, Object: act.Object,
			After: map[string]any{trailKind: string(credential.TOTP), trailFactor: b.Factor.String()},
		})
		return struct{}{}, err
	})
	return err
}

// EnrolledTOTP gives the seed that a half has drawn and not proved; the last value is
// false when there is none. Errors: those of Enrol.
func (l Logins) EnrolledTOTP(ctx context.Context, by access.Actor, presented string) (Pending, credential.BegunTOTP, bool, error) {
	p, err := l.Enrol(ctx, by, presented)
	if err != nil {
		return Pending{}, credential.BegunTOTP{}, false, err
	}
	var b credential.BegunTOTP
	var begun bool
	err = l.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		b, begun, err = credential.PendingTOTP(ctx, tx, l.Run.Ring, p.Account.ID, p.Half.ID.String())
		return err
	})
	return p, b, begun, err
}

// enrolling finds the half that may still add a first factor of a kind: of two that add one
// at once, the second is asked for the first one's.
func enrolling(ctx context.Context, tx *store.Tx, presented string, kind credential.FactorKind) (session.Half, error) {
	p, err := pending(ctx, tx, presented)
	switch {
	case err != nil:
		return session.Half{}, err
	case !p.Enrol:
		return session.Half{}, ErrHasFactor
	case !p.Policy.Allows(kind):
		return session.Half{}, ErrKindRefused
	}
	return p.Half, nil
}

// FinishEnrol proves the first factor of a half, and opens the session with it. Errors:
// those of Enrol, ErrSecond for a wrong code, ErrSecondLocked for one that must be asked
// for again, ErrKindRefused, credential.ErrEnrolmentOver, ErrNotInside.
func (l Logins) FinishEnrol(ctx context.Context, by access.Actor, presented string, e Enrolling, c Client) (Result, error) {
	p, err := l.Enrol(ctx, by, presented)
	if err != nil {
		return Result{}, err
	}
	waiting, err := l.waitingOrgs(ctx, p.Account.ID)
	if err != nil {
		return Result{}, err
	}
	out, err := action.Run(ctx, l.Run, person(by, p.Account), secondAct(p.Account, waiting), func(tx *action.Tx) (attempted, error) {
		half, err := enrolling(ctx, tx.Tx, presented, e.Kind)
		if err != nil {
			return attempted{}, err
		}
		used, err := l.proveFirst(ctx, tx, half, e, c)
		switch {
		case err != nil:
			return attempted{}, err
		case used.OK:
			res, err := l.complete(ctx, tx, half, arrival{second: e.Kind, client: c, before: by, locked: waiting}, false)
			return attempted{result: res}, err
		case used.Locked:
			noteWrong(tx, half.Account, used, false)
			return attempted{refusal: ErrSecondLocked}, nil
		}
		return wrongFirst(ctx, tx, half, used)
	})
	if err != nil {
		return Result{}, err
	}
	return out.result, out.refusal
}

// wrongFirst records a wrong code of a factor being made; as many end the half as of one
// that is had.
func wrongFirst(ctx context.Context, tx *action.Tx, half session.Half, used credential.Used) (attempted, error) {
	ended, err := session.FailHalf(ctx, tx.Tx, half.ID)
	if err != nil {
		return attempted{}, err
	}
	noteWrong(tx, half.Account, used, ended)
	if ended {
		return attempted{refusal: ErrHalfOver}, nil
	}
	return attempted{refusal: ErrSecond}, nil
}

// proveFirst makes the factor one, if it is proved.
func (l Logins) proveFirst(ctx context.Context, tx *action.Tx, half session.Half, e Enrolling, c Client) (credential.Used, error) {
	used := credential.Used{Kind: e.Kind, Factor: e.Factor}
	var err error
	switch place := half.ID.String(); e.Kind {
	case credential.TOTP:
		used.OK, err = credential.ProveTOTP(ctx, tx.Tx, tx.Ring, half.Account, place, e.Factor, e.Name, e.Code)
	case credential.Passkey:
		used.Factor, used.OK, err = l.Passkeys.FinishEnrol(ctx, tx.Tx, half.Account, place, e.Name, e.Response)
	case credential.SMS:
		proved, err := l.ProvePhoneIn(ctx, tx, place, e.Code, c) // it records and tells by itself
		return proved.Used, err
	case credential.Address:
		used.Factor, err = confirmGiven(ctx, tx, half.Account)
		used.OK = err == nil
	case credential.Recovery:
		return used, ErrKindRefused
	}
	if err != nil || !used.OK {
		return used, err
	}
	ended, err := session.EndAll(ctx, tx.Tx, half.Account, factorsChanged) // those from before one was asked (SES-02)
	if err != nil {
		return used, err
	}
	told := FactorLetter{Account: half.Account, Change: FactorAdded, Of: e.Kind, Name: e.Name, Browser: c.UserAgent}
	tellFactor(tx, told)
	return used, recordAdded(ctx, tx, used.Factor, ended, told)
}
