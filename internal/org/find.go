package org

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Find gives the ID of the organisation that a URL names by its slug, for its
// members and for the platform; what they may do with it is asked afterwards.
// Errors: access.ErrNotFound, also for a stranger; access.ErrSuspended for its
// members.
func (o Orgs) Find(ctx context.Context, by access.Actor, slug string) (ident.Org, error) {
	named := make([]ident.Org, 1) // known once Resolve has found it: a refusal then stands in its trail
	act := action.Act{Verb: "org.enter", Orgs: named}
	act.Resolve = func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		if by.Kind == access.Anonymous {
			return nil, access.ErrUnauthenticated
		}
		found, err := BySlug(ctx, tx, slug)
		if err != nil {
			return nil, err
		}
		named[0] = found.ID
		platform, err := isPlatform(ctx, tx, by)
		if platform {
			return []access.Need{access.OfPlatform(access.PlatformSupport)}, err
		}
		return []access.Need{access.MemberOf(found.ID)}, err
	}
	return action.View(ctx, o.Run, by, act, func(*store.Tx) (ident.Org, error) { return named[0], nil })
}
