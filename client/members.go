package client

import (
	"context"
	"iter"
	"net/http"
)

// MemberQuery chooses members.
type MemberQuery struct {
	Paging

	Search       string   `query:"q"`            // part of the name or of the e-mail address
	Keyword      string   `query:"keyword"`      // profession, function, specialty or RPPS
	Role         string   `query:"role"`         // ID of a role, held at any scope
	Permission   string   `query:"permission"`   // held at any scope
	Status       []string `query:"status"`       // pending_approval, created, active, deactivated
	Verification string   `query:"verification"` // unchecked, incomplete, verified: of people who registered by themselves
	Site         string   `query:"site"`         // ID of a site
	Function     string   `query:"function"`
	Admin        bool     `query:"admin"` // only administrators
	Sort         string   `query:"sort"`  // name, last_sign_in, created; a minus sign turns it round
}

// MemberList is one page of members, with the numbers of the whole list.
type MemberList struct {
	List[MemberRow]

	Counts MemberCounts `json:"counts"`
}

// MemberCounts are the numbers of members that the caller may see, no filter applied.
type MemberCounts struct {
	All            int64 `json:"all"`
	Active         int64 `json:"active"`
	Pending        int64 `json:"pending"`
	Deactivated    int64 `json:"deactivated"`
	Administrators int64 `json:"administrators"`
}

// Selection is several members.
type Selection struct {
	Members []string `json:"members"`
}

// SelectionReport says what became of each of several members.
type SelectionReport struct {
	DryRun bool            `json:"dry_run"` // nothing was done
	Lines  []SelectionLine `json:"lines"`
}

// SelectionLine is what became of one member.
type SelectionLine struct {
	Member string `json:"member"`
	Status string `json:"status"`
	Code   string `json:"code,omitempty"` // the rule that would refuse this member
	Detail string `json:"detail,omitempty"`
}

// ListMembers gives a page of the members that the caller may see.
func (c *Client) ListMembers(ctx context.Context, org string, q MemberQuery) (MemberList, error) {
	return call[MemberList](ctx, c, request{method: http.MethodGet, path: members(org), query: q})
}

// Members goes through the members that the caller may see.
func (c *Client) Members(ctx context.Context, org string, q MemberQuery) iter.Seq2[MemberRow, error] {
	return every(q.Paging, func(p Paging) (List[MemberRow], error) {
		q.Paging = p
		l, err := c.ListMembers(ctx, org, q)
		return l.List, err
	})
}

func members(org string, rest ...string) []string {
	return append(inOrg(org, "members"), rest...)
}

// GetMember reads a member's whole sheet.
func (c *Client) GetMember(ctx context.Context, org, member string) (MemberSheet, error) {
	return call[MemberSheet](ctx, c, request{method: http.MethodGet, path: members(org, member)})
}

// DeactivateMember ends the access to the organisation at once. Version 0: whichever is there.
func (c *Client) DeactivateMember(ctx context.Context, org, member string, version int64) (Member, error) {
	return call[Member](ctx, c, request{method: http.MethodPost, path: members(org, member, "deactivate"), version: from(version)})
}

// ReactivateMember gives the access back as it was. Version 0: whichever is there.
func (c *Client) ReactivateMember(ctx context.Context, org, member string, version int64) (Member, error) {
	return call[Member](ctx, c, request{method: http.MethodPost, path: members(org, member, "reactivate"), version: from(version)})
}

// DeactivateMembers deactivates several members: all or none.
func (c *Client) DeactivateMembers(ctx context.Context, org string, s Selection) (SelectionReport, error) {
	return call[SelectionReport](ctx, c, request{method: http.MethodPost, path: members(org, "deactivate"), body: s})
}

// PreviewDeactivateMembers tells what DeactivateMembers would refuse, and does nothing.
func (c *Client) PreviewDeactivateMembers(ctx context.Context, org string, s Selection) (SelectionReport, error) {
	return call[SelectionReport](ctx, c, request{method: http.MethodPost, path: members(org, "deactivate"), query: dryRun{true}, body: s})
}

// atScope says where: "organization", or the ID of a site.
type atScope struct {
	Scope string `query:"scope"`
}

// AppointAdministrator names an administrator at a scope, from the version read.
func (c *Client) AppointAdministrator(ctx context.Context, org, member, scope string, version int64) (MemberSheet, error) {
	return call[MemberSheet](ctx, c, request{
		method: http.MethodPut, path: members(org, member, "administration"), query: atScope{scope}, version: &version,
	})
}

// WithdrawAdministrator takes administration at a scope. Version 0: whichever is there.
func (c *Client) WithdrawAdministrator(ctx context.Context, org, member, scope string, version int64) (MemberSheet, error) {
	return call[MemberSheet](ctx, c, request{
		method: http.MethodDelete, path: members(org, member, "administration"), query: atScope{scope}, version: from(version),
	})
}

// AddMemberToSite makes the member belong to a site too, from the version read.
func (c *Client) AddMemberToSite(ctx context.Context, org, member, site string, version int64) (MemberSheet, error) {
	return call[MemberSheet](ctx, c, request{method: http.MethodPut, path: members(org, member, "sites", site), version: &version})
}

// RemoveMemberFromSite ends the belonging and the rights held there. Version 0: whichever is there.
func (c *Client) RemoveMemberFromSite(ctx context.Context, org, member, site string, version int64) (MemberSheet, error) {
	return call[MemberSheet](ctx, c, request{method: http.MethodDelete, path: members(org, member, "sites", site), version: from(version)})
}
