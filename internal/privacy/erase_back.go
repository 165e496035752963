package privacy

import (
	"context"

	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/invitation"
	"habilis/internal/member"
	"habilis/internal/store"
)

// stageStopped is that of an erasure whose person came back before it was done: nothing more of it
// goes, until it is asked for again.
const stageStopped = "stopped"

// Stopped reports whether the erasure ended before it was done, since its person came back. Once they
// have left again, whoever may ask asks again, and it begins anew.
func (e Erasure) Stopped() bool { return e.Stage == stageStopped }

// back says whether the person whose erasure goes on is somebody here again: what their IDs and words
// find is then theirs of now. Errors: ErrCameBack, ErrMemberships.
func (e Erasure) back(ctx context.Context, tx *store.Tx) error {
	if e.Org.IsZero() {
		return e.accountBack(ctx, tx)
	}
	at, err := member.LeftAt(ctx, tx, e.Org, e.Member)
	if err != nil {
		if fault.Is(err, fault.NotFound) {
			return ErrCameBack
		}
		return err
	}
	f, err := member.FormerOf(ctx, tx, e.Org, e.Member, at)
	if err != nil {
		return err
	}
	return backHere(ctx, tx, leaver{f})
}

// accountBack refuses the rest of the erasure of an account that was opened again, or made a member.
func (e Erasure) accountBack(ctx context.Context, tx *store.Tx) error {
	a, found, err := account.Get(ctx, tx, e.Account)
	switch {
	case err != nil:
		return err
	case found && a.Status != account.Blocked:
		return ErrCameBack
	}
	return memberNowhere(ctx, tx, e.Account)
}

// backHere refuses to erase who left and is a member again by another way, or is invited.
func backHere(ctx context.Context, tx *store.Tx, l leaver) error {
	if back, err := member.BackOtherwise(ctx, tx, l.Former); err != nil || back {
		return firstOf(err, ErrCameBack)
	}
	same, err := departure.SamePerson(ctx, tx, l.Org, l.ID)
	if err != nil {
		return err
	}
	for _, id := range same {
		if _, err := member.LeftAt(ctx, tx, l.Org, id); err != nil {
			if fault.Is(err, fault.NotFound) { // who took their place is there
				return ErrCameBack
			}
			return err
		}
	}
	if l.Email != "" {
		if waits, err := invitation.Waits(ctx, tx, l.Org, l.Email); err != nil || waits {
			return firstOf(err, ErrCameBack)
		}
	}
	return nil
}

// isBack reports whether an error of back says that the person came back.
func isBack(err error) bool { return err != nil && fault.Of(err).Kind == fault.Conflict }

// stop ends an erasure whose person came back, with its record: the account that it closed opens
// again, since its person needs it.
func (e Erasure) stop(ctx context.Context, tx *action.Tx) error {
	e.Stage, e.place = stageStopped, ""
	if e.Org.IsZero() {
		if _, err := account.Reopen(ctx, tx.Tx, e.Account); err != nil {
			return err
		}
		places, err := placesOf(ctx, tx.Tx, e.Account)
		if err != nil {
			return err
		}
		for _, p := range places {
			tx.Touch(p.org) // whoever is a member there may enter again
		}
	}
	tx.Record(audit.Event{
		Org: e.Org, Verb: verbEraseStop, Object: e.subject, Subject: e.Member.String(), After: map[string]any{"count": e.Count},
	})
	return updateErasure(ctx, tx.Tx, e)
}
