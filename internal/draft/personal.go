package draft

import "habilis/internal/store"

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var Personal = []store.Personal{
	{
		Table: "draft", Key: []string{"id"}, Everywhere: true,
		Of: []string{"account_id"}, Gone: true,
		Export: []string{"kind", "body", "created_at", "updated_at", "expires_at"},
	},
	{
		Table: "draft", Key: []string{"id"},
		Of: []string{"account_id"}, Gone: true,
		Words:  []string{"body"},
		Export: []string{"kind", "body", "created_at", "updated_at", "expires_at"},
	},
}
