package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// Invitation waits for a person to come in.
type Invitation struct {
	ID           string       `json:"id"`
	Organization string       `json:"organization"`
	Member       *string      `json:"member"` // the member it waits for, when there is one already
	Email        string       `json:"email"`
	Status       string       `json:"status"`  // pending, accepted, deleted; an expired one is pending past ExpiresAt
	Welcome      string       `json:"welcome"` // invitation, temporary_password
	Language     string       `json:"language"`
	Function     string       `json:"function"` // empty: the person chooses
	Roles        []GivenRole  `json:"roles"`
	Sites        []SiteRef    `json:"sites"`
	Levels       []GivenLevel `json:"levels"` // on agendas and messaging profiles that are open still
	InvitedBy    string       `json:"invited_by"`
	SentAt       time.Time    `json:"sent_at"`
	ExpiresAt    time.Time    `json:"expires_at"`
	CreatedAt    time.Time    `json:"created_at"`
	MayResend    bool         `json:"may_resend"` // the caller may send it again or delete it
	Version      int64        `json:"version"`
}

// GivenLevel is a level that an invitation gives.
type GivenLevel struct {
	Resource string     `json:"resource"`
	Level    string     `json:"level"`
	From     *time.Time `json:"from"`
	Until    *time.Time `json:"until"`
}

// GivenRole is a role that an invitation gives.
type GivenRole struct {
	Role  string `json:"role"`
	Name  string `json:"name"`
	Scope string `json:"scope"` // "organization", or the ID of a site
}

// InvitationQuery chooses invitations.
type InvitationQuery struct {
	Paging

	Search string `query:"q"` // part of the address
}

// NewInvitations are the addresses to invite, and what all of them are given.
type NewInvitations struct {
	Emails   []string        `json:"emails"`
	Role     string          `json:"role,omitempty"`  // at each of the sites, or in the whole organisation
	Roles    []RoleAtScope   `json:"roles,omitempty"` // instead of Role
	Rights   *NewcomerRights `json:"rights,omitempty"`
	Sites    []string        `json:"sites,omitempty"`
	Function string          `json:"function,omitempty"`
	Welcome  string          `json:"welcome,omitempty"` // a link when empty
	Language string          `json:"language,omitempty"`
}

// RoleAtScope is a role and where it holds.
type RoleAtScope struct {
	Role  string `json:"role"`
	Scope string `json:"scope"` // "organization", or the ID of a site
}

// InvitationReport says what became of each address.
type InvitationReport struct {
	DryRun bool             `json:"dry_run"` // nothing was done
	Lines  []InvitationLine `json:"lines"`
}

// InvitationLine is what became of one address.
type InvitationLine struct {
	Email      string  `json:"email"`            // as it was given
	Fate       string  `json:"fate"`             // invited, already_invited, joined, already_member, throttled, invalid
	Code       string  `json:"code,omitempty"`   // of an invalid address: the rule that refused it
	Detail     string  `json:"detail,omitempty"` // what to do about it
	Invitation *string `json:"invitation"`
	Member     *string `json:"member"`
}

// ListInvitations gives a page of the pending invitations, the latest first.
func (c *Client) ListInvitations(ctx context.Context, org string, q InvitationQuery) (List[Invitation], error) {
	return call[List[Invitation]](ctx, c, request{method: http.MethodGet, path: inOrg(org, "invitations"), query: q})
}

// Invitations goes through the pending invitations.
func (c *Client) Invitations(ctx context.Context, org string, q InvitationQuery) iter.Seq2[Invitation, error] {
	return every(q.Paging, func(p Paging) (List[Invitation], error) { q.Paging = p; return c.ListInvitations(ctx, org, q) })
}

// dryRun asks for what would be done.
type dryRun struct {
	DryRun bool `query:"dry_run"`
}

// Invite invites people: one line of answer for each address.
func (c *Client) Invite(ctx context.Context, org string, n NewInvitations) (InvitationReport, error) {
	return call[InvitationReport](ctx, c, request{method: http.MethodPost, path: inOrg(org, "invitations"), body: n})
}

// PreviewInvite tells what Invite would do, and does nothing.
func (c *Client) PreviewInvite(ctx context.Context, org string, n NewInvitations) (InvitationReport, error) {
	return call[InvitationReport](ctx, c, request{
		method: http.MethodPost, path: inOrg(org, "invitations"), query: dryRun{true}, body: n,
	})
}

// GetInvitation reads a pending one.
func (c *Client) GetInvitation(ctx context.Context, org, invitation string) (Invitation, error) {
	return call[Invitation](ctx, c, request{method: http.MethodGet, path: inOrg(org, "invitations", invitation)})
}

// ResendInvitation sends one again, for thirty days; the link sent before is dead.
func (c *Client) ResendInvitation(ctx context.Context, org, invitation string) (Invitation, error) {
	return call[Invitation](ctx, c, request{method: http.MethodPost, path: inOrg(org, "invitations", invitation, "resend")})
}

// DeleteInvitation ends one; its link is dead.
func (c *Client) DeleteInvitation(ctx context.Context, org, invitation string) error {
	return act(ctx, c, request{method: http.MethodDelete, path: inOrg(org, "invitations", invitation)})
}
