package approval

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/org"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Ask is the command of the support: an account for an organisation, and why (APP-1).
type Ask struct {
	enrolment.Create

	Ticket string
	Until  *time.Time // the access ends then; nil: never
}

// Asked is an account just made, and what is only plausible of it.
type Asked struct {
	Approval

	Warnings []string // text keys
}

// Ask makes an account for an organisation, which waits for its decision; the administrators
// are told. It is the platform's, and asks for a fresh proof. Errors: access.ErrFeatureOff
// and ErrSuspended where nobody could decide, ErrTooMany, enrolment.ErrCannotGive, fields to
// correct.
func (a Approvals) Ask(ctx context.Context, by access.Actor, in Ask) (Asked, error) {
	act := action.Act{
		Verb: "approval.ask", Orgs: []ident.Org{in.Org}, Object: in.Org.String(), StepUp: true,
		Needs: []access.Need{access.OfPlatform(access.PlatformSupport)},
	}
	return action.Run(ctx, a.Run, by, act, func(tx *action.Tx) (Asked, error) {
		tx.By.Support = true // only they come this far (AUD-2)
		if err := decidable(ctx, tx.Tx, in.Org); err != nil {
			return Asked{}, err
		}
		in, wrong := in.clean(tx.Now)
		p, err := a.Enrol.Propose(ctx, tx, enrolment.Proposal{Create: in.Create, Until: in.Until})
		if err := together(wrong, err); err != nil {
			return Asked{}, err
		}
		v := in.approval(tx, p)
		p.Event.Verb = act.Verb
		p.Event.After["ticket"], p.Event.After["expires_at"] = v.Ticket, v.ExpiresAt
		tx.Record(p.Event)
		tx.After(job.Order{Args: WaitsLetter{Org: v.Org, Member: v.Member}, Priority: job.Normal})
		return Asked{v, p.Doubts}, insert(ctx, tx.Tx, v)
	})
}

// decidable refuses where nobody could decide, or too much waits already.
func decidable(ctx context.Context, tx *store.Tx, in ident.Org) error {
	o, err := org.Get(ctx, tx, in)
	switch {
	case err != nil:
		return err
	case o.Status == org.Suspended:
		return access.ErrSuspended
	case !o.Features.Administration:
		return access.ErrFeatureOff
	}
	waiting, err := listed(ctx, tx, in, Waiting, asked)
	if err == nil && len(waiting) >= MaxWaiting {
		err = ErrTooMany.With("Max", MaxWaiting)
	}
	return err
}

// clean reads what is the request's own; the rest is read by package enrolment.
func (in Ask) clean(now time.Time) (Ask, error) {
	var f fault.Fields
	ticket, problem := text.Line(in.Ticket, MaxTicket)
	f.Check("ticket", string(problem), "Max", MaxTicket)
	in.Ticket = ticket
	if u := in.Until; u != nil && (!u.After(now) || u.After(now.Add(MaxAccess))) {
		f.Add("until", "approval.until", "Max", int(MaxAccess/day))
	}
	if in.Language == "" {
		in.Language = text.All[0]
	}
	return in, f.Err()
}

// together says all that must be corrected at once; what is refused otherwise comes first.
func together(wrong, err error) error {
	if wrong == nil || (err != nil && !fault.Is(err, fault.Invalid)) {
		return err
	}
	all := *fault.Of(wrong)
	if err != nil {
		all.Fields = append(slices.Clone(all.Fields), fault.Of(err).Fields...)
	}
	return &all
}

func (in Ask) approval(tx *action.Tx, p enrolment.Proposed) Approval {
	return Approval{
		Org: in.Org, Member: p.Member.ID, Name: p.Member.Name(), Email: p.Member.Email, Status: Waiting, Ticket: in.Ticket,
		Language: in.Language, Sites: p.Sites, CreatedBy: tx.By.Name, CreatedAt: tx.Now, ExpiresAt: tx.Now.Add(Life), EndsAt: p.Member.EndsAt,
		DecidedAt: store.Never, Version: firstVersion, creator: tx.By.Account, creatorRef: tx.By.ID(),
	}
}
