package merge

import "habilis/internal/store"

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order. That one account gave way to another stays, by IDs that name nobody.
var Personal = []store.Personal{
	{
		Table: "account_merge", Key: []string{"id"}, Everywhere: true,
		Of:     []string{"kept_id", "gone_id"},
		Export: []string{"kept_id", "gone_id", "state", "merged_at", "undo_until", "undone_at"},
	},
}
