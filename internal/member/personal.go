package member

import "habilis/internal/store"

// Columns that several of the tables have.
const (
	colOrg       = "org_id"
	colMember    = "member_id"
	colKnownFrom = "known_from"
)

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var Personal = []store.Personal{
	{
		Table: "member_state", Key: []string{colOrg, colMember, "rev"},
		Of:    []string{colMember},
		Names: map[string][]string{"locum_for": {"locum_name"}},
		Words: []string{"locum_name"},
		Export: []string{
			"email", "status", "profile_type", "title", "given_name", "family_name", "function", "profession",
			"specialty", "rpps", "siret", "am_number", "phone", "mssante", "messaging_reach", "locum_name",
			"starts_at", "ends_at", "verification", colKnownFrom, "known_until",
		},
	},
	{
		Table: "member_site", Key: []string{colOrg, colMember, "site_id", colKnownFrom},
		Of:     []string{colMember},
		Export: []string{"site_id", colKnownFrom, "known_until"},
	},
	{
		Table: "member_role", Key: []string{colOrg, "id"},
		Of:     []string{colMember},
		Export: []string{"role_id", "scope", "starts_at", "ends_at", colKnownFrom, "known_until"},
	},
	{
		Table: "member_permission", Key: []string{colOrg, "id"},
		Of:     []string{colMember},
		Export: []string{"permission", "scope", "starts_at", "ends_at", colKnownFrom, "known_until"},
	},
	{
		Table: "deactivation_plan", Key: []string{colOrg, colMember},
		Of: []string{colMember}, Gone: true,
		Names:  map[string][]string{"planned_by": {"planned_name"}},
		Export: []string{"day", "planned_at"},
	},
}
