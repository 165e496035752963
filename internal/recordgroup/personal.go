package recordgroup

import "habilis/internal/store"

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var Personal = []store.Personal{
	{
		Table: "record_group_state", Key: []string{"org_id", "group_id", "rev"},
		Words: []string{"name", "description", "sort_key", "search"},
	},
	{
		Table: "record_group_member", Key: []string{"org_id", "id"},
		Of:     []string{"member_id"},
		Export: []string{"group_id", "starts_at", "ends_at", "known_from", "known_until"},
	},
}
