package preference

import "habilis/internal/store"

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var Personal = []store.Personal{
	{
		Table: "member_setting", Key: []string{"org_id", "member_id", "rev"},
		Of: []string{"member_id"}, Gone: true,
		Export: []string{"value", "known_from", "known_until"},
	},
	{
		Table: "notice", Key: []string{"org_id", "id"},
		Of: []string{"member_id"}, Gone: true,
		Export: []string{"alert", "what", "number", "day", "created_at", "read_at"},
	},
}
