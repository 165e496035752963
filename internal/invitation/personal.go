package invitation

import "habilis/internal/store"

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var Personal = []store.Personal{
	{
		Table: "invitation", Key: []string{"org_id", "id"},
		Of:     []string{"member_id", "accepted_by"},
		Empty:  []string{"email", "email_key", "temporary_hash"},
		Names:  map[string][]string{"invited_by": {"invited_by_name"}},
		Words:  []string{"email", "email_key", "invited_by_name"},
		Export: []string{"email", "language", "welcome", "status", "sent_at", "expires_at", "accepted_at"},
	},
}
