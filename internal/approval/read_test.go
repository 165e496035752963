package approval_test

import (
	"testing"

	"habilis/internal/access"
	"habilis/internal/approval"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/recordgroup"
	"habilis/internal/resource"
	"habilis/internal/role"
)

// INV-16: a decision is about what was read, and says so: details do not change unseen between
// the two, and rights do not change at all.
func TestDecisionIsAboutWhatWasRead(t *testing.T) {
	each(t, func(w *world) {
		made, bruno := w.asked(w.ask()), w.by(w.bruno)
		_, err := w.m.Edit(ctx, w.by(w.claire), w.org, made.Member, member.Change{FamilyName: new("Vidal-Durand")}, made.Version)
		w.must(err)
		for _, d := range approval.Decisions {
			_, err := w.a.Decide(ctx, bruno, w.org, made.Member, approval.Verdict{Decision: d, Reason: "Nous n’avons rien demandé"})
			w.refused("as the support made it: "+string(d), err, approval.ErrChanged)
		}
		_, err = w.a.Decide(ctx, bruno, w.org, made.Member, approval.Verdict{Decision: approval.Authorize, Version: made.Version})
		w.refused("a sheet that changed", err, approval.ErrChanged)
		now, err := w.a.Get(ctx, bruno, w.org, made.Member)
		w.must(err)
		_, err = w.m.ChangeRights(ctx, w.by(w.claire), w.org, made.Member, member.RightsChange{AddRoles: []role.Given{w.gives(role.Administrator, w.first())}}, 0)
		w.refused("changing rights that wait", err, member.ErrNotActive)
		if now.Name != "Romain Vidal-Durand" {
			w.Errorf("the sheet says %s", now.Name)
		}
		_, err = w.a.Decide(ctx, bruno, w.org, made.Member, approval.Verdict{Decision: approval.Authorize, Version: now.Version})
		w.must(err)
	})
}

// ORG-7: the support sees what it entered itself, and what became of the request: nothing of
// what the organisation makes of the member, before the decision or after.
func TestSupportSeesWhatItEntered(t *testing.T) {
	each(t, func(w *world) {
		made, claire := w.asked(w.ask()), w.by(w.claire)
		change := func(c member.Change) {
			w.Helper()
			_, err := w.m.Edit(ctx, claire, w.org, made.Member, c, 0)
			w.must(err)
		}
		same := func(when string, status approval.Status) {
			w.Helper()
			seen, err := w.a.Made(ctx, w.by(w.sacha), w.org, "")
			w.must(err)
			if v := seen[0]; v.Name != "Romain Vidal" || v.Email != "romain.vidal@tilleuls.example" || v.Version != 1 || v.Status != status {
				w.Errorf("%s the support sees %+v", when, v)
			}
		}
		change(member.Change{FamilyName: new("Vidal-Durand"), Email: new("romain@ailleurs.example")})
		same("once corrected,", approval.Waiting)
		_, err := w.decide(w.by(w.bruno), made.Member, approval.Authorize)
		w.must(err)
		same("once authorised,", approval.Authorized)
		change(member.Change{GivenName: new("Robin")})
		same("later,", approval.Authorized)
		if now, err := w.a.Get(ctx, w.by(w.bruno), w.org, made.Member); err != nil || now.Name != "Robin Vidal-Durand" {
			w.Errorf("the organisation sees %s %v", now.Name, err)
		}
	})
}

// APP-1, INV-16: nothing is given to whoever waits, by whatever door, not even what no version of
// the member tells: what was read is what is decided.
func TestNothingIsGivenToWhoWaits(t *testing.T) {
	each(t, func(w *world) {
		in := w.ask()
		in.ProfileType, in.Specialty = member.Unregulated, "Sophrologie"
		made, claire := w.asked(in), w.by(w.claire)
		id, first := made.Member, w.first()
		grants, names := grant.Grants{Run: w.run}, grant.Delegations{Run: w.run}
		things, groups := resource.Resources{Run: w.run}, recordgroup.Groups{Run: w.run}
		agenda, err := things.Create(ctx, claire, w.org, resource.Agenda, resource.Details{Site: w.sites[0], Kind: resource.OfRoom, Name: "Salle"})
		w.must(err)
		identity, err := things.Create(ctx, claire, w.org, resource.Identity, resource.Details{Site: w.sites[0], Kind: resource.OfService, Name: "Accueil"})
		w.must(err)
		g, err := groups.Create(ctx, claire, w.org, recordgroup.Details{Name: "Pédiatrie"})
		w.must(err)
		rights := func(c member.RightsChange) error {
			_, err := w.m.ChangeRights(ctx, claire, w.org, id, c, 0)
			return err
		}
		level := []grant.Change{{Member: id, Resource: agenda.ID, Level: grant.Manage}}
		invites := member.GivenPermission{Permission: access.MembersInvite, Scope: first}
		for what, give := range map[string]func() error{
			"an ordinary role": func() error {
				return rights(member.RightsChange{AddRoles: []role.Given{w.gives(role.Practitioner, first)}})
			},
			"a permission": func() error { return rights(member.RightsChange{AddPermissions: []member.GivenPermission{invites}}) },
			"a role less":  func() error { return rights(member.RightsChange{DropRoles: in.Roles}) },
			"a site, with rights": func() error {
				return rights(member.RightsChange{AddSites: w.sites[1:]})
			},
			"a site": func() error {
				_, err := w.m.AddSite(ctx, claire, w.org, id, w.sites[1], 0)
				return err
			},
			"a level": func() error {
				_, err := grants.Apply(ctx, claire, w.org, grant.Wanted{Changes: level})
				return err
			},
			"a level, looked at": func() error {
				_, err := grants.Preview(ctx, claire, w.org, grant.Wanted{Changes: level})
				return err
			},
			"a level at a scope": func() error {
				_, err := grants.ApplyScopes(ctx, claire, w.org, grant.ScopesWanted{Changes: []grant.ScopeChange{
					{Member: id, Scope: first, Realm: grant.Records, Level: grant.ScopeRead},
				}})
				return err
			},
			"an access group": func() error {
				_, err := groups.SetMembers(ctx, claire, w.org, g.ID, 0, []ident.Member{id}, recordgroup.Dates{})
				return err
			},
		} {
			w.refused(what, give(), member.ErrNotActive)
		}
		_, err = names.Give(ctx, claire, w.org, grant.NewDelegations{Identities: []resource.ID{identity.ID}, Member: id, Acts: []grant.Act{grant.Send}})
		w.field("a delegation", err, "member", member.ErrNotActive.Code)
		_, err = things.Create(ctx, claire, w.org, resource.Agenda, resource.Details{
			Site: w.sites[0], Kind: resource.OfPractitioner, Name: "Dr Vidal", Holder: id,
		})
		w.field("an agenda of theirs", err, "holder", member.ErrNotActive.Code)

		page, err := grants.Matrix(ctx, claire, w.org, grant.MatrixQuery{Type: resource.Agenda, Members: []ident.Member{id}})
		w.must(err)
		if c := page.Groups[0].People[0].Cells[0]; c.May {
			w.Error("the page of levels offers one")
		}
		sheet, err := w.m.Get(ctx, claire, w.org, id)
		w.must(err)
		if sheet.May.EditRights || sheet.Version != made.Version {
			w.Errorf("rights are offered: %t; version %d, read %d", sheet.May.EditRights, sheet.Version, made.Version)
		}
		_, err = w.a.Decide(ctx, w.by(w.bruno), w.org, id, approval.Verdict{Decision: approval.Authorize, Version: made.Version})
		w.must(err)
		w.must(rights(member.RightsChange{AddPermissions: []member.GivenPermission{invites}}))
		_, err = grants.Apply(ctx, claire, w.org, grant.Wanted{Changes: level})
		w.must(err)
	})
}
