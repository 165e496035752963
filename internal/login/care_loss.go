package login

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
)

// KeptEvery is how long the administrators of all organisations together leave alone the requests
// of somebody who belongs to several, once they stopped one: whoever lost everything is not kept
// out for ever by one organisation (rules.md 4).
const KeptEvery = 30 * day

// ErrKept tells that administrators stopped a request of this person lately, and that the account
// is not their organisation's alone.
var ErrKept = fault.New(fault.Conflict, "login.loss_kept")

// KeepFactors stops the request to take every second factor of a member, of somebody who knows
// their password (AskLoss): an administrator knows the person, and can ask them whether it is
// theirs. It closes the one way back of whoever lost everything: a fresh proof is asked
// (rules.md 6), it stands in the account's trail too, and of an account that belongs elsewhere as
// well administrators do so once in KeptEvery. The person, whoever acts and the administrators of
// each of their organisations are told, and which organisation did. Errors:
// credential.ErrNoDelayed, ErrKept, and those of GiveAddress but for the network.
func (l Logins) KeepFactors(ctx context.Context, by access.Actor, org ident.Org, id ident.Member) error {
	d := cared{verb: "member.keep_factors", org: org, id: id}
	return d.perform(ctx, l, by, func(tx *action.Tx, m member.Member) error {
		asked, waits, err := waitingLoss(ctx, tx.Tx, m.Account)
		if err == nil && !waits {
			err = credential.ErrNoDelayed
		}
		if err == nil {
			err = mayKeep(ctx, tx, m)
		}
		if err != nil {
			return err
		}
		if asked, err = credential.KeepDelayed(ctx, tx.Tx, asked.ID, org); err != nil {
			return err
		}
		e := audit.Event{
			Org: org, Verb: d.verb, Object: id.String(), Subject: id.String(), Names: named(m),
			After: map[string]any{"acts_at": asked.ActsAt},
		}
		tx.Record(e)
		tx.Record(audit.Event{Verb: d.verb, Object: m.Account.String(), Names: e.Names, After: map[string]any{"organization": org.String()}})
		CareLetter{Org: org, Account: m.Account, Change: CareKept}.tell(tx, CarePerson, CareActor)
		return tellLoss(ctx, tx, asked, LossToldLetter{Change: LossKept, By: org, But: by.Account})
	})
}

// mayKeep bounds what administrators stop. Errors: ErrKept.
func mayKeep(ctx context.Context, tx *action.Tx, m member.Member) error {
	alone, err := belongsAlone(ctx, tx.Tx, m.Account, m.Org, member.StandingOrgs)
	if err != nil || alone {
		return err
	}
	kept, err := credential.KeptSince(ctx, tx.Tx, m.Account, tx.Now.Add(-KeptEvery))
	if err == nil && kept {
		err = ErrKept
	}
	return err
}
