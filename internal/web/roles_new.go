package web

import (
	"net/http"
	"slices"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/role"
	"habilis/internal/web/ui"
)

// source is the role that a new one is copied from; the zero value: none.
func (v *visit) source() (role.Role, error) {
	from := v.FormValue("from")
	if from == "" {
		return role.Role{}, nil
	}
	id, err := ident.ParseRole(from)
	if err != nil {
		return role.Role{}, role.ErrNotFound
	}
	return v.s.Roles.Get(v.Context(), v.by, v.org.ID, id)
}

func (v *visit) newRoleForm() error {
	if !v.editsRoles() {
		return v.lacks(access.RolesEdit)
	}
	from, err := v.source()
	if err != nil {
		return err
	}
	view := roleView{}
	if !from.ID.IsZero() {
		view.Form = newRoleForm(v.t, from)
		view.Form.Name = v.t.T("roles.copy_name", "Name", view.Form.BaseName)
		view.Form.Want = slices.DeleteFunc(view.Form.Want, func(p string) bool { return !role.MayWrite(v.held, access.Permission(p)) })
	}
	return v.showNewRole(http.StatusOK, view, from)
}

func (v *visit) showNewRole(status int, view roleView, from role.Role) (err error) {
	title := v.t.T("roles.new")
	view.Lead, view.Path = v.t.T("roles.new_lead"), v.at(atRoles, "new")
	if !from.ID.IsZero() {
		title, view.Duplicate = v.t.T("roles.duplicate_title", "Name", roleName(v.t, from)), from.ID.String()
		view.Lead = v.t.T("roles.duplicate_lead")
	}
	view.Name, view.MayEdit = title, true
	view.Groups = v.roleGroups(view.Form.Want, true)
	view.Proof = v.proof(v.t.T("roles.proof"), view.Errors)
	if view.List, err = v.rolesView(""); err != nil {
		return err
	}
	p, err := v.orgFrame(title, atRoles)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, NewRolePage(p, view))
}

// createRole makes a role; what must be corrected is told before the password is asked.
func (v *visit) createRole() error {
	from, err := v.source()
	if err != nil {
		return err
	}
	view := roleView{Form: roleForm{Name: v.PostFormValue(fieldName), Want: v.PostForm[fieldPermissions]}}
	d := view.Form.details()
	made, err := v.s.Roles.PreviewCreate(v.Context(), v.by, v.org.ID, d)
	if err == nil {
		err = v.prove()
	}
	switch {
	case err != nil:
	case from.ID.IsZero():
		made, err = v.s.Roles.Create(v.Context(), v.by, v.org.ID, d)
	default:
		made, err = v.s.Roles.Duplicate(v.Context(), v.by, v.org.ID, from.ID, d)
	}
	if err != nil {
		if e := v.roleRefused(&view, err); e != nil {
			return e
		}
		return v.showNewRole(statusOf(fault.Of(err)), view, from)
	}
	v.flash(ui.ToneOK, v.t.T("roles.created", "Name", made.Name))
	return v.to(v.at(atRoles, made.ID.String()))
}
