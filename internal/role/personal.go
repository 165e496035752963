package role

import "habilis/internal/store"

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var Personal = []store.Personal{
	{
		Table: "role_state", Key: []string{"org_id", "role_id", "rev"},
		Words: []string{"name"},
	},
}
