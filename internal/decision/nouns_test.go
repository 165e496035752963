package decision_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/recordgroup"
	"habilis/internal/resource"
	"habilis/internal/role"
)

// TestSameByNouns: changes made by the acts of the nouns themselves get the same answers
// from both evaluators: no act writes what the index does not hear of.
func TestSameByNouns(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		done := map[string]int{}
		rapid.Check(t, func(r *rapid.T) {
			w.rand = rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 7))
			w.d.PatchFrom(rapid.SampledFrom([]int{0, 0, 1000}).Draw(r, "patched from"))
			w.begin()
			w.populate()
			w.keeper()
			for range rapid.IntRange(4, 12).Draw(r, "acts") {
				w.noun(done)
				w.compare(12)
			}
		})
		for _, name := range nounActs {
			for range 10 {
				w.insist(name, done)
			}
			if done[name] == 0 {
				t.Errorf("%s never succeeded", name)
			}
		}
	})
}

// nounBefore is what makes an act possible.
var nounBefore = map[string]string{
	"resume": "suspend", "reopen": "close", "reactivate": "deactivate", "end delegation": "delegate", "remove group": "group", "undo": "rights",
}

// insist does an act that chance left out, in an organisation of its own.
func (w *world) insist(name string, done map[string]int) {
	w.Helper()
	if done[name] > 0 {
		return
	}
	w.begin()
	w.populate()
	w.keeper()
	for try := 0; try < 20 && done[name] == 0; try++ {
		if before := nounBefore[name]; before != "" {
			w.once(before, done)
		}
		w.once(name, done)
		w.compare(12)
	}
}

var nounActs = []string{
	"deactivate", "reactivate", "rights", "add site", "remove site", "edit", "role", "create resource", "edit resource", "close", "reopen",
	"levels", "delegate", "end delegation", "group", "group members", "records", "remove group", "undo", "suspend", "resume",
}

// noun does one act by its noun, as the operator.
func (w *world) noun(done map[string]int) {
	w.Helper()
	name := pick(w, nounActs)
	if name == "suspend" && w.rand.IntN(3) > 0 {
		name = "resume"
	}
	w.once(name, done)
}

// once does one act. A refusal is no change.
func (w *world) once(name string, done map[string]int) {
	w.Helper()
	err := w.act(name, access.Operator("test"), pick(w, w.members))
	var refusal *fault.Error
	if err != nil && (!errors.As(err, &refusal) || refusal.Kind == fault.Internal) {
		w.Fatalf("%s: %v", name, err)
	}
	if err == nil {
		done[name]++
	}
}

// keeper makes the built-in roles and an administrator who stays, without whom no
// organisation is (ORG-4).
func (w *world) keeper() {
	m := w.addMember(w.sites...)
	w.members = w.members[:len(w.members)-1]
	w.change(func(x *exec) {
		if x.err == nil {
			x.err = role.Seed(context.Background(), x.tx.Tx, w.org)
		}
		x.do(`insert into credential (id, account_id, kind, hash, created_at) values ($1, $2, 'password', 'x', $3)`, ident.NewCredential(), w.accounts[m], x.tx.Now)
		x.do(`insert into member_role (org_id, id, member_id, role_id, scope, starts_at, given_by, known_from)
			select $1, $2, $3, id, 'organization', $4, 'system', $4 from role where org_id = $1 and builtin = 'administrator'`, w.org, ident.NewGrant(), m, x.tx.Now)
	})
}

func (w *world) act(name string, by access.Actor, m ident.Member) error {
	ctx, members := context.Background(), member.Members{Run: w.run}
	var err error
	switch name {
	case "deactivate":
		_, err = members.Deactivate(ctx, by, w.org, m, 0)
	case "reactivate":
		_, err = members.Reactivate(ctx, by, w.org, m, 0)
	case "rights":
		scope := access.OrgScope(w.org)
		if w.rand.IntN(2) == 0 {
			scope = access.SiteScope(w.org, pick(w, w.sites))
		}
		c := member.RightsChange{AddRoles: []role.Given{{Role: pick(w, w.roles), Scope: scope}}}
		if w.rand.IntN(2) == 0 {
			c.AddPermissions = []member.GivenPermission{{Permission: pick(w, access.Care), Scope: scope}}
		}
		_, err = members.ChangeRights(ctx, by, w.org, m, c, 0)
	case "add site":
		_, err = members.AddSite(ctx, by, w.org, m, pick(w, w.sites), 0)
	case "remove site": // of two: nobody leaves their last one
		for _, s := range w.sites {
			_, _ = members.AddSite(ctx, by, w.org, m, s, 0)
		}
		_, err = members.RemoveSite(ctx, by, w.org, m, pick(w, w.sites), 0)
	case "edit":
		function, reach := pick(w, []string{"nurse", "other"}), pick(w, []member.Reach{"site", "everyone"})
		_, err = members.Edit(ctx, by, w.org, m, member.Change{Function: &function, Reach: &reach}, 0)
	case "role":
		var v role.Role
		d := role.Details{Name: fmt.Sprint("Rôle ", w.rand.IntN(1_000_000)), Permissions: []access.Permission{pick(w, access.Catalogue()), access.TasksRead}}
		if v, err = (role.Roles{Run: w.run}).Create(ctx, by, w.org, d); err == nil {
			w.roles = append(w.roles, v.ID)
		}
	case "suspend":
		_, err = org.Orgs{Run: w.run}.Suspend(ctx, by, w.org, "")
	case "resume":
		_, err = org.Orgs{Run: w.run}.Resume(ctx, by, w.org)
	default:
		err = w.actOnThings(ctx, name, by, m)
	}
	return err
}

func (w *world) actOnThings(ctx context.Context, name string, by access.Actor, m ident.Member) error {
	things := resource.Resources{Run: w.run, Held: grant.HolderNamed}
	details := resource.Details{Site: pick(w, w.sites), Kind: resource.OfService, Name: "Accueil"}
	if w.rand.IntN(2) == 0 {
		details.Kind, details.Holder = resource.OfPractitioner, m
	}
	id := resource.ID(pick(w, w.agendas))
	var err error
	switch name {
	case "create resource":
		var v resource.Resource
		if v, err = things.Create(ctx, by, w.org, resource.Identity, details); err == nil {
			w.persons = append(w.persons, v.ID.String())
		}
	case "edit resource":
		_, err = things.Edit(ctx, by, w.org, id, 0, details)
	case "close":
		_, err = things.Close(ctx, by, w.org, id, 0)
	case "reopen":
		_, err = things.Reopen(ctx, by, w.org, id, 0)
	case "levels":
		level := pick(w, []grant.Level{grant.None, grant.Availability, grant.Read, grant.Manage})
		change := grant.Change{Member: m, Resource: id, Level: level}
		if until := w.db.Now().Add(time.Duration(1+w.rand.IntN(3)) * time.Hour); level != grant.None && w.rand.IntN(2) == 0 {
			change.Until = &until
		}
		_, err = grant.Grants{Run: w.run}.Apply(ctx, by, w.org, grant.Wanted{Changes: []grant.Change{change}})
	case "undo":
		return w.undo(ctx, by)
	case "delegate":
		_, err = grant.Delegations{Run: w.run}.Give(ctx, by, w.org, grant.NewDelegations{
			Identities: []resource.ID{resource.ID(pick(w, w.persons))}, Member: m, Acts: []grant.Act{pick(w, grant.Acts)},
		})
	case "end delegation":
		x := grant.Delegations{Run: w.run}
		list, e := x.List(ctx, by, w.org, grant.DelegationQuery{Page: 1, Size: 10})
		if e != nil || len(list.List) == 0 {
			return errors.Join(e, fault.New(fault.Conflict, "test.none"))
		}
		err = x.End(ctx, by, w.org, pick(w, list.List).ID)
	default:
		err = w.actOnGroups(ctx, name, by, m)
	}
	return err
}

func (w *world) actOnGroups(ctx context.Context, name string, by access.Actor, m ident.Member) error {
	groups := recordgroup.Groups{Run: w.run}
	g := pick(w, w.groups)
	var err error
	switch name {
	case "group":
		var v recordgroup.Group
		if v, err = groups.Create(ctx, by, w.org, recordgroup.Details{Name: fmt.Sprint("Groupe ", w.rand.IntN(1_000_000))}); err == nil {
			w.groups = append(w.groups, v.ID)
		}
	case "group members":
		if w.rand.IntN(2) == 0 {
			_, err = groups.RemoveMember(ctx, by, w.org, g, recordgroup.AnyVersion, m)
		} else {
			_, err = groups.SetMembers(ctx, by, w.org, g, recordgroup.AnyVersion, []ident.Member{m}, recordgroup.Dates{})
		}
	case "records":
		c := recordgroup.Change{Add: []string{w.record()}}
		if w.rand.IntN(2) == 0 {
			c = recordgroup.Change{Remove: []string{w.record()}}
		}
		_, err = groups.ChangeRecords(ctx, by, w.org, g, recordgroup.AnyVersion, c, nil)
	case "remove group":
		_, err = groups.Remove(ctx, by, w.org, g, recordgroup.AnyVersion, nil)
	}
	return err
}

// undo undoes one of the last change sets, whatever it is about.
func (w *world) undo(ctx context.Context, by access.Actor) error {
	g := grant.Grants{Run: w.run}
	l, err := g.ChangeSets(ctx, by, w.org, grant.ChangeSetQuery{Size: 5})
	if err != nil || len(l.Sets) == 0 {
		return errors.Join(err, fault.New(fault.Conflict, "test.none"))
	}
	_, err = g.Undo(ctx, by, w.org, pick(w, l.Sets).ID)
	return err
}
