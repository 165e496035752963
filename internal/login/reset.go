package login

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
	"habilis/internal/token"
	"habilis/internal/webhook"
)

// forgotSpread is the time over which the lookups of addresses are spread: done at once, the
// work that one makes would be read in how long the next answer takes (ENU-01).
const forgotSpread = 2 * time.Second

// Forgot mails a link that sets a new password, if the address has an account.
// Whether it has one is looked up by a job, after the answer, which is the same
// (ENU-01, PWD-10). Errors: limit.ErrExceeded for too many from one network
// address; a malformed e-mail, which is no account's.
func (l Logins) Forgot(ctx context.Context, by access.Actor, email string) error {
	by = withoutKey(by)
	e, code := account.ParseEmail(email)
	if code != "" {
		return fault.OnField("email", code)
	}
	act := action.Act{Verb: "login.forgot", Needs: []access.Need{access.Everybody()}}
	if network := l.networkOf(by.Address); network != "" {
		if err := forgotFrom.Take(ctx, l.Run.DB, network); err != nil {
			return l.refused(ctx, by, try{verb: act.Verb}, err)
		}
	}
	digest, err := l.digest(e.Key)
	if err != nil {
		return err
	}
	_, err = action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		asked, err := forgotOf.Add(ctx, tx.Tx, digest)
		if err == nil && asked <= forgotOf.Max {
			at := tx.Now.Add(store.Jitter(forgotSpread))
			tx.After(job.Order{Args: ForgotOrder{}, Priority: job.Urgent, At: at, Secret: secret.NewText(e.Key)})
		}
		tx.Record(audit.Event{Verb: act.Verb})
		return struct{}{}, err
	})
	return err
}

// SendReset is the handler of ForgotOrder: it makes the link of the account that
// the address has, if it has one, and orders the letter. Run twice, it sends two
// letters of which the later one works.
func (l Logins) SendReset(ctx context.Context, j job.Job) error {
	act := action.Act{Verb: "login.reset_link", Needs: []access.Need{access.Everybody()}}
	_, err := action.Run(ctx, l.Run, access.Operator("job"), act, func(tx *action.Tx) (struct{}, error) {
		a, found, err := account.ByEmail(ctx, tx.Tx, j.Secret.Reveal())
		if err != nil {
			return struct{}{}, err
		}
		if !found || a.Status != account.Active {
			return struct{}{}, action.Nothing
		}
		link, err := credential.NewReset(ctx, tx.Tx, a.ID)
		if err != nil {
			return struct{}{}, err
		}
		tx.Record(audit.Event{Verb: act.Verb, Object: a.ID.String()})
		tx.After(job.Order{
			Args: ResetLetter{Account: a.ID, Until: tx.Now.Add(credential.ResetLife)}, Priority: job.Urgent, Secret: link,
		})
		return struct{}{}, nil
	})
	return err
}

const verbReset = "login.reset"

// CheckReset says whether a reset link may still be used; it spends nothing.
// It gives the address, for the form. Errors: ErrGone.
func (l Logins) CheckReset(ctx context.Context, by access.Actor, presented string) (string, error) {
	a, err := l.ownerOf(ctx, by, presented)
	return a.Email.Address, err
}

// ownerOf gives the account whose password a reset link sets. Errors: ErrGone,
// also for an account blocked since.
func (l Logins) ownerOf(ctx context.Context, by access.Actor, presented string) (account.Account, error) {
	act := action.Act{Verb: verbReset, Needs: []access.Need{access.Everybody()}}
	return action.View(ctx, l.Run, by, act, func(tx *store.Tx) (account.Account, error) {
		id, found, err := credential.ResetOwner(ctx, tx, presented)
		if err == nil && !found {
			err = ErrGone
		}
		if err != nil {
			return account.Account{}, err
		}
		a, found, err := account.Get(ctx, tx, id)
		if err == nil && (!found || a.Status != account.Active) {
			err = ErrGone
		}
		return a, err
	})
}

// Reset spends the link: the new password, every session and reset ended, every
// token of the person and every one they made for an organisation revoked
// (rules.md 7), the browsers that were remembered forgotten, the lock lifted; no session
// opened, and the second factors stay as they are (PWD-02).
// Errors: ErrGone; the field new_password, which spends nothing.
func (l Logins) Reset(ctx context.Context, by access.Actor, presented string, next secret.Text) error {
	by = withoutKey(by)
	a, err := l.ownerOf(ctx, by, presented)
	if err != nil {
		return err
	}
	if err := mayBecome(a, next); err != nil {
		return err
	}
	hash, err := l.Hasher.Hash(ctx, next)
	if err != nil {
		return err
	}
	orgs, err := l.orgsOfMaker(ctx, a.ID)
	if err != nil {
		return err
	}
	by.Session = "" // whoever resets keeps no session, not even this browser's
	act := action.Act{Verb: verbReset, Orgs: orgs, Accounts: true, Needs: []access.Need{access.Everybody()}, Object: a.ID.String()}
	_, err = action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		if err := revokeMade(ctx, tx, a, orgs); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, spendReset(ctx, tx, presented, hash)
	})
	return err
}

// orgsOfMaker are the organisations for which an account made tokens in force, or answers for
// receivers of events.
func (l Logins) orgsOfMaker(ctx context.Context, id ident.Account) (orgs []ident.Org, err error) {
	err = l.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		orgs, err = orgsMadeFor(ctx, tx, id)
		return err
	})
	return orgs, err
}

func orgsMadeFor(ctx context.Context, tx *store.Tx, id ident.Account) ([]ident.Org, error) {
	tokens, err := token.OrgsOfMaker(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	hooks, err := webhook.OrgsOfOwner(ctx, tx, id)
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(tokens, hooks)))), err
}

// revokeMade ends the tokens that the person made for organisations, which the act
// has locked, and stops the receivers of events that they answer for. One made for another in between asks for the whole act again.
func revokeMade(ctx context.Context, tx *action.Tx, a account.Account, locked []ident.Org) error {
	orgs, err := orgsMadeFor(ctx, tx.Tx, a.ID)
	if err != nil {
		return err
	}
	for _, o := range orgs {
		if !slices.Contains(locked, o) {
			return store.ErrBusy
		}
		if _, err := webhook.StopMadeBy(ctx, tx, o, a.ID, webhook.ByReset); err != nil {
			return err
		}
		n, err := token.RevokeMadeBy(ctx, tx.Tx, o, a.ID, verbReset)
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		tx.Record(audit.Event{
			Org: o, Verb: "token.revoke", Object: a.ID.String(), Names: map[string]string{"maker": a.Name()},
			After: map[string]any{"revoked": n, trailBecause: verbReset},
		})
	}
	return nil
}

func spendReset(ctx context.Context, tx *action.Tx, presented, hash string) error {
	id, found, err := credential.SpendReset(ctx, tx.Tx, presented)
	if err == nil && !found {
		err = ErrGone
	}
	if err != nil {
		return err
	}
	a, found, err := account.Get(ctx, tx.Tx, id)
	if err == nil && (!found || a.Status != account.Active) {
		err = ErrGone
	}
	if err != nil {
		return err
	}
	if _, err := token.RevokeOf(ctx, tx.Tx, id, verbReset); err != nil {
		return err
	}
	if err := credential.Succeed(ctx, tx.Tx, credential.Subject{Account: id}); err != nil {
		return err
	}
	if _, err := session.EndHalves(ctx, tx.Tx, id, session.PasswordChanged); err != nil {
		return err
	}
	return setPassword(ctx, tx, verbReset, a, hash)
}
