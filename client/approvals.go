package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// Features are the parts of the product that the platform's support opens to an organisation.
type Features struct {
	Administration bool  `json:"administration"` // the administration space
	Version        int64 `json:"version"`
}

// FeaturesChange changes them; what is nil stays as it is.
type FeaturesChange struct {
	Administration *bool `json:"administration,omitempty"`
}

// GetFeatures reads what is open to an organisation.
func (c *Client) GetFeatures(ctx context.Context, org string) (Features, error) {
	return call[Features](ctx, c, request{method: http.MethodGet, path: inOrg(org, "features")})
}

// EditFeatures opens or closes parts of the product, from the version read; for the
// platform's support.
func (c *Client) EditFeatures(ctx context.Context, org string, version int64, change FeaturesChange) (Features, error) {
	return call[Features](ctx, c, request{method: http.MethodPatch, path: inOrg(org, "features"), version: &version, body: change})
}

// Approval is an account that the support made for an organisation: it opens nothing until
// somebody of the organisation authorises it.
type Approval struct {
	Organization string     `json:"organization"`
	Member       string     `json:"member"`
	Name         string     `json:"name"`
	Email        string     `json:"email"`
	Status       string     `json:"status"` // waiting, authorized, refused, expired
	Ticket       string     `json:"ticket"` // why it was asked for
	Sites        []string   `json:"sites"`
	CreatedBy    string     `json:"created_by"`
	CreatedAt    time.Time  `json:"created_at"`
	ExpiresAt    time.Time  `json:"expires_at"`
	EndsAt       *time.Time `json:"ends_at"` // of the access
	DecidedBy    string     `json:"decided_by"`
	DecidedAt    *time.Time `json:"decided_at"`
	Reason       string     `json:"reason"` // what the person was told
	MayDecide    bool       `json:"may_decide"`
	Version      int64      `json:"version"`
}

// ApprovalQuery chooses approvals.
type ApprovalQuery struct {
	Paging

	Status string `query:"status"` // waiting when empty
}

// ApprovalVerdict is authorize or refuse, of the version of the request that was read, or, when
// that is 0, as the support made it; a refusal needs a reason.
type ApprovalVerdict struct {
	Decision string `json:"decision"`
	Reason   string `json:"reason,omitempty"`
	Version  int64  `json:"version,omitempty"`
}

// DecidedApproval is an account that was decided of.
type DecidedApproval struct {
	Approval

	Fate *string `json:"fate"` // invited, joined
}

// ListApprovals gives a page of the accounts that the support made for an organisation.
func (c *Client) ListApprovals(ctx context.Context, org string, q ApprovalQuery) (List[Approval], error) {
	return call[List[Approval]](ctx, c, request{method: http.MethodGet, path: inOrg(org, "approvals"), query: q})
}

// Approvals goes through them.
func (c *Client) Approvals(ctx context.Context, org string, q ApprovalQuery) iter.Seq2[Approval, error] {
	return every(q.Paging, func(p Paging) (List[Approval], error) { q.Paging = p; return c.ListApprovals(ctx, org, q) })
}

// DecideApproval authorises or refuses one.
func (c *Client) DecideApproval(ctx context.Context, org, member string, v ApprovalVerdict) (DecidedApproval, error) {
	return call[DecidedApproval](ctx, c, request{method: http.MethodPost, path: inOrg(org, "approvals", member, "decision"), body: v})
}

// NewSupportMember is an account that the support makes for an organisation.
type NewSupportMember struct {
	Ticket        string        `json:"ticket"`
	Email         string        `json:"email"`
	ProfileType   string        `json:"profile_type,omitempty"`
	Title         string        `json:"title,omitempty"`
	GivenName     string        `json:"given_name"`
	FamilyName    string        `json:"family_name"`
	Function      string        `json:"function"`
	RPPS          string        `json:"rpps,omitempty"`
	Profession    *CodedChange  `json:"profession,omitempty"`
	Specialty     *CodedChange  `json:"specialty,omitempty"`
	Phone         string        `json:"phone,omitempty"`
	Sites         []string      `json:"sites,omitempty"`
	Roles         []RoleAtScope `json:"roles,omitempty"`
	Administrator []string      `json:"administrator,omitempty"` // scopes
	Until         *time.Time    `json:"until,omitempty"`
	Language      string        `json:"language,omitempty"`
}

// MadeApproval is an account just made.
type MadeApproval struct {
	Approval

	Warnings []Doubt `json:"warnings"`
}

// CreateSupportMember makes an account that waits for the organisation's decision; for the
// platform's support.
func (c *Client) CreateSupportMember(ctx context.Context, org string, n NewSupportMember) (MadeApproval, error) {
	return call[MadeApproval](ctx, c, request{method: http.MethodPost, path: inOrg(org, "support-members"), body: n})
}
