package login

import (
	"context"
	"time"

	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
)

// LossLetter tells a person that somebody who knows their password asked to take all their
// second factors: it happens at ActsAt, unless the link that its job holds as secret is
// followed.
type LossLetter struct {
	Account ident.Account
	At      time.Time
	ActsAt  time.Time
	Address string
	Browser string
}

// Kind names the job.
func (LossLetter) Kind() string { return "letter.factor_loss" }

// LossChange is what became of the request of somebody who lost everything.
type LossChange string

// The changes of which administrators hear.
const (
	LossAsked   LossChange = "asked"
	LossStopped LossChange = "stopped" // by its person, or because they were seen to have a factor
	LossKept    LossChange = "kept"    // by the administrators of an organisation
	LossDone    LossChange = "done"
)

// LossToldLetter tells the administrators of an organisation what became of it: they know
// the person, and can ask them.
type LossToldLetter struct {
	Org     ident.Org
	Account ident.Account
	But     ident.Account // who acted, and hears it otherwise; empty: nobody
	By      ident.Org     // of LossKept: whose administrators acted
	Change  LossChange
	At      time.Time
	ActsAt  time.Time
}

// Kind names the job.
func (LossToldLetter) Kind() string { return "letter.factor_loss_told" }

// LossMessage tells a proved number that all second factors of its person will be taken.
type LossMessage struct {
	Account ident.Account
	Factor  ident.Factor // whose number it is
	ActsAt  time.Time
}

// Kind names the job.
func (LossMessage) Kind() string { return "sms.factor_loss" }

// tellLoss orders the letters to the administrators of each organisation of the person.
func tellLoss(ctx context.Context, tx *action.Tx, d credential.Delayed, l LossToldLetter) error {
	l.Account, l.At, l.ActsAt = d.Account, tx.Now, d.ActsAt
	orgs, err := member.StandingOrgs(ctx, tx.Tx, d.Account)
	for _, l.Org = range orgs {
		tx.After(job.Order{Priority: job.Normal, Args: l})
	}
	return err
}

// textLoss sends a message to the proved number, if there is one.
func (l Logins) textLoss(ctx context.Context, tx *action.Tx, held []credential.Factor, d credential.Delayed) error {
	f := l.toldPhone(held)
	if f == nil {
		return nil
	}
	phone, err := credential.PhoneOf(ctx, tx.Tx, tx.Ring, d.Account, f.ID)
	if err != nil {
		return err
	}
	return l.textNotice(ctx, tx, phone, job.Order{
		Args: LossMessage{Account: d.Account, Factor: f.ID, ActsAt: d.ActsAt}, Priority: job.Normal,
	})
}

// toldPhone is the number, among proved factors, to which a notice goes; nil: none does.
func (l Logins) toldPhone(held []credential.Factor) *credential.Factor {
	for i := range held {
		if l.SMS.On && held[i].Kind == credential.SMS {
			return &held[i]
		}
	}
	return nil
}
