package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// Me is the caller's own account.
type Me struct {
	ID           string     `json:"id"`
	Email        string     `json:"email"`
	Title        string     `json:"title"` // form of address, or empty
	GivenName    string     `json:"given_name"`
	FamilyName   string     `json:"family_name"`
	Language     string     `json:"language"`        // BCP 47
	PlatformRole string     `json:"platform_role"`   // "administrator" or "support" of the installation, or empty
	LastSignInAt *time.Time `json:"last_sign_in_at"` // nil before the first
	CreatedAt    time.Time  `json:"created_at"`
	Version      int64      `json:"version"`
}

// MeChange changes one's names or language; what is nil stays as it is.
type MeChange struct {
	Title      *string `json:"title,omitempty"`
	GivenName  *string `json:"given_name,omitempty"`
	FamilyName *string `json:"family_name,omitempty"`
	Language   *string `json:"language,omitempty"`
}

// PasswordChange is the present password and the next one.
type PasswordChange struct {
	Password    string `json:"password"`
	NewPassword string `json:"new_password"`
}

// Place is one organisation of a person, and what they are there.
type Place struct {
	Organization  Organization `json:"organization"`
	Member        string       `json:"member"` // the person's membership
	Status        string       `json:"status"`
	Administrator bool         `json:"administrator"` // of the organisation, or of a site of it
	Roles         []HeldRole   `json:"roles"`
	Sites         []SiteRef    `json:"sites"`
}

// PlaceQuery chooses organisations of a person.
type PlaceQuery struct {
	Paging

	Search string `query:"q"` // part of the name
}

// Session is one browser signed in.
type Session struct {
	ID        string    `json:"id"`
	Current   bool      `json:"current"` // it is the one that asks
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at"` // last use, to the minute
	ExpiresAt time.Time `json:"expires_at"`
	Address   string    `json:"address"`
	UserAgent string    `json:"user_agent"`
}

// Ended is how many sessions ended.
type Ended struct {
	Ended int64 `json:"ended"`
}

// GetMe reads the account of the person whose token it is.
func (c *Client) GetMe(ctx context.Context) (Me, error) {
	return call[Me](ctx, c, request{method: http.MethodGet, path: []string{"me"}})
}

// EditMe changes one's names or language, from the version read.
func (c *Client) EditMe(ctx context.Context, version int64, change MeChange) (Me, error) {
	return call[Me](ctx, c, request{method: http.MethodPatch, path: []string{"me"}, version: &version, body: change})
}

// ListMyOrganizations gives a page of the organisations where the person is a member.
func (c *Client) ListMyOrganizations(ctx context.Context, q PlaceQuery) (List[Place], error) {
	return call[List[Place]](ctx, c, request{method: http.MethodGet, path: []string{"me", partOrganizations}, query: q})
}

// MyOrganizations goes through the organisations where the person is a member.
func (c *Client) MyOrganizations(ctx context.Context, q PlaceQuery) iter.Seq2[Place, error] {
	return every(q.Paging, func(p Paging) (List[Place], error) { q.Paging = p; return c.ListMyOrganizations(ctx, q) })
}

// LeaveOrganization ends one's own membership, at once.
func (c *Client) LeaveOrganization(ctx context.Context, org string) error {
	return act(ctx, c, request{method: http.MethodDelete, path: []string{"me", partOrganizations, org}})
}

// ChangePassword changes one's own password; every browser is signed out.
func (c *Client) ChangePassword(ctx context.Context, change PasswordChange) error {
	return act(ctx, c, request{method: http.MethodPost, path: []string{"me", "password"}, body: change})
}

// ListMySessions gives a page of the browsers where the person is signed in.
func (c *Client) ListMySessions(ctx context.Context, p Paging) (List[Session], error) {
	return call[List[Session]](ctx, c, request{method: http.MethodGet, path: []string{"me", "sessions"}, query: p})
}

// MySessions goes through the browsers where the person is signed in.
func (c *Client) MySessions(ctx context.Context) iter.Seq2[Session, error] {
	return every(Paging{}, func(p Paging) (List[Session], error) { return c.ListMySessions(ctx, p) })
}

// EndMySession signs one browser out.
func (c *Client) EndMySession(ctx context.Context, session string) error {
	return act(ctx, c, request{method: http.MethodDelete, path: []string{"me", "sessions", session}})
}

// EndMyOtherSessions signs every browser out.
func (c *Client) EndMyOtherSessions(ctx context.Context) (Ended, error) {
	return call[Ended](ctx, c, request{method: http.MethodDelete, path: []string{"me", "sessions"}})
}
