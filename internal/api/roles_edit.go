package api

import (
	"context"
	"net/http"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/text"
)

type createRoleInput struct {
	InOrg

	Body newRole
}

type newRole struct {
	Name        string           `json:"name" doc:"No other role of the organisation reads like it." example:"Coordination"`
	Permissions []permissionCode `json:"permissions,omitempty" maxItems:"200" doc:"With copy_of, those of that role by default."`
	CopyOf      roleID           `json:"copy_of,omitempty" doc:"A role to duplicate, built in or not."`
}

type editRoleInput struct {
	InRole
	Versioned

	DryRun bool `query:"dry_run" doc:"Say what the change would do and whom it would touch, and do nothing."`
	Body   roleChange
}

type roleChange struct {
	Name        *string           `json:"name,omitempty"`
	Permissions *[]permissionCode `json:"permissions,omitempty" maxItems:"200" doc:"All those of the role, not only what is added."`
}

type removeRoleInput struct {
	InRole
	Versioned
}

func (s *Server) aboutRoleEdition(d *door) {
	const path, one = "/organizations/{org}/roles", "/organizations/{org}/roles/{rol}"
	const who = " Needs roles.edit for the organisation, and there every administration permission of the role."
	add(d, route{
		id: "createRole", method: http.MethodPost, path: path, tag: tagRoles, summary: "Create a role", status: http.StatusCreated,
		about: "From permissions of the catalogue, or as a copy of another role." + who, errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.createRole)
	add(d, route{
		id: "editRole", method: http.MethodPatch, path: one, tag: tagRoles, summary: "Change a role",
		about: "Everybody who holds it gains and loses the permissions at once; the answer says who they are. What is left out stays as it " +
			"is. A built-in role never changes: duplicate it. Nobody who holds the role may have more administration than the caller." + who,
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.editRole)
	add(d, route{
		id: "removeRole", method: http.MethodDelete, path: one, tag: tagRoles, summary: "Remove a role",
		about: "Once no member holds it, now or later or once reactivated, and no pending invitation carries it. With If-Match, only that " +
			"version." + who,
		errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed},
	}, s.removeRole)
}

// RoleEdited is a role with what its change does, to whom.
type RoleEdited struct {
	Role

	DryRun      bool         `json:"dry_run" doc:"Nothing was done: the role is shown as it would be, but for its version."`
	Gained      []string     `json:"gained" doc:"Permissions that those who hold the role gain by it, where they hold it."`
	Lost        []string     `json:"lost"`
	Holders     []RoleHolder `json:"holders" doc:"Members who hold it, of those that the caller may see: the first 50 by name."`
	HoldersSeen int64        `json:"holders_seen" doc:"How many the caller may see."`
	HoldersAll  int64        `json:"holders_all" doc:"How many there are."`
	Invitations int64        `json:"invitations" doc:"How many pending invitations carry it."`
}

// RoleHolder is a member who holds a role.
type RoleHolder struct {
	Member string   `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Name   string   `json:"name" example:"Julie Delmas"`
	Status string   `json:"status" doc:"Of the member: who is deactivated holds the role too."`
	Scopes []string `json:"scopes" doc:"Where: organization, or IDs of sites that the caller may know of."`
}

func roleEditedOf(t *text.Printer, c member.RoleChange, dryRun bool) RoleEdited {
	v := RoleEdited{
		Role: roleOf(t, c.After, nil), DryRun: dryRun, Gained: texts(c.Gained), Lost: texts(c.Lost),
		Holders: make([]RoleHolder, 0, len(c.Holders.Members)), HoldersSeen: c.Holders.Seen, HoldersAll: c.Holders.Total,
		Invitations: c.Holders.Invitations,
	}
	v.Members = c.Holders.Seen
	if dryRun {
		v.Version = c.Before.Rev
	}
	for i := range c.Holders.Members {
		v.Holders = append(v.Holders, roleHolderOf(&c.Holders.Members[i], c.After.ID))
	}
	return v
}

func roleHolderOf(m *member.Row, id ident.Role) RoleHolder {
	v := RoleHolder{Member: m.ID.String(), Name: m.Name(), Status: string(m.Status), Scopes: []string{}}
	for _, r := range m.Roles {
		if r.Role == id {
			v.Scopes = append(v.Scopes, r.Scope.Code())
		}
	}
	return v
}

func permissions(codes []permissionCode) []access.Permission {
	list := make([]access.Permission, 0, len(codes))
	for _, c := range codes {
		list = append(list, access.Permission(c))
	}
	return list
}

func (s *Server) createRole(ctx context.Context, in *createRoleInput) (*reply[Role], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	d := role.Details{Name: in.Body.Name, Permissions: permissions(in.Body.Permissions)}
	var made role.Role
	if in.Body.CopyOf == "" {
		made, err = s.Roles.Create(ctx, in.By, id, d)
	} else {
		made, err = s.Roles.Duplicate(ctx, in.By, id, ident.Role(in.Body.CopyOf), d)
	}
	if err != nil {
		return nil, err
	}
	return &reply[Role]{
		ETag: etag(made.Rev), Location: s.at("organizations", id.String(), "roles", made.ID.String()),
		Body: roleOf(in.call.words(ctx), made, nil),
	}, nil
}

func (s *Server) editRole(ctx context.Context, in *editRoleInput) (*reply[RoleEdited], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	of, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	id := known(ident.ParseRole, in.Role)
	old, err := s.Roles.Get(ctx, in.By, of, id)
	if err != nil {
		return nil, err
	}
	d := role.Details{Name: or(in.Body.Name, old.Name), Permissions: old.Permissions}
	if in.Body.Permissions != nil {
		d.Permissions = permissions(*in.Body.Permissions)
	}
	act := s.Members.EditRole
	if in.DryRun {
		act = s.Members.PreviewRole
	}
	c, err := act(ctx, in.By, of, id, version, d)
	if err != nil {
		return nil, err
	}
	v := roleEditedOf(in.call.words(ctx), c, in.DryRun)
	return &reply[RoleEdited]{ETag: etag(v.Version), Body: v}, nil
}

func (s *Server) removeRole(ctx context.Context, in *removeRoleInput) (*nothing, error) {
	version, err := in.optional()
	if err != nil {
		return nil, err
	}
	of, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return nil, s.Roles.Remove(ctx, in.By, of, known(ident.ParseRole, in.Role), version)
}
