package approval

import (
	"cmp"
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/store"
	"habilis/internal/text"
)

// asMade is the version of an account that nobody edited since the support made it.
const asMade int64 = 1

// Verdict is what somebody decides of an account.
type Verdict struct {
	Decision Decision
	Reason   string // told to the person; required to refuse
	Version  int64  // of what was read, 0: as the support made it; the decision is about nothing else (INV-16)
}

// Decided is an account that was decided of.
type Decided struct {
	Approval

	Fate enrolment.Fate // Invited or Joined; empty after a refusal
}

// The acts of deciding.
const verbAuthorize, verbRefuse = "approval.authorize", "approval.refuse"

func (v Verdict) act() string {
	if v.Decision == Refuse {
		return verbRefuse
	}
	return verbAuthorize
}

// Decide authorises or refuses an account that the support made, and the person is told. It
// is for those who hold approvals.decide at every site of the account and cover what it
// gives; to authorise also members.invite. It asks for a fresh proof. Errors: ErrNotFound,
// ErrOwn (INV-14), ErrDecided, ErrExpired, ErrChanged (INV-16), ErrOver, those of
// enrolment.Authorize, fields to correct.
func (a Approvals) Decide(ctx context.Context, by access.Actor, org ident.Org, id ident.Member, v Verdict) (Decided, error) {
	var found Approval
	act := action.Act{Verb: v.act(), Orgs: []ident.Org{org}, Object: id.String(), Subject: id.String(), StepUp: true}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if found, err = seen(ctx, tx, by, org, id); err == nil && found.Status == Waiting {
			_, err = member.Over(ctx, tx, by, org, id, access.ApprovalsDecide)
		}
		return []access.Need{access.MemberOf(org)}, err
	}
	return action.Run(ctx, a.Run, by, act, func(tx *action.Tx) (Decided, error) {
		if err := decides(ctx, tx.Tx, by, found); err != nil {
			return Decided{}, err
		}
		return a.settle(ctx, tx, found, v)
	})
}

// decides is nil when by may decide of v: it waits, and is neither theirs nor for them
// (INV-14, rules.md 13).
func decides(ctx context.Context, tx *store.Tx, by access.Actor, v Approval) error {
	if !by.Account.IsZero() {
		if by.Account == v.creator {
			return ErrOwn
		}
		mine, ok, err := account.Get(ctx, tx, by.Account)
		if err != nil {
			return err
		}
		if theirs, code := account.ParseEmail(v.Email); ok && code == "" && mine.Email.Key == theirs.Key {
			return ErrOwn
		}
	}
	switch {
	case v.over(tx.Now), v.Status == Expired:
		return ErrExpired
	case v.Status != Waiting:
		return ErrDecided
	}
	return nil
}

// PassAsked has what one account of a person asked for, and waits, count as asked for by another account
// of theirs, in the act of package merge: nobody decides of what they asked for themself (INV-14).
func PassAsked(ctx context.Context, tx *store.Tx, in ident.Org, from, to ident.Account) error {
	return passAsked(ctx, tx, in, from, to)
}

// settle carries out a verdict.
func (a Approvals) settle(ctx context.Context, tx *action.Tx, v Approval, say Verdict) (Decided, error) {
	reason, err := say.clean()
	if err != nil {
		return Decided{}, err
	}
	if cmp.Or(say.Version, asMade) != v.Version {
		return Decided{}, ErrChanged
	}
	out := Decided{Approval: v}
	if say.Decision == Refuse {
		out.Status = Refused
		err = turnAway(ctx, tx, v)
		tx.After(job.Order{Args: RefusedLetter{Org: v.Org, Member: v.Member}, Priority: job.Normal})
	} else {
		out.Status = Authorized
		out.Fate, err = a.authorize(ctx, tx, v)
	}
	if err != nil {
		return Decided{}, err
	}
	out.Reason, out.DecidedBy, out.DecidedAt, out.deciderRef, out.MayDecide = reason, tx.By.Name, tx.Now, tx.By.ID(), false
	tx.Record(out.event(say.act()))
	return out, settled(ctx, tx.Tx, out.Approval)
}

func (a Approvals) authorize(ctx context.Context, tx *action.Tx, v Approval) (enrolment.Fate, error) {
	if v.EndsAt != nil && !v.EndsAt.After(tx.Now) {
		return "", ErrOver
	}
	made, err := a.Enrol.Authorize(ctx, tx, v.Org, v.Member, v.Language)
	return made.Fate, err
}

// clean reads the message, which a refusal needs.
func (v Verdict) clean() (string, error) {
	var f fault.Fields
	if !slices.Contains(Decisions, v.Decision) {
		f.Add("decision", "approval.decision_unknown")
	}
	reason, problem := text.Line(v.Reason, MaxReason)
	if problem == text.Empty && v.Decision != Refuse {
		problem = ""
	}
	f.Check("reason", string(problem), "Max", MaxReason)
	return reason, f.Err()
}

// event is the record of what became of an account.
func (a Approval) event(verb string) audit.Event {
	e := audit.Event{
		Org: a.Org, Verb: verb, Object: a.Member.String(), Subject: a.Member.String(), Names: map[string]string{"member": a.Name},
		Before: map[string]any{"status": member.PendingApproval}, After: map[string]any{"ticket": a.Ticket},
	}
	if a.Reason != "" {
		e.After["reason"] = a.Reason
	}
	if len(a.Sites) == 1 {
		e.Site = a.Sites[0]
	}
	return e
}
