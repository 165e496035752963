package api

import (
	"context"
	"errors"
	"net/http"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
)

type memberRoleInput struct {
	InMember
	Versioned

	Role  string    `path:"rol" doc:"The role's ID." example:"rol_019aa0f0-5c22-7e90-9d14-3b7fa2c86e05"`
	Scope scopeCode `query:"scope" required:"true" doc:"organization, or the ID of a site."`
}

type memberPermissionInput struct {
	InMember
	Versioned

	Permission permissionCode `path:"code" doc:"The permission's code." example:"members.read"`
	Scope      scopeCode      `query:"scope" required:"true" doc:"organization, or the ID of a site."`
}

func (s *Server) aboutMemberRights(d *door) {
	const (
		oneRole = "/organizations/{org}/members/{mbr}/roles/{rol}"
		one     = "/organizations/{org}/members/{mbr}/permissions/{code}"
		who     = " Needs rights.edit there; an administration permission is given and taken by whoever holds it there, with a fresh proof " +
			"from a person, and never to or from somebody whose administration exceeds one's own."
		optional = " With If-Match, only that version."
	)
	errors := []int{http.StatusNotFound, http.StatusConflict}
	add(d, route{
		id: "giveRole", method: http.MethodPut, path: oneRole, tag: tagMembers, summary: "Give a role",
		about: "At the scope, at once and without an end; whoever has it keeps it." + who, errors: errors,
	}, s.giveRole)
	add(d, route{
		id: "takeRole", method: http.MethodDelete, path: oneRole, tag: tagMembers, summary: "Take a role",
		about:  "At the scope. The last administrator able to sign in stays." + who + optional,
		errors: append(errors, http.StatusPreconditionFailed),
	}, s.takeRole)
	add(d, route{
		id: "givePermission", method: http.MethodPut, path: one, tag: tagMembers, summary: "Give a single permission",
		about: "At the scope, besides those of the roles." + who, errors: errors,
	}, s.givePermission)
	add(d, route{
		id: "takePermission", method: http.MethodDelete, path: one, tag: tagMembers, summary: "Take a single permission",
		about:  "Those of the roles stay." + who + optional,
		errors: append(errors, http.StatusPreconditionFailed),
	}, s.takePermission)
}

func (s *Server) giveRole(ctx context.Context, in *memberRoleInput) (*reply[MemberSheet], error) {
	version, err := in.version()
	return s.changeRole(ctx, in, version, err, func(c *member.RightsChange) *[]role.Given { return &c.AddRoles })
}

func (s *Server) takeRole(ctx context.Context, in *memberRoleInput) (*reply[MemberSheet], error) {
	version, err := in.optional()
	return s.changeRole(ctx, in, version, err, func(c *member.RightsChange) *[]role.Given { return &c.DropRoles })
}

func (s *Server) changeRole(ctx context.Context, in *memberRoleInput, version int64, err error,
	list func(*member.RightsChange) *[]role.Given,
) (*reply[MemberSheet], error) {
	if err != nil {
		return nil, err
	}
	return s.changeRights(ctx, in.InMember, version, "path.rol", func(of ident.Org) (c member.RightsChange) {
		*list(&c) = []role.Given{{Role: known(ident.ParseRole, in.Role), Scope: scope(of, in.Scope)}}
		return c
	})
}

func (s *Server) givePermission(ctx context.Context, in *memberPermissionInput) (*reply[MemberSheet], error) {
	version, err := in.version()
	return s.changePermission(ctx, in, version, err, func(c *member.RightsChange) *[]member.GivenPermission { return &c.AddPermissions })
}

func (s *Server) takePermission(ctx context.Context, in *memberPermissionInput) (*reply[MemberSheet], error) {
	version, err := in.optional()
	return s.changePermission(ctx, in, version, err, func(c *member.RightsChange) *[]member.GivenPermission { return &c.DropPermissions })
}

func (s *Server) changePermission(ctx context.Context, in *memberPermissionInput, version int64, err error,
	list func(*member.RightsChange) *[]member.GivenPermission,
) (*reply[MemberSheet], error) {
	if err != nil {
		return nil, err
	}
	return s.changeRights(ctx, in.InMember, version, "path.code", func(of ident.Org) (c member.RightsChange) {
		*list(&c) = []member.GivenPermission{{Permission: access.Permission(in.Permission), Scope: scope(of, in.Scope)}}
		return c
	})
}

// changeRights makes a change of one line, which stands at the place named.
func (s *Server) changeRights(ctx context.Context, in InMember, version int64, at string, change func(ident.Org) member.RightsChange,
) (*reply[MemberSheet], error) {
	of, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	v, err := s.Members.ChangeRights(ctx, in.By, of, known(ident.ParseMember, in.Member), change(of), version)
	return in.call.sheet(ctx, v, located(err, at))
}

// located names the only line of a change by its place in the request.
func located(err error, at string) error {
	if !errors.Is(err, role.ErrNotGrantable) {
		return err
	}
	f := *fault.Of(err)
	f.Fields = []fault.Field{f.Fields[0]}
	f.Fields[0].Location = at
	return &f
}
