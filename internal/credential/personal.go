package credential

import "habilis/internal/store"

// Columns that several of the tables have.
const (
	colAccount = "account_id"
	colCreated = "created_at"
)

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var Personal = []store.Personal{
	{
		Table: "sms_code", Key: []string{"id"}, Everywhere: true,
		Of: []string{colAccount}, Gone: true,
	},
	{
		Table: "factor", Key: []string{"id"}, Everywhere: true,
		Of: []string{colAccount}, Gone: true,
		Export: []string{"kind", "name", colCreated, "proved_at", "last_used_at", "removed_at"},
	},
	{
		Table: "recovery_code", Key: []string{"set_id", "hash"}, Everywhere: true,
		Within: &store.Within{Column: "set_id", Table: "recovery_set", Key: "id", Of: colAccount}, Gone: true,
	},
	{
		Table: "recovery_set", Key: []string{"id"}, Everywhere: true,
		Of: []string{colAccount}, Gone: true,
		Export: []string{colCreated, "removed_at"},
	},
	{
		Table: "ceremony", Key: []string{"hash"}, Everywhere: true,
		Of: []string{colAccount}, Gone: true,
	},
	{
		Table: "factor_recovery", Key: []string{"id"}, Everywhere: true,
		Of: []string{colAccount}, Gone: true,
		Export: []string{"what", colCreated, "acts_at", "done_at", "stopped_at"},
	},
	{
		Table: "password_reset", Key: []string{"token_hash"}, Everywhere: true,
		Of: []string{colAccount}, Gone: true,
		Export: []string{colCreated, "used_at"},
	},
	{
		Table: "credential_guard", Key: []string{colAccount}, Everywhere: true,
		Of: []string{colAccount}, Gone: true,
	},
	{
		Table: "credential", Key: []string{"id"}, Everywhere: true,
		Of: []string{colAccount}, Gone: true,
		Export: []string{"kind", colCreated, "removed_at"},
	},
	{
		Table: "setup_link", Key: []string{"token_hash"}, Everywhere: true,
		Words: []string{"email"},
	},
}
