package approval

import "habilis/internal/store"

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var Personal = []store.Personal{
	{
		Table: "approval", Key: []string{"org_id", "member_id"},
		Of:     []string{"member_id"},
		Empty:  []string{"ticket", "reason"},
		Names:  map[string][]string{"created_account": {"created_name"}, "created_by": {"created_name"}, "decided_by": {"decided_name"}},
		Words:  []string{"ticket", "reason", "created_name", "decided_name"},
		Export: []string{"status", "ticket", "created_at", "decided_at", "reason"},
	},
}
