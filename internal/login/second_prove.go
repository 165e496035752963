package login

import (
	"context"
	"errors"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/session"
	"habilis/internal/store"
)

const verbProve = "login.prove_second"

// ToProve says with what the actor may prove themselves again in their session. Errors:
// access.ErrForbidden without a session.
func (l Logins) ToProve(ctx context.Context, by access.Actor) (Pending, error) {
	act := action.Act{Verb: verbProve, Needs: []access.Need{access.Myself(by.Account)}, Object: by.Session.String()}
	return action.View(ctx, l.Run, by, act, func(tx *store.Tx) (Pending, error) {
		if err := inBrowser(by); err != nil {
			return Pending{}, err
		}
		a, found, err := account.Get(ctx, tx, by.Account)
		if err == nil && !found {
			err = access.ErrUnauthenticated
		}
		if err != nil {
			return Pending{}, err
		}
		p := Pending{Account: a}
		p, err = p.read(ctx, tx, asked{credential.CodeProve, by.Session.String()})
		return p, err
	})
}

// ProveSecond proves a second factor again in the actor's session: its token changes
// (SES-03), and the session says with what. It is asked before factors are managed, and
// where an organisation asks for another kind than the session was opened with. It is no
// step-up: a code is no password (rules.md 6). A passkey is both: StepUpPasskey takes it. Errors: ErrSecond, ErrSecondLocked;
// access.ErrForbidden without a session; limit.ErrExceeded.
func (l Logins) ProveSecond(ctx context.Context, by access.Actor, a Answer, c Client) (session.Opened, error) {
	by = withoutKey(by)
	if err := l.inSession(ctx, by, verbProve); err != nil {
		return session.Opened{}, err
	}
	act := action.Act{Verb: verbProve, Accounts: true, Needs: []access.Need{access.Myself(by.Account)}, Object: by.Session.String()}
	if err := proofsOf.Take(ctx, l.Run.DB, by.Session.String()); err != nil {
		return session.Opened{}, l.refused(ctx, by, try{verb: verbProve, account: account.Account{ID: by.Account}}, err)
	}
	typed, err := l.hashed(ctx, by.Account, a)
	if err != nil {
		return session.Opened{}, err
	}
	out, err := action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (attempted, error) {
		used, err := l.use(ctx, tx, by.Account, asked{credential.CodeProve, by.Session.String()}, a, typed, c)
		switch {
		case err != nil:
			return attempted{}, err
		case used.OK:
			return l.provedAgain(ctx, tx, a.Kind, c)
		}
		noteWrong(tx, by.Account, used, false)
		if used.Locked {
			return attempted{refusal: ErrSecondLocked}, nil
		}
		return attempted{refusal: ErrSecond}, nil
	})
	if err != nil {
		return session.Opened{}, err
	}
	return out.opened, out.refusal
}

// provedAgain notes the factor in the session, which gets another token.
func (l Logins) provedAgain(ctx context.Context, tx *action.Tx, kind credential.FactorKind, c Client) (attempted, error) {
	p, err := Effective(ctx, tx.Tx, tx.By.Account)
	if err != nil {
		return attempted{}, err
	}
	opened, err := session.Prove(ctx, tx.Tx, tx.By.Account, tx.By.Session, p.Idle, string(kind))
	if errors.Is(err, session.ErrNotFound) {
		err = access.ErrUnauthenticated
	}
	if err != nil {
		return attempted{}, err
	}
	tx.Record(audit.Event{
		Verb: verbProve, Object: tx.By.Session.String(), Subject: tx.By.Account.String(),
		After: map[string]any{"second": string(kind)},
	})
	_, err = dropLoss(ctx, tx, tx.By.Account, lossUsed(c.UserAgent))
	return attempted{opened: opened}, err
}

// inBrowser refuses whoever acts without a session, which a token has not.
func inBrowser(by access.Actor) error {
	if by.Session.IsZero() || !by.Token.IsZero() {
		return access.ErrForbidden
	}
	return nil
}
