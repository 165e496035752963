package api

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"habilis/internal/access"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/resource"
	"habilis/internal/text"
)

// Words that the routes of the matrix read.
type (
	realmWord    string // records, administration
	scopeLevel   string // of a realm
	accessDomain string // agenda, messaging_profile, records, administration
)

// Schema lists what levels at scopes are about.
func (realmWord) Schema(huma.Registry) *huma.Schema { return oneOf(grant.Realms) }

// Schema lists the levels that can be given at a scope.
func (scopeLevel) Schema(huma.Registry) *huma.Schema {
	return oneOf([]grant.ScopeLevel{grant.ScopeNone, grant.ScopeDocuments, grant.ScopeRead, grant.ScopeWrite, grant.ScopeAdministrator})
}

// Schema lists the matrices.
func (accessDomain) Schema(huma.Registry) *huma.Schema {
	return oneOf([]string{string(resource.Agenda), string(resource.MessagingProfile), string(grant.Records), string(grant.Administration)})
}

type scopeLevelsInput struct {
	InOrg

	Body struct {
		Changes []scopeLevelChange `json:"changes" minItems:"1" maxItems:"500"`
		Reason  string             `json:"reason,omitempty" doc:"Shown in the history."`
		DryRun  bool               `json:"dry_run,omitempty" doc:"Say what would be done, and do nothing."`
	}
}

type scopeLevelChange struct {
	Member memberID    `json:"member"`
	Scope  scopeCode   `json:"scope" doc:"organization, or the ID of a site."`
	Realm  realmWord   `json:"realm" doc:"The patient record, or administration."`
	Level  scopeLevel  `json:"level" doc:"Of records: none, documents, read, write; of administration: none, administrator."`
	Was    *scopeLevel `json:"was,omitempty" doc:"The level that the change was made from: another one now refuses it."`
}

// ScopeLevels is an edit of levels at scopes: done, or as it would be.
type ScopeLevels struct {
	ID          *string          `json:"id" doc:"Of its change set; null when nothing was done."`
	Lines       []ScopeLevelLine `json:"lines"`
	Warnings    []ChangeWarning  `json:"warnings" doc:"What is worth reading before saving."`
	NeedsStepUp bool             `json:"needs_step_up" doc:"Administration is given or taken."`
}

// ScopeLevelLine is one cell before and after.
type ScopeLevelLine struct {
	Member     string `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	MemberName string `json:"member_name" example:"Julie Delmas"`
	Scope      string `json:"scope" example:"organization"`
	SiteName   string `json:"site_name" doc:"Of a site."`
	Realm      string `json:"realm" enum:"records,administration"`
	Before     string `json:"before" enum:"none,documents,read,write,administrator,custom"`
	After      string `json:"after" enum:"none,documents,read,write,administrator"`
}

type accessExportInput struct {
	InOrg

	Domain       accessDomain `query:"domain" required:"true" doc:"Which of the four matrices."`
	Search       string       `query:"q" maxLength:"200" doc:"Part of a person's name."`
	Function     string       `query:"function" maxLength:"60" doc:"Of the people." example:"secretary"`
	Site         siteID       `query:"site" doc:"Where the people work."`
	Resource     string       `query:"resource" maxLength:"200" doc:"Part of the name of an agenda, a mailbox or a site."`
	Detail       string       `query:"detail" maxLength:"200" doc:"The short line of agendas and mailboxes, exactly: a specialty."`
	ResourceSite siteID       `query:"resource_site" doc:"The site of agendas and mailboxes."`
}

func (s *Server) aboutAccess(d *door) {
	add(d, route{
		id: "changeScopeLevels", method: http.MethodPost, path: "/organizations/{org}/access/scope-levels", tag: tagRights,
		summary: "Change levels at sites",
		about: "Gives and takes what people may do with patient records, or administer, in the organisation or at a site: single permissions " +
			"and the administrator role, all of it or nothing, as one change set. What comes from another role stays. Needs rights.edit there; " +
			"administration needs to be held, and a fresh proof. With dry_run the answer says what would be done.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.changeScopeLevels)
	add(d, route{
		id: "exportAccess", method: http.MethodGet, path: "/organizations/{org}/access/export", tag: tagRights,
		summary: "Export who may do what",
		about: "A CSV file: a line for each person and agenda, mailbox or site where they have a right, with its level, dates, giver and " +
			"source. Needs rights.read, or rights.edit, and a fresh proof; ten an hour. The export is itself an event. " +
			"A cell that a spreadsheet would take for a formula begins with an apostrophe.",
		errors: []int{http.StatusNotFound},
	}, s.exportAccess)
}

func (s *Server) changeScopeLevels(ctx context.Context, in *scopeLevelsInput) (*plainReply[ScopeLevels], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	w := grant.ScopesWanted{Reason: in.Body.Reason}
	for _, c := range in.Body.Changes {
		at, _ := access.ParseScope(org, string(c.Scope)) // the schema let it through
		one := grant.ScopeChange{Member: ident.Member(c.Member), Scope: at, Realm: grant.Realm(c.Realm), Level: grant.ScopeLevel(c.Level)}
		if c.Was != nil {
			was := grant.ScopeLevel(*c.Was)
			one.Was = &was
		}
		w.Changes = append(w.Changes, one)
	}
	act := s.Grants.ApplyScopes
	if in.Body.DryRun {
		act = s.Grants.PreviewScopes
	}
	set, err := act(ctx, in.By, org, w)
	if err != nil {
		return nil, bounded(err)
	}
	return replied(scopeLevelsOf(in.call.words(ctx), set)), nil
}

func scopeLevelsOf(t *text.Printer, set grant.ScopeSet) ScopeLevels {
	v := ScopeLevels{
		ID: optionalID(set.ID), NeedsStepUp: set.NeedsStepUp,
		Lines: make([]ScopeLevelLine, 0, len(set.Lines)), Warnings: make([]ChangeWarning, 0, len(set.Warnings)),
	}
	for _, l := range set.Lines {
		v.Lines = append(v.Lines, ScopeLevelLine{
			Member: l.Member.String(), MemberName: l.MemberName, Scope: l.Scope.Code(), SiteName: l.SiteName, Realm: string(l.Realm),
			Before: string(l.Before), After: string(l.After),
		})
	}
	for _, w := range set.Warnings {
		v.Warnings = append(v.Warnings, ChangeWarning{Code: w.Code, Detail: t.T("warning."+w.Code, w.Args...)})
	}
	return v
}

// accessExport is an answer that is written as it is read.
type accessExport struct {
	Body func(huma.Context) `contentType:"text/csv"`
}

func (s *Server) exportAccess(ctx context.Context, in *accessExportInput) (*accessExport, error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	x, err := s.exportOf(ctx, in, org)
	if err != nil {
		return nil, err
	}
	return &accessExport{Body: s.fileBody(ctx, in.call, x)}, nil
}

// exportFile is a file that is written as it is read.
type exportFile interface {
	ContentType() string
	Name(now time.Time) string
	Write(ctx context.Context, t *text.Printer, w io.Writer, flush func() error) error
}

// fileBody answers with a file, a part at a time.
func (s *Server) fileBody(ctx context.Context, c *call, x exportFile) func(huma.Context) {
	t := c.words(ctx)
	return func(hc huma.Context) {
		hc.SetHeader("Content-Type", x.ContentType())
		hc.SetHeader("Content-Disposition", `attachment; filename="`+x.Name(s.Run.DB.Now())+`"`)
		hc.SetStatus(http.StatusOK)
		answer := http.NewResponseController(c.w)
		flush := func() error {
			err := answer.SetWriteDeadline(time.Now().Add(exportTime)) //nolint:forbidigo // a deadline of the network, not of the field
			if err != nil {
				return err
			}
			return answer.Flush()
		}
		if err := x.Write(ctx, t, hc.BodyWriter(), flush); err != nil {
			s.Log.Warn("api: an export was cut off", "request", c.by.Request, "err", err)
			panic(http.ErrAbortHandler) // a half answer must not look whole
		}
	}
}

func (s *Server) exportOf(ctx context.Context, in *accessExportInput, org ident.Org) (*grant.Export, error) {
	switch realm := grant.Realm(in.Domain); realm {
	case grant.Records, grant.Administration:
		return s.Grants.ExportScopes(ctx, in.By, org, grant.ScopeQuery{
			Realm: realm, Q: in.Search, Function: in.Function, Site: ident.Site(in.Site), ScopeQ: in.Resource,
		})
	}
	return s.Grants.ExportLevels(ctx, in.By, org, grant.MatrixQuery{
		Type: resource.Type(in.Domain), Q: in.Search, Function: in.Function, Site: ident.Site(in.Site), ResourceQ: in.Resource, Detail: in.Detail,
		ResourceSite: ident.Site(in.ResourceSite),
	})
}
