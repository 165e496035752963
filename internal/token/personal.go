package token

import "habilis/internal/store"

const tableToken = "token"

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var Personal = []store.Personal{
	{
		Table: "token_permission", Key: []string{"token_id", "permission"}, Everywhere: true,
		Within: &store.Within{Column: "token_id", Table: tableToken, Key: "id", Of: "account_id"}, Gone: true,
	},
	{
		Table: tableToken, Key: []string{"id"}, Everywhere: true,
		Of: []string{"account_id"}, Gone: true,
		Export: []string{"name", "created_at", "expires_at", "last_used_at", "revoked_at"},
	},
	{
		Table: tableToken, Key: []string{"id"},
		Words: []string{"name"},
	},
}
