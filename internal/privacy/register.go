package privacy

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/decision"
	"habilis/internal/departure"
	"habilis/internal/dossier"
	"habilis/internal/event"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/session"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// Ground is why something may be kept (GDPR, article 6). It is what this product assumes; who runs it
// answers for their own register.
type Ground string

// The grounds.
const (
	GroundContract Ground = "contract" // 6.1.b: what the service is
	GroundLegal    Ground = "legal"    // 6.1.c: a law asks for it
	GroundInterest Ground = "interest" // 6.1.f: its security, its proof
)

// Source is the text on which a duration or a ground stands.
type Source string

// The sources.
const (
	SourceCNIL     Source = "cnil_2021_122" // journalisation: 6 to 12 months
	SourceSecurity Source = "gdpr_32"
	SourceStorage  Source = "gdpr_5_1_e"
	SourceProof    Source = "gdpr_5_2"
	SourcePGSSIS   Source = "csp_l1470_5" // the security referentials of digital health
	SourceAccess   Source = "csp_l1110_4" // who may know of a patient
)

// Keeper is who keeps something.
type Keeper string

// The keepers.
const (
	KeptByOrganization Keeper = "organization"
	KeptByInstallation Keeper = "installation" // of accounts, which belong to persons and not to organisations
)

// RegisterEntry is one kind of data. Its name, its purpose and the words of how long it is kept are the
// texts register.<code>.name, .purpose and .kept.
type RegisterEntry struct {
	Code   string
	Ground Ground
	Source Source
	Keeper Keeper
	// Setting is what the organisation decides of it; empty: it is fixed.
	Setting setting.RetentionKind
	// Fixed is how long it is kept where that is a number; zero: .kept says it.
	Fixed time.Duration

	papers bool     // as the settings of papers say
	tables []string // the first is counted
	time   string   // its column of time; empty: it has none
}

// RegisterRow is what is kept of one kind now.
type RegisterRow struct {
	RegisterEntry

	Keeps  int64                 // how long; 0: .kept says it
	Unit   setting.RetentionUnit // of Keeps
	Count  int64                 // rows now; -1: not told to this reader
	Oldest time.Time             // zero: none, or not told
}

const (
	verbRegister = "register.read"
	dayLength    = 24 * time.Hour
	notTold      = -1
)

// register is everything that is kept. Every table of the schema stands in one entry, once.
var register = []RegisterEntry{
	{Code: "organization", Ground: GroundContract, Source: SourceStorage, time: "known_from", tables: []string{
		"site_state", "org", "org_state", "org_setting", "org_version", "site", "dated_told",
	}},
	{Code: "members", Ground: GroundContract, Source: SourcePGSSIS, time: created, tables: []string{
		"member", "member_state", "member_site", "member_setting",
	}},
	{Code: "rights", Ground: GroundLegal, Source: SourceAccess, time: "known_from", tables: []string{
		"member_role", "member_permission", "access_grant", "delegation", "role", "role_state", "role_permission",
		"resource", "resource_state", "record_group", "record_group_state", "record_group_member", "record_group_record",
	}},
	{Code: "changes", Ground: GroundLegal, Source: SourceAccess, time: "made_at", tables: []string{"change_set", "change_line"}},
	{Code: "last_uses", Ground: GroundInterest, Source: SourceSecurity, Fixed: decision.UseKeep, time: "day", tables: []string{"right_use"}},
	{Code: string(setting.KeepSecurityLog), Ground: GroundInterest, Source: SourceCNIL, Setting: setting.KeepSecurityLog},
	{
		Code: string(setting.KeepRightsAudit), Ground: GroundInterest, Source: SourceCNIL, Setting: setting.KeepRightsAudit, tables: []string{
			"audit_event", "audit_payload", "audit_head", "audit_name", "audit_mention", "audit_backlog", "retention_mark", "retention_removed",
		},
	},
	{
		Code: string(setting.KeepDecisions), Ground: GroundInterest, Source: SourceSecurity, Setting: setting.KeepDecisions, time: "at",
		tables: []string{"decision_log"},
	},
	{Code: string(setting.KeepReviews), Ground: GroundLegal, Source: SourcePGSSIS, Setting: setting.KeepReviews,
		time: "opened_at", tables: []string{
			"review", "review_person", "review_file", "review_part",
		}},
	{Code: "invitations", Ground: GroundContract, Source: SourceStorage, time: created, tables: []string{
		"invitation", "invitation_level", "invitation_role", "invitation_site",
	}},
	{Code: "registrations", Ground: GroundContract, Source: SourceStorage, Fixed: dossier.RegistrationLife,
		time: created, tables: []string{
			"registration", "registration_consent", "registration_key", "registration_mailbox",
		}},
	{Code: "papers", Ground: GroundLegal, Source: SourceStorage, papers: true, time: "added_at", tables: []string{
		"document", "document_look", "file", "file_chunk",
	}},
	{Code: "verification", Ground: GroundLegal, Source: SourcePGSSIS, time: "decided_at", tables: []string{
		"dossier_ruling", "dossier_check", "dossier_certification", "directory_alert",
	}},
	{Code: "approvals", Ground: GroundContract, Source: SourceProof, time: created, tables: []string{"approval"}},
	{Code: "departures", Ground: GroundContract, Source: SourceStorage, Fixed: departure.UndoFor, time: "decided_at", tables: []string{
		"departure", "departure_choice", "departure_item", "departure_stay", "departure_step", "deactivation_plan",
	}},
	{Code: "work", Ground: GroundContract, Source: SourceStorage, time: created, tables: []string{
		"work_item", "work_item_count", "work_item_sealed", "work_item_total",
	}},
	{Code: string(setting.KeepMessages), Ground: GroundContract, Source: SourceStorage, Setting: setting.KeepMessages, time: created,
		tables: []string{"message", "message_delivery"}},
	{Code: string(setting.KeepNotices), Ground: GroundContract, Source: SourceStorage, Setting: setting.KeepNotices, time: created,
		tables: []string{"notice"}},
	{Code: string(setting.KeepImports), Ground: GroundContract, Source: SourceStorage, Setting: setting.KeepImports, time: created,
		tables: []string{"member_import", "member_import_line", "member_import_result"}},
	{Code: "events", Ground: GroundContract, Source: SourceStorage, Fixed: event.Kept, time: "at", tables: []string{
		"event", "event_head", "event_waiting", "webhook_delivery",
	}},
	{Code: "webhooks", Ground: GroundContract, Source: SourceSecurity, time: created, tables: []string{"webhook"}},
	{Code: "tokens", Ground: GroundInterest, Source: SourceSecurity, time: created, tables: []string{"token", "token_permission"}},
	{Code: "drafts", Ground: GroundContract, Source: SourceStorage, time: "updated_at", tables: []string{"draft"}},
	{Code: "own_data", Ground: GroundLegal, Source: SourceProof, time: "asked_at",
		tables: []string{"data_export", "data_export_chunk", "erasure"}},
	{Code: "exit", Ground: GroundLegal, Source: SourceProof, time: "asked_at", Fixed: OrgExportKept, tables: []string{
		"org_export", "org_export_chunk", "org_exit",
	}},

	{Code: "accounts", Keeper: KeptByInstallation, Ground: GroundContract, Source: SourceStorage, time: created, tables: []string{
		"account", "account_state", "account_merge", "account_merge_member",
	}},
	{Code: "addresses", Keeper: KeptByInstallation, Ground: GroundInterest, Source: SourceSecurity, Fixed: account.KeptEmailChanges,
		time: created, tables: []string{"email_change"}},
	{Code: "proofs", Keeper: KeptByInstallation, Ground: GroundInterest, Source: SourceSecurity, time: created, tables: []string{
		"credential", "credential_guard", "factor", "factor_recovery", "recovery_code", "recovery_set",
	}},
	{Code: "links", Keeper: KeptByInstallation, Ground: GroundInterest, Source: SourceSecurity, Fixed: credential.KeptDead, time: created,
		tables: []string{"password_reset", "setup_link", "ceremony", "sms_code", "sign_in_guard"}},
	{Code: "sessions", Keeper: KeptByInstallation, Ground: GroundInterest, Source: SourceCNIL, Fixed: session.Kept, time: created,
		tables: []string{"session", "half_session", "device", "known_browser"}},
	{Code: "jobs", Keeper: KeptByInstallation, Ground: GroundContract, Source: SourceStorage, Fixed: job.KeptDone, time: created,
		tables: []string{"job"}},
	{Code: "counters", Keeper: KeptByInstallation, Ground: GroundInterest, Source: SourceSecurity, Fixed: action.KeyKept, time: created,
		tables: []string{"idempotency", "counter"}},
	{Code: "installation", Keeper: KeptByInstallation, Ground: GroundContract, Source: SourceSecurity, time: "at", tables: []string{
		"installation_fact", "directory_cache",
	}},
}

// entryOf is the code of the entry in which a table stands; empty: in none.
func entryOf(table string) string {
	for _, e := range register {
		if slices.Contains(e.tables, table) {
			return e.Code
		}
	}
	return ""
}

// Register lists what is kept, and why, with how much of it is the organisation's: for whoever may
// change its settings, or read its journal, in the whole of it.
func (r Retentions) Register(ctx context.Context, by access.Actor, org ident.Org) ([]RegisterRow, error) {
	act := action.Act{Verb: verbRegister, Orgs: []ident.Org{org}, Object: org.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		held, err := access.HeldBy(ctx, tx, by, org)
		if err == nil && held.Has(access.AuditRead, access.OrgScope(org)) {
			return []access.Need{access.At(access.AuditRead, access.OrgScope(org))}, nil
		}
		return []access.Need{access.At(access.SettingsEdit, access.OrgScope(org))}, err
	}
	return action.ViewLong(ctx, r.Run, by, act, func(tx *store.Tx) ([]RegisterRow, error) {
		keeps, err := setting.ReadRetention(ctx, tx, org)
		if err != nil {
			return nil, err
		}
		papers, err := setting.ReadPapers(ctx, tx, org)
		if err != nil {
			return nil, err
		}
		var out []RegisterRow
		for _, e := range register {
			row := e.row(keeps, papers)
			if e.keeper() == KeptByOrganization {
				if row.Count, row.Oldest, err = e.weigh(ctx, tx, org); err != nil {
					return nil, err
				}
			}
			out = append(out, row)
		}
		return out, nil
	})
}

// InstallationRegister lists it with how much of it there is in all: for the administrators of the
// platform. What the organisations decide of is shown as it is by default, and as it is decided of
// the installation's own trail.
func (r Retentions) InstallationRegister(ctx context.Context, by access.Actor) ([]RegisterRow, error) {
	act := action.Act{Verb: verbRegister, Needs: []access.Need{access.OfPlatform(access.PlatformAdminister)}}
	return action.ViewLong(ctx, r.Run, by, act, func(tx *store.Tx) ([]RegisterRow, error) {
		var out []RegisterRow
		var err error
		for _, e := range register {
			row := e.row(r.Installation, setting.Papers{KeepDays: setting.DefaultKeepDays})
			if row.Count, row.Oldest, err = e.weigh(ctx, tx, ""); err != nil {
				return nil, err
			}
			out = append(out, row)
		}
		return out, nil
	})
}

func (e RegisterEntry) keeper() Keeper {
	if e.Keeper == "" {
		return KeptByOrganization
	}
	return e.Keeper
}

// row is the entry without counts.
func (e RegisterEntry) row(keeps setting.Retention, papers setting.Papers) RegisterRow {
	e.Keeper = e.keeper()
	row := RegisterRow{RegisterEntry: e, Count: notTold, Unit: setting.Days, Keeps: int64(e.Fixed / dayLength)}
	if b, ok := setting.BoundsOf(e.Setting); ok {
		row.Keeps, row.Unit = keeps.Of(e.Setting), b.Unit
	}
	if e.papers {
		row.Keeps = papers.KeepDays
	}
	return row
}

// weigh counts what there is of the entry: of an organisation, or of all where org is zero.
func (e RegisterEntry) weigh(ctx context.Context, tx *store.Tx, org ident.Org) (int64, time.Time, error) {
	if c, ok := classes[e.Setting]; ok {
		return audit.Details(ctx, tx, chainOf(org), c, tx.Now)
	}
	m := store.Measure{Table: e.tables[0], Of: ofOrg, Time: e.time}
	if org.IsZero() {
		m.Of = ""
	}
	return m.Weigh(ctx, tx, org.String())
}
