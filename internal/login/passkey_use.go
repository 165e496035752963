package login

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/session"
)

const verbStepUp = "login.step_up"

// useSecondPasskey spends the answer of a passkey to BeginPasskeySecond. Its person is told
// when it may have been copied: commit whatever it gives.
func (l Logins) useSecondPasskey(
	ctx context.Context, tx *action.Tx, of ident.Account, half ident.Half, response string, c Client,
) (credential.Used, error) {
	used, err := l.Passkeys.FinishSecond(ctx, tx.Tx, of, half.String(), []byte(response))
	if err == nil && used.Copied {
		err = copied(ctx, tx, of, used.Factor, c)
	}
	return used, err
}

// StepUpPasskey proves the person again in this session by a passkey to which they proved
// themselves: its token changes (SES-03, STP-02), and it counts as the second factor too.
// A password that is locked, or was never set, does not matter (PWD-09). Errors:
// ErrPasskeyRefused; access.ErrForbidden without a session, access.ErrUnauthenticated for
// one that ended.
func (l Logins) StepUpPasskey(ctx context.Context, by access.Actor, response []byte, c Client) (session.Opened, error) {
	by = withoutKey(by)
	if err := l.inSession(ctx, by, verbStepUp); err != nil {
		return session.Opened{}, err
	}
	act := action.Act{Verb: verbStepUp, Needs: []access.Need{access.Myself(by.Account)}, Object: by.Session.String()}
	done, err := action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (steppedUp, error) {
		used, err := l.Passkeys.FinishStepUp(ctx, tx.Tx, by.Account, by.Session.String(), response)
		if err != nil {
			return steppedUp{}, err
		}
		if !used.OK {
			return steppedUp{Refused: true}, notProven(ctx, tx, act, by.Account, used, c)
		}
		opened, err := renewByPasskey(ctx, tx)
		if err == nil {
			_, err = dropLoss(ctx, tx, by.Account, lossUsed(c.UserAgent))
		}
		tx.Record(audit.Event{Verb: act.Verb, Object: act.Object, After: map[string]any{"by": string(credential.Passkey)}})
		return steppedUp{Opened: opened}, err
	})
	if err == nil && done.Refused {
		err = ErrPasskeyRefused
	}
	return done.Opened, err
}

// steppedUp is what came of an act that is committed though the passkey was refused: the
// challenge is spent, and the trail knows.
type steppedUp struct {
	Opened  session.Opened
	Refused bool
}

func notProven(ctx context.Context, tx *action.Tx, act action.Act, of ident.Account, used credential.Used, c Client) error {
	tx.Record(audit.Event{Verb: "login.passkey_wrong", Object: of.String(), After: map[string]any{
		trailKind: string(credential.Passkey), "for": act.Verb, trailBecause: ErrPasskeyRefused.Code,
	}})
	if !used.Copied {
		return nil
	}
	return copied(ctx, tx, of, used.Factor, c)
}

// renewByPasskey gives the actor's session another token: proved again, and with a second
// factor, by one gesture.
func renewByPasskey(ctx context.Context, tx *action.Tx) (session.Opened, error) {
	a, found, err := account.Get(ctx, tx.Tx, tx.By.Account)
	if err != nil {
		return session.Opened{}, err
	}
	if !found || a.Status != account.Active {
		return session.Opened{}, access.ErrUnauthenticated
	}
	idle, err := idleOf(ctx, tx.Tx, a)
	if err != nil {
		return session.Opened{}, err
	}
	if _, err := session.RenewBy(ctx, tx.Tx, a.ID, tx.By.Session, idle, session.ByPasskey); err != nil {
		return session.Opened{}, goneIsOut(err)
	}
	opened, err := session.Prove(ctx, tx.Tx, a.ID, tx.By.Session, idle, string(credential.Passkey))
	return opened, goneIsOut(err)
}

// goneIsOut: a session that ended meanwhile is over.
func goneIsOut(err error) error {
	if fault.Of(err).Code == session.ErrNotFound.Code && err != nil {
		return access.ErrUnauthenticated
	}
	return err
}
