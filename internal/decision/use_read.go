package decision

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// factUses says from when uses are noted.
const factUses = "right_uses_noted"

// NoteUsesFrom says, once, that uses are noted from now on: what was used before is not known.
func NoteUsesFrom(ctx context.Context, db *store.DB) error {
	return db.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
		_, found, err := store.Fact(ctx, tx, factUses)
		if err != nil || found {
			return err
		}
		return store.SetFact(ctx, tx, factUses, tx.Now.UTC().Format(time.RFC3339))
	})
}

// usesSince is from when uses are known: from now, where nobody said that they are noted.
func usesSince(ctx context.Context, tx *store.Tx) (time.Time, error) {
	value, found, err := store.Fact(ctx, tx, factUses)
	if err != nil || !found {
		return tx.Now, err
	}
	since, err := time.Parse(time.RFC3339, value)
	if kept := tx.Now.Add(-UseKeep); err == nil && since.Before(kept) {
		since = kept
	}
	return since, err
}

// Used is what is known of the last uses of rights of some members.
type Used struct {
	Since time.Time // from when uses are noted: a right of which none is known may have been used before

	of map[ident.Member][]useRow
}

// usesAtOnce is how many members one statement asks about.
const usesAtOnce = 100

// LastUses reads when members last used each right, as far as it is known.
func LastUses(ctx context.Context, tx *store.Tx, org ident.Org, members []ident.Member) (Used, error) {
	u := Used{of: map[ident.Member][]useRow{}}
	var err error
	if u.Since, err = usesSince(ctx, tx); err != nil {
		return u, err
	}
	for part := range slices.Chunk(members, usesAtOnce) {
		list, err := usesOf(ctx, tx, org, part)
		if err != nil {
			return u, err
		}
		for _, row := range list {
			u.of[row.member] = append(u.of[row.member], row)
		}
	}
	return u, nil
}

// Last is the day on which a member last used anything; zero: none is known.
func (u Used) Last(m ident.Member) time.Time {
	return u.latest(m, func(useRow) bool { return true })
}

// Of is the day on which a member last used a right; zero: none is known. A role was used when
// one of its permissions was, where it holds; a level or a thing held, when anything was done with
// the thing; an access group, when any of them opened a record.
func (u Used) Of(m ident.Member, r Right) time.Time {
	switch r.Kind {
	case FactRole:
		return u.latest(m, func(row useRow) bool { return slices.Contains(r.Acts, row.act) && row.within(r.Scope) })
	case FactPermission:
		return u.latest(m, func(row useRow) bool { return row.act == r.Level && row.within(r.Scope) })
	case FactGrant, FactHolder:
		return u.latest(m, func(row useRow) bool { return row.typ == r.Resource.Type && row.on == r.Resource.ID })
	case FactDelegation:
		return u.latest(m, func(row useRow) bool { return row.typ == TypeIdentity && row.on == r.Resource.ID && row.act == r.Level })
	case FactGroup:
		return u.latest(m, func(row useRow) bool { return row.typ == usedGroup })
	case FactMembership:
		return u.Last(m)
	case FactSetting, FactSite:
	}
	return time.Time{}
}

// LastAt is the day on which a member last used anything of a site, as far as the notes say where it was:
// a permission there, one of these things; zero: none is known.
func (u Used) LastAt(m ident.Member, site ident.Site, things []string) time.Time {
	return u.latest(m, func(row useRow) bool {
		return row.typ == usedPermission && row.on == site.String() || row.typ != usedPermission && slices.Contains(things, row.on)
	})
}

// OfAt is Of, of a right that holds at a site, where the notes say that it was used there; zero: none is
// known. A thing is where it is.
func (u Used) OfAt(m ident.Member, r Right, site ident.Site) time.Time {
	if r.Kind != FactRole && r.Kind != FactPermission {
		return u.Of(m, r)
	}
	r.Acts = append(slices.Clone(r.Acts), r.Level)
	return u.latest(m, func(row useRow) bool {
		return row.typ == usedPermission && row.on == site.String() && slices.Contains(r.Acts, row.act)
	})
}

// within reports whether the use of a permission may have been by what holds at a scope.
func (row useRow) within(scope string) bool {
	switch row.typ {
	case usedGroup:
		return true
	case usedPermission:
		return row.on == "" || scope == access.WholeOrganization || row.on == scope
	}
	return false
}

func (u Used) latest(m ident.Member, counts func(useRow) bool) (day time.Time) {
	for _, row := range u.of[m] {
		if row.day.After(day) && counts(row) {
			day = row.day
		}
	}
	return day
}
