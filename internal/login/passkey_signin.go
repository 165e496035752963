package login

import (
	"context"
	"errors"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/session"
	"habilis/internal/store"
)

// SignInPasskey is a whole sign-in by a passkey to which its person proved themselves: both
// factors in one gesture, whatever became of the password (PWD-09). place names the browser
// that asked for the challenge. Errors: ErrRefused, the same for an answer that does not
// hold, a passkey that nobody has and a blocked account (SES-08); limit.ErrExceeded;
// credential.ErrNoPasskeys.
func (l Logins) SignInPasskey(ctx context.Context, by access.Actor, place string, response []byte, c Client) (Result, error) {
	by = withoutKey(by)
	if !l.Passkeys.Available() {
		return Result{}, credential.ErrNoPasskeys
	}
	network := l.networkOf(by.Address)
	if network != "" {
		if err := passkeyFailures.Take(ctx, l.Run.DB, network); err != nil {
			return Result{}, l.refused(ctx, by, try{verb: verbSignIn}, err)
		}
	}
	of, used, err := l.finishPasskey(ctx, network, place, response)
	if err != nil {
		return Result{}, err
	}
	if !used.OK {
		return Result{}, l.refusedPasskey(ctx, by, of, used, c)
	}
	return l.enterByPasskey(ctx, by, of, c)
}

// finishPasskey spends the challenge and checks the answer, in a transaction of its own:
// both stay whatever the account may do.
func (l Logins) finishPasskey(
	ctx context.Context, network, place string, response []byte,
) (of ident.Account, used credential.Used, err error) {
	err = l.Run.DB.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) (err error) {
		if of, used, err = l.Passkeys.FinishLogin(ctx, tx, place, response); err != nil || !used.OK || network == "" {
			return err
		}
		_, err = passkeyFailures.AddN(ctx, tx, network, -1)
		return err
	})
	return of, used, err
}

// refusedPasskey records the refusal and gives it. The person of a passkey that may have
// been copied is told.
func (l Logins) refusedPasskey(ctx context.Context, by access.Actor, of ident.Account, used credential.Used, c Client) error {
	t := try{verb: verbSignIn, account: account.Account{ID: of}}
	if !used.Copied {
		return l.refused(ctx, by, t, ErrRefused)
	}
	act := action.Act{Verb: verbCopied, Needs: []access.Need{access.Everybody()}, Object: of.String()}
	if _, err := action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		return struct{}{}, copied(ctx, tx, of, used.Factor, c)
	}); err != nil {
		return err
	}
	return l.refused(ctx, by, t, ErrRefused)
}

// enterByPasskey opens a session for the person of a passkey that held.
func (l Logins) enterByPasskey(ctx context.Context, by access.Actor, of ident.Account, c Client) (Result, error) {
	waiting, err := l.waitingOrgs(ctx, of)
	if err != nil {
		return Result{}, err
	}
	var a account.Account
	err = l.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		a, err = activeAccount(ctx, tx, of)
		return err
	})
	if errors.Is(err, ErrRefused) {
		err = l.refused(ctx, by, try{verb: verbSignIn, account: account.Account{ID: of}}, err)
	}
	if err != nil {
		return Result{}, err
	}
	act := action.Act{Verb: verbSignIn, Orgs: waiting, Accounts: true, Needs: []access.Need{access.Myself(of)}, Object: of.String()}
	return action.Run(ctx, l.Run, person(by, a), act, func(tx *action.Tx) (Result, error) {
		now, err := activeAccount(ctx, tx.Tx, of)
		if err != nil {
			return Result{}, err
		}
		if err := endHalf(ctx, tx.Tx, c); err != nil { // a password was given here before: it is not needed any more
			return Result{}, err
		}
		return l.admit(ctx, tx, arrival{
			account: now, first: session.ByPasskey, second: credential.Passkey, client: c, before: by, locked: waiting,
		})
	})
}

// activeAccount gives an account that may enter: a blocked one is refused like one that
// there is not (SES-08).
func activeAccount(ctx context.Context, tx *store.Tx, of ident.Account) (account.Account, error) {
	a, found, err := account.Get(ctx, tx, of)
	if err == nil && (!found || a.Status != account.Active) {
		err = ErrRefused
	}
	return a, err
}

const verbCopied = "factor.copied"
