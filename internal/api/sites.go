package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
)

type sitesInput struct {
	InOrg
	Paged

	Search string `query:"q" maxLength:"200" doc:"Part of the name or of the city."`
	Sort   string `query:"sort" enum:"name,-name" default:"name" doc:"A minus sign turns the order round."`
}

type createSiteInput struct {
	InOrg

	Body newSite
}

type newSite struct {
	NewPlace

	Members []memberID `json:"members,omitempty" maxItems:"500" doc:"A single one becomes its administrator; with none, its creator does."`
}

// NewPlace is what is typed about a site.
type NewPlace struct {
	Name       string `json:"name" example:"Tilleuls Centre"`
	FINESS     string `json:"finess,omitempty" doc:"Nine digits or letters."`
	Street     string `json:"street,omitempty"`
	PostalCode string `json:"postal_code,omitempty" example:"35000"`
	City       string `json:"city,omitempty" example:"Rennes"`
	Phone      string `json:"phone,omitempty" doc:"E.164, or as it is dialled in France." example:"+33299000000"`
}

func (p NewPlace) details() org.SiteDetails {
	return org.SiteDetails{Name: p.Name, FINESS: p.FINESS, Street: p.Street, PostalCode: p.PostalCode, City: p.City, Phone: p.Phone}
}

type editSiteInput struct {
	InSite
	Versioned

	Body siteChange
}

type siteChange struct {
	Name       *string `json:"name,omitempty"`
	FINESS     *string `json:"finess,omitempty"`
	Street     *string `json:"street,omitempty"`
	PostalCode *string `json:"postal_code,omitempty"`
	City       *string `json:"city,omitempty"`
	Phone      *string `json:"phone,omitempty"`
}

func (c siteChange) over(old org.SiteDetails) org.SiteDetails {
	return org.SiteDetails{
		Name: or(c.Name, old.Name), FINESS: or(c.FINESS, old.FINESS), Street: or(c.Street, old.Street),
		PostalCode: or(c.PostalCode, old.PostalCode), City: or(c.City, old.City), Phone: or(c.Phone, old.Phone),
	}
}

func (s *Server) aboutSites(d *door) {
	const path, one = "/organizations/{org}/sites", "/organizations/{org}/sites/{ste}"
	add(d, route{
		id: "listSites", method: http.MethodGet, path: path, tag: tagSites, summary: "Sites", errors: []int{http.StatusNotFound},
		about: "The active sites that the caller may know of, by name.",
	}, s.listSites)
	add(d, route{
		id: "createSite", method: http.MethodPost, path: path, tag: tagSites, summary: "Create a site", status: http.StatusCreated,
		about:  "The site has an administrator from its first moment. Needs sites.edit for the organisation.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.createSite)
	add(d, route{
		id: "getSite", method: http.MethodGet, path: one, tag: tagSites, summary: "One site", about: "For whoever may know of it.",
		errors: []int{http.StatusNotFound},
	}, s.getSite)
	add(d, route{
		id: "editSite", method: http.MethodPatch, path: one, tag: tagSites, summary: "Change a site", errors: []int{http.StatusNotFound},
		about: "What is left out stays as it is; an empty text empties a field. Needs sites.edit there.",
	}, s.editSite)
	add(d, route{
		id: "closeSite", method: http.MethodDelete, path: one, tag: tagSites, summary: "Close a site",
		about:  "A site can be closed once all its members belong to another one too. Needs sites.edit for the organisation.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.closeSite)
}

func (s *Server) listSites(ctx context.Context, in *sitesInput) (*plainReply[List[Site]], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	all, err := s.Orgs.Sites(ctx, in.By, id, in.Search)
	if err != nil {
		return nil, err
	}
	if in.Sort == "-name" {
		slices.Reverse(all)
	}
	return cut[org.Site, Site]{
		ring: s.Run.Ring, name: fmt.Sprintf("sites|%s|%q|%s", id, in.Search, in.Sort), page: in.Paged,
		id:       func(v org.Site) string { return v.ID.String() },
		document: siteOf,
	}.of(all)
}

func (s *Server) createSite(ctx context.Context, in *createSiteInput) (*reply[Site], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	n := member.NewSite{Org: id, Details: in.Body.details()}
	for _, m := range in.Body.Members {
		n.Members = append(n.Members, ident.Member(m))
	}
	v, err := s.Members.CreateSite(ctx, in.By, n)
	if err != nil {
		return nil, err
	}
	return &reply[Site]{ETag: etag(v.Rev), Location: s.at("organizations", id.String(), "sites", v.ID.String()), Body: siteOf(v)}, nil
}

func (s *Server) getSite(ctx context.Context, in *InSite) (*reply[Site], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return siteReply(s.Orgs.Site(ctx, in.By, id, known(ident.ParseSite, in.Site)))
}

func siteReply(v org.Site, err error) (*reply[Site], error) {
	if err != nil {
		return nil, err
	}
	return &reply[Site]{ETag: etag(v.Rev), Body: siteOf(v)}, nil
}

func (s *Server) editSite(ctx context.Context, in *editSiteInput) (*reply[Site], error) {
	rev, err := in.version()
	if err != nil {
		return nil, err
	}
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	site := known(ident.ParseSite, in.Site)
	old, err := s.Orgs.Site(ctx, in.By, id, site)
	if err != nil {
		return nil, err
	}
	return siteReply(s.Orgs.EditSite(ctx, in.By, id, site, rev, in.Body.over(old.SiteDetails)))
}

func (s *Server) closeSite(ctx context.Context, in *InSite) (*nothing, error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return nil, s.Members.CloseSite(ctx, in.By, id, known(ident.ParseSite, in.Site))
}
