package web

import (
	"net/http"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/role"
	"habilis/internal/web/ui"
)

func (v *visit) removeRoleForm() error {
	r, err := v.editableRole()
	if err != nil {
		return err
	}
	return v.askRemoval(r, nil)
}

// askRemoval asks before a role is removed (DESIGN.md 12, level 2); one in use stays, and
// the page says who has it (RGT-1).
func (v *visit) askRemoval(r role.Role, refusal error) error {
	h, err := v.s.Members.RoleHolders(v.Context(), v.by, v.org.ID, r.ID)
	if err != nil {
		return err
	}
	path := v.at(atRoles, r.ID.String())
	if h.Total+h.Invitations > 0 {
		view := roleReviewView{Name: r.Name, Holders: h, People: v.holderLines(h, r.ID), Members: v.holdersPath(r.ID), Path: path}
		if h.Invitations > 0 && v.held.HasAnywhere(access.MembersInvite) {
			view.Invitations = v.at(atInvitations)
		}
		return v.showRoleInUse(r, view, refusal)
	}
	return v.confirm(confirmation{
		At: atRoles, Title: v.t.T("roles.remove"), Crumb: r.Name, Back: path, Why: v.t.T("roles.proof"),
		Ask: ui.ConfirmProps{
			Title: v.t.T("roles.remove_question", "Name", r.Name), Text: v.t.T("roles.remove_text"), Action: path + "/remove",
			Hidden: []ui.Hidden{{Name: fieldVersion, Value: version(r.Rev)}},
			Button: ui.ButtonProps{Label: v.t.T("roles.remove")}, Keep: v.t.T("roles.keep"),
		},
	}, refusal)
}

func (v *visit) showRoleInUse(r role.Role, view roleReviewView, refusal error) error {
	status := http.StatusOK
	if refusal != nil {
		status = statusOf(fault.Of(refusal))
	}
	p, err := v.orgFrame(v.t.T("roles.in_use", "Name", r.Name), atRoles)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, RoleInUsePage(p, view))
}

func (v *visit) removeRole() error {
	r, err := v.editableRole()
	if err != nil {
		return err
	}
	if err = v.prove(); err == nil {
		err = v.s.Roles.Remove(v.Context(), v.by, v.org.ID, r.ID, parseVersion(v.PostFormValue(fieldVersion)))
	}
	if f := fault.Of(err); err != nil && staysOnPage(f) {
		return v.askRemoval(r, err)
	}
	if err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("roles.removed", "Name", r.Name))
	return v.to(v.at(atRoles))
}
