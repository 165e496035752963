package workitem

import "habilis/internal/store"

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var Personal = []store.Personal{
	{
		Table: "work_item", Key: []string{"org_id", "no"},
		Of:     []string{"owner_id"},
		Words:  []string{"title"},
		Export: []string{"source", "external_id", "kind", "due_at", "state", "changed_at"},
	},
	{
		Table: "work_item_sealed", Key: []string{"org_id", "no"},
		Of:     []string{"owner_id"},
		Words:  []string{"title"},
		Export: []string{"source", "external_id", "kind", "due_at", "created_at"},
	},
}
