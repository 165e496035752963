package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/store"
)

// made is a role of the first organisation, given to some of its people at the first site.
func (w *world) made(name string, to []string, permissions ...access.Permission) string {
	w.Helper()
	var id ident.Role
	w.write(func(ctx context.Context, tx *store.Tx) error {
		r, err := role.InsertCustom(ctx, tx, w.tilleuls.org.ID, name, permissions)
		id = r.ID
		return err
	})
	for _, email := range to {
		w.holds(email, id)
	}
	return "/o/tilleuls/roles/" + id.String()
}

func (w *world) holds(email string, id ident.Role) {
	w.Helper()
	m := w.id(w.tilleuls, email)
	w.write(func(ctx context.Context, tx *store.Tx) error {
		at := access.SiteScope(w.tilleuls.org.ID, w.tilleuls.sites[0].ID)
		return member.Give(ctx, tx, member.Gift{Org: w.tilleuls.org.ID, Member: m, Roles: []role.Given{{Role: id, Scope: at}}, By: "test"})
	})
}

func ofRole(path string) ident.Role { return ident.Role(path[strings.LastIndex(path, "/")+1:]) }

// RGT-1: the editor of roles: whom a change touches is said before it is saved, and the
// password is asked.
func TestRoleEditor(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		path := w.made("Accueil", []string{julie}, access.TasksRead, access.LettersRead)
		b.get("/o/tilleuls/roles").answers(http.StatusOK).says("Accueil", "2 autorisations", "Secrétariat", "1 membre", "Nouveau rôle")
		page := b.get(path).answers(http.StatusOK).says("1 membre a ce rôle", "Vérifier les changements", "Dupliquer", "Supprimer", "Lire les courriers")
		form := page.form(path)
		b.follow(b.post(path, form).leads(path)).says("Rien n’a été modifié.")

		form["permissions"] = append(without(form["permissions"], "letters.read"), "records.read", "security.edit")
		form.Set("name", "accueil et suivi")
		w.clock.Add(10 * time.Minute)
		review := b.follow(b.post(path, form)).answers(http.StatusOK)
		review.says("Julie Delmas", "Saint-Aubin", "1 membre a ce rôle.", "Lire les dossiers des patients", "Ouvre le contenu médical", "Votre mot de passe",
			"Enregistrer 4 changements").saysNot("seront prévenus")
		b.get(path).says("Accueil").saysNot("accueil et suivi") // nothing is saved yet
		send := review.form(path + "/review")
		b.post(path+"/review", send).answers(http.StatusUnprocessableEntity).says("Saisissez votre mot de passe", "Julie Delmas")
		send.Set("password", good)
		b.follow(b.post(path+"/review", send).leads(path)).says("Rôle accueil et suivi enregistré.")
		b.post(path+"/review", send).leads(path) // the same form again does nothing
		if n := w.count(`select count(*) from audit_event where verb = 'role.edit' and outcome = 'done'`); n != 1 {
			t.Errorf("%d editions recorded", n)
		}
		again := b.get(path).form(path)
		if got := strings.Join(again["permissions"], " "); got != "records.read tasks.read security.edit" {
			t.Errorf("saved %s", got)
		}
	})
}

// RGT-1: what is wrong is said at its field, and what was typed stays.
func TestRoleEditorRefuses(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		path := w.made("Accueil", nil, access.TasksRead)
		w.made("Suivi", nil, access.TasksRead)
		form := b.get(path).form(path)
		form.Set("name", "SUIVI")
		form["permissions"] = nil
		p := b.post(path, form).answers(http.StatusUnprocessableEntity).says("2 points à corriger", "il existe déjà un rôle SUIVI", "Choisissez au moins une autorisation")
		if p.form(path).Get("name") != "SUIVI" || len(p.form(path)["permissions"]) != 0 {
			t.Errorf("not as it was typed: %v", p.form(path))
		}
		form.Set("base", "{")
		b.post(path, form).answers(http.StatusBadRequest)
		b.get("/o/tilleuls/roles/rol_x").answers(http.StatusNotFound)
		b.get("/o/tilleuls/roles/new?from=rol_x").answers(http.StatusNotFound)
	})
}

// CHG-1, RAC-07: what somebody else saved meanwhile is told, and both changes stand.
func TestRoleConflict(t *testing.T) {
	each(t, func(w *world) {
		mine, other := w.as(claire), w.as(bruno)
		path := w.made("Accueil", []string{julie}, access.TasksRead, access.LettersRead)
		change := func(b *browser, add, drop string) *page {
			form := b.get(path).form(path)
			form["permissions"] = append(without(form["permissions"], drop), add)
			return b.follow(b.post(path, form))
		}
		review := change(mine, "records.read", "")
		theirs := change(other, "invoices.read", "letters.read")
		other.post(path+"/review", theirs.form(path+"/review")).leads(path)
		again := mine.post(path+"/review", review.form(path+"/review")).answers(http.StatusPreconditionFailed)
		again.says("Quelqu’un a enregistré ce rôle entre-temps", "Ce qui a changé entre-temps", "Lire les factures", "Lire les courriers",
			"Lire les dossiers des patients", "Enregistrer 1 changement")
		mine.follow(mine.post(path+"/review", again.form(path+"/review")).leads(path))
		if got := strings.Join(mine.get(path).form(path)["permissions"], " "); got != "records.read invoices.read tasks.read" {
			t.Errorf("saved %s", got)
		}
	})
}

// RGT-1: a role is made from nothing or from another one, built in or not.
func TestRoleNew(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		const path = "/o/tilleuls/roles/new"
		w.clock.Add(10 * time.Minute)
		form := b.get(path).answers(http.StatusOK).says("Nouveau rôle", "Soins et patients").form(path)
		b.post(path, form).answers(http.StatusUnprocessableEntity).says("2 points à corriger", "remplissez ce champ")
		form.Set("name", "Accueil")
		form["permissions"] = []string{"tasks.read"}
		b.post(path, form).answers(http.StatusUnprocessableEntity).says("Saisissez votre mot de passe")
		form.Set("password", good)
		b.follow(b.post(path, form)).says("Rôle Accueil créé.", "Aucun membre n’a ce rôle")
		b.post(path, form).answers(http.StatusUnprocessableEntity).says("il existe déjà un rôle Accueil") // sent twice

		source := w.tilleuls.roles[role.Secretary].String()
		form = b.get(path + "?from=" + source).says("Dupliquer Secrétariat").form(path)
		if form.Get("name") != "Secrétariat (copie)" || len(form["permissions"]) != 10 || form.Get("from") != source {
			t.Errorf("%v", form)
		}
		form["permissions"] = without(form["permissions"], "invoices.write")
		sent := b.post(path, form)
		copied := sent.header.Get("Location")
		if n := len(b.follow(sent).says("Rôle Secrétariat (copie) créé.").form(copied)["permissions"]); n != 9 {
			t.Errorf("%d permissions", n)
		}
		if n := w.count(`select count(*) from audit_event where verb = 'role.duplicate' and outcome = 'done'`); n != 1 {
			t.Errorf("%d copies recorded", n)
		}
	})
}

// RGT-1: a role in use stays, and the page says who has it; one that nobody has goes.
func TestRoleRemove(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		path := w.made("Accueil", []string{julie, yanis}, access.TasksRead)
		p := b.get(path+"/remove").answers(http.StatusOK).says("Le rôle Accueil sert encore", "2 membres ont ce rôle.", "Julie Delmas", "Yanis Belkacem")
		if p.saysNot("Supprimer le rôle Accueil"); !strings.Contains(p.body, "/o/tilleuls/members?role="+ofRole(path).String()) {
			t.Error("no way to those who have it")
		}
		free := w.made("Suivi", nil, access.TasksRead)
		w.clock.Add(10 * time.Minute)
		form := b.get(free+"/remove").says("Supprimer le rôle Suivi", "Votre mot de passe").form(free + "/remove")
		form.Set("password", good)
		w.holds(julie, ofRole(free))
		b.post(free+"/remove", form).answers(http.StatusConflict).says("Le rôle Suivi sert encore", "Julie Delmas")
		w.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update member_role set known_until = $1 where role_id = $2`, tx.Now, ofRole(free))
			return err
		})
		b.follow(b.post(free+"/remove", form).leads("/o/tilleuls/roles")).says("Rôle Suivi supprimé.")
		b.get(free).answers(http.StatusNotFound)
	})
}

// RGT-1, AUZ-04: who reads rights reads the roles; nobody sees a button that leads to a
// refusal, and a forged form is refused.
func TestRoleReader(t *testing.T) {
	each(t, func(w *world) {
		path := w.made("Accueil", []string{julie}, access.TasksRead)
		strong := w.made("Suivi", nil, access.TasksRead, access.AuditRead)
		give := func(email string, permissions ...access.Permission) {
			var list []member.GivenPermission
			for _, p := range permissions {
				list = append(list, member.GivenPermission{Permission: p, Scope: access.OrgScope(w.tilleuls.org.ID)})
			}
			m := w.id(w.tilleuls, email)
			w.write(func(ctx context.Context, tx *store.Tx) error {
				return member.Give(ctx, tx, member.Gift{Org: w.tilleuls.org.ID, Member: m, Permissions: list, By: "test"})
			})
		}
		forged := w.as(claire).get(path).form(path)
		forged["permissions"] = append(forged["permissions"], "security.edit")
		give(julie, access.RightsRead)
		reader := w.as(julie)
		reader.get("/o/tilleuls/roles").answers(http.StatusOK).says("Accueil").saysNot("Nouveau rôle", "1 membre<")
		reader.get(path).answers(http.StatusOK).says("Voir les tâches").saysNot("Vérifier les changements", "Dupliquer", "Supprimer", "ce rôle<")
		reader.get("/o/tilleuls/roles/" + w.tilleuls.roles[role.Secretary].String()).says("ne se modifie pas")
		for _, at := range []string{"/o/tilleuls/roles/new", path + "/remove"} {
			reader.get(at).answers(http.StatusForbidden)
		}
		reader.post(path, forged).answers(http.StatusForbidden)
		reader.post("/o/tilleuls/roles/new", forged).answers(http.StatusForbidden)
		reader.post(path+"/remove", forged).answers(http.StatusForbidden)

		give(yanis, access.RolesEdit)
		editor := w.as(yanis)
		editor.get(path).says("Vérifier les changements", "Vous n’avez pas cette autorisation")
		editor.post(path, forged).answers(http.StatusForbidden).says("Décochez cette autorisation d’administration")
		editor.get(strong).says("Dupliquer", "une personne qui l’a peut le modifier").saysNot("Vérifier les changements", "Supprimer")
		editor.get(strong + "/remove").answers(http.StatusForbidden)
		editor.get("/o/tilleuls/roles/" + w.tilleuls.roles[role.Secretary].String() + "/remove").answers(http.StatusConflict)

		w.as(nadege).get(path).answers(http.StatusOK).saysNot("Vérifier les changements", "Julie") // of another site
		w.as(olivia).get(path).answers(http.StatusNotFound)
	})
}

// Every permission is a sentence that people read, in both languages; those that weigh
// say what comes of them.
func TestPermissionsHaveSentences(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		page := b.get("/o/tilleuls/roles/new").answers(http.StatusOK)
		for _, p := range access.Catalogue() {
			if !strings.Contains(page.body, `value="`+string(p)+`"`) || strings.Contains(page.body, ">"+string(p)) {
				t.Errorf("%s is not offered in words", p)
			}
		}
	})
}
