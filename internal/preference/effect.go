package preference

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// PreviewDefaults says what SetDefaults would do and whom it touches; it refuses what SetDefaults
// would refuse, but for the fresh proof.
func (p Preferences) PreviewDefaults(ctx context.Context, by access.Actor, org ident.Org, rev int64, to setting.Personal,
) (DefaultsEffect, error) {
	act := action.Act{
		Verb: "settings.defaults", Orgs: []ident.Org{org}, Object: org.String(),
		Needs: []access.Need{access.At(access.SettingsEdit, access.OrgScope(org))},
	}
	return action.View(ctx, p.Run, by, act, func(tx *store.Tx) (DefaultsEffect, error) {
		next, old, err := setting.RehearseDefaults(ctx, tx, org, rev, to)
		if err != nil {
			return DefaultsEffect{}, err
		}
		held, err := access.HeldBy(ctx, tx, by, org)
		if err != nil {
			return DefaultsEffect{}, err
		}
		return DefaultsEffect{Before: old, After: next}.of(ctx, tx, held)
	})
}

// of fills the effect with the members of an organisation, named to whoever may see them all.
func (e DefaultsEffect) of(ctx context.Context, tx *store.Tx, held access.Held) (DefaultsEffect, error) {
	own, err := everybodysOwn(ctx, tx, held.Org)
	if err != nil {
		return e, err
	}
	all, err := everybody(ctx, tx, held.Org)
	if err != nil {
		return e, err
	}
	names := held.Has(access.MembersRead, access.OrgScope(held.Org))
	for _, part := range e.Before.Differs(e.After.Personal) {
		line := PartEffect{Part: part}
		var keep, touched []ident.Member // the first of them
		for _, of := range all {
			if own[of].keeps(part, e.Before.Personal, e.After.Personal) {
				keep = first(keep, of, &line.Keeps)
			} else {
				touched = first(touched, of, &line.Changes)
			}
		}
		if names {
			if line.Names, line.Touched, err = named(ctx, tx, held.Org, keep, touched); err != nil {
				return e, err
			}
		}
		e.Parts = append(e.Parts, line)
	}
	return e, nil
}

// first counts somebody, and lists them among the first MaxNamed.
func first(list []ident.Member, of ident.Member, n *int64) []ident.Member {
	*n++
	if len(list) < MaxNamed {
		list = append(list, of)
	}
	return list
}

// keeps reports whether the change of a part changes nothing for whoever has this, because it is
// their own: of the alerts, each that changes.
func (o Own) keeps(part setting.Part, was, is setting.Personal) bool {
	if part != setting.PartNotifications {
		return o.Has(part)
	}
	return !slices.ContainsFunc(setting.Alerts, func(a setting.Alert) bool {
		_, has := o.Notifications[a]
		return was.Notifications[a] != is.Notifications[a] && !has
	})
}

// named names two lists of members, in their order.
func named(ctx context.Context, tx *store.Tx, org ident.Org, keep, touched []ident.Member) (keeps, changes []string, err error) {
	found, err := member.Refs(ctx, tx, org, slices.Concat(keep, touched))
	if err != nil {
		return nil, nil, err
	}
	for _, of := range keep {
		keeps = append(keeps, found[of].Name())
	}
	for _, of := range touched {
		changes = append(changes, found[of].Name())
	}
	return keeps, changes, nil
}
