package web

import (
	"net/http"
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/web/ui"
)

// roleReviewView is «Avant et après» of a role, and whom it touches.
type roleReviewView struct {
	Name        string
	Draft       string
	Version     int64
	Lines       []compared
	Effects     []ui.Fact  // what weighs of what is gained
	Theirs      []compared // what somebody else saved since the form was opened
	Overtook    bool
	Own         bool // the person holds the role and gains something
	Holders     member.RoleHolders
	People      []roleHolder
	Members     string // address of those who hold it
	Invitations string // of the invitations, when some carry it
	Proof       *ui.StepUpProps
	Path        string
	Change      string

	told
}

// roleHolder is one who holds a role, and where.
type roleHolder struct {
	Name, Href, Where string
	Initials          string
	Profile           ui.Profile
}

func (v *visit) unsavedRole() (ident.Draft, roleForm, role.Role, error) {
	r, err := v.editableRole()
	if err != nil {
		return "", roleForm{}, r, err
	}
	id, f, err := v.roleDraft(r.ID)
	return id, f, r, err
}

func (v *visit) reviewRole() error {
	id, f, r, err := v.unsavedRole()
	switch {
	case err != nil:
		return err
	case f.Saved:
		return v.to(v.at(atRoles, r.ID.String()))
	}
	return v.showRoleReview(http.StatusOK, id, f, r, nil)
}

func (v *visit) showRoleReview(status int, id ident.Draft, f roleForm, r role.Role, refusal error) error {
	c, err := v.s.Members.PreviewRole(v.Context(), v.by, v.org.ID, r.ID, 0, f.onto(v.t, r).details())
	if err != nil {
		return v.roleAgain(roleView{Role: r, Draft: id.String(), Form: f}, err)
	}
	view := roleReviewView{
		Name: r.Name, Draft: id.String(), Version: r.Rev, Path: v.at(atRoles, r.ID.String()), Own: c.Own && len(c.Gained) > 0,
		Holders: c.Holders, Overtook: f.Version != r.Rev,
		Lines: v.compareRole(c.Before.Name, c.After.Name, codesOf(c.Before.Permissions), codesOf(c.After.Permissions)),
	}
	view.Change = view.Path + "?draft=" + id.String()
	if view.Overtook {
		view.Theirs = v.compareRole(f.BaseName, r.Name, f.Base, codesOf(r.Permissions))
	}
	for _, p := range c.Gained {
		if key := "permission_effect." + string(p); v.t.Has(key) {
			view.Effects = append(view.Effects, ui.Fact{Term: v.t.T("permission." + string(p)), Value: v.t.T(key)})
		}
	}
	view.People = v.holderLines(c.Holders, r.ID)
	if v.held.HasAnywhere(access.MembersRead) {
		view.Members = v.holdersPath(r.ID)
	}
	return v.showRoleReviewPage(status, view, refusal)
}

func (v *visit) showRoleReviewPage(status int, view roleReviewView, refusal error) error {
	if f := fault.Of(refusal); fault.Is(refusal, fault.Stale) { // said in the lines
		status = statusOf(f)
	} else if refusal != nil {
		var err error
		if view.told, status, err = v.tell(refusal); err != nil {
			return err
		}
	}
	if len(view.Lines) > 0 {
		view.Proof = v.proof(v.t.T("roles.proof"), view.Errors)
	}
	p, err := v.orgFrame(v.t.T("roles.review"), atRoles)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, RoleReviewPage(p, view))
}

// compareRole has one line for the name and one for each permission that differ.
func (v *visit) compareRole(nameBefore, nameAfter string, before, after []string) []compared {
	var lines []compared
	if nameBefore != nameAfter {
		lines = append(lines, compared{v.t.T("roles.name"), nameBefore, nameAfter})
	}
	yes, no := v.t.T("common.yes"), v.t.T("common.no")
	for _, p := range slices.Concat(access.Care, access.Administration) {
		was, is := slices.Contains(before, string(p)), slices.Contains(after, string(p))
		switch label := v.t.T("permission." + string(p)); {
		case was && !is:
			lines = append(lines, compared{label, yes, no})
		case is && !was:
			lines = append(lines, compared{label, no, yes})
		}
	}
	return lines
}

// holderLines are those who hold a role, each with where.
func (v *visit) holderLines(h member.RoleHolders, id ident.Role) []roleHolder {
	list := make([]roleHolder, 0, len(h.Members))
	for i := range h.Members {
		m := &h.Members[i]
		var places []string
		for _, r := range m.Roles {
			if r.Role != id {
				continue
			}
			places = append(places, or(r.SiteName, v.t.T("scope.organization")))
		}
		if m.Status == member.Deactivated {
			places = append(places, v.t.T("status.deactivated"))
		}
		list = append(list, roleHolder{
			Name: called(m.Member), Href: v.sheetPath(m.ID), Where: strings.Join(places, " · "),
			Initials: initials(m.GivenName, m.FamilyName), Profile: profile(m.ProfileType),
		})
	}
	return list
}

// saveRole saves what was reviewed, on the version that the review showed: whoever saved
// in between is told about (CHG-1).
func (v *visit) saveRole() error {
	id, f, r, err := v.unsavedRole()
	switch {
	case err != nil:
		return err
	case f.Saved:
		return v.to(v.at(atRoles, r.ID.String()))
	case parseVersion(v.PostFormValue(fieldVersion)) != r.Rev:
		return v.showRoleReview(http.StatusPreconditionFailed, id, f, r, role.ErrStale)
	}
	if err = v.prove(); err == nil {
		_, err = v.s.Members.EditRole(v.Context(), v.by, v.org.ID, r.ID, r.Rev, f.onto(v.t, r).details())
	}
	if fault.Is(err, fault.Stale) {
		if _, f, r, err = v.unsavedRole(); err != nil {
			return err
		}
		return v.showRoleReview(http.StatusPreconditionFailed, id, f, r, role.ErrStale)
	}
	if err != nil {
		return v.showRoleReview(http.StatusOK, id, f, r, err)
	}
	if _, err := v.keepDraft(draftRole, id, roleForm{Role: r.ID, Saved: true}); err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("roles.saved", "Name", strings.TrimSpace(f.onto(v.t, r).Name)))
	return v.to(v.at(atRoles, r.ID.String()))
}
