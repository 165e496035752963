package decision

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// load reads a whole organisation, in one transaction. Errors: access.ErrNotFound for one
// that does not exist.
func load(ctx context.Context, tx *store.Tx, org ident.Org) (*snapshot, error) {
	v, err := readVersion(ctx, tx, org)
	if err != nil {
		return nil, err
	}
	b := newBuilder(org)
	b.s.version = v.version
	r := &reader{ctx: ctx, tx: tx, b: b}
	r.everything()
	switch {
	case r.err != nil:
		return nil, r.err
	case !b.exists:
		return nil, access.ErrNotFound
	}
	return b.end(), nil
}

// everything reads the rows in the order that the builder asks for.
func (r *reader) everything() {
	r.organization()
	r.sites()
	r.b.endSites()
	r.members(nil)
	r.b.endMembers()
	r.places(nil)
	r.roles()
	r.held(nil)
	r.resources()
	r.b.endResources()
	r.grants(nil)
	r.delegations(nil)
	r.groups()
	r.shared(nil)
	r.records()
	r.b.endRecords()
	r.tokens()
}
