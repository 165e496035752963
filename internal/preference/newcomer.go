package preference

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
)

// AtSettings begins the name of each field about the settings of a member who is to be made
// (MEM-1): "settings.calendar.view".
const AtSettings = "settings"

// Empty reports whether a change names nothing.
func (e Edit) Empty() bool {
	return e.Language.none() && e.Calendar.none() && e.WorkingHours.none() && e.Signature.none() && e.Session.none() &&
		len(e.Notifications) == 0 && len(e.Alerts) == 0
}

func (c Change[T]) none() bool { return c.To == nil && !c.Back }

// Foresee refuses what Give would refuse, but for alerts and sites of which it is not known yet
// whether the member will hold the right. Errors: fields to correct.
func Foresee(ctx context.Context, tx *store.Tx, in ident.Org, e Edit) error {
	if e.Empty() {
		return nil
	}
	g, err := groundIn(ctx, tx, in)
	if err != nil {
		return err
	}
	g.at = AtSettings + "."
	_, err = g.apply(Own{}, e)
	return err
}

// Give writes what a member who was just made, with their rights, has of their own, and tells it as
// the trail keeps it. It joins the caller's transaction. Errors: fields to correct.
func Give(ctx context.Context, tx *store.Tx, in ident.Org, of ident.Member, e Edit) (map[string]any, error) {
	if e.Empty() {
		return map[string]any{}, nil
	}
	sites, err := member.SitesOf(ctx, tx, in, []ident.Member{of})
	if err != nil {
		return nil, err
	}
	g, err := groundOf(ctx, tx, in, of, sites[of])
	if err != nil {
		return nil, err
	}
	g.at = AtSettings + "."
	own, err := g.apply(Own{}, e)
	if err != nil || own.same(Own{}) {
		return map[string]any{}, err
	}
	return own.facts(g.inherited, Own{}.Differs(own)), replace(ctx, tx, in, of, 1, own, "")
}
