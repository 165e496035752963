package api

import (
	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/resource"
)

// InResource is the input of a route of one agenda, messaging profile or identity.
type InResource struct {
	InOrg

	ID string `path:"id" doc:"Its ID." example:"agd_019aa0f5-7a31-7e58-9b0c-2d64f1c8e3a7"`
}

type resourcesInput struct {
	InOrg
	Paged

	Search string         `query:"q" maxLength:"200" doc:"Part of the name, of the line under it, or of the address."`
	Site   scopeCode      `query:"site" doc:"ID of a site; organization: those of no site."`
	Kind   resourceKind   `query:"kind"`
	Holder memberID       `query:"holder" doc:"Those that this member holds."`
	Status resourceStatus `query:"status" default:"active"`
}

type createResourceInput struct {
	InOrg

	Body newResource
}

type newResource struct {
	Site    scopeCode    `json:"site,omitempty" doc:"ID of its site; organization, or nothing, for the whole organisation: not for an agenda."`
	Kind    resourceKind `json:"kind"`
	Name    string       `json:"name" example:"Dr Morvan"`
	Detail  string       `json:"detail,omitempty" doc:"The short line under the name." example:"Généraliste"`
	Address string       `json:"address,omitempty" doc:"Of a messaging profile only." example:"claire.morvan@medecin.mssante.fr"`
	Holder  memberID     `json:"holder,omitempty" doc:"ID of the practitioner whose it is: of the kind practitioner only, and needed there."`
}

func (n newResource) details(of ident.Org) resource.Details {
	return resource.Details{
		Site: scope(of, n.Site).Site, Kind: resource.Kind(n.Kind), Name: n.Name, Detail: n.Detail, Address: n.Address,
		Holder: ident.Member(n.Holder),
	}
}

type editResourceInput struct {
	InResource
	Versioned

	Body resourceChange
}

type resourceChange struct {
	Site    *scopeCode    `json:"site,omitempty"`
	Kind    *resourceKind `json:"kind,omitempty"`
	Name    *string       `json:"name,omitempty"`
	Detail  *string       `json:"detail,omitempty"`
	Address *string       `json:"address,omitempty"`
	Holder  *noOrMemberID `json:"holder,omitempty" doc:"Empty for nobody."`
}

func (c resourceChange) over(of ident.Org, d resource.Details) resource.Details {
	if c.Site != nil {
		d.Site = scope(of, *c.Site).Site
	}
	d.Kind, d.Name, d.Detail = or(c.Kind, d.Kind), or(c.Name, d.Name), or(c.Detail, d.Detail)
	d.Address, d.Holder = or(c.Address, d.Address), or(c.Holder, d.Holder)
	return d
}

type closeResourceInput struct {
	InResource
	Versioned
}

// Resource is an agenda, a messaging profile, or an identity in whose name documents are
// sent and received.
type Resource struct {
	ID           string  `json:"id" example:"agd_019aa0f5-7a31-7e58-9b0c-2d64f1c8e3a7"`
	Organization string  `json:"organization" example:"org_019aa0f0-5c1e-7b6a-9a3e-0d5b7c1f2a34"`
	Type         string  `json:"type" enum:"agenda,messaging_profile,identity"`
	Site         string  `json:"site" doc:"ID of its site, or organization." example:"ste_019aa0f0-5c20-7c11-8f52-6e1f4b0a9d77"`
	SiteName     string  `json:"site_name" doc:"Empty for the whole organisation." example:"Tilleuls Centre"`
	Kind         string  `json:"kind" enum:"practitioner,room,service"`
	Name         string  `json:"name" example:"Dr Morvan"`
	Detail       string  `json:"detail" doc:"The short line under the name, or empty." example:"Généraliste"`
	Address      string  `json:"address" doc:"Of a messaging profile, or empty."`
	Holder       *string `json:"holder" doc:"ID of the practitioner whose it is. Null for nobody, or whom the caller may not know of."`
	HolderName   string  `json:"holder_name" example:"Claire Morvan"`
	Status       string  `json:"status" enum:"active,closed"`
	Version      int64   `json:"version" doc:"The number in the ETag."`
}

func resourceOf(r resource.Resource) Resource {
	return Resource{
		ID: r.ID.String(), Organization: r.Org.String(), Type: string(r.Type), Site: access.Scope{Org: r.Org, Site: r.Site}.Code(),
		SiteName: r.SiteName, Kind: string(r.Kind), Name: r.Name, Detail: r.Detail, Address: r.Address, Holder: optionalID(r.Holder),
		HolderName: r.HolderName, Status: string(r.Status), Version: r.Version,
	}
}

// ResourceSheet is a resource with what closing it would end.
type ResourceSheet struct {
	Resource

	Levels      int64 `json:"levels" doc:"How many people have a level on it, now or later; closing it ends that."`
	Delegations int64 `json:"delegations" doc:"How many delegations bear on it, now or later; closing it ends that."`
	MayEdit     bool  `json:"may_edit" doc:"Whether the caller may change, close and reopen it."`
}
