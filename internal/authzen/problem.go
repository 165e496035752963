package authzen

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"net/http"
	"strconv"
	"strings"

	"habilis/internal/fault"
	"habilis/internal/text"
	"habilis/internal/token"
)

// codeField is the code of a field that is missing, or is not what it must be.
const codeField = "authzen.field"

// Faults of this door. The specification knows 400 for whatever cannot be read.
var (
	errMalformed = fault.New(fault.Malformed, "api.malformed")
	errMediaType = fault.New(fault.Malformed, "authzen.media_type")
	errField     = fault.New(fault.Malformed, codeField)
	errItems     = fault.New(fault.TooLarge, "authzen.items")
	errTooLarge  = fault.New(fault.TooLarge, "api.too_large")
	errToken     = fault.New(fault.Unauthenticated, "api.token_invalid")
	errLimited   = fault.New(fault.Limited, "limit.exceeded")
	errNoRoute   = fault.New(fault.NotFound, "api.route_unknown")
	errMethod    = fault.New(fault.Malformed, "api.method_not_allowed")
)

// errAnswers is a Decider that left a question without answer.
var errAnswers = errors.New("authzen: questions without answer")

var statusOf = map[fault.Kind]int{
	fault.Internal: http.StatusServiceUnavailable, fault.Unavailable: http.StatusServiceUnavailable,
	fault.Full:      http.StatusServiceUnavailable,
	fault.Malformed: http.StatusBadRequest, fault.Invalid: http.StatusBadRequest, fault.TooLarge: http.StatusRequestEntityTooLarge,
	fault.Unauthenticated: http.StatusUnauthorized, fault.Forbidden: http.StatusForbidden, fault.NotFound: http.StatusForbidden,
	fault.Limited: http.StatusTooManyRequests,
}

// problem is a refusal as RFC 9457 writes it. What could not be answered says false as
// well: whoever reads no more than that permits nothing (AUZ-14).
type problem struct {
	Decision  *bool  `json:"decision,omitempty"`
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Code      string `json:"code"`
	Detail    string `json:"detail"`
	RequestID string `json:"request_id"`
}

// refuse answers with a problem, and logs what the caller is not told.
func (c *call) refuse(err error) {
	f := fault.Of(err)
	status, known := statusOf[f.Kind]
	if !known {
		status = http.StatusServiceUnavailable
	}
	if status == http.StatusServiceUnavailable && c.r.Context().Err() == nil {
		c.Log.Error("authzen: no answer", "request", c.RequestID(c.r), "route", c.path, "err", err)
	}
	if status == http.StatusRequestEntityTooLarge {
		c.w.Header().Set("Connection", "close")
	}
	c.problem(c.w, c.r, f, status, strings.HasPrefix(c.path, PathEvaluation))
}

func (s *Server) problem(w http.ResponseWriter, r *http.Request, f *fault.Error, status int, decides bool) {
	lang := text.Match("", r.Header.Get("Accept-Language"))
	t := text.For(lang)
	p := problem{
		Type: s.BaseURL + "/api/docs#" + f.Code, Title: t.T("api.title." + strconv.Itoa(status)), Status: status, Code: f.Code,
		RequestID: s.RequestID(r),
	}
	args := map[string]any{"Ref": p.RequestID, "Wait": f.Wait}
	maps.Copy(args, f.Args)
	p.Detail = p.Title
	if t.Has("fault." + f.Code) {
		p.Detail = t.TMap("fault."+f.Code, args)
	}
	if decides && status == http.StatusServiceUnavailable {
		p.Decision = new(bool)
	}
	headers(w.Header(), f, status)
	w.Header().Set("Content-Language", string(lang))
	b, err := json.Marshal(p)
	if err != nil {
		s.Log.Error("authzen: problem document", "request", p.RequestID, "err", err)
	}
	w.WriteHeader(status)
	_, _ = w.Write(b) // a client that left in the middle has nobody to tell
}

// headers are those that a refusal carries (RFC 6750, 3).
func headers(h http.Header, f *fault.Error, status int) {
	h.Set("Content-Type", "application/problem+json")
	switch status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		h.Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(f.Wait.Seconds())))))
	case http.StatusUnauthorized:
		challenge := `Bearer realm="habilis"`
		switch f.Code {
		case errToken.Code:
			challenge += `, error="invalid_token"`
		case token.ErrExpired.Code:
			challenge += `, error="invalid_token", error_description="The access token expired"`
		}
		h.Set("WWW-Authenticate", challenge)
	}
}

// lost answers what no operation answers.
func (s *Server) lost(w http.ResponseWriter, r *http.Request) {
	s.echo(w, r)
	f, status, methods := errNoRoute, http.StatusNotFound, ""
	switch r.URL.Path {
	case PathMetadata:
		methods = http.MethodGet
	case PathEvaluation, PathEvaluations, PathSubjects, PathResources, PathActions:
		methods = http.MethodPost
	}
	if methods != "" {
		w.Header().Set("Allow", methods)
		f, status = errMethod.With("Methods", methods), http.StatusMethodNotAllowed
	}
	s.problem(w, r, f, status, false)
}

// metadata tells where the operations are (PDP metadata). It is public.
func (s *Server) metadata(w http.ResponseWriter, r *http.Request) {
	s.echo(w, r)
	b, err := json.Marshal(struct {
		Point       string `json:"policy_decision_point"`
		Evaluation  string `json:"access_evaluation_endpoint"`
		Evaluations string `json:"access_evaluations_endpoint"`
		Subjects    string `json:"search_subject_endpoint"`
		Resources   string `json:"search_resource_endpoint"`
		Actions     string `json:"search_action_endpoint"`
	}{
		s.BaseURL, s.BaseURL + PathEvaluation, s.BaseURL + PathEvaluations, s.BaseURL + PathSubjects, s.BaseURL + PathResources,
		s.BaseURL + PathActions,
	})
	if err != nil {
		s.Log.Error("authzen: metadata", "request", s.RequestID(r), "err", err)
	}
	w.Header()["Content-Type"] = jsonType
	_, _ = w.Write(b) // a client that left in the middle has nobody to tell
}
