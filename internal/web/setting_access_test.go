package web_test

import (
	"net/http"
	"testing"
)

// Issue 5, letters: the summaries about access are on until somebody turns them off, beside
// the rest of the policy, which stays as it was.
func TestAccessLettersTurnedOff(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		form := b.get("/o/tilleuls/settings").says("Annoncer par e-mail les accès donnés et retirés").form("/security")
		if form.Get("access_letters") == "" || form.Get("temporary_passwords") != "" {
			t.Fatalf("by default: %v", form)
		}
		form.Del("access_letters")
		form.Set("temporary_passwords", "1")
		b.post("/o/tilleuls/settings/security", form).answers(http.StatusSeeOther)
		form = b.get("/o/tilleuls/settings").form("/security")
		if form.Get("access_letters") != "" || form.Get("temporary_passwords") == "" {
			t.Fatalf("turned off: %v", form)
		}
		form.Set("access_letters", "1")
		b.post("/o/tilleuls/settings/security", form).answers(http.StatusSeeOther)
		if form = b.get("/o/tilleuls/settings").form("/security"); form.Get("access_letters") == "" {
			t.Fatalf("turned on again: %v", form)
		}
	})
}
