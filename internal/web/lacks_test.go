package web_test

import (
	"net/http"
	"net/url"
	"testing"
)

// AUD-01: a page or form that the door refuses for want of a permission, before any act
// began, is in the organisation's trail like every other refusal.
func TestRefusedPagesAreRecorded(t *testing.T) {
	each(t, func(w *world) {
		b, chain := w.as(julie), w.tilleuls.org.ID.String()
		refused := func() int {
			return w.count(`select count(*) from audit_event where chain = $1 and outcome = 'refused' and code = 'access.forbidden'`, chain)
		}
		for _, path := range []string{"settings", "sites/new", "invitations/new", "invitations/new/review"} {
			before := refused()
			if p := b.get("/o/tilleuls/" + path); p.status != http.StatusForbidden || refused() != before+1 {
				w.Errorf("GET %s: %d, %d lines", path, p.status, refused()-before)
			}
		}
		for _, path := range []string{"settings/details", "settings/security", "invitations/new", "invitations/new/review"} {
			before := refused()
			if p := b.post("/o/tilleuls/"+path, url.Values{"name": {"Pirate"}}); p.status != http.StatusForbidden || refused() != before+1 {
				w.Errorf("POST %s: %d, %d lines", path, p.status, refused()-before)
			}
		}
	})
}
