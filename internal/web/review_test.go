package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"habilis/internal/store"
)

// reviewed opens a review of a scope, and answers its address.
func (b *browser) reviewed(site string) string {
	b.w.Helper()
	f := b.get("/o/tilleuls/reviews/new").answers(http.StatusOK).form("/reviews/new")
	f.Set("site", site)
	p := b.post("/o/tilleuls/reviews/new", f).answers(http.StatusSeeOther)
	return p.header.Get("Location")
}

// AUD-3: a review is opened, each person is shown with what they have and from whom; there is no
// decision by default, and what is missing of one holds up nobody else.
func TestReviewOfEverybody(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(bruno)
		b.get("/o/tilleuls/reviews").answers(http.StatusOK).says("Aucune revue", "Ouvrir une revue", "La prochaine s’ouvrira")
		bad := b.get("/o/tilleuls/reviews/new").form("/reviews/new")
		bad.Set("days", "trente")
		b.post("/o/tilleuls/reviews/new", bad).answers(http.StatusUnprocessableEntity).says("Choisissez un nombre")
		path := b.reviewed("")
		again := b.get("/o/tilleuls/reviews/new").form("/reviews/new")
		b.post("/o/tilleuls/reviews/new", again).answers(http.StatusConflict).says("Terminez d’abord la revue ouverte") // review.already_open
		p := b.get(path+"?filter=all").answers(http.StatusOK).says("Julie Delmas", "Secrétariat", "Qui revoit", "Bruno Lacaze", "C’est vous")
		ju, ya := w.id(w.tilleuls, julie).String(), w.id(w.tilleuls, yanis).String()
		f := p.form(path + "?filter=all")
		if f.Get("choice."+ju) != "" || f.Has("version."+w.id(w.tilleuls, bruno).String()) {
			t.Error("a decision by default, or of oneself:", f)
		}
		b.follow(b.post(path+"?filter=all", f)).says("Choisissez Garder, Réduire ou Retirer")
		f.Set("choice."+ju, "reduce")
		f.Set("choice."+ya, "keep")
		p = b.post(path+"?filter=all", f).answers(http.StatusUnprocessableEntity).says("Julie Delmas : dites pourquoi", "Julie Delmas : cochez au moins un droit", "1 décision enregistrée").saysNot("Olivia") // review.comment, review.nothing_chosen
		f = p.form(path + "?filter=all")
		drops := drops(p, "drop."+ju)
		if len(drops) == 0 {
			t.Fatal("nothing to take away of somebody who has a role")
		}
		f.Set("choice."+ju, "reduce")
		f.Set("drop."+ju, drops[0])
		f.Set("comment."+ju, "Ne fait plus l’accueil")
		b.follow(b.post(path+"?filter=all", f)).says("1 décision enregistrée", "« Ne fait plus l’accueil »")
		kept := b.get(path + "?filter=all").form(path + "?filter=all")
		b.follow(b.post(path+"?filter=all", kept)).says("Choisissez Garder") // what was decided is not decided again
		if n := w.count(`select count(*) from audit_event where chain = $1 and verb = 'review.decide'`, w.tilleuls.org.ID); n != 2 {
			t.Errorf("%d decisions recorded, not 2", n)
		}
	})
}

// drops are the values of the boxes of a name.
func drops(p *page, name string) (list []string) {
	for _, n := range p.all("input") {
		if attr(n, "name") == name {
			list = append(list, attr(n, "value"))
		}
	}
	return list
}

// AUD-3, RAC-07: two reviewers decide of one person: the second reads it again.
func TestReviewSomebodyElseDecided(t *testing.T) {
	each(t, func(w *world) {
		b, other := w.as(bruno), w.as(claire)
		path := b.reviewed("")
		at, ju := path+"?filter=all", w.id(w.tilleuls, julie).String()
		first, second := b.get(at).form(at), other.get(at).form(at)
		first.Set("choice."+ju, "keep")
		b.follow(b.post(at, first)).says("1 décision enregistrée")
		second.Set("choice."+ju, "remove")
		second.Set("comment."+ju, "Partie")
		other.post(at, second).answers(http.StatusUnprocessableEntity).says("Julie Delmas : relisez cette personne", "Garder, décidé par Bruno Lacaze") // web.review_stale
	})
}

// AUD-3, rules.md 6: with people undecided the end asks for the name; then the file is there, behind a
// proof, and says what was done.
func TestReviewEnded(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(bruno)
		path := b.reviewed("")
		at, ju := path+"?filter=all", w.id(w.tilleuls, julie).String()
		f := b.get(at).form(at)
		f.Set("choice."+ju, "remove")
		f.Set("comment."+ju, "Partie")
		b.follow(b.post(at, f))
		b.get(path + "/file").answers(http.StatusConflict).says("Attendez que la revue soit terminée") // review.no_file
		w.clock.Add(6 * time.Minute)
		end := b.get(path+"/end").answers(http.StatusOK).says("Julie Delmas", "Quitte l’organisation", "Personnes non revues").form(path + "/end")
		b.post(path+"/end", end).answers(http.StatusUnprocessableEntity).says("mot de passe")
		end.Set("password", good)
		b.post(path+"/end", end).answers(http.StatusUnprocessableEntity).says("Écrivez exactement « Maison de santé des Tilleuls »") // review.org_name
		end = b.get(path + "/end").form(path + "/end")
		end.Set("org_name", "Maison de santé des Tilleuls")
		b.follow(b.post(path+"/end", end).leads(path)).says("La revue est terminée")
		w.comes(1, `select count(*) from review_file where org_id = $1`, w.tilleuls.org.ID)
		b.get(path+"?filter=remove").says("Retirée de l’organisation (départ)", "Partie")
		p := b.get(path).says("verify-audit", "non revues", "Empreinte de la clé", w.app.App.Reviews.Fingerprints()[0], "sauf les parties effacées", "Pour l’informaticien")
		p.saysNot("Enregistrer")
		b.get(path + "/end").leads(path)
		zip := b.post(path+"/file", b.get(path+"/file").answers(http.StatusOK).says(w.app.App.Reviews.Fingerprints()[0]).form(path+"/file")).answers(http.StatusOK)
		if zip.header.Get("Content-Type") != "application/zip" || !strings.HasPrefix(zip.body, "PK") {
			t.Error("no zip:", zip.header)
		}
		b.get("/o/tilleuls/reviews").says("Terminée", "Toute l’organisation")
	})
}

// AUZ-05, AUZ-06: an administrator of a site runs the reviews of that site, and sees none of the
// whole organisation; whoever runs none finds no page and no link.
func TestReviewIsForWhoeverMay(t *testing.T) {
	each(t, func(w *world) {
		path := w.as(bruno).reviewed("")
		site := w.as(nadege)
		site.get(path).answers(http.StatusNotFound)
		site.get("/o/tilleuls/reviews").answers(http.StatusOK).saysNot("Toute l’organisation")
		if p := site.get("/o/tilleuls/reviews/new").answers(http.StatusOK); strings.Contains(p.body, w.tilleuls.sites[0].ID.String()) {
			t.Error("a site of others is offered")
		}
		own := site.reviewed(w.tilleuls.sites[1].ID.String())
		site.get(own + "?filter=all").answers(http.StatusOK).saysNot("Julie Delmas")
		none := w.as(julie)
		none.get("/o/tilleuls/reviews").answers(http.StatusForbidden)
		none.get(own).answers(http.StatusForbidden)
		none.post(own, url.Values{}).answers(http.StatusForbidden)
		if none.get("/o/tilleuls/home").hasLink("/reviews") {
			t.Error("the navigation offers what may not be opened")
		}
		w.as(olivia).get(strings.Replace(path, "tilleuls", "deux-rives", 1)).answers(http.StatusNotFound)
	})
}

// AUD-3: «Garder tout le groupe» keeps those alone who may be kept together, and what was chosen stays.
func TestReviewKeepsTheGroup(t *testing.T) {
	each(t, func(w *world) {
		w.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `delete from member_role where member_id = $1 or member_id = $2`, w.id(w.tilleuls, julie), w.id(w.tilleuls, yanis))
			return err
		})
		for _, who := range []string{julie, yanis} {
			w.as(who).get("/o/tilleuls/home").answers(http.StatusOK)
		}
		b := w.as(bruno)
		path := b.reviewed("")
		at := path + "?filter=all"
		f := b.get(at).says("Garder tout le groupe (2 personnes)").form(at)
		f.Set("do", "keep_together")
		b.follow(b.post(at, f)).says("2 décisions enregistrées")
		b.get(path+"?filter=keep").says("Julie Delmas", "Yanis Belkacem").saysNot("Nadège Petit")
	})
}

// AUD-3: people pass from one list to another; the setting says its bounds, and asks for the password.
func TestReviewersAndSetting(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(bruno)
		path := b.reviewed("")
		f := b.get(path + "/reviewers").answers(http.StatusOK).says("Claire Morvan").form(path + "/reviewers")
		b.post(path+"/reviewers", f).answers(http.StatusUnprocessableEntity).says("Choisissez à qui confier") // web.review_to
		f.Set("to_member", w.id(w.tilleuls, claire).String())
		old := url.Values{}
		for k, v := range f {
			old[k] = v
		}
		b.follow(b.post(path+"/reviewers", f).leads(path)).says("changé de liste")
		b.post(path+"/reviewers", old).answers(http.StatusPreconditionFailed).says("La revue a changé entre-temps") // RAC-07
		one := b.get(path + "/reviewers?member=" + w.id(w.tilleuls, julie).String()).says("Julie Delmas").form(path + "/reviewers")
		one.Set("to_member", w.id(w.tilleuls, bruno).String())
		b.follow(b.post(path+"/reviewers", one).leads(path)).says("Julie Delmas")

		const setting = "/o/tilleuls/settings/reviews"
		w.clock.Add(6 * time.Minute)
		s := b.get(setting).answers(http.StatusOK).form(setting)
		s.Set("months", "3")
		b.post(setting, s).answers(http.StatusUnprocessableEntity).says("mot de passe")
		s.Set("password", good)
		s.Set("months", "99")
		b.post(setting, s).answers(http.StatusUnprocessableEntity).says("Choisissez un nombre de 1 à 24")
		s.Set("months", "3")
		s.Set("by", "site")
		b.follow(b.post(setting, s).leads("/o/tilleuls/settings")).says("Tous les 3 mois", "Chaque établissement")
		w.as(nadege).get(setting).answers(http.StatusForbidden)
	})
}
