package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"habilis/internal/member"
	"habilis/internal/role"
)

// MEM-2: found by number or by name and town; one activity is chosen of several; what is
// imported is read only, with its source and date, and no form writes over it. The page
// asks for a search (web.create_query, web.create_search), for a person of those found
// (web.create_pick) and for one of several activities (web.create_activity).
func TestCreateSearch(t *testing.T) {
	eachCreation(t, func(w *world, _ *register) {
		b := w.as(claire)
		b.post("/o/tilleuls/members/new", url.Values{}).answers(http.StatusUnprocessableEntity).says("Choisissez un type de profil") // web.create_type
		c := w.create(b, member.Regulated)
		c.get(c.at+"/profile").says("Annuaire Santé", "annuaire.sante.fr", "ne pourront plus être changés").saysNot("Fonction")
		c.send("profile", "search", map[string]string{"q": ""}).answers(http.StatusUnprocessableEntity).says("Saisissez un numéro RPPS ou un nom")
		c.send("profile", "search", map[string]string{"q": "99700004123"}).answers(http.StatusUnprocessableEntity).says("erreur de frappe")
		c.send("profile", "next", map[string]string{"q": ""}).answers(http.StatusUnprocessableEntity).says("importez ses données")
		c.send("profile", "pick", nil).answers(http.StatusUnprocessableEntity).says("Choisissez une personne dans la liste")

		two := c.follow(c.send("profile", "search", map[string]string{"q": "DIALLO", "city": "saint aubin"}))
		two.says("2 personnes trouvées", "20 novembre 2026", "Aïcha Diallo", "Sage-femme", "RPPS 99 700 004 122", "Boubacar Diallo", "et 1 autre")
		c.follow(c.send("profile", "search", map[string]string{"q": "nobody", "city": ""})).says("Personne ne correspond")
		one := c.follow(c.send("profile", "enter", map[string]string{"q": "99 700 020 870"})).says("1 personne trouvée", "Boubacar")
		one.saysNot("Aïcha")

		c.send("profile", "pick", map[string]string{"practitioner": aicha + "0"}).answers(http.StatusUnprocessableEntity)
		imported := c.follow(c.send("profile", "pick", map[string]string{"practitioner": boubacar}))
		imported.says("Données de l’Annuaire Santé du 20 novembre 2026", "Centre hospitalier", "Cabinet du Port")
		f := imported.form("/profile")
		if f.Get("family_name") != "Diallo" || f.Get("rpps") == "" || f.Get("title") != "M." || f.Get("activity") != "" {
			t.Errorf("imported: %v", f)
		}
		forged := map[string]string{"family_name": "Martin", "given_name": "Eve", "rpps": aicha, "import": "{}", "regulated": "10", "activity": "a1", "function": "physiotherapist"}
		c.send("profile", "next", forged).answers(http.StatusUnprocessableEntity).says("exerce ici")
		again := c.get(c.at + "/profile").form("/profile")
		if again.Get("family_name") != "Diallo" || again.Get("given_name") != "Boubacar" {
			t.Errorf("a form wrote over an import: %v", again)
		}
		c.send("profile", "draft", map[string]string{"activity": "b2"})
		c.get(c.at+"/profile").says("Cabinet du Port, 12 rue des Tilleuls, 35400 Saint-Malo", "Masseur-kinésithérapeute")
		c.follow(c.send("profile", "again", nil)).says("Retrouver la personne")
		c.follow(c.send("profile", "search", map[string]string{"q": aicha}))
		c.follow(c.send("profile", "next", nil)).says("Données de l’Annuaire Santé", "Mme Aïcha Diallo") // the only one found is chosen
	})
}

// DIR-1: a directory that is down is said so, and manual entry goes on, marked «à
// vérifier»; nothing breaks. By hand, the profession is asked for (web.create_profession).
func TestCreateDirectoryDown(t *testing.T) {
	eachCreation(t, func(w *world, r *register) {
		c := w.create(w.as(claire), member.Regulated)
		r.down = true
		c.follow(c.send("profile", "search", map[string]string{"q": aicha})).answers(http.StatusOK).says("ne répond pas", "saisir les informations à la main")
		r.down = false
		c.follow(c.send("profile", "search", map[string]string{"q": aicha})).says("Aïcha")
		r.down = true
		c.follow(c.send("profile", "pick", map[string]string{"practitioner": aicha})).answers(http.StatusOK).says("ne répond pas")
		hand := c.follow(c.send("profile", "manual", nil)).says("À vérifier", "Numéro RPPS", "ne pourront plus être changés")
		if f := hand.form("/profile"); f.Get("rpps") != aicha {
			t.Errorf("the number that was searched for is lost: %v", f)
		}
		c.send("profile", "next", nil).answers(http.StatusUnprocessableEntity).says("Choisissez la profession dans la liste", "5 points à corriger")
	})
}

// MEM-4: a profession that is not a regulated one proposes another type, and one that has
// an RPPS today proposes type A: neither is forced.
func TestCreateProposesType(t *testing.T) {
	eachCreation(t, func(w *world, _ *register) {
		c := w.create(w.as(claire), member.Regulated)
		c.send("profile", "search", map[string]string{"q": ninety9})
		c.follow(c.send("profile", "pick", map[string]string{"practitioner": ninety9})).says("n’est pas une profession réglementée", "Passer à Non-praticien")
		other := c.follow(c.send("profile", "type:non_practitioner", nil))
		if f := other.form("/profile"); f.Get("type") != "non_practitioner" || f.Get("family_name") != "Roche" || f.Get("given_name") != "Lise" || f.Get("siret") != "" {
			t.Errorf("gone over to C: %v", f)
		}
		b := w.create(w.as(bruno), member.Unregulated)
		fields := map[string]string{"family_name": "Roy", "given_name": "Paul", "profession": "psychologue", "specialty": "Thérapies brèves", "function": "psychologist"}
		fields["site"] = w.tilleuls.sites[0].ID.String()
		p := b.follow(b.send("profile", "next", fields))
		p.says("Une profession comme « Psychologue »", "Passer à Profession réglementée")
		b.leads(b.send("profile", "next", nil), "rights")
		over := b.follow(b.send("profile", "type:regulated", nil)).says("Annuaire Santé")
		if f := over.form("/profile"); f.Get("q") != "Roy Paul" {
			t.Errorf("nothing is searched for: %v", f)
		}
	})
}

// DESIGN.md 15: a step is reached once the earlier ones could be sent; «Précédent» and
// «Enregistrer le brouillon» keep what was typed and check nothing; drafts are their
// owner's alone, listed, carried on with from another browser, and deleted.
func TestCreateDrafts(t *testing.T) {
	eachCreation(t, func(w *world, _ *register) {
		b := w.as(claire)
		c := w.create(b, member.NonPractitioner)
		for _, step := range []string{"rights", "contact", "agendas", "messaging", "settings", "check-answers"} {
			c.leads(c.get(c.at+"/"+step), "profile")
			c.leads(c.post(c.at+"/"+step, url.Values{"do": {"next"}}), "profile")
		}
		c.send("profile", "next", map[string]string{"family_name": ""}).answers(http.StatusUnprocessableEntity).says("points à corriger")
		c.leads(c.send("profile", "draft", map[string]string{"family_name": "Le Goff"}), "profile")
		c.get(c.at + "/profile").says("Brouillon enregistré. Il est gardé jusqu’au ")
		c.leads(c.send("profile", "next", c.secretary()), "rights")
		secretary := w.tilleuls.roles[role.Secretary].String()
		c.leads(c.send("rights", "back", map[string]string{"role": secretary}), "profile")
		if f := c.get(c.at + "/profile").form("/profile"); f.Get("family_name") != "Le Goff" || f.Get("function") != "secretary" {
			t.Errorf("«Précédent» lost something: %v", f)
		}
		c.leads(c.send("profile", "next", nil), "rights")
		if f := c.get(c.at + "/rights").form("/rights"); f.Get("role") != secretary {
			t.Errorf("«Précédent» lost the roles: %v", f)
		}
		elsewhere := w.as(claire)
		elsewhere.get("/o/tilleuls/members/new").says("Reprendre un brouillon", "Anne Le Goff")
		list := elsewhere.get("/o/tilleuls/members/drafts").answers(http.StatusOK).says("Anne Le Goff", "Non-praticien", "étape : Droits", "Gardé jusqu’au")
		if !list.hasLink(c.at + "/rights") {
			t.Errorf("the draft cannot be carried on with: %v", list.links())
		}
		w.as(bruno).get(c.at + "/profile").answers(http.StatusNotFound)
		w.as(bruno).get("/o/tilleuls/members/drafts").says("Aucun brouillon")
		w.as(olivia).get(strings.Replace(c.at, "tilleuls", "deux-rives", 1) + "/profile").answers(http.StatusNotFound)
		w.as(julie).get("/o/tilleuls/members/new").answers(http.StatusForbidden)
		w.as(julie).get("/o/tilleuls/members").saysNot("Nouvel utilisateur")
		discard := strings.Replace(c.at, "/members/new/", "/members/drafts/", 1) + "/discard"
		w.as(bruno).post(discard, url.Values{}).answers(http.StatusNotFound)
		b.follow(b.post(discard, url.Values{})).says("Brouillon supprimé : Anne Le Goff", "Aucun brouillon")
		c.get(c.at + "/profile").answers(http.StatusNotFound)
	})
}

// secretary is the profile of a type C.
func (c creation) secretary() map[string]string {
	return map[string]string{"family_name": "Le Goff", "given_name": "Anne", "function": "secretary", "site": c.w.tilleuls.sites[0].ID.String()}
}

// what script shows while somebody types is kept nowhere.
func TestCreatePreview(t *testing.T) {
	eachCreation(t, func(w *world, _ *register) {
		c := w.create(w.as(claire), member.NonPractitioner)
		shown := c.send("profile", "preview", map[string]string{"family_name": "Le Goff", "given_name": "Anne", "type": "unregulated"}).answers(http.StatusOK)
		shown.says("Anne Le Goff", "SIRET", "Praticien remplaçant")
		if f := c.get(c.at + "/profile").form("/profile"); f.Get("family_name") != "" || f.Get("type") != "non_practitioner" {
			t.Errorf("a preview was kept: %v", f)
		}
	})
}

// MEM-1, SEC-3, RAC-08: what is reviewed is made once, after the password; the draft goes
// with it and its replay is refused; the sheet offers another with the same rights.
func TestCreateMember(t *testing.T) {
	eachCreation(t, func(w *world, _ *register) {
		c := w.create(w.as(claire), member.NonPractitioner)
		c.leads(c.send("profile", "next", c.secretary()), "rights")
		secretary := w.tilleuls.roles[role.Secretary].String()
		c.leads(c.send("rights", "next", map[string]string{"role": secretary, "scope_" + secretary: "organization"}), "contact")
		c.send("contact", "next", map[string]string{"email": "anne@", "when": "yes"}).answers(http.StatusUnprocessableEntity).says("adresse e-mail complète")
		c.contact(map[string]string{"email": "anne.legoff@tilleuls.example", "when": "yes", "reach": "everyone"})
		w.clock.Add(6 * time.Minute)
		check := c.get(c.at+"/check-answers").says("Anne Le Goff", "Secrétariat (Toute l’organisation)", "Tout le monde", "Une invitation partira à anne.legoff@tilleuls.example", "Votre mot de passe")
		send := check.form("/check-answers")
		c.post(c.at+"/check-answers", send).answers(http.StatusUnprocessableEntity).says("Saisissez votre mot de passe")
		send.Set("password", wrong)
		c.post(c.at+"/check-answers", send).answers(http.StatusUnprocessableEntity)
		send.Set("password", good)
		made := c.follow(c.post(c.at+"/check-answers", send))
		made.says("Compte créé : Anne Le Goff. Une invitation part à anne.legoff@tilleuls.example.", "Créer un autre membre avec les mêmes droits")
		w.app.Link(w.app.Mail("anne.legoff@tilleuls.example"), "/activate/")
		c.post(c.at+"/check-answers", send).answers(http.StatusNotFound) // the replay of a draft
		c.get(c.at + "/profile").answers(http.StatusNotFound)
		if n := w.count(`select count(*) from member_state where org_id = $1 and email = 'anne.legoff@tilleuls.example' and known_until is null`, w.tilleuls.org.ID); n != 1 {
			t.Errorf("%d members made", n)
		}
		like := made.form("/members/new")
		next := c.follow(c.post("/o/tilleuls/members/new", like)).answers(http.StatusOK)
		if f := next.form("/profile"); f.Get("type") != "non_practitioner" || f.Get("family_name") != "" || f.Get("site") != w.tilleuls.sites[0].ID.String() {
			t.Errorf("with the same rights: %v", f)
		}
		d := creation{c.browser, strings.TrimSuffix(next.path, "/profile")}
		d.leads(d.send("profile", "next", map[string]string{"family_name": "Roux", "given_name": "Zoé"}), "rights")
		if f := d.get(d.at + "/rights").form("/rights"); f.Get("role") != secretary || f.Get("scope_"+secretary) != "organization" || f.Get("admin") != "no" {
			t.Errorf("with the same roles: %v", f)
		}
		d.leads(d.send("rights", "next", nil), "contact")
		if f := d.get(d.at + "/contact").form("/contact"); f.Get("reach") != "everyone" || f.Get("email") != "" {
			t.Errorf("with the same reach: %v", f)
		}
	})
}

// MEM-2, MEM-3, MEM-5: a type A is made of its import, whatever the form says.
func TestCreateRegulated(t *testing.T) {
	eachCreation(t, func(w *world, _ *register) {
		c := w.create(w.as(claire), member.Regulated)
		c.send("profile", "search", map[string]string{"q": aicha})
		c.send("profile", "pick", map[string]string{"practitioner": aicha})
		profile := map[string]string{"function": "midwife", "site": w.tilleuls.sites[0].ID.String(), "family_name": "Martin", "siret": "123"}
		c.send("profile", "next", profile).answers(http.StatusUnprocessableEntity).says("SIRET")
		profile["siret"] = ""
		profile["locum"], profile["locum_name"], profile["locum_from"], profile["locum_until"] = "yes", "Yanis Belkacem", "2026-12-31", "2026-12-01"
		c.send("profile", "next", profile).answers(http.StatusUnprocessableEntity)
		profile["locum_from"], profile["locum_until"] = "2036-12-01", "2036-12-31"
		c.leads(c.send("profile", "next", profile), "rights")
		c.leads(c.send("rights", "next", map[string]string{"role": w.tilleuls.roles[role.Practitioner].String()}), "contact")
		c.contact(map[string]string{"when": "later"})
		check := c.get(c.at+"/check-answers").says("Aïcha Diallo", "99 700 004 122", "Annuaire Santé", "aicha.diallo@pro.mssante.fr",
			"Yanis Belkacem, du 1er décembre 2036 au 31 décembre 2036", "Aucun e-mail ne partira", "ne pourront plus être changés")
		c.follow(c.post(c.at+"/check-answers", check.form("/check-answers"))).says("Compte créé : Aïcha Diallo", "Sage-femme", "99 700 004 122")
		var family, replaced string
		row := w.tilleuls.org.ID
		w.one(`select family_name, locum_for from member_state where org_id = $1 and rpps = '`+aicha+`' and known_until is null`, row, &family, &replaced)
		if family != "Diallo" || replaced != w.id(w.tilleuls, yanis).String() {
			t.Errorf("made: %s, replacing %s", family, replaced)
		}
		again := w.create(w.as(bruno), member.Regulated) // one member per RPPS
		again.send("profile", "search", map[string]string{"q": aicha})
		again.send("profile", "pick", map[string]string{"practitioner": aicha})
		again.send("profile", "next", map[string]string{"function": "midwife", "site": w.tilleuls.sites[0].ID.String()}).answers(http.StatusUnprocessableEntity)
	})
}

// The draft of a form holds no secret, and no form writes what it did not ask for.
func TestCreateDraftBody(t *testing.T) {
	eachCreation(t, func(w *world, _ *register) {
		c := w.create(w.as(claire), member.NonPractitioner)
		f := c.secretary()
		f["passed"], f["import"], f["manual"], f["admin"], f["password"] = "3", "{}", "1", "yes", good
		c.leads(c.send("profile", "draft", f), "profile")
		c.leads(c.get(c.at+"/check-answers"), "profile")
		var body string
		w.one(`select body from draft where org_id = $1`, w.tilleuls.org.ID, &body)
		var kept map[string]any
		if err := json.Unmarshal([]byte(body), &kept); err != nil {
			t.Fatal(err)
		}
		if kept["admin"] != nil || kept["passed"] != nil || kept["manual"] != nil || strings.Contains(body, good) {
			t.Errorf("kept: %s", body)
		}
	})
}

// RAC-08: a review that is sent several times at the same moment makes one member; the
// others find it made, or the draft gone.
func TestCreateOnce(t *testing.T) {
	eachCreation(t, func(w *world, _ *register) {
		c := w.create(w.as(claire), member.NonPractitioner)
		c.leads(c.send("profile", "next", c.secretary()), "rights")
		c.leads(c.send("rights", "next", map[string]string{"role": w.tilleuls.roles[role.Secretary].String()}), "contact")
		c.contact(map[string]string{"when": "later"})
		form := c.get(c.at + "/check-answers").form("/check-answers")
		answers := make(chan *page)
		const times = 4
		for range times {
			go func() { answers <- c.post(c.at+"/check-answers", form) }()
		}
		made := 0
		for range times {
			switch p := <-answers; p.status {
			case http.StatusSeeOther:
				made++
			case http.StatusNotFound:
			default:
				t.Errorf("sent again: %d %s", p.status, p.text())
			}
		}
		n := w.count(`select count(*) from member_state where org_id = $1 and family_name = 'Le Goff' and known_until is null`, w.tilleuls.org.ID)
		if made == 0 || n != 1 {
			t.Errorf("%d answers, %d members", made, n)
		}
	})
}
