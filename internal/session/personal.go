package session

import "habilis/internal/store"

// colAccount is whose a session, or a device, is.
const colAccount = "account_id"

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var Personal = []store.Personal{
	{
		Table: "session", Key: []string{"id"}, Everywhere: true,
		Of: []string{colAccount}, Gone: true,
		Export: []string{"created_at", "seen_at", "ended_at", "end_reason", "first", "second", "address", "user_agent"},
	},
	{
		Table: "half_session", Key: []string{"id"}, Everywhere: true,
		Of: []string{colAccount}, Gone: true,
		Export: []string{"created_at", "ended_at", "end_reason", "address", "user_agent"},
	},
	{
		Table: "device", Key: []string{"id"}, Everywhere: true,
		Of: []string{colAccount}, Gone: true,
		Export: []string{"created_at", "used_at", "expires_at", "ended_at", "address", "user_agent"},
	},
	{
		Table: "known_browser", Key: []string{colAccount, "browser", "network"}, Everywhere: true,
		Of: []string{colAccount}, Gone: true,
		Export: []string{"browser", "network", "seen_at"},
	},
}
