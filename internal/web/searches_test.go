package web_test

import (
	"net/http"
	"strconv"
	"testing"

	"habilis/internal/web"
)

// rules.md 4: 60 searches a minute and no more (limit.exceeded); the list
// itself, and other people, go on.
func TestSearchesAreLimited(t *testing.T) {
	each(t, func(w *world) {
		b, other := w.as(claire), w.as(bruno)
		for n := range web.SearchesPerMinute {
			if p := b.get("/o/tilleuls/sites?q=a" + strconv.Itoa(n)); p.status != http.StatusOK {
				t.Fatalf("search %d answers %d", n, p.status)
			}
		}
		p := b.get("/o/tilleuls/members?q=delmas").answers(http.StatusTooManyRequests).saysNot("Delmas")
		if p.header.Get("Retry-After") == "" {
			t.Error("it does not say when to come back")
		}
		b.get("/o/tilleuls/members?keyword=nurse").answers(http.StatusTooManyRequests)
		b.get("/o/tilleuls/members").answers(http.StatusOK).says("Delmas")
		b.get("/o/tilleuls/members?q=").answers(http.StatusOK)
		other.get("/o/tilleuls/members?q=delmas").answers(http.StatusOK).says("Delmas")
	})
}
