package dossier

import (
	"context"
	"errors"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/enrolment"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// sweptAtOnce is how many registrations, or keys, one statement of the chore reads or removes.
const sweptAtOnce = 200

// Sweep removes the registrations that were never sent, with what they made (VER-1), and the
// keys that are over: all that there are, so that nobody begins more than go. What cannot be
// removed keeps nothing else, and is told.
func (r Registrations) Sweep(ctx context.Context) error {
	for {
		list, err := r.overdue(ctx)
		if err != nil {
			return err
		}
		for i := range list {
			err = errors.Join(err, r.abandon(ctx, list[i]))
		}
		if err != nil || len(list) < sweptAtOnce {
			return errors.Join(err, r.sweepKeys(ctx))
		}
	}
}

func (r Registrations) overdue(ctx context.Context) ([]Registration, error) {
	act := action.Act{Verb: verbRegistrationRemove, Needs: []access.Need{access.Everybody()}}
	return action.View(ctx, r.Run, access.Operator("chore"), act, func(tx *store.Tx) ([]Registration, error) {
		return overdueRegistrations(ctx, tx, sweptAtOnce)
	})
}

// abandon removes one, unless it was sent or went on since it was read.
func (r Registrations) abandon(ctx context.Context, v Registration) error {
	act := action.Act{
		Verb: verbRegistrationRemove, Orgs: []ident.Org{v.Org}, Accounts: true, Needs: []access.Need{access.Everybody()}, Object: v.ID.String(),
	}
	_, err := action.Run(ctx, r.Run, access.Operator("chore"), act, func(tx *action.Tx) (struct{}, error) {
		now, found, err := findRegistrationByID(ctx, tx.Tx, v.Org, v.ID)
		if err != nil || !found || now.CompletedAt != nil || now.ExpiresAt.After(tx.Now) {
			return struct{}{}, firstOf(err, action.Nothing)
		}
		return struct{}{}, remove(ctx, tx, now)
	})
	return err
}

func (r Registrations) sweepKeys(ctx context.Context) error {
	for {
		var n int64
		err := r.Run.DB.Write(ctx, []store.Lock{"registration keys swept"}, func(tx *store.Tx) (err error) {
			n, err = sweepRegistrationKeys(ctx, tx, sweptAtOnce)
			return err
		})
		if err != nil || n < sweptAtOnce {
			return err
		}
	}
}

func remove(ctx context.Context, tx *action.Tx, v Registration) error {
	tx.Record(audit.Event{Org: v.Org, Verb: verbRegistrationRemove, Object: v.ID.String(), Subject: v.Member.String(), Names: v.names()})
	if !v.Member.IsZero() {
		if err := DropDocuments(ctx, tx, v.Org, v.Member); err != nil {
			return err
		}
		if err := enrolment.Abandon(ctx, tx, v.Org, v.Member); err != nil {
			return err
		}
	}
	return deleteRegistration(ctx, tx.Tx, v)
}
