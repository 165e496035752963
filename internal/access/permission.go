package access

import (
	"slices"
	"strings"
)

// Permission is one act that a role may allow: "members.invite".
type Permission string

// Administration permissions (rest.md, "Levels and permissions"): only those who
// hold them at a scope may give them there (RGT-1).
const (
	MembersRead       Permission = "members.read"
	MembersInvite     Permission = "members.invite"
	MembersEdit       Permission = "members.edit"
	MembersDeactivate Permission = "members.deactivate"
	MembersDelete     Permission = "members.delete"
	MembersMessage    Permission = "members.message"
	ApprovalsDecide   Permission = "approvals.decide"
	DossiersCertify   Permission = "dossiers.certify"
	RightsRead        Permission = "rights.read"
	RightsEdit        Permission = "rights.edit"
	DelegationsEdit   Permission = "delegations.edit"
	RolesEdit         Permission = "roles.edit"
	GroupsEdit        Permission = "groups.edit"
	SitesEdit         Permission = "sites.edit"
	SettingsEdit      Permission = "settings.edit"
	SecurityEdit      Permission = "security.edit"
	AuditRead         Permission = "audit.read"
	AuditExport       Permission = "audit.export"
	ReviewsRun        Permission = "reviews.run"
	TokensEdit        Permission = "tokens.edit"
	WebhooksEdit      Permission = "webhooks.edit"
	ImportsRun        Permission = "imports.run"
	WorkitemsEdit     Permission = "workitems.edit"
	DecisionsAsk      Permission = "decisions.ask"
)

// Care permissions: what a member does with patients and documents.
const (
	RecordsRead        Permission = "records.read"
	RecordsWrite       Permission = "records.write"
	DocumentsShare     Permission = "documents.share"
	DocumentsConsult   Permission = "documents.consult"
	PrescriptionsRead  Permission = "prescriptions.read"
	PrescriptionsWrite Permission = "prescriptions.write"
	InvoicesRead       Permission = "invoices.read"
	InvoicesWrite      Permission = "invoices.write"
	LettersRead        Permission = "letters.read"
	LettersWrite       Permission = "letters.write"
	AppointmentsRead   Permission = "appointments.read"
	AppointmentsWrite  Permission = "appointments.write"
	TasksRead          Permission = "tasks.read"
	TasksWrite         Permission = "tasks.write"
	StatisticsRead     Permission = "statistics.read"
)

// Administration is the list of administration permissions, in the order of rest.md.
var Administration = []Permission{
	MembersRead, MembersInvite, MembersEdit, MembersDeactivate, MembersDelete, MembersMessage, ApprovalsDecide, DossiersCertify,
	RightsRead, RightsEdit, DelegationsEdit, RolesEdit, GroupsEdit, SitesEdit, SettingsEdit, SecurityEdit, AuditRead, AuditExport,
	ReviewsRun, TokensEdit, WebhooksEdit, ImportsRun, WorkitemsEdit, DecisionsAsk,
}

// Care is the list of care permissions, in the order of rest.md.
var Care = []Permission{
	RecordsRead, RecordsWrite, DocumentsShare, DocumentsConsult, PrescriptionsRead, PrescriptionsWrite, InvoicesRead, InvoicesWrite,
	LettersRead, LettersWrite, AppointmentsRead, AppointmentsWrite, TasksRead, TasksWrite, StatisticsRead,
}

// Catalogue is every permission of the product.
func Catalogue() []Permission { return slices.Concat(Administration, Care) }

// Known reports whether p is in the catalogue.
func Known(p Permission) bool { return slices.Contains(Administration, p) || slices.Contains(Care, p) }

// IsAdministration reports whether only its holders may give p (RGT-1).
func IsAdministration(p Permission) bool { return slices.Contains(Administration, p) }

// Domain is the part of p before the dot: "members".
func (p Permission) Domain() string {
	d, _, _ := strings.Cut(string(p), ".")
	return d
}

// Pseudo-permissions: they are held, not given.
const (
	// Anyone is for acts open to all, such as signing in.
	Anyone Permission = "anyone"
	// Self is for acts on one's own account; the need names the account.
	Self Permission = "self"
	// Membership is for what every member in force of an organisation may see.
	Membership Permission = "member"
	// PlatformSupport is held by the platform's support and administrators (ORG-7).
	PlatformSupport Permission = "platform.support"
	// PlatformAdminister is held by the platform's administrators.
	PlatformAdminister Permission = "platform.administer"
)
