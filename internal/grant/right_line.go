package grant

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/changeset"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/recordgroup"
	"habilis/internal/resource"
	"habilis/internal/role"
	"habilis/internal/store"
)

// RightLine is one right before and after, of whatever domain, with its names as they are
// today.
type RightLine struct {
	changeset.Line

	MemberName string
	ObjectName string // of the role, the site, the resource or the group
	BuiltIn    string // of a built-in role: its code
	Place      string // the name of the site where it holds; empty: the whole organisation
}

// Stay is a line that undoing leaves as it is.
type Stay struct {
	RightLine

	Why changeset.Why
}

// register is what the lines of a change set are about, as the reader may know of it.
type register struct {
	editor

	sets   changeset.Sight
	people map[ident.Member]person // those who left too
	things map[resource.ID]resource.Resource
	roles  map[string]role.Role
	groups map[string]string
	sites  map[ident.Site]string
}

// sights are where the reader may know of lines.
func (e editor) sights() changeset.Sight {
	whole := access.OrgScope(e.held.Org)
	s := changeset.Sight{
		Rights: where(e.held, access.RightsRead, access.RightsEdit), Self: e.held.Member,
		Delegations: where(e.held, access.RightsRead, access.RightsEdit, access.DelegationsEdit),
		Groups:      e.held.Has(access.GroupsEdit, whole) || e.held.Has(access.RightsRead, whole),
		Members:     where(e.held, access.MembersRead),
	}
	return s
}

func where(held access.Held, permissions ...access.Permission) (w changeset.Where) {
	for _, p := range permissions {
		sites, whole := held.Sites(p)
		w.Whole, w.Sites = w.Whole || whole, append(w.Sites, sites...)
	}
	return w
}

// consult reads what some lines are about.
func (e editor) consult(ctx context.Context, tx *store.Tx, lines []changeset.Line) (*register, error) {
	g := &register{editor: e, sets: e.sights()}
	in := e.held.Org
	var members []ident.Member
	var things []resource.ID
	var groups []ident.Group
	for _, l := range lines {
		if !l.Member.IsZero() {
			members = append(members, l.Member)
		}
		switch l.Domain {
		case changeset.Level, changeset.Delegation:
			things = append(things, resource.ID(l.Object))
		case changeset.GroupMember, changeset.GroupRecord:
			groups = append(groups, ident.Group(l.Object))
		case changeset.Role, changeset.Permission, changeset.Site:
		}
	}
	var err error
	if g.people, err = readPeople(ctx, tx, in, once(members), true); err != nil {
		return nil, err
	}
	if g.things, err = readThings(ctx, tx, in, once(things)); err != nil {
		return nil, err
	}
	if g.groups, err = recordgroup.Names(ctx, tx, in, once(groups)); err != nil {
		return nil, err
	}
	err = g.names(ctx, tx, lines)
	return g, err
}

func once[T ~string](list []T) []T { return slices.Compact(slices.Sorted(slices.Values(list))) }

// names reads roles and sites, when a line is about one.
func (g *register) names(ctx context.Context, tx *store.Tx, lines []changeset.Line) (err error) {
	g.roles = map[string]role.Role{}
	if slices.ContainsFunc(lines, func(l changeset.Line) bool { return l.Domain == changeset.Role }) {
		all, err := role.All(ctx, tx, g.held.Org)
		if err != nil {
			return err
		}
		for _, r := range all {
			g.roles[r.ID.String()] = r
		}
	}
	g.sites, err = member.SiteNames(ctx, tx, g.held.Org)
	return err
}

// knowsLine reports whether the reader may know of a line (AUZ-06).
func (g *register) knowsLine(l changeset.Line) bool {
	self := g.held.Member
	switch l.Domain {
	case changeset.Level:
		r, there := g.things[resource.ID(l.Object)]
		return there && g.knows(r) && g.reads(r)
	case changeset.Delegation:
		r, there := g.things[resource.ID(l.Object)]
		return there && (g.sets.Delegations.At(r.Site) || (!self.IsZero() && (r.Holder == self || l.Member == self)))
	case changeset.GroupRecord:
		return g.sets.Groups
	case changeset.GroupMember:
		return g.sets.Groups && g.sees(g.people[l.Member])
	case changeset.Role, changeset.Permission, changeset.Site:
	}
	return g.sets.Rights.At(l.Site)
}

// mayUndo reports whether the reader may change what a line is about.
func (g *register) mayUndo(l changeset.Line) bool {
	switch l.Domain {
	case changeset.Level:
		return g.edits(g.things[resource.ID(l.Object)])
	case changeset.Delegation:
		r, self := g.things[resource.ID(l.Object)], g.held.Member
		return g.held.Has(access.DelegationsEdit, r.Scope()) || (!self.IsZero() && (r.Holder == self || l.Member == self))
	case changeset.GroupRecord, changeset.GroupMember:
		return g.held.Has(access.GroupsEdit, access.OrgScope(g.held.Org))
	case changeset.Site:
		return g.held.Has(access.MembersEdit, access.Scope{Org: g.held.Org, Site: l.Site})
	case changeset.Role, changeset.Permission:
	}
	return g.held.Has(access.RightsEdit, access.Scope{Org: g.held.Org, Site: l.Site})
}

// named tells a line with its names.
func (g *register) named(l changeset.Line) RightLine {
	v := RightLine{Line: l, MemberName: g.people[l.Member].name(), Place: g.sites[l.Site]}
	v.Records = nil // the names of records are no matter of a change set's readers
	switch l.Domain {
	case changeset.Level, changeset.Delegation:
		v.ObjectName = g.things[resource.ID(l.Object)].Name
	case changeset.Role:
		v.ObjectName, v.BuiltIn = g.roles[l.Object].Name, g.roles[l.Object].BuiltIn
	case changeset.Site:
		v.ObjectName = g.sites[l.Site]
	case changeset.GroupMember, changeset.GroupRecord:
		v.ObjectName = g.groups[l.Object]
	case changeset.Permission: // its code is its name
	}
	return v
}

// tell puts lines into a change set: those about levels as Line, the others as RightLine.
func (g *register) tell(c *ChangeSet, lines []changeset.Line) {
	for _, l := range lines {
		if l.Domain != changeset.Level {
			c.Rights = append(c.Rights, g.named(l))
			continue
		}
		s := storedLevel(l)
		c.Lines = append(c.Lines, Line{
			Member: l.Member, MemberName: g.people[l.Member].name(), Resource: g.things[s.resource], Before: s.before, After: s.after,
		})
	}
	countLinesOf(c)
}

// countLinesOf fills the counts of a change set from its lines.
func countLinesOf(c *ChangeSet) {
	people, things := map[ident.Member]bool{}, map[string]bool{}
	c.ByDomain = map[changeset.Domain]int{}
	for _, l := range c.Lines {
		people[l.Member], things[l.Resource.ID.String()] = true, true
		c.ByDomain[changeset.Level]++
	}
	for _, l := range c.Rights {
		if !l.Member.IsZero() {
			people[l.Member] = true
		}
		things[l.Object] = true
		c.ByDomain[l.Domain] += max(l.Count, 1)
	}
	c.Changes, c.People, c.Resources = len(c.Lines)+len(c.Rights), len(people), len(things)
}
