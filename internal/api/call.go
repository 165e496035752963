package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"

	"github.com/danielgtaylor/huma/v2"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/text"
)

// exchange is huma's context under a name that leaves its method Context free.
type exchange = huma.Context

// call is one request of one operation: huma's context, and what we settled.
type call struct {
	exchange

	door   *door
	w      http.ResponseWriter
	r      *http.Request
	op     *huma.Operation
	by     access.Actor
	cookie bool      // by comes from the browser's session
	lang   text.Lang // empty until it is needed
	wrote  bool
	file   []byte // the body of an operation that takes a file
	done   func() // gives back what the file took
}

// Caller is the part of every input that tells who asks: the actor is a parameter
// of handlers, never a value in a context.
type Caller struct {
	By   access.Actor `json:"-"`
	call *call
}

// Resolve is called by huma once the request is read.
func (c *Caller) Resolve(ctx huma.Context) []error {
	k, ok := ctx.(*call)
	if !ok {
		return []error{errors.New("api: a context that is not ours")}
	}
	c.By, c.call = k.by, k
	return nil
}

// SetStatus notes that the answer has begun.
func (c *call) SetStatus(code int) {
	c.wrote = true
	c.exchange.SetStatus(code)
}

// problem turns err into the document that the caller reads, sets the headers that
// go with it, and logs what the caller is not told.
func (c *call) problem(ctx context.Context, err error) *Problem {
	f := refusal(err, c.part())
	if f.Kind == fault.Internal {
		if c.r.Context().Err() != nil {
			f = errTakenAway // the client left: nobody reads this, and nothing is broken
		} else {
			c.door.Log.Error("api: failed", "request", c.door.RequestID(c.r), "operation", c.op.OperationID, "error", err)
		}
	}
	headersOf(f, c.w.Header())
	lang := c.language(ctx)
	c.w.Header().Set("Content-Language", string(lang))
	return newProblem(f, lang, c.door.BaseURL, c.door.RequestID(c.r))
}

// part is where a noun's field stands in the request.
func (c *call) part() string {
	if jsonBody(c.op) != nil {
		return "body"
	}
	return "query"
}

// refuse answers with a problem before the operation began.
func (c *call) refuse(ctx context.Context, err error) {
	c.wrote = true
	if e := writeProblem(c.w, c.problem(ctx, err)); e != nil {
		c.door.Log.Debug("api: answering", "request", c.door.RequestID(c.r), "error", e)
	}
}

// rescue answers when a handler panics.
func (c *call) rescue(ctx context.Context) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler { //nolint:errorlint // the very value, as net/http compares it
		panic(p)
	}
	err := fmt.Errorf("panic: %v\n%s", p, debug.Stack())
	if c.wrote {
		c.door.Log.Error("api: failed while answering", "request", c.door.RequestID(c.r), "operation", c.op.OperationID, "error", err)
		panic(http.ErrAbortHandler) // a half answer must not look whole
	}
	c.refuse(ctx, err)
}

// language is the caller's: the account's in a browser, whose header is not the
// person's choice; else the header's; else the account's of a personal token.
func (c *call) language(ctx context.Context) text.Lang {
	if c.lang != "" {
		return c.lang
	}
	header := c.r.Header.Get("Accept-Language")
	c.lang = text.Match("", header)
	if header == "" && c.by.Kind == access.Person {
		if me, err := c.door.Accounts.Me(ctx, c.by); err == nil {
			c.lang = text.Match(string(me.Language), "")
		}
	}
	return c.lang
}

// words prints in the caller's language.
func (c *call) words(ctx context.Context) *text.Printer { return text.For(c.language(ctx)) }

// noteUnknown puts into the trail that an authenticated caller sent fields which
// the operation does not have: it may be an attempt to set more than is offered
// (AUZ-03). Other mistakes of writing are no refusal of a right.
func (c *call) noteUnknown(fields []fault.Field) {
	if c.by.Kind == access.Anonymous {
		return
	}
	for _, f := range fields {
		if f.Code == "api.unknown_field" {
			c.note(f.Code)
			return
		}
	}
}

// verb is the act in the trail of what is refused before any act of a noun began.
const verb = "api.request"

// note records a refusal of the door. When it cannot, the refusal stands: nothing
// was done that would be unknown to the trail.
func (c *call) note(code string) {
	ctx := context.WithoutCancel(c.r.Context())
	act := action.Act{Verb: verb, Object: c.op.OperationID}
	if org, err := ident.ParseOrg(c.r.PathValue("org")); err == nil {
		act.Orgs = []ident.Org{org}
	}
	if err := c.door.Run.RecordRefusal(ctx, c.by, act, code); err != nil {
		c.door.Log.Error("api: recording a refusal", "request", c.door.RequestID(c.r), "code", code, "error", err)
	}
}
