package grant_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"habilis/internal/access"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/recordgroup"
	"habilis/internal/resource"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// undoWalk makes random edits of every domain, and undoes them, the last one first.
type undoWalk struct {
	*wholeWorld

	done, undone, refused int
	domains               map[int]int
}

// step is one edit that made a change set, with what was held before.
type undoStep struct {
	id     ident.ChangeSet
	before []held
}

// Whatever is given and taken, of whatever domain, and however time passes, undoing the edits
// from the last one back restores what was before each: but for what has ended by itself,
// nothing more, and nothing less.
func TestRandomUndo(t *testing.T) {
	clock := &storetest.Clock{}
	storetest.EachWith(t, storetest.Options{Clock: clock.Now, NoTwin: true}, func(t *testing.T, db *store.DB) {
		k := &undoWalk{wholeWorld: newWhole(t, db, clock), domains: map[int]int{}}
		rapid.Check(t, func(r *rapid.T) {
			var stack []undoStep
			for range rapid.IntRange(1, 6).Draw(r, "edits") {
				if rapid.IntRange(0, 3).Draw(r, "wait") == 0 {
					k.clock.Add(time.Duration(rapid.IntRange(1, 20).Draw(r, "hours")) * time.Hour)
				}
				k.clock.Add(time.Millisecond)
				before := k.held()
				if id, made := k.edit(r); made {
					stack = append(stack, undoStep{id, before})
				}
			}
			for i := len(stack) - 1; i >= 0; i-- {
				k.clock.Add(time.Millisecond)
				k.back(r, stack[i])
			}
		})
		if k.undone < 60 || len(k.domains) < 5 {
			t.Errorf("the walk says little: %d undone of %d, %d refused, %v", k.undone, k.done, k.refused, k.domains)
		}
		t.Logf("%d edits, %d undone, %d refused; by domain %v", k.done, k.undone, k.refused, k.domains)
	})
}

func (k *undoWalk) back(r *rapid.T, s undoStep) {
	set, err := k.grants.Undo(k.Context(), k.as("claire"), k.a, s.id)
	if err != nil {
		// All that it gave may have ended by itself: then there is nothing to undo.
		if d := difference(k.standing(s.before), k.standing(k.held())); !errors.Is(err, grant.ErrNothingStands) && d != "" {
			r.Fatalf("undo: %v %s\n%s", err, fieldsOf(err), d)
		}
		return
	}
	if d := difference(k.standing(s.before), k.standing(k.held())); d != "" {
		r.Fatalf("after %s, %s:\n%s", k.lines(set), k.stays(set), d)
	}
	k.undone++
}

// edit makes one random edit; false when nothing changed, or it was refused.
func (k *undoWalk) edit(r *rapid.T) (ident.ChangeSet, bool) {
	was := k.last()
	n := rapid.IntRange(0, 5).Draw(r, "domain")
	var err error
	switch n {
	case 0, 1:
		err = k.editRights(r)
	case 2:
		err = k.editLevels(r)
	case 3:
		err = k.editDelegations(r)
	case 4:
		err = k.editGroup(r)
	default:
		err = k.editRecords(r)
	}
	id := k.last()
	if err != nil || id == was {
		k.refused++
		return "", false
	}
	k.done++
	k.domains[n]++
	return id, true
}

func (k *undoWalk) someone(r *rapid.T) string {
	return rapid.SampledFrom([]string{"julie", "lea", "paul", "emile"}).Draw(r, "who")
}

func (k *undoWalk) until(r *rapid.T) *time.Time {
	if h := rapid.IntRange(-20, 20).Draw(r, "until"); h > 0 {
		return later(k.db.Now(), h)
	}
	return nil
}

func (k *undoWalk) editRights(r *rapid.T) error {
	var c member.RightsChange
	for i := range 2 {
		switch rapid.IntRange(0, 4).Draw(r, "site") {
		case 0:
			c.AddSites = append(c.AddSites, k.sites[i])
		case 1:
			c.DropSites = append(c.DropSites, k.sites[i])
		}
	}
	scopes := []access.Scope{access.OrgScope(k.a), k.at(0), k.at(1)}
	for range rapid.IntRange(0, 3).Draw(r, "rights") {
		at := rapid.SampledFrom(scopes).Draw(r, "scope")
		given := k.role(rapid.SampledFrom([]string{role.Secretary, role.Reader, role.Administrator}).Draw(r, "role"), at)
		p := member.GivenPermission{Permission: rapid.SampledFrom([]access.Permission{access.RecordsRead, access.TasksRead, access.MembersRead}).Draw(r, "permission"), Scope: at}
		switch rapid.IntRange(0, 3).Draw(r, "what") {
		case 0:
			c.AddRoles = append(c.AddRoles, given...)
		case 1:
			c.DropRoles = append(c.DropRoles, given...)
		case 2:
			c.AddPermissions = append(c.AddPermissions, p)
		default:
			c.DropPermissions = append(c.DropPermissions, p)
		}
	}
	_, err := k.members.ChangeRights(k.Context(), k.as("claire"), k.a, k.member[k.someone(r)], c, 0)
	return err
}

func (k *undoWalk) editLevels(r *rapid.T) error {
	var w grant.Wanted
	for range rapid.IntRange(1, 3).Draw(r, "cells") {
		id := k.thing[rapid.SampledFrom([]string{"room", "ines", "desk"}).Draw(r, "thing")]
		l := rapid.SampledFrom(grant.LevelsOf(id.Type())).Draw(r, "level")
		c := grant.Change{Member: k.member[k.someone(r)], Resource: id, Level: l}
		if l != grant.None {
			c.Until = k.until(r)
		}
		w.Changes = append(w.Changes, c)
	}
	_, err := k.grants.Apply(k.Context(), k.as("claire"), k.a, w)
	return err
}

func (k *undoWalk) editDelegations(r *rapid.T) error {
	l, err := k.names.List(k.Context(), k.as("claire"), k.a, grant.DelegationQuery{})
	if err != nil {
		return err
	}
	if len(l.List) > 0 && rapid.Bool().Draw(r, "existing") {
		d := rapid.SampledFrom(l.List).Draw(r, "delegation")
		if rapid.Bool().Draw(r, "end") {
			return k.names.End(k.Context(), k.as("claire"), k.a, d.ID)
		}
		_, err = k.names.Edit(k.Context(), k.as("claire"), k.a, d.ID, 0, grant.Dates{Until: k.until(r)})
		return err
	}
	n := grant.NewDelegations{Identities: []resource.ID{k.thing["sign"]}, Member: k.member[k.someone(r)], Acts: []grant.Act{grant.Send}, Until: k.until(r)}
	if rapid.Bool().Draw(r, "both") {
		n.Acts = append(n.Acts, grant.Receive)
	}
	if rapid.Bool().Draw(r, "of a practitioner") {
		n.Identities, n.Acts = append(n.Identities, k.thing["pen"]), []grant.Act{grant.Receive}
	}
	_, err = k.names.Give(k.Context(), k.as("claire"), k.a, n)
	return err
}

func (k *undoWalk) anyGroup(r *rapid.T) ident.Group {
	return k.group[rapid.SampledFrom([]string{"children", "elders"}).Draw(r, "group")]
}

func (k *undoWalk) editGroup(r *rapid.T) error {
	g := k.anyGroup(r)
	if rapid.IntRange(0, 2).Draw(r, "out") == 0 {
		_, err := k.records.RemoveMember(k.Context(), k.as("claire"), k.a, g, recordgroup.AnyVersion, k.member[k.someone(r)])
		return err
	}
	ids := []ident.Member{k.member[k.someone(r)], k.member[k.someone(r)]}
	_, err := k.records.SetMembers(k.Context(), k.as("claire"), k.a, g, recordgroup.AnyVersion, ids, recordgroup.Dates{Until: k.until(r)})
	return err
}

func (k *undoWalk) editRecords(r *rapid.T) error {
	var c recordgroup.Change
	for _, name := range []string{"r1", "r2", "r3", "r4"} {
		switch rapid.IntRange(0, 3).Draw(r, name) {
		case 0:
			c.Add = append(c.Add, name)
		case 1:
			c.Remove = append(c.Remove, name)
		}
	}
	_, err := k.records.ChangeRecords(k.Context(), k.as("claire"), k.a, k.anyGroup(r), recordgroup.AnyVersion, c, nil)
	return err
}
