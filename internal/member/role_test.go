package member_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/store"
)

// reshape edits a role of A, whatever the version.
func (w *world) reshape(by access.Actor, id ident.Role, name string, p ...access.Permission) (member.RoleChange, error) {
	w.Helper()
	return w.members.EditRole(w.Context(), by, w.a.org, id, 0, role.Details{Name: name, Permissions: p})
}

func (w *world) holding(name string, id ident.Role, at access.Scope) {
	w.Helper()
	w.give(w.a, name, role.Given{Role: id, Scope: at})
}

// permissionsOf are those of a role as the database has them now.
func (w *world) permissionsOf(id ident.Role) []string {
	w.Helper()
	var list []string
	if err := w.DB.Read(w.Context(), func(tx *store.Tx) (err error) {
		list, err = store.All(w.Context(), tx, store.Value[string], `
			select permission from role_permission where role_id = $1 and known_until is null order by permission`, id)
		return err
	}); err != nil {
		w.Fatal(err)
	}
	return list
}

// RGT-1, CHG-1: an edition of a role says before what is gained and lost and by whom, is
// effective at once wherever somebody holds it, and leaves its history and its record.
func TestEditRole(t *testing.T) {
	eachWorld(t, func(w *world) {
		id := w.customRole("Accueil", access.TasksRead, access.LettersRead)
		w.holding("julie", id, w.a.at(0))
		w.holding("paul", id, w.a.whole())
		w.clock.Add(time.Minute)
		d := role.Details{Name: " Accueil et suivi ", Permissions: []access.Permission{access.RecordsRead, access.TasksRead}}
		before := w.dump()
		seen, err := w.members.PreviewRole(w.Context(), w.unproven("claire"), w.a.org, id, 1, d)
		w.Must(err)
		if after := w.dump(); after != before || len(w.permissionsOf(id)) != 2 || w.permissionsOf(id)[0] != "letters.read" {
			t.Errorf("the preview changed %s to %s, %v", before, after, w.permissionsOf(id))
		}
		gained, lost := []access.Permission{access.RecordsRead}, []access.Permission{access.LettersRead}
		if !slices.Equal(seen.Gained, gained) || !slices.Equal(seen.Lost, lost) || seen.Own || seen.After.Name != "Accueil et suivi" {
			t.Errorf("%+v", seen)
		}
		h := seen.Holders
		if h.Total != 2 || h.Seen != 2 || len(h.Members) != 2 || h.Invitations != 0 {
			t.Fatalf("%+v", h)
		}
		for i, want := range []struct{ name, at string }{{"Julie", w.a.site[0].String()}, {"Paul", access.WholeOrganization}} {
			m := h.Members[i]
			at := slices.IndexFunc(m.Roles, func(r member.RoleRef) bool { return r.Role == id })
			if m.GivenName != want.name || at < 0 || m.Roles[at].Scope.Code() != want.at {
				t.Errorf("%d: %+v", i, m)
			}
		}
		_, err = w.members.EditRole(w.Context(), w.unproven("claire"), w.a.org, id, 1, d)
		w.Want("without a proof (rules.md 6)", err, access.ErrStepUp)
		done, err := w.members.EditRole(w.Context(), w.as("claire"), w.a.org, id, 1, d)
		w.Must(err)
		if !slices.Equal(done.Gained, gained) || !slices.Equal(done.Lost, lost) || done.After.Rev != 2 || done.Holders.Total != 2 {
			t.Errorf("not what was said: %+v", done)
		}
		w.Want("julie at her site", w.may("julie", access.RecordsRead, w.a.at(0)), nil)
		w.Want("paul everywhere", w.may("paul", access.RecordsRead, w.a.at(0)), nil)
		if julie, err := w.held("julie"); err != nil || julie.Has(access.RecordsRead, w.a.at(1)) {
			t.Errorf("julie gained at the other site: %v", err)
		}
		if n := w.Count(`select count(*) from role_permission where role_id = $1 and permission = 'letters.read' and known_until is not null`, id); n != 1 {
			t.Error("no history of what was taken")
		}
		if n := w.Count(`select count(*) from role_state where role_id = $1 and name = 'Accueil' and known_until is not null`, id); n != 1 {
			t.Error("no history of the name")
		}
		for _, part := range []string{"Accueil et suivi", "letters.read", "records.read"} {
			if p := w.lastPayload("role.edit"); !strings.Contains(p, part) {
				t.Errorf("the trail does not tell %q: %s", part, p)
			}
		}
		_, err = w.members.EditRole(w.Context(), w.as("bruno"), w.a.org, id, 1, role.Details{Name: "Autre", Permissions: gained})
		w.Want("RAC-07: the second is told", err, role.ErrStale)
		before = w.dump()
		if _, err = w.reshape(w.as("claire"), id, "Accueil et suivi", access.TasksRead, access.RecordsRead); err != nil || w.dump() != before {
			t.Errorf("the same again: %v", err)
		}
	})
}

// AUZ-04, AUZ-05, AUZ-01: who may not edit which role, and that nothing changes then.
func TestEditRoleRefused(t *testing.T) {
	eachWorld(t, func(w *world) {
		care, strong := w.customRole("Accueil", access.TasksRead), w.customRole("Suivi", access.TasksRead, access.AuditRead)
		w.custom("sam", w.a.whole(), access.RolesEdit, access.MembersRead) // edits roles, and holds a role of his own
		own := w.text(`select role_id from role_state where name like 'Rôle sam%'`)
		w.holding("julie", care, w.a.at(0))
		foreign := w.b.roles[role.Secretary]
		before := w.dump()
		for _, c := range []struct {
			what, who string
			id        ident.Role
			p         access.Permission
			want      error
		}{
			{"more than one holds", "sam", care, access.SecurityEdit, role.ErrAboveEditor},
			{"more into one's own role", "sam", ident.Role(own), access.MembersEdit, role.ErrAboveEditor},
			{"a role that has more", "sam", strong, access.TasksRead, role.ErrAboveEditor},
			{"at one site only", "nadege", care, access.LettersRead, access.ErrForbidden},
			{"a secretary", "julie", care, access.LettersRead, access.ErrForbidden},
			{"a built-in one", "claire", w.a.roles[role.Secretary], access.RecordsRead, role.ErrBuiltIn},
			{"the administrators'", "claire", w.a.roles[role.Administrator], access.TasksRead, role.ErrBuiltIn},
			{"another organisation's role", "claire", foreign, access.LettersRead, role.ErrNotFound},
			{"an unknown one", "claire", ident.NewRole(), access.LettersRead, role.ErrNotFound},
			{"from another organisation", "odile", care, access.LettersRead, access.ErrNotFound},
		} {
			_, err := w.reshape(w.as(c.who), c.id, "Changé", c.p)
			w.Want(c.what, err, c.want)
			_, err = w.members.PreviewRole(w.Context(), w.as(c.who), w.a.org, c.id, 0, role.Details{Name: "Changé", Permissions: []access.Permission{c.p}})
			w.Want(c.what+", preview", err, c.want)
		}
		if after := w.dump(); after != before {
			t.Errorf("changed %s to %s", before, after)
		}
		// AUZ-05: a role of care, held by somebody who administers more than the editor.
		w.holding("nadege", care, w.a.at(0))
		_, err := w.reshape(w.as("sam"), care, "Accueil", access.LettersRead)
		w.Want("held by somebody more powerful", err, member.ErrHolderMorePowerful)
		_, err = w.members.Deactivate(w.Context(), w.as("claire"), w.a.org, w.a.ids["nadege"], 0)
		w.Must(err)
		_, err = w.reshape(w.as("sam"), care, "Accueil", access.LettersRead)
		w.Want("who comes back with it", err, member.ErrHolderMorePowerful)
		_, err = w.reshape(w.as("claire"), care, "Accueil", access.LettersRead)
		w.Want("an administrator", err, nil)
		_, err = w.reshape(w.as("sam"), ident.Role(own), "Le mien", access.RolesEdit)
		w.Want("less for oneself", err, nil)
	})
}

// RGT-1: what one gains by editing a role that one holds is told to the other
// administrators; what one loses, or others gain, is not.
func TestEditOwnRole(t *testing.T) {
	eachWorld(t, func(w *world) {
		kind := member.SelfRightsLetter{}.Kind()
		id := w.customRole("Accueil", access.TasksRead, access.LettersRead)
		w.holding("julie", id, w.a.at(0))
		_, err := w.reshape(w.as("claire"), id, "Accueil", access.TasksRead, access.LettersRead, access.LettersWrite)
		w.Must(err)
		if n := w.letters(kind); n != 0 {
			t.Errorf("%d letters for what others gain", n)
		}
		w.holding("claire", id, w.a.at(0))
		w.holding("claire", id, w.a.at(1))
		_, err = w.reshape(w.as("claire"), id, "Accueil", access.TasksRead)
		w.Must(err)
		if n := w.letters(kind); n != 0 {
			t.Errorf("%d letters for what is lost", n)
		}
		c, err := w.reshape(w.as("claire"), id, "Accueil", access.TasksRead, access.RecordsRead)
		w.Must(err)
		if n := w.letters(kind); n != 2 || !c.Own {
			t.Errorf("%d letters, one for each place is 2; own %t", n, c.Own)
		}
	})
}

// ORG-4: no edition of a role, whoever holds it, leaves the organisation or a site
// without an administrator able to sign in.
func TestEditRoleKeepsAdministrators(t *testing.T) {
	eachWorld(t, func(w *world) {
		id := w.customRole("Toute l’administration", access.Administration...)
		for _, name := range []string{"claire", "bruno", "nadege", "hugo"} {
			w.holding(name, id, w.a.whole())
		}
		_, err := w.reshape(w.as("claire"), id, "Presque rien", access.TasksRead)
		w.Must(err)
		if bad := w.unattended(w.a.org); len(bad) > 0 {
			t.Errorf("without administrator: %v", bad)
		}
		_, err = w.reshape(w.as("claire"), w.a.roles[role.Administrator], "Plus rien", access.TasksRead)
		w.Want("the role that ORG-4 counts", err, role.ErrBuiltIn)
	})
}

// AUZ-06: who holds a role is told as far as one may see them; how many they are, to
// whoever edits roles.
func TestRoleHolders(t *testing.T) {
	eachWorld(t, func(w *world) {
		id := w.customRole("Accueil", access.TasksRead)
		w.holding("julie", id, w.a.at(0))
		w.holding("yanis", id, w.a.at(1))
		w.holding("hugo", id, w.a.at(1))
		w.custom("sam", w.a.whole(), access.RolesEdit)
		_, err := w.members.Deactivate(w.Context(), w.as("claire"), w.a.org, w.a.ids["julie"], 0)
		w.Must(err)
		for _, c := range []struct {
			who         string
			seen, total int64
			names       string
		}{
			{"claire", 3, 3, "Hugo Julie Yanis"},
			{"nadege", 1, 1, "Julie"}, // yanis is hers to see, what he holds at the other site is not
			{"hugo", 2, 2, "Hugo Yanis"},
			{"sam", 0, 3, ""},
		} {
			h, err := w.members.RoleHolders(w.Context(), w.as(c.who), w.a.org, id)
			w.Must(err)
			var names []string
			for i := range h.Members {
				names = append(names, h.Members[i].GivenName)
			}
			if got := strings.Join(names, " "); h.Seen != c.seen || h.Total != c.total || got != c.names {
				t.Errorf("%s: %d of %d, %q", c.who, h.Seen, h.Total, got)
			}
		}
		_, err = w.members.RoleHolders(w.Context(), w.as("paul"), w.a.org, id)
		w.Want("a secretary", err, access.ErrForbidden)
		_, err = w.members.RoleHolders(w.Context(), w.as("odile"), w.a.org, id)
		w.Want("AUZ-01", err, access.ErrNotFound)
		_, err = w.members.RoleHolders(w.Context(), w.as("claire"), w.a.org, w.b.roles[role.Reader])
		w.Want("AUZ-02", err, role.ErrNotFound)
	})
}

// RGT-1: what a role does is told with names up to a bound, and counted beyond.
func TestManyHolders(t *testing.T) {
	eachWorld(t, func(w *world) {
		id := w.customRole("Accueil", access.TasksRead)
		const more = member.MaxRoleHolders + 3
		w.Write(func(ctx context.Context, tx *store.Tx) error {
			for i := range more {
				_, err := member.Insert(ctx, tx, member.New{
					Org: w.a.org, GivenName: "Zoé", FamilyName: fmt.Sprintf("Petit %c%c", 'a'+i%26, 'a'+i/26), ProfileType: member.NonPractitioner,
					Function: "secretary", Sites: w.a.site[:1], Roles: []role.Given{{Role: id, Scope: w.a.at(0)}}, GivenBy: "test",
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
		c, err := w.members.PreviewRole(w.Context(), w.as("claire"), w.a.org, id, 0, role.Details{Name: "Accueil", Permissions: access.Care})
		w.Must(err)
		if len(c.Holders.Members) != member.MaxRoleHolders || c.Holders.Seen != more || c.Holders.Total != more {
			t.Errorf("%d names, %d seen of %d", len(c.Holders.Members), c.Holders.Seen, c.Holders.Total)
		}
	})
}

// RAC-01, AUZ-04: a role is given by somebody who holds no more than it had, while an
// administrator puts administration into it, or removes it: whoever comes second sees
// what the first did. Nobody gives what they do not hold, nobody holds what is gone.
func TestFaultEditWhileGiving(t *testing.T) {
	eachDuel(t, func(d *duel) {
		d.join(d.p, "ines", []int{0})
		d.join(d.p, "zoe", []int{0})
		d.Write(func(ctx context.Context, tx *store.Tx) error {
			var may []member.GivenPermission
			for _, p := range []access.Permission{access.MembersRead, access.RightsEdit} {
				may = append(may, member.GivenPermission{Permission: p, Scope: d.p.whole()})
			}
			return member.Give(ctx, tx, member.Gift{Org: d.p.org, Member: d.p.ids["ines"], Permissions: may, By: "test"})
		})
		roles := [2]role.Roles{{Run: d.nodes[0].Run}, {Run: d.nodes[1].Run}}
		met := map[bool]int{}
		for n := range editRounds {
			d.Exec(`update member_role set known_until = $1 where member_id = $2 and known_until is null`, d.DB.Now(), d.p.ids["zoe"])
			r, err := roles[0].Create(d.Context(), d.as("left"), d.p.org, role.Details{Name: fmt.Sprintf("Rôle %d", n), Permissions: []access.Permission{access.TasksRead}})
			d.Must(err)
			give := func(ctx context.Context, d *duel, i int) error {
				c := member.RightsChange{AddRoles: []role.Given{{Role: r.ID, Scope: d.p.whole()}}}
				_, err := d.nodes[i].ChangeRights(ctx, d.as("ines"), d.p.org, d.p.ids["zoe"], c, 0)
				return err
			}
			harden := func(ctx context.Context, d *duel, i int) error {
				_, err := d.nodes[i].EditRole(ctx, d.as("left"), d.p.org, r.ID, 1, role.Details{Name: r.Name, Permissions: []access.Permission{access.TasksRead, access.AuditRead}})
				return err
			}
			remove := func(ctx context.Context, d *duel, i int) error {
				return roles[i].Remove(ctx, d.as("left"), d.p.org, r.ID, 1)
			}
			other := harden
			if n%2 == 1 {
				other = remove
			}
			errs := d.strike(give, other)
			if n == editRounds-1 && met[true] == 0 { // who is first was the machine's choice: insist once
				errs = [2]error{give(d.Context(), d, 0), other(d.Context(), d, 1)}
			}
			holds := d.Count(`select count(*) from member_role where role_id = $1 and known_until is null`, r.ID) == 1
			met[holds]++
			switch given, changed := errs[0] == nil, errs[1] == nil; {
			case given != holds:
				d.Fatalf("round %d: %v, and held %t", n, errs, holds)
			case n%2 == 1 && (given == changed || !given && !errors.Is(errs[0], role.ErrNotFound) || !changed && !errors.Is(errs[1], role.ErrInUse)):
				d.Fatalf("round %d, against a removal: %v", n, errs)
			case n%2 == 0 && (!changed || !given && !errors.Is(errs[0], role.ErrNotGrantable)):
				d.Fatalf("round %d, against an edition: %v", n, errs)
			case n%2 == 0:
				// What zoe has of it was put there after, by somebody who holds it.
				late := d.Count(`select count(*) from member_role m join role_permission p on p.role_id = m.role_id and p.permission = 'audit.read'
					where m.role_id = $1 and m.known_until is null and p.known_from < m.known_from`, r.ID)
				if late != 0 {
					d.Fatalf("round %d: ines gave what she does not hold", n)
				}
			}
		}
		if met[true] == 0 {
			d.Errorf("the role was never given first in %d rounds: %v", editRounds, met)
		}
	})
}

// RAC-07: two administrators edit one version of a role at once: one edition stands whole.
func TestFaultEditRoleTwice(t *testing.T) {
	eachDuel(t, func(d *duel) {
		roles := role.Roles{Run: d.nodes[0].Run}
		r, err := roles.Create(d.Context(), d.as("left"), d.p.org, role.Details{Name: "Accueil", Permissions: []access.Permission{access.TasksRead}})
		d.Must(err)
		for n := range editRounds {
			wanted := [2]role.Details{
				{Name: fmt.Sprintf("Matin %d", n), Permissions: []access.Permission{access.LettersRead, access.LettersWrite}},
				{Name: fmt.Sprintf("Soir %d", n), Permissions: []access.Permission{access.InvoicesRead}},
			}
			save := func(ctx context.Context, d *duel, i int) error {
				_, err := d.nodes[i].EditRole(ctx, d.as(duellists[i]), d.p.org, r.ID, r.Rev, wanted[i])
				return err
			}
			won := d.one(n, d.strike(save, save), role.ErrStale)
			got, err := roles.Get(d.Context(), d.as("left"), d.p.org, r.ID)
			d.Must(err)
			if got.Rev != r.Rev+1 || got.Name != wanted[won].Name || !slices.Equal(got.Permissions, wanted[won].Permissions) {
				d.Fatalf("round %d: %+v", n, got)
			}
			r = got
		}
	})
}

// A role's edition says fields like its creation.
func TestEditRoleFields(t *testing.T) {
	eachWorld(t, func(w *world) {
		id := w.customRole("Accueil", access.TasksRead)
		w.customRole("Suivi", access.TasksRead)
		for what, c := range map[string]struct {
			d    role.Details
			want map[string]string
		}{
			"another's name": {role.Details{Name: "SUIVI", Permissions: access.Care}, map[string]string{"name": "role.name_taken"}},
			"nothing":        {role.Details{}, map[string]string{"name": "text.empty", "permissions": "role.permissions_empty"}},
			"its own name":   {role.Details{Name: "ACCUEIL", Permissions: access.Care}, map[string]string{}},
		} {
			_, err := w.members.PreviewRole(w.Context(), w.as("claire"), w.a.org, id, 0, c.d)
			if got := fieldCodes(err); fmt.Sprint(got) != fmt.Sprint(c.want) || (err == nil) != (len(c.want) == 0) {
				t.Errorf("%s: %v %v", what, got, err)
			}
		}
	})
}
