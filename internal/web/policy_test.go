package web_test

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// policy changes the security policy of an organisation from the machine itself.
func (w *world) policy(p place, change func(*setting.Security)) {
	w.Helper()
	v, err := w.app.App.Settings.Security(w.Context(), access.Operator("cli"), p.org.ID)
	if err == nil {
		change(&v)
		_, err = w.app.App.Settings.SetSecurity(w.Context(), access.Operator("cli"), p.org.ID, v.Rev, v)
	}
	if err != nil {
		w.Fatal(err)
	}
}

func onlyFrom(networks ...string) func(*setting.Security) {
	return func(s *setting.Security) {
		s.Networks, s.NetworkOnly = nil, true
		for _, n := range networks {
			s.Networks = append(s.Networks, netip.MustParsePrefix(n))
		}
	}
}

// SEC-4, MFA-12: the policy made stricter with people signed in holds from the next
// request, on every page and form of the organisation, and through the API of a browser;
// nothing of the organisation is shown, whatever a header says of the address.
func TestEntryOnEveryPage(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		b.get("/o/tilleuls/members").answers(http.StatusOK)
		w.policy(w.tilleuls, onlyFrom("203.0.113.0/24"))
		for _, r := range w.routes() {
			if strings.HasPrefix(r.path, "/o/tilleuls") && r.path != "/o/tilleuls/leave" {
				b.visit(r).answers(http.StatusForbidden).says("n’accepte pas votre adresse, 127.0.0.1").saysNot("Delmas", "Julie", "Secrétariat")
			}
		}
		for _, header := range []string{"X-Forwarded-For", "Forwarded", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP"} {
			r := b.request(http.MethodGet, "/o/tilleuls/members", nil)
			r.Header.Add(header, "203.0.113.7")
			r.Header.Add(header, "for=203.0.113.7, 203.0.113.8")
			b.do(r).answers(http.StatusForbidden)
		}
		b.get("/api/v1/organizations/tilleuls/members").answers(http.StatusForbidden)
		b.get("/account/security").answers(http.StatusOK)
		b.get("/organizations?stay=1").answers(http.StatusOK)
		w.as(olivia).get("/o/tilleuls/members").answers(http.StatusNotFound)
		w.policy(w.tilleuls, onlyFrom("203.0.113.0/24", "127.0.0.0/8"))
		b.get("/o/tilleuls/members").answers(http.StatusOK)
	})
}

// MFA-04, SEC-4: a remembered browser is asked for the factor where the organisation wants
// none remembered, and comes back to where it was going.
func TestEntryOfRememberedBrowser(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		b.get("/o/tilleuls/members").answers(http.StatusOK)
		w.policy(w.tilleuls, func(s *setting.Security) { s.DeviceDays = 0 })
		p := b.get("/o/tilleuls/members").answers(http.StatusForbidden).says("Confirmez avec un autre second facteur")
		if !p.hasLink("/account/second-factor?next=%2Fo%2Ftilleuls%2Fmembers") {
			t.Error("no way on")
		}
		w.as(olivia).get("/o/deux-rives/members").answers(http.StatusOK)
	})
}

// SEC-4: a factor that became due leads to making one, and nowhere else.
func TestEntryWithoutFactor(t *testing.T) {
	each(t, func(w *world) {
		w.policy(w.tilleuls, func(s *setting.Security) { s.Required = setting.Administrators })
		b := w.as(julie)
		b.get("/o/tilleuls/home").answers(http.StatusOK)
		w.policy(w.tilleuls, func(s *setting.Security) { s.Required, s.GraceDays = setting.Everybody, 0 })
		p := b.get("/o/tilleuls/home").answers(http.StatusForbidden).says("Activez un second facteur")
		if !p.hasLink("/account/security") {
			t.Error("no way on")
		}
		b.get("/account/security").answers(http.StatusOK)
	})
}

// rules.md 7: a session longer than the organisation allows ends, and its person signs in
// again and comes back.
func TestEntryOfLongSession(t *testing.T) {
	each(t, func(w *world) {
		w.policy(w.tilleuls, func(s *setting.Security) { s.Required = setting.Administrators })
		b := w.as(julie)
		for range 6 {
			w.clock.Add(12 * time.Minute)
			b.get("/o/tilleuls/home").answers(http.StatusOK)
		}
		w.policy(w.tilleuls, func(s *setting.Security) { s.AbsoluteHours = 1 })
		b.get("/o/tilleuls/home").leads("/login?next=%2Fo%2Ftilleuls%2Fhome")
		b.get("/login").says("Maison de santé des Tilleuls demande de se connecter de nouveau")
		b.get("/account").leads("/login?next=%2Faccount")
	})
}

// SEC-4: what a change does to people is told before it is saved, by name; the password is
// asked again; MFA-13: an allow-list that would lock its author out is refused.
func TestPolicyReview(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		b.get("/o/tilleuls/settings").says("Règles de sécurité", "Tous les membres", "14 jours", "30 minutes")
		const path = "/o/tilleuls/settings/security"
		f := b.get(path).says("127.0.0.1", "Seconds facteurs acceptés").form("/security")
		f.Set("networks", "203.0.113.0/24")
		p := b.post(path, f).answers(http.StatusUnprocessableEntity).says("Ajoutez votre adresse, 127.0.0.1")
		if p.form("/security").Get("networks") != "203.0.113.0/24" {
			t.Error("what was typed is lost")
		}
		f.Set("networks", "0.0.0.0/0")
		b.post(path, f).answers(http.StatusUnprocessableEntity).says("trop grand")
		f.Set("networks", "")
		f.Set("network_only", "1")
		b.post(path, f).answers(http.StatusUnprocessableEntity).says("Indiquez au moins une adresse")
		f.Del("network_only")
		f.Set("grace_days", "0")
		review := b.follow(b.post(path, f)).says("doivent activer un second facteur dès maintenant", "Julie Delmas", "Yanis Belkacem", "Aucun délai").saysNot("Claire Morvan a")
		w.clock.Add(6 * time.Minute)
		again := b.get(review.path).says("confirmez que c’est bien vous").form("/review")
		again.Set("password", wrong)
		b.post(path+"/review", again).answers(http.StatusUnprocessableEntity)
		again.Set("password", good)
		b.follow(b.post(path+"/review", again)).says("Les règles de sécurité sont enregistrées", "Aucun délai")
		b.follow(b.post(path, b.get(path).form("/security"))).says("Aucune règle ne change").saysNot("Enregistrer les règles")
	})
}

// linkOf finds where a link of these words leads.
func (p *page) linkOf(label string) string {
	p.w.Helper()
	for _, n := range p.all("a") {
		if strings.Contains(words(n), label) {
			return attr(n, "href")
		}
	}
	p.w.Fatalf("%s has no link %q", p.path, label)
	return ""
}

// factor gives somebody a proved factor, whose secret no test needs.
func (w *world) factor(email string, kind credential.FactorKind) {
	w.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		e, _ := account.ParseEmail(email)
		a, _, err := account.ByEmail(ctx, tx, e.Key)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			insert into factor (id, account_id, kind, name, day_began_at, created_at, proved_at) values ($1, $2, $3, '', $4, $4, $4)`,
			ident.NewFactor(), a.ID, kind, tx.Now)
		return err
	})
}

// SEC-2, MFA-11: on the sheet of a member, an administrator gives the network, takes it
// away, and resets the factors of somebody who lost them, with a reason; the person's
// sessions end, and they make another factor at the next sign-in.
func TestCareOfMember(t *testing.T) {
	each(t, func(w *world) {
		w.policy(w.tilleuls, func(s *setting.Security) {
			s.Networks, s.NetworkFactor, s.Required = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, true, setting.Administrators
		})
		b, member := w.as(claire), w.as(julie)
		sheet := "/o/tilleuls/members/" + w.id(w.tilleuls, julie).String()
		b.get(sheet).says("Second facteur et sessions", "Sessions ouvertes")
		b.get(sheet+"/security").says("Sécurité de Julie Delmas", "Aucun", "Navigateur inconnu")
		b.follow(b.post(sheet+"/security/address", b.get(sheet+"/security/address").form("/address"))).says("Réseau ajouté", "À confirmer")
		confirm := member.get("/account/security").says("L’administration a ajouté ce réseau").linkOf("Confirmer ce réseau")
		member.follow(member.post(confirm, member.get(confirm).form(confirm))).says("Le réseau sert maintenant de second facteur")
		remove := b.get(sheet + "/security").saysNot("À confirmer").linkOf("Retirer")
		b.follow(b.post(remove, b.get(remove).form("/remove"))).says("Second facteur retiré")
		member.get("/account").leads("/login?next=%2Faccount") // SES-02
		w.factor(julie, credential.TOTP)
		out := w.as(julie)
		end := b.get(sheet + "/security").linkOf("Fermer ses sessions")
		b.follow(b.post(end, b.get(end).says("Fermer toutes les sessions de Julie Delmas").form("/sessions"))).says("Sessions fermées", "Aucune session ouverte")
		out.get("/account").leads("/login?next=%2Faccount") // V7.4.5
		w.as(yanis).post(end, url.Values{}).answers(http.StatusForbidden)
		reset := sheet + "/security/reset"
		f := b.get(reset).says("Réinitialiser les seconds facteurs de Julie Delmas").form("/reset")
		b.post(reset, f).answers(http.StatusUnprocessableEntity).says("Indiquez le motif")
		f.Set("reason", "Téléphone perdu, identité vérifiée au guichet")
		b.follow(b.post(reset, f)).says("Seconds facteurs réinitialisés", "Aucun")
		w.browser().post("/login", url.Values{"email": {julie}, "password": {good}}).leads("/login/second-factor")
		w.as(yanis).get(sheet + "/security").saysNot("Téléphone")
		b.get("/o/tilleuls/members/" + w.id(w.tilleuls, claire).String() + "/security").leads("/account/security")
	})
}

// MFA-11: somebody of two organisations is reset by the platform, found by exact address.
func TestResetByPlatform(t *testing.T) {
	each(t, func(w *world) {
		b := w.platform(account.Support)
		w.factor(julie, credential.TOTP)
		const path = "/platform/factor-resets"
		f := b.get(path).says("la plateforme n’a pas de liste de personnes").form(path)
		f.Set("email", "personne@tilleuls.example")
		b.post(path, f).answers(http.StatusUnprocessableEntity).says("aucun compte ne l’utilise")
		f.Set("email", julie)
		p := b.post(path, f).answers(http.StatusOK).says("Julie Delmas", "Réinitialiser les seconds facteurs")
		g := p.form("/reset")
		b.post(path+"/reset", g).answers(http.StatusUnprocessableEntity).says("Indiquez le motif")
		g.Set("reason", "Demande écrite, rappelée au standard")
		b.follow(b.post(path+"/reset", g)).says("Seconds facteurs réinitialisés")
		w.as(claire).get(path).answers(http.StatusNotFound)
	})
}
