package web_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/grant"
	"habilis/internal/member"
	"habilis/internal/resource"
)

const (
	recordsPath        = "/o/tilleuls/access/patient-records"
	administrationPath = "/o/tilleuls/access/administration"
)

// heldAt counts the single permissions and roles that a member has at a scope.
func (w *world) heldAt(email, what, scope string) int {
	w.Helper()
	return w.count(`select (select count(*) from member_permission p where p.org_id = $1 and p.member_id = $2 and p.permission = $3 and p.scope = $4 and p.known_until is null)
		+ (select count(*) from member_role r join role o on o.org_id = r.org_id and o.id = r.role_id
			where r.org_id = $1 and r.member_id = $2 and o.builtin = $3 and r.scope = $4 and r.known_until is null)`,
		w.tilleuls.org.ID, w.id(w.tilleuls, email), what, scope)
}

// RGT-1, RGT-5, DESIGN.md 14: the tab «Dossier patient» tells what roles give at each site,
// lets nobody take it with a click, and gives single permissions after «avant et après».
func TestRecordsMatrix(t *testing.T) {
	each(t, func(w *world) {
		first := w.tilleuls.sites[0].ID.String()
		b := w.as(bruno)
		p := b.get(recordsPath).answers(http.StatusOK)
		p.says("Droits d’accès au dossier patient", "Toute l’organisation", "Saint-Aubin", "Grand-Pré", "rôle Secrétariat", "Pas membre ici", "Lire les dossiers et consulter leurs documents")
		julies := p.cell("Delmas Julie, dossier patient, Saint-Aubin")
		if p.disabled(julies) != "A" {
			t.Errorf("what the role gives can be taken away: %q", p.disabled(julies))
		}
		if p.hasCell("Delmas Julie, dossier patient, Grand-Pré") {
			t.Error("a site that is not theirs can be given")
		}
		p = b.set(p, "stay", "Delmas Julie, dossier patient, Saint-Aubin", "L", "Petit Nadège, dossier patient, Grand-Pré", "E")
		p.pendingCount(2).says("Modifié. Niveau enregistré : Documents", "Dossier patient, Saint-Aubin", "Julie Delmas pourra lire des dossiers de patients")
		if w.heldAt(julie, string(access.RecordsRead), first) != 0 {
			t.Error("saved by typing it")
		}
		b.get(recordsPath).pendingCount(2)
		b.get(administrationPath).pendingCount(2) // one draft for both tabs
		review := b.set(p, "review").says("Vérifier les changements de droits", "2 changements pour 2 personnes")
		saved := b.follow(b.save(review, "Ouverture des dossiers").leads(recordsPath)).says("2 changements enregistrés.").pendingCount(0)
		if w.heldAt(julie, string(access.RecordsRead), first) != 1 || w.heldAt(julie, string(access.DocumentsShare), first) != 0 {
			t.Error("the level is not what was given")
		}
		b.save(review, "").leads(recordsPath) // sent twice, done once
		history := b.get("/o/tilleuls/access/changes").says("Ouverture des dossiers")
		undo := history.link("/access/changes/cst_") + "/undo?from=records&function=secretary"
		form := b.get(undo).form("/undo?" + strings.SplitN(undo, "?", 2)[1])
		back := b.post(undo, form).leads(recordsPath)
		if !strings.Contains(back.header.Get("Location"), "function=secretary") {
			t.Errorf("undone, the filters are lost: %s", back.header.Get("Location"))
		}
		if w.heldAt(julie, string(access.RecordsRead), first) != 0 || w.heldAt(nadege, string(access.RecordsWrite), w.tilleuls.sites[1].ID.String()) != 0 {
			t.Error("not undone")
		}
		_ = saved
	})
}

// disabled lists the choices of a cell that are not to be had.
func (p *page) disabled(cell string) string {
	var list []string
	for _, n := range p.all("select") {
		if attr(n, "name") != cell {
			continue
		}
		for c := range n.Descendants() {
			if c.Data == "option" && has(c, "disabled") {
				list = append(list, attr(c, "value"))
			}
		}
	}
	return strings.Join(list, " ")
}

// ORG-4, ORG-5, RGT-1, rules.md 6: the tab «Administration» names and revokes with the
// password, never the last one; who may not give it cannot choose it.
func TestAdministrationMatrix(t *testing.T) {
	each(t, func(w *world) {
		second := w.tilleuls.sites[1].ID.String()
		b := w.as(bruno)
		p := b.get(administrationPath).says("Droits d’administration", "Nommer admin", "Révoquer les droits administrateurs", "rôle Administration")
		p = b.set(p, "stay", "Belkacem Yanis, administration, Saint-Aubin", "A", "Petit Nadège, administration, Grand-Pré", "M")
		p.pendingCount(2).says("Yanis Belkacem sera admin", "Nadège Petit n’aura plus ses droits d’administration")
		w.app.Clock.Add(6 * time.Minute)
		review := b.set(b.get(administrationPath), "review").says("Votre mot de passe")
		form := review.form(review.reviewAction())
		form.Set("do", "save")
		b.post(review.reviewAction(), form).answers(http.StatusUnprocessableEntity)
		form.Set("password", good)
		b.follow(b.post(review.reviewAction(), form).leads(administrationPath)).says("2 changements enregistrés.")
		if w.heldAt(yanis, "administrator", w.tilleuls.sites[0].ID.String()) != 1 || w.heldAt(nadege, "administrator", second) != 0 {
			t.Error("not as it was reviewed")
		}
		// the last administrators: told at their lines, nothing is saved
		p = b.set(b.get(administrationPath), "stay", "Morvan Claire, administration, Toute l’organisation", "M", "Lacaze Bruno, administration, Toute l’organisation", "M")
		p.pendingCount(2).says("Annulez 2 changements")
		b.set(p, "review").says("Pour enregistrer, annulez d’abord").saysNot("Enregistrer 2")
		b.follow(b.post(review.reviewAction(), url.Values{"do": {"reset"}}).leads(administrationPath)).pendingCount(0)

		// a site administrator sees their site alone, and may not touch who administers more
		w.member(w.tilleuls, person{email: "zoe@tilleuls.example", given: "Zoé", family: "Arnaud", function: "secretary", sites: w.tilleuls.sites[1:], admin: second})
		z := w.as("zoe@tilleuls.example").get(administrationPath).saysNot("Saint-Aubin")
		if !z.hasCell("Petit Nadège, administration, Grand-Pré") || z.hasCell("Lacaze Bruno, administration, Grand-Pré") {
			t.Error("AUZ-05: whom a site administrator may touch")
		}
	})
}

// RGT-5: one level for the people ticked, on the columns ticked; the cells that a role
// holds are told by their number.
func TestRealmBulk(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(bruno)
		press := func(do string, set url.Values) *page {
			form, action := b.get(recordsPath).matrixForm()
			delete(form, "m")
			delete(form, "r")
			for k, v := range set {
				form[k] = v
			}
			form.Set("do", do)
			return b.post(action, form)
		}
		site, j := w.tilleuls.sites[0].ID.String(), w.id(w.tilleuls, julie).String()
		press("level", url.Values{"level": {"L"}, "on": {"all"}}).answers(http.StatusUnprocessableEntity).says("Cochez d’abord une ou plusieurs personnes")
		press("columns", url.Values{"column_level": {"L"}, "to": {"all"}}).answers(http.StatusUnprocessableEntity).says("titres de colonne")
		b.follow(press("level", url.Values{"m": {j}, "r": {site}, "level": {"A"}, "on": {"ticked"}})).pendingCount(0).says("1 case garde son niveau")
		b.follow(press("level", url.Values{"m": {j}, "r": {site}, "level": {"E"}, "on": {"ticked"}})).pendingCount(1)
		b.follow(press("columns", url.Values{"r": {site}, "to": {"coordinator"}, "column_level": {"L"}})).pendingCount(2)
		b.follow(press("reset", nil)).pendingCount(0)
		press("level", url.Values{"m": {j}, "level": {"P"}, "on": {"all"}}).answers(http.StatusBadRequest) // what is no level is told, never given
	})
}

// CHG-1: what somebody else changed meanwhile is told, and kept or given up by a choice.
func TestRealmConflict(t *testing.T) {
	each(t, func(w *world) {
		b, site := w.as(bruno), w.tilleuls.sites[0].ID
		p := b.set(b.get(recordsPath), "review", "Delmas Julie, dossier patient, Saint-Aubin", "L")
		_, err := w.app.App.Grants.ApplyScopes(w.Context(), w.actor(claire), w.tilleuls.org.ID, grant.ScopesWanted{Changes: []grant.ScopeChange{
			{Member: w.id(w.tilleuls, julie), Scope: access.SiteScope(w.tilleuls.org.ID, site), Realm: grant.Records, Level: grant.ScopeWrite},
		}})
		if err != nil {
			t.Fatal(err)
		}
		p = b.save(p, "").answers(http.StatusConflict).says("Rien n’a été enregistré", "Entre-temps : Écriture. Vous aviez vu : Documents.")
		form := p.form(p.reviewAction())
		form.Set("do", "keep_all")
		p = b.follow(b.post(p.reviewAction(), form))
		b.follow(b.save(p, "")).says("1 changement enregistré.")
	})
}

// rules.md 6, 15, INJ-03: an export asks for the password, holds what the filters show with
// dates, giver and source, and no cell of it is a formula; ten an hour.
func TestExportOfRights(t *testing.T) {
	each(t, func(w *world) {
		o := w.office()
		until := w.app.Clock.Now().AddDate(0, 1, 0)
		w.give(bruno, grant.Change{Member: w.id(w.tilleuls, julie), Resource: o.claire, Level: grant.Manage, Until: &until})
		w.thing(w.tilleuls, resource.Agenda, "=1+1", "Salle", w.tilleuls.sites[0].ID, "")
		w.give(bruno, grant.Change{Member: w.id(w.tilleuls, nadege), Resource: w.named("=1+1"), Level: grant.Read})
		b := w.as(bruno)
		w.app.Clock.Add(6 * time.Minute)
		b.get(matrixPath + "?function=secretary").says("Exporter")
		at := "/o/tilleuls/access/export?from=agenda&function=secretary"
		ask := b.get(at).says("Exporter ces droits", "Fonction : Secrétariat", "Votre mot de passe", "inscrit au journal")
		form := ask.form("/access/export?" + strings.SplitN(at, "?", 2)[1])
		b.post(at, form).answers(http.StatusUnprocessableEntity)
		form.Set("password", good)
		file := b.post(at, form).answers(http.StatusOK)
		if got := file.header.Get("Content-Disposition"); !strings.HasPrefix(got, `attachment; filename="rights-agenda-`) {
			t.Errorf("disposition %q", got)
		}
		rows := file.csv()
		if len(rows) != 3 || rows[0][0] != "Personne" {
			t.Fatalf("%d rows: %q", len(rows), rows)
		}
		line := strings.Join(rows[1], "|")
		for _, want := range []string{"Julie Delmas", "Secrétariat", "Dr Morvan", "Gestion", until.AddDate(0, 0, 0).Format("2006-01"), "Bruno Lacaze", "Niveau donné"} {
			if !strings.Contains(line, want) {
				t.Errorf("%s lacks %s", line, want)
			}
		}
		if rows[2][3] != "'=1+1" {
			t.Errorf("a formula: %q", rows[2][3])
		}
		administration := b.post("/o/tilleuls/access/export?from=administration", url.Values{"password": {good}}).csv()
		if len(administration) < 4 || !strings.Contains(strings.Join(administration[1], "|")+strings.Join(administration[2], "|"), "Rôle Administration") {
			t.Errorf("administration: %q", administration)
		}
		if n := w.count(`select count(*) from audit_event where verb = 'rights.export' and outcome = 'done'`); n != 2 {
			t.Errorf("%d events", n)
		}
		for range 8 {
			b.post(at, url.Values{"password": {good}}).answers(http.StatusOK)
		}
		b.post(at, url.Values{"password": {good}}).answers(http.StatusTooManyRequests)
		w.as(julie).get(at).answers(http.StatusForbidden)
		w.as(julie).post(at, url.Values{"password": {good}}).answers(http.StatusForbidden)
	})
}

// named is the agenda of a name.
func (w *world) named(name string) (id resource.ID) {
	w.Helper()
	var s string
	w.one(`select resource_id from resource_state where org_id = $1 and name = '`+name+`' and known_until is null`, w.tilleuls.org.ID, &s)
	return resource.ID(s)
}

// csv reads an answer as a file for a spreadsheet.
func (p *page) csv() [][]string {
	p.w.Helper()
	in := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.body, "\uFEFF")))
	in.Comma = ';'
	rows, err := in.ReadAll()
	if err != nil {
		p.w.Fatalf("%s: %v in %q", p.path, err, p.body)
	}
	return rows
}

// DESIGN.md 14: the filters stay after saving, after the way back from the review, and
// after undoing.
func TestMatrixKeepsItsFilters(t *testing.T) {
	each(t, func(w *world) {
		w.office()
		b := w.as(bruno)
		const filtered = matrixPath + "?detail=G%C3%A9n%C3%A9raliste&function=secretary"
		p := b.set(b.get(filtered), "review", "Delmas Julie, agenda Dr Morvan", "G").says("Vérifier les changements de droits")
		if !p.hasLink(strings.TrimPrefix(filtered, "/o")) {
			t.Errorf("the way back loses the filters: %v", p.links())
		}
		to := b.save(p, "").leads(matrixPath).header.Get("Location")
		if to != filtered {
			t.Errorf("saved, leads to %s", to)
		}
		saved := b.get(to)
		var undo string
		for _, f := range saved.all("form") {
			if strings.Contains(attr(f, "action"), "/undo") {
				undo = attr(f, "action")
			}
		}
		form := b.follow(b.post(undo, url.Values{})).says("Annuler 1 changement").form("/undo?" + strings.SplitN(undo, "?", 2)[1])
		if to := b.post(undo, form).leads(matrixPath).header.Get("Location"); to != filtered {
			t.Errorf("undone, leads to %s", to)
		}
	})
}

// RGT-8, MEM-1: levels given with a creation may begin and end; the draft keeps the days,
// the recap says them, and what cannot be is told at its field.
func TestCreateLevelsWithDates(t *testing.T) {
	eachCreation(t, func(w *world, _ *register) {
		echo := w.thing(w.tilleuls, resource.Agenda, "Échographie", "Salle", w.tilleuls.sites[0].ID, "").String()
		day := func(days int) string { return w.app.Clock.Now().AddDate(0, 0, days).Format(time.DateOnly) }
		c := w.create(w.as(claire), member.NonPractitioner)
		c.leads(c.send("profile", "next", c.secretary()), "rights")
		c.leads(c.send("rights", "next", map[string]string{"admin": "yes"}), "contact")
		c.leads(c.send("contact", "next", map[string]string{"when": "later"}), "agendas")
		c.send("agendas", "next", map[string]string{"l." + echo: "L", "f." + echo: day(9), "u." + echo: day(3)}).answers(http.StatusUnprocessableEntity).says("Choisissez une fin après le début")
		c.send("agendas", "next", map[string]string{"l." + echo: "L", "f." + echo: "demain"}).answers(http.StatusUnprocessableEntity).says("Saisissez une date qui existe")
		c.send("agendas", "next", map[string]string{"l." + echo: "L", "u." + echo: day(-3)}).answers(http.StatusUnprocessableEntity).says("Choisissez une fin à venir")
		c.leads(c.send("agendas", "draft", map[string]string{"l." + echo: "L", "f." + echo: day(3), "u." + echo: day(9)}), "agendas")
		if f := c.get(c.at + "/agendas").form("/agendas"); f.Get("f."+echo) != day(3) || f.Get("u."+echo) != day(9) {
			t.Errorf("the draft lost the days: %v", f)
		}
		c.leads(c.send("agendas", "next", nil), "messaging")
		c.leads(c.send("messaging", "next", nil), "settings")
		c.leads(c.send("settings", "next", nil), "check-answers")
		check := c.get(c.at + "/check-answers").says("Échographie (du ")
		c.follow(c.post(c.at+"/check-answers", check.form("/check-answers"))).says("Compte créé : Anne Le Goff")
		n := w.count(`select count(*) from access_grant g join member_state s on s.org_id = g.org_id and s.member_id = g.member_id and s.known_until is null
			where g.org_id = $1 and s.given_name = 'Anne' and g.known_until is null and g.starts_at > $2 and g.ends_at > g.starts_at`, w.tilleuls.org.ID, w.app.Clock.Now())
		if n != 1 {
			t.Errorf("%d levels with dates", n)
		}
	})
}
