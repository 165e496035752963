package setting

import "habilis/internal/store"

// PersonalData says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var PersonalData = []store.Personal{
	{
		Table: "org_setting", Key: []string{"org_id", "name", "rev"},
		Words: []string{"value"},
	},
}
