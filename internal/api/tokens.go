package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/token"
)

type tokensInput struct {
	InOrg
	Paged
}

type ownTokensInput struct {
	Caller
	Paged
}

type makeTokenInput struct {
	InOrg

	Body newToken
}

type newToken struct {
	Name        string           `json:"name" doc:"What it is for." example:"Agenda du cabinet"`
	Permissions []permissionCode `json:"permissions,omitempty" uniqueItems:"true" doc:"All that its maker administers by default."`
	Days        int              `json:"expires_in_days,omitempty" minimum:"1" maximum:"365" doc:"90 by default."`
	Trusted     bool             `json:"trusted,omitempty" doc:"What it says of address and second factor is believed. Needs security.edit."`
}

type makeOwnTokenInput struct {
	Caller

	Body newOwnToken
}

type newOwnToken struct {
	Name string `json:"name" doc:"What it is for." example:"Agenda du cabinet"`
	Days int    `json:"expires_in_days,omitempty" minimum:"1" maximum:"365" doc:"90 by default."`
}

// InToken is the input of a route of one token of an organisation.
type InToken struct {
	InOrg

	Token string `path:"tok" doc:"The token's ID." example:"tok_019aa0f4-1f66-7a2b-8c9d-e04b6d13f5a9"`
}

// InOwnToken is the input of a route of one token of a person or of the platform.
type InOwnToken struct {
	Caller

	Token string `path:"tok" doc:"The token's ID." example:"tok_019aa0f4-1f66-7a2b-8c9d-e04b6d13f5a9"`
}

// Token opens the API. Its secret is in the answer that made it, and nowhere else.
type Token struct {
	ID           string     `json:"id" example:"tok_019aa0f4-1f66-7a2b-8c9d-e04b6d13f5a9"`
	Organization *string    `json:"organization" doc:"Of an organisation's token." example:"org_019aa0f0-5c1e-7b6a-9a3e-0d5b7c1f2a34"`
	Kind         string     `json:"kind" enum:"organization,platform,person"`
	Status       string     `json:"status" enum:"in_force,expired,revoked"`
	Name         string     `json:"name" example:"Agenda du cabinet"`
	Permissions  []string   `json:"permissions" doc:"Of an organisation's token; another may what its owner may."`
	Trusted      bool       `json:"trusted" doc:"What it says of its callers' address and second factor is believed in decisions."`
	CreatedBy    *string    `json:"created_by" doc:"The account that made it; null for the operator."`
	MadeBy       string     `json:"made_by" doc:"Name of who made it; empty for the operator." example:"Bruno Lacaze"`
	CreatedAt    time.Time  `json:"created_at"`
	ExpiresAt    time.Time  `json:"expires_at"`
	LastUsedAt   *time.Time `json:"last_used_at" doc:"To the minute; null before the first use."`
	RevokedAt    *time.Time `json:"revoked_at" doc:"Null unless it was revoked."`
}

func (s *Server) tokenOf(t token.Token) Token {
	return Token{
		ID: t.ID.String(), Organization: optionalID(t.Org), Kind: string(t.Kind), Status: string(t.State(s.Run.DB.Now())), Name: t.Name,
		Permissions: texts(t.Permissions), Trusted: t.Trusted, CreatedBy: optionalID(t.CreatedBy), MadeBy: t.MadeBy, CreatedAt: t.CreatedAt.UTC(),
		ExpiresAt: t.ExpiresAt.UTC(), LastUsedAt: moment(t.LastUsedAt), RevokedAt: end(t.RevokedAt),
	}
}

// MadeToken is a token with its secret.
type MadeToken struct {
	Token

	Secret string `json:"secret" doc:"For Authorization: Bearer. It is shown this once." example:"hat_…"`
}

const (
	listAbout = "Those in force, then those that ended less than 30 days ago; never their secrets."
	makeAbout = "The secret is shown once: asked again under the same Idempotency-Key, the answer is 409 `token.shown_once`, " +
		"with the address of the token in Location."
	revokeAbout = "It opens nothing any more, at once."
)

func (s *Server) aboutTokens(d *door) {
	const path = "/organizations/{org}/tokens"
	add(d, route{
		id: "listTokens", method: http.MethodGet, path: path, tag: tagTokens, summary: "Tokens of an organisation",
		about: listAbout + " Needs tokens.edit.", errors: []int{http.StatusNotFound},
	}, s.listTokens)
	add(d, route{
		id: "createToken", method: http.MethodPost, path: path, tag: tagTokens, summary: "Make a token of an organisation",
		status: http.StatusCreated, about: makeAbout + " Needs tokens.edit.", errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.makeToken)
	add(d, route{
		id: "revokeToken", method: http.MethodDelete, path: path + "/{tok}", tag: tagTokens, summary: "Revoke a token of an organisation",
		about: revokeAbout + " Needs tokens.edit.", errors: []int{http.StatusNotFound},
	}, s.revokeToken)
	s.aboutOwnTokens(d)
	s.aboutPlatformTokens(d)
}

// The tokens of a person and of the platform have routes of their own: rest.md names
// three owners of tokens and the routes of one, and what a page can do the API can do
// too (product.md 8). Nothing that the contract names is changed by it.
func (s *Server) aboutOwnTokens(d *door) {
	const path = "/me/tokens"
	add(d, route{
		id: "listMyTokens", method: http.MethodGet, path: path, tag: tagTokens, summary: "My own tokens", about: listAbout,
	}, s.listMyTokens)
	add(d, route{
		id: "createMyToken", method: http.MethodPost, path: path, tag: tagTokens, summary: "Make a token of my own", status: http.StatusCreated,
		about: "It may what I may, wherever I may it. " + makeAbout, errors: []int{http.StatusConflict},
	}, s.makeMyToken)
	add(d, route{
		id: "revokeMyToken", method: http.MethodDelete, path: path + "/{tok}", tag: tagTokens, summary: "Revoke a token of my own",
		about: revokeAbout, errors: []int{http.StatusNotFound},
	}, s.revokeMyToken)
}

func (s *Server) aboutPlatformTokens(d *door) {
	const path = "/platform/tokens"
	add(d, route{
		id: "listPlatformTokens", method: http.MethodGet, path: path, tag: tagTokens, summary: "Tokens of the platform",
		about: listAbout + " For the platform's administrators.", errors: []int{http.StatusNotFound},
	}, s.listPlatformTokens)
	add(d, route{
		id: "createPlatformToken", method: http.MethodPost, path: path, tag: tagTokens, summary: "Make a token of the platform",
		status: http.StatusCreated, about: makeAbout + " For the platform's administrators.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.makePlatformToken)
	add(d, route{
		id: "revokePlatformToken", method: http.MethodDelete, path: path + "/{tok}", tag: tagTokens, summary: "Revoke a token of the platform",
		about: revokeAbout + " For the platform's administrators.", errors: []int{http.StatusNotFound},
	}, s.revokePlatformToken)
}

func (s *Server) listTokens(ctx context.Context, in *tokensInput) (*plainReply[List[Token]], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return s.tokensOf(ctx, in.By, token.Of(id), in.Paged)
}

func (s *Server) listMyTokens(ctx context.Context, in *ownTokensInput) (*plainReply[List[Token]], error) {
	return s.tokensOf(ctx, in.By, token.OfAccount(in.By.Account), in.Paged)
}

func (s *Server) listPlatformTokens(ctx context.Context, in *ownTokensInput) (*plainReply[List[Token]], error) {
	return s.tokensOf(ctx, in.By, token.Platform(), in.Paged)
}

func (s *Server) tokensOf(ctx context.Context, by access.Actor, of token.Owner, page Paged) (*plainReply[List[Token]], error) {
	all, err := s.Tokens.List(ctx, by, of)
	if err != nil {
		return nil, err
	}
	return cut[token.Token, Token]{
		ring: s.Run.Ring, name: fmt.Sprintf("tokens|%s|%s|%s", of.Kind, of.Org, of.Account), page: page,
		id:       func(t token.Token) string { return t.ID.String() },
		document: s.tokenOf,
	}.of(all)
}

const day = 24 * time.Hour

func (s *Server) makeToken(ctx context.Context, in *makeTokenInput) (*reply[MadeToken], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	n := newOwnToken{in.Body.Name, in.Body.Days}.of(token.Of(id))
	n.Trusted = in.Body.Trusted
	for _, p := range in.Body.Permissions {
		n.Permissions = append(n.Permissions, access.Permission(p))
	}
	return s.made(ctx, in.Caller, n, "organizations", id.String(), "tokens")
}

func (s *Server) makeMyToken(ctx context.Context, in *makeOwnTokenInput) (*reply[MadeToken], error) {
	return s.made(ctx, in.Caller, in.Body.of(token.OfAccount(in.By.Account)), "me", "tokens")
}

func (s *Server) makePlatformToken(ctx context.Context, in *makeOwnTokenInput) (*reply[MadeToken], error) {
	return s.made(ctx, in.Caller, in.Body.of(token.Platform()), "platform", "tokens")
}

func (b newOwnToken) of(o token.Owner) token.New {
	return token.New{Kind: o.Kind, Org: o.Org, Account: o.Account, Name: b.Name, Life: time.Duration(b.Days) * day}
}

// made makes the token and shows its secret, this once.
func (s *Server) made(ctx context.Context, c Caller, n token.New, path ...string) (*reply[MadeToken], error) {
	made, err := s.Tokens.Make(ctx, c.By, n)
	if err != nil {
		return nil, renamed(err, tokenPlaces)
	}
	location := s.at(append(path, made.Token.ID.String())...)
	if made.Secret.IsZero() {
		c.call.w.Header().Set("Location", location)
		return nil, token.ErrShownOnce
	}
	return &reply[MadeToken]{Location: location, Body: MadeToken{s.tokenOf(made.Token), made.Secret.Reveal()}}, nil
}

// tokenPlaces says where the caller wrote what the noun calls otherwise.
func tokenPlaces(location string) string {
	if location == "life" {
		return "expires_in_days"
	}
	return location
}

func (s *Server) revokeToken(ctx context.Context, in *InToken) (*nothing, error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return nil, s.Tokens.Revoke(ctx, in.By, token.Of(id), known(ident.ParseToken, in.Token))
}

func (s *Server) revokeMyToken(ctx context.Context, in *InOwnToken) (*nothing, error) {
	return nil, s.Tokens.Revoke(ctx, in.By, token.OfAccount(in.By.Account), known(ident.ParseToken, in.Token))
}

func (s *Server) revokePlatformToken(ctx context.Context, in *InOwnToken) (*nothing, error) {
	return nil, s.Tokens.Revoke(ctx, in.By, token.Platform(), known(ident.ParseToken, in.Token))
}
