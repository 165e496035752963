package grant

import "habilis/internal/store"

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var Personal = []store.Personal{
	{
		Table: "access_grant", Key: []string{"org_id", "id"},
		Of:     []string{"member_id"},
		Export: []string{"resource_id", "level", "starts_at", "ends_at", "known_from", "known_until"},
	},
	{
		Table: "delegation", Key: []string{"org_id", "id", "rev"},
		Of:     []string{"member_id"},
		Export: []string{"identity_id", "act", "state", "starts_at", "ends_at", "known_from", "known_until"},
	},
}
