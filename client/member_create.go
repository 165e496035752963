package client

import (
	"context"
	"net/http"
	"time"
)

// NewMember is a member to create, with sites and rights. Imported data cannot be sent:
// the server looks the RPPS number up itself.
type NewMember struct {
	ProfileType    string              `json:"profile_type"` // regulated, unregulated, non_practitioner
	Title          string              `json:"title,omitempty"`
	GivenName      string              `json:"given_name,omitempty"`
	FamilyName     string              `json:"family_name,omitempty"`
	Function       string              `json:"function"`
	RPPS           string              `json:"rpps,omitempty"`     // of a regulated profession
	Activity       *string             `json:"activity,omitempty"` // with RPPS: ID of one that the directory publishes
	Profession     *CodedChange        `json:"profession,omitempty"`
	Specialty      *CodedChange        `json:"specialty,omitempty"`
	Phone          string              `json:"phone,omitempty"`
	MSSante        string              `json:"mssante,omitempty"`
	SIRET          string              `json:"siret,omitempty"`
	AMNumber       string              `json:"am_number,omitempty"`
	Locum          *NewLocum           `json:"locum,omitempty"`
	MessagingReach string              `json:"messaging_reach,omitempty"` // site when empty, or everyone
	Sites          []string            `json:"sites,omitempty"`
	Roles          []RoleAtScope       `json:"roles,omitempty"`
	Administrator  []string            `json:"administrator,omitempty"` // scopes
	Permissions    []PermissionAtScope `json:"permissions,omitempty"`
	Rights         *NewcomerRights     `json:"rights,omitempty"`
	Email          string              `json:"email,omitempty"`
	Welcome        string              `json:"welcome,omitempty"`  // invitation, temporary_password, none
	Settings       *NewMemberSettings  `json:"settings,omitempty"` // of their own; the rest is inherited
	Drafting       []string            `json:"drafting,omitempty"` // members who are proposed to draft in their name
	Language       string              `json:"language,omitempty"`
}

// PermissionAtScope is a single permission and where it holds.
type PermissionAtScope struct {
	Permission string `json:"permission"`
	Scope      string `json:"scope"` // "organization", or the ID of a site
}

// NewcomerRights are the levels on agendas and messaging profiles that somebody gets when
// they come in: those of a colleague, then the changes.
type NewcomerRights struct {
	Changes []NewcomerLevel `json:"changes,omitempty"`
	Clone   *LikeColleague  `json:"clone,omitempty"`
}

// NewcomerLevel is one level; a nil From is the moment they come in.
type NewcomerLevel struct {
	Resource string     `json:"resource"`
	Level    string     `json:"level"`
	From     *time.Time `json:"from,omitempty"`
	Until    *time.Time `json:"until,omitempty"`
}

// LikeColleague copies the levels of a member. Domains: "agendas", "messaging".
type LikeColleague struct {
	From    string     `json:"from"`
	Domains []string   `json:"domains"`
	Starts  *time.Time `json:"starts_at,omitempty"` // no level begins before
	Ends    *time.Time `json:"ends_at,omitempty"`   // no level goes on after
}

// CreatedMember says what became of a member just created or invited.
type CreatedMember struct {
	DryRun     bool    `json:"dry_run"`
	ID         *string `json:"id"` // nil for a preview
	Name       string  `json:"name"`
	Fate       *string `json:"fate"` // invited, joined; nil when nothing was sent
	Invitation *string `json:"invitation"`
	Warnings   []Doubt `json:"warnings"`
}

// Doubt is something to read again: it was accepted all the same.
type Doubt struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// MemberInvitation is how a member without account is invited.
type MemberInvitation struct {
	Welcome string `json:"welcome,omitempty"` // a link when empty, or temporary_password
}

// CreateMember makes a member with sites and rights, all or nothing.
func (c *Client) CreateMember(ctx context.Context, org string, m NewMember) (CreatedMember, error) {
	return call[CreatedMember](ctx, c, request{method: http.MethodPost, path: members(org), body: m})
}

// PreviewCreateMember says what CreateMember would refuse, and what is doubtful.
func (c *Client) PreviewCreateMember(ctx context.Context, org string, m NewMember) (CreatedMember, error) {
	return call[CreatedMember](ctx, c, request{
		method: http.MethodPost, path: members(org), query: dryRun{true}, body: m,
	})
}

// InviteMember sends an invitation to a member without account.
func (c *Client) InviteMember(ctx context.Context, org, member string, i MemberInvitation) (CreatedMember, error) {
	return call[CreatedMember](ctx, c, request{method: http.MethodPost, path: members(org, member, "invitation"), body: i})
}
