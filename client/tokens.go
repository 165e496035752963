package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// Token opens the API. Its secret is in the answer that made it, and nowhere else.
type Token struct {
	ID           string     `json:"id"`
	Organization *string    `json:"organization"` // of an organisation's token
	Kind         string     `json:"kind"`         // organization, platform, person
	Status       string     `json:"status"`       // in_force, expired, revoked
	Name         string     `json:"name"`
	Permissions  []string   `json:"permissions"` // of an organisation's token
	Trusted      bool       `json:"trusted"`     // believed about address and second factor, in decisions
	CreatedBy    *string    `json:"created_by"`  // the account that made it; nil for the operator
	MadeBy       string     `json:"made_by"`     // its name; empty for the operator
	CreatedAt    time.Time  `json:"created_at"`
	ExpiresAt    time.Time  `json:"expires_at"`
	LastUsedAt   *time.Time `json:"last_used_at"` // to the minute; nil before the first use
	RevokedAt    *time.Time `json:"revoked_at"`
}

// NewToken is a token of an organisation to make.
type NewToken struct {
	Name        string   `json:"name"`
	Permissions []string `json:"permissions,omitempty"` // all that its maker administers when empty
	Days        int      `json:"expires_in_days,omitempty"`
	Trusted     bool     `json:"trusted,omitempty"` // needs decisions.ask
}

// NewOwnToken is a token of a person or of the platform to make.
type NewOwnToken struct {
	Name string `json:"name"`
	Days int    `json:"expires_in_days,omitempty"` // 90 when zero, 365 at most
}

// MadeToken is a token with its secret, shown this once. Asked again under the same
// key, the answer is the code "token.shown_once".
type MadeToken struct {
	Token

	Secret string `json:"secret"`
}

// ListTokens gives a page of the tokens of an organisation: those in force, then those
// that ended less than 30 days ago.
func (c *Client) ListTokens(ctx context.Context, org string, p Paging) (List[Token], error) {
	return call[List[Token]](ctx, c, request{method: http.MethodGet, path: inOrg(org, partTokens), query: p})
}

// Tokens goes through the tokens of an organisation.
func (c *Client) Tokens(ctx context.Context, org string) iter.Seq2[Token, error] {
	return every(Paging{}, func(p Paging) (List[Token], error) { return c.ListTokens(ctx, org, p) })
}

// CreateToken makes a token of an organisation.
func (c *Client) CreateToken(ctx context.Context, org string, n NewToken) (MadeToken, error) {
	return call[MadeToken](ctx, c, request{method: http.MethodPost, path: inOrg(org, partTokens), body: n})
}

// RevokeToken ends a token of an organisation at once.
func (c *Client) RevokeToken(ctx context.Context, org, token string) error {
	return act(ctx, c, request{method: http.MethodDelete, path: inOrg(org, partTokens, token)})
}

// ListMyTokens gives a page of one's own tokens.
func (c *Client) ListMyTokens(ctx context.Context, p Paging) (List[Token], error) {
	return call[List[Token]](ctx, c, request{method: http.MethodGet, path: []string{"me", partTokens}, query: p})
}

// MyTokens goes through one's own tokens.
func (c *Client) MyTokens(ctx context.Context) iter.Seq2[Token, error] {
	return every(Paging{}, func(p Paging) (List[Token], error) { return c.ListMyTokens(ctx, p) })
}

// CreateMyToken makes a token of one's own.
func (c *Client) CreateMyToken(ctx context.Context, n NewOwnToken) (MadeToken, error) {
	return call[MadeToken](ctx, c, request{method: http.MethodPost, path: []string{"me", partTokens}, body: n})
}

// RevokeMyToken ends a token of one's own at once.
func (c *Client) RevokeMyToken(ctx context.Context, token string) error {
	return act(ctx, c, request{method: http.MethodDelete, path: []string{"me", partTokens, token}})
}

// ListPlatformTokens gives a page of the tokens of the platform.
func (c *Client) ListPlatformTokens(ctx context.Context, p Paging) (List[Token], error) {
	return call[List[Token]](ctx, c, request{method: http.MethodGet, path: []string{partPlatform, partTokens}, query: p})
}

// PlatformTokens goes through the tokens of the platform.
func (c *Client) PlatformTokens(ctx context.Context) iter.Seq2[Token, error] {
	return every(Paging{}, func(p Paging) (List[Token], error) { return c.ListPlatformTokens(ctx, p) })
}

// CreatePlatformToken makes a token of the platform.
func (c *Client) CreatePlatformToken(ctx context.Context, n NewOwnToken) (MadeToken, error) {
	return call[MadeToken](ctx, c, request{method: http.MethodPost, path: []string{partPlatform, partTokens}, body: n})
}

// RevokePlatformToken ends a token of the platform at once.
func (c *Client) RevokePlatformToken(ctx context.Context, token string) error {
	return act(ctx, c, request{method: http.MethodDelete, path: []string{partPlatform, partTokens, token}})
}
