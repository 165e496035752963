package setting

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// securityName is the name of the policy's row.
const securityName = "security"

// securityRow is the policy as it is kept. What a row of before does not say is as
// DefaultSecurity says.
type securityRow struct {
	Factors               []string       `json:"factors"`
	Required              Required       `json:"required"`
	GraceDays             int            `json:"grace_days"`
	RequiredSince         time.Time      `json:"required_since,omitzero"`
	Networks              []netip.Prefix `json:"networks"`
	NetworkFactor         bool           `json:"network_factor"`
	NetworkOnly           bool           `json:"network_only"`
	IdleMinutes           int            `json:"idle_minutes"`
	AbsoluteHours         int            `json:"absolute_hours"`
	DeviceDays            int            `json:"device_days"`
	EmailByAdministrators bool           `json:"email_by_administrators"`
	TemporaryPasswords    bool           `json:"temporary_passwords"`
	QuietAccess           bool           `json:"quiet_access"`
}

func (s Security) row() securityRow {
	return securityRow{
		s.Factors.List(), s.Required, s.GraceDays, s.RequiredSince, s.Networks, s.NetworkFactor, s.NetworkOnly,
		s.IdleMinutes, s.AbsoluteHours, s.DeviceDays, s.EmailByAdministrators, s.TemporaryPasswords, s.QuietAccess,
	}
}

// parseSecurity reads the policy from the text of its row; revision 0 is the defaults. A
// text that cannot be read is an error, never a default.
func parseSecurity(org ident.Org, text string, rev int64) (Security, error) {
	v := DefaultSecurity()
	if rev == 0 {
		return v, nil
	}
	r := v.row()
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return Security{}, fmt.Errorf("setting: security policy of %s: %w", org, err)
	}
	factors, ok := ParseFactors(r.Factors)
	if !ok || (r.Required != Everybody && r.Required != Administrators) {
		return Security{}, fmt.Errorf("setting: security policy of %s: unknown factor or person", org)
	}
	return Security{
		factors, r.Required, r.GraceDays, r.RequiredSince, r.Networks, r.NetworkFactor, r.NetworkOnly,
		r.IdleMinutes, r.AbsoluteHours, r.DeviceDays, r.EmailByAdministrators, r.TemporaryPasswords, r.QuietAccess, rev,
	}, nil
}

// same reports whether two policies ask the same.
func (s Security) same(o Security) bool {
	a, b := s.facts(), o.facts()
	for k := range a {
		if a[k] != b[k] {
			return false
		}
	}
	return true
}

// facts are the policy as the trail keeps it.
func (s Security) facts() map[string]any {
	networks := make([]string, len(s.Networks))
	for i, n := range s.Networks {
		networks[i] = n.String()
	}
	return map[string]any{
		"factors": strings.Join(s.Factors.List(), ", "), "required": string(s.Required), "grace_days": s.GraceDays,
		"networks": strings.Join(networks, ", "), "network_factor": s.NetworkFactor, "network_only": s.NetworkOnly,
		"idle_minutes": s.IdleMinutes, "absolute_hours": s.AbsoluteHours, "device_days": s.DeviceDays,
		"email_by_administrators": s.EmailByAdministrators, "temporary_passwords": s.TemporaryPasswords, "access_letters": !s.QuietAccess,
	}
}

// writeSecurity writes the policy as the next revision of v.Rev.
func writeSecurity(ctx context.Context, tx *store.Tx, org ident.Org, v Security) (Security, error) {
	value, err := json.Marshal(v.row())
	if err != nil {
		return Security{}, err
	}
	v.Rev++
	return v, replace(ctx, tx, org, securityName, v.Rev, string(value))
}
