package login

import (
	"context"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/limit"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// Limits of changes of address: asking one sends letters to somebody's mailbox (rules.md 4).
const (
	EmailAsksPerAccount = 3  // addresses asked for one account in an hour
	EmailAsksPerAddress = 3  // letters to one new address in a day, whoever asks
	EmailAsksPerNetwork = 20 // addresses asked from one network address in an hour
)

var (
	emailAsksOf   = limit.Counter{Name: "email.account", Window: time.Hour, Max: EmailAsksPerAccount}
	emailAsksTo   = limit.Counter{Name: "email.address", Window: day, Max: EmailAsksPerAddress}
	emailAsksFrom = limit.Counter{Name: "email.network", Window: time.Hour, Max: EmailAsksPerNetwork}
)

// NewEmail is an address as somebody typed it, twice (CHG-2).
type NewEmail struct{ Email, Again string }

// ErrNoEmailAsked tells that no other address waits for its proof.
var ErrNoEmailAsked = fault.New(fault.NotFound, "login.no_email_asked")

// Codes of what must be corrected in it.
const (
	codeEmailAgain = "login.email_again"
	codeEmailSame  = "login.email_same"
)

// parse reads the address. Errors: the fields email and email_again.
func (n NewEmail) parse(now account.Email) (account.Email, error) {
	var wrong fault.Fields
	e, code := account.ParseEmail(n.Email)
	wrong.Check("email", code)
	switch {
	case code != "":
	case e.Key == now.Key:
		wrong.Add("email", codeEmailSame)
	case strings.TrimSpace(n.Again) != e.Address:
		wrong.Add("email_again", codeEmailAgain)
	}
	return e, wrong.Err()
}

const verbEmailAsk = "email.ask"

// AskEmail asks for another address for the actor's own account: a link goes to it, a notice
// to the present one, and nothing changes before the link is used. The answer is the same
// when the address has an account already (ENU-02). The password may be left out in a
// session that was proved just now; a token of the person always gives it.
// Errors: ErrStronger, ErrCurrent, ErrLocked, ErrPasswordLocked, access.ErrStepUp,
// limit.ErrExceeded, the fields email and email_again.
func (l Logins) AskEmail(ctx context.Context, by access.Actor, n NewEmail, password secret.Text, c Client) (account.EmailChange, error) {
	act := action.Act{
		Verb: verbEmailAsk, Needs: []access.Need{access.Myself(by.Account)}, StepUp: true, Object: by.Account.String(),
	}
	if before, done, err := replayed[account.EmailChange](ctx, l.Run, by, act); err != nil || done {
		return before, err
	}
	t, err := l.ownTry(ctx, by, act.Verb, false)
	if err != nil {
		return account.EmailChange{}, err
	}
	next, err := n.parse(t.account.Email)
	if err != nil {
		return account.EmailChange{}, err
	}
	typed := !password.IsZero()
	switch {
	case typed:
		if err := l.prove(ctx, by, t, password); err != nil {
			return account.EmailChange{}, err
		}
		act.StepUp = false
	case !by.Token.IsZero():
		return account.EmailChange{}, fault.OnField("password", "login.password_empty")
	}
	return action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (account.EmailChange, error) {
		if typed {
			if err := t.proven(ctx, tx.Tx); err != nil {
				return account.EmailChange{}, err
			}
		}
		if err := mayMoveEmail(ctx, tx.Tx, by); err != nil {
			return account.EmailChange{}, err
		}
		return l.askEmail(ctx, tx, t.account, next, asking{verb: act.Verb, by: by.Account, client: c})
	})
}

// MayAskEmail reports whether AskEmail would be heard, before anything is typed. Errors:
// ErrStronger.
func (l Logins) MayAskEmail(ctx context.Context, by access.Actor) error {
	act := action.Act{Verb: verbEmailAsk, Needs: []access.Need{access.Myself(by.Account)}, Object: by.Account.String()}
	_, err := action.View(ctx, l.Run, by, act, func(tx *store.Tx) (struct{}, error) { return struct{}{}, mayMoveEmail(ctx, tx, by) })
	return err
}

// mayMoveEmail: whoever has a second factor proves the strongest first; a password alone, or a
// remembered browser, moves no address (rules.md 5). Errors: ErrStronger.
func mayMoveEmail(ctx context.Context, tx *store.Tx, by access.Actor) error {
	held, err := credential.Factors(ctx, tx, by.Account)
	if err != nil {
		return err
	}
	return strongEnough(by, credential.Strongest(held))
}

// asking is who asks for another address, and where the act is recorded.
type asking struct {
	verb   string
	by     ident.Account
	name   string    // of an administrator
	org    ident.Org // whose chain tells it too; zero: the installation's alone
	member ident.Member
	client Client
}

// askEmail counts, keeps what was asked, and orders the two letters.
func (l Logins) askEmail(
	ctx context.Context, tx *action.Tx, a account.Account, next account.Email, of asking,
) (account.EmailChange, error) {
	if err := l.countEmailAsk(ctx, tx, a, next); err != nil {
		return account.EmailChange{}, err
	}
	c, link, err := account.AskEmail(ctx, tx.Tx, a, next, of.by)
	if err != nil {
		return account.EmailChange{}, err
	}
	tx.Record(of.event(a, next))
	tx.After(job.Order{
		Args: EmailProofLetter{Change: c.ID, Address: tx.By.Address, Browser: of.client.UserAgent}, Priority: job.Urgent, Secret: link,
	})
	tx.After(job.Order{
		Args: EmailAskedLetter{Change: c.ID, By: of.name, Address: tx.By.Address, Browser: of.client.UserAgent}, Priority: job.Normal,
	})
	return c, nil
}

// event tells of the addresses no more than lets their owner know them (rules.md 22).
func (of asking) event(a account.Account, next account.Email) audit.Event {
	e := audit.Event{
		Org: of.org, Verb: of.verb, Object: a.ID.String(), Names: map[string]string{"account": a.Name()},
		Before: map[string]any{trailEmail: a.Email.Masked()}, After: map[string]any{trailEmail: next.Masked()},
	}
	if !of.member.IsZero() {
		e.Object, e.Subject, e.Names = of.member.String(), of.member.String(), map[string]string{"member": a.Name()}
	}
	return e
}

// countEmailAsk counts before anything is sent.
func (l Logins) countEmailAsk(ctx context.Context, tx *action.Tx, a account.Account, next account.Email) error {
	digest, err := l.digest(next.Key)
	if err != nil {
		return err
	}
	counts := []struct {
		of      limit.Counter
		subject string
	}{{emailAsksOf, a.ID.String()}, {emailAsksTo, digest}, {emailAsksFrom, l.networkOf(tx.By.Address)}}
	for _, c := range counts {
		if c.subject == "" {
			continue
		}
		if err := c.of.Within(ctx, tx.Tx, c.subject); err != nil {
			return err
		}
	}
	return nil
}

// AskedEmail gives the address that was asked for the actor's own account and is not proved
// yet; the second value is false when there is none.
func (l Logins) AskedEmail(ctx context.Context, by access.Actor) (account.EmailChange, bool, error) {
	act := action.Act{Verb: "email.read", Needs: []access.Need{access.Myself(by.Account)}, Object: by.Account.String()}
	var found bool
	c, err := action.View(ctx, l.Run, by, act, func(tx *store.Tx) (c account.EmailChange, err error) {
		c, found, err = account.AskedEmail(ctx, tx, by.Account)
		return c, err
	})
	return c, found, err
}

// CancelEmail gives up the address that was asked for the actor's own account: its link is
// worth nothing. None asked is no error.
func (l Logins) CancelEmail(ctx context.Context, by access.Actor) error {
	act := action.Act{Verb: "email.cancel", Needs: []access.Need{access.Myself(by.Account)}, Object: by.Account.String()}
	_, err := action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		n, err := account.EndEmailAsks(ctx, tx.Tx, by.Account)
		if err == nil && n == 0 {
			err = action.Nothing
		}
		tx.Record(audit.Event{Verb: act.Verb, Object: act.Object})
		return struct{}{}, err
	})
	return err
}
