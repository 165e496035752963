package review

import (
	"context"
	"errors"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/changeset"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/recordgroup"
	"habilis/internal/resource"
	"habilis/internal/role"
	"habilis/internal/store"
)

// keptAtOnce is how many people of whom nothing becomes one step writes.
const keptAtOnce = 200

// closingAtOnce bounds what Sweep reads at once.
const closingAtOnce = 100

// Do does the work of a WorkOrder. It may run twice, or stop anywhere: what was done is written with
// it, and the next step begins where the last one ended.
func (r Reviews) Do(ctx context.Context, j job.Job) error {
	var o WorkOrder
	if err := j.Decode(&o); err != nil {
		return err
	}
	return r.carry(ctx, key{o.Org, o.Review})
}

// Sweep goes on with work that stopped: the timetable calls it. One campaign that fails keeps no other.
func (r Reviews) Sweep(ctx context.Context) error {
	var some []key
	err := r.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		some, err = underWay(ctx, tx, closingAtOnce)
		return err
	})
	failed := []error{err}
	for _, k := range some {
		failed = append(failed, r.carry(ctx, k))
	}
	return errors.Join(failed...)
}

// carry does all that is to be done of one campaign.
func (r Reviews) carry(ctx context.Context, k key) error {
	for {
		w, err := r.read(ctx, k)
		if err != nil || !w.underWay {
			return err
		}
		stage := StageFile
		if len(w.left) > 0 {
			stage = StagePerson
			err = r.step(ctx, w)
		} else {
			err = r.finish(ctx, w)
		}
		if errors.Is(err, access.ErrSuspended) {
			return nil // it goes on when the organisation is in use again
		}
		if err == nil && r.between != nil {
			err = r.between(stage)
		}
		if err != nil {
			return err
		}
	}
}

// work is what is to be done of a campaign.
type work struct {
	campaign Campaign
	underWay bool
	left     []row // of whom the next step is
}

func (r Reviews) read(ctx context.Context, k key) (w work, err error) {
	return w, r.Run.DB.Read(ctx, func(tx *store.Tx) error {
		c, found, err := get(ctx, tx, k.org, k.id)
		if err != nil || !found || c.State != Closing {
			return err
		}
		w = work{campaign: c, underWay: true}
		for _, s := range steps {
			if w.left, err = pendingOf(ctx, tx, c, s.choice, s.atOnce); err != nil || len(w.left) > 0 {
				return err
			}
		}
		return nil
	})
}

// steps are in this order: who is reduced, then who is taken away, one by one; then who is kept, many at
// once. A step reads those of whom it is, however many others there are.
var steps = []struct {
	choice Choice
	atOnce int
}{{Reduce, 1}, {Remove, 1}, {Keep, keptAtOnce}, {Undecided, keptAtOnce}}

// step does one part: one person, or many of whom nothing becomes.
func (r Reviews) step(ctx context.Context, w work) error {
	p := w.left[0]
	if p.choice == Keep || p.choice == Undecided {
		return r.keepMany(ctx, w)
	}
	err := r.do(ctx, w.campaign, p.member)
	if err == nil || errors.Is(err, access.ErrSuspended) || !refused(err) {
		return err
	}
	return r.leave(ctx, w.campaign, p.member, fault.Of(err).Code)
}

// refused reports whether err says no, rather than that something failed: it would say no again.
func refused(err error) bool {
	return member.Refusal(err) || fault.Is(err, fault.Stale) || fault.Is(err, fault.Invalid) || fault.Is(err, fault.Unauthenticated)
}

// closer is whoever ended the campaign, as an actor of the work: what they may not do any more is
// refused (rules.md 13). The proof that they gave is that of the end, for all of it.
func (r Reviews) closer(ctx context.Context, c Campaign) (access.Actor, error) {
	by := invitation.ParseInviter(c.endedBy, c.Org).Actor
	by.Via = "job"
	return by, r.Run.DB.Read(ctx, func(tx *store.Tx) error {
		names, err := member.GiverNames(ctx, tx, []string{who(c.endedBy)})
		by.Name, by.StepUp = names[who(c.endedBy)], tx.Now
		return err
	})
}

// do carries out what was decided of one person, in one transaction, by who ended the campaign.
func (r Reviews) do(ctx context.Context, c Campaign, of ident.Member) error {
	by, err := r.closer(ctx, c)
	if err != nil {
		return err
	}
	act := byItself(c.Org, verbStep, c.ID.String())
	act.Subject = of.String()
	_, err = action.Run(ctx, r.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		tx.By.StepUp = tx.Now // asked for, and given, at the end
		rows, err := framedOf(ctx, tx.Tx, c, []ident.Member{of})
		if err != nil || len(rows) == 0 || rows[0].outcome != Pending {
			return struct{}{}, firstError(err, action.Nothing) // another node did it meanwhile
		}
		now, err := rightsOf(ctx, tx.Tx, c.Org, c.Site, []ident.Member{of})
		if err != nil {
			return struct{}{}, err
		}
		d := doing{reviews: r, campaign: c, row: &rows[0], now: now[of]}
		if err := d.run(ctx, tx); err != nil {
			return struct{}{}, err
		}
		d.row.doneAt = tx.Now
		d.record(tx)
		return struct{}{}, updateRow(ctx, tx.Tx, c, *d.row)
	})
	return err
}

// doing is a decision that is being carried out.
type doing struct {
	reviews  Reviews
	campaign Campaign
	row      *row
	now      rights
}

// run does it, by the rights of tx.By as they are now. What changed since is never overwritten.
func (d *doing) run(ctx context.Context, tx *action.Tx) error {
	switch {
	case d.row.gone:
		d.row.outcome = AlreadyGone
		return nil
	case d.row.outdated(d.now):
		return ErrChanged
	case d.row.choice == Reduce:
		return d.reduce(ctx, tx)
	}
	return d.remove(ctx, tx)
}

// reduce takes rights away, as one change set, which can be undone.
func (d *doing) reduce(ctx context.Context, tx *action.Tx) error {
	in, of := d.campaign.Org, d.row.member
	falls := d.row.falls(d.now)
	if len(falls) == 0 {
		d.row.outcome = AlreadyGone
		return nil
	}
	var lines []changeset.Line
	if change := falls.change(in); len(change.DropRoles)+len(change.DropPermissions) > 0 {
		together, err := member.ChangeRightsTogether(ctx, tx, in, []member.PersonRights{{Member: of, Change: change}})
		if err != nil {
			return err
		}
		lines = together.Lines
	}
	ended, err := grant.Reduce(ctx, tx, in, of, falls.less())
	if err != nil {
		return err
	}
	out, err := recordgroup.TakeOut(ctx, tx, in, of, falls.groups())
	if err != nil {
		return err
	}
	if lines = changeset.Merged(append(append(lines, ended...), out...)); len(lines) == 0 {
		d.row.outcome = AlreadyGone
		return nil
	}
	set, err := member.NewSet(ctx, tx)
	if err != nil {
		return err
	}
	if set, err = changeset.Write(ctx, tx.Tx, in, set, lines); err != nil {
		return err
	}
	d.row.outcome, d.row.changeSet = Taken, set.ID
	return nil
}

// change is what goes of roles and single permissions.
func (l rights) change(in ident.Org) (c member.RightsChange) {
	for _, r := range l {
		at := access.Scope{Org: in, Site: r.Site}
		switch r.Domain {
		case changeset.Role:
			c.DropRoles = append(c.DropRoles, role.Given{Role: ident.Role(r.Object), Scope: at})
		case changeset.Permission:
			c.DropPermissions = append(c.DropPermissions, member.GivenPermission{Permission: access.Permission(r.Object), Scope: at})
		case changeset.Level, changeset.Site, changeset.Delegation, changeset.GroupMember, changeset.GroupRecord, Holds:
		}
	}
	return c
}

// less is what goes of levels and delegations.
func (l rights) less() (v grant.Less) {
	for _, r := range l {
		switch r.Domain {
		case changeset.Level:
			v.Levels = append(v.Levels, resource.ID(r.Object))
		case changeset.Delegation:
			v.Delegations = append(v.Delegations, grant.Received{Identity: resource.ID(r.Object), Act: grant.Act(r.Detail)})
		case changeset.Role, changeset.Permission, changeset.Site, changeset.GroupMember, changeset.GroupRecord, Holds:
		}
	}
	return v
}

func (l rights) groups() (list []ident.Group) {
	for _, r := range l {
		if r.Domain == changeset.GroupMember {
			list = append(list, ident.Group(r.Object))
		}
	}
	return list
}

// remove takes somebody away: from the organisation, or from the site of the campaign, as it was decided.
func (d *doing) remove(ctx context.Context, tx *action.Tx) error {
	in, of, site := d.campaign.Org, d.row.member, d.campaign.Site
	d.row.outcome = Left
	if d.row.leaves == LeaveSite {
		return d.reviews.Members.RemoveSiteIn(ctx, tx, in, of, site)
	}
	_, err := departure.StartIn(ctx, tx, in, of)
	return err
}

// record tells of a step.
func (d *doing) record(tx *action.Tx) {
	verb := verbStep
	after := map[string]any{"review_outcome": string(d.row.outcome)}
	if !d.row.changeSet.IsZero() {
		verb, after["change_set"] = verbReduce, d.row.changeSet.String()
	}
	e := d.campaign.event(verb, after)
	e.Subject = d.row.member.String()
	tx.Record(e)
}

// leave writes that a decision could not be carried out, and why: it is left to do.
func (r Reviews) leave(ctx context.Context, c Campaign, of ident.Member, code string) error {
	act := byItself(c.Org, verbStep, c.ID.String())
	_, err := action.Run(ctx, r.Run, access.Operator("job"), act, func(tx *action.Tx) (struct{}, error) {
		rows, err := framedOf(ctx, tx.Tx, c, []ident.Member{of})
		if err != nil || len(rows) == 0 || rows[0].outcome != Pending {
			return struct{}{}, firstError(err, action.Nothing)
		}
		p := rows[0]
		p.outcome, p.code, p.doneAt = ToDo, code, tx.Now
		e := c.event(verbStep, map[string]any{"review_outcome": string(ToDo), "refused_because": code})
		e.Subject = of.String()
		tx.Record(e)
		return struct{}{}, updateRow(ctx, tx.Tx, c, p)
	})
	return err
}

// keepMany writes of many at once that nothing becomes of them: of whom more was given since, that
// they were not reviewed.
func (r Reviews) keepMany(ctx context.Context, w work) error {
	ids := make([]ident.Member, 0, keptAtOnce)
	for _, p := range w.left {
		ids = append(ids, p.member)
	}
	c := w.campaign
	_, err := action.Run(ctx, r.Run, access.Operator("job"), byItself(c.Org, verbStep, c.ID.String()), func(tx *action.Tx) (struct{}, error) {
		rows, err := framedOf(ctx, tx.Tx, c, ids)
		if err != nil {
			return struct{}{}, err
		}
		now, err := rightsOf(ctx, tx.Tx, c.Org, c.Site, ids)
		if err != nil {
			return struct{}{}, err
		}
		kept := 0
		for _, p := range rows {
			if p.outcome != Pending {
				continue
			}
			p.settleKept(now[p.member])
			p.doneAt = tx.Now
			if err := updateRow(ctx, tx.Tx, c, p); err != nil {
				return struct{}{}, err
			}
			kept++
		}
		if kept == 0 {
			return struct{}{}, action.Nothing
		}
		tx.Record(c.event(verbStep, map[string]any{"review_outcome": string(AsItWas), "review_people": kept}))
		return struct{}{}, nil
	})
	return err
}

func (p *row) settleKept(now rights) {
	switch {
	case p.gone:
		p.outcome = AlreadyGone
	case p.choice == Undecided:
		p.outcome = NotReviewed
	case p.outdated(now):
		p.outcome, p.code = NotReviewed, ErrChanged.Code
	default:
		p.outcome = AsItWas
	}
}
