package setting

import (
	"context"
	"encoding/json"
	"fmt"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Defaults is what an organisation sets for all its members.
type Defaults struct {
	Personal

	Rev int64 // 0: never changed, DefaultPersonal holds
}

// DefaultsName is the name of this setting's row.
const DefaultsName = "members"

// ReadDefaults reads it in the caller's transaction.
func ReadDefaults(ctx context.Context, tx *store.Tx, org ident.Org) (Defaults, error) {
	value, rev, err := current(ctx, tx, org, DefaultsName)
	if err != nil {
		return Defaults{}, err
	}
	return ParseDefaults(org, value, rev)
}

// ParseDefaults reads it from the text of its row; revision 0 is DefaultPersonal, as is what a row
// of before does not say. A text that cannot be read is an error, never a default.
func ParseDefaults(org ident.Org, value string, rev int64) (Defaults, error) {
	d := Defaults{Personal: DefaultPersonal(), Rev: rev}
	if rev == 0 {
		return d, nil
	}
	if err := json.Unmarshal([]byte(value), &d.Personal); err != nil {
		return Defaults{}, fmt.Errorf("setting: defaults of %s: %w", org, err)
	}
	return d, nil
}

// Defaults reads what org sets for its members: for those whom it binds, and its tokens.
func (s Settings) Defaults(ctx context.Context, by access.Actor, org ident.Org) (Defaults, error) {
	act := action.Act{
		Verb: verbRead, Orgs: []ident.Org{org}, Object: org.String(), Needs: []access.Need{access.MemberOf(org)},
	}
	return action.View(ctx, s.Run, by, act, func(tx *store.Tx) (Defaults, error) { return ReadDefaults(ctx, tx, org) })
}

const verbDefaults = "settings.defaults"

// SetDefaults changes it; rev is the version that was read. Whoever has their own keeps it, all
// others have the new one at once. It needs settings.edit in the organisation, and a fresh proof
// of the person (rules.md 6). Errors: ErrStale, fields to correct.
func (s Settings) SetDefaults(ctx context.Context, by access.Actor, org ident.Org, rev int64, p Personal) (Defaults, error) {
	act := editAct(verbDefaults, access.SettingsEdit, org)
	return action.Run(ctx, s.Run, by, act, func(tx *action.Tx) (Defaults, error) {
		next, old, err := RehearseDefaults(ctx, tx.Tx, org, rev, p)
		if err != nil {
			return Defaults{}, err
		}
		parts := old.Differs(next.Personal)
		if len(parts) == 0 {
			return old, action.Nothing
		}
		tx.Record(audit.Event{
			Org: org, Verb: act.Verb, Object: org.String(), Before: old.Facts(parts...), After: next.Facts(parts...),
		})
		value, err := json.Marshal(next.Personal)
		if err != nil {
			return Defaults{}, err
		}
		next.Rev++
		return next, replace(ctx, tx.Tx, org, DefaultsName, next.Rev, string(value))
	})
}

// RehearseDefaults checks a change as SetDefaults would, and gives what would hold and what holds.
// The rights are the caller's to check.
func RehearseDefaults(ctx context.Context, tx *store.Tx, org ident.Org, rev int64, p Personal) (next, old Defaults, err error) {
	if old, err = ReadDefaults(ctx, tx, org); err != nil {
		return Defaults{}, old, err
	}
	if old.Rev != rev {
		return Defaults{}, old, ErrStale
	}
	policy, err := ReadSecurity(ctx, tx, org)
	if err != nil {
		return Defaults{}, old, err
	}
	p, err = p.checked(policy, old.Session)
	return Defaults{Personal: p, Rev: old.Rev}, old, err
}
