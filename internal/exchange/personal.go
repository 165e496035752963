package exchange

import "habilis/internal/store"

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var Personal = []store.Personal{
	{
		Table: "member_import", Key: []string{"org_id", "id"},
		Names: map[string][]string{"made_by": {"made_by_name"}},
		Words: []string{"file_name", "columns", "ignored", "made_by_name", "done_by_name"},
	},
	{
		Table: "member_import_line", Key: []string{"org_id", "import_id", "no"},
		Words: []string{"cells", "verdict"},
	},
}
