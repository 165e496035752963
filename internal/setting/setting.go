package setting

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Security is an organisation's security policy (SEC-4).
type Security struct {
	// TemporaryPasswords allows the welcome letter that carries a temporary
	// password (MEM-12). Off by default.
	TemporaryPasswords bool
	// QuietAccess turns off the letters that tell holders and administrators who gained
	// and who lost access to agendas and mailboxes. What somebody gives themself is told
	// all the same (RGT-1).
	QuietAccess bool
	Rev         int64 // 0: never changed, the defaults hold
}

// ErrStale is the refusal of a change to a version that is no longer in force.
var ErrStale = fault.New(fault.Stale, "api.version_stale")

// securityName is the name of the policy's row.
const securityName = "security"

// securityRow is the policy as it is kept.
type securityRow struct {
	TemporaryPasswords bool `json:"temporary_passwords"`
	QuietAccess        bool `json:"quiet_access"`
}

// Settings is the register of what organisations have set.
type Settings struct{ Run *action.Runner }

// ReadSecurity reads the security policy of an organisation in the caller's
// transaction: the defaults, when it never set one.
func ReadSecurity(ctx context.Context, tx *store.Tx, org ident.Org) (Security, error) {
	value, rev, err := current(ctx, tx, org, securityName)
	if err != nil || rev == 0 {
		return Security{}, err
	}
	var row securityRow
	if err := json.Unmarshal([]byte(value), &row); err != nil {
		return Security{}, fmt.Errorf("setting: security policy of %s: %w", org, err)
	}
	return Security{TemporaryPasswords: row.TemporaryPasswords, QuietAccess: row.QuietAccess, Rev: rev}, nil
}

// facts are the policy as the trail keeps it.
func (s Security) facts() map[string]any {
	return map[string]any{"temporary_passwords": s.TemporaryPasswords, "access_letters": !s.QuietAccess}
}

// writeSecurity writes the policy as the next revision of v.Rev.
func writeSecurity(ctx context.Context, tx *store.Tx, org ident.Org, v Security) (Security, error) {
	value, err := json.Marshal(securityRow{TemporaryPasswords: v.TemporaryPasswords, QuietAccess: v.QuietAccess})
	if err != nil {
		return Security{}, err
	}
	v.Rev++
	return v, replace(ctx, tx, org, securityName, v.Rev, string(value))
}

// readers are the permissions of which one, anywhere, lets read the policy.
var readers = []access.Permission{access.SecurityEdit, access.SettingsEdit, access.MembersInvite}

// Security reads the security policy of org.
func (s Settings) Security(ctx context.Context, by access.Actor, org ident.Org) (Security, error) {
	act := action.Act{Verb: "security.read", Orgs: []ident.Org{org}, Object: org.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		held, err := access.HeldBy(ctx, tx, by, org)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(readers, held.HasAnywhere) {
			return []access.Need{access.MemberOf(org)}, nil
		}
		return []access.Need{access.At(access.SecurityEdit, access.OrgScope(org))}, nil
	}
	return action.View(ctx, s.Run, by, act, func(tx *store.Tx) (Security, error) { return ReadSecurity(ctx, tx, org) })
}

// SetSecurity changes the security policy; rev is the version that was read.
// Errors: ErrStale.
func (s Settings) SetSecurity(ctx context.Context, by access.Actor, org ident.Org, rev int64, v Security) (Security, error) {
	act := action.Act{
		Verb: "security.edit", Orgs: []ident.Org{org}, Object: org.String(), StepUp: true,
		Needs: []access.Need{access.At(access.SecurityEdit, access.OrgScope(org))},
	}
	return action.Run(ctx, s.Run, by, act, func(tx *action.Tx) (Security, error) {
		old, err := ReadSecurity(ctx, tx.Tx, org)
		if err != nil {
			return Security{}, err
		}
		if old.Rev != rev {
			return Security{}, ErrStale
		}
		next := v
		next.Rev = old.Rev
		if next == old {
			return old, action.Nothing
		}
		tx.Record(audit.Event{
			Org: org, Verb: "security.edit", Object: org.String(),
			Before: old.facts(), After: next.facts(),
		})
		return writeSecurity(ctx, tx.Tx, org, next)
	})
}
