package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/resource"
	"habilis/internal/store"
)

const mydata = "/account/data"

// until asks for a page again until it says something.
func (b *browser) until(path, said string) *page {
	b.w.Helper()
	for range 400 {
		p := b.get(path).answers(http.StatusOK)
		if strings.Contains(plain(p.text()), said) {
			return p
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.w.Fatalf("%s never says %s", path, said)
	return nil
}

// exported asks for an export at a page, with the proof that it wants, and takes it.
func (b *browser) exported(base string) (file string) {
	b.w.Helper()
	b.w.clock.Add(6 * time.Minute)
	ask := b.get(b.get(base).answers(http.StatusOK).linkOf("Demander un export")).form(base + "/export")
	b.post(base+"/export", ask).answers(http.StatusUnprocessableEntity).says("mot de passe")
	ask.Set("password", good)
	b.follow(b.post(base+"/export", ask).leads(base)).says("L’export est en préparation")
	b.w.clock.Add(6 * time.Minute)
	file = b.until(base, "gardé jusqu’au").linkOf("Télécharger")
	b.post(file, b.get(file).answers(http.StatusOK).says("Télécharger l’export ?").form(file)).answers(http.StatusUnprocessableEntity)
	p := b.post(file, url.Values{"password": {good}}).answers(http.StatusOK)
	if !strings.HasPrefix(p.body, "PK") || !strings.Contains(p.body, "data.json") || p.header.Get("Content-Type") != "application/zip" {
		b.w.Errorf("%s gives %q", file, p.header)
	}
	return file
}

// AUD-4: «Mes données» stands beside «Sécurité du compte»; an export is asked for with the password,
// and taken by whoever asked alone; whoever is still a member somewhere does not erase their account.
func TestOwnData(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(julie)
		if !b.get("/account/security").hasLink(mydata) {
			t.Error("«Sécurité du compte» does not lead to it")
		}
		b.get(mydata).says("Mes données", "Ce compte doit d’abord quitter ses organisations") // privacy.memberships_left
		file := b.exported(mydata)
		w.as(claire).get(file).answers(http.StatusNotFound)
		b.get(mydata + "/exports/dex_x").answers(http.StatusNotFound)
		b.get(mydata + "/erasure").answers(http.StatusOK).says("Ce compte doit d’abord quitter ses organisations").saysNot("Pour confirmer")
		b.post(mydata+"/erasure", url.Values{"password": {good}, "full_name": {"Julie Delmas"}}).answers(http.StatusConflict)
	})
}

// AUD-4: whoever is a member nowhere comes to «Mes données», and erases their account: what goes and
// what stays is said, the name is typed; then they are signed out.
func TestOwnErasure(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(julie)
		b.post("/o/tilleuls/leave", url.Values{}).leads("/organizations")
		if !b.get("/organizations").hasLink(mydata) {
			t.Error("whoever has no organisation does not come to it")
		}
		form := b.get(mydata).says("Effacer mon compte…").linkOf("Effacer mon compte…")
		w.clock.Add(6 * time.Minute)
		f := b.get(form).says("Ce qui part", "Ce que gardent les organisations que vous avez quittées", "Pour confirmer, écrivez : Julie Delmas").form(form)
		f.Set("full_name", "julie delmas")
		f.Set("password", good)
		p := b.post(form, f).answers(http.StatusUnprocessableEntity).says("Écrivez le prénom et le nom") // privacy.name_differs
		if p.value("full_name") != "julie delmas" {
			t.Error("what was typed is lost")
		}
		f.Set("full_name", "Julie Delmas")
		b.follow(b.post(form, f).leads("/login")).says("Votre compte est fermé")
		b.get(mydata).leads("/login?next=%2Faccount%2Fdata")
		w.comes(0, `select count(*) from account_state where family_name = 'Delmas'`)
	})
}

// AUD-4, AUZ-06: the sheet leads to the data of a member; once they left, «Partis» does, and they are
// erased: what goes, what stays and the names that change are said; then no page names them.
func TestMemberData(t *testing.T) {
	each(t, func(w *world) {
		w.thing(w.tilleuls, resource.Agenda, "Agenda de Yanis Belkacem", "Généraliste", w.tilleuls.sites[0].ID, claire)
		sheet := "/o/tilleuls/members/" + w.id(w.tilleuls, yanis).String()
		path, base, b := sheet+"/departure", sheet+"/data", w.as(bruno)
		w.as(julie).get(base).answers(http.StatusForbidden)
		link := b.get(sheet).linkOf("Données personnelles")
		b.get(link).says("Données personnelles : Dr Yanis Belkacem", "L’effacement est possible une fois que la personne est partie", "Préparer son départ")
		file := b.exported(base)
		b.get(base + "/erasure").answers(http.StatusConflict).says("elle est encore membre") // privacy.still_member

		leave := b.get(path + "?form=1").form(path)
		leave.Set("when", "now")
		leave.Set("shown", "now")
		leave.Set("full_name", "Yanis Belkacem")
		leave.Set("password", good)
		b.post(path, leave).leads(path)
		b.get(b.finished(path).linkOf("Données personnelles")).says("Effacer ces données…").hasLink(file)

		w.clock.Add(6 * time.Minute)
		form := base + "/erasure"
		f := b.get(form).answers(http.StatusOK).says("Effacer les données de Dr Yanis Belkacem ?", "ce départ ne pourra plus être annulé", "Noms qui changent",
			"Agenda de Yanis Belkacem", "Agenda de —", "Ce qui reste, et pourquoi", "sauvegardes").form(form)
		f.Set("full_name", "Belkacem")
		f.Set("password", good)
		b.post(form, f).answers(http.StatusUnprocessableEntity).says("Écrivez le prénom et le nom")
		f.Set("full_name", "Yanis Belkacem")
		b.follow(b.post(form, f).leads(base)).says("L’effacement a commencé")
		b.until(base, "Plus rien ne désigne cette personne").says("Données personnelles : Personne effacée").saysNot("Belkacem", "Demander un export")
		b.get(form).answers(http.StatusOK).says("cette personne est déjà effacée")
		b.get(path).answers(http.StatusNotFound).saysNot("Belkacem")
		for _, page := range []string{"/o/tilleuls/members/gone", "/o/tilleuls/journal", "/o/tilleuls/access/changes", "/o/tilleuls/agendas"} {
			b.get(page).answers(http.StatusOK).saysNot("Belkacem")
		}
		b.post(file, url.Values{"password": {good}}).answers(http.StatusNotFound)
	})
}

// AUD-4: another of the same name is told of before the erasure.
func TestErasureNamesake(t *testing.T) {
	each(t, func(w *world) {
		path, _ := w.departing()
		w.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update member_state set given_name = 'Yanis', family_name = 'Belkacem', sort_key = 'belkacem yanis' where email = $1`, julie)
			return err
		})
		b := w.as(bruno)
		f := b.get(path + "?form=1").form(path)
		f.Set("when", "now")
		f.Set("shown", "now")
		f.Set("full_name", "Yanis Belkacem")
		b.post(path, f).leads(path)
		b.finished(path)
		b.get(strings.TrimSuffix(path, "/departure") + "/data/erasure").says("Une autre personne porte le même nom")
	})
}

// AUD-4: an erasure that its person's return stopped says so, and where it is asked for again; what 30
// days made unknown is said before.
func TestErasureStopped(t *testing.T) {
	each(t, func(w *world) {
		path, _ := w.departing()
		b := w.as(bruno)
		f := b.get(path + "?form=1").form(path)
		f.Set("when", "now")
		f.Set("shown", "now")
		f.Set("full_name", "Yanis Belkacem")
		b.post(path, f).leads(path)
		b.finished(path)
		base := strings.TrimSuffix(path, "/departure") + "/data"
		b.get(base + "/erasure").saysNot("le service ne les connaît plus")
		of := ident.Member(strings.TrimPrefix(strings.TrimSuffix(base, "/data"), "/o/tilleuls/members/"))
		w.write(func(ctx context.Context, tx *store.Tx) error {
			if err := member.Forget(ctx, tx, w.tilleuls.org.ID, of); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `update departure set state = 'erased' where member_id = $1`, of); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `insert into erasure (org_id, id, subject, account_id, stage, place, items, asked_by, asked_at)
				values ($1, 'stopped', $2, '', 'stopped', '', 3, '', $3)`, w.tilleuls.org.ID, of, tx.Now)
			return err
		})
		b.get(base).says("Effacement arrêté", "Cette personne est revenue avant la fin", "Effacer ces données…").saysNot("Effacement en cours")
		w.clock.Add(6 * time.Minute)
		form := base + "/erasure"
		again := b.get(form).says("le service ne les connaît plus").form(form)
		again.Set("full_name", "Yanis Belkacem")
		again.Set("password", good)
		b.follow(b.post(form, again).leads(base)).says("L’effacement a commencé").saysNot("Effacement arrêté")
	})
}

// AUD-4: whoever gave something and has no name any more is called «Personne effacée», never nothing.
func TestErasedGiver(t *testing.T) {
	each(t, func(w *world) {
		w.departing()
		w.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update account_state set given_name = '', family_name = '', title = '' where email = $1`, bruno)
			return err
		})
		sheet := "/o/tilleuls/members/" + w.id(w.tilleuls, julie).String()
		p := w.as(claire).get(sheet).answers(http.StatusOK)
		if strings.Contains(plain(p.text()), "par ,") || strings.Contains(plain(p.text()), "par  ,") {
			t.Errorf("somebody without a name: %s", p.text())
		}
	})
}
