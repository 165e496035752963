package access

import (
	"context"
	"slices"
	"strings"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// working are the administration permissions that are no part of the administration space:
// what connected applications ask and tell while members work (ORG-6).
var working = []Permission{DecisionsAsk, WorkitemsEdit}

// within is what remains of h at a place: where the administration space is closed, nothing
// of it.
func (h Held) within(at place) Held {
	if at.open || h.at == nil {
		return h
	}
	for _, p := range Administration {
		if slices.Contains(working, p) || len(h.at[p]) == 0 {
			continue
		}
		delete(h.at, p)
		h.closed = true
	}
	return h
}

// Opened checks that an organisation is not suspended and that its administration space is
// open. Errors: ErrSuspended, ErrFeatureOff.
func Opened(ctx context.Context, tx *store.Tx, org ident.Org) error {
	at, ok, err := orgPlace(ctx, tx, org)
	switch {
	case err != nil:
		return err
	case !ok || at.suspended:
		return ErrSuspended
	case !at.open:
		return ErrFeatureOff
	}
	return nil
}

// Closed reports whether somebody would administer, were the space open.
func (h Held) Closed() bool { return h.closed }

// Closes reports whether a refusal may mean that the administration space is closed: what asks
// for a proof or another network, and a suspended organisation, mean themselves.
func Closes(err error) bool {
	f := fault.Of(err)
	if f.Kind != fault.Forbidden && f.Kind != fault.NotFound {
		return false
	}
	return f.Code != ErrStepUp.Code && f.Code != ErrSuspended.Code && !strings.HasPrefix(f.Code, "login.")
}

// Told is what a refusal in org is to by: whoever would administer, were the space open, is
// told that it is not (ORG-6); others learn what they always do. err comes back as it is
// when it is no such refusal.
func Told(ctx context.Context, tx *store.Tx, by Actor, org ident.Org, err error) error {
	if !Closes(err) {
		return err
	}
	h, e := HeldBy(ctx, tx, by, org)
	if e == nil && h.closed {
		return ErrFeatureOff
	}
	return err
}
