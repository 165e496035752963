package web

import (
	"encoding/json"
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/draft"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/role"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// draftRole is the kind of the drafts of an edition of a role.
const draftRole = "role.edit"

// roleForm is the form of a role: what it was when it was opened, and what it is to be.
// What it asks for is the difference, so that it undoes nothing of what somebody else
// saves meanwhile (CHG-1).
type roleForm struct {
	Role     ident.Role `json:"role"`
	Version  int64      `json:"version"` // of Base
	BaseName string     `json:"base_name"`
	Base     []string   `json:"base"`
	Name     string     `json:"name"`
	Want     []string   `json:"want"`
	Saved    bool       `json:"saved,omitempty"`
}

func newRoleForm(t *text.Printer, r role.Role) roleForm {
	codes := codesOf(r.Permissions)
	return roleForm{Role: r.ID, Version: r.Rev, BaseName: roleName(t, r), Name: roleName(t, r), Base: codes, Want: codes}
}

func codesOf(list []access.Permission) []string {
	codes := make([]string, 0, len(list))
	for _, p := range list {
		codes = append(codes, string(p))
	}
	return codes
}

func (f roleForm) changes() int {
	n := differences(f.Base, f.Want)
	if strings.TrimSpace(f.Name) != f.BaseName {
		n++
	}
	return n
}

// onto is the same change on the role as it is now.
func (f roleForm) onto(t *text.Printer, r role.Role) roleForm {
	now := newRoleForm(t, r)
	now.Want = append(beyond(now.Base, beyond(f.Base, f.Want)), beyond(beyond(f.Want, f.Base), now.Base)...)
	if strings.TrimSpace(f.Name) != f.BaseName {
		now.Name = f.Name
	}
	return now
}

func (f roleForm) details() role.Details {
	d := role.Details{Name: f.Name}
	for _, p := range f.Want {
		d.Permissions = append(d.Permissions, access.Permission(p))
	}
	return d
}

// base writes what the form was opened on into the form.
func (f roleForm) base() (string, error) {
	b, err := json.Marshal(roleForm{Version: f.Version, BaseName: f.BaseName, Base: f.Base})
	return string(b), err
}

func (v *visit) readRoleForm(r role.Role) (roleForm, error) {
	f := roleForm{}
	if json.Unmarshal([]byte(v.PostFormValue("base")), &f) != nil {
		return f, errForm
	}
	f.Role, f.Name, f.Want = r.ID, v.PostFormValue(fieldName), v.PostForm[fieldPermissions]
	return f, nil
}

// roleDraft loads the form that the address names, of the role that it names.
func (v *visit) roleDraft(of ident.Role) (ident.Draft, roleForm, error) {
	var f roleForm
	id, err := v.loadDraft(draftRole, &f)
	if err == nil && f.Role != of {
		return "", roleForm{}, draft.ErrNotFound
	}
	return id, f, err
}

// editableRole is the role of the address, for whoever may change some of it. Another is
// refused by the rule that refuses the act.
func (v *visit) editableRole() (role.Role, error) {
	r, err := v.role()
	if err != nil || v.mayEditRole(r) {
		return r, err
	}
	same := role.Details{Name: r.Name, Permissions: r.Permissions}
	if _, err = v.s.Members.PreviewRole(v.Context(), v.by, v.org.ID, r.ID, 0, same); err != nil {
		return r, err
	}
	return r, v.lacks(access.RolesEdit)
}

// keepRole keeps what was ticked as a draft and leads to «avant et après».
func (v *visit) keepRole() error {
	r, err := v.editableRole()
	if err != nil {
		return err
	}
	f, err := v.readRoleForm(r)
	if err != nil {
		return err
	}
	path, id := v.at(atRoles, r.ID.String()), v.openDraftID()
	if f.changes() == 0 {
		v.flash(ui.ToneInfo, v.t.T("edit.nothing"))
		return v.to(path)
	}
	_, err = v.s.Members.PreviewRole(v.Context(), v.by, v.org.ID, r.ID, 0, f.onto(v.t, r).details())
	if err == nil {
		id, err = v.keepDraft(draftRole, id, f)
	}
	if err != nil {
		return v.roleAgain(roleView{Role: r, Draft: id.String(), Form: f}, err)
	}
	return v.to(path + "/review?draft=" + id.String())
}

// roleSpots are the fields of a role that say nothing of themselves when a text is refused.
var roleSpots = map[string]spot{fieldName: {fieldName, "roles.name"}}

// roleAgain shows the form with why it was refused, and what was typed and ticked.
func (v *visit) roleAgain(view roleView, refusal error) error {
	if err := v.roleRefused(&view, refusal); err != nil {
		return err
	}
	view.Form = view.Form.onto(v.t, view.Role)
	return v.showRole(statusOf(fault.Of(refusal)), view)
}

// roleRefused puts a refusal that the person can mend on the page; another is given back.
func (v *visit) roleRefused(view *roleView, refusal error) error {
	f := fault.Of(refusal)
	if !staysOnPage(f) && f.Code != role.ErrAboveEditor.Code {
		return refusal
	}
	view.Errors, view.Summary = v.fieldErrors(refusal, roleSpots)
	if len(view.Summary) == 0 {
		view.Failure = v.sentence(f)
	}
	return nil
}

// roleGroups are permissions in sentences, by domain: care, then administration.
type roleGroups struct{ Care, Administration []ui.GroupProps }

// roleGroups lists the permissions of a role; with all, those too that it has not.
func (v *visit) roleGroups(chosen []string, all bool) roleGroups {
	return roleGroups{
		Care:           v.permissionGroups(access.Care, chosen, all),
		Administration: v.permissionGroups(access.Administration, chosen, all),
	}
}

func (v *visit) permissionGroups(list []access.Permission, chosen []string, all bool) (groups []ui.GroupProps) {
	for _, p := range list {
		c := v.permissionChoice(p, slices.Contains(chosen, string(p)))
		if !all && !c.Chosen {
			continue
		}
		id := fieldPermissions + "-" + p.Domain()
		i := slices.IndexFunc(groups, func(g ui.GroupProps) bool { return g.ID == id })
		if i < 0 {
			i = len(groups)
			groups = append(groups, ui.GroupProps{ID: id, Name: fieldPermissions, Legend: v.t.T("permission_domain." + p.Domain())})
		}
		groups[i].Choices = append(groups[i].Choices, c)
	}
	return groups
}

// outcome is what comes of a permission, of one that weighs.
func (v *visit) outcome(of string, p access.Permission) string {
	if key := of + string(p); v.t.Has(key) {
		return v.t.T(key)
	}
	return ""
}

// permissionChoice says a permission and, of one that weighs, what comes of it. One that
// the person could not put into a role cannot be ticked.
func (v *visit) permissionChoice(p access.Permission, chosen bool) ui.Choice {
	c := ui.Choice{Value: string(p), Label: v.t.T("permission." + string(p)), Hint: v.outcome("permission_effect.", p), Chosen: chosen}
	if v.editsRoles() && !chosen && !role.MayWrite(v.held, p) {
		c.Disabled, c.Hint = true, v.t.T("roles.not_yours")
	}
	return c
}
