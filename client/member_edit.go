package client

import (
	"context"
	"net/http"
)

// MemberChange is an edition of a member; what is nil stays as it is.
type MemberChange struct {
	Title          *string      `json:"title,omitempty"`
	GivenName      *string      `json:"given_name,omitempty"`
	FamilyName     *string      `json:"family_name,omitempty"`
	Function       *string      `json:"function,omitempty"`
	Email          *string      `json:"email,omitempty"` // only of a member with neither account nor invitation
	ProfileType    *string      `json:"profile_type,omitempty"`
	RPPS           *string      `json:"rpps,omitempty"`     // once saved it never changes
	Activity       *string      `json:"activity,omitempty"` // with RPPS: ID of one that the directory publishes
	Profession     *CodedChange `json:"profession,omitempty"`
	Specialty      *CodedChange `json:"specialty,omitempty"`
	Phone          *string      `json:"phone,omitempty"`
	MSSante        *string      `json:"mssante,omitempty"`
	SIRET          *string      `json:"siret,omitempty"`
	AMNumber       *string      `json:"am_number,omitempty"`
	MessagingReach *string      `json:"messaging_reach,omitempty"`
	Locum          **NewLocum   `json:"locum,omitempty"` // a pointer to nil ends the replacement
}

// CodedChange is a value of a national list by its code, or free text.
type CodedChange struct {
	Code  *string `json:"code,omitempty"`
	Label *string `json:"label,omitempty"`
}

// NewLocum is whom a practitioner shall replace, a member or somebody by name, and when.
type NewLocum struct {
	Member string `json:"member,omitempty"`
	Name   string `json:"name,omitempty"`
	From   string `json:"from"`  // date
	Until  string `json:"until"` // date, included
}

// EditMember edits a member's details, from the version read.
func (c *Client) EditMember(ctx context.Context, org, member string, version int64, change MemberChange) (MemberSheet, error) {
	return call[MemberSheet](ctx, c, request{method: http.MethodPatch, path: members(org, member), body: change, version: &version})
}

// GiveRole gives a role at a scope, from the version read.
func (c *Client) GiveRole(ctx context.Context, org, member, role, scope string, version int64) (MemberSheet, error) {
	return call[MemberSheet](ctx, c, request{
		method: http.MethodPut, path: members(org, member, "roles", role), query: atScope{scope}, version: &version,
	})
}

// TakeRole takes a role at a scope. Version 0: whichever is there.
func (c *Client) TakeRole(ctx context.Context, org, member, role, scope string, version int64) (MemberSheet, error) {
	return call[MemberSheet](ctx, c, request{
		method: http.MethodDelete, path: members(org, member, "roles", role), query: atScope{scope}, version: from(version),
	})
}

// GivePermission gives a single permission at a scope, from the version read.
func (c *Client) GivePermission(ctx context.Context, org, member, permission, scope string, version int64) (MemberSheet, error) {
	return call[MemberSheet](ctx, c, request{
		method: http.MethodPut, path: members(org, member, "permissions", permission), query: atScope{scope}, version: &version,
	})
}

// TakePermission takes a single permission at a scope. Version 0: whichever is there.
func (c *Client) TakePermission(ctx context.Context, org, member, permission, scope string, version int64) (MemberSheet, error) {
	return call[MemberSheet](ctx, c, request{
		method: http.MethodDelete, path: members(org, member, "permissions", permission), query: atScope{scope}, version: from(version),
	})
}
