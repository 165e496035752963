package grant

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/changeset"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/resource"
)

// delegationLine is a delegation before and after an act on it; nil is none.
func delegationLine(before, after *Delegation) changeset.Line {
	d := before
	if after != nil {
		d = after
	}
	return changeset.Line{
		Key:    changeset.Key{Domain: changeset.Delegation, Member: d.Member, Object: d.Identity.ID.String(), Detail: string(d.Act)},
		Before: before.state(), After: after.state(), Site: d.Identity.Site, Count: 1,
	}
}

// state is a delegation as a line tells it; one that has ended is nothing.
func (d *Delegation) state() changeset.State {
	if d == nil || d.State == Ended {
		return changeset.State{}
	}
	return changeset.State{Value: string(d.kept()), From: d.From, Until: d.Until}
}

// undoDelegations gives back delegations: by who may give them, and to draft in somebody's
// name by the holder alone, of whom anybody else asks it again (AUZ-10).
func (u *undoing) undoDelegations(ctx context.Context, tx *action.Tx) error {
	at, lines, err := u.there(ctx, tx.Tx, changeset.Delegation)
	if err != nil || len(lines) == 0 {
		return err
	}
	v := delegationViewer{by: u.by, held: u.held}
	var refused fault.Fields
	for i, l := range lines {
		b, err := v.back(ctx, tx, l)
		if err != nil {
			return err
		}
		switch {
		case b.why != "":
			u.out.Left(b.why, l)
		case b.refusal != nil:
			refused.Add("lines["+strconv.Itoa(at[i])+"]", b.refusal.Code, "Name", b.identity.Name)
		default:
			if err := u.giveBack(ctx, tx, b); err != nil {
				return err
			}
		}
	}
	if err := refused.Err(); err != nil {
		refusal := *ErrNotDelegable
		refusal.Fields = fault.Of(err).Fields
		return &refusal
	}
	return nil
}

// delegationBack is one delegation to be given back.
type delegationBack struct {
	identity Identity
	row      *Delegation // as it stands; nil: none
	to       *Delegation // nil: none
	asks     bool        // of a practitioner, again
	why      changeset.Why
	refusal  *fault.Error
}

// left reports whether the line stays as it is.
func (b *delegationBack) left() bool { return b.why != "" || b.refusal != nil }

// back says what undoing one line comes to.
func (v delegationViewer) back(ctx context.Context, tx *action.Tx, l changeset.Line) (delegationBack, error) {
	var b delegationBack
	id, in := resource.ID(l.Object), v.held.Org
	found, err := identitiesByID(ctx, tx.Tx, in, []resource.ID{id})
	if err != nil || len(found) == 0 {
		b.why = changeset.ObjectGone
		return b, err
	}
	b.identity = found[0]
	standing, err := standingOn(ctx, tx.Tx, in, l.Member, []resource.ID{id})
	if err != nil {
		return b, err
	}
	if i := slices.IndexFunc(standing, func(d Delegation) bool { return d.Act == Act(l.Detail) }); i >= 0 {
		b.row = &standing[i]
	}
	if b.why = b.stands(l); b.why != "" {
		return b, nil
	}
	to := l.Before
	if to.Over(tx.Now) {
		to = changeset.State{}
	}
	switch {
	case to.None() && (b.row == nil || b.row.State == Ended):
		b.why = changeset.OverSince
	case to.None():
		b.refusal = asFault(v.mayEnd(*b.row))
	default:
		err = v.given(ctx, tx, l, to, &b)
	}
	return b, err
}

// stands says why a delegation is no longer as the line left it.
func (b *delegationBack) stands(l changeset.Line) changeset.Why {
	now := changeset.State{}
	if b.row != nil {
		now = changeset.State{Value: string(b.row.kept()), From: b.row.From, Until: b.row.Until}
		if l.After.None() && b.row.State == Ended {
			now = changeset.State{}
		}
	}
	if !now.Same(l.After) {
		return changeset.ChangedSince
	}
	return ""
}

// given makes the delegation that is given back.
func (v delegationViewer) given(ctx context.Context, tx *action.Tx, l changeset.Line, to changeset.State, b *delegationBack) error {
	who, there, err := delegateAt(ctx, tx.Tx, v.held.Org, l.Member, nil, true)
	if err != nil {
		return err
	}
	i, act := b.identity, Act(l.Detail)
	switch {
	case !there:
		b.why = changeset.MemberGone
	case i.Closed, act == Draft && i.Holder.IsZero():
		b.why = changeset.ObjectGone
	case i.Holder == l.Member:
		b.why = changeset.NowTheirs
	case act == Draft && b.row != nil && !b.row.offered && to.Value == string(active) && !v.holds(i):
		b.refusal = ErrNotHolder // they agreed: only they say until when
	case !v.administers(i) && (act != Draft || !v.holds(i)):
		b.refusal = fault.New(fault.Forbidden, "delegation.not_here")
	}
	if b.left() {
		return nil
	}
	d := Delegation{
		Org: v.held.Org, ID: ident.NewDelegation(), Rev: 1, Act: act, Member: who.ID, Name: who.Name, Function: who.Function, Identity: i,
		From: to.From, Until: to.Until, GivenAt: tx.Now, giver: giverOf(v.by), offered: to.Value == string(Proposed),
	}
	if act == Draft && !d.offered && !v.holds(i) {
		d.offered, b.asks = true, true
	}
	d.State = d.seenAs(tx.Now)
	b.to = &d
	return nil
}

func asFault(err error) *fault.Error {
	if err == nil {
		return nil
	}
	return fault.Of(err)
}

// giveBack writes it, with its line, its warnings and its letters.
func (u *undoing) giveBack(ctx context.Context, tx *action.Tx, b delegationBack) error {
	line := delegationLine(b.row, b.to)
	u.out.Lines = append(u.out.Lines, line)
	switch {
	case b.to == nil:
		if b.row.State == InForce {
			tellEnd(tx, []Delegation{*b.row}, tx.Now)
		}
		return gone(closeDelegation(ctx, tx.Tx, *b.row))
	case b.row != nil:
		b.to.ID = b.row.ID
		if err := replace(ctx, tx, *b.row, *b.to); err != nil {
			return err
		}
	default:
		if err := insertDelegation(ctx, tx.Tx, *b.to, b.to.kept()); err != nil {
			return err
		}
	}
	u.out.Proof = true // as to give it, or to change its dates
	if b.asks {
		u.out.Warnings = append(u.out.Warnings, Warning{Code: "confirm_again", Args: []any{"Name", b.identity.HolderName, "Member", b.to.Name}})
	}
	if b.row == nil || b.asks {
		delegationViewer{by: u.by, held: u.held}.letters(tx, []Delegation{*b.to})
	} else if !b.to.offered {
		announce(tx, []Delegation{*b.to}, !b.row.From.Equal(b.to.From), !sameMoment(b.row.Until, b.to.Until))
	}
	return nil
}

// keepDelegations writes the change set of an act on delegations, with its one entry of the
// trail: that of the only one, or one that tells them all.
func keepDelegations(ctx context.Context, tx *action.Tx, lines []changeset.Line, events []audit.Event) error {
	set, err := member.NewSet(ctx, tx)
	if err != nil {
		return err
	}
	e := events[0]
	if set, err = changeset.Write(ctx, tx.Tx, e.Org, set, lines); err != nil {
		return err
	}
	if len(events) > 1 {
		e = together(events)
		e.Object = set.ID.String()
	}
	if e.After == nil {
		e.After = map[string]any{}
	}
	e.After["change_set"] = set.ID.String()
	tx.Record(e)
	return nil
}

// nameResource is how events call the name of a resource.
const nameResource = "resource"

// together is one event of several that were done to one member.
func together(events []audit.Event) audit.Event {
	e := events[0]
	var names []string
	var before, after []any
	site := e.Site
	for _, told := range events {
		if name := told.Names[nameResource]; !slices.Contains(names, name) {
			names = append(names, name)
		}
		if told.Before != nil {
			before = append(before, told.Before)
		}
		if told.After != nil {
			after = append(after, told.After)
		}
		if told.Site != site {
			e.Site = ""
		}
		if told.Verb == verbDelegationGive {
			e.Verb = told.Verb
		}
	}
	if len(names) > toldAtMost {
		names = append(names[:toldAtMost], "…")
	}
	e.Names = map[string]string{"member": e.Names["member"], nameResource: strings.Join(names, ", ")}
	e.Before, e.After = map[string]any{}, map[string]any{}
	if before != nil {
		e.Before["delegations"] = before
	}
	if after != nil {
		e.After["delegations"] = after
	}
	return e
}
