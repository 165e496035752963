package departure

import "habilis/internal/store"

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var Personal = []store.Personal{
	{
		Table: "departure", Key: []string{"org_id", "id"},
		Of:     []string{"member_id"},
		Empty:  []string{"name"},
		Names:  map[string][]string{"decided_by": {"decided_name"}},
		Words:  []string{"name", "decided_name", "undone_name"},
		Export: []string{"kind", "state", "day", "ends_at", "decided_at"},
	},
	{
		Table: "departure_choice", Key: []string{"org_id", "departure_id", "what", "object"},
		Words: []string{"name"},
	},
	{
		Table: "departure_stay", Key: []string{"org_id", "departure_id", "no"},
		Words: []string{"name"},
	},
}
