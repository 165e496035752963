package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// Site is a place inside an organisation.
type Site struct {
	ID           string    `json:"id"`
	Organization string    `json:"organization"`
	Name         string    `json:"name"`
	Status       string    `json:"status"` // active, closed
	FINESS       string    `json:"finess"`
	Street       string    `json:"street"`
	PostalCode   string    `json:"postal_code"`
	City         string    `json:"city"`
	Phone        string    `json:"phone"` // E.164, or empty
	CreatedAt    time.Time `json:"created_at"`
	Version      int64     `json:"version"`
}

// SiteRef is a site by name.
type SiteRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// SiteQuery chooses sites.
type SiteQuery struct {
	Paging

	Search string `query:"q"`    // part of the name or of the city
	Sort   string `query:"sort"` // name, -name
}

// NewPlace is what is told about a site.
type NewPlace struct {
	Name       string `json:"name"`
	FINESS     string `json:"finess,omitempty"`
	Street     string `json:"street,omitempty"`
	PostalCode string `json:"postal_code,omitempty"`
	City       string `json:"city,omitempty"`
	Phone      string `json:"phone,omitempty"`
}

// NewSite is a site to create.
type NewSite struct {
	NewPlace

	Members []string `json:"members,omitempty"` // a single one administers it; with none, its creator does
}

// SiteChange changes a site; what is nil stays as it is.
type SiteChange struct {
	Name       *string `json:"name,omitempty"`
	FINESS     *string `json:"finess,omitempty"`
	Street     *string `json:"street,omitempty"`
	PostalCode *string `json:"postal_code,omitempty"`
	City       *string `json:"city,omitempty"`
	Phone      *string `json:"phone,omitempty"`
}

// ListSites gives a page of the active sites that the caller may know of.
func (c *Client) ListSites(ctx context.Context, org string, q SiteQuery) (List[Site], error) {
	return call[List[Site]](ctx, c, request{method: http.MethodGet, path: inOrg(org, "sites"), query: q})
}

// Sites goes through the active sites that the caller may know of.
func (c *Client) Sites(ctx context.Context, org string, q SiteQuery) iter.Seq2[Site, error] {
	return every(q.Paging, func(p Paging) (List[Site], error) { q.Paging = p; return c.ListSites(ctx, org, q) })
}

// CreateSite makes a site.
func (c *Client) CreateSite(ctx context.Context, org string, n NewSite) (Site, error) {
	return call[Site](ctx, c, request{method: http.MethodPost, path: inOrg(org, "sites"), body: n})
}

// GetSite reads one.
func (c *Client) GetSite(ctx context.Context, org, site string) (Site, error) {
	return call[Site](ctx, c, request{method: http.MethodGet, path: inOrg(org, "sites", site)})
}

// EditSite changes one, from the version read.
func (c *Client) EditSite(ctx context.Context, org, site string, version int64, change SiteChange) (Site, error) {
	return call[Site](ctx, c, request{
		method: http.MethodPatch, path: inOrg(org, "sites", site), version: &version, body: change,
	})
}

// CloseSite closes one where nobody belongs any more.
func (c *Client) CloseSite(ctx context.Context, org, site string) error {
	return act(ctx, c, request{method: http.MethodDelete, path: inOrg(org, "sites", site)})
}
