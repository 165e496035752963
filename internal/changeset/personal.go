package changeset

import "habilis/internal/store"

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var Personal = []store.Personal{
	{
		Table: "change_set", Key: []string{"org_id", "id"},
		Names: map[string][]string{"made_by": {"made_by_name"}},
		Words: []string{"reason"},
	},
	{
		Table: "change_line", Key: []string{"org_id", "change_set_id", "n"},
		Of: []string{"member_id"},
		Export: []string{
			"change_set_id", "domain", "object", "detail", "before_value", "before_starts_at", "before_ends_at",
			"after_value", "after_starts_at", "after_ends_at",
		},
	},
}
