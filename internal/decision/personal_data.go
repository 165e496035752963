package decision

import "habilis/internal/store"

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var Personal = []store.Personal{
	{
		Table: "decision_log", Key: []string{"org_id", "id"},
		Of:     []string{"subject_id"},
		Names:  map[string][]string{"caller": {"caller_name"}},
		Words:  []string{"caller_name", "subject_id", "resource_id"},
		Export: []string{"at", "action", "resource_type", "resource_id", "allowed", "code"},
	},
}
