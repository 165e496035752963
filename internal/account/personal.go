package account

import "habilis/internal/store"

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var Personal = []store.Personal{
	{
		Table: "email_change", Key: []string{"id"}, Everywhere: true,
		Of: []string{"account_id"}, Gone: true,
		Export: []string{"old_email", "new_email", "created_at", "confirmed_at", "undone_at"},
	},
	{
		Table: "account_state", Key: []string{"account_id", "rev"}, Everywhere: true,
		Of:     []string{"account_id"},
		Export: []string{"email", "title", "given_name", "family_name", "language", "status", "known_from", "known_until"},
	},
}
