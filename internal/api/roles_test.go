package api_test

import (
	"slices"
	"strings"
	"testing"

	rest "habilis/client"
	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/role"
	"habilis/internal/token"
)

// RGT-1: a program makes, duplicates, previews, changes and removes roles.
func TestRoleEdition(t *testing.T) {
	each(t, func(w *world) {
		ctx, c := w.Context(), w.bruno.rest()
		made, err := c.CreateRole(ctx, w.a, rest.NewRole{Name: "Accueil", Permissions: []string{"tasks.read", "letters.read"}})
		w.good(err)
		if made.Name != "Accueil" || made.BuiltIn != "" || made.Version != 1 || !slices.Equal(made.Permissions, []string{"letters.read", "tasks.read"}) {
			t.Errorf("%+v", made)
		}
		var reader, secretary string
		for _, r := range collect(w, c.Roles(ctx, w.a, rest.RoleQuery{})) {
			switch r.BuiltIn {
			case role.Reader:
				reader = r.ID
			case role.Secretary:
				secretary = r.ID
			}
		}
		copied, err := c.CreateRole(ctx, w.a, rest.NewRole{Name: "Lecture du soir", CopyOf: reader})
		w.good(err)
		if len(copied.Permissions) != 8 {
			t.Errorf("%+v", copied)
		}
		julie, err := c.GetMember(ctx, w.a, w.member("julie@tilleuls.example"))
		w.good(err)
		_, err = c.GiveRole(ctx, w.a, julie.ID, made.ID, w.a1, julie.Version)
		w.good(err)

		change := rest.RoleEdit{Permissions: to([]string{"tasks.read", "records.read"})}
		seen, err := c.PreviewRole(ctx, w.a, made.ID, made.Version, change)
		w.good(err)
		if !seen.DryRun || seen.Version != 1 || !slices.Equal(seen.Gained, []string{"records.read"}) || !slices.Equal(seen.Lost, []string{"letters.read"}) ||
			seen.HoldersAll != 1 || seen.HoldersSeen != 1 || len(seen.Holders) != 1 || seen.Holders[0].Member != julie.ID ||
			!slices.Equal(seen.Holders[0].Scopes, []string{w.a1}) {
			t.Errorf("%+v", seen)
		}
		same, err := c.GetRole(ctx, w.a, made.ID)
		w.good(err)
		if same.Version != 1 || !slices.Contains(same.Permissions, "letters.read") {
			t.Errorf("the preview changed it: %+v", same)
		}
		done, err := c.EditRole(ctx, w.a, made.ID, made.Version, change)
		w.good(err)
		if done.DryRun || done.Version != 2 || done.Name != "Accueil" || done.Members != 1 || !slices.Equal(done.Permissions, []string{"records.read", "tasks.read"}) {
			t.Errorf("%+v", done)
		}
		_, err = c.EditRole(ctx, w.a, made.ID, 1, rest.RoleEdit{Name: to("Autre")})
		w.refusedBy(err, 412, "api.version_stale") // RAC-07
		w.refusedBy(c.RemoveRole(ctx, w.a, made.ID, 0), 409, "role.in_use")
		w.refusedBy(c.RemoveRole(ctx, w.a, secretary, 0), 409, "role.built_in")
		w.refusedBy(c.RemoveRole(ctx, w.a, copied.ID, 2), 412, "api.version_stale")
		w.good(c.RemoveRole(ctx, w.a, copied.ID, 1))
		_, err = c.GetRole(ctx, w.a, copied.ID)
		w.refusedBy(err, 404, "role.not_found")
		_, err = c.EditRole(ctx, w.a, secretary, 1, change)
		w.refusedBy(err, 409, "role.built_in")
	})
}

// AUZ-03, AUZ-04: no field of a role but its own, no permission that the caller does not
// hold; each refusal at its place.
func TestRoleAttacks(t *testing.T) {
	each(t, func(w *world) {
		ctx, path := w.Context(), "/organizations/"+w.a+"/roles"
		made, err := w.bruno.rest().CreateRole(ctx, w.a, rest.NewRole{Name: "Accueil", Permissions: []string{"tasks.read"}})
		w.good(err)
		for _, extra := range []string{
			`"built_in":"administrator"`, `"organization":"` + w.b + `"`, `"members":["x"]`, `"version":9`, `"id":"rol_x"`, `"scopes":["organization"]`, `"is_admin":true`,
		} {
			w.bruno.post(path, `{"name":"Pris","permissions":["tasks.read"],`+extra+`}`).is(422)
			w.bruno.and(`If-Match: "1"`).send("PATCH", path+"/"+made.ID, `{"name":"Pris",`+extra+`}`).is(422)
		}
		w.bruno.post(path, `{"name":"Pris","permissions":["root"]}`).is(422)
		w.bruno.post(path, `{"name":"Pris"}`).is(422)
		w.bruno.send("PATCH", path+"/"+made.ID, `{"name":"Pris"}`).is(428)
		for _, who := range []caller{w.tina, w.julie} { // all administration but at one site; none
			_, err := who.rest().CreateRole(ctx, w.a, rest.NewRole{Name: "Pris", Permissions: []string{"tasks.read"}})
			w.refusedBy(err, 403, "access.forbidden")
		}
		_, err = w.tina.rest().EditRole(ctx, w.a, made.ID, 1, rest.RoleEdit{Permissions: to([]string{"security.edit"})})
		w.refusedBy(err, 403, "access.forbidden")
		w.refusedBy(w.tina.rest().RemoveRole(ctx, w.a, made.ID, 0), 403, "access.forbidden")

		limited := w.with(w.make(token.New{
			Kind: token.OfOrganization, Org: ident.Org(w.a), Name: "Rôles", Permissions: []access.Permission{access.RolesEdit, access.MembersRead},
		})).rest()
		_, err = limited.CreateRole(ctx, w.a, rest.NewRole{Name: "Pris", Permissions: []string{"tasks.read", "security.edit"}})
		w.refusedBy(err, 403, "role.above_editor", "body.permissions role.permission_above_yours")
		_, err = limited.EditRole(ctx, w.a, made.ID, 1, rest.RoleEdit{Permissions: to([]string{"audit.read"})})
		w.refusedBy(err, 403, "role.above_editor", "body.permissions role.permission_above_yours")
		_, err = limited.EditRole(ctx, w.a, made.ID, 1, rest.RoleEdit{Permissions: to([]string{"tasks.write"})})
		w.good(err)
		tina, err := w.bruno.rest().GetMember(ctx, w.a, w.member("tina@tilleuls.example"))
		w.good(err)
		_, err = w.bruno.rest().GiveRole(ctx, w.a, tina.ID, made.ID, w.a1, tina.Version)
		w.good(err)
		_, err = limited.EditRole(ctx, w.a, made.ID, 2, rest.RoleEdit{Permissions: to([]string{"tasks.read"})})
		w.refusedBy(err, 403, "role.holder_more_powerful") // AUZ-05
	})
}

// Every permission has words of its own in both languages.
func TestPermissionsInWords(t *testing.T) {
	each(t, func(w *world) {
		seen := map[string]string{}
		for _, lang := range []string{"fr", "en"} {
			var page rest.List[rest.Permission]
			w.bruno.and("Accept-Language: "+lang).send("GET", "/permissions?limit=100", "").is(200).into(&page)
			for _, p := range page.Items {
				if p.Label == "" || strings.Contains(p.Label, p.Code) || seen[p.Label] != "" {
					t.Errorf("%s: %s is called %q, like %q", lang, p.Code, p.Label, seen[p.Label])
				}
				seen[p.Label] = p.Code
			}
		}
	})
}
