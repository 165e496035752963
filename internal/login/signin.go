package login

import (
	"cmp"
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
	"habilis/internal/invitation"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
)

// Verbs of signing in.
const (
	verbSignIn = "login.sign_in"
	verbFirst  = "login.first_proof" // right, and a second factor is due
	verbSecond = "login.second"
)

// SignIn tries an e-mail and a password. Errors: ErrRefused, the same for every
// state of an account; ErrLocked and limit.ErrExceeded, which depend only on what
// was tried before (rules.md 4, ENU-01); credential.ErrBusy; a malformed address,
// which is no account's. Whether a second factor is due is told with the right
// password only.
func (l Logins) SignIn(ctx context.Context, by access.Actor, email string, password secret.Text, c Client) (Result, error) {
	by = withoutKey(by)
	e, code := account.ParseEmail(email)
	if code != "" { // nothing was tried
		return Result{}, incomplete(code, password)
	}
	t, err := l.lookUp(ctx, by, e.Key)
	if err != nil {
		return Result{}, err
	}
	if err := l.count(ctx, &t); err != nil {
		return Result{}, l.refused(ctx, by, t, err)
	}
	right, err := l.verify(ctx, t, password)
	switch {
	case err != nil:
		return Result{}, err
	case !right || !t.opens():
		return Result{}, l.failed(ctx, by, t, ErrRefused)
	case t.temporary != nil:
		return l.finish(ctx, by, t)
	}
	return l.enter(ctx, by, t, password, c)
}

// incomplete tells all that must be corrected in a form whose address is nobody's. With an
// address, an empty password is tried like any other: every account answers alike (ENU-01).
func incomplete(email string, password secret.Text) error {
	var wrong fault.Fields
	wrong.Add("email", email)
	if password.IsZero() {
		wrong.Add("password", "login.password_empty")
	}
	return wrong.Err()
}

// lookUp reads all that a try may meet; the same is read whatever there is.
func (l Logins) lookUp(ctx context.Context, by access.Actor, key string) (try, error) {
	digest, err := l.digest(key)
	if err != nil {
		return try{}, err
	}
	network := l.networkOf(by.Address)
	t := try{verb: verbSignIn, from: source{network: network, pair: network + " " + digest}}
	err = l.Run.DB.Read(ctx, func(tx *store.Tx) error {
		a, found, err := account.ByEmail(ctx, tx, key)
		if err != nil {
			return err
		}
		temporary, isTemporary, err := invitation.Temporary(ctx, tx, key)
		if err != nil {
			return err
		}
		hash, err := credential.PasswordHash(ctx, tx, a.ID)
		switch {
		case isTemporary: // there is no account, or one that waits for a verification
			t.temporary, t.hash, t.subject = &temporary, temporary.Hash, credential.Subject{Typed: digest}
		case found:
			t.account, t.hash, t.subject = a, hash, credential.Subject{Account: a.ID}
		default:
			t.subject = credential.Subject{Typed: digest}
		}
		return err
	})
	return t, err
}

// opens reports whether the right password opens anything.
func (t try) opens() bool {
	return !t.attempt.Locked && (t.temporary != nil || t.account.Status == account.Active)
}

// enter is whoever gave the right password: admit decides what it opens.
func (l Logins) enter(ctx context.Context, by access.Actor, t try, password secret.Text, c Client) (Result, error) {
	better, err := l.renewed(ctx, t.hash, password)
	if err != nil {
		return Result{}, err
	}
	waiting, err := l.waitingOrgs(ctx, t.account.ID)
	if err != nil {
		return Result{}, err
	}
	act := action.Act{
		Verb: verbSignIn, Orgs: waiting, Accounts: true, Needs: []access.Need{access.Myself(t.account.ID)}, Object: t.account.ID.String(),
	}
	return action.Run(ctx, l.Run, person(by, t.account), act, func(tx *action.Tx) (Result, error) {
		if err := t.settle(ctx, tx.Tx, better); err != nil {
			return Result{}, err
		}
		return l.admit(ctx, tx, arrival{
			account: t.account, first: cmp.Or(c.First, session.ByPassword), client: c, before: by, locked: waiting,
		})
	})
}

// renewed gives the hash of a password at today's cost, or nothing when the kept
// one is. A server too busy to renew does it another time.
func (l Logins) renewed(ctx context.Context, hash string, password secret.Text) (string, error) {
	if !l.Hasher.NeedsUpgrade(hash) {
		return "", nil
	}
	better, err := l.Hasher.Hash(ctx, password)
	if errors.Is(err, credential.ErrBusy) {
		return "", nil
	}
	return better, err
}

// settle writes what the right password changes: its failures are forgotten, and it may be
// kept at today's cost.
func (t try) settle(ctx context.Context, tx *store.Tx, better string) error {
	if err := t.unchanged(ctx, tx); err != nil {
		return err
	}
	if err := t.succeed(ctx, tx); err != nil {
		return err
	}
	if better == "" {
		return nil
	}
	return credential.SetPassword(ctx, tx, t.account.ID, better)
}

// finish spends a temporary password: it opens the page that finishes the account
// and nothing else (MEM-12, PWD-04).
func (l Logins) finish(ctx context.Context, by access.Actor, t try) (Result, error) {
	act := action.Act{
		Verb: "login.temporary_password", Orgs: []ident.Org{t.temporary.Org}, Object: t.temporary.Invitation.String(),
		Needs: []access.Need{access.Everybody()},
	}
	token, err := action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (secret.Text, error) {
		token, err := invitation.SpendTemporary(ctx, tx.Tx, *t.temporary)
		if errors.Is(err, invitation.ErrGone) {
			err = ErrRefused
		}
		if err != nil {
			return secret.Text{}, err
		}
		tx.Record(audit.Event{Org: t.temporary.Org, Verb: act.Verb, Object: act.Object})
		return token, t.succeed(ctx, tx.Tx)
	})
	if err != nil {
		return Result{}, err
	}
	return Result{Finish: &token}, nil
}

// idleOf is how long a session of the account may be idle (SEC-4, rules.md 7).
func idleOf(ctx context.Context, tx *store.Tx, a account.Account) (time.Duration, error) {
	p, err := Effective(ctx, tx, a.ID)
	return p.Idle, err
}
