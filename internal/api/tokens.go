package api

import (
	"context"
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

type makeTokenInput struct {
	InOrg

	Body newToken
}

type newToken struct {
	Name        string           `json:"name" doc:"What it is for." example:"Agenda du cabinet"`
	Permissions []permissionCode `json:"permissions,omitempty" uniqueItems:"true" doc:"All that its maker administers by default."`
	Days        int              `json:"expires_in_days,omitempty" minimum:"1" maximum:"365" doc:"90 by default."`
}

// InToken is the input of a route of one token.
type InToken struct {
	InOrg

	Token string `path:"tok" doc:"The token's ID." example:"tok_019aa0f4-1f66-7a2b-8c9d-e04b6d13f5a9"`
}

// Token opens the API. Its secret is in the answer that made it, and nowhere else.
type Token struct {
	ID           string     `json:"id" example:"tok_019aa0f4-1f66-7a2b-8c9d-e04b6d13f5a9"`
	Organization *string    `json:"organization" example:"org_019aa0f0-5c1e-7b6a-9a3e-0d5b7c1f2a34"`
	Kind         string     `json:"kind" enum:"organization,platform,person"`
	Name         string     `json:"name" example:"Agenda du cabinet"`
	Permissions  []string   `json:"permissions"`
	CreatedBy    *string    `json:"created_by" doc:"The account that made it; null for the operator."`
	CreatedAt    time.Time  `json:"created_at"`
	ExpiresAt    time.Time  `json:"expires_at"`
	LastUsedAt   *time.Time `json:"last_used_at" doc:"Null before the first use."`
}

func tokenOf(t token.Token) Token {
	return Token{
		ID: t.ID.String(), Organization: optionalID(t.Org), Kind: string(t.Kind), Name: t.Name, Permissions: texts(t.Permissions),
		CreatedBy: optionalID(t.CreatedBy), CreatedAt: t.CreatedAt.UTC(), ExpiresAt: t.ExpiresAt.UTC(), LastUsedAt: moment(t.LastUsedAt),
	}
}

// MadeToken is a token with its secret.
type MadeToken struct {
	Token

	Secret string `json:"secret" doc:"For Authorization: Bearer. It is shown this once." example:"hat_…"`
}

func (s *Server) aboutTokens(d *door) {
	const path = "/organizations/{org}/tokens"
	add(d, route{
		id: "listTokens", method: http.MethodGet, path: path, tag: tagTokens, summary: "API tokens",
		about: "Those in force, without their secrets. Needs tokens.edit.", errors: []int{http.StatusNotFound},
	}, s.listTokens)
	add(d, route{
		id: "createToken", method: http.MethodPost, path: path, tag: tagTokens, summary: "Make an API token", status: http.StatusCreated,
		about: "The secret is shown once: asked again under the same Idempotency-Key, the answer is 409 `token.shown_once`, " +
			"with the address of the token in Location. Needs tokens.edit.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.makeToken)
	add(d, route{
		id: "revokeToken", method: http.MethodDelete, path: path + "/{tok}", tag: tagTokens, summary: "Revoke an API token",
		about: "It opens nothing any more, at once. Needs tokens.edit.", errors: []int{http.StatusNotFound},
	}, s.revokeToken)
}

func (s *Server) listTokens(ctx context.Context, in *tokensInput) (*plainReply[List[Token]], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	all, err := s.Tokens.List(ctx, in.By, id)
	if err != nil {
		return nil, err
	}
	return cut[token.Token, Token]{
		ring: s.Run.Ring, name: "tokens|" + id.String(), page: in.Paged,
		id:       func(t token.Token) string { return t.ID.String() },
		document: tokenOf,
	}.of(all)
}

const day = 24 * time.Hour

func (s *Server) makeToken(ctx context.Context, in *makeTokenInput) (*reply[MadeToken], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	n := token.New{Kind: token.OfOrganization, Org: id, Name: in.Body.Name, Life: time.Duration(in.Body.Days) * day}
	for _, p := range in.Body.Permissions {
		n.Permissions = append(n.Permissions, access.Permission(p))
	}
	made, err := s.Tokens.Make(ctx, in.By, n)
	if err != nil {
		return nil, renamed(err, tokenPlaces)
	}
	location := s.at("organizations", id.String(), "tokens", made.Token.ID.String())
	if made.Secret.IsZero() {
		in.call.w.Header().Set("Location", location)
		return nil, token.ErrShownOnce
	}
	return &reply[MadeToken]{Location: location, Body: MadeToken{tokenOf(made.Token), made.Secret.Reveal()}}, nil
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
	return nil, s.Tokens.Revoke(ctx, in.By, id, known(ident.ParseToken, in.Token))
}
