package login

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/session"
	"habilis/internal/store"
)

// SendMergeCode sends a code to a proved number of the second account, as SendSMS does between the two
// proofs of a sign-in. Errors: session.ErrHalfGone, and those of SendSMS.
func (l Logins) SendMergeCode(ctx context.Context, by access.Actor, presented string, id ident.Factor) (SentCode, error) {
	p, err := l.PendingMerge(ctx, by, presented)
	if err != nil {
		return SentCode{}, err
	}
	act := mergeAct(verbSendCode, by)
	act.Object = p.Account.ID.String()
	sent, err := action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (SentCode, error) {
		h, err := session.AuthenticateBound(ctx, tx.Tx, presented, by.Session)
		if err != nil {
			return SentCode{}, err
		}
		f, err := provedPhone(ctx, tx.Tx, h.Account, id)
		if err != nil {
			return SentCode{}, err
		}
		return l.orderCode(ctx, tx, f, credential.CodeSignIn, h.ID.String())
	})
	if fault.Is(err, fault.Limited) && l.SMS.Refused != nil {
		l.SMS.Refused()
	}
	return sent, err
}

// BeginPasskeyMerge gives the options of a passkey as the second factor of the second account; its
// answer goes to ProveMerge. Errors: session.ErrHalfGone, credential.ErrFactorNotFound,
// credential.ErrNoPasskeys, access.ErrForbidden without a session.
func (l Logins) BeginPasskeyMerge(ctx context.Context, by access.Actor, presented string) ([]byte, error) {
	if _, err := l.PendingMerge(ctx, by, presented); err != nil {
		return nil, err
	}
	return l.ceremony(ctx, by, verbMergeProve, func(tx *store.Tx) ([]byte, error) {
		h, err := session.AuthenticateBound(ctx, tx, presented, by.Session)
		if err != nil {
			return nil, err
		}
		return l.Passkeys.BeginSecond(ctx, tx, h.Account, h.ID.String())
	})
}

// LeaveMerge ends a half that is bound to the actor's session: its person changed their mind. One that
// is over already is no error. Errors: access.ErrForbidden without a session.
func (l Logins) LeaveMerge(ctx context.Context, by access.Actor, presented string) error {
	if _, err := l.PendingMerge(ctx, by, presented); err != nil {
		if fault.Is(err, fault.Gone) {
			return nil
		}
		return err
	}
	return l.Run.DB.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
		h, err := session.AuthenticateBound(ctx, tx, presented, by.Session)
		if fault.Is(err, fault.Gone) {
			return nil
		}
		if err == nil {
			_, err = session.EndHalf(ctx, tx, h.ID, session.Left)
		}
		return err
	})
}
