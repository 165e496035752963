package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// route is what is written down of one operation; the rest comes from the types of
// its input and output.
type route struct {
	id      string // operationId
	method  string
	path    string
	tag     string
	summary string
	about   string
	status  int   // of success: 200 or 204 by default
	errors  []int // besides those of every operation
	public  bool  // for strangers: the steps before an account
	file    bool  // the body is the bytes of a file (takesFile)
}

// metaPublic marks an operation for strangers.
const metaPublic = "public"

func public(op *huma.Operation) bool {
	_, yes := op.Metadata[metaPublic]
	return yes
}

// add registers one operation.
func add[I, O any](d *door, r route, fn func(context.Context, *I) (*O, error)) {
	op := huma.Operation{
		OperationID: r.id, Method: r.method, Path: r.path, Tags: []string{r.tag}, Summary: r.summary, Description: r.about,
		DefaultStatus: r.status, Errors: r.refusals(), Metadata: map[string]any{},
		// The body was read and bounded before huma sees it.
		MaxBodyBytes: -1,
	}
	if r.public {
		op.Metadata[metaPublic] = true
		op.Security = []map[string][]string{{}}
	}
	if r.file {
		op.RequestBody = octets
	}
	huma.Register(d.api, op, fn)
}

// refusals are the statuses that an operation may answer, besides success.
func (r route) refusals() []int {
	list := []int{
		http.StatusBadRequest, http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusServiceUnavailable,
	}
	if !r.public {
		list = append(list, http.StatusUnauthorized)
	}
	switch r.method {
	case http.MethodPost:
		list = append(list, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	case http.MethodPut, http.MethodPatch:
		list = append(list, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType,
			http.StatusPreconditionFailed, http.StatusPreconditionRequired)
	}
	return append(list, r.errors...)
}

// reply is an answer with a document.
type reply[T any] struct {
	ETag     string `header:"ETag" doc:"Version of the object, for If-Match."` //nolint:tagliatelle // as RFC 9110 writes it
	Location string `header:"Location" doc:"Address of what was made."`
	Body     T
}

// madeReply is an answer with a document that has no version, of something that was made.
type madeReply[T any] struct {
	Location string `header:"Location" doc:"Address of what was made."`
	Body     T
}

// plainReply is an answer with a document that has no version.
type plainReply[T any] struct{ Body T }

// nothing is an answer without a document.
type nothing struct{}

func replied[T any](v T) *plainReply[T] { return &plainReply[T]{Body: v} }
