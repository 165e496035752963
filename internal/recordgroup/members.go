package recordgroup

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/changeset"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/store"
)

// Years between which a membership may begin and end: beyond, it is a slip of the keyboard.
const (
	minYear = 2000
	maxYear = 2100
)

// Dates is what is asked of a membership. Without a start, one in force keeps its own and
// a new one begins at once; without an end, it has none.
type Dates struct{ From, Until *time.Time }

// period is the membership asked for, of a member who may have one already.
func (d Dates) period(f *fault.Fields, old *Membership, now time.Time) Period {
	p := Period{StartsAt: now}
	if old != nil && !old.Over(now) {
		p.StartsAt = old.StartsAt
	}
	if d.From != nil {
		p.StartsAt = moment(f, "from", *d.From)
	}
	if d.Until == nil {
		return p
	}
	until := moment(f, "until", *d.Until)
	p.EndsAt = &until
	switch {
	case f.Has("until") || f.Has("from"):
	case !until.After(p.StartsAt):
		f.Add("until", "recordgroup.ends_before_start")
	case !until.After(now):
		f.Add("until", "recordgroup.ends_in_past")
	}
	return p
}

func moment(f *fault.Fields, at string, t time.Time) time.Time {
	t = t.UTC().Truncate(time.Microsecond)
	if t.Year() < minYear || t.Year() > maxYear {
		f.Add(at, "member.date_malformed")
	}
	return t
}

// SetMembers puts members in a group, or changes since when and until when they are;
// version is the group's that was read. Whoever is in it that way already stays as they
// are. Errors: ErrNotFound, ErrStale, fields to correct; for somebody whom the actor may
// not know of, member.ErrNotFound on their line.
func (g Groups) SetMembers(ctx context.Context, by access.Actor, org ident.Org, id ident.Group, version int64,
	members []ident.Member, d Dates,
) (Group, error) {
	act := editing(org, verbSetMember, id)
	if len(members) == 1 {
		act.Subject = members[0].String()
	}
	return edit(ctx, g, by, act, id, version, func(tx *action.Tx, eye sight, v Group) (Group, error) {
		people, err := chosen(ctx, tx.Tx, eye, v, members)
		if err != nil {
			return Group{}, err
		}
		done, err := setMembers(ctx, tx, eye, v, members, people, d)
		if err == nil && len(done) > 0 {
			err = keepMembers(ctx, tx, v, done)
		}
		if err != nil {
			return Group{}, err
		}
		return renewed(ctx, tx, eye, v, len(done) > 0)
	})
}

// setMembers writes the memberships that change, each once.
func setMembers(ctx context.Context, tx *action.Tx, eye sight, v Group, members []ident.Member, people map[ident.Member]person, d Dates,
) ([]membershipSet, error) {
	var done []membershipSet
	for i, id := range members {
		if slices.Contains(members[:i], id) {
			continue
		}
		did, changed, err := setMember(ctx, tx, v, people[id], d)
		if err != nil {
			return nil, err
		}
		if !changed {
			continue
		}
		done = append(done, did)
		if id == eye.self {
			tellOthers(tx, v, people[id])
		}
	}
	return done, nil
}

// membershipSet is one membership before and after; nil before is none.
type membershipSet struct {
	before *Membership
	after  Membership
}

// keepMembers writes the change set of memberships, with one entry of the trail.
func keepMembers(ctx context.Context, tx *action.Tx, v Group, done []membershipSet) error {
	lines := make([]changeset.Line, len(done))
	for i, d := range done {
		var before *Period
		if d.before != nil {
			before = &d.before.Period
		}
		lines[i] = memberLine(v, d.after.Member, before, &d.after.Period)
	}
	return keep(ctx, tx, v, membersEvent(v, done), lines)
}

// namedAtMost bounds the names by which an event is found, and toldAtMost those that its
// sentence tells.
const namedAtMost, toldAtMost = 20, 3

// membersEvent is the one record of who was put in a group.
func membersEvent(v Group, done []membershipSet) audit.Event {
	if len(done) == 1 {
		var before map[string]any
		if done[0].before != nil {
			before = done[0].before.facts()
		}
		return memberEvent(v, done[0].after, verbSetMember, before, done[0].after.facts())
	}
	var names []string
	var before, after []any
	for i, d := range done {
		if i < namedAtMost {
			names = append(names, d.after.Name())
		}
		if d.before != nil {
			before = append(before, d.before.told())
		}
		after = append(after, d.after.told())
	}
	e := event(v, verbSetMember, map[string]any{}, map[string]any{"memberships": after, "group": v.ID.String()})
	if before != nil {
		e.Before["memberships"] = before
	}
	for i, name := range names {
		e.Names["member"+strconv.Itoa(i+1)] = name
	}
	told := slices.Clone(names[:min(len(names), toldAtMost)])
	if len(done) > toldAtMost {
		told = append(told, "…")
	}
	e.Names["member"] = strings.Join(told, ", ")
	return e
}

// told is a membership among others, in the trail.
func (m Membership) told() map[string]any {
	f := m.facts()
	f["member"] = m.Member.String()
	return f
}

// person is a member who may be put in the group, with what they have of it.
type person struct {
	Membership
	held *Membership // nil: not in the group
}

// chosen reads the members named, whom the actor may know of.
func chosen(ctx context.Context, tx *store.Tx, eye sight, v Group, members []ident.Member) (map[ident.Member]person, error) {
	switch n := len(members); {
	case n == 0:
		return nil, fault.OnField("members", "recordgroup.no_member")
	case n > MaxTogether:
		return nil, fault.OnField("members", "recordgroup.too_many_members", "Max", MaxTogether)
	}
	people, err := findPeople(ctx, tx, eye, v, members)
	if err != nil {
		return nil, err
	}
	var f fault.Fields
	for i, id := range members {
		if _, ok := people[id]; !ok {
			f.Add("members["+strconv.Itoa(i)+"]", member.ErrNotFound.Code)
		}
	}
	if len(members) == 1 && f.Err() != nil {
		return nil, member.ErrNotFound
	}
	return people, f.Err()
}

// setMember writes one membership; false when there is nothing to change.
func setMember(ctx context.Context, tx *action.Tx, v Group, p person, d Dates) (membershipSet, bool, error) {
	var f fault.Fields
	period := d.period(&f, p.held, tx.Now)
	done := membershipSet{before: p.held}
	if err := f.Err(); err != nil {
		return done, false, err
	}
	if p.Status == member.PendingApproval { // what is decided of is what was read (APP-1, INV-16)
		return done, false, member.ErrNotActive
	}
	next := p.Membership
	next.Period = period
	if p.held != nil {
		if p.held.same(period) {
			return done, false, nil
		}
		if err := closeMember(ctx, tx.Tx, v, p.Member); err != nil {
			return done, false, err
		}
	}
	done.after = next
	if p.held != nil && p.held.Over(tx.Now) {
		done.before = nil // what has ended by itself is nothing
	}
	return done, true, insertMember(ctx, tx.Tx, v, next, giver(tx.By))
}

// tellOthers: what one grants oneself is told to the other administrators (RGT-1).
func tellOthers(tx *action.Tx, v Group, p person) {
	if p.held != nil && !p.held.Over(tx.Now) {
		return // in it already: only the dates changed
	}
	tx.After(job.Order{Priority: job.Normal, Args: member.SelfRightsLetter{
		Org: v.Org, Member: p.Member, Scope: access.WholeOrganization, Groups: []string{v.Name},
	}})
}

// same reports whether two periods are one.
func (p Period) same(other Period) bool {
	if (p.EndsAt == nil) != (other.EndsAt == nil) || !p.StartsAt.Equal(other.StartsAt) {
		return false
	}
	return p.EndsAt == nil || p.EndsAt.Equal(*other.EndsAt)
}

func (p Period) facts() map[string]any {
	f := map[string]any{"starts_at": p.StartsAt.UTC()}
	if p.EndsAt != nil {
		f["ends_at"] = p.EndsAt.UTC()
	}
	return f
}

func memberEvent(v Group, m Membership, verb string, before, after map[string]any) audit.Event {
	e := event(v, verb, before, after)
	e.Subject = m.Member.String()
	e.Names["member"] = m.Name()
	return e
}

// RemoveMember takes a member out of a group; version as for SetMembers. Whoever is not
// in it stays out. Errors: ErrNotFound, ErrStale, member.ErrNotFound.
func (g Groups) RemoveMember(ctx context.Context, by access.Actor, org ident.Org, id ident.Group, version int64, m ident.Member,
) (Group, error) {
	act := editing(org, verbRemoveMember, id)
	act.Subject = m.String()
	return edit(ctx, g, by, act, id, version, func(tx *action.Tx, eye sight, v Group) (Group, error) {
		people, err := chosen(ctx, tx.Tx, eye, v, []ident.Member{m})
		if err != nil {
			return Group{}, err
		}
		held := people[m].held
		if held == nil {
			return v, action.Nothing
		}
		if err := closeMember(ctx, tx.Tx, v, m); err != nil {
			return Group{}, err
		}
		gone := memberEvent(v, people[m].Membership, verbRemoveMember, held.facts(), nil)
		if err := keepGone(ctx, tx, v, gone, *held); err != nil {
			return Group{}, err
		}
		return renewed(ctx, tx, eye, v, true)
	})
}

// keepGone writes the change set of who is taken out of a group. What had ended by itself
// is no line: there is nothing to give back.
func keepGone(ctx context.Context, tx *action.Tx, v Group, e audit.Event, held Membership) error {
	if held.Over(tx.Now) {
		tx.Record(e)
		return nil
	}
	return keep(ctx, tx, v, e, []changeset.Line{memberLine(v, held.Member, &held.Period, nil)})
}

// renewed gives the group with its new version, after a change of its members.
func renewed(ctx context.Context, tx *action.Tx, eye sight, v Group, changed bool) (Group, error) {
	if !changed {
		return v, action.Nothing
	}
	v.Version++
	if err := touch(ctx, tx.Tx, v); err != nil {
		return Group{}, err
	}
	return find(ctx, tx.Tx, eye, v.Org, v.ID)
}

// EndOf takes a member out of every group, in the caller's act: for one who leaves. It gives the
// lines, for the change set of that act.
func EndOf(ctx context.Context, tx *action.Tx, org ident.Org, m ident.Member) ([]changeset.Line, error) {
	held, err := groupsOf(ctx, tx.Tx, org, m)
	if err != nil {
		return nil, err
	}
	return end(ctx, tx, org, m, held)
}

// end takes a member out of groups.
func end(ctx context.Context, tx *action.Tx, org ident.Org, m ident.Member, held []Membership) ([]changeset.Line, error) {
	var lines []changeset.Line
	for _, h := range held {
		v := Group{Org: org, ID: h.Group, Details: Details{Name: h.GroupName}}
		if err := closeMember(ctx, tx.Tx, v, m); err != nil {
			return nil, err
		}
		if err := bump(ctx, tx.Tx, v); err != nil {
			return nil, err
		}
		if !h.Over(tx.Now) {
			lines = append(lines, memberLine(v, m, &h.Period, nil))
		}
	}
	return lines, nil
}
