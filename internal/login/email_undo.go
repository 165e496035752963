package login

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/job"
	"habilis/internal/secret"
	"habilis/internal/session"
)

const verbEmailUndo = "email.undo"

// CheckUndoEmail gives the change that a presented link undoes, for its page; it spends
// nothing. Errors: ErrEmailGone.
func (l Logins) CheckUndoEmail(ctx context.Context, by access.Actor, presented string) (account.EmailChange, error) {
	return l.changeOf(ctx, by, verbEmailUndo, presented, account.EmailUndoOf)
}

// UndoEmail spends the link that the old address got: it signs in again, whatever was done
// since, and even if the password was changed (CHG-2). Every session ends, in every browser;
// the password opens nothing until it is reset, which the answer lets the person do at once;
// every later change of address is over. Second factors stay, those added since are told: a
// mailbox alone never takes one away (rules.md 5). Nobody else got the address meanwhile
// (account.Holder). Errors: ErrEmailGone.
func (l Logins) UndoEmail(ctx context.Context, by access.Actor, presented string, c Client) (EmailMoved, error) {
	by = withoutKey(by)
	asked, err := l.CheckUndoEmail(ctx, by, presented)
	if err != nil {
		return EmailMoved{}, err
	}
	orgs, err := l.orgsToMove(ctx, asked.Account)
	if err != nil {
		return EmailMoved{}, err
	}
	by.Session = "" // no session is kept, not even this browser's
	act := action.Act{
		Verb: verbEmailUndo, Orgs: orgs, Accounts: true, Needs: []access.Need{access.Everybody()}, Object: asked.Account.String(),
	}
	return action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (EmailMoved, error) {
		done, found, err := account.SpendEmailUndo(ctx, tx.Tx, presented)
		if err != nil || !found {
			return EmailMoved{}, or(err, ErrEmailGone)
		}
		a, err := accountOf(ctx, tx.Tx, done)
		if err != nil {
			return EmailMoved{}, err
		}
		m := move{account: a, to: done.Old, verb: act.Verb, locked: orgs, why: session.EmailChanged}
		reset, err := m.back(ctx, tx, done)
		if err != nil {
			return EmailMoved{}, err
		}
		return EmailMoved{Change: done, Reset: reset}, tellUndone(ctx, tx, done, c)
	})
}

// back gives the old address back.
func (m move) back(ctx context.Context, tx *action.Tx, done account.EmailChange) (secret.Text, error) {
	if _, err := m.do(ctx, tx, false); err != nil {
		return secret.Text{}, err
	}
	if err := account.EndEmailChanges(ctx, tx.Tx, done); err != nil {
		return secret.Text{}, err
	}
	if err := credential.StopAllDelayed(ctx, tx.Tx, m.account.ID); err != nil { // its letters went to the other address
		return secret.Text{}, err
	}
	if err := stays(ctx, tx, m.account.ID, StayAddress); err != nil {
		return secret.Text{}, err
	}
	if err := credential.Lock(ctx, tx.Tx, m.account.ID); err != nil {
		return secret.Text{}, err
	}
	// What was added lately may be the other one's: a passkey alone would sign them in again.
	if err := credential.RestSince(ctx, tx.Tx, m.account.ID, done.CreatedAt.Add(-credential.Delay)); err != nil {
		return secret.Text{}, err
	}
	return m.newPassword(ctx, tx)
}

// tellUndone orders the letters to both addresses. The old one, which signs in again, hears
// which second factors were added since the change was asked.
func tellUndone(ctx context.Context, tx *action.Tx, done account.EmailChange, c Client) error {
	factors, err := credential.Factors(ctx, tx.Tx, done.Account)
	if err != nil {
		return err
	}
	l := EmailUndoneLetter{Change: done.ID, At: tx.Now, Address: tx.By.Address, Browser: c.UserAgent}
	tx.After(job.Order{Args: l, Priority: job.Normal})
	l.ToOld = true
	for _, f := range factors {
		if !f.CreatedAt.Before(done.CreatedAt) {
			l.Factors = append(l.Factors, string(f.Kind))
		}
	}
	tx.After(job.Order{Args: l, Priority: job.Urgent})
	return nil
}
