package job

import "habilis/internal/store"

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var Personal = []store.Personal{
	{
		Table: "job", Key: []string{"id"}, Everywhere: true,
		Words: []string{"args", "last_error"},
	},
}
