package grant

import (
	"slices"
	"time"

	"habilis/internal/audit"
	"habilis/internal/changeset"
	"habilis/internal/ident"
)

// event is the one record of an undo, whatever it gives back.
func (u *undoing) event() audit.Event {
	c := u.ChangeSet
	e := eventOf(u.held.Org, verbUndo, c)
	e.Before["change_set"], e.After["change_set"] = c.Undoes.String(), c.ID.String()
	for _, l := range c.Rights {
		put(e.Before, l, l.Before)
		put(e.After, l, l.After)
		if g := l.Domain; g == changeset.GroupMember || g == changeset.GroupRecord {
			e.Names["group"] = l.ObjectName
		}
	}
	if len(c.concerned()) == 0 {
		delete(e.Names, "member")
	}
	site, all := u.place()
	if e.Site = site; all && !site.IsZero() {
		e.Names["site"] = u.about.sites[site]
	}
	return e
}

// place is the site of every line; not all, or the whole organisation, is none.
func (u *undoing) place() (ident.Site, bool) {
	at := func(l changeset.Line) ident.Site { return l.Site }
	first := at(u.out.Lines[0])
	if slices.ContainsFunc(u.out.Lines, func(l changeset.Line) bool { return at(l) != first }) {
		return "", false
	}
	return first, true
}

// lists are how the trail calls the lines of each domain.
var lists = map[changeset.Domain]string{
	changeset.Site: "sites", changeset.Role: "roles", changeset.Permission: "permissions", changeset.Delegation: "delegations",
	changeset.GroupMember: "memberships", changeset.GroupRecord: "records",
}

// put puts one side of a line among the facts, when there is something on it.
func put(all map[string]any, l RightLine, s changeset.State) {
	if s.None() {
		return
	}
	f := map[string]any{}
	if !l.Member.IsZero() {
		f["member"] = l.Member.String()
	}
	switch l.Domain {
	case changeset.Role:
		f["role"], f["name"], f["scope"], f["built_in"] = l.Object, l.ObjectName, l.Detail, l.BuiltIn
	case changeset.Permission:
		f["permission"], f["scope"] = l.Object, l.Detail
	case changeset.Site:
		f["site"] = l.Object
	case changeset.Delegation:
		f["act"], f["identity"], f["name"] = l.Detail, l.Object, l.ObjectName
	case changeset.GroupMember:
		f["group"], f["name"] = l.Object, l.ObjectName
	case changeset.GroupRecord:
		f["group"], f["name"], f["records"] = l.Object, l.ObjectName, l.Count
	case changeset.Level: // told apart
	}
	if !l.Site.IsZero() {
		f["site"] = l.Site.String() // lets the trail leave out what a reader may not know of (AUZ-06)
	}
	if s.Until != nil {
		f["until"] = s.Until.UTC().Format(time.RFC3339Nano)
	}
	list, _ := all[lists[l.Domain]].([]any)
	all[lists[l.Domain]] = append(list, f)
}
