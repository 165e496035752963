package api

import (
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/go-chi/httprate"

	"habilis/internal/fault"
	"habilis/internal/text"
)

// Limits in memory, one count a node (rules.md 4).
const (
	PerMinute          = 600 // requests of one token or session
	PerMinuteAnonymous = 120 // requests of one address that nobody signs
	PreviewsPerMinute  = 60  // of one token or session: they tell which addresses are known
	limitWindow        = time.Minute
)

// door is the server being built: the routes, and what every request meets.
type door struct {
	*Server

	mux       *http.ServeMux
	api       huma.API
	known     *httprate.RateLimiter
	anonymous *httprate.RateLimiter
	previews  *httprate.RateLimiter
}

func newDoor(s *Server) *door {
	learn()
	d := &door{Server: s, mux: http.NewServeMux(), known: newLimiter(PerMinute), anonymous: newLimiter(PerMinuteAnonymous)}
	d.previews = httprate.NewRateLimiter(PreviewsPerMinute, limitWindow)
	d.api = huma.NewAPI(d.config(), d)
	return d
}

func newLimiter(requests int) *httprate.RateLimiter {
	return httprate.NewRateLimiter(requests, limitWindow, httprate.WithResponseHeaders(httprate.ResponseHeaders{
		Limit: "X-RateLimit-Limit", Remaining: "X-RateLimit-Remaining", Reset: "X-RateLimit-Reset",
	}))
}

// Handle puts one operation behind what every request meets: it makes door an
// adapter of huma.
func (d *door) Handle(op *huma.Operation, handler func(huma.Context)) {
	d.mux.HandleFunc(op.Method+" "+Prefix+op.Path, func(w http.ResponseWriter, r *http.Request) {
		c := &call{exchange: humago.NewContext(op, r, w), door: d, w: w, r: r, op: op}
		defer c.rescue(r.Context())
		defer c.release()
		if err := c.admit(); err != nil {
			c.refuse(r.Context(), err)
			return
		}
		handler(c)
	})
}

// ServeHTTP answers a request under /api/. What no route answers is a problem
// document too.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	guard(w.Header())
	if !canonical(r) {
		d.lost(w, r, errNoRoute)
		return
	}
	h, pattern := d.mux.Handler(r)
	if pattern != "" {
		d.mux.ServeHTTP(w, r)
		return
	}
	f := errNoRoute
	if methods := allowed(h, r); methods != "" {
		w.Header().Set("Allow", methods)
		f = errMethod.With("Methods", methods)
	}
	d.lost(w, r, f)
}

// guard sets the headers of every answer of this door (rules.md 8): nothing here is
// a page, nothing may be kept, nobody else may read it.
func guard(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	h.Set("X-Content-Type-Options", "nosniff")
}

// canonical reports whether the path is written in the one way that routes are: no
// doubled slash, no dot segment, no slash at the end, nothing escaped (WEB-04) but the name of a record.
func canonical(r *http.Request) bool {
	p := unnamed(r.URL.EscapedPath())
	return path.Clean(p) == p && !strings.ContainsAny(p, "%\\")
}

// allowed asks the handler that the mux has for a path without this method which
// ones it has.
func allowed(h http.Handler, r *http.Request) string {
	a := answerless{header: http.Header{}}
	h.ServeHTTP(a, r)
	return a.header.Get("Allow")
}

// answerless takes an answer and keeps its headers.
type answerless struct{ header http.Header }

func (a answerless) Header() http.Header         { return a.header }
func (a answerless) Write(b []byte) (int, error) { return len(b), nil }
func (a answerless) WriteHeader(int)             {}

// lost answers what no operation answers.
func (d *door) lost(w http.ResponseWriter, r *http.Request, f *fault.Error) {
	lang := text.Match("", r.Header.Get("Accept-Language"))
	w.Header().Set("Content-Language", string(lang))
	if err := writeProblem(w, newProblem(f, lang, d.BaseURL, d.RequestID(r))); err != nil {
		d.Log.Debug("api: answering", "request", d.RequestID(r), "error", err)
	}
}
