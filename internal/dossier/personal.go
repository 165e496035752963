package dossier

import "habilis/internal/store"

// Columns that several of the tables have.
const (
	colOrg          = "org_id"
	colMember       = "member_id"
	colRegistration = "registration_id"
)

const tableRegistration = "registration"

// Fields, as refusals, the trail and the tables name them.
const (
	fieldRPPS   = "rpps"
	fieldReason = "reason"
)

// Personal says what the tables of this package hold about people (AUD-4): package privacy goes
// through them, in this order.
var Personal = []store.Personal{
	{
		Table: "registration_key", Key: []string{"token_hash"},
		Within: &store.Within{Column: colRegistration, Table: tableRegistration, Key: "id", Of: colMember}, Gone: true,
	},
	{
		Table: "registration_consent", Key: []string{colOrg, colRegistration, "setting_rev", "n"},
		Within: &store.Within{Column: colRegistration, Table: tableRegistration, Key: "id", Of: colMember}, Gone: true,
		Export: []string{"title", "body", "accepted_at"},
	},
	{
		Table: "registration_mailbox", Key: []string{colOrg, colRegistration},
		Within: &store.Within{Column: colRegistration, Table: tableRegistration, Key: "id", Of: colMember}, Gone: true,
		Export: []string{fieldRPPS, "address", "proved_at"},
	},
	{
		Table: tableRegistration, Key: []string{colOrg, "id"},
		Of: []string{colMember}, Gone: true,
		Export: []string{
			"email", "title", "given_name", "family_name", "function", fieldRPPS, "no_rpps", "email_proved_at",
			"phone_hint", "phone_proved_at", "completed_at", "created_at",
		},
	},
	{
		Table: "directory_alert", Key: []string{colOrg, "id"},
		Of: []string{colMember}, Gone: true,
		Names:  map[string][]string{"decided_by": {"decided_name"}},
		Export: []string{"kind", "status", "body", "raised_at", "decided_at"},
	},
	{
		Table: "dossier_check", Key: []string{colOrg, colMember},
		Of: []string{colMember}, Gone: true,
		Export: []string{"state", "reasons", "answer", "checked_at"},
	},
	{
		Table: "dossier_certification", Key: []string{colOrg, "id"},
		Of:     []string{colMember},
		Empty:  []string{fieldReason, "ground"},
		Names:  map[string][]string{"certified_by": {"certified_name"}, "confirmed_by": {"confirmed_name"}, "revoked_by": {"revoked_name"}},
		Words:  []string{fieldReason, "certified_name", "confirmed_name", "revoked_name"},
		Export: []string{"certified_at", "confirmed_at", "revoked_at", fieldReason},
	},
	{
		Table: "dossier_ruling", Key: []string{colOrg, "id"},
		Of:     []string{colMember},
		Empty:  []string{fieldReason},
		Names:  map[string][]string{"decided_by": {"decided_name"}},
		Words:  []string{fieldReason, "decided_name"},
		Export: []string{"decision", fieldReason, "decided_at", "ended_at"},
	},
	{
		Table: "document", Key: []string{colOrg, "id"},
		Of:     []string{colMember},
		Names:  map[string][]string{"added_by": {"added_name"}},
		Words:  []string{"name", "added_name"},
		Export: []string{"kind", "name", "media_type", "bytes", "state", "added_at"},
	},
	{
		Table: "document_look", Key: []string{colOrg, "document_id", "actor"},
		Names: map[string][]string{"actor": {"name"}},
	},
}
