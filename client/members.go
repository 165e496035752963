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

// Deactivation says when an access ends.
type Deactivation struct {
	Date string `json:"date,omitempty"` // the last day of access, "2026-11-30"; empty: none, it ends at once
}

// DeactivateMember ends the access to the organisation, at once or at the end of a day, in place of what was planned before.
// Version 0: whichever is there.
func (c *Client) DeactivateMember(ctx context.Context, org, member string, d Deactivation, version int64) (DeactivatedMember, error) {
	return call[DeactivatedMember](ctx, c, request{
		method: http.MethodPost, path: members(org, member, "deactivate"), body: d, version: from(version),
	})
}

// CancelDeactivation takes back what was planned. Version 0: whichever is there.
func (c *Client) CancelDeactivation(ctx context.Context, org, member string, version int64) (MemberSheet, error) {
	return call[MemberSheet](ctx, c, request{method: http.MethodDelete, path: members(org, member, "deactivation"), version: from(version)})
}

// ReactivateMember gives the access back as it was, but for what changed meanwhile. Version 0: whichever is there.
func (c *Client) ReactivateMember(ctx context.Context, org, member string, version int64) (ReactivatedMember, error) {
	return call[ReactivatedMember](ctx, c, request{method: http.MethodPost, path: members(org, member, "reactivate"), version: from(version)})
}

// GetReactivation tells what a reactivation would give back otherwise than before, or did.
func (c *Client) GetReactivation(ctx context.Context, org, member string) (Reactivation, error) {
	return call[Reactivation](ctx, c, request{method: http.MethodGet, path: members(org, member, "reactivation")})
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

// SiteRemoval says what removing a member from a site would end, before it does.
type SiteRemoval struct {
	Site        SiteRef          `json:"site"`
	Last        bool             `json:"last"`        // their only site: to go from it is a departure
	NeedsProof  bool             `json:"needs_proof"` // they administer it, or hold something there
	RefusedBy   string           `json:"refused_by"`  // code of what refuses it; empty: nothing
	Roles       []HeldRole       `json:"roles"`
	Permissions []HeldPermission `json:"permissions"`
	Levels      int              `json:"levels"`
	Received    int              `json:"delegations_received"`
	Given       int              `json:"delegations_given"`
	Unmanaged   []NamedResource  `json:"unmanaged"` // nobody would manage it any more
	Holds       []SiteHolding    `json:"holds"`
	Version     int64            `json:"version"` // of the member
}

// NamedResource is a resource by its ID and name.
type NamedResource struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// SiteHolding is something that a member holds at a site.
type SiteHolding struct {
	What      string          `json:"what"`   // resource, work
	Object    string          `json:"object"` // the ID of the resource, or the kind of the items
	Name      string          `json:"name"`
	Items     int64           `json:"items"`
	Without   string          `json:"without"` // closed, kept: when nobody takes it over
	May       bool            `json:"may"`
	Receivers []NamedReceiver `json:"receivers"`
}

// NamedReceiver is somebody who may take something over.
type NamedReceiver struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Function string `json:"function"`
}

// SiteReassignment gives one thing of SiteHolding to somebody.
type SiteReassignment struct {
	What   string `json:"what"`
	Object string `json:"object"`
	To     string `json:"to"`
}

// NewSiteRemoval is what is asked of a removal: what is left out has its fate (Without).
type NewSiteRemoval struct {
	Reassignments []SiteReassignment `json:"reassignments,omitempty"`
}

// GetSiteRemoval says what a removal from a site would end.
func (c *Client) GetSiteRemoval(ctx context.Context, org, member, site string) (SiteRemoval, error) {
	return call[SiteRemoval](ctx, c, request{method: http.MethodGet, path: members(org, member, "sites", site, "removal")})
}

// CreateSiteRemoval removes a member from a site, with what they hold there. Version 0: whichever
// is there.
func (c *Client) CreateSiteRemoval(ctx context.Context, org, member, site string, version int64, n NewSiteRemoval) (MemberSheet, error) {
	return call[MemberSheet](ctx, c, request{
		method: http.MethodPost, path: members(org, member, "sites", site, "removal"), version: from(version), body: n,
	})
}
