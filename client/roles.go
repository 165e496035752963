package client

import (
	"context"
	"iter"
	"net/http"
)

// Role is a named set of permissions.
type Role struct {
	ID           string   `json:"id"`
	Organization string   `json:"organization"`
	BuiltIn      string   `json:"built_in"` // code of a built-in role, or empty
	Name         string   `json:"name"`     // in the caller's language
	Permissions  []string `json:"permissions"`
	Members      int64    `json:"members"`          // how many of those that the caller may see hold it
	Scopes       []string `json:"scopes,omitempty"` // asked with Grantable: where the caller may give it
	Version      int64    `json:"version"`
}

// RoleQuery chooses roles.
type RoleQuery struct {
	Paging

	Grantable bool `query:"grantable"` // only those that the caller may give
}

// Permission is one act that a role may allow.
type Permission struct {
	Code   string `json:"code"`
	Domain string `json:"domain"`
	Kind   string `json:"kind"` // administration, care
	Label  string `json:"label"`
}

// ListRoles gives a page of the roles of an organisation, built-in ones first.
func (c *Client) ListRoles(ctx context.Context, org string, q RoleQuery) (List[Role], error) {
	return call[List[Role]](ctx, c, request{method: http.MethodGet, path: inOrg(org, "roles"), query: q})
}

// Roles goes through the roles of an organisation.
func (c *Client) Roles(ctx context.Context, org string, q RoleQuery) iter.Seq2[Role, error] {
	return every(q.Paging, func(p Paging) (List[Role], error) { q.Paging = p; return c.ListRoles(ctx, org, q) })
}

// GetRole reads one.
func (c *Client) GetRole(ctx context.Context, org, role string) (Role, error) {
	return call[Role](ctx, c, request{method: http.MethodGet, path: inOrg(org, "roles", role)})
}

// ListPermissions gives a page of the catalogue of permissions.
func (c *Client) ListPermissions(ctx context.Context, p Paging) (List[Permission], error) {
	return call[List[Permission]](ctx, c, request{method: http.MethodGet, path: []string{"permissions"}, query: p})
}

// Permissions goes through the catalogue of permissions.
func (c *Client) Permissions(ctx context.Context) iter.Seq2[Permission, error] {
	return every(Paging{}, func(p Paging) (List[Permission], error) { return c.ListPermissions(ctx, p) })
}
