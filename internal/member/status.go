package member

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/token"
	"habilis/internal/webhook"
)

// overWhole is the right to deactivate, and so to reactivate: over the whole member.
func overWhole(p access.Permission) func(context.Context, *store.Tx, viewer, subject) error {
	return func(_ context.Context, _ *store.Tx, v viewer, s subject) error { return v.overWhole(s, p) }
}

// Deactivate ends a member's access to this organisation at once (CHG-4): rights
// are read when they are used, so sessions and tokens open nothing here at the next
// request, and go on elsewhere; the tokens they made for it are revoked. version is
// the version that was read, 0 for "whatever it is". Errors: ErrYourself,
// ErrLastAdministrator, ErrMorePowerful, ErrNotActive, ErrStale.
func (m Members) Deactivate(ctx context.Context, by access.Actor, in ident.Org, id ident.Member, version int64) (Member, error) {
	d := deed{
		verb: verbDeactivate, in: in, id: id, version: version, stepUp: true, rights: overWhole(access.MembersDeactivate),
	}
	d.do = func(ctx context.Context, tx *action.Tx, v viewer, s subject) error { return v.deactivate(ctx, tx, s) }
	return perform(ctx, m.Run, by, d, read(in, id))
}

func (v viewer) deactivate(ctx context.Context, tx *action.Tx, s subject) error {
	if err := v.mayDeactivate(s); err != nil {
		return err
	}
	return deactivate(ctx, tx, s, tx.By.Name)
}

// deactivate ends the access of a member, who is told that by did.
func deactivate(ctx context.Context, tx *action.Tx, s subject, by string) error {
	write(tx, s.Member, DeactivatedLetter{Org: s.Org, Member: s.ID, By: by})
	return setStatus(ctx, tx, s, Deactivated, verbDeactivate)
}

// Reactivate gives a deactivated member their rights back, as they were (CHG-4).
// Errors: ErrNotDeactivated, ErrMorePowerful, ErrAlreadyMember, ErrStale.
func (m Members) Reactivate(ctx context.Context, by access.Actor, in ident.Org, id ident.Member, version int64) (Member, error) {
	d := deed{verb: "member.reactivate", in: in, id: id, version: version, stepUp: true, rights: overWhole(access.MembersDeactivate)}
	d.do = func(ctx context.Context, tx *action.Tx, _ viewer, s subject) error {
		if err := mayReactivate(s); err != nil {
			return err
		}
		before, err := statusBefore(ctx, tx.Tx, in, id)
		if err != nil {
			return err
		}
		write(tx, s.Member, ReactivatedLetter{Org: in, Member: id, By: by.Name})
		return setStatus(ctx, tx, s, before, d.verb)
	}
	return perform(ctx, m.Run, by, d, read(in, id))
}

// setStatus writes the next state of a member, and records it. With their access
// end the tokens that they made for the organisation (rules.md 7, AUZ-11), and stop the receivers
// that they answer for (rules.md 13); what was planned of it is over.
func setStatus(ctx context.Context, tx *action.Tx, s subject, to Status, verb string) error {
	e := event(s.Member, verb)
	e.Before, e.After = statusIs(s.Status), statusIs(to)
	if to == Deactivated || to == Left {
		if err := shutOut(ctx, tx, s, to, &e); err != nil {
			return err
		}
	}
	tx.Record(e)
	s.Status = to
	return writeState(ctx, tx.Tx, s.Member, s.rev+1)
}

// shutOut ends what a member made here and what was planned of them, and says so in the event.
func shutOut(ctx context.Context, tx *action.Tx, s subject, to Status, e *audit.Event) error {
	n, err := token.RevokeMadeBy(ctx, tx.Tx, s.Org, s.Account, tx.By.ID())
	if err != nil {
		return err
	}
	if n > 0 {
		e.After["tokens_revoked"] = n
	}
	stopped, err := webhook.StopMadeBy(ctx, tx, s.Org, s.Account, webhook.ByOwner)
	if err != nil {
		return err
	}
	if stopped > 0 {
		e.After["webhooks_stopped"] = stopped
	}
	p, err := PlannedFor(ctx, tx.Tx, s.Org, s.ID)
	if err != nil || p == nil {
		return err
	}
	e.Before["last_day"], e.Before["planned_by"] = p.Day, p.By
	if to == Left { // it stands again if they come back before its day (Return)
		return nil
	}
	return endPlan(ctx, tx.Tx, s.Org, s.ID)
}

// statusIs is a status as the trail shows it.
func statusIs(s any) map[string]any { return map[string]any{"status": s} }

func read(in ident.Org, id ident.Member) func(context.Context, *store.Tx) (Member, error) {
	return func(ctx context.Context, tx *store.Tx) (Member, error) { return Find(ctx, tx, in, id) }
}

// end closes a membership with everything held in it.
func end(ctx context.Context, tx *action.Tx, s subject, verb string) error {
	if err := closeAll(ctx, tx.Tx, s.Org, s.ID); err != nil {
		return err
	}
	if err := touch(ctx, tx.Tx, s.Org, s.ID); err != nil {
		return err
	}
	return setStatus(ctx, tx, s, Left, verb)
}

// notFound is the refusal of a member that is not there, unless err.
func notFound(err error) error {
	if err != nil {
		return err
	}
	return ErrNotFound
}
