package member

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/job"
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
		verb: "member.deactivate", in: in, id: id, version: version, stepUp: true, rights: overWhole(access.MembersDeactivate),
	}
	d.do = func(ctx context.Context, tx *action.Tx, v viewer, s subject) error { return v.deactivate(ctx, tx, s) }
	return perform(ctx, m.Run, by, d, read(in, id))
}

func (v viewer) deactivate(ctx context.Context, tx *action.Tx, s subject) error {
	if err := v.mayDeactivate(s); err != nil {
		return err
	}
	write(tx, s.Member, DeactivatedLetter{Org: s.Org, Member: s.ID, By: tx.By.Name})
	return setStatus(ctx, tx, s, Deactivated, "member.deactivate")
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
// that they answer for (rules.md 13).
func setStatus(ctx context.Context, tx *action.Tx, s subject, to Status, verb string) error {
	e := event(s.Member, verb)
	e.Before, e.After = statusIs(s.Status), statusIs(to)
	if to == Deactivated || to == Left {
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
	}
	tx.Record(e)
	s.Status = to
	return writeState(ctx, tx.Tx, s.Member, s.rev+1)
}

// statusIs is a status as the trail shows it.
func statusIs(s any) map[string]any { return map[string]any{"status": s} }

func read(in ident.Org, id ident.Member) func(context.Context, *store.Tx) (Member, error) {
	return func(ctx context.Context, tx *store.Tx) (Member, error) { return Find(ctx, tx, in, id) }
}

// Leave ends the actor's own membership, with everything held in it («Quitter
// l’organisation», MEM-10, SEC-5, OFF-4, AUZ-11). The person and the administrators are told.
// Errors: ErrLastAdministrator, access.ErrStepUp.
func (m Members) Leave(ctx context.Context, by access.Actor, in ident.Org) error {
	var self ident.Member
	act := action.Act{Verb: "member.leave", Orgs: []ident.Org{in}, StepUp: true}
	act.Resolve = func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		held, err := access.HeldBy(ctx, tx, by, in)
		if err != nil {
			return nil, err
		}
		if self = held.Member; self.IsZero() {
			return nil, access.ErrForbidden // a token has no membership to leave
		}
		return []access.Need{access.Myself(by.Account)}, nil
	}
	_, err := action.Run(ctx, m.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		s, ok, err := findSubject(ctx, tx.Tx, in, self)
		if err != nil || !ok {
			return struct{}{}, notFound(err)
		}
		tx.After(job.Order{Args: LeftLetter{Org: in, Account: s.Account}, Priority: job.Normal})
		tx.After(job.Order{Args: LeaverLetter{Org: in, Member: s.ID, Name: s.Name()}, Priority: job.Normal})
		return struct{}{}, Keeping(ctx, tx.Tx, in, func() error { return end(ctx, tx, s, act.Verb) })
	})
	return err
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
