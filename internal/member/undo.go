package member

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/changeset"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/role"
	"habilis/internal/store"
)

// Restore gives back what one member had before the lines of a change set: sites, roles and
// permissions, in the caller's act, which keeps the change set and records it. Of each line
// that still stands as it was left, what was before is given or taken, by the rules of
// ChangeRights, with the dates that it had; the others stay, each with its reason. at is
// where the first line stands in the whole set: fields are «lines[3]». inUse says whether the
// member was given something else at a site since, which keeps it. Errors: those of
// ChangeRights, but for the fresh proof, which the answer asks for.
func Restore(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Member, lines []changeset.Line, at []int, inUse InUse,
) (changeset.Restored, error) {
	var out changeset.Restored
	v, err := look(ctx, tx.Tx, tx.By, in)
	if err != nil {
		return out, err
	}
	s, err := v.subject(ctx, tx.Tx, in, id)
	if errors.Is(err, ErrNotFound) {
		out.Left(changeset.MemberGone, lines...)
		return out, nil
	}
	if err != nil {
		return out, err
	}
	b := &back{viewer: v, subject: s, inUse: inUse, out: &out, exact: map[changeset.Key]changeset.State{}, sites: slices.Clone(s.sites)}
	if err := b.inverse(ctx, tx.Tx, lines, at); err != nil || b.empty() {
		return out, err
	}
	if err := v.mayChangeRights(ctx, tx.Tx, s, &b.change); err != nil {
		return out, b.renamed(err)
	}
	return out, b.do(ctx, tx)
}

// InUse says whether a member was given something at a site since, that another package knows of.
type InUse func(context.Context, *store.Tx, ident.Org, ident.Member, ident.Site) (bool, error)

// back is a change of rights that gives back what was.
type back struct {
	inUse   InUse
	viewer  viewer
	subject subject
	out     *changeset.Restored
	change  RightsChange
	exact   map[changeset.Key]changeset.State
	sites   []ident.Site   // as they become
	fields  map[string]int // the field of the change, and the line it comes from
}

func (b *back) empty() bool {
	c := b.change
	return len(c.AddSites)+len(c.DropSites)+len(c.AddRoles)+len(c.DropRoles)+len(c.AddPermissions)+len(c.DropPermissions) == 0
}

// inverse draws up the change: sites first, which rights need.
func (b *back) inverse(ctx context.Context, tx *store.Tx, lines []changeset.Line, at []int) error {
	b.fields = map[string]int{}
	order := []changeset.Domain{changeset.Site, changeset.Role, changeset.Permission}
	for _, d := range order {
		for i, l := range lines {
			if l.Domain != d {
				continue
			}
			why, err := b.stays(ctx, tx, l, lines)
			if err != nil {
				return err
			}
			if why != "" {
				b.out.Left(why, l)
				continue
			}
			b.add(l, at[i], wasBefore(l, tx.Now))
		}
	}
	return nil
}

// wasBefore is what the line gives back: what has ended by itself meanwhile is nothing.
func wasBefore(l changeset.Line, now time.Time) changeset.State {
	if l.Before.Over(now) {
		return changeset.State{}
	}
	return l.Before
}

// stays says why a line is left as it is; empty when it can be undone.
func (b *back) stays(ctx context.Context, tx *store.Tx, l changeset.Line, lines []changeset.Line) (changeset.Why, error) {
	now, err := b.current(ctx, tx, l)
	switch {
	case err != nil:
		return "", err
	case !l.Same(now, l.After):
		return changeset.ChangedSince, nil
	case l.Domain == changeset.Site && wasBefore(l, tx.Now).None():
		return b.siteStays(ctx, tx, l, lines)
	case l.Domain != changeset.Site && !l.Site.IsZero() && !wasBefore(l, tx.Now).None() && !slices.Contains(b.sites, l.Site):
		return changeset.NotAtSite, nil
	case l.Domain == changeset.Role && !slices.ContainsFunc(b.viewer.roles, func(r role.Role) bool { return r.ID.String() == l.Object }):
		return changeset.ObjectGone, nil
	}
	return "", nil
}

// siteStays: with a site go the rights held there; those given since keep it.
func (b *back) siteStays(ctx context.Context, tx *store.Tx, l changeset.Line, lines []changeset.Line) (changeset.Why, error) {
	held, err := atSite(ctx, tx, b.subject.ID, access.SiteScope(b.subject.Org, l.Site))
	if err != nil {
		return "", err
	}
	for _, h := range held {
		i := slices.IndexFunc(lines, func(l changeset.Line) bool { return l.Key == h.Key })
		if i < 0 || !h.Same(lines[i].After, h.Before) {
			return changeset.SiteInUse, nil
		}
	}
	if used, err := b.inUse(ctx, tx, b.subject.Org, b.subject.ID, l.Site); err != nil || used {
		return changeset.SiteInUse, err
	}
	return "", nil
}

// current reads what there is of a line now, over or not.
func (b *back) current(ctx context.Context, tx *store.Tx, l changeset.Line) (changeset.State, error) {
	at := access.Scope{Org: b.subject.Org, Site: l.Site}
	var row grant
	var found bool
	var err error
	switch l.Domain {
	case changeset.Site:
		row.starts, found, err = belongsSince(ctx, tx, at.Org, l.Member, l.Site)
	case changeset.Role:
		row, found, err = findGrant(ctx, tx, at, l.Member, ident.Role(l.Object))
	default:
		row, found, err = findPermission(ctx, tx, l.Member, GivenPermission{access.Permission(l.Object), at})
	}
	if !found || (l.After.None() && row.over(tx.Now)) {
		return changeset.State{}, err
	}
	return row.state(), err
}

// add puts a line into the change.
func (b *back) add(l changeset.Line, n int, to changeset.State) {
	c, at := &b.change, access.Scope{Org: b.subject.Org, Site: l.Site}
	verb := "drop"
	if !to.None() {
		verb, b.exact[l.Key] = "add", to
	}
	name := func(list string, i int) { b.fields[verb+"_"+list+"["+strconv.Itoa(i)+"]"] = n }
	switch {
	case l.Domain == changeset.Site && to.None():
		c.DropSites = append(c.DropSites, l.Site)
		b.sites = slices.DeleteFunc(b.sites, func(s ident.Site) bool { return s == l.Site })
	case l.Domain == changeset.Site:
		c.AddSites = append(c.AddSites, l.Site)
		b.sites = append(b.sites, l.Site)
	case l.Domain == changeset.Role:
		list := pick(to, &c.AddRoles, &c.DropRoles)
		name("roles", len(*list))
		*list = append(*list, role.Given{Role: ident.Role(l.Object), Scope: at})
	default:
		list := pick(to, &c.AddPermissions, &c.DropPermissions)
		name("permissions", len(*list))
		*list = append(*list, GivenPermission{access.Permission(l.Object), at})
	}
}

func pick[T any](to changeset.State, add, drop *[]T) *[]T {
	if to.None() {
		return drop
	}
	return add
}

// renamed tells of a refusal on the lines of the change set.
func (b *back) renamed(err error) error {
	f := fault.Of(err)
	if len(f.Fields) == 0 {
		return err
	}
	told := *f
	told.Fields = nil
	for _, field := range f.Fields {
		for name, n := range b.fields {
			if field.Location == name || strings.HasPrefix(field.Location, name+".") {
				field.Location = "lines[" + strconv.Itoa(n) + "]"
				break
			}
		}
		told.Fields = append(told.Fields, field)
	}
	return &told
}

// do makes the change, by the rules of ChangeRights and ORG-4.
func (b *back) do(ctx context.Context, tx *action.Tx) error {
	s := b.subject
	r := reform{c: &b.change, exact: b.exact, viewer: b.viewer, subject: s, sites: slices.Clone(s.sites)}
	was := s.given
	err := Keeping(ctx, tx.Tx, s.Org, func() error {
		if err := r.run(ctx, tx); err != nil {
			return err
		}
		return touch(ctx, tx.Tx, s.Org, s.ID)
	})
	if err != nil {
		return b.renamed(err)
	}
	r.tell(tx)
	is, err := access.GivenTo(ctx, tx.Tx, s.Org, s.ID)
	b.out.Lines, b.out.Proof = changeset.Merged(r.lines), r.administers
	b.out.Warnings = weigh(s.Name(), b.viewer.isSelf(s), was, is)
	return err
}
