package org

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
)

// Features are the parts of the product that the platform's support opens to an
// organisation (ORG-6).
type Features struct {
	Administration bool // the administration space; off, members work on
}

// everything is what a new organisation has.
var everything = Features{Administration: true}

// facts is what the trail says of features.
func (f Features) facts() map[string]any { return map[string]any{"administration": f.Administration} }

// SetFeatures opens or closes parts of the product to an organisation; rev is the version
// that was read. It is the platform's, asks for a fresh proof, and stands in the
// organisation's trail (ORG-7). Errors: ErrStale.
func (o Orgs) SetFeatures(ctx context.Context, by access.Actor, id ident.Org, rev int64, f Features) (Org, error) {
	act := action.Act{
		Verb: "org.features", Orgs: []ident.Org{id}, Object: id.String(), StepUp: true,
		Needs: []access.Need{access.OfPlatform(access.PlatformSupport)},
	}
	return action.Run(ctx, o.Run, by, act, func(tx *action.Tx) (Org, error) {
		tx.By.Support = true // only they come this far
		old, err := Get(ctx, tx.Tx, id)
		if err != nil {
			return Org{}, err
		}
		if old.Rev != rev {
			return Org{}, ErrStale
		}
		v := old
		if v.Features = f; v == old {
			v, err = withAllCounts(ctx, tx.Tx, v)
			if err == nil {
				err = action.Nothing
			}
			return v, err
		}
		v.Rev++
		tx.Record(event(v, act.Verb, old.Features.facts(), v.Features.facts()))
		if err := writeOrg(ctx, tx.Tx, v); err != nil {
			return Org{}, err
		}
		return withAllCounts(ctx, tx.Tx, v)
	})
}
