package api

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"habilis/internal/fault"
	"habilis/internal/text"
	"habilis/internal/token"
)

// Faults of this door.
var (
	errMalformed   = fault.New(fault.Malformed, "api.malformed")
	errTooLarge    = fault.New(fault.TooLarge, "api.too_large")
	errNoVersion   = fault.New(fault.NoVersion, "api.version_missing")
	errStale       = fault.New(fault.Stale, "api.version_stale")
	errCrossSite   = fault.New(fault.Forbidden, "api.cross_site")
	errToken       = fault.New(fault.Unauthenticated, "api.token_invalid")
	errNoRoute     = fault.New(fault.NotFound, "api.route_unknown")
	errMethod      = fault.New(fault.Malformed, "api.method_not_allowed")
	errMediaType   = fault.New(fault.Malformed, "api.media_type")
	errLimited     = fault.New(fault.Limited, "limit.exceeded")
	errTakenAway   = fault.New(fault.Unavailable, "store.busy")
	errUnknownCode = "api.invalid"
)

// statusOf is the status of each kind of fault (rest.md, "Conventions").
var statusOf = map[fault.Kind]int{
	fault.Internal:        http.StatusInternalServerError,
	fault.Malformed:       http.StatusBadRequest,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.Gone:            http.StatusGone,
	fault.Stale:           http.StatusPreconditionFailed,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.Misdirected:     http.StatusMisdirectedRequest,
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.NoVersion:       http.StatusPreconditionRequired,
	fault.Limited:         http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
	fault.Full:            http.StatusInsufficientStorage,
}

// finer are the refusals whose status HTTP knows better than the kinds do.
var finer = map[string]int{
	errMediaType.Code: http.StatusUnsupportedMediaType,
	errMethod.Code:    http.StatusMethodNotAllowed,
}

func status(f *fault.Error) int {
	if s, ok := finer[f.Code]; ok {
		return s
	}
	return statusOf[f.Kind]
}

// Problem is a refusal, as RFC 9457 writes it.
type Problem struct { //nolint:errname // it is a document first: its name stands in the description
	Type      string         `json:"type" doc:"Address of the explanation of this code." format:"uri-reference"`
	Title     string         `json:"title" doc:"What sort of refusal it is, in the caller's language."`
	Status    int            `json:"status" doc:"The HTTP status, again." example:"409"`
	Code      string         `json:"code" doc:"Which rule refused: stable, for programs." example:"member.last_administrator"`
	Detail    string         `json:"detail" doc:"What to do, in the caller's language: for people."`
	Errors    []FieldProblem `json:"errors,omitempty" doc:"What must be corrected, when the request itself is at fault."`
	RequestID string         `json:"request_id" doc:"The number of the request, in the log and in the trail."`
}

// FieldProblem is one thing to correct.
type FieldProblem struct {
	Location string `json:"location" doc:"Where it is: body.emails[3], query.sort, header.If-Match." example:"body.emails[3]"`
	Code     string `json:"code" doc:"Which rule refused it." example:"account.email_malformed"`
	Detail   string `json:"detail" doc:"What to do, in the caller's language."`
}

// Error is the code: with GetStatus and ContentType it makes a Problem an error of
// the huma library.
func (p *Problem) Error() string { return p.Code }

// GetStatus is the status of the answer.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType names the format of RFC 9457.
func (p *Problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

// newProblem words the fault f for a reader of language lang. It never says err's
// own text (rules.md 15).
func newProblem(f *fault.Error, lang text.Lang, base, request string) *Problem {
	t := text.For(lang)
	p := &Problem{
		Type: base + pathDocs + "#" + f.Code, Status: status(f), Code: f.Code, RequestID: request,
		Title: t.T("api.title." + strconv.Itoa(status(f))),
	}
	p.Detail = p.Title
	if t.Has("fault." + f.Code) {
		p.Detail = sentence(t, f.Code, f.Args, f.Wait, request)
	}
	for _, field := range f.Fields {
		p.Errors = append(p.Errors, FieldProblem{
			Location: field.Location, Code: field.Code, Detail: sentence(t, field.Code, field.Args, f.Wait, request),
		})
	}
	return p
}

// sentence is the text of a code. The number of the request and the wait are known
// to every sentence that wants them.
func sentence(t *text.Printer, code string, args map[string]any, wait time.Duration, request string) string {
	all := map[string]any{"Ref": request, "Wait": wait}
	maps.Copy(all, args)
	key := "fault." + code
	if !t.Has(key) {
		key = "fault." + errUnknownCode
	}
	return t.TMap(key, all)
}

// headersOf are the headers that a refusal carries.
func headersOf(f *fault.Error, h http.Header) {
	switch f.Kind {
	case fault.Limited, fault.Unavailable:
		h.Set("Retry-After", strconv.Itoa(seconds(f.Wait)))
	case fault.Unauthenticated:
		challenge := `Bearer realm="habilis"`
		switch f.Code { // RFC 6750, 3
		case errToken.Code:
			challenge += `, error="invalid_token"`
		case token.ErrExpired.Code:
			challenge += `, error="invalid_token", error_description="The access token expired"`
		}
		h.Set("WWW-Authenticate", challenge)
	default:
	}
}

// seconds rounds a wait up: whoever comes back earlier is refused again.
func seconds(wait time.Duration) int { return max(1, int(math.Ceil(wait.Seconds()))) }

// writeProblem answers with p.
func writeProblem(w http.ResponseWriter, p *Problem) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	_, err = w.Write(append(b, '\n'))
	return err
}

// refusal gives the fault of err, its fields placed where the caller wrote them: a
// noun knows "emails[3]", the caller sent body.emails[3].
func refusal(err error, part string) *fault.Error {
	f := fault.Of(err)
	if len(f.Fields) == 0 {
		return f
	}
	c := *f
	c.Fields = make([]fault.Field, len(f.Fields))
	for i, field := range f.Fields {
		c.Fields[i] = field
		if !placed(field.Location) {
			c.Fields[i].Location = part + "." + field.Location
		}
	}
	return &c
}

// placed reports whether a location says already which part of the request it means.
func placed(location string) bool {
	for _, part := range []string{"body", "query", "header", "path"} {
		rest, ok := strings.CutPrefix(location, part)
		if ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return true
		}
	}
	return false
}

// bodyField is the refusal of one field of the body.
func bodyField(name, code string) error { return fault.OnField("body."+name, code) }

// renamed gives err with the places of its fields as the caller knows them.
func renamed(err error, name func(string) string) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || len(f.Fields) == 0 {
		return err
	}
	c := *f
	c.Fields = make([]fault.Field, len(f.Fields))
	for i, field := range f.Fields {
		c.Fields[i] = field
		c.Fields[i].Location = name(field.Location)
	}
	return &c
}
