package client

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Problem is a refusal (RFC 9457).
type Problem struct { //nolint:errname // the name that the description gives the document
	Type      string         `json:"type"`             // address of the explanation of the code
	Title     string         `json:"title"`            // what sort of refusal it is
	Status    int            `json:"status"`           // of HTTP
	Code      string         `json:"code"`             // which rule refused: stable, for programs
	Detail    string         `json:"detail"`           // what to do: for people
	Errors    []FieldProblem `json:"errors,omitempty"` // what must be corrected, when the request itself is at fault
	RequestID string         `json:"request_id"`       // number of the request, in the server's log and trail

	RetryAfter time.Duration `json:"-"` // when to come back; zero when the server did not say
}

// FieldProblem is one thing to correct.
type FieldProblem struct {
	Location string `json:"location"` // body.emails[3], query.sort
	Code     string `json:"code"`
	Detail   string `json:"detail"`
}

// Error says the code and what to do.
func (p *Problem) Error() string {
	if p.Detail == "" {
		return "habilis: " + p.Code
	}
	return "habilis: " + p.Code + ": " + p.Detail
}

// CodeNoProblem is the code of an answer that is no problem document: it comes from
// something between the client and the server.
const CodeNoProblem = "client.no_problem_document"

// CodeOf tells which rule refused; empty for an error that is no refusal.
func CodeOf(err error) string {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p.Code
	}
	return ""
}

// maxProblem bounds a refusal, in bytes.
const maxProblem = 1 << 20

// problemOf reads a refusal and closes the answer.
func problemOf(answer *http.Response) *Problem {
	defer answer.Body.Close()
	p := &Problem{}
	b, err := io.ReadAll(io.LimitReader(answer.Body, maxProblem))
	if err != nil || json.Unmarshal(b, p) != nil || p.Code == "" {
		p = &Problem{Title: http.StatusText(answer.StatusCode), Code: CodeNoProblem}
	}
	p.Status = answer.StatusCode
	if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil && seconds > 0 {
		p.RetryAfter = time.Duration(seconds) * time.Second
	}
	return p
}
