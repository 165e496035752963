package grant_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/changeset"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/recordgroup"
	"habilis/internal/resource"
	"habilis/internal/role"
)

// Every edit of rights is a change set, undone by one route: sites, roles and permissions of
// a member, with the rights that went with a site.
func TestUndoRights(t *testing.T) {
	eachWhole(t, func(w *wholeWorld) {
		w.change("claire", "julie", member.RightsChange{AddSites: w.sites[1:2], AddRoles: w.role(role.Reader, w.at(1)), AddPermissions: []member.GivenPermission{{Permission: access.TasksRead, Scope: w.at(1)}}})
		before := w.held()
		w.clock.Add(time.Minute)
		id := w.change("claire", "julie", member.RightsChange{
			DropSites: w.sites[1:2], AddRoles: w.role(role.Secretary, w.at(0)), AddPermissions: []member.GivenPermission{{Permission: access.RecordsRead, Scope: w.at(0)}},
		})
		w.one(id)
		seen, err := w.grants.PreviewUndo(w.Context(), w.as("claire"), w.a, id)
		w.must(err)
		want := "Julie Permission “Read patient records”, Grand-Pré: Yes > No; Julie Permission “View tasks”, Saint-Aubin: No > Yes; " +
			"Julie Role “Read only”, Saint-Aubin: No > Yes; Julie Role “Secretariat”, Grand-Pré: Yes > No; Julie Site Saint-Aubin: No > Yes"
		if got := w.lines(seen); got != want || !seen.ID.IsZero() || seen.Proof {
			t.Errorf("%s; want %s", got, want)
		}
		set := w.undo("claire", id)
		if w.lines(set) != w.lines(seen) || warned(set) != warned(seen) || set.Kind != grant.Undo {
			t.Errorf("foreseen %s\ndone %s", w.lines(seen), w.lines(set))
		}
		w.same("undone", before)
		w.one(set.ID)
		_, err = w.grants.Undo(w.Context(), w.as("claire"), w.a, id)
		w.refused("twice", err, grant.ErrUndone)
		w.undo("claire", set.ID) // and done again
		if n := w.count(`select count(*) from member_role where org_id = $1 and member_id = $2 and known_until is null`, w.a, w.member["julie"]); n != 1 {
			t.Errorf("%d roles once it was done again", n)
		}
	})
}

// rules.md 6, RGT-1, ORG-4: undoing is checked again, by the rules of each domain, with the
// right of whoever undoes.
func TestUndoRightsIsChecked(t *testing.T) {
	eachWhole(t, func(w *wholeWorld) {
		care := w.change("claire", "julie", member.RightsChange{AddPermissions: []member.GivenPermission{{Permission: access.RecordsRead, Scope: w.at(0)}}})
		admin := w.change("claire", "julie", member.RightsChange{AddRoles: w.role(role.Administrator, w.at(0))})
		w.one(admin)
		old := w.as("claire")
		old.StepUp = old.StepUp.Add(-access.StepUpAge)
		seen, err := w.grants.PreviewUndo(w.Context(), old, w.a, admin)
		if err != nil || !seen.Proof {
			t.Errorf("foreseen: %+v %v", seen, err)
		}
		_, err = w.grants.Undo(w.Context(), old, w.a, admin)
		w.refused("without a fresh proof", err, access.ErrStepUp)
		_, err = w.grants.Undo(w.Context(), w.as("gaelle"), w.a, admin)
		w.refused("RGT-1: administration, by who does not hold it", err, member.ErrMorePowerful)
		_, err = w.grants.Undo(w.Context(), w.as("gaelle"), w.a, care)
		w.refused("AUZ-05: of who administers more", err, member.ErrMorePowerful)
		_, err = w.grants.Undo(w.Context(), w.as("hugo"), w.a, care)
		w.refused("AUZ-06: of another site", err, grant.ErrNoSuchSet)
		_, err = w.grants.Undo(w.Context(), w.as("lea"), w.a, care)
		w.refused("no right at all", err, access.ErrForbidden)
		w.undo("claire", admin)
		w.undo("gaelle", care)

		gift := w.change("claire", "lea", member.RightsChange{AddPermissions: []member.GivenPermission{{Permission: access.AuditRead, Scope: w.at(0)}}})
		taken := w.change("claire", "lea", member.RightsChange{DropPermissions: []member.GivenPermission{{Permission: access.AuditRead, Scope: w.at(0)}}})
		_, err = w.grants.Undo(w.Context(), w.as("nadege"), w.a, gift)
		w.refused("all of it changed since", err, grant.ErrNothingStands)
		_, err = w.grants.Undo(w.Context(), w.as("gaelle"), w.a, taken)
		w.refused("RGT-1: administration given back by who does not hold it", err, role.ErrNotGrantable, "lines[0] role.above_yours")

		// ORG-4: the undo would leave the organisation without an administrator.
		made := w.change("claire", "gaelle", member.RightsChange{AddRoles: w.role(role.Administrator, access.OrgScope(w.a))})
		_, err = w.members.Withdraw(w.Context(), w.as("claire"), w.member["claire"], access.OrgScope(w.a), 0)
		w.must(err)
		_, err = w.grants.Undo(w.Context(), w.as("gaelle"), w.a, made)
		w.refused("the last administrator", err, member.ErrLastAdministrator)
	})
}

// What was changed since stays, line by line, with its reason; the rest is undone.
func TestUndoTellsWhatStays(t *testing.T) {
	eachWhole(t, func(w *wholeWorld) {
		id := w.change("claire", "paul", member.RightsChange{
			AddSites: w.sites[:1], AddRoles: w.role(role.Reader, w.at(0)), AddPermissions: []member.GivenPermission{{Permission: access.TasksRead, Scope: w.at(1)}},
		})
		w.clock.Add(time.Minute)
		w.change("claire", "paul", member.RightsChange{DropRoles: w.role(role.Reader, w.at(0)), AddPermissions: []member.GivenPermission{{Permission: access.RecordsRead, Scope: w.at(0)}}})
		set := w.undo("claire", id)
		if got := w.stays(set); got != "Paul role changed; Paul site site_in_use" || len(set.Rights) != 1 || !strings.Contains(warned(set), "2 lignes ont changé depuis") {
			t.Errorf("stays %s; %s; %s", got, w.lines(set), warned(set))
		}
		gone := w.put("claire", "children", recordgroup.Dates{}, "paul", "julie")
		w.exec(`update member_state set status = 'left' where org_id = $1 and member_id = $2 and known_until is null`, w.a, w.member["paul"])
		if set = w.undo("claire", gone); w.stays(set) != "Paul group_member member_gone" || len(set.Rights) != 1 {
			t.Errorf("stays %s; %s", w.stays(set), w.lines(set))
		}
		out := w.put("claire", "elders", recordgroup.Dates{}, "lea")
		_, err := w.records.Remove(w.Context(), w.as("claire"), w.a, w.group["elders"], recordgroup.AnyVersion, nil)
		w.must(err)
		_, err = w.grants.Undo(w.Context(), w.as("claire"), w.a, out)
		w.refused("the group is removed", err, grant.ErrNothingStands)
	})
}

// RGT-6, MEM-6, AUZ-10: delegations come back by who may give them; to draft in somebody's
// name is asked of them again.
func TestUndoDelegations(t *testing.T) {
	eachWhole(t, func(w *wholeWorld) {
		send := w.delegate("claire", "julie", grant.Send, "sign")
		given := w.last()
		w.one(given)
		before := w.held()
		w.must(w.names.End(w.Context(), w.as("claire"), w.a, send.ID))
		ended := w.last()
		w.one(ended)
		_, err := w.grants.Undo(w.Context(), w.as("gaelle"), w.a, ended)
		w.refused("without delegations.edit", err, grant.ErrNotYours)
		old := w.as("claire")
		old.StepUp = old.StepUp.Add(-access.StepUpAge)
		_, err = w.grants.Undo(w.Context(), old, w.a, ended)
		w.refused("given back without a fresh proof", err, access.ErrStepUp)
		set := w.undo("claire", ended)
		if w.lines(set) != "Julie Send documents in the name of “Secrétariat”: No > Given" {
			t.Error(w.lines(set))
		}
		w.same("given back", before)
		w.one(set.ID)

		offered := w.delegate("claire", "julie", grant.Draft, "pen")
		_, err = w.names.Confirm(w.Context(), w.as("ines"), w.a, offered.ID, 0)
		w.must(err)
		confirmed := w.held()
		w.clock.Add(time.Minute)
		w.must(w.names.End(w.Context(), w.as("claire"), w.a, offered.ID))
		ended = w.last()
		seen, err := w.grants.PreviewUndo(w.Context(), w.as("claire"), w.a, ended)
		w.must(err)
		if w.lines(seen) != "Julie Draft consultations in the name of “Dr Ines”: No > Proposed, to be confirmed" || !strings.Contains(warned(seen), "Ines Essai qu’une fois") {
			t.Errorf("%s; %s", w.lines(seen), warned(seen))
		}
		// The holder gives back what was in their own name, as it was.
		set = w.undo("ines", ended)
		if w.lines(set) != "Julie Draft consultations in the name of “Dr Ines”: No > Given" {
			t.Error(w.lines(set))
		}
		w.same("by the holder", confirmed)
		_, err = w.names.Edit(w.Context(), w.as("ines"), w.a, w.drafting(), 0, grant.Dates{Until: later(w.db.Now(), 48)})
		w.must(err)
		_, err = w.grants.Undo(w.Context(), w.as("claire"), w.a, w.last())
		w.refused("AUZ-10: another says until when", err, grant.ErrNotDelegable, "lines[0] delegation.not_holder")
		w.undo("ines", w.last())
		w.same("the dates that it had", confirmed)
	})
}

// drafting is the delegation to draft in the name of ines.
func (w *wholeWorld) drafting() (id ident.Delegation) {
	w.Helper()
	l, err := w.names.List(w.Context(), w.as("claire"), w.a, grant.DelegationQuery{Act: grant.Draft})
	w.must(err)
	return l.List[0].ID
}

func later(now time.Time, hours int) *time.Time {
	at := now.Add(time.Duration(hours) * time.Hour)
	return &at
}

// RGT-7: places in groups come back with their dates; of records, those that are as the
// change left them; the names are kept as long as that can be done.
func TestUndoGroups(t *testing.T) {
	eachWhole(t, func(w *wholeWorld) {
		w.put("claire", "children", recordgroup.Dates{Until: later(w.db.Now(), 72)}, "julie")
		before := w.held()
		w.clock.Add(time.Minute)
		moved := w.put("claire", "children", recordgroup.Dates{Until: later(w.db.Now(), 24)}, "julie", "lea")
		w.one(moved)
		w.same("undone", w.heldBy(w.undo("claire", moved), before))
		_, err := w.grants.Undo(w.Context(), w.as("nadege"), w.a, w.last())
		w.refused("who edits no group", err, grant.ErrNoSuchSet)

		w.file("claire", "elders", recordgroup.Change{Add: []string{"r2"}})
		id := w.file("claire", "children", recordgroup.Change{Add: []string{"r1", "r2", "r3"}})
		w.one(id)
		w.clock.Add(time.Minute)
		w.file("claire", "children", recordgroup.Change{Remove: []string{"r3"}})
		seen, err := w.grants.PreviewUndo(w.Context(), w.as("claire"), w.a, id)
		w.must(err)
		if got := w.lines(seen); got != "Records of the access group “Groupe children”: 2 records in the group > Not in the group" ||
			w.stays(seen) != "group_record changed" || seen.Stays[0].Count != 1 || !strings.Contains(warned(seen), "1 dossier ne sera plus dans aucun groupe : toutes") {
			t.Errorf("%s; %s; %s", got, w.stays(seen), warned(seen))
		}
		set := w.undo("claire", id)
		if n := w.count(`select records from record_group where id = $1`, w.group["children"]); n != 0 {
			t.Errorf("%d records", n)
		}
		w.undo("claire", set.ID)
		if n := w.count(`select records from record_group where id = $1`, w.group["children"]); n != 2 {
			t.Errorf("%d records once it was done again", n)
		}
		names := func() int { return w.count(`select count(*) from change_line where records is not null`) }
		kept := names()
		w.must(changeset.Sweep(w.Context(), w.db))
		if names() != kept || kept < 4 {
			t.Errorf("%d lines keep names, then %d", kept, names())
		}
		w.clock.Add(grant.UndoFor)
		w.must(changeset.Sweep(w.Context(), w.db))
		if names() != 0 || w.count(`select sum(count) from change_line where domain = 'group_record'`) != 1+3+1+2+2 {
			t.Errorf("%d lines keep names", names())
		}
	})
}

// heldBy passes what was before on, so that an undo and what it is held against stand in one line.
func (w *wholeWorld) heldBy(_ grant.ChangeSet, before []held) []held { return before }

// Of two who undo the same change set, one does; the other is told.
func TestFaultUndoRace(t *testing.T) {
	eachWhole(t, func(w *wholeWorld) {
		for i := range 6 {
			var id ident.ChangeSet
			switch i % 3 {
			case 0:
				id = w.change("claire", "julie", member.RightsChange{AddPermissions: []member.GivenPermission{{Permission: access.TasksRead, Scope: w.at(0)}}})
			case 1:
				w.delegate("claire", "julie", grant.Receive, "sign")
				id = w.last()
			default:
				id = w.put("claire", "children", recordgroup.Dates{}, "lea", "julie")
			}
			w.clock.Add(time.Second)
			var errs [2]error
			together(
				func() { _, errs[0] = w.grants.Undo(t.Context(), w.as("claire"), w.a, id) },
				func() { _, errs[1] = w.grants.Undo(t.Context(), w.as("claire"), w.a, id) },
			)
			won, lost := errs[0], errs[1]
			if won != nil {
				won, lost = lost, won
			}
			if won != nil || !errors.Is(lost, grant.ErrUndone) {
				t.Errorf("%v, %v", errs[0], errs[1])
			}
			if n := w.count(`select count(*) from change_set where undoes_id = $1`, id); n != 1 {
				t.Errorf("%d undos", n)
			}
		}
	})
}

// The history tells of every domain as much as one may know (AUZ-06).
func TestChangeSetsOfEveryDomain(t *testing.T) {
	eachWhole(t, func(w *wholeWorld) {
		there := w.change("claire", "paul", member.RightsChange{AddPermissions: []member.GivenPermission{{Permission: access.TasksRead, Scope: w.at(1)}}})
		here := w.change("claire", "julie", member.RightsChange{AddPermissions: []member.GivenPermission{{Permission: access.TasksRead, Scope: w.at(0)}}})
		w.delegate("claire", "julie", grant.Send, "sign")
		sent := w.last()
		grouped := w.put("claire", "children", recordgroup.Dates{}, "julie", "paul")
		filed := w.file("claire", "children", recordgroup.Change{Add: []string{"a", "b"}})
		level := w.give("claire", w.to("julie", "room", grant.Read)).ID
		list := func(by string, q grant.ChangeSetQuery) (ids []ident.ChangeSet, l grant.ChangeSetList) {
			l, err := w.grants.ChangeSets(w.Context(), w.as(by), w.a, q)
			w.must(err)
			for _, s := range l.Sets {
				ids = append(ids, s.ID)
			}
			return ids, l
		}
		all, l := list("claire", grant.ChangeSetQuery{})
		if !equal(all, level, filed, grouped, sent, here, there) || l.Total != 6 || l.Sets[1].ByDomain[changeset.GroupRecord] != 2 || l.Sets[2].People != 2 {
			t.Errorf("%v %+v", all, l)
		}
		if ids, _ := list("nadege", grant.ChangeSetQuery{}); !equal(ids, level, sent, here) {
			t.Errorf("of A1: %v", ids)
		}
		if ids, _ := list("hugo", grant.ChangeSetQuery{}); !equal(ids, there) {
			t.Errorf("of A2: %v", ids)
		}
		if ids, _ := list("claire", grant.ChangeSetQuery{Member: w.member["julie"]}); !equal(ids, level, grouped, sent, here) {
			t.Errorf("about julie: %v", ids)
		}
		if ids, _ := list("claire", grant.ChangeSetQuery{Object: w.group["children"].String()}); !equal(ids, filed, grouped) {
			t.Errorf("about a group: %v", ids)
		}
		w.permit("nadege", access.OrgScope(w.a), access.GroupsEdit)
		if set, err := w.grants.ChangeSet(w.Context(), w.as("nadege"), w.a, grouped); err != nil || w.lines(set) != "Julie Access group “Groupe children”: Not in the group > Yes" || set.MayUndo {
			t.Errorf("AUZ-06: a member of another site: %s %v", w.lines(set), err)
		}
		_, err := w.grants.Undo(w.Context(), w.as("nadege"), w.a, grouped)
		w.refused("of which one sees a part", err, grant.ErrNotYours)
		if _, err := w.grants.ChangeSet(w.Context(), w.as("hugo"), w.a, here); !errors.Is(err, grant.ErrNoSuchSet) {
			t.Errorf("of another site: %v", err)
		}
		if _, err := w.grants.ChangeSets(w.Context(), w.as("lea"), w.a, grant.ChangeSetQuery{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("no right: %v", err)
		}
	})
}

func equal(got []ident.ChangeSet, want ...ident.ChangeSet) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		if got[i] != want[i] {
			return false
		}
	}
	return true
}

// RGT-2: whoever becomes the holder of an agenda loses the level they had on it, in that act,
// with its line; it does not come back by an undo as long as it is theirs.
func TestHolderNamed(t *testing.T) {
	eachWhole(t, func(w *wholeWorld) {
		w.give("claire", w.to("ines", "room", grant.Read), w.to("julie", "room", grant.Manage))
		things := resource.Resources{Run: w.grants.Run, Held: grant.HolderNamed}
		_, err := things.Edit(w.Context(), w.as("claire"), w.a, w.thing["room"], resource.AnyVersion, resource.Details{
			Kind: resource.OfPractitioner, Site: w.sites[0], Name: "Agenda room", Holder: w.member["ines"],
		})
		w.must(err)
		if w.level("ines", "room") != grant.None || w.level("julie", "room") != grant.Manage {
			t.Error("levels")
		}
		set, err := w.grants.ChangeSet(w.Context(), w.as("claire"), w.a, w.last())
		if err != nil || told(set) != "Ines room read>none" || set.MayUndo {
			t.Errorf("%s %t %v", told(set), set.MayUndo, err)
		}
		w.one(set.ID)
		_, err = w.grants.Undo(w.Context(), w.as("claire"), w.a, set.ID)
		w.refused("it is theirs", err, grant.ErrNothingStands)
	})
}
