package api

import (
	"context"
	"net/http"

	"habilis/internal/access"
	"habilis/internal/member"
	"habilis/internal/text"
)

type catalogueInput struct {
	Caller
	Paged
}

// Permission is one act that a role may allow.
type Permission struct {
	Code   string `json:"code" example:"members.invite"`
	Domain string `json:"domain" example:"members"`
	Kind   string `json:"kind" enum:"administration,care" doc:"Administration permissions are given only by those who hold them."`
	Label  string `json:"label" doc:"In the caller's language." example:"Créer et inviter des membres"`
}

// Function is what a member does.
type Function struct {
	Code  string `json:"code" example:"secretary"`
	Label string `json:"label" doc:"In the caller's language." example:"Secrétariat"`
}

func (s *Server) aboutCatalogues(d *door) {
	add(d, route{
		id: "listPermissions", method: http.MethodGet, path: "/permissions", tag: tagRoles, summary: "Catalogue of permissions",
		about: "The same for every organisation, in the order of the screens.",
	}, s.listPermissions)
	add(d, route{
		id: "listFunctions", method: http.MethodGet, path: "/functions", tag: tagMembers, summary: "Functions of members",
		about: "The same for every organisation. Open to all: whoever finishes an account chooses from it.", public: true,
	}, s.listFunctions)
}

func (s *Server) listPermissions(ctx context.Context, in *catalogueInput) (*plainReply[List[Permission]], error) {
	t := in.call.words(ctx)
	return cut[access.Permission, Permission]{
		ring: s.Run.Ring, name: "permissions", page: in.Paged,
		id:       func(p access.Permission) string { return string(p) },
		document: func(p access.Permission) Permission { return permissionOf(t, p) },
	}.of(access.Catalogue())
}

func permissionOf(t *text.Printer, p access.Permission) Permission {
	v := Permission{Code: string(p), Domain: p.Domain(), Kind: "care", Label: t.T("permission." + string(p))}
	if access.IsAdministration(p) {
		v.Kind = "administration"
	}
	return v
}

func (s *Server) listFunctions(ctx context.Context, in *catalogueInput) (*plainReply[List[Function]], error) {
	t := in.call.words(ctx)
	return cut[string, Function]{
		ring: s.Run.Ring, name: "functions", page: in.Paged,
		id:       func(code string) string { return code },
		document: func(code string) Function { return Function{code, t.T("function." + code)} },
	}.of(member.Functions)
}
