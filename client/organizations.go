package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// Organization is a customer: a practice, a clinic, a hospital, a CPTS.
type Organization struct {
	ID        string    `json:"id"`
	Slug      string    `json:"slug"` // its name in addresses
	Name      string    `json:"name"`
	Kind      string    `json:"kind"`   // practice, clinic, hospital, cpts, other
	Status    string    `json:"status"` // active, suspended
	Enamel    string    `json:"enamel"` // the colour of its plaque
	Sites     int64     `json:"sites"`  // how many the caller may know of
	Members   int64     `json:"members"`
	CreatedAt time.Time `json:"created_at"`
	Version   int64     `json:"version"`
}

// OrganizationQuery chooses organisations.
type OrganizationQuery struct {
	Paging

	Search string `query:"q"`      // part of the name or of the slug
	Status string `query:"status"` // only those of this status
	Kind   string `query:"kind"`   // only those of this kind
}

// NewOrganization is an organisation to create, with its first site and administrator.
type NewOrganization struct {
	Name          string   `json:"name"`
	Kind          string   `json:"kind"`
	Enamel        string   `json:"enamel,omitempty"`
	Slug          string   `json:"slug,omitempty"` // made from the name when empty
	Site          NewPlace `json:"site"`
	Administrator NewAdmin `json:"administrator"`
	Language      string   `json:"language,omitempty"` // of the letter; French by default
}

// NewAdmin is who is invited to administer.
type NewAdmin struct {
	Email string `json:"email"`
}

// Founded is an organisation just made, and what became of its first invitation.
type Founded struct {
	Organization

	Administrator InvitationLine `json:"administrator"`
}

// OrganizationChange changes an organisation; what is nil stays as it is.
type OrganizationChange struct {
	Name   *string `json:"name,omitempty"`
	Kind   *string `json:"kind,omitempty"`
	Enamel *string `json:"enamel,omitempty"`
}

// Suspension says why an organisation is closed.
type Suspension struct {
	Reason string `json:"reason,omitempty"`
}

// SecurityPolicy is what an organisation asks of those who sign in.
type SecurityPolicy struct {
	Factors               []string  `json:"factors"`                 // passkey, totp, sms
	Required              string    `json:"required"`                // everybody or administrators
	GraceDays             int       `json:"grace_days"`              // how long others may do without
	RequiredSince         time.Time `json:"required_since,omitzero"` // when it last asked for more
	Networks              []string  `json:"networks"`                // the organisation's own addresses
	NetworkFactor         bool      `json:"network_factor"`          // being there may be a second factor
	NetworkOnly           bool      `json:"network_only"`            // nobody comes in from elsewhere
	IdleMinutes           int       `json:"idle_minutes"`
	AbsoluteHours         int       `json:"absolute_hours"`
	DeviceDays            int       `json:"device_days"` // 0: no browser is remembered
	EmailByAdministrators bool      `json:"email_by_administrators"`
	TemporaryPasswords    bool      `json:"temporary_passwords"` // the welcome letter may carry one
	AccessLetters         bool      `json:"access_letters"`      // holders and administrators are told who gained and lost access
	Version               int64     `json:"version"`             // 0 while the defaults hold
}

// SecurityChange changes the policy; what is nil stays as it is.
type SecurityChange struct {
	Factors               *[]string `json:"factors,omitempty"`
	Required              *string   `json:"required,omitempty"`
	GraceDays             *int      `json:"grace_days,omitempty"`
	Networks              *[]string `json:"networks,omitempty"` // the caller's own address must be in one
	NetworkFactor         *bool     `json:"network_factor,omitempty"`
	NetworkOnly           *bool     `json:"network_only,omitempty"`
	IdleMinutes           *int      `json:"idle_minutes,omitempty"`
	AbsoluteHours         *int      `json:"absolute_hours,omitempty"`
	DeviceDays            *int      `json:"device_days,omitempty"`
	EmailByAdministrators *bool     `json:"email_by_administrators,omitempty"`
	TemporaryPasswords    *bool     `json:"temporary_passwords,omitempty"`
	AccessLetters         *bool     `json:"access_letters,omitempty"`
}

// inOrg is the path of what belongs to an organisation.
func inOrg(org string, rest ...string) []string {
	return append([]string{partOrganizations, org}, rest...)
}

// ListOrganizations gives a page of the organisations that the caller may know of.
func (c *Client) ListOrganizations(ctx context.Context, q OrganizationQuery) (List[Organization], error) {
	return call[List[Organization]](ctx, c, request{method: http.MethodGet, path: []string{partOrganizations}, query: q})
}

// Organizations goes through the organisations that the caller may know of.
func (c *Client) Organizations(ctx context.Context, q OrganizationQuery) iter.Seq2[Organization, error] {
	return every(q.Paging, func(p Paging) (List[Organization], error) { q.Paging = p; return c.ListOrganizations(ctx, q) })
}

// CreateOrganization founds an organisation; for the platform's support.
func (c *Client) CreateOrganization(ctx context.Context, n NewOrganization) (Founded, error) {
	return call[Founded](ctx, c, request{method: http.MethodPost, path: []string{partOrganizations}, body: n})
}

// GetOrganization reads one, by ID or slug.
func (c *Client) GetOrganization(ctx context.Context, org string) (Organization, error) {
	return call[Organization](ctx, c, request{method: http.MethodGet, path: inOrg(org)})
}

// EditOrganization changes one, from the version read.
func (c *Client) EditOrganization(ctx context.Context, org string, version int64, change OrganizationChange) (Organization, error) {
	return call[Organization](ctx, c, request{method: http.MethodPatch, path: inOrg(org), version: &version, body: change})
}

// SuspendOrganization closes one to everybody; for the platform's support.
func (c *Client) SuspendOrganization(ctx context.Context, org string, why Suspension) (Organization, error) {
	return call[Organization](ctx, c, request{method: http.MethodPost, path: inOrg(org, "suspend"), body: why})
}

// ResumeOrganization opens one again; for the platform's support.
func (c *Client) ResumeOrganization(ctx context.Context, org string) (Organization, error) {
	return call[Organization](ctx, c, request{method: http.MethodPost, path: inOrg(org, "resume")})
}

// GetSecurityPolicy reads what an organisation allows.
func (c *Client) GetSecurityPolicy(ctx context.Context, org string) (SecurityPolicy, error) {
	return call[SecurityPolicy](ctx, c, request{method: http.MethodGet, path: inOrg(org, "security-policy")})
}

// EditSecurityPolicy changes what an organisation allows, from the version read.
func (c *Client) EditSecurityPolicy(ctx context.Context, org string, version int64, change SecurityChange) (SecurityPolicy, error) {
	return call[SecurityPolicy](ctx, c, request{
		method: http.MethodPatch, path: inOrg(org, "security-policy"), version: &version, body: change,
	})
}
