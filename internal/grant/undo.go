package grant

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/changeset"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/recordgroup"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// PreviewUndo says what Undo would do: it does it, and keeps nothing of it. No proof is
// asked: Proof says whether Undo would. Errors: those of Undo.
func (g Grants) PreviewUndo(ctx context.Context, by access.Actor, in ident.Org, id ident.ChangeSet) (ChangeSet, error) {
	return g.undo(ctx, by, in, id, true)
}

// Undo takes a change set back, whatever it is about, by a change set that is its inverse:
// of each line that still stands as it was left, what was before. It is judged as a new
// edit is, by the rules of each domain; the lines that were changed since stay, each with
// its reason. Errors: ErrNoSuchSet, ErrPartOf, ErrUndone, ErrUndoOver, ErrNothingStands, those of
// Apply, of member.ChangeRights, of delegations and of recordgroup, with fields
// «lines[3].resource», «lines[3]»; access.ErrStepUp.
func (g Grants) Undo(ctx context.Context, by access.Actor, in ident.Org, id ident.ChangeSet) (ChangeSet, error) {
	return g.undo(ctx, by, in, id, false)
}

func (g Grants) undo(ctx context.Context, by access.Actor, in ident.Org, id ident.ChangeSet, rehearsal bool) (ChangeSet, error) {
	var e editor
	return action.Run(ctx, g.Run, by, readingSets(by, in, verbUndo, id.String(), &e), func(tx *action.Tx) (ChangeSet, error) {
		u := undoing{editor: e}
		if err := u.read(ctx, tx.Tx, id); err != nil {
			return ChangeSet{}, err
		}
		if err := u.do(ctx, tx); err != nil {
			return ChangeSet{}, err
		}
		if rehearsal {
			u.ID = ""
			return u.ChangeSet, action.Nothing
		}
		if u.Proof && !by.Proven(tx.Now) {
			return ChangeSet{}, access.ErrStepUp
		}
		return u.ChangeSet, u.keep(ctx, tx)
	})
}

// undoing is the inverse of a change set under way.
type undoing struct {
	editor
	ChangeSet

	whole bool          // a departure's: whoever takes it back may do all of it
	set   changeset.Set // its own, to be written
	of    changeset.Set // that it undoes
	lines []changeset.Line
	about *register

	levels draft
	out    changeset.Restored
}

// read reads the change set and says whether it may be undone at all.
func (u *undoing) read(ctx context.Context, tx *store.Tx, id ident.ChangeSet) error {
	var found bool
	var err error
	if u.of, found, err = changeset.Find(ctx, tx, u.held.Org, id); err != nil {
		return err
	}
	if u.lines, err = changeset.Lines(ctx, tx, u.held.Org, id); err != nil {
		return err
	}
	if u.about, err = u.consult(ctx, tx, u.lines); err != nil {
		return err
	}
	switch {
	case !found || !slices.ContainsFunc(u.lines, u.about.knowsLine):
		return ErrNoSuchSet
	case u.of.PartOf != "" && !u.whole:
		return ErrPartOf
	case !u.of.UndoneBy.IsZero():
		return ErrUndone
	case !u.of.UndoTill().After(tx.Now):
		return ErrUndoOver
	case slices.ContainsFunc(u.lines, func(l changeset.Line) bool { return !u.about.knowsLine(l) || !u.about.mayUndo(l) }):
		return ErrNotYours // of the change set one sees a part: the rest is not told
	}
	u.ChangeSet = ChangeSet{Kind: Undo, Undoes: id}
	return nil
}

// do undoes the lines of each domain by the rules of its package.
func (u *undoing) do(ctx context.Context, tx *action.Tx) (err error) {
	if u.set, err = member.NewSet(ctx, tx); err != nil {
		return err
	}
	u.set.ID, u.set.Kind, u.set.Undoes, u.set.MadeAt = ident.NewChangeSet(), Undo, u.of.ID, tx.Now
	for _, step := range u.steps(tx.Now) {
		if err := step(ctx, tx); err != nil {
			return err
		}
	}
	if len(u.out.Lines) == 0 {
		return ErrNothingStands
	}
	if u.about, err = u.consult(ctx, tx.Tx, append(slices.Clone(u.out.Lines), u.lines...)); err != nil {
		return err
	}
	u.tellAll()
	return nil
}

// steps are the domains in their order: a site that is given back comes before what is held
// there, one that is taken goes after it.
func (u *undoing) steps(now time.Time) []func(context.Context, *action.Tx) error {
	comesBack := slices.ContainsFunc(u.lines, func(l changeset.Line) bool {
		return l.Domain == changeset.Site && !l.Before.None() && !l.Before.Over(now)
	})
	if comesBack {
		return []func(context.Context, *action.Tx) error{u.undoMembers, u.undoLevels, u.undoDelegations, u.undoGroups}
	}
	return []func(context.Context, *action.Tx) error{u.undoLevels, u.undoDelegations, u.undoMembers, u.undoGroups}
}

// tellAll fills the answer.
func (u *undoing) tellAll() {
	c := &u.ChangeSet
	u.about.tell(c, u.out.Lines)
	if len(u.levels.Lines) > 0 {
		c.Lines = u.levels.Lines // with who gave them
	}
	for _, s := range u.out.Stays {
		c.Stays = append(c.Stays, Stay{u.about.named(s.Line), s.Why})
	}
	if n := len(u.out.Stays); n > 0 {
		c.Warnings = append(c.Warnings, Warning{Code: "changed_since", Args: []any{"Count", n}})
	}
	c.Warnings = append(c.Warnings, u.out.Warnings...)
	c.Proof = u.out.Proof
	keptAs(c, u.set)
}

func (u *undoing) keep(ctx context.Context, tx *action.Tx) error {
	set, err := changeset.Write(ctx, tx.Tx, u.held.Org, u.set, u.out.Lines)
	if err != nil {
		return err
	}
	keptAs(&u.ChangeSet, set)
	u.MayUndo = true
	tx.Record(u.event())
	return nil
}

// undoLevels gives back the levels.
func (u *undoing) undoLevels(ctx context.Context, tx *action.Tx) error {
	at, lines, err := u.there(ctx, tx.Tx, changeset.Level)
	if err != nil || len(lines) == 0 {
		return err
	}
	s, stored, err := u.about.levels(ctx, tx.Tx, lines)
	if err != nil {
		return err
	}
	d := draft{scene: s, ChangeSet: ChangeSet{Kind: Undo, Undoes: u.of.ID}}
	wishes := s.inverse(stored, at)
	for _, i := range s.left(stored) {
		u.out.Left(s.why(stored[i]), lines[i])
	}
	if d.Lines, err = s.plan(wishes); err != nil {
		if errors.Is(err, ErrUnknown) {
			err = ErrNotYours // a member elsewhere is not told either
		}
		return err
	}
	if len(d.Lines) == 0 {
		return nil
	}
	d.count()
	if err := d.weigh(ctx, tx.Tx); err != nil {
		return err
	}
	written, err := d.write(ctx, tx, &u.set)
	u.levels = d
	u.out.Add(changeset.Restored{Lines: written, Warnings: d.Warnings})
	return err
}

// undoMembers gives back sites, roles and permissions, member by member.
func (u *undoing) undoMembers(ctx context.Context, tx *action.Tx) error {
	var met []ident.Member
	for _, l := range changeset.Of(u.lines, changeset.Site, changeset.Role, changeset.Permission) {
		if slices.Contains(met, l.Member) {
			continue
		}
		met = append(met, l.Member)
		at, lines := u.where(func(o changeset.Line) bool {
			return o.Member == l.Member && (o.Domain == changeset.Site || o.Domain == changeset.Role || o.Domain == changeset.Permission)
		})
		r, err := member.Restore(ctx, tx, u.held.Org, l.Member, lines, at, usedSince(u.of.MadeAt))
		if err != nil {
			return err
		}
		u.out.Add(r)
	}
	return nil
}

// undoGroups gives back memberships and records, group by group.
func (u *undoing) undoGroups(ctx context.Context, tx *action.Tx) error {
	var met []string
	for _, l := range changeset.Of(u.lines, changeset.GroupMember, changeset.GroupRecord) {
		if slices.Contains(met, l.Object) {
			continue
		}
		met = append(met, l.Object)
		_, lines := u.where(func(o changeset.Line) bool {
			return o.Object == l.Object && (o.Domain == changeset.GroupMember || o.Domain == changeset.GroupRecord)
		})
		r, err := u.restoreGroup(ctx, tx, ident.Group(l.Object), lines)
		if err != nil {
			return err
		}
		u.out.Add(r)
	}
	return nil
}

func (u *undoing) restoreGroup(ctx context.Context, tx *action.Tx, id ident.Group, lines []changeset.Line) (changeset.Restored, error) {
	if u.whole {
		return recordgroup.TakeBack(ctx, tx, u.held.Org, id, lines)
	}
	return recordgroup.Restore(ctx, tx, u.held.Org, id, lines)
}

// there gives the lines of a domain, with their places in the change set, but those that would give
// something at a site which the person left since: what ended with it stays ended (OFF-4).
func (u *undoing) there(ctx context.Context, tx *store.Tx, domain changeset.Domain) (at []int, lines []changeset.Line, err error) {
	places, all := u.where(func(l changeset.Line) bool { return l.Domain == domain })
	people := make([]ident.Member, len(all))
	for i, l := range all {
		people[i] = l.Member
	}
	left, err := member.FormerSites(ctx, tx, u.held.Org, people, u.of.MadeAt)
	for i, l := range all {
		if !l.Before.None() && !l.Before.Over(tx.Now) && slices.Contains(left[l.Member], l.Site) {
			u.out.Left(changeset.NotAtSite, l)
			continue
		}
		at, lines = append(at, places[i]), append(lines, l)
	}
	return at, lines, err
}

// where gives the lines that are so, with their places in the change set.
func (u *undoing) where(is func(changeset.Line) bool) (at []int, lines []changeset.Line) {
	for i, l := range u.lines {
		if is(l) {
			at, lines = append(at, i), append(lines, l)
		}
	}
	return at, lines
}

// sceneOf reads what the lines of a change set are about.
func sceneOf(ctx context.Context, tx *store.Tx, e editor, lines []storedLine) (*scene, error) {
	wishes := make([]wish, len(lines))
	for i, l := range lines {
		wishes[i] = wish{Change: Change{Member: l.member, Resource: l.resource}}
	}
	members, things := subjects(wishes)
	return readScene(ctx, tx, e, members, things)
}

// inverse asks for what was before, on each line that stands; at is where each stands in
// the change set.
func (s *scene) inverse(lines []storedLine, at []int) (wishes []wish) {
	for i, l := range lines {
		if s.why(l) != "" {
			continue
		}
		back := l.before
		if back.over(s.now) {
			back = State{}
		}
		wishes = append(wishes, wish{
			Change: Change{Member: l.member, Resource: l.resource, Level: back.Level}, exact: &back,
			at: "lines[" + strconv.Itoa(at[i]) + "]",
		})
	}
	return wishes
}

// left are the places of the lines that stay as they are: what was changed since, and what
// can no longer be given.
func (s *scene) left(lines []storedLine) (out []int) {
	for i, l := range lines {
		if s.why(l) != "" {
			out = append(out, i)
		}
	}
	return out
}

// why says why a line stays as it is; empty when it can be undone.
func (s *scene) why(l storedLine) changeset.Why {
	_, there := s.people[l.member]
	r := s.things[l.resource]
	switch {
	case !s.stands(l):
		return changeset.ChangedSince
	case !there:
		return changeset.MemberGone
	case l.before.Level == None || l.before.over(s.now):
		return ""
	case r.Status != resource.Active:
		return changeset.ObjectGone
	case r.Holder == l.member:
		return changeset.NowTheirs
	}
	return ""
}

// stands reports whether a cell is as the line left it; what has ended by itself since
// still is.
func (s *scene) stands(l storedLine) bool {
	r, open := s.rows[l.cell]
	if !open {
		return l.after.Level == None
	}
	return r.same(l.after)
}
