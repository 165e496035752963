package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/dossier"
	"habilis/internal/ident"
	"habilis/internal/text"
)

// registers makes somebody who registered with an organisation and sent their file, without
// an RPPS number.
func (w *world) registers(p place, address string) (id ident.Member) {
	w.Helper()
	email, _ := account.ParseEmail(address)
	act := action.Act{Verb: "member.register", Orgs: []ident.Org{p.org.ID}, Accounts: true, Needs: []access.Need{access.Everybody()}}
	_, err := action.Run(w.Context(), w.app.App.Runner, access.Operator("job"), act, func(tx *action.Tx) (struct{}, error) {
		v, err := dossier.RegisterWhole(w.Context(), tx, dossier.Registration{
			Org: p.org.ID, Email: email, Language: text.FR, Names: account.Names{GivenName: "Linh", FamilyName: "Nguyen"}, Function: "nurse",
			ProfessionCode: "60", NoRPPS: "étudiante", PhoneProvedAt: &tx.Now, Phone: "06 •• •• •• 42", CompletedAt: &tx.Now,
		}, w.hash)
		id = v.Member
		return struct{}{}, err
	})
	if err != nil {
		w.Fatal(err)
	}
	return id
}

var seenField = regexp.MustCompile(`name="seen" value="([0-9a-f]+)"`)

// seen is what a page says that a decision rests on.
func (p *page) seen() string {
	m := seenField.FindStringSubmatch(p.body)
	if m == nil {
		p.w.Fatalf("%s names nothing that was seen", p.path)
	}
	return m[1]
}

// VER-2, VER-3, LST-2, INV-15: two cells empty before «Rafraîchir», orange after it, and no
// way in; «Voir», «Autoriser ce compte» with its tick, and in; the certification withdrawn,
// and out.
func TestDossierPages(t *testing.T) {
	each(t, func(w *world) {
		const linh = "linh.nguyen@ailleurs.example"
		id := w.registers(w.tilleuls, linh)
		file := "/o/tilleuls/dossiers/" + ident.DossierOf(id).String()
		enters := func() bool {
			p := w.browser().post("/login", url.Values{"email": {linh}, "password": {good}})
			return p.status == http.StatusSeeOther
		}
		b := w.as(claire)
		b.get("/o/tilleuls/members").answers(http.StatusOK).says("Cases vides", "Rafraîchir").saysNot("Ne peut pas se connecter")
		b.get("/o/tilleuls/members?verification=incomplete").answers(http.StatusOK).saysNot("Nguyen")
		b.get(file).answers(http.StatusOK).says("Personne n’a encore rafraîchi ce dossier", "Aucun : étudiante", "Autoriser ce compte")
		refresh := url.Values{"refresh": {id.String()}, "list": {"verification=incomplete"}}
		b.follow(b.post("/o/tilleuls/members/bulk", refresh)).answers(http.StatusOK).says("ne peut pas se connecter", "Dossier incomplet", "Nguyen")
		b.follow(b.post("/o/tilleuls/members/bulk", url.Values{"act": {"refresh"}, "member": {id.String(), w.id(w.tilleuls, julie).String()}})).says("Dossiers incomplets : 1")
		b.follow(b.post("/o/tilleuls/members/bulk", url.Values{"act": {"refresh"}, "member": {w.id(w.tilleuls, julie).String()}})).says("Rien à vérifier")
		if enters() {
			w.Fatal("an orange file opened the door")
		}
		b.follow(b.post(file+"/tell", nil)).says("un lien pour compléter")
		b.follow(b.post(file+"/tell", nil)).answers(http.StatusOK).saysNot("un lien pour compléter")
		form := b.get(file + "/certify").answers(http.StatusOK).says("Je connais Linh Nguyen")
		b.post(file+"/certify", url.Values{"seen": {form.seen()}}).answers(http.StatusUnprocessableEntity).says("Cochez la case")
		b.post(file+"/certify", url.Values{"seen": {"0"}, "knows": {"1"}}).answers(http.StatusConflict).says("Relisez le dossier")
		b.follow(b.post(file+"/certify", url.Values{"seen": {form.seen()}, "knows": {"1"}})).answers(http.StatusOK).says("peut se connecter", "Dossier vérifié", "Certifié par")
		if !enters() {
			w.Fatal("certified, and refused at the door")
		}
		b.get(file + "/revoke").answers(http.StatusOK).says("Retirer la certification")
		b.post(file+"/revoke", url.Values{"reason": {""}}).answers(http.StatusUnprocessableEntity)
		b.follow(b.post(file+"/revoke", url.Values{"reason": {"homonyme"}})).answers(http.StatusOK).says("Dossier incomplet")
		if enters() {
			w.Error("revoked, and still in")
		}
		b.follow(b.post(file+"/refresh", nil)).answers(http.StatusOK).says("Dossier incomplet")
		b.get("/o/tilleuls/members/" + id.String()).answers(http.StatusOK).says("Voir le dossier")
		w.as(julie).get(file).answers(http.StatusForbidden)
		w.as(olivia).get("/o/deux-rives/dossiers/" + ident.DossierOf(id).String()).answers(http.StatusNotFound)
	})
}

// VER-4, ORG-7: support's queue: refused with a reason, and out of the queue; others see no
// such page.
func TestQueuePages(t *testing.T) {
	each(t, func(w *world) {
		id := w.registers(w.tilleuls, "linh.nguyen@ailleurs.example")
		one := "/platform/dossiers/" + w.tilleuls.org.ID.String() + "/" + ident.DossierOf(id).String()
		for _, path := range []string{"/platform/dossiers", one} {
			w.as(claire).get(path).answers(http.StatusNotFound)
		}
		b := w.platform(account.Support)
		b.get("/platform/dossiers").answers(http.StatusOK).says("Linh Nguyen", "Maison de santé des Tilleuls")
		p := b.get(one).answers(http.StatusOK).says("Aucun : étudiante", "Valider le dossier").saysNot("linh.nguyen@", "06 ••")
		b.post(one, url.Values{"seen": {p.seen()}, "decision": {"validated"}}).answers(http.StatusConflict).says("pièces manquantes")
		b.post(one, url.Values{"seen": {p.seen()}, "decision": {"refused"}}).answers(http.StatusUnprocessableEntity)
		b.follow(b.post(one, url.Values{"seen": {p.seen()}, "decision": {"refused"}, "reason": {"carte illisible"}})).answers(http.StatusOK).
			says("Dossier refusé", "Aucun dossier n’attend")
		w.as(claire).get("/o/tilleuls/dossiers/"+ident.DossierOf(id).String()).says("carte illisible", "Dossier refusé par le support")
	})
}
