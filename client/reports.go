package client

import (
	"context"
	"io"
	"iter"
	"net/http"
	"time"
)

// AccessReportFilter narrows who has access to what; what is empty lets all through.
type AccessReportFilter struct {
	At       time.Time `query:"at"`       // the moment that it is about; zero: now
	Search   string    `query:"q"`        // words of the name of a person
	Member   string    `query:"member"`   // ID of a member
	Resource string    `query:"resource"` // ID of an agenda, a messaging profile or an identity
	Action   string    `query:"action"`   // with Resource: what may be done with it
	Site     string    `query:"site"`     // ID of a site
	Kind     string    `query:"kind"`     // role, permission, agenda, messaging_profile, identity, group
}

// DormantFilter narrows which rights nobody uses.
type DormantFilter struct {
	Search string `query:"q"`
	Site   string `query:"site"`
	Kind   string `query:"kind"`
}

// LeaverFilter narrows who left, or will.
type LeaverFilter struct {
	Search string    `query:"q"`
	Site   string    `query:"site"`
	How    string    `query:"how"` // left, leaves, deactivated, deactivating, ends
	From   time.Time `query:"from"`
	Until  time.Time `query:"until"`
}

// FactorFilter narrows whose account has no second factor.
type FactorFilter struct {
	Search string `query:"q"`
	Site   string `query:"site"`
}

// AccessReportQuery chooses a page of who has access to what.
type AccessReportQuery struct {
	Paging
	AccessReportFilter
}

// DormantQuery chooses a page of the rights that nobody uses.
type DormantQuery struct {
	Paging
	DormantFilter
}

// LeaverQuery chooses a page of who left.
type LeaverQuery struct {
	Paging
	LeaverFilter
}

// FactorQuery chooses a page of the accounts without second factor.
type FactorQuery struct {
	Paging
	FactorFilter
}

// ReportedRight is one right of one person.
type ReportedRight struct {
	Member      string     `json:"member"`
	Name        string     `json:"name"` // then; empty when it was erased
	Function    string     `json:"function"`
	Kind        string     `json:"kind"`
	Object      string     `json:"object"` // the role, the thing or the group; the permission itself
	ObjectName  string     `json:"object_name"`
	Level       string     `json:"level"` // holder, a level, or the act of a delegation
	Permissions []string   `json:"permissions"`
	Scope       *string    `json:"scope"` // organization, or a site
	Site        *string    `json:"site"`
	GivenBy     string     `json:"given_by"`
	GivenByName string     `json:"given_by_name"`
	GivenAt     time.Time  `json:"given_at"`
	StartsAt    time.Time  `json:"starts_at"`
	EndsAt      *time.Time `json:"ends_at"`
	LastUsedOn  *string    `json:"last_used_on"` // of dormant rights; nil: none is known
}

// AccessReport is one page of who has access to what.
type AccessReport struct {
	At         time.Time       `json:"at"`
	Items      []ReportedRight `json:"items"`
	NextCursor *string         `json:"next_cursor"`
	Partial    bool            `json:"partial"` // the caller reads at some sites only
}

// DormantRights is one page of the rights that nobody uses.
type DormantRights struct {
	Items      []ReportedRight `json:"items"`
	NextCursor *string         `json:"next_cursor"`
	Partial    bool            `json:"partial"`
	UsesSince  time.Time       `json:"uses_since"` // from when uses are known
	Before     time.Time       `json:"before"`     // given before then, and not used since
	TooEarly   bool            `json:"too_early"`  // nothing can be told yet
}

// Leaver is somebody who left, is deactivated, or will be.
type Leaver struct {
	Member       string     `json:"member"`
	Name         string     `json:"name"`
	Function     string     `json:"function"`
	Sites        []string   `json:"sites"`
	How          string     `json:"how"`
	At           time.Time  `json:"at"`
	DecidedBy    string     `json:"decided_by"`
	LastSignInAt *time.Time `json:"last_sign_in_at"`
}

// UnprotectedAccount is a member whose account has no second factor that the organisation takes.
type UnprotectedAccount struct {
	Member       string     `json:"member"`
	Name         string     `json:"name"`
	Function     string     `json:"function"`
	Administers  bool       `json:"administers"`
	Required     bool       `json:"required"`
	AccountSince time.Time  `json:"account_since"`
	LastSignInAt *time.Time `json:"last_sign_in_at"`
}

func reports(org string, rest ...string) []string {
	return inOrg(org, append([]string{"reports"}, rest...)...)
}

// GetAccessReport gives a page of who has access to what, at a moment.
func (c *Client) GetAccessReport(ctx context.Context, org string, q AccessReportQuery) (AccessReport, error) {
	return call[AccessReport](ctx, c, request{method: http.MethodGet, path: reports(org, "access"), query: q})
}

// AccessReport goes through who has access to what. ExportAccessReport is faster for all of it.
func (c *Client) AccessReport(ctx context.Context, org string, f AccessReportFilter) iter.Seq2[ReportedRight, error] {
	return every(Paging{}, func(p Paging) (List[ReportedRight], error) {
		l, err := c.GetAccessReport(ctx, org, AccessReportQuery{p, f})
		return List[ReportedRight]{Items: l.Items, NextCursor: l.NextCursor}, err
	})
}

// GetDormantRights gives a page of the rights that nobody uses.
func (c *Client) GetDormantRights(ctx context.Context, org string, q DormantQuery) (DormantRights, error) {
	return call[DormantRights](ctx, c, request{method: http.MethodGet, path: reports(org, "dormant-rights"), query: q})
}

// GetLeavers gives a page of who left, is deactivated, or will be, the latest date first.
func (c *Client) GetLeavers(ctx context.Context, org string, q LeaverQuery) (List[Leaver], error) {
	return call[List[Leaver]](ctx, c, request{method: http.MethodGet, path: reports(org, "leavers"), query: q})
}

// GetUnprotectedAccounts gives a page of the accounts without second factor, by name.
func (c *Client) GetUnprotectedAccounts(ctx context.Context, org string, q FactorQuery) (List[UnprotectedAccount], error) {
	return call[List[UnprotectedAccount]](ctx, c, request{method: http.MethodGet, path: reports(org, "second-factor"), query: q})
}

type accessFile struct {
	AccessReportFilter
	ofFormat
}

type dormantFile struct {
	DormantFilter
	ofFormat
}

type leaverFile struct {
	LeaverFilter
	ofFormat
}

type factorFile struct {
	FactorFilter
	ofFormat
}

// ExportAccessReport reads who has access to what as a file, csv or xlsx. The caller closes it.
func (c *Client) ExportAccessReport(ctx context.Context, org string, f AccessReportFilter, format string) (io.ReadCloser, error) {
	return stream(ctx, c, request{
		method: http.MethodGet, path: reports(org, "access", "export"), query: accessFile{f, ofFormat{format}}, accept: "*/*",
	})
}

// ExportDormantRights reads the rights that nobody uses as a file, csv or xlsx. The caller closes it.
func (c *Client) ExportDormantRights(ctx context.Context, org string, f DormantFilter, format string) (io.ReadCloser, error) {
	return stream(ctx, c, request{
		method: http.MethodGet, path: reports(org, "dormant-rights", "export"), query: dormantFile{f, ofFormat{format}}, accept: "*/*",
	})
}

// ExportLeavers reads who left as a file, csv or xlsx. The caller closes it.
func (c *Client) ExportLeavers(ctx context.Context, org string, f LeaverFilter, format string) (io.ReadCloser, error) {
	return stream(ctx, c, request{
		method: http.MethodGet, path: reports(org, "leavers", "export"), query: leaverFile{f, ofFormat{format}}, accept: "*/*",
	})
}

// ExportUnprotectedAccounts reads the accounts without second factor as a file, csv or xlsx. The
// caller closes it.
func (c *Client) ExportUnprotectedAccounts(ctx context.Context, org string, f FactorFilter, format string) (io.ReadCloser, error) {
	return stream(ctx, c, request{
		method: http.MethodGet, path: reports(org, "second-factor", "export"), query: factorFile{f, ofFormat{format}}, accept: "*/*",
	})
}
