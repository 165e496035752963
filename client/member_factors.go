package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// MemberFactors is how a member proves who they are beside the password.
type MemberFactors struct {
	Items         []MemberFactor `json:"items"`
	RecoveryCodes bool           `json:"recovery_codes"`
	Required      bool           `json:"required"`
	DueAt         time.Time      `json:"due_at,omitzero"` // zero: at once
	Sessions      int            `json:"sessions"`
	LostAt        time.Time      `json:"lost_at,omitzero"` // all of them are taken then, unless they are kept; zero: nobody asked
}

// MemberFactor is one second factor of a member.
type MemberFactor struct {
	ID         string    `json:"id"`
	Kind       string    `json:"kind"` // passkey, totp, sms, address
	Name       string    `json:"name,omitempty"`
	Hint       string    `json:"hint,omitempty"` // the end of a number
	Given      bool      `json:"given"`          // an administrator added it
	CreatedAt  time.Time `json:"created_at"`
	ProvedAt   time.Time `json:"proved_at,omitzero"` // zero: worth nothing yet
	LastUsedAt time.Time `json:"last_used_at,omitzero"`
	Removable  bool      `json:"removable"`
}

// MemberSession is one browser in which a member is signed in.
type MemberSession struct {
	ID        string    `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at"`
	ExpiresAt time.Time `json:"expires_at"`
	UserAgent string    `json:"user_agent"`
	Second    string    `json:"second,omitempty"` // the second factor it was opened with
}

// GivenFactor is a factor that an administrator gives: the organisation's network, or a number.
type GivenFactor struct {
	Kind   string `json:"kind"` // address or sms
	Number string `json:"number,omitempty"`
}

// ResetReason says why factors are reset: it stands in the trail and in the letters.
type ResetReason struct {
	Reason string `json:"reason"`
}

// AccountReset names whose factors the platform resets, and why.
type AccountReset struct {
	Email  string `json:"email"`
	Reason string `json:"reason"`
}

// ListMemberFactors reads the second factors of a member, without secrets.
func (c *Client) ListMemberFactors(ctx context.Context, org, member string) (MemberFactors, error) {
	return call[MemberFactors](ctx, c, request{method: http.MethodGet, path: members(org, member, partFactors)})
}

// GiveMemberFactor gives a member a factor, worth nothing until they prove it.
func (c *Client) GiveMemberFactor(ctx context.Context, org, member string, factor GivenFactor) error {
	return act(ctx, c, request{method: http.MethodPost, path: members(org, member, partFactors), body: factor})
}

// TakeMemberFactor removes a factor that an administrator gave.
func (c *Client) TakeMemberFactor(ctx context.Context, org, member, factor string) error {
	return act(ctx, c, request{method: http.MethodDelete, path: members(org, member, partFactors, factor)})
}

// ResetMemberFactors takes every factor of a member: the next sign-in must make another.
func (c *Client) ResetMemberFactors(ctx context.Context, org, member string, why ResetReason) error {
	return act(ctx, c, request{method: http.MethodPost, path: members(org, member, partFactors, "reset"), body: why})
}

// KeepMemberFactors stops a request to take every factor of a member, which may not be theirs:
// of somebody who belongs to other organisations too, once in 30 days.
func (c *Client) KeepMemberFactors(ctx context.Context, org, member string) error {
	return act(ctx, c, request{method: http.MethodDelete, path: members(org, member, partFactors, "loss")})
}

// ListMemberSessions gives a page of the browsers in which a member is signed in.
func (c *Client) ListMemberSessions(ctx context.Context, org, member string, p Paging) (List[MemberSession], error) {
	return call[List[MemberSession]](ctx, c, request{method: http.MethodGet, path: members(org, member, "sessions"), query: p})
}

// MemberSessions goes through the browsers in which a member is signed in.
func (c *Client) MemberSessions(ctx context.Context, org, member string) iter.Seq2[MemberSession, error] {
	return every(Paging{}, func(p Paging) (List[MemberSession], error) { return c.ListMemberSessions(ctx, org, member, p) })
}

// EndMemberSessions signs a member out of every browser, in their other organisations too.
func (c *Client) EndMemberSessions(ctx context.Context, org, member string) error {
	return act(ctx, c, request{method: http.MethodDelete, path: members(org, member, "sessions")})
}

// ResetAccountFactors is ResetMemberFactors for somebody of several organisations; for the platform.
func (c *Client) ResetAccountFactors(ctx context.Context, reset AccountReset) error {
	return act(ctx, c, request{method: http.MethodPost, path: []string{partPlatform, "factor-resets"}, body: reset})
}
