package recordgroup

import (
	"context"
	"errors"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/changeset"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// The lines of what a group holds.

func memberLine(v Group, m ident.Member, before, after *Period) changeset.Line {
	return changeset.Line{
		Key:    changeset.Key{Domain: changeset.GroupMember, Member: m, Object: v.ID.String()},
		Before: stateOf(before), After: stateOf(after), Count: 1,
	}
}

// stateOf is a period as a line tells it; nil is none.
func stateOf(p *Period) changeset.State {
	if p == nil {
		return changeset.State{}
	}
	return changeset.State{Value: changeset.Held, From: p.StartsAt, Until: p.EndsAt}
}

// recordLines are the records that a plan puts in the group, and those it takes out: one
// line each way, with the time of the act.
func (v Group) recordLines(p plan, tx *store.Tx) []changeset.Line {
	key := changeset.Key{Domain: changeset.GroupRecord, Object: v.ID.String()}
	in := changeset.State{Value: changeset.Held, From: tx.Now}
	var lines []changeset.Line
	if len(p.add) > 0 {
		lines = append(lines, changeset.Line{Key: key, After: in, Records: p.add, Count: len(p.add)})
	}
	if len(p.remove) > 0 {
		lines = append(lines, changeset.Line{Key: key, Before: in, Records: p.remove, Count: len(p.remove)})
	}
	return lines
}

// keep writes the change set of an act on what a group holds, with its one entry of the trail.
func keep(ctx context.Context, tx *action.Tx, v Group, e audit.Event, lines []changeset.Line) error {
	set, err := member.NewSet(ctx, tx)
	if err != nil {
		return err
	}
	if set, err = changeset.Write(ctx, tx.Tx, v.Org, set, lines); err != nil {
		return err
	}
	if e.Subject == "" && len(changeset.Of(lines, changeset.GroupMember)) > 0 {
		e.Object = set.ID.String() // about several members: by the set, each finds their own lines (AUD-2)
	}
	if e.After == nil {
		e.After = map[string]any{}
	}
	e.After["change_set"] = set.ID.String()
	tx.Record(e)
	return nil
}

// Restore gives back what a group held before the lines of a change set, in the caller's
// act, which keeps the change set and records it: of each line that still stands, the
// membership with the dates that it had; of records, those that are as the change left
// them. Errors: access.ErrForbidden, ErrFull, member.ErrNotFound.
func Restore(ctx context.Context, tx *action.Tx, org ident.Org, id ident.Group, lines []changeset.Line) (changeset.Restored, error) {
	var out changeset.Restored
	held, err := access.HeldBy(ctx, tx.Tx, tx.By, org)
	if err != nil {
		return out, err
	}
	if !held.Has(access.GroupsEdit, access.OrgScope(org)) {
		return out, access.ErrForbidden.With("Permission", string(access.GroupsEdit))
	}
	eye, err := look(ctx, tx.Tx, tx.By, org)
	if err != nil {
		return out, err
	}
	return restore(ctx, tx, eye, org, id, lines)
}

// TakeBack is Restore in an act that has checked the right to all of it (package departure).
func TakeBack(ctx context.Context, tx *action.Tx, org ident.Org, id ident.Group, lines []changeset.Line) (changeset.Restored, error) {
	return restore(ctx, tx, sight{whole: true}, org, id, lines)
}

func restore(ctx context.Context, tx *action.Tx, eye sight, org ident.Org, id ident.Group, lines []changeset.Line,
) (changeset.Restored, error) {
	var out changeset.Restored
	v, err := find(ctx, tx.Tx, eye, org, id)
	if errors.Is(err, ErrNotFound) {
		out.Left(changeset.ObjectGone, lines...)
		return out, nil
	}
	if err != nil {
		return out, err
	}
	if err := v.restoreMembers(ctx, tx, eye, changeset.Of(lines, changeset.GroupMember), &out); err != nil {
		return out, err
	}
	for _, l := range changeset.Of(lines, changeset.GroupRecord) {
		if err := v.restoreRecords(ctx, tx, l, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (v Group) restoreMembers(ctx context.Context, tx *action.Tx, eye sight, lines []changeset.Line, out *changeset.Restored) error {
	if len(lines) == 0 {
		return nil
	}
	ids := make([]ident.Member, len(lines))
	for i, l := range lines {
		ids[i] = l.Member
	}
	people, err := findPeople(ctx, tx.Tx, eye, v, ids)
	if err != nil {
		return err
	}
	changed := false
	for _, l := range lines {
		p, there := people[l.Member]
		switch {
		case !there:
			out.Left(changeset.MemberGone, l)
			continue
		case !p.stands(l, tx.Tx):
			out.Left(changeset.ChangedSince, l)
			continue
		}
		did, err := v.giveBack(ctx, tx, eye, p, l, out)
		if err != nil {
			return err
		}
		changed = changed || did
	}
	if !changed {
		return nil
	}
	v.Version++
	return touch(ctx, tx.Tx, v)
}

// stands reports whether a membership is as the line left it.
func (p person) stands(l changeset.Line, tx *store.Tx) bool {
	if p.held == nil || (l.After.None() && p.held.Over(tx.Now)) {
		return l.After.None()
	}
	return stateOf(&p.held.Period).Same(l.After)
}

// giveBack writes one membership as it was before the line; false when it has ended by itself.
func (v Group) giveBack(ctx context.Context, tx *action.Tx, eye sight, p person, l changeset.Line, out *changeset.Restored) (bool, error) {
	to := l.Before
	if to.Over(tx.Now) {
		to = changeset.State{}
	}
	if to.None() && (p.held == nil || p.held.Over(tx.Now)) {
		out.Left(changeset.OverSince, l)
		return false, nil
	}
	if err := closeMember(ctx, tx.Tx, v, p.Member); err != nil {
		return false, err
	}
	var before, after *Period
	if p.held != nil {
		before = &p.held.Period
	}
	if !to.None() {
		m := p.Membership
		m.Period = Period{StartsAt: to.From, EndsAt: to.Until}
		after = &m.Period
		if err := insertMember(ctx, tx.Tx, v, m, giver(tx.By)); err != nil {
			return false, err
		}
		if p.Member == eye.self {
			tellOthers(tx, v, p)
			out.Warnings = append(out.Warnings, changeset.Warning{Code: "yourself"})
		}
	}
	out.Lines = append(out.Lines, memberLine(v, p.Member, before, after))
	return true, nil
}

// restoreRecords takes out what a line put in, or puts in what it took out.
func (v Group) restoreRecords(ctx context.Context, tx *action.Tx, l changeset.Line, out *changeset.Restored) error {
	if len(l.Records) == 0 {
		out.Left(changeset.NamesGone, l)
		return nil
	}
	p, err := v.reverse(ctx, tx.Tx, l)
	if err != nil {
		return err
	}
	done := len(p.add) + len(p.remove)
	if rest := len(l.Records) - done; rest > 0 {
		left := l
		left.Records, left.Count = nil, rest
		out.Left(changeset.ChangedSince, left)
	}
	if done == 0 {
		return nil
	}
	if err := p.fits(ctx, tx.Tx, v.Org); err != nil {
		return err
	}
	if p.Ungrouped > 0 {
		code := "records_to_all"
		if p.Closed {
			code = "records_to_nobody"
		}
		out.Warnings = append(out.Warnings, changeset.Warning{Code: code, Args: []any{"Count", int(p.Ungrouped), "Group", v.Name}})
	}
	out.Lines = append(out.Lines, v.recordLines(p, tx.Tx)...)
	return v.apply(ctx, tx.Tx, p)
}

// reverse plans the inverse of a line about records, on those that are as it left them: in
// the group, or out of it.
func (v Group) reverse(ctx context.Context, tx *store.Tx, l changeset.Line) (plan, error) {
	var p plan
	here, err := findRecords(ctx, tx, v, l.Records)
	if err != nil {
		return p, err
	}
	for _, r := range l.Records {
		switch {
		case l.After.None() && !here[r]:
			p.add = append(p.add, r)
		case !l.After.None() && here[r]:
			p.remove = append(p.remove, r)
		}
	}
	p.Added, p.Removed = int64(len(p.add)), int64(len(p.remove))
	elsewhere, err := findElsewhere(ctx, tx, v, slices.Concat(p.add, p.remove))
	if err != nil {
		return p, err
	}
	p.Grouped, p.Ungrouped = without(p.add, elsewhere), without(p.remove, elsewhere)
	s, err := setting.ReadRecords(ctx, tx, v.Org)
	p.Closed = s.UnlistedClosed
	return p, err
}
