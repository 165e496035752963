package authzen

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/decision"
	"habilis/internal/ident"
)

// Bounds of the door.
const (
	MaxItems     = 1000   // evaluations of one batch
	DefaultPage  = 100    // results of a search, when no limit is asked
	MaxPage      = 1000   // results of a search at most
	PerMinute    = 60_000 // requests of one caller (rules.md 4); the operator may set another
	PerMinuteBad = 120    // requests of one address that present no good token
)

// Caller is who asks: a token, for one organisation.
type Caller struct {
	Actor   access.Actor
	Org     ident.Org
	Key     string // names the caller for the pace and the log
	Trusted bool   // what it says of address and second factor is believed

	known decision.Caller // as the index knows it
}

// Question is one thing asked: what decisions are made of, and what the caller says of
// the three, as they wrote it: JSON objects, or nil.
type Question struct {
	decision.Question

	SubjectProperties, ActionProperties, ResourceProperties []byte
}

// Dimension is what a search looks for.
type Dimension uint8

// The dimensions.
const (
	Subjects Dimension = iota
	Resources
	Actions
)

// Page is which part of the results is wanted.
type Page struct {
	Token string // of the answer before; empty for the first page
	Limit int    // 1 to MaxPage
}

// Found is one page of results. Of actions only the name is told.
type Found struct {
	Entities []decision.Entity
	Actions  []string
	Next     string // token of the next page; empty when there is none
	Version  int64
}

// Decider answers. In production it is Index; the certification scenario, whose rules
// bear on what callers say, has its own in the tests.
type Decider interface {
	// Caller says who presents a bearer token. Errors: the faults of package access and
	// token for one who is not known, or may not ask. It is asked once the whole request
	// has arrived: Decide may answer by what made sure of the token.
	Caller(ctx context.Context, bearer string) (Caller, error)
	// Decide answers each question, appended to answers, all from one version; it completes
	// a caller whose organisation only the questions tell. Errors
	// are failures, never refusals: whoever gets one permits nothing.
	Decide(ctx context.Context, by *Caller, qs []Question, answers []decision.Explained) ([]decision.Explained, error)
	// Search finds what stands in the place of the one dimension that q leaves open.
	// Errors: secret.ErrCursor for a token that this search did not give.
	Search(ctx context.Context, by Caller, what Dimension, q Question, p Page) (Found, error)
}
