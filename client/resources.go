package client

import (
	"context"
	"iter"
	"net/http"
)

// Resource is an agenda, a messaging profile, or an identity in whose name documents are
// sent and received.
type Resource struct {
	ID           string  `json:"id"`
	Organization string  `json:"organization"`
	Type         string  `json:"type"`      // agenda, messaging_profile, identity
	Site         string  `json:"site"`      // ID of its site, or organization
	SiteName     string  `json:"site_name"` // empty for the whole organisation
	Kind         string  `json:"kind"`      // practitioner, room, service
	Name         string  `json:"name"`
	Detail       string  `json:"detail"`  // the short line under the name, or empty
	Address      string  `json:"address"` // of a messaging profile, or empty
	Holder       *string `json:"holder"`  // the practitioner whose it is; nil for nobody that the caller may know of
	HolderName   string  `json:"holder_name"`
	Status       string  `json:"status"` // active, closed
	Version      int64   `json:"version"`
}

// ResourceSheet is a resource with what closing it would end.
type ResourceSheet struct {
	Resource

	Levels      int64 `json:"levels"`      // people with a level on it, now or later
	Delegations int64 `json:"delegations"` // delegations on it, now or later
	MayEdit     bool  `json:"may_edit"`    // whether the caller may change, close and reopen it
}

// ResourceQuery chooses resources of one type.
type ResourceQuery struct {
	Paging

	Search string `query:"q"`      // part of the name, of the line under it, or of the address
	Site   string `query:"site"`   // ID of a site; organization: those of no site
	Kind   string `query:"kind"`   // practitioner, room, service
	Holder string `query:"holder"` // ID of a member
	Status string `query:"status"` // active when empty; closed, all
}

// NewResource is a resource to create.
type NewResource struct {
	Site    string `json:"site,omitempty"` // ID of its site; organization or nothing: the whole organisation (not for an agenda)
	Kind    string `json:"kind"`           // practitioner, room (of an agenda), service
	Name    string `json:"name"`
	Detail  string `json:"detail,omitempty"`
	Address string `json:"address,omitempty"` // of a messaging profile only
	Holder  string `json:"holder,omitempty"`  // ID of the practitioner whose it is
}

// ResourceChange changes a resource; what is nil stays as it is.
type ResourceChange struct {
	Site    *string `json:"site,omitempty"`
	Kind    *string `json:"kind,omitempty"`
	Name    *string `json:"name,omitempty"`
	Detail  *string `json:"detail,omitempty"`
	Address *string `json:"address,omitempty"`
	Holder  *string `json:"holder,omitempty"` // empty for nobody
}

// ListAgendas gives a page of the agendas that the caller may know of, by name.
func (c *Client) ListAgendas(ctx context.Context, org string, q ResourceQuery) (List[Resource], error) {
	return c.listResources(ctx, org, "agendas", q)
}

// Agendas goes through the agendas that the caller may know of.
func (c *Client) Agendas(ctx context.Context, org string, q ResourceQuery) iter.Seq2[Resource, error] {
	return every(q.Paging, func(p Paging) (List[Resource], error) { q.Paging = p; return c.ListAgendas(ctx, org, q) })
}

// CreateAgenda makes an agenda.
func (c *Client) CreateAgenda(ctx context.Context, org string, n NewResource) (Resource, error) {
	return call[Resource](ctx, c, request{method: http.MethodPost, path: inOrg(org, "agendas"), body: n})
}

// GetAgenda reads one.
func (c *Client) GetAgenda(ctx context.Context, org, id string) (ResourceSheet, error) {
	return call[ResourceSheet](ctx, c, request{method: http.MethodGet, path: inOrg(org, "agendas", id)})
}

// EditAgenda changes one, from the version read.
func (c *Client) EditAgenda(ctx context.Context, org, id string, version int64, change ResourceChange) (Resource, error) {
	return c.editResource(ctx, inOrg(org, "agendas", id), version, change)
}

// CloseAgenda closes one: it stays known, and every decision about it is refused. Version 0:
// whichever is there.
func (c *Client) CloseAgenda(ctx context.Context, org, id string, version int64) (Resource, error) {
	return call[Resource](ctx, c, request{method: http.MethodDelete, path: inOrg(org, "agendas", id), version: from(version)})
}

// ReopenAgenda opens a closed one again. Version 0: whichever is there.
func (c *Client) ReopenAgenda(ctx context.Context, org, id string, version int64) (Resource, error) {
	return call[Resource](ctx, c, request{
		method: http.MethodPost, path: inOrg(org, "agendas", id, "reopen"), version: from(version),
	})
}

// ListMessagingProfiles gives a page of the messaging profiles that the caller may know of, by name.
func (c *Client) ListMessagingProfiles(ctx context.Context, org string, q ResourceQuery) (List[Resource], error) {
	return c.listResources(ctx, org, "messaging-profiles", q)
}

// MessagingProfiles goes through the messaging profiles that the caller may know of.
func (c *Client) MessagingProfiles(ctx context.Context, org string, q ResourceQuery) iter.Seq2[Resource, error] {
	return every(q.Paging, func(p Paging) (List[Resource], error) { q.Paging = p; return c.ListMessagingProfiles(ctx, org, q) })
}

// CreateMessagingProfile makes a messaging profile.
func (c *Client) CreateMessagingProfile(ctx context.Context, org string, n NewResource) (Resource, error) {
	return call[Resource](ctx, c, request{method: http.MethodPost, path: inOrg(org, "messaging-profiles"), body: n})
}

// GetMessagingProfile reads one.
func (c *Client) GetMessagingProfile(ctx context.Context, org, id string) (ResourceSheet, error) {
	return call[ResourceSheet](ctx, c, request{method: http.MethodGet, path: inOrg(org, "messaging-profiles", id)})
}

// EditMessagingProfile changes one, from the version read.
func (c *Client) EditMessagingProfile(ctx context.Context, org, id string, version int64, change ResourceChange) (Resource, error) {
	return c.editResource(ctx, inOrg(org, "messaging-profiles", id), version, change)
}

// CloseMessagingProfile closes one: it stays known, and every decision about it is refused. Version 0:
// whichever is there.
func (c *Client) CloseMessagingProfile(ctx context.Context, org, id string, version int64) (Resource, error) {
	return call[Resource](ctx, c, request{method: http.MethodDelete, path: inOrg(org, "messaging-profiles", id), version: from(version)})
}

// ReopenMessagingProfile opens a closed one again. Version 0: whichever is there.
func (c *Client) ReopenMessagingProfile(ctx context.Context, org, id string, version int64) (Resource, error) {
	return call[Resource](ctx, c, request{
		method: http.MethodPost, path: inOrg(org, "messaging-profiles", id, "reopen"), version: from(version),
	})
}

// ListIdentities gives a page of the identities that the caller may know of, by name.
func (c *Client) ListIdentities(ctx context.Context, org string, q ResourceQuery) (List[Resource], error) {
	return c.listResources(ctx, org, "identities", q)
}

// Identities goes through the identities that the caller may know of.
func (c *Client) Identities(ctx context.Context, org string, q ResourceQuery) iter.Seq2[Resource, error] {
	return every(q.Paging, func(p Paging) (List[Resource], error) { q.Paging = p; return c.ListIdentities(ctx, org, q) })
}

// CreateIdentity makes an identity.
func (c *Client) CreateIdentity(ctx context.Context, org string, n NewResource) (Resource, error) {
	return call[Resource](ctx, c, request{method: http.MethodPost, path: inOrg(org, "identities"), body: n})
}

// GetIdentity reads one.
func (c *Client) GetIdentity(ctx context.Context, org, id string) (ResourceSheet, error) {
	return call[ResourceSheet](ctx, c, request{method: http.MethodGet, path: inOrg(org, "identities", id)})
}

// EditIdentity changes one, from the version read.
func (c *Client) EditIdentity(ctx context.Context, org, id string, version int64, change ResourceChange) (Resource, error) {
	return c.editResource(ctx, inOrg(org, "identities", id), version, change)
}

// CloseIdentity closes one: it stays known, and every decision about it is refused. Version 0:
// whichever is there.
func (c *Client) CloseIdentity(ctx context.Context, org, id string, version int64) (Resource, error) {
	return call[Resource](ctx, c, request{method: http.MethodDelete, path: inOrg(org, "identities", id), version: from(version)})
}

// ReopenIdentity opens a closed one again. Version 0: whichever is there.
func (c *Client) ReopenIdentity(ctx context.Context, org, id string, version int64) (Resource, error) {
	return call[Resource](ctx, c, request{
		method: http.MethodPost, path: inOrg(org, "identities", id, "reopen"), version: from(version),
	})
}

func (c *Client) listResources(ctx context.Context, org, path string, q ResourceQuery) (List[Resource], error) {
	return call[List[Resource]](ctx, c, request{method: http.MethodGet, path: inOrg(org, path), query: q})
}

func (c *Client) editResource(ctx context.Context, path []string, version int64, change ResourceChange) (Resource, error) {
	return call[Resource](ctx, c, request{method: http.MethodPatch, path: path, version: &version, body: change})
}
