package app

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"go4.org/netipx"

	"habilis/internal/api"
	"habilis/internal/fault"
	"habilis/internal/text"
)

// front is what every request goes through before it reaches a door.
type front struct {
	base    *url.URL
	dev     bool
	trusted *netipx.IPSet
	log     *slog.Logger
	metrics *metrics
	origin  *http.CrossOriginProtection
	doors   http.Handler
	served  atomic.Int64 // requests, for the memory that idleness gives back
}

// Faults of the front.
var (
	errHost    = fault.New(fault.Misdirected, "host.unknown")
	errOrigin  = fault.New(fault.Forbidden, "web.origin")
	errAddress = fault.New(fault.Malformed, "api.malformed")
	errPanic   = fault.New(fault.Internal, "internal")
)

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	rec := &recorder{ResponseWriter: w}
	v := about{id: newRequestID()}
	addr, readable := clientAddress(r, f.trusted)
	if readable {
		v.address = addr.String()
	}
	r = withAbout(r, v)
	defer func() { f.note(rec, r, began) }()
	defer f.rescue(rec, r)
	f.headers(rec.Header(), v.id)
	if err := f.admit(r, addr, readable); err != nil {
		f.refuse(rec, r, err)
		return
	}
	f.doors.ServeHTTP(rec, r)
}

// admit checks what holds for every page and route.
func (f *front) admit(r *http.Request, addr netip.Addr, readable bool) *fault.Error {
	switch {
	case !readable || !addr.IsValid():
		return errAddress
	case !f.ours(r) && !isProbe(r.URL.Path):
		return errHost
	case f.origin.Check(r) != nil:
		return errOrigin
	}
	return nil
}

// ours reports whether the request names our host: links and cookies are made
// for the one in the configuration (INV-05). In development every name of this
// machine will do.
func (f *front) ours(r *http.Request) bool {
	if strings.EqualFold(r.Host, f.base.Host) {
		return true
	}
	if !f.dev && !loopbackURL(f.base) {
		return false
	}
	u, err := url.Parse("http://" + r.Host)
	return err == nil && u.Host == r.Host && loopbackURL(u) && u.Port() == f.base.Port()
}

// isProbe: whoever watches the server asks by address, not by name.
func isProbe(path string) bool { return path == pathLive || path == pathReady }

// hsts lasts a year (rules.md 8).
const hsts = "max-age=31536000; includeSubDomains"

// headers are those of every answer (rules.md 8). The pages replace the policy by
// their own, and the static files say how long they keep.
func (f *front) headers(h http.Header, id string) {
	h.Set("X-Request-ID", id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", permissions)
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cache-Control", "no-store")
	if f.base.Scheme == "https" {
		h.Set("Strict-Transport-Security", hsts)
	}
}

// permissions gives no page any of the machine's devices.
const permissions = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), " +
	"payment=(), usb=(), screen-wake-lock=(), xr-spatial-tracking=(), browsing-topics=()"

// rescue turns a panic into an answer that tells nothing, and a line in the log
// that tells all.
func (f *front) rescue(w *recorder, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler { //nolint:errorlint // the very value, as net/http compares it
		panic(p)
	}
	f.log.Error("panic", "request", RequestID(r), "route", route(r), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	if w.status == 0 {
		f.refuse(w, r, errPanic)
	}
}

// note writes the line of the log and counts the request. It holds no path, no
// query, no body, no cookie: a path can be a secret link (rules.md 22).
func (f *front) note(w *recorder, r *http.Request, began time.Time) {
	took := time.Since(began)
	status := max(w.status, http.StatusOK)
	if w.status == 0 {
		status = http.StatusOK
	}
	level := slog.LevelInfo
	if isProbe(r.URL.Path) || strings.HasPrefix(r.URL.Path, "/static/") {
		level = slog.LevelDebug
	}
	f.log.Log(r.Context(), level, "request", "id", RequestID(r), "method", method(r), "route", route(r), "status", status,
		"bytes", w.bytes, "ms", float64(took.Microseconds())/1000, "from", Address(r)) //nolint:mnd // microseconds in a millisecond
	f.metrics.request(method(r), route(r), status, took)
	if !isProbe(r.URL.Path) {
		f.served.Add(1)
	}
}

// route is the pattern that answered: "/o/{org}/members", never what was asked.
func route(r *http.Request) string {
	_, pattern, found := strings.Cut(r.Pattern, " ")
	if !found {
		pattern = r.Pattern
	}
	if pattern == "" {
		return "none"
	}
	return pattern
}

// method keeps an invented method from becoming a label.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "other"
}

// refuse answers in the words of the reader, as a problem document to programs
// and as plain text to people.
func (f *front) refuse(w http.ResponseWriter, r *http.Request, why *fault.Error) {
	t := text.For(text.Match("", r.Header.Get("Accept-Language")))
	sentence := t.T("fault."+why.Code, "Ref", RequestID(r))
	status := frontStatus[why.Kind]
	if !strings.HasPrefix(r.URL.Path, "/api/") {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(status)
		fmt.Fprintln(w, sentence) //nolint:gosec // plain text, of the catalogue
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	b, err := json.Marshal(api.Problem{
		Type: f.base.String() + "/api/docs#" + why.Code, Title: http.StatusText(status), Status: status, Code: why.Code,
		Detail: sentence, RequestID: RequestID(r),
	})
	if err != nil {
		f.log.Error("problem document", "request", RequestID(r), "err", err)
	}
	_, _ = w.Write(b) // a client that left in the middle has nobody to tell
}

var frontStatus = map[fault.Kind]int{
	fault.Misdirected: http.StatusMisdirectedRequest, fault.Forbidden: http.StatusForbidden,
	fault.Malformed: http.StatusBadRequest, fault.Internal: http.StatusInternalServerError,
}

// recorder notes what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
