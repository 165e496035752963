package member

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/store"
)

// Members is the register of memberships.
type Members struct {
	Run *action.Runner
	// AtSite is asked in every act that ends somebody's belonging to a site. Nil: nobody asks.
	AtSite AtSite
}

// deed is one act on one member: its name, who may, and what it does. do may ask
// its rules of state first; its change keeps ORG-4, or is undone.
type deed struct {
	verb    string
	in      ident.Org
	id      ident.Member
	version int64 // that was read; 0: whatever it is
	stepUp  bool
	// rehearsal does it all, to say what would come of it, and keeps nothing.
	rehearsal bool
	rights    func(context.Context, *store.Tx, viewer, subject) error
	do        func(context.Context, *action.Tx, viewer, subject) error
}

// perform runs a deed and answers with what answer reads afterwards.
func perform[T any](ctx context.Context, r *action.Runner, by access.Actor, d deed,
	answer func(context.Context, *store.Tx) (T, error),
) (T, error) {
	var v viewer
	var s subject
	act := action.Act{
		Verb: d.verb, Orgs: []ident.Org{d.in}, StepUp: d.stepUp, Object: d.id.String(), Subject: d.id.String(),
	}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if v, err = look(ctx, tx, by, d.in); err != nil {
			return nil, err
		}
		if s, err = v.subject(ctx, tx, d.in, d.id); err != nil {
			return nil, err
		}
		return []access.Need{access.MemberOf(d.in)}, d.rights(ctx, tx, v, s)
	}
	return action.Run(ctx, r, by, act, func(tx *action.Tx) (T, error) {
		err := d.change(ctx, tx, v, s)
		if err != nil && err != action.Nothing { //nolint:errorlint // a sentinel that is never wrapped
			var zero T
			return zero, err
		}
		out, e := answer(ctx, tx.Tx)
		if e != nil {
			return out, e
		}
		if d.rehearsal {
			err = action.Nothing
		}
		return out, err
	})
}

func (d deed) change(ctx context.Context, tx *action.Tx, v viewer, s subject) error {
	if d.version != 0 && d.version != s.Version {
		return ErrStale
	}
	return Keeping(ctx, tx.Tx, d.in, func() error {
		if err := d.do(ctx, tx, v, s); err != nil {
			return err
		}
		return touch(ctx, tx.Tx, d.in, d.id)
	})
}

// event is the record of what was done to a member.
func event(m Member, verb string) audit.Event {
	return audit.Event{
		Org: m.Org, Verb: verb, Object: m.ID.String(), Subject: m.ID.String(), Names: map[string]string{"member": m.Name()},
	}
}

// write orders a letter to the member, who can read it only with an account.
func write(tx *action.Tx, to Member, letter job.Args) {
	if !to.Account.IsZero() {
		tx.After(job.Order{Args: letter, Priority: job.Normal})
	}
}

// giver names the actor in what they give: their account, or the organisation's token.
func giver(by access.Actor) string {
	if by.Kind == access.System {
		return string(by.Kind)
	}
	return by.ID()
}
