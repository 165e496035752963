package login

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
)

// FieldCode is where a form has a code.
const FieldCode = "code"

// AddedFactor is a factor just added. Session is that of a browser that has proved more
// than before: its token goes into the cookie; it is empty when nothing changed there.
type AddedFactor struct {
	Factor  ident.Factor
	Session session.Opened `json:"-"`
}

// placeOf is where an enrolment is bound to: the session, or the token of a program.
func placeOf(by access.Actor) string {
	if !by.Token.IsZero() {
		return by.Token.String()
	}
	return by.Session.String()
}

// BeginTOTP begins to add an application of codes: the answer has the seed, which is shown
// for ten minutes, in this session, and never again (rules.md 5). Errors: ErrStronger,
// ErrKindRefused, credential.ErrTooManyFactors, access.ErrStepUp.
func (l Logins) BeginTOTP(ctx context.Context, by access.Actor) (credential.BegunTOTP, error) {
	act := ownAct(by, "factor.begin", by.Account.String())
	begun, err := action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (credential.BegunTOTP, error) {
		if err := mayAdd(ctx, tx.Tx, by, credential.TOTP); err != nil {
			return credential.BegunTOTP{}, err
		}
		b, err := credential.BeginTOTP(ctx, tx.Tx, tx.Ring, by.Account, placeOf(by))
		tx.Record(audit.Event{Verb: act.Verb, Object: act.Object, After: map[string]any{trailKind: string(credential.TOTP)}})
		return b, err
	})
	if err == nil && begun.Seed.IsZero() { // the answer of a request made before: no stored answer has the seed
		return l.PendingTOTP(ctx, by)
	}
	return begun, err
}

// PendingTOTP gives the application of codes that the actor began to add in this session
// and has not proved. Errors: credential.ErrEnrolmentOver when there is none.
func (l Logins) PendingTOTP(ctx context.Context, by access.Actor) (credential.BegunTOTP, error) {
	act := action.Act{Verb: "factor.begin", Needs: []access.Need{access.Myself(by.Account)}, Object: by.Account.String()}
	return action.View(ctx, l.Run, by, act, func(tx *store.Tx) (credential.BegunTOTP, error) {
		b, found, err := credential.PendingTOTP(ctx, tx, l.Run.Ring, by.Account, placeOf(by))
		if err == nil && !found {
			err = credential.ErrEnrolmentOver
		}
		return b, err
	})
}

// ConfirmTOTP adds the application of codes that was begun, once it has shown a right code.
// The other browsers of the person end, and the person is told. Errors: the fields code and
// name, credential.ErrEnrolmentOver, ErrStronger, ErrKindRefused, access.ErrStepUp.
func (l Logins) ConfirmTOTP(
	ctx context.Context, by access.Actor, id ident.Factor, typed string, code secret.Text, c Client,
) (AddedFactor, error) {
	name, err := factorName(typed)
	if err != nil {
		return AddedFactor{}, err
	}
	act := ownAct(by, verbAddFactor, id.String())
	return action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (AddedFactor, error) {
		if err := mayAdd(ctx, tx.Tx, by, credential.TOTP); err != nil {
			return AddedFactor{}, err
		}
		right, err := credential.ProveTOTP(ctx, tx.Tx, tx.Ring, by.Account, placeOf(by), id, name, code.Reveal())
		if err != nil {
			return AddedFactor{}, err
		}
		if !right {
			return AddedFactor{}, fault.OnField(FieldCode, "factor.code_wrong")
		}
		return addedFactor(ctx, tx, id, FactorLetter{Of: credential.TOTP, Name: name, Browser: c.UserAgent})
	})
}

const verbAddFactor = "factor.add"

// addedFactor ends the addition of a factor to the actor's own: the trail, the letter, the
// other browsers, and this session, which has just proved it.
func addedFactor(ctx context.Context, tx *action.Tx, id ident.Factor, l FactorLetter) (AddedFactor, error) {
	l.Account, l.Change = tx.By.Account, FactorAdded
	ended, err := factorChanged(ctx, tx, l)
	if err != nil {
		return AddedFactor{}, err
	}
	if err := recordAdded(ctx, tx, id, ended, l); err != nil {
		return AddedFactor{}, err
	}
	opened, err := proveHere(ctx, tx, l.Of)
	return AddedFactor{Factor: id, Session: opened}, err
}

// recordAdded writes that an account has one factor more, as its letter says: not everything
// is lost any more.
func recordAdded(ctx context.Context, tx *action.Tx, id ident.Factor, ended int64, l FactorLetter) error {
	tx.Record(audit.Event{
		Verb: verbAddFactor, Object: id.String(), Subject: l.Account.String(),
		After: map[string]any{trailKind: string(l.Of), trailSessionsEnded: ended},
	})
	_, err := dropLoss(ctx, tx, l.Account, lossStopped(l.Browser))
	return err
}
