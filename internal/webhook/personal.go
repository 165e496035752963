package webhook

import "habilis/internal/store"

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var Personal = []store.Personal{
	{
		Table: "webhook", Key: []string{"org_id", "id"},
		Words: []string{"name"},
	},
	{
		Table: "webhook_delivery", Key: []string{"org_id", "webhook_id", "position"},
		Words: []string{"said"},
	},
}
