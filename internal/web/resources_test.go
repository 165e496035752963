package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/resource"
)

// resourceOf makes a resource as the operator.
func (w *world) resourceOf(p place, t resource.Type, d resource.Details) resource.Resource {
	w.Helper()
	r, err := w.app.App.Resources.Create(w.Context(), access.Operator("test"), p.org.ID, t, d)
	if err != nil {
		w.Fatal(err)
	}
	return r
}

func (p place) room(name string, site int) resource.Details {
	return resource.Details{Site: p.sites[site].ID, Kind: resource.OfRoom, Name: name}
}

// RGT-2, RGT-3, RGT-6: each of the three lists leads to its sheets, forms and question,
// under the address of its own type only.
func TestResourcePages(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(bruno)
		for typ, at := range map[resource.Type]string{
			resource.Agenda: "agendas", resource.MessagingProfile: "messaging-profiles", resource.Identity: "identities",
		} {
			base := "/o/tilleuls/" + at
			b.get(base).answers(http.StatusOK).says("Agendas", "Profils de messagerie", "Identités")
			b.get(base + "?q=" + strings.Repeat("é", resource.MaxSearch+1) + "&site=x&kind=y&state=z&page=0").answers(http.StatusUnprocessableEntity)
			f := b.get(base + "/new").answers(http.StatusOK).form("/new")
			f.Set("holder", "claire morvan")
			f.Set("name", "Dr Morvan")
			f.Set("site", w.tilleuls.sites[0].ID.String())
			p := b.follow(b.post(base+"/new", f))
			p.answers(http.StatusOK).says("Dr Morvan", "Claire Morvan", "Saint-Aubin", "Qui a accès")
			one := p.path
			b.get(one+"/access").answers(http.StatusOK).says("Claire Morvan", "Titulaire")
			b.get(one + "/access?at=2020-01-01").answers(http.StatusOK)
			b.get(one + "/access?at=demain").answers(http.StatusOK)
			b.get(base+"?holder="+w.id(w.tilleuls, claire).String()).answers(http.StatusOK).says("Dr Morvan", "Titulaire : Claire Morvan")
			e := b.get(one + "/edit").answers(http.StatusOK).form("/edit")
			e.Set("holder", "Julie Delmas")
			b.post(one+"/edit", e).answers(http.StatusUnprocessableEntity).says("Choisissez un praticien")
			e.Set("holder", "Personne")
			b.post(one+"/edit", e).answers(http.StatusUnprocessableEntity).says("Choisissez un membre de la liste")
			e.Set("holder", "Claire Morvan")
			e.Set("detail", "Généraliste")
			b.follow(b.post(one+"/edit", e)).answers(http.StatusOK).says("Généraliste", "est enregistré")
			b.post(one+"/edit", e).answers(http.StatusPreconditionFailed).says("Quelqu’un a modifié cette fiche")
			c := b.get(one + "/close").answers(http.StatusOK).says("Claire Morvan, titulaire").form("/close")
			b.follow(b.post(one+"/close", c)).says("Rouvrir")
			b.get(one + "/edit").leads(one)
			r := b.get(one).form("/reopen")
			b.follow(b.post(one+"/reopen", r)).says("Modifier")
			b.follow(b.post(one+"/reopen", r)).says("Quelqu’un a modifié ces informations entre-temps")
			for other, at := range map[resource.Type]string{
				resource.Agenda: "agendas", resource.MessagingProfile: "messaging-profiles", resource.Identity: "identities",
			} {
				if other != typ {
					b.get("/o/tilleuls/" + at + one[len(base):]).answers(http.StatusNotFound)
				}
			}
		}
	})
}

// AUZ-01, AUZ-02, AUZ-06: what is of another organisation or of another site is not there,
// on every page and for every act; a secretary has no page at all.
func TestResourceElsewhere(t *testing.T) {
	each(t, func(w *world) {
		there := w.resourceOf(w.tilleuls, resource.Agenda, w.tilleuls.room("Échographie", 0))
		theirs := w.resourceOf(w.rives, resource.Agenda, w.rives.room("Salle", 0))
		shared := w.resourceOf(w.tilleuls, resource.Identity, resource.Details{Kind: resource.OfService, Name: "Accueil"})
		none := ident.NewAgenda().String()
		for who, ids := range map[string][]string{nadege: {there.ID.String(), theirs.ID.String(), none}, bruno: {theirs.ID.String(), none}} {
			b := w.as(who)
			for _, id := range ids {
				base := "/o/tilleuls/agendas/" + id
				for _, page := range []string{"", "/edit", "/close", "/access"} {
					b.get(base + page).answers(http.StatusNotFound).saysNot("Échographie")
				}
				for _, act := range []string{"/edit", "/close", "/reopen"} {
					b.post(base+act, url.Values{"version": {"1"}, "name": {"Pris"}, "kind": {"room"}}).answers(http.StatusNotFound)
				}
			}
		}
		b := w.as(nadege)
		b.get("/o/tilleuls/agendas").answers(http.StatusOK).saysNot("Échographie")
		b.get("/o/tilleuls/identities/"+shared.ID.String()).answers(http.StatusOK).saysNot("Modifier", "Fermer")
		b.get("/o/tilleuls/identities/" + shared.ID.String() + "/edit").answers(http.StatusForbidden)
		f := b.get("/o/tilleuls/identities/new").answers(http.StatusOK).saysNot("Toute l’organisation").form("/new")
		f.Set("kind", "service")
		f.Set("name", "Standard")
		f.Set("site", "organization")
		b.post("/o/tilleuls/identities/new", f).answers(http.StatusForbidden)
		for _, page := range []string{"agendas", "agendas/new", "agendas/" + there.ID.String(), "identities", "messaging-profiles/new"} {
			w.as(julie).get("/o/tilleuls/" + page).answers(http.StatusForbidden)
		}
	})
}
