package decision

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Bind says what a person's own token may ask of an organisation: the one stated, else
// the only one where they have a place. Its second value is false when there are several
// and none was stated. Errors: access.ErrForbidden without decisions.ask, what
// access.HeldBy says.
func (d *Decisions) Bind(ctx context.Context, by access.Actor, org ident.Org) (c Caller, ok bool, err error) {
	c = Caller{Actor: by, Org: org}
	err = d.run.DB.Read(ctx, func(tx *store.Tx) error {
		if c.Org.IsZero() {
			orgs, err := orgsOfAccount(ctx, tx, by.Account)
			if err != nil || len(orgs) > 1 {
				return err
			}
			if len(orgs) == 0 {
				return access.ErrForbidden.With("Permission", string(access.DecisionsAsk))
			}
			c.Org = orgs[0]
		}
		held, err := access.HeldBy(ctx, tx, by, c.Org)
		if err == nil && !held.Has(access.DecisionsAsk, access.OrgScope(c.Org)) {
			err = access.ErrForbidden.With("Permission", string(access.DecisionsAsk))
		}
		c.Held = &held
		return err
	})
	if err == nil && !c.Org.IsZero() {
		d.asked(by, c.Org)
	}
	return c, !c.Org.IsZero(), unavailable(err)
}
