package web_test

import (
	"net/http"
	"net/url"
	"testing"
)

// AUD-01: who is nobody of the platform and sends its forms is refused like at a page
// that does not exist, and each refusal is in the trail: the door decides nothing.
func TestPlatformRefusalsAreRecorded(t *testing.T) {
	each(t, func(w *world) {
		b, one := w.as(julie), "/platform/organizations/"+w.tilleuls.org.ID.String()
		unknown := b.post("/platform/nothing", url.Values{})
		for path, verb := range map[string]string{
			"/platform/organizations/new": "org.create", one + "/suspend": "org.suspend", one + "/resume": "org.resume",
		} {
			p := b.post(path, url.Values{"name": {"Cabinet"}, "password": {"not the one"}})
			if p.status != http.StatusNotFound || p.status != unknown.status {
				w.Errorf("%s: %d", path, p.status)
			}
			if n := w.count(`select count(*) from audit_event where verb = $1 and outcome = 'refused'`, verb); n != 1 {
				w.Errorf("%s: %d lines in the trail", verb, n)
			}
		}
		for _, path := range []string{"/platform/organizations", "/platform/organizations/new"} {
			if p := b.get(path); p.status != http.StatusNotFound {
				w.Errorf("%s: %d", path, p.status)
			}
		}
		if n := w.count(`select count(*) from audit_event where verb = 'org.list' and outcome = 'refused'`); n != 1 {
			w.Errorf("the list: %d lines in the trail", n)
		}
	})
}
