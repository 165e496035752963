package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// RAC-03, VER-3, INV-16: the page of a file says who bears the declared number already, and that
// the half of a certification does not count once the file has changed.
func TestDossierConflicts(t *testing.T) {
	each(t, func(w *world) {
		id := w.registers(w.tilleuls, "linh.nguyen@ailleurs.example")
		file := "/o/tilleuls/dossiers/" + ident.DossierOf(id).String()
		alter := func(query string, args ...any) {
			w.write(func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.Exec(ctx, query, args...)
				return err
			})
		}
		two := setting.Registration{Open: true, TwoPeople: true}
		if _, err := (setting.Settings{Run: w.app.App.Runner}).SetRegistration(w.Context(), access.Operator("cli"), w.tilleuls.org.ID, 0, two); err != nil {
			w.Fatal(err)
		}
		const void, second, bearer = "Cette certification ne compte plus", "Une seconde personne doit encore certifier", "Numéro déjà porté ici par"
		b := w.as(claire)
		form := b.get(file + "/certify").answers(http.StatusOK).says("une seconde devra certifier aussi")
		b.follow(b.post(file+"/certify", url.Values{"seen": {form.seen()}, "knows": {"1"}})).answers(http.StatusOK).says(second).saysNot(void, bearer)
		alter(`update registration set rpps = '10001234567', no_rpps = '' where member_id = $1`, id)
		alter(`update member_state set rpps = '10001234567', profile_type = 'regulated' where member_id = $1 and known_until is null`, w.id(w.tilleuls, julie))
		alter(`update member_state set given_name = 'Lan' where member_id = $1 and known_until is null`, id)
		p := b.get(file).answers(http.StatusOK).says(void, bearer)
		if !strings.Contains(p.body, `href="/o/tilleuls/members/`+w.id(w.tilleuls, julie).String()+`"`) {
			w.Error("no way to who bears the number")
		}
		b.get(file + "/certify").answers(http.StatusOK).saysNot("vous êtes la seconde")
	})
}
