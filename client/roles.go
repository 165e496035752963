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

// NewRole is a role to create: from permissions, or as a copy.
type NewRole struct {
	Name        string   `json:"name"`
	Permissions []string `json:"permissions,omitempty"`
	CopyOf      string   `json:"copy_of,omitempty"` // ID of a role: its permissions, unless others are given
}

// RoleEdit changes a role; what is nil stays as it is.
type RoleEdit struct {
	Name        *string   `json:"name,omitempty"`
	Permissions *[]string `json:"permissions,omitempty"` // all of them
}

// RoleEdited is a role with what its change does, to whom.
type RoleEdited struct {
	Role

	DryRun      bool         `json:"dry_run"`
	Gained      []string     `json:"gained"`
	Lost        []string     `json:"lost"`
	Holders     []RoleHolder `json:"holders"` // the first by name, of those that the caller may see
	HoldersSeen int64        `json:"holders_seen"`
	HoldersAll  int64        `json:"holders_all"`
	Invitations int64        `json:"invitations"` // pending ones that carry it
}

// RoleHolder is a member who holds a role.
type RoleHolder struct {
	Member string   `json:"member"`
	Name   string   `json:"name"`
	Status string   `json:"status"`
	Scopes []string `json:"scopes"`
}

// CreateRole makes a role of the organisation.
func (c *Client) CreateRole(ctx context.Context, org string, n NewRole) (Role, error) {
	return call[Role](ctx, c, request{method: http.MethodPost, path: inOrg(org, "roles"), body: n})
}

// EditRole changes one, from the version read, and with it what everybody may do who holds it.
func (c *Client) EditRole(ctx context.Context, org, role string, version int64, change RoleEdit) (RoleEdited, error) {
	return call[RoleEdited](ctx, c, request{
		method: http.MethodPatch, path: inOrg(org, "roles", role), version: &version, body: change,
	})
}

// PreviewRole says what EditRole would do and whom it would touch, and does nothing.
func (c *Client) PreviewRole(ctx context.Context, org, role string, version int64, change RoleEdit) (RoleEdited, error) {
	return call[RoleEdited](ctx, c, request{
		method: http.MethodPatch, path: inOrg(org, "roles", role), version: &version, query: dryRun{true}, body: change,
	})
}

// RemoveRole removes one that nobody uses. Version 0: whichever is there.
func (c *Client) RemoveRole(ctx context.Context, org, role string, version int64) error {
	return act(ctx, c, request{method: http.MethodDelete, path: inOrg(org, "roles", role), version: from(version)})
}
