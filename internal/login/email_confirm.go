package login

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
	"habilis/internal/token"
)

const verbEmailConfirm = "email.confirm"

// ErrEmailGone is the one answer to a link about an address that is spent, expired, given up
// or made up.
var ErrEmailGone = fault.New(fault.Gone, "login.email_gone")

// ErrEmailAsker is the answer to a link that an administrator asked for, who could not ask for it
// any more: the account serves elsewhere since, the policy changed, or their rights did. Which of
// them is nobody's business who only reads the new mailbox.
var ErrEmailAsker = fault.New(fault.Gone, "login.email_asker")

// EmailMoved is a change of address that is done.
type EmailMoved struct {
	Change account.EmailChange
	// Reset is the token of the page that chooses a password: an administrator asked for the
	// change, or it was undone. Zero otherwise.
	Reset secret.Text `json:"-"`
}

// CheckEmail gives the change that a presented link confirms, for its page; it spends
// nothing. Errors: ErrEmailGone, ErrEmailAsker.
func (l Logins) CheckEmail(ctx context.Context, by access.Actor, presented string) (account.EmailChange, error) {
	return l.changeOf(ctx, by, verbEmailConfirm, presented,
		func(ctx context.Context, tx *store.Tx, presented string) (account.EmailChange, bool, error) {
			c, found, err := account.EmailProofOf(ctx, tx, presented)
			if err == nil && found {
				err = stillAsked(ctx, tx, c)
			}
			return c, found, err
		})
}

// stillAsked refuses what an administrator asked for and could not ask for now: links outlive
// rights (CHG-2, rules.md 13). One's own request needs nobody. Errors: ErrEmailAsker.
func stillAsked(ctx context.Context, tx *store.Tx, c account.EmailChange) error {
	if !c.ByOther() {
		return nil
	}
	still, err := member.StillCorrectsEmail(ctx, tx, c.AskedBy, c.Account)
	if err == nil && !still {
		err = ErrEmailAsker
	}
	return err
}

// changeOf reads what a link is about, unless its account was blocked since.
func (l Logins) changeOf(ctx context.Context, by access.Actor, verb, presented string,
	find func(context.Context, *store.Tx, string) (account.EmailChange, bool, error),
) (account.EmailChange, error) {
	act := action.Act{Verb: verb, Needs: []access.Need{access.Everybody()}}
	return action.View(ctx, l.Run, by, act, func(tx *store.Tx) (account.EmailChange, error) {
		c, found, err := find(ctx, tx, presented)
		if err != nil || !found {
			return c, or(err, ErrEmailGone)
		}
		_, err = accountOf(ctx, tx, c)
		return c, err
	})
}

// accountOf reads the account of a change, which must be in use. Errors: ErrEmailGone.
func accountOf(ctx context.Context, tx *store.Tx, c account.EmailChange) (account.Account, error) {
	a, found, err := account.Get(ctx, tx, c.Account)
	if err == nil && (!found || a.Status != account.Active) {
		err = ErrEmailGone
	}
	return a, err
}

// or gives err, unless there is none.
func or(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// ConfirmEmail spends the link that was sent to a new address: it signs in from now on, the
// old one does not (CHG-2). Every session but the one that confirms ends (SES-02), and so do
// remembered browsers, half-signed ones and reset links (PWD-01). Both addresses are told; the
// old one gets the link that undoes it. When an administrator had asked, the mailbox is now
// proved for the first time: every credential made before is wiped, and a password is chosen
// next (rules.md 11), if they could still ask for it. Errors: ErrEmailGone, ErrEmailAsker,
// account.ErrTaken.
func (l Logins) ConfirmEmail(ctx context.Context, by access.Actor, presented string, c Client) (EmailMoved, error) {
	by = withoutKey(by)
	asked, err := l.CheckEmail(ctx, by, presented)
	if err != nil {
		return EmailMoved{}, err
	}
	orgs, err := l.orgsToMove(ctx, asked.Account)
	if err != nil {
		return EmailMoved{}, err
	}
	act := action.Act{
		Verb: verbEmailConfirm, Orgs: orgs, Accounts: true, Needs: []access.Need{access.Everybody()}, Object: asked.Account.String(),
	}
	return action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (EmailMoved, error) {
		done, undo, found, err := account.SpendEmailProof(ctx, tx.Tx, presented)
		if err != nil || !found {
			return EmailMoved{}, or(err, ErrEmailGone)
		}
		if err := stillAsked(ctx, tx.Tx, done); err != nil {
			return EmailMoved{}, err
		}
		a, err := accountOf(ctx, tx.Tx, done)
		if err != nil {
			return EmailMoved{}, err
		}
		if a.Email != done.Old { // changed otherwise since it was asked
			return EmailMoved{}, ErrEmailGone
		}
		m := move{account: a, to: done.New, verb: act.Verb, locked: orgs, why: session.EmailChanged}
		if by.Account == a.ID && !done.ByOther() {
			m.keep = by.Session
		}
		moved := EmailMoved{Change: done}
		if moved.Reset, err = m.do(ctx, tx, done.ByOther()); err != nil {
			return EmailMoved{}, err
		}
		told := EmailChangedLetter{Change: done.ID, Address: by.Address, Browser: c.UserAgent}
		tx.After(job.Order{Args: told, Priority: job.Normal})
		told.ToOld = true
		tx.After(job.Order{Args: told, Priority: job.Urgent, Secret: undo})
		return moved, nil
	})
}

// orgsToMove are the organisations that a change of address touches: those that show it, and
// those for which the person made tokens, which may be revoked.
func (l Logins) orgsToMove(ctx context.Context, of ident.Account) (orgs []ident.Org, err error) {
	err = l.Run.DB.Read(ctx, func(tx *store.Tx) error {
		places, err := member.OrgsOf(ctx, tx, of)
		if err != nil {
			return err
		}
		made, err := orgsMadeFor(ctx, tx, of)
		orgs = slices.Concat(places, made)
		return err
	})
	return orgs, err
}

// move gives an account another address, and ends what was opened under the one before.
type move struct {
	account account.Account
	to      account.Email
	verb    string
	locked  []ident.Org
	keep    ident.Session // goes on
	why     session.Reason
}

// do moves; wipe takes every credential too, and gives the link that makes a new password.
func (m move) do(ctx context.Context, tx *action.Tx, wipe bool) (secret.Text, error) {
	next := m.account
	next.Email = m.to
	if _, err := account.Set(ctx, tx.Tx, next); err != nil {
		return secret.Text{}, err
	}
	if err := member.SetEmail(ctx, tx, m.account.ID, m.to, m.locked); err != nil {
		return secret.Text{}, err
	}
	ended, err := m.end(ctx, tx)
	if err != nil {
		return secret.Text{}, err
	}
	tx.Record(audit.Event{
		Verb: m.verb, Object: m.account.ID.String(), Names: map[string]string{"account": m.account.Name()},
		Before: map[string]any{trailEmail: m.account.Email.Masked()},
		After:  map[string]any{trailEmail: m.to.Masked(), trailSessionsEnded: ended, "wiped": wipe},
	})
	if !wipe {
		return secret.Text{}, nil
	}
	if err := credential.Wipe(ctx, tx.Tx, m.account.ID, m.verb); err != nil {
		return secret.Text{}, err
	}
	return m.newPassword(ctx, tx)
}

// end ends the browsers and the links.
func (m move) end(ctx context.Context, tx *action.Tx) (int64, error) {
	ended, err := session.EndAllBut(ctx, tx.Tx, m.account.ID, m.keep, m.why)
	if err != nil {
		return 0, err
	}
	if _, err := session.EndHalves(ctx, tx.Tx, m.account.ID, m.why); err != nil {
		return 0, err
	}
	if _, err := session.EndDevices(ctx, tx.Tx, m.account.ID, m.why); err != nil {
		return 0, err
	}
	return ended, credential.EndResets(ctx, tx.Tx, m.account.ID)
}

// newPassword ends what acts without a password, as a reset does (rules.md 7), and gives the
// link to a new one: whoever holds it reads the mail of the address that signs in.
func (m move) newPassword(ctx context.Context, tx *action.Tx) (secret.Text, error) {
	if err := revokeMade(ctx, tx, m.account, m.locked); err != nil {
		return secret.Text{}, err
	}
	if _, err := token.RevokeOf(ctx, tx.Tx, m.account.ID, m.verb); err != nil {
		return secret.Text{}, err
	}
	return credential.NewReset(ctx, tx.Tx, m.account.ID)
}
