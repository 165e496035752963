package access

import "slices"

// Sensitive are the permissions whose holders are reviewed one by one, never together (AUD-3):
// administration, and whatever opens records, documents, prescriptions or invoices.
var Sensitive = slices.Concat(Administration, []Permission{
	RecordsRead, RecordsWrite, DocumentsShare, DocumentsConsult, PrescriptionsRead, PrescriptionsWrite, InvoicesRead, InvoicesWrite,
})

// IsSensitive reports whether p is one of them.
func IsSensitive(p Permission) bool { return slices.Contains(Sensitive, p) }
