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

// Records says what an organisation has set about patient records (RGT-7).
type Records struct {
	// UnlistedClosed closes the records that are in no access group to everybody.
	// Off by default: they are open to whoever holds the permission.
	UnlistedClosed bool
	Rev            int64 // 0: never changed, the defaults hold
}

// recordsName is the name of the row.
const recordsName = "records"

// recordsRow is the setting as it is kept.
type recordsRow struct {
	UnlistedClosed bool `json:"records_unlisted_closed"`
}

// ReadRecords reads the setting in the caller's transaction: the defaults, when the
// organisation never set any.
func ReadRecords(ctx context.Context, tx *store.Tx, org ident.Org) (Records, error) {
	value, rev, err := current(ctx, tx, org, recordsName)
	if err != nil || rev == 0 {
		return Records{}, err
	}
	var row recordsRow
	if err := json.Unmarshal([]byte(value), &row); err != nil {
		return Records{}, fmt.Errorf("setting: records of %s: %w", org, err)
	}
	return Records{UnlistedClosed: row.UnlistedClosed, Rev: rev}, nil
}

// Records reads what org has set about records: for its members, since it says what all
// of them see.
func (s Settings) Records(ctx context.Context, by access.Actor, org ident.Org) (Records, error) {
	act := action.Act{
		Verb: verbRead, Orgs: []ident.Org{org}, Object: org.String(), Needs: []access.Need{access.MemberOf(org)},
	}
	return action.View(ctx, s.Run, by, act, func(tx *store.Tx) (Records, error) { return ReadRecords(ctx, tx, org) })
}

// SetRecords changes it; rev is the version that was read. It needs settings.edit in the
// organisation, and a fresh proof of the person (rules.md 6). Errors: ErrStale.
func (s Settings) SetRecords(ctx context.Context, by access.Actor, org ident.Org, rev int64, v Records) (Records, error) {
	act := editAct("settings.edit", access.SettingsEdit, org)
	return action.Run(ctx, s.Run, by, act, func(tx *action.Tx) (Records, error) {
		old, err := ReadRecords(ctx, tx.Tx, org)
		if err != nil {
			return Records{}, err
		}
		if old.Rev != rev {
			return Records{}, ErrStale
		}
		if v.UnlistedClosed == old.UnlistedClosed {
			return old, action.Nothing
		}
		tx.Record(audit.Event{
			Org: org, Verb: act.Verb, Object: org.String(),
			Before: map[string]any{"records_unlisted_closed": old.UnlistedClosed},
			After:  map[string]any{"records_unlisted_closed": v.UnlistedClosed},
		})
		value, err := json.Marshal(recordsRow{UnlistedClosed: v.UnlistedClosed})
		if err != nil {
			return Records{}, err
		}
		next := Records{UnlistedClosed: v.UnlistedClosed, Rev: old.Rev + 1}
		return next, replace(ctx, tx.Tx, org, recordsName, next.Rev, string(value))
	})
}
