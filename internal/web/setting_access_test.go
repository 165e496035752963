package web_test

import (
	"net/http"
	"net/url"
	"testing"
)

// savePolicy types the security policy, reads its effect and saves it.
func (b *browser) savePolicy(change func(url.Values)) *page {
	b.w.Helper()
	form := b.get("/o/tilleuls/settings/security").form("/security")
	change(form)
	review := b.follow(b.post("/o/tilleuls/settings/security", form))
	return b.follow(b.post("/o/tilleuls/settings/security/review", review.form("/review")))
}

// Issue 5, letters: the summaries about access are on until somebody turns them off, beside
// the rest of the policy, which stays as it was.
func TestAccessLettersTurnedOff(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		form := b.get("/o/tilleuls/settings/security").says("Annoncer par e-mail les accès donnés et retirés").form("/security")
		if form.Get("access_letters") == "" || form.Get("temporary_passwords") != "" {
			t.Fatalf("by default: %v", form)
		}
		b.savePolicy(func(f url.Values) { f.Del("access_letters"); f.Set("temporary_passwords", "1") }).says("Les règles de sécurité sont enregistrées")
		form = b.get("/o/tilleuls/settings/security").form("/security")
		if form.Get("access_letters") != "" || form.Get("temporary_passwords") == "" {
			t.Fatalf("turned off: %v", form)
		}
		b.savePolicy(func(f url.Values) { f.Set("access_letters", "1") })
		if form = b.get("/o/tilleuls/settings/security").form("/security"); form.Get("access_letters") == "" || form.Get("temporary_passwords") == "" {
			t.Fatalf("turned on again: %v", form)
		}
		b.post("/o/tilleuls/settings/security/review", url.Values{"draft": {"drf_unknown"}}).answers(http.StatusNotFound)
	})
}
