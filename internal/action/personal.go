package action

import "habilis/internal/store"

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var Personal = []store.Personal{
	{
		Table: "idempotency", Key: []string{"caller", "key", "act"}, Everywhere: true,
		Of: []string{"caller"}, Gone: true,
	},
	{
		Table: "idempotency", Key: []string{"caller", "key", "act"}, Everywhere: true,
		Words: []string{"result"},
	},
}
