package message

import "habilis/internal/store"

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var Personal = []store.Personal{
	{
		Table: "message", Key: []string{"org_id", "id"},
		Of:     []string{"sender_id"},
		Names:  map[string][]string{"sender_id": {"sender_name"}},
		Words:  []string{"subject", "body", "sender_name"},
		Export: []string{"subject", "body", "created_at"},
	},
	{
		Table: "message_delivery", Key: []string{"org_id", "message_id", "member_id"},
		Of:     []string{"member_id"},
		Empty:  []string{"name", "email"},
		Words:  []string{"name", "email"},
		Export: []string{"message_id", "email", "state", "done_at"},
	},
}
