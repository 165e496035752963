package client

import (
	"context"
	"io"
	"net/http"
)

// WantedScopeLevels is an edit of what people may do with patient records, or administer,
// in the organisation or at a site.
type WantedScopeLevels struct {
	Changes []ScopeLevelChange `json:"changes"`
	Reason  string             `json:"reason,omitempty"`
	DryRun  bool               `json:"dry_run,omitempty"` // say what would be done, and do nothing
}

// ScopeLevelChange is one cell as somebody wants it.
type ScopeLevelChange struct {
	Member string  `json:"member"`
	Scope  string  `json:"scope"`         // organization, or the ID of a site
	Realm  string  `json:"realm"`         // records, administration
	Level  string  `json:"level"`         // of records: none, documents, read, write; of administration: none, administrator
	Was    *string `json:"was,omitempty"` // the level it was made from: another one now refuses it
}

// ScopeLevels is an edit of levels at scopes: done, or as it would be.
type ScopeLevels struct {
	ID          *string          `json:"id"` // of its change set; nil when nothing was done
	Lines       []ScopeLevelLine `json:"lines"`
	Warnings    []ChangeWarning  `json:"warnings"`
	NeedsStepUp bool             `json:"needs_step_up"` // administration is given or taken
}

// ScopeLevelLine is one cell before and after.
type ScopeLevelLine struct {
	Member     string `json:"member"`
	MemberName string `json:"member_name"`
	Scope      string `json:"scope"`
	SiteName   string `json:"site_name"`
	Realm      string `json:"realm"`
	Before     string `json:"before"` // custom: a combination that is no level
	After      string `json:"after"`
}

// ChangeScopeLevels gives and takes levels at scopes, all of it or nothing. What comes from
// a role other than the administrator's stays.
func (c *Client) ChangeScopeLevels(ctx context.Context, org string, w WantedScopeLevels) (ScopeLevels, error) {
	return call[ScopeLevels](ctx, c, request{method: http.MethodPost, path: inOrg(org, "access", "scope-levels"), body: w})
}

// AccessFilter chooses what an export of rights holds; what is empty lets all through.
type AccessFilter struct {
	Search       string `query:"q"`             // part of a person's name
	Function     string `query:"function"`      // of the people
	Site         string `query:"site"`          // where the people work: an ID
	Resource     string `query:"resource"`      // part of the name of an agenda, a mailbox or a site
	Detail       string `query:"detail"`        // the short line of agendas and mailboxes, exactly
	ResourceSite string `query:"resource_site"` // the site of agendas and mailboxes: an ID
}

type inDomain struct {
	AccessFilter

	Domain string `query:"domain"`
}

// ExportAccess gives who may do what in a domain (agenda, messaging_profile, records,
// administration) as a CSV file, read as it arrives. The caller closes it.
func (c *Client) ExportAccess(ctx context.Context, org, domain string, f AccessFilter) (io.ReadCloser, error) {
	return stream(ctx, c, request{method: http.MethodGet, path: inOrg(org, "access", "export"), query: inDomain{f, domain}, accept: "*/*"})
}
