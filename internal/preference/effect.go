package preference

import (
	"context"
	"maps"
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
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
	all, err := countMembers(ctx, tx, held.Org)
	if err != nil {
		return e, err
	}
	for _, part := range e.Before.Differs(e.After.Personal) {
		keep := keepers(own, part, e.Before.Personal, e.After.Personal)
		line := PartEffect{Part: part, Changes: all - int64(len(keep)), Keeps: int64(len(keep))}
		if held.Has(access.MembersRead, access.OrgScope(held.Org)) {
			if line.Names, err = named(ctx, tx, held.Org, keep); err != nil {
				return e, err
			}
			if line.Touched, err = touched(ctx, tx, held.Org, keep); err != nil {
				return e, err
			}
		}
		e.Parts = append(e.Parts, line)
	}
	return e, nil
}

// keepers are those for whom the change of a part changes nothing, because they have their own: of
// the alerts, each that changes.
func keepers(own map[ident.Member]Own, part setting.Part, was, is setting.Personal) (list []ident.Member) {
	for of, o := range own {
		keeps := o.Has(part)
		if part == setting.PartNotifications {
			keeps = !slices.ContainsFunc(setting.Alerts, func(a setting.Alert) bool {
				_, has := o.Notifications[a]
				return was.Notifications[a] != is.Notifications[a] && !has
			})
		}
		if keeps {
			list = append(list, of)
		}
	}
	return list
}

// touched names the first of those for whom a part changes, by name.
func touched(ctx context.Context, tx *store.Tx, org ident.Org, keep []ident.Member) ([]string, error) {
	ids, err := firstMembers(ctx, tx, org, len(keep)+MaxNamed)
	if err != nil {
		return nil, err
	}
	ids = slices.DeleteFunc(ids, func(m ident.Member) bool { return slices.Contains(keep, m) })
	return named(ctx, tx, org, ids[:min(len(ids), MaxNamed)])
}

// named names the first of some members, by name.
func named(ctx context.Context, tx *store.Tx, org ident.Org, ids []ident.Member) ([]string, error) {
	found, err := member.Refs(ctx, tx, org, ids)
	if err != nil {
		return nil, err
	}
	list := slices.SortedFunc(maps.Values(found), func(a, b member.Member) int {
		return strings.Compare(text.SortKey(a.FamilyName+" "+a.GivenName), text.SortKey(b.FamilyName+" "+b.GivenName))
	})
	var names []string
	for i := range list[:min(len(list), MaxNamed)] {
		names = append(names, list[i].Name())
	}
	return names, nil
}
