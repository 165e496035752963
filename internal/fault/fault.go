package fault

import (
	"errors"
	"maps"
	"time"
)

// Kind is the coarse class of a fault. Each door maps kinds to its protocol
// (rest.md, "Conventions").
type Kind uint8

// The kinds, with the HTTP status that the doors give them.
const (
	Internal        Kind = iota // 500: unexpected; its cause never reaches the person
	Malformed                   // 400: the request could not be read
	Unauthenticated             // 401: nobody is signed in, or the proof is not good
	Forbidden                   // 403: a right, a step-up or a feature is missing
	NotFound                    // 404: also for what belongs to another organisation
	Conflict                    // 409: a rule of the field refuses in the present state
	Gone                        // 410: spent, expired or withdrawn
	Stale                       // 412: the object changed since it was read
	TooLarge                    // 413: over a stated bound
	Misdirected                 // 421: a host that is not ours
	Invalid                     // 422: a field must be corrected
	NoVersion                   // 428: the request must say which version it changes
	Limited                     // 429: too many tries; Wait says for how long
	Unavailable                 // 503: the same request may work later
	Full                        // 507: no room to write
)

// Field is one field to correct: where it is, and which rule refused it.
type Field struct {
	Location string         // the name of the field as the caller wrote it: "emails[3]"
	Code     string         // stable, with its sentence under "fault.<code>"
	Args     map[string]any // values for the sentence: Min, Max, Name…
}

// Error is a failure that the caller can act on.
type Error struct {
	Kind   Kind
	Code   string
	Args   map[string]any // values for the sentence; never a secret
	Fields []Field        // what to correct, for Invalid
	Wait   time.Duration  // when to come back, for Limited and Unavailable
	Err    error          // the cause, for the log only
}

// Error gives the code and the cause: for logs, never for people.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Code + ": " + e.Err.Error()
	}
	return e.Code
}

// Unwrap gives the hidden cause.
func (e *Error) Unwrap() error { return e.Err }

// Is matches on the code, so that errors.Is(err, ErrLastAdministrator) works
// whatever arguments or cause the fault carries.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// With returns a copy of the fault that carries one more value for its sentence.
func (e *Error) With(name string, value any) *Error {
	c := *e
	c.Args = maps.Clone(e.Args)
	if c.Args == nil {
		c.Args = map[string]any{}
	}
	c.Args[name] = value
	return &c
}

// After returns a copy of the fault that says how long to wait.
func (e *Error) After(d time.Duration) *Error {
	c := *e
	c.Wait = d
	return &c
}

// Because returns a copy of the fault with its cause, for the log.
func (e *Error) Because(err error) *Error {
	c := *e
	c.Err = err
	return &c
}

// New declares a fault; packages keep theirs in a var block at the top.
func New(k Kind, code string) *Error { return &Error{Kind: k, Code: code} }

// Of returns the fault in err, or an Internal one that hides it.
func Of(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Kind: Internal, Code: "internal", Err: err}
}

// Is reports whether err carries a fault of kind k.
func Is(err error, k Kind) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Kind == k
}
