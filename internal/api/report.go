package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"habilis/internal/ident"
	"habilis/internal/report"
	"habilis/internal/resource"
	"habilis/internal/sheet"
)

// The types of this file write the closed lists of reports into the schemas.
type (
	rightKind    string
	leavingKind  string
	reportAction string
)

// Schema lists the kinds of rights.
func (rightKind) Schema(huma.Registry) *huma.Schema { return oneOf(report.Kinds) }

// Schema lists how people leave.
func (leavingKind) Schema(huma.Registry) *huma.Schema { return oneOf(report.Leavings) }

// Schema lists what may be done with agendas, messaging profiles and identities.
func (reportAction) Schema(huma.Registry) *huma.Schema {
	return oneOf([]string{"view_availability", "read", "reply", "manage", "send", "receive", "draft_consultation"})
}

// ReportPaged chooses a page of a report.
type ReportPaged struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many lines at most."`
	Cursor string `query:"cursor" doc:"The next_cursor of the page before; empty for the first page."`
}

// AccessFilters narrow who has access to what.
type AccessFilters struct {
	At       time.Time    `query:"at" doc:"The moment that it is about; now by default." example:"2026-10-01T00:00:00Z"`
	Search   string       `query:"q" maxLength:"100" doc:"Words of the name of a person."`
	Member   memberID     `query:"member" doc:"Only what this person has."`
	Resource string       `query:"resource" maxLength:"60" doc:"Only who has this agenda, messaging profile or identity."`
	Action   reportAction `query:"action" doc:"With resource: only who may do this with it."`
	Site     siteID       `query:"site" doc:"Only what opens something at this site."`
	Kind     rightKind    `query:"kind" doc:"Only rights of this kind."`
}

func (f AccessFilters) query() report.AccessQuery {
	return report.AccessQuery{
		At: f.At, Search: f.Search, Member: ident.Member(f.Member), Resource: resource.ID(f.Resource), Act: string(f.Action),
		Site: ident.Site(f.Site), Kind: string(f.Kind),
	}
}

// DormantFilters narrow which rights nobody uses.
type DormantFilters struct {
	Search string    `query:"q" maxLength:"100" doc:"Words of the name of a person."`
	Site   siteID    `query:"site" doc:"Only what opens something at this site."`
	Kind   rightKind `query:"kind" doc:"Only rights of this kind."`
}

func (f DormantFilters) query() report.DormantQuery {
	return report.DormantQuery{Search: f.Search, Site: ident.Site(f.Site), Kind: string(f.Kind)}
}

// LeaverFilters narrow who left, or will.
type LeaverFilters struct {
	Search string      `query:"q" maxLength:"100" doc:"Words of the name of a person."`
	Site   siteID      `query:"site" doc:"Only who belonged to this site."`
	How    leavingKind `query:"how" doc:"Only who leaves this way."`
	From   time.Time   `query:"from" doc:"Dates from then on."`
	Until  time.Time   `query:"until" doc:"Dates before then."`
}

func (f LeaverFilters) query() report.LeaversQuery {
	return report.LeaversQuery{Search: f.Search, Site: ident.Site(f.Site), How: report.Leaving(f.How), From: f.From, Until: f.Until}
}

// FactorFilters narrow whose account has no second factor.
type FactorFilters struct {
	Search string `query:"q" maxLength:"100" doc:"Words of the name of a person."`
	Site   siteID `query:"site" doc:"Only who belongs to this site."`
}

func (f FactorFilters) query() report.FactorsQuery {
	return report.FactorsQuery{Search: f.Search, Site: ident.Site(f.Site)}
}

type accessReportInput struct {
	InOrg
	ReportPaged
	AccessFilters
}

type dormantReportInput struct {
	InOrg
	ReportPaged
	DormantFilters
}

type leaverReportInput struct {
	InOrg
	ReportPaged
	LeaverFilters
}

type factorReportInput struct {
	InOrg
	ReportPaged
	FactorFilters
}

// ReportFile says how a report is written as a file.
type ReportFile struct {
	Format fileFormat `query:"format" default:"csv"`
}

type accessFileInput struct {
	InOrg
	AccessFilters
	ReportFile
}

type dormantFileInput struct {
	InOrg
	DormantFilters
	ReportFile
}

type leaverFileInput struct {
	InOrg
	LeaverFilters
	ReportFile
}

type factorFileInput struct {
	InOrg
	FactorFilters
	ReportFile
}

const fileAbout = "Every line that the filters keep. Needs what the report needs, and a fresh proof; ten files an hour. The export " +
	"is itself an event. A cell that a spreadsheet would take for a formula begins with an apostrophe."

func (s *Server) aboutReports(d *door) {
	const path = "/organizations/{org}/reports"
	missing := []int{http.StatusNotFound}
	add(d, route{
		id: "getAccessReport", method: http.MethodGet, path: path + "/access", tag: tagReports, summary: "Who has access to what",
		about: "The rights that opened something at a moment, each with its source, by name. Needs rights.read or rights.edit: of the sites " +
			"where it is held, what stands there and the people who belong there.",
		errors: missing,
	}, s.getAccessReport)
	add(d, route{
		id: "getDormantRights", method: http.MethodGet, path: path + "/dormant-rights", tag: tagReports, summary: "Rights that nobody uses",
		about: "Given 90 days ago or before, and not used for 90 days, as far as uses are known (uses_since): by permitted answers to " +
			"applications, and by acts in Habilis. Needs rights.read or rights.edit.",
		errors: missing,
	}, s.getDormantRights)
	add(d, route{
		id: "getLeavers", method: http.MethodGet, path: path + "/leavers", tag: tagReports, summary: "Who left, and when",
		about: "Who left, who is deactivated, and whose end is planned, the latest date first. Needs members.read.", errors: missing,
	}, s.getLeavers)
	add(d, route{
		id: "getUnprotectedAccounts", method: http.MethodGet, path: path + "/second-factor", tag: tagReports,
		summary: "Accounts without second factor",
		about: "Members who may sign in and whose account has no second factor that the organisation takes. " +
			"Needs members.read and security.edit.",
		errors: missing,
	}, s.getUnprotectedAccounts)
	for _, f := range []struct{ id, at, summary string }{
		{"exportAccessReport", "/access", "Who has access to what, as a file"},
		{"exportDormantRights", "/dormant-rights", "Rights that nobody uses, as a file"},
		{"exportLeavers", "/leavers", "Who left, as a file"},
		{"exportUnprotectedAccounts", "/second-factor", "Accounts without second factor, as a file"},
	} {
		r := route{id: f.id, method: http.MethodGet, path: path + f.at + "/export", tag: tagReports, summary: f.summary, about: fileAbout}
		r.errors = missing
		switch f.id {
		case "exportAccessReport":
			add(d, r, s.exportAccessReport)
		case "exportDormantRights":
			add(d, r, s.exportDormantRights)
		case "exportLeavers":
			add(d, r, s.exportLeavers)
		default:
			add(d, r, s.exportUnprotectedAccounts)
		}
	}
}

// ReportedRight is one right of one person.
type ReportedRight struct {
	Member      string     `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Name        string     `json:"name" doc:"The person's name then; empty when it was erased." example:"Julie Martin"`
	Function    string     `json:"function" example:"physician"`
	Kind        string     `json:"kind" enum:"role,permission,agenda,messaging_profile,identity,group"`
	Object      string     `json:"object" doc:"The role, the thing or the group; of a single permission, the permission."`
	ObjectName  string     `json:"object_name" doc:"Of a role that the product has, its code."`
	Level       string     `json:"level" doc:"A level; 'holder'; the act of a delegation; empty for what has none." example:"manage"`
	Permissions []string   `json:"permissions" doc:"Of a role."`
	Scope       *string    `json:"scope" doc:"Of a role or a permission: 'organization', or a site."`
	Site        *string    `json:"site" doc:"Where an agenda, a messaging profile or an identity stood; null: of the whole organisation."`
	GivenBy     string     `json:"given_by" doc:"An account, a token or 'system'; empty for what is the person's own."`
	GivenByName string     `json:"given_by_name" example:"Claire Morvan"`
	GivenAt     time.Time  `json:"given_at"`
	StartsAt    time.Time  `json:"starts_at"`
	EndsAt      *time.Time `json:"ends_at"`
	LastUsedOn  *string    `json:"last_used_on" doc:"Of dormant rights: a day, in France; null when none is known." example:"2026-06-30"`
}

// AccessReport is one page of who has access to what.
type AccessReport struct {
	At         time.Time       `json:"at" doc:"The moment that it is about."`
	Items      []ReportedRight `json:"items"`
	NextCursor *string         `json:"next_cursor" doc:"Where the next page begins; null on the last one."`
	Partial    bool            `json:"partial" doc:"The caller reads at some sites only: there may be more."`
}

// DormantRights is one page of the rights that nobody uses.
type DormantRights struct {
	Items      []ReportedRight `json:"items"`
	NextCursor *string         `json:"next_cursor" doc:"Where the next page begins; null on the last one."`
	Partial    bool            `json:"partial" doc:"The caller reads at some sites only: there may be more."`
	UsesSince  time.Time       `json:"uses_since" doc:"From when uses are known."`
	Before     time.Time       `json:"before" doc:"Given before then, and not used since."`
	TooEarly   bool            `json:"too_early" doc:"Uses are known for less than 90 days: nothing can be told yet."`
}

// Leaver is somebody who left, is deactivated, or will be.
type Leaver struct {
	Member       string     `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Name         string     `json:"name" doc:"Empty when it was erased." example:"Paul Garnier"`
	Function     string     `json:"function" example:"physician"`
	Sites        []string   `json:"sites" doc:"Names of those where they belong or belonged."`
	How          string     `json:"how" enum:"left,leaves,deactivated,deactivating,ends"`
	At           time.Time  `json:"at" doc:"When it ended, or will."`
	DecidedBy    string     `json:"decided_by" doc:"A name; empty when it is not known." example:"Claire Morvan"`
	LastSignInAt *time.Time `json:"last_sign_in_at" doc:"Here; null: never."`
}

// UnprotectedAccount is a member whose account has no second factor that the organisation takes.
type UnprotectedAccount struct {
	Member       string     `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Name         string     `json:"name" example:"Anne Petit"`
	Function     string     `json:"function" example:"secretary"`
	Administers  bool       `json:"administers" doc:"They hold an administration permission."`
	Required     bool       `json:"required" doc:"The policy asks for one of them, at once or after a delay."`
	AccountSince time.Time  `json:"account_since"`
	LastSignInAt *time.Time `json:"last_sign_in_at" doc:"Here; null: never."`
}

// next is the cursor of the page after; null on the last one.
func next(cursor string) *string {
	if cursor == "" {
		return nil
	}
	return &cursor
}

func (s *Server) getAccessReport(ctx context.Context, in *accessReportInput) (*plainReply[AccessReport], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	q := in.query()
	q.Size, q.After = in.Limit, in.Cursor
	l, err := s.Reports.Access(ctx, in.By, id, q)
	if err != nil {
		return nil, err
	}
	return replied(AccessReport{At: l.At.UTC(), Items: rightsReported(l.Lines, false), NextCursor: next(l.Next), Partial: l.Part}), nil
}

func (s *Server) getDormantRights(ctx context.Context, in *dormantReportInput) (*plainReply[DormantRights], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	q := in.query()
	q.Size, q.After = in.Limit, in.Cursor
	l, err := s.Reports.Dormant(ctx, in.By, id, q)
	if err != nil {
		return nil, err
	}
	return replied(DormantRights{
		Items: rightsReported(l.Lines, true), NextCursor: next(l.Next), Partial: l.Part, UsesSince: l.Since.UTC(), Before: l.Before.UTC(),
		TooEarly: l.Early,
	}), nil
}

func (s *Server) getLeavers(ctx context.Context, in *leaverReportInput) (*plainReply[List[Leaver]], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	q := in.query()
	q.Size, q.After = in.Limit, in.Cursor
	l, err := s.Reports.Leavers(ctx, in.By, id, q)
	if err != nil {
		return nil, err
	}
	return replied(listed(l.Leavers, l.Next, l.Total, leaverOf)), nil
}

func (s *Server) getUnprotectedAccounts(ctx context.Context, in *factorReportInput) (*plainReply[List[UnprotectedAccount]], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	q := in.query()
	q.Size, q.After = in.Limit, in.Cursor
	l, err := s.Reports.Factors(ctx, in.By, id, q)
	if err != nil {
		return nil, err
	}
	return replied(listed(l.People, l.Next, l.Total, unprotectedOf)), nil
}

// reported is a report as a file.
func (s *Server) reported(ctx context.Context, c Caller, x *report.Export, err error) (*sheetReply, error) {
	if err != nil {
		return nil, err
	}
	return &sheetReply{Body: s.fileBody(ctx, c.call, x)}, nil
}

func (s *Server) exportAccessReport(ctx context.Context, in *accessFileInput) (*sheetReply, error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	x, err := s.Reports.ExportAccess(ctx, in.By, id, in.query(), sheet.Format(in.Format))
	return s.reported(ctx, in.Caller, x, err)
}

func (s *Server) exportDormantRights(ctx context.Context, in *dormantFileInput) (*sheetReply, error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	x, err := s.Reports.ExportDormant(ctx, in.By, id, in.query(), sheet.Format(in.Format))
	return s.reported(ctx, in.Caller, x, err)
}

func (s *Server) exportLeavers(ctx context.Context, in *leaverFileInput) (*sheetReply, error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	x, err := s.Reports.ExportLeavers(ctx, in.By, id, in.query(), sheet.Format(in.Format))
	return s.reported(ctx, in.Caller, x, err)
}

func (s *Server) exportUnprotectedAccounts(ctx context.Context, in *factorFileInput) (*sheetReply, error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	x, err := s.Reports.ExportFactors(ctx, in.By, id, in.query(), sheet.Format(in.Format))
	return s.reported(ctx, in.Caller, x, err)
}
