package departure

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/store"
)

// Leave ends the actor's own membership («Quitter l’organisation», MEM-10, SEC-5, OFF-4, AUZ-11):
// they hand nothing over. What somebody planned to hand over is; the rest has its fate, and can be
// given by the administrators as long as it is hidden. The person and the administrators are told.
// Errors: member.ErrLastAdministrator, ErrReturning, access.ErrStepUp.
func (d Departures) Leave(ctx context.Context, by access.Actor, org ident.Org) error {
	var self ident.Member
	act := action.Act{Verb: verbLeave, Orgs: []ident.Org{org}, StepUp: true}
	act.Resolve = ofOneself(by, org, &self)
	_, err := action.Run(ctx, d.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		m, err := member.Find(ctx, tx.Tx, org, self)
		if err != nil {
			return struct{}{}, err
		}
		tx.After(job.Order{Args: member.LeftLetter{Org: org, Account: m.Account}, Priority: job.Normal})
		tx.After(job.Order{Args: member.LeaverLetter{Org: org, Member: m.ID, Name: m.Name()}, Priority: job.Normal})
		return struct{}{}, leave(ctx, tx, m)
	})
	return err
}

// ofOneself finds the actor's own membership.
func ofOneself(by access.Actor, org ident.Org, self *ident.Member) func(context.Context, *store.Tx) ([]access.Need, error) {
	return func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		held, err := access.HeldBy(ctx, tx, by, org)
		if err != nil {
			return nil, err
		}
		if *self = held.Member; held.Member.IsZero() {
			return nil, access.ErrForbidden // a token has no membership to leave
		}
		return []access.Need{access.Myself(by.Account)}, nil
	}
}

func leave(ctx context.Context, tx *action.Tx, m member.Member) error {
	v, planned, err := inForce(ctx, tx.Tx, m.Org, m.ID)
	if err != nil {
		return err
	}
	var things []choice
	if planned {
		things, err = v.asPlanned(ctx, tx, m, false)
	} else {
		v = Departure{Org: m.Org, ID: ident.NewDeparture(), Member: m.ID, Name: m.Name()}
		things, err = held(ctx, tx.Tx, m)
	}
	if err != nil {
		return err
	}
	v.Kind, v.State, v.Day, v.Refused, v.Name = Self, Done, "", "", m.Name()
	v.decidedBy, v.By, v.At = authorityOf(tx.By, v.Org), m.Name(), tx.Now
	return v.end(ctx, tx, m, planned, things, verbLeave)
}
