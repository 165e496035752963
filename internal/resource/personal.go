package resource

import "habilis/internal/store"

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var Personal = []store.Personal{
	{
		Table: "resource_state", Key: []string{"org_id", "resource_id", "rev"},
		Of:     []string{"holder_id"},
		Words:  []string{"name", "detail", "address", "sort_key", "search"},
		Export: []string{"kind", "name", "detail", "address", "status", "known_from", "known_until"},
	},
}
