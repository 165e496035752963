package authzen

import (
	"context"
	"encoding/json"
	"errors"

	"habilis/internal/access"
	"habilis/internal/decision"
	"habilis/internal/fault"
	"habilis/internal/ident"
)

// Index is the Decider of production. Of what callers say of a person it reads one thing:
// which organisation they mean. Nothing of it adds a right (AUZ-13).
type Index struct{ Decisions *decision.Decisions }

var errForbidden = access.ErrForbidden.With("Permission", string(access.DecisionsAsk))

// Caller knows the tokens of organisations that may ask for decisions, and those of
// persons: what these may ask is known once it is known of which organisation.
func (x Index) Caller(ctx context.Context, bearer string) (Caller, error) {
	c, err := x.Decisions.Caller(ctx, bearer)
	if errors.Is(err, access.ErrNotFound) {
		err = access.ErrUnauthenticated // who made it has no place there any more: it is worth nothing
	}
	if err != nil {
		return Caller{}, err
	}
	by := Caller{Actor: c.Actor, Org: c.Org, known: c, Key: c.Actor.Token.String(), Trusted: c.Trusted}
	switch c.Actor.Kind {
	case access.OrgToken:
		if c.Held == nil || !c.Held.Has(access.DecisionsAsk, access.OrgScope(c.Org)) {
			return by, errForbidden
		}
	case access.Person:
	case access.Anonymous, access.PlatformToken, access.System:
		return by, errForbidden
	}
	return by, nil
}

// Decide answers of the organisation of the caller; of any other it knows nobody and
// nothing.
func (x Index) Decide(ctx context.Context, by *Caller, qs []Question, answers []decision.Explained) ([]decision.Explained, error) {
	plain := make([]decision.Question, len(qs))
	for i := range qs {
		plain[i] = qs[i].plain()
	}
	var err error
	if *by, err = x.bound(ctx, *by, &plain[0]); err != nil {
		return answers, err
	}
	return x.Decisions.DecideFor(ctx, by.known, plain, answers)
}

// Search looks through the organisation of the caller.
func (x Index) Search(ctx context.Context, by Caller, what Dimension, q Question, p Page) (Found, error) {
	plain := q.plain()
	by, err := x.bound(ctx, by, &plain)
	if err != nil {
		return Found{}, err
	}
	search := x.Decisions.Subjects
	switch what {
	case Subjects:
	case Resources:
		search = x.Decisions.Resources
	case Actions:
		search = x.Decisions.Actions
	}
	r, err := search(ctx, by.Org, plain, decision.Page{Token: p.Token, Limit: p.Limit})
	return Found{Entities: r.Entities, Actions: r.Actions, Next: r.Next, Version: r.Version}, err
}

// bound binds a person's own token to the organisation that the first question means.
func (x Index) bound(ctx context.Context, by Caller, q *decision.Question) (Caller, error) {
	if !by.Org.IsZero() {
		return by, nil
	}
	c, ok, err := x.Decisions.Bind(ctx, by.Actor, q.In)
	switch {
	case fault.Is(err, fault.NotFound):
		return by, errForbidden // whether there is such an organisation is not told (ENU-03)
	case err != nil:
		return by, err
	case !ok:
		return by, errField.With("Place", "subject.properties.organization")
	}
	by.Org, by.known = c.Org, c
	return by, nil
}

// plain is the question without what is said of a person, but for the organisation meant.
func (q *Question) plain() decision.Question {
	p := q.Question
	if q.SubjectProperties == nil {
		return p
	}
	var said map[string]json.RawMessage
	if err := json.Unmarshal(q.SubjectProperties, &said); err != nil {
		p.In = noOrg
	}
	if raw, stated := said["organization"]; stated {
		var org string
		if p.In = noOrg; json.Unmarshal(raw, &org) == nil && org != "" {
			p.In = ident.Org(org)
		}
	}
	return p
}

// noOrg is what is said to be an organisation and cannot be one.
const noOrg = ident.Org("-")
