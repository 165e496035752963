package api

import (
	"context"
	"fmt"
	"net/http"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/role"
	"habilis/internal/text"
)

type rolesInput struct {
	InOrg
	Paged

	Grantable bool `query:"grantable" doc:"Only those that the caller may give, each with the scopes where."`
}

// InRole is the input of a route of one role.
type InRole struct {
	InOrg

	Role string `path:"rol" doc:"The role's ID." example:"rol_019aa0f0-5c22-7e90-9d14-3b7fa2c86e05"`
}

// Role is a named set of permissions.
type Role struct {
	ID           string   `json:"id" example:"rol_019aa0f0-5c22-7e90-9d14-3b7fa2c86e05"`
	Organization string   `json:"organization" example:"org_019aa0f0-5c1e-7b6a-9a3e-0d5b7c1f2a34"`
	BuiltIn      string   `json:"built_in" doc:"Code of a built-in role, or empty." example:"secretary"`
	Name         string   `json:"name" doc:"In the caller's language." example:"Secrétariat"`
	Permissions  []string `json:"permissions"`
	Members      int64    `json:"members" doc:"How many members, of those that the caller may see, hold it."`
	Scopes       []string `json:"scopes,omitempty" doc:"With grantable: where the caller may give it."`
	Version      int64    `json:"version" doc:"The number in the ETag."`
}

func roleOf(t *text.Printer, r role.Role, scopes []access.Scope) Role {
	return Role{
		ID: r.ID.String(), Organization: r.Org.String(), BuiltIn: r.BuiltIn, Name: roleName(t, r.BuiltIn, r.Name),
		Permissions: texts(r.Permissions), Members: r.Members, Scopes: scopeCodes(scopes), Version: r.Rev,
	}
}

func (s *Server) aboutRoles(d *door) {
	add(d, route{
		id: "listRoles", method: http.MethodGet, path: "/organizations/{org}/roles", tag: tagRoles, summary: "Roles",
		about:  "Built-in ones first. For whoever reads members, invites, or reads rights.",
		errors: []int{http.StatusNotFound},
	}, s.listRoles)
	add(d, route{
		id: "getRole", method: http.MethodGet, path: "/organizations/{org}/roles/{rol}", tag: tagRoles, summary: "One role",
		about: "With its permissions.", errors: []int{http.StatusNotFound},
	}, s.getRole)
	s.aboutRoleEdition(d)
}

func (s *Server) listRoles(ctx context.Context, in *rolesInput) (*plainReply[List[Role]], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	all, err := s.roles(ctx, in, id)
	if err != nil {
		return nil, err
	}
	t := in.call.words(ctx)
	return cut[role.Grantable, Role]{
		ring: s.Run.Ring, name: fmt.Sprintf("roles|%s|%t", id, in.Grantable), page: in.Paged,
		id:       func(v role.Grantable) string { return v.Role.ID.String() },
		document: func(v role.Grantable) Role { return roleOf(t, v.Role, v.Scopes) },
	}.of(all)
}

func (s *Server) roles(ctx context.Context, in *rolesInput, org ident.Org) ([]role.Grantable, error) {
	if in.Grantable {
		return s.Roles.Grantable(ctx, in.By, org)
	}
	list, err := s.Roles.List(ctx, in.By, org)
	all := make([]role.Grantable, 0, len(list))
	for _, r := range list {
		all = append(all, role.Grantable{Role: r})
	}
	return all, err
}

func (s *Server) getRole(ctx context.Context, in *InRole) (*reply[Role], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	r, err := s.Roles.Get(ctx, in.By, id, known(ident.ParseRole, in.Role))
	if err != nil {
		return nil, err
	}
	return &reply[Role]{ETag: etag(r.Rev), Body: roleOf(in.call.words(ctx), r, nil)}, nil
}
