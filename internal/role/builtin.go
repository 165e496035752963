package role

import "habilis/internal/access"

// The built-in roles (rest.md). Every organisation has its own rows of them.
const (
	Administrator    = "administrator"
	Practitioner     = "practitioner"
	MedicalAssistant = "medical_assistant"
	Secretary        = "secretary"
	Reader           = "reader"
)

// BuiltIns lists the built-in roles in the order of the screens.
var BuiltIns = []string{Administrator, Practitioner, MedicalAssistant, Secretary, Reader}

// builtIn says what each built-in role allows when an organisation is made.
var builtIn = map[string][]access.Permission{
	// All administration and no care: managing accounts opens no patient record.
	Administrator: access.Administration,

	// Everything that care asks for. Statistics are the manager's and the
	// practitioner's own activity.
	Practitioner: access.Care,

	// Prepares and follows care beside the practitioner: reads what was prescribed
	// but does not prescribe, and does not establish invoices.
	MedicalAssistant: {
		access.RecordsRead, access.RecordsWrite, access.DocumentsShare, access.DocumentsConsult, access.PrescriptionsRead,
		access.InvoicesRead, access.LettersRead, access.LettersWrite, access.AppointmentsRead, access.AppointmentsWrite,
		access.TasksRead, access.TasksWrite,
	},

	// Receives, schedules, writes letters, establishes invoices; opens no medical
	// record and no prescription.
	Secretary: {
		access.DocumentsShare, access.DocumentsConsult, access.InvoicesRead, access.InvoicesWrite, access.LettersRead,
		access.LettersWrite, access.AppointmentsRead, access.AppointmentsWrite, access.TasksRead, access.TasksWrite,
	},

	// Looks, changes nothing: no permission that writes or shares.
	Reader: {
		access.RecordsRead, access.DocumentsConsult, access.PrescriptionsRead, access.InvoicesRead, access.LettersRead,
		access.AppointmentsRead, access.TasksRead, access.StatisticsRead,
	},
}
