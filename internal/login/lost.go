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
	"habilis/internal/limit"
	"habilis/internal/member"
	"habilis/internal/store"
)

// Limits of asking for what is lost (rules.md 4): each request writes to several people.
const (
	LossesPerAccount = 3  // of one account in a day
	LossesPerAddress = 10 // from one network address in an hour
)

var (
	lossesOf   = limit.Counter{Name: "lost.account", Window: day, Max: LossesPerAccount}
	lossesFrom = limit.Counter{Name: "lost.address", Window: time.Hour, Max: LossesPerAddress}
)

// ErrLostPlatform sends the platform's people to each other: they reach every organisation,
// and a password with three days of silence is no proof for that. Whoever holds the machine
// can always make another administrator (rules.md 23).
var ErrLostPlatform = fault.New(fault.Forbidden, "login.lost_platform")

const verbAskLoss = "factor.ask_loss"

// Loss is what somebody who lost every second factor is told before they ask, and after. They
// proved a password and nothing more: which organisations they belong to, how many, and who
// administers them is not said.
type Loss struct {
	Account  account.Account
	ActsAt   time.Time // when everything is taken: as asked, or if it were asked now
	Asked    bool
	Phone    string // the number that is told too, masked; empty: none
	Member   bool   // somewhere: administrators are told, and may help
	Platform bool   // of the platform's people, who may not ask (ErrLostPlatform)
}

// Loss says what AskLoss would do, or when what was asked happens. Errors:
// session.ErrHalfGone, ErrMustEnrol.
func (l Logins) Loss(ctx context.Context, by access.Actor, presented string) (Loss, error) {
	act := action.Act{Verb: verbAskLoss, Needs: []access.Need{access.Everybody()}}
	return action.View(ctx, l.Run, by, act, func(tx *store.Tx) (Loss, error) {
		p, err := losing(ctx, tx, presented)
		if err != nil {
			return Loss{}, err
		}
		return l.lossOf(ctx, tx, p)
	})
}

// losing finds the half of somebody who has a factor to lose.
func losing(ctx context.Context, tx *store.Tx, presented string) (Pending, error) {
	p, err := pending(ctx, tx, presented)
	if err == nil && p.Enrol {
		err = ErrMustEnrol
	}
	return p, err
}

func (l Logins) lossOf(ctx context.Context, tx *store.Tx, p Pending) (Loss, error) {
	out := Loss{Account: p.Account, ActsAt: tx.Now.Add(credential.Delay), Platform: p.Account.PlatformRole != account.NoRole}
	if !p.Loss.ActsAt.IsZero() {
		out.Asked, out.ActsAt = true, p.Loss.ActsAt
	}
	if f := l.toldPhone(p.Factors); f != nil {
		out.Phone = f.Hint
	}
	orgs, err := member.StandingOrgs(ctx, tx, p.Account.ID)
	out.Member = len(orgs) > 0
	return out, err
}

// waitingLoss finds the loss that waits for its day.
func waitingLoss(ctx context.Context, tx *store.Tx, of ident.Account) (credential.Delayed, bool, error) {
	waiting, err := credential.WaitingOf(ctx, tx, of)
	i := slices.IndexFunc(waiting, credential.Delayed.IsLoss)
	if err != nil || i < 0 {
		return credential.Delayed{}, false, err
	}
	return waiting[i], true, nil
}

// AskLoss asks, between the two proofs of a sign-in, to take every second factor and printed
// code of its person, who lost them all: the password was proved, nothing more. It happens
// after credential.Delay, whatever else the person proves; they are told at once everywhere,
// and so are the administrators of their organisations. A link, a session, any second
// factor used meanwhile and an administrator (KeepFactors) stop it (rules.md 5). Asked again, it happens on the day first told.
// It gives that day. Errors: session.ErrHalfGone, ErrMustEnrol, ErrLostPlatform,
// limit.ErrExceeded.
func (l Logins) AskLoss(ctx context.Context, by access.Actor, presented string, c Client) (time.Time, error) {
	p, err := l.Pending(ctx, by, presented)
	if err != nil {
		return time.Time{}, err
	}
	act := action.Act{Verb: verbAskLoss, Needs: []access.Need{access.Myself(p.Account.ID)}, Object: p.Account.ID.String()}
	by = person(by, p.Account)
	if network := l.networkOf(by.Address); network != "" {
		if err := lossesFrom.Take(ctx, l.Run.DB, network); err != nil {
			return time.Time{}, l.refused(ctx, by, try{verb: act.Verb, account: p.Account}, err)
		}
	}
	return action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (time.Time, error) {
		p, err := losing(ctx, tx.Tx, presented)
		if err != nil {
			return time.Time{}, err
		}
		return l.askLoss(ctx, tx, p, c)
	})
}

func (l Logins) askLoss(ctx context.Context, tx *action.Tx, p Pending, c Client) (time.Time, error) {
	if p.Account.PlatformRole != account.NoRole {
		return time.Time{}, ErrLostPlatform
	}
	d, link, fresh, err := credential.AskDelayed(ctx, tx.Tx, p.Account.ID, credential.Losing)
	if err != nil {
		return time.Time{}, err
	}
	if !fresh {
		return d.ActsAt, action.Nothing
	}
	if err := lossesOf.Within(ctx, tx.Tx, p.Account.ID.String()); err != nil {
		return time.Time{}, err
	}
	tx.Record(audit.Event{Verb: verbAskLoss, Object: p.Account.ID.String(), After: map[string]any{"acts_at": d.ActsAt}})
	tx.After(job.Order{Args: RemovalOrder{Delayed: d.ID}, Priority: job.Normal, At: d.ActsAt})
	tx.After(job.Order{Priority: job.Urgent, Secret: link, Args: LossLetter{
		Account: d.Account, At: tx.Now, ActsAt: d.ActsAt, Address: tx.By.Address, Browser: c.UserAgent,
	}})
	if err := tellLoss(ctx, tx, d, LossToldLetter{Change: LossAsked}); err != nil {
		return time.Time{}, err
	}
	return d.ActsAt, l.textLoss(ctx, tx, p.Factors, d)
}
