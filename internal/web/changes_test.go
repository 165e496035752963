package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/recordgroup"
	"habilis/internal/resource"
	"habilis/internal/role"
)

// The history of rights shows and undoes what was changed of any domain, in plain words, and
// asks again for the proof where what is undone asks for it (rules.md 6).
func TestChangesOfEveryDomain(t *testing.T) {
	each(t, func(w *world) {
		w.office()
		by, org, julieID, app := w.fresh(bruno), w.tilleuls.org.ID, w.id(w.tilleuls, julie), w.app.App
		site := access.SiteScope(org, w.tilleuls.sites[0].ID)
		must := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		change := func(c member.RightsChange) {
			_, err := app.Members.ChangeRights(t.Context(), by, org, julieID, c, 0)
			must(err)
		}
		change(member.RightsChange{AddPermissions: []member.GivenPermission{{Permission: access.StatisticsRead, Scope: site}}})
		g, err := app.Groups.Create(t.Context(), by, org, recordgroup.Details{Name: "Pédiatrie"})
		must(err)
		_, err = app.Groups.SetMembers(t.Context(), by, org, g.ID, recordgroup.AnyVersion, []ident.Member{julieID, w.id(w.tilleuls, yanis)}, recordgroup.Dates{})
		must(err)
		_, err = app.Groups.ChangeRecords(t.Context(), by, org, g.ID, recordgroup.AnyVersion, recordgroup.Change{Add: []string{"d1", "d2", "d3"}}, nil)
		must(err)
		sign := w.thing(w.tilleuls, resource.Identity, "Secrétariat", "", w.tilleuls.sites[0].ID, "")
		_, err = app.Delegations.Give(t.Context(), by, org, grant.NewDelegations{Identities: []resource.ID{sign}, Member: julieID, Acts: []grant.Act{grant.Send}})
		must(err)

		b := w.as(bruno)
		history := b.get("/o/tilleuls/access/changes").says("Modification : 1 autorisation pour 1 personne", "Modification : 2 places dans un groupe d’accès pour 2 personnes",
			"Modification : 3 dossiers d’un groupe d’accès", "Modification : 1 délégation pour 1 personne")
		sets := changeLinks(history)
		if len(sets) != 4 {
			t.Fatalf("%v", sets)
		}
		b.get(sets[0]).says("Julie Delmas", "Envoyer des documents au nom de « Secrétariat »", "Non", "Donnée", "Annuler cette modification")
		b.get(sets[1]).says("Tous les membres du groupe", "Dossiers du groupe d’accès « Pédiatrie »", "3 dossiers dans le groupe")
		b.get(sets[2]).says("Groupe d’accès « Pédiatrie »", "Hors du groupe", "Oui")
		b.get(sets[3]).says("Autorisation « Voir les statistiques »", w.tilleuls.sites[0].Name)

		_, err = app.Groups.ChangeRecords(t.Context(), by, org, g.ID, recordgroup.AnyVersion, recordgroup.Change{Remove: []string{"d3"}}, nil)
		must(err)
		undo := sets[1] + "/undo"
		page := b.get(undo).says("Annuler 1 changement", "1 ligne reste comme elle est", "quelqu’un l’a changée depuis", "2 dossiers ne seront plus dans aucun groupe")
		b.follow(b.post(undo, page.form("/undo"))).says("1 changement annulé.", "Annule une modification précédente")
		b.get(undo).answers(http.StatusConflict).says("déjà annulée")

		// Administration: only with a fresh proof, on the same page.
		by = w.fresh(bruno)
		change(member.RightsChange{AddRoles: []role.Given{{Role: w.tilleuls.roles[role.Administrator], Scope: site}}})
		w.app.Clock.Add(access.StepUpAge + time.Minute)
		last := changeLinks(b.get("/o/tilleuls/access/changes"))[0] + "/undo"
		form := b.get(last).says("Rôle « Administration »", "confirmer que c’est bien vous").form("/undo")
		b.post(last, form).answers(http.StatusUnprocessableEntity).says("Rôle « Administration »")
		if n := w.count(`select count(*) from change_set where kind = 'undo'`); n != 1 {
			t.Errorf("%d undos without the proof", n)
		}
		form.Set("password", good)
		b.follow(b.post(last, form)).says("1 changement annulé.")

		// Whoever reads no rights finds none of it, though it is about them: their journal tells.
		w.as(julie).get(sets[3]).answers(http.StatusNotFound)
		w.as(julie).post(sets[3]+"/undo", url.Values{"confirm": {"1"}}).answers(http.StatusNotFound)
		w.as(olivia).get(sets[3]).answers(http.StatusNotFound)
	})
}

// changeLinks are the change sets that a page leads to.
func changeLinks(p *page) (list []string) {
	for _, href := range p.links() {
		if strings.Contains(href, "/access/changes/cst_") {
			list = append(list, href)
		}
	}
	return list
}

// Whoever holds an agenda opens its sheet, and who has access to it, without any right of
// reading; not another's.
func TestHolderOpensTheirSheet(t *testing.T) {
	each(t, func(w *world) {
		o := w.office()
		b := w.as(yanis)
		b.get("/o/tilleuls/agendas/"+o.yanis.String()).answers(http.StatusOK).says("Dr Belkacem", "Accueil").saysNot("Modifier")
		b.get("/o/tilleuls/agendas/" + o.yanis.String() + "/access").answers(http.StatusOK).says("Titulaire")
		b.get("/o/tilleuls/agendas/" + o.room.String()).answers(http.StatusForbidden)
	})
}
