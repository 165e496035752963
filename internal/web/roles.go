package web

import (
	"net/http"
	"slices"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

var roleRoutes = []route{
	{"GET /o/{org}/roles", within, (*visit).rolesPage},
	{"GET /o/{org}/roles/new", within, (*visit).newRoleForm},
	{"POST /o/{org}/roles/new", within, (*visit).createRole},
	{"GET /o/{org}/roles/{role}", within, (*visit).rolePage},
	{"POST /o/{org}/roles/{role}", within, (*visit).keepRole},
	{"GET /o/{org}/roles/{role}/review", within, (*visit).reviewRole},
	{"POST /o/{org}/roles/{role}/review", within, (*visit).saveRole},
	{"GET /o/{org}/roles/{role}/remove", within, (*visit).removeRoleForm},
	{"POST /o/{org}/roles/{role}/remove", within, (*visit).removeRole},
}

// rolesView is the list of roles: those of the organisation, and the built-in ones.
type rolesView struct {
	Own, Provided []roleLine
	Base          string
	New           string // address of the form of a new one; empty: not this person's
	Counted       bool   // this person sees who holds what
}

// roleLine is one role of the list.
type roleLine struct {
	Name, Detail, Href string
	Members            int64
	Current            bool
}

// rolesView lists the roles beside the one that is shown.
func (v *visit) rolesView(current ident.Role) (rolesView, error) {
	list, err := v.s.Roles.List(v.Context(), v.by, v.org.ID)
	view := rolesView{Base: v.at(atRoles), Counted: v.held.HasAnywhere(access.MembersRead)}
	if v.editsRoles() {
		view.New = v.at(atRoles, "new")
	}
	for _, r := range list {
		l := roleLine{
			Name: roleName(v.t, r), Detail: roleSummary(v.t, r), Href: v.at(atRoles, r.ID.String()), Members: r.Members, Current: r.ID == current,
		}
		if r.BuiltIn != "" {
			view.Provided = append(view.Provided, l)
		} else {
			view.Own = append(view.Own, l)
		}
	}
	return view, err
}

// roleSummary says a role on one line.
func roleSummary(t *text.Printer, r role.Role) string {
	if r.BuiltIn != "" {
		return t.T("role_hint." + r.BuiltIn)
	}
	n := 0
	for _, p := range r.Permissions {
		if access.IsAdministration(p) {
			n++
		}
	}
	said := t.T("roles.permissions", "Count", len(r.Permissions))
	if n > 0 {
		said += t.T("roles.permissions_administration", "Count", n)
	}
	return said
}

func (v *visit) editsRoles() bool { return v.held.Has(access.RolesEdit, access.OrgScope(v.org.ID)) }

// mayEditRole reports whether this person could change some of a role: no form leads to
// a refusal.
func (v *visit) mayEditRole(r role.Role) bool {
	return v.editsRoles() && role.Editable(r) == nil &&
		!slices.ContainsFunc(r.Permissions, func(p access.Permission) bool { return !role.MayWrite(v.held, p) })
}

func (v *visit) rolesPage() error {
	view, err := v.rolesView("")
	if err != nil {
		return err
	}
	p, err := v.orgFrame(v.t.T("web.roles"), atRoles)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, RolesPage(p, view))
}

// roleView is one role: as it is, or the form that changes it.
type roleView struct {
	List      rolesView
	Role      role.Role // the zero ID: a new one
	Name      string
	Lead      string
	Form      roleForm
	Draft     string
	Base      string // what the form was opened on, as it carries it
	Groups    roleGroups
	MayEdit   bool
	Locked    bool // it may not be edited by this person, who edits roles
	Duplicate string
	Remove    string
	Holders   *member.RoleHolders // nil: not for this person to know
	Members   string              // address of those who hold it
	Path      string
	Proof     *ui.StepUpProps
	Errors    map[string]string
	Summary   []ui.FieldError
	Failure   string
}

// role reads the role that the address names.
func (v *visit) role() (role.Role, error) {
	id, err := ident.ParseRole(v.PathValue("role"))
	if err != nil {
		return role.Role{}, role.ErrNotFound
	}
	return v.s.Roles.Get(v.Context(), v.by, v.org.ID, id)
}

func (v *visit) rolePage() error {
	r, err := v.role()
	if err != nil {
		return err
	}
	view := roleView{Role: r, Form: newRoleForm(v.t, r)}
	if v.FormValue("draft") != "" && v.mayEditRole(r) {
		id, f, err := v.roleDraft(r.ID)
		switch {
		case err != nil:
			return err
		case f.Saved:
			return v.to(v.at(atRoles, r.ID.String()))
		}
		view.Draft, view.Form = id.String(), f.onto(v.t, r)
	}
	return v.showRole(http.StatusOK, view)
}

// showRole shows a role, or its form, beside the list of all.
func (v *visit) showRole(status int, view roleView) (err error) {
	r := view.Role
	view.Name, view.Path = roleName(v.t, r), v.at(atRoles, r.ID.String())
	view.MayEdit = v.mayEditRole(r)
	view.Locked = v.editsRoles() && r.BuiltIn == "" && !view.MayEdit
	view.Lead = v.roleLead(view)
	view.Groups = v.roleGroups(view.Form.Want, view.MayEdit)
	if view.Base, err = view.Form.base(); err != nil {
		return err
	}
	if v.editsRoles() {
		view.Duplicate = v.at(atRoles, "new") + "?from=" + r.ID.String()
	}
	if view.MayEdit {
		view.Remove = view.Path + "/remove"
	}
	if view.Holders, err = v.roleHolders(r.ID); err != nil {
		return err
	}
	if v.held.HasAnywhere(access.MembersRead) {
		view.Members = v.holdersPath(r.ID)
	}
	if view.List, err = v.rolesView(r.ID); err != nil {
		return err
	}
	p, err := v.orgFrame(view.Name, atRoles)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, RolePage(p, view))
}

func (v *visit) roleLead(view roleView) string {
	switch {
	case view.Role.BuiltIn != "":
		return v.t.T("role_hint."+view.Role.BuiltIn) + " " + v.t.T("roles.provided_text")
	case view.Locked:
		return v.t.T("roles.locked")
	case view.MayEdit:
		return v.t.T("roles.edit_lead")
	}
	return roleSummary(v.t, view.Role) + "."
}

// roleHolders are those who hold a role, for whoever may know it.
func (v *visit) roleHolders(id ident.Role) (*member.RoleHolders, error) {
	if !v.editsRoles() && !v.held.HasAnywhere(access.MembersRead) {
		return nil, nil //nolint:nilnil // nothing is told
	}
	h, err := v.s.Members.RoleHolders(v.Context(), v.by, v.org.ID, id)
	return &h, err
}

// holdersPath is the list of members, filtered by a role.
func (v *visit) holdersPath(id ident.Role) string { return v.at(atMembers) + "?role=" + id.String() }
