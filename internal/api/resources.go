package api

import (
	"context"
	"net/http"
	"strings"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/resource"
)

// resourceRoutes says where each type of resource stands, and how its operations are called.
var resourceRoutes = []struct {
	typ            resource.Type
	path, one, all string // last step of the address; names in operation IDs
	word, words    string
}{
	{resource.Agenda, "agendas", "Agenda", "Agendas", "agenda", "Agendas"},
	{resource.MessagingProfile, "messaging-profiles", "MessagingProfile", "MessagingProfiles", "messaging profile", "Messaging profiles"},
	{resource.Identity, "identities", "Identity", "Identities", "identity", "Identities"},
}

// family is the routes of one type.
type family struct {
	*Server

	typ  resource.Type
	path string
}

func (s *Server) aboutResources(d *door) {
	for _, r := range resourceRoutes {
		f := family{s, r.typ, r.path}
		all := "/organizations/{org}/" + r.path
		one := all + "/{id}"
		add(d, route{
			id: "list" + r.all, method: http.MethodGet, path: all, tag: tagResources, summary: r.words, errors: []int{http.StatusNotFound},
			about: "Those that the caller may know of, by name. For whoever reads members, reads or edits rights, or edits delegations.",
		}, f.list)
		add(d, route{
			id: "create" + r.one, method: http.MethodPost, path: all, tag: tagResources, summary: "Create " + article(r.word),
			status: http.StatusCreated, about: "Needs rights.edit at its site.", errors: []int{http.StatusNotFound, http.StatusConflict},
		}, f.create)
		add(d, route{
			id: "get" + r.one, method: http.MethodGet, path: one, tag: tagResources, summary: "One " + r.word,
			about: "With how many levels and delegations closing it would end.", errors: []int{http.StatusNotFound},
		}, f.get)
		add(d, route{
			id: "edit" + r.one, method: http.MethodPatch, path: one, tag: tagResources, summary: "Change " + article(r.word),
			about:  "What is left out stays as it is; an empty text empties a field. Needs rights.edit at its site, before and after.",
			errors: []int{http.StatusNotFound, http.StatusConflict},
		}, f.edit)
		add(d, route{
			id: "close" + r.one, method: http.MethodDelete, path: one, tag: tagResources, summary: "Close " + article(r.word), status: http.StatusOK,
			about:  "It stays known, and every decision about it is refused. With If-Match, only that version. Needs rights.edit at its site.",
			errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed},
		}, f.close)
		add(d, route{
			id: "reopen" + r.one, method: http.MethodPost, path: one + "/reopen", tag: tagResources, summary: "Reopen " + article(r.word),
			about:  "With what is still granted on it. With If-Match, only that version. Needs rights.edit at its site.",
			errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed},
		}, f.reopen)
	}
}

func article(word string) string {
	if strings.ContainsAny(word[:1], "aei") {
		return "an " + word
	}
	return "a " + word
}

func (f family) list(ctx context.Context, in *resourcesInput) (*plainReply[List[Resource]], error) {
	org, err := f.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	q := resource.Query{
		Type: f.typ, Search: in.Search, Kind: resource.Kind(in.Kind), Holder: ident.Member(in.Holder), Status: resource.Status(in.Status),
		Size: in.Limit, After: in.Cursor, Whole: in.Site == access.WholeOrganization,
	}
	if !q.Whole {
		q.Site = ident.Site(in.Site)
	}
	p, err := f.Resources.List(ctx, in.By, org, q)
	if err != nil {
		return nil, err
	}
	return replied(listed(p.Rows, p.Next, p.Total, resourceOf)), nil
}

func (f family) create(ctx context.Context, in *createResourceInput) (*reply[Resource], error) {
	org, err := f.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	v, err := f.Resources.Create(ctx, in.By, org, f.typ, in.Body.details(org))
	if err != nil {
		return nil, err
	}
	r, err := resourceReply(v, nil)
	r.Location = f.at("organizations", org.String(), f.path, v.ID.String())
	return r, err
}

func resourceReply(v resource.Resource, err error) (*reply[Resource], error) {
	if err != nil {
		return nil, err
	}
	return &reply[Resource]{ETag: etag(v.Version), Body: resourceOf(v)}, nil
}

// known reads the ID of a path. One of another type is no agenda.
func (f family) known(s string) resource.ID {
	id, err := resource.ParseID(s)
	if err == nil && id.Type() == f.typ {
		return id
	}
	return resource.ID(nowhere)
}

func (f family) get(ctx context.Context, in *InResource) (*reply[ResourceSheet], error) {
	org, err := f.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	v, err := f.Resources.Get(ctx, in.By, org, f.known(in.ID))
	if err != nil {
		return nil, err
	}
	return &reply[ResourceSheet]{ETag: etag(v.Version), Body: ResourceSheet{
		Resource: resourceOf(v.Resource), Levels: v.Levels, Delegations: v.Delegations, MayEdit: v.MayEdit,
	}}, nil
}

func (f family) edit(ctx context.Context, in *editResourceInput) (*reply[Resource], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	org, err := f.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	old, err := f.Resources.Get(ctx, in.By, org, f.known(in.ID))
	if err != nil {
		return nil, err
	}
	return resourceReply(f.Resources.Edit(ctx, in.By, org, old.ID, version, in.Body.over(org, old.Details())))
}

func (f family) close(ctx context.Context, in *closeResourceInput) (*reply[Resource], error) {
	return f.turn(ctx, in, f.Resources.Close)
}

func (f family) reopen(ctx context.Context, in *closeResourceInput) (*reply[Resource], error) {
	return f.turn(ctx, in, f.Resources.Reopen)
}

func (f family) turn(ctx context.Context, in *closeResourceInput,
	act func(context.Context, access.Actor, ident.Org, resource.ID, int64) (resource.Resource, error),
) (*reply[Resource], error) {
	version, err := in.optional()
	if err != nil {
		return nil, err
	}
	org, err := f.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return resourceReply(act(ctx, in.By, org, f.known(in.ID), version))
}
