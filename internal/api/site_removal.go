package api

import (
	"context"
	"net/http"

	"habilis/internal/departure"
	"habilis/internal/ident"
	"habilis/internal/text"
)

// SiteRemoval says what removing a member from a site would end, before it does.
type SiteRemoval struct {
	Site        SiteRef          `json:"site"`
	Last        bool             `json:"last" doc:"The member's only site: to go from it is a departure. The rest is not told."`
	NeedsProof  bool             `json:"needs_proof" doc:"It needs a fresh proof of the person."`
	RefusedBy   string           `json:"refused_by" doc:"Code of what refuses it, or empty." example:"member.last_administrator"`
	Roles       []HeldRole       `json:"roles" doc:"That end."`
	Permissions []HeldPermission `json:"permissions" doc:"Single ones, that end."`
	Levels      int              `json:"levels" doc:"How many levels on agendas and messaging profiles end."`
	Received    int              `json:"delegations_received" doc:"How many delegations to the member end."`
	Given       int              `json:"delegations_given" doc:"How many delegations in the member's name end."`
	Unmanaged   []NamedResource  `json:"unmanaged" doc:"What nobody would manage any more."`
	Holds       []SiteHolding    `json:"holds" doc:"What somebody of the site may take over."`
	Version     int64            `json:"version" doc:"Of the member: for If-Match."`
}

// NamedResource is a resource by its ID and name.
type NamedResource struct {
	ID   string `json:"id" example:"agd_019aa0f2-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Name string `json:"name" example:"Dr Morvan"`
}

// SiteHolding is something that a member holds at a site.
type SiteHolding struct {
	What      string          `json:"what" enum:"resource,work" doc:"A resource, or open work items of a kind."`
	Object    string          `json:"object" doc:"The ID of the resource, or the kind of the items." example:"task"`
	Name      string          `json:"name" doc:"Of the resource."`
	Items     int64           `json:"items" doc:"Of work: how many."`
	Without   string          `json:"without" enum:"closed,kept" doc:"When nobody takes it over: closed, or kept by the member."`
	May       bool            `json:"may" doc:"You may say who takes it over."`
	Receivers []NamedReceiver `json:"receivers" doc:"Who may, the likeliest first."`
}

// NamedReceiver is somebody who may take something over.
type NamedReceiver struct {
	ID       string `json:"id" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Name     string `json:"name" example:"Julie Delmas"`
	Function string `json:"function" example:"physician"`
}

// SiteReassignment gives one thing to somebody.
type SiteReassignment struct {
	What   string `json:"what" enum:"resource,work"`
	Object string `json:"object" maxLength:"100" doc:"As in holds." example:"task"`
	To     string `json:"to" maxLength:"60" doc:"A member of the site, as in receivers."`
}

type siteRemovalInput struct {
	InMember
	Versioned

	Site string `path:"ste" doc:"The site's ID." example:"ste_019aa0f0-5c20-7c11-8f52-6e1f4b0a9d77"`
	Body struct {
		Reassignments []SiteReassignment `json:"reassignments,omitempty" maxItems:"500" doc:"What is left out has its fate (without)."`
	}
}

func (s *Server) aboutSiteRemovals(d *door) {
	const path = "/organizations/{org}/members/{mbr}/sites/{ste}/removal"
	add(d, route{
		id: "getSiteRemoval", method: http.MethodGet, path: path, tag: tagMembers, summary: "What a removal from a site would end",
		about:  "Everything that ends, or is held there, with who may take it over. Levels and delegations are counted.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.getSiteRemoval)
	add(d, route{
		id: "createSiteRemoval", method: http.MethodPost, path: path, tag: tagMembers,
		summary: "Remove a member from a site, and what they hold",
		about: "Ends in one act everything at that site: belonging, roles, permissions, administration, levels, delegations given and " +
			"received, alert settings. What the member holds there goes to whom you name; else agendas, messaging profiles and " +
			"identities are closed, and work items stay theirs. While the member is the holder of something there, it takes rights.edit " +
			"at that site, and a fresh proof. The last site of a member, and the last administrator able to sign " +
			"in, stay. With If-Match, only that version.",
		errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed, http.StatusUnprocessableEntity},
	}, s.createSiteRemoval)
}

func (s *Server) getSiteRemoval(ctx context.Context, in *memberSiteInput) (*reply[SiteRemoval], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	v, err := s.SiteRemovals.Preview(ctx, in.By, org, known(ident.ParseMember, in.Member), known(ident.ParseSite, in.Site))
	if err != nil {
		return nil, err
	}
	return &reply[SiteRemoval]{ETag: etag(v.Member.Version), Body: siteRemovalOf(in.call.words(ctx), v)}, nil
}

func siteRemovalOf(t *text.Printer, v departure.SiteView) SiteRemoval {
	out := SiteRemoval{
		Site: SiteRef{v.Site.String(), v.SiteName}, Last: v.Last, NeedsProof: v.NeedsStepUp, Roles: heldRoles(t, v.Roles),
		Permissions: heldPermissions(v.Permissions), Levels: v.Levels, Received: v.Received, Given: v.Given,
		Unmanaged: []NamedResource{}, Holds: []SiteHolding{}, Version: v.Member.Version,
	}
	if v.Blocked != nil {
		out.RefusedBy = v.Blocked.Code
	}
	for _, r := range v.Unmanaged {
		out.Unmanaged = append(out.Unmanaged, NamedResource{r.ID.String(), r.Name})
	}
	for i := range v.Holdings {
		h := &v.Holdings[i]
		line := SiteHolding{
			What: string(h.What), Object: h.Object, Name: h.Name, Items: h.Items, Without: string(h.Fate), May: h.May, Receivers: []NamedReceiver{},
		}
		for _, r := range h.People {
			line.Receivers = append(line.Receivers, NamedReceiver{r.Member.String(), r.Name, r.Function})
		}
		out.Holds = append(out.Holds, line)
	}
	return out
}

func (s *Server) createSiteRemoval(ctx context.Context, in *siteRemovalInput) (*reply[MemberSheet], error) {
	version, err := in.optional()
	if err != nil {
		return nil, err
	}
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	o := departure.SiteOrder{Version: version}
	for _, r := range in.Body.Reassignments {
		o.Choices = append(o.Choices, departure.Choice{What: departure.What(r.What), Object: r.Object, To: known(ident.ParseMember, r.To)})
	}
	v, err := s.SiteRemovals.Remove(ctx, in.By, org, known(ident.ParseMember, in.Member), known(ident.ParseSite, in.Site), o)
	return in.call.sheet(ctx, v, err)
}
