package authzen

import (
	"context"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/go-chi/httprate"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/decision"
	"habilis/internal/fault"
	"habilis/internal/ident"
)

// The addresses.
const (
	PathMetadata    = "/.well-known/authzen-configuration"
	Prefix          = "/access/"
	PathEvaluation  = "/access/v1/evaluation"
	PathEvaluations = "/access/v1/evaluations"
	PathSubjects    = "/access/v1/search/subject"
	PathResources   = "/access/v1/search/resource"
	PathActions     = "/access/v1/search/action"
)

// Server is what the door needs.
type Server struct {
	Decider Decider
	Run     *action.Runner // records who was refused
	// Answered is told of each answer, for the log of decisions; it must not wait. Nil:
	// nobody is told.
	Answered func(by Caller, q *decision.Question, a *decision.Explained)
	// Address and RequestID are what the roof decided of a request (rules.md 10).
	Address   func(*http.Request) string
	RequestID func(*http.Request) string
	BaseURL   string // without a slash at its end
	PerMinute int    // requests of one caller; PerMinute when zero
	Log       *slog.Logger

	known, strange *pace
}

// Mount puts the routes on the mux of the roof.
func (s *Server) Mount(mux *http.ServeMux) {
	most := s.PerMinute
	if most == 0 {
		most = PerMinute
	}
	s.known, s.strange = newPace(most), newPace(PerMinuteBad)
	mux.HandleFunc("GET "+PathMetadata, s.metadata)
	for path, answer := range map[string]func(*call) error{
		PathEvaluation: (*call).evaluation, PathEvaluations: (*call).evaluations,
		PathSubjects: searchFor(Subjects), PathResources: searchFor(Resources), PathActions: searchFor(Actions),
	} {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, path, answer) })
	}
	mux.HandleFunc(Prefix, s.lost)
	mux.HandleFunc(PathMetadata, s.lost)
}

// call is one request. Its memory is used again.
type call struct {
	*Server

	w    http.ResponseWriter
	r    *http.Request
	path string
	by   Caller

	body      []byte
	reader    reader
	request   request
	questions []Question
	answers   []decision.Explained
	out       []byte
}

var calls = sync.Pool{New: func() any { return new(call) }}

// Memory that one request needed and few others will is not kept.
const maxKept = 64 << 10

func (c *call) free() {
	c.Server, c.w, c.r, c.by = nil, nil, nil, Caller{}
	clear(c.questions)
	clear(c.answers)
	clear(c.request.items)
	c.questions, c.answers, c.request.items = c.questions[:0], c.answers[:0], c.request.items[:0]
	if cap(c.body) <= maxKept && cap(c.out) <= maxKept {
		calls.Put(c)
	}
}

// serve answers one operation.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, path string, answer func(*call) error) {
	c, _ := calls.Get().(*call)
	defer c.free()
	c.Server, c.w, c.r, c.path, c.out = s, w, r, path, c.out[:0]
	s.echo(w, r)
	err := c.admit()
	if err == nil {
		err = answer(c)
	}
	if err != nil {
		c.refuse(err)
		return
	}
	h := w.Header()
	h["Content-Type"] = jsonType
	h["Content-Length"] = []string{strconv.Itoa(len(c.out))}
	_, _ = w.Write(c.out) // a client that left in the middle has nobody to tell
}

// jsonType is shared by all answers: headers are replaced, never added to.
var jsonType = []string{"application/json"}

// maxEcho bounds, in characters, the X-Request-ID that is echoed.
const maxEcho = 200

// echo gives the caller's X-Request-ID back, when it is printable and short. The front's
// stays otherwise.
func (*Server) echo(w http.ResponseWriter, r *http.Request) {
	sent := r.Header["X-Request-Id"]
	if len(sent) != 1 || sent[0] == "" || len(sent[0]) > maxEcho {
		return
	}
	for i := range len(sent[0]) {
		if c := sent[0][i]; c < ' ' || c > '~' {
			return
		}
	}
	w.Header()["X-Request-Id"] = sent
}

// admit settles who asks, how often, and reads what they sent.
func (c *call) admit() error {
	unreadable, err := c.identify()
	if err != nil {
		return err
	}
	if wait := c.known.wait(c.by.Key); wait > 0 {
		return errLimited.After(wait)
	}
	if unreadable != nil {
		return unreadable
	}
	c.request.reset()
	switch err := c.reader.read(c.body, c.request.decode); {
	case err == errNames: //nolint:errorlint // our own value, never wrapped
		return errTooLarge
	case err != nil:
		return errMalformed
	}
	return nil
}

// identify finds the caller, once the whole request has arrived: what makes sure of the
// token then makes sure of the answer. Whoever presents no token is not read at all, and
// whoever presents one that is worth nothing is counted by address. What cannot be read of
// the body is told to those who may ask.
func (c *call) identify() (unreadable, err error) {
	header := c.r.Header["Authorization"]
	var bearer string
	if len(header) == 1 {
		if scheme, presented, found := strings.Cut(header[0], " "); found && strings.EqualFold(scheme, "Bearer") {
			bearer = presented
		}
	}
	err = access.ErrUnauthenticated
	switch {
	case bearer != "":
		unreadable = c.readBody()
		c.by, err = c.Decider.Caller(c.r.Context(), bearer)
	case len(header) > 0:
		err = errToken
	}
	if err == nil {
		return unreadable, nil
	}
	if k := fault.Of(err).Kind; k == fault.Unauthenticated || k == fault.Forbidden || k == fault.NotFound {
		err = c.strangers(err)
	}
	return nil, err
}

// strangers refuses who may not ask: recorded, and counted by address.
func (c *call) strangers(err error) error {
	address := c.Address(c.r)
	if wait := c.strange.wait(httprate.CanonicalizeIP(address)); wait > 0 {
		return errLimited.After(wait)
	}
	by := c.by.Actor
	if by.Kind == "" {
		by.Kind = access.Anonymous
	}
	by.Address, by.Request, by.Via = address, c.RequestID(c.r), "api"
	act := action.Act{Verb: verb, Object: c.path}
	if !c.by.Org.IsZero() {
		act.Orgs = []ident.Org{c.by.Org}
	}
	if e := c.Run.RecordRefusal(context.WithoutCancel(c.r.Context()), by, act, fault.Of(err).Code); e != nil {
		c.Log.Error("authzen: recording a refusal", "request", by.Request, "err", e)
	}
	return err
}

// verb is the act in the trail of who was refused at this door.
const verb = "decision.ask"

// readBody reads the whole body, of the one type that the specification knows. It says
// 400 for any other (certification scenario, 2.4.3).
func (c *call) readBody() error {
	if !isJSON(c.r.Header) {
		return errMediaType
	}
	if c.r.ContentLength > MaxBody {
		return errTooLarge
	}
	c.body = c.body[:0]
	if n := int(c.r.ContentLength) + 1; n > cap(c.body) {
		c.body = make([]byte, 0, n)
	}
	for {
		if len(c.body) == cap(c.body) {
			c.body = append(c.body, 0)[:len(c.body)]
		}
		n, err := c.r.Body.Read(c.body[len(c.body):cap(c.body)])
		c.body = c.body[:len(c.body)+n]
		switch {
		case len(c.body) > MaxBody:
			return errTooLarge
		case err == io.EOF:
			return nil
		case err != nil:
			return errMalformed.Because(err)
		}
	}
}

func isJSON(h http.Header) bool {
	sent := h["Content-Type"]
	if len(sent) != 1 || h.Get("Content-Encoding") != "" {
		return false
	}
	if sent[0] == "application/json" {
		return true
	}
	kind, params, err := mime.ParseMediaType(sent[0])
	charset := params["charset"]
	return err == nil && kind == "application/json" && (charset == "" || strings.EqualFold(charset, "utf-8"))
}
