package web

import (
	"encoding/json"
	"net/http"
	"slices"

	"habilis/internal/access"
	"habilis/internal/draft"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/web/ui"
)

var rightsRoutes = []route{
	{"GET /o/{org}/members/{member}/rights", within, (*visit).rightsForm},
	{"POST /o/{org}/members/{member}/rights", within, (*visit).keepRights},
	{"GET /o/{org}/members/{member}/rights/review", within, (*visit).reviewRights},
	{"POST /o/{org}/members/{member}/rights/review", within, (*visit).saveRights},
}

// rightsView is the form of a member's sites, roles and single permissions.
type rightsView struct {
	Sheet   member.Sheet
	Name    string
	Draft   string
	Form    reform
	Base    string // what the form was opened on, as the form carries it
	Path    string // address of the sheet
	Choices rightsChoices
	Domains []ui.GroupProps   // permissions that may be given singly
	Fixed   []string          // held, and not this person's to take
	Sources map[string]string // who gave what is held, and when (RGT-1)
	Errors  map[string]string
	Summary []ui.FieldError
	Failure string
}

// rightsChoices is what this person may give, and where.
type rightsChoices struct {
	Sites  []siteChoice
	Names  map[ident.Site]string
	Roles  []role.Grantable // those that may be given somewhere
	All    []role.Role      // of the organisation
	Scopes []access.Scope   // where permissions may be given
}

// siteChoice is a site, and whether members may be put into it and taken out.
type siteChoice struct {
	ID       ident.Site
	Name     string
	MayWrite bool
}

// reformable is the sheet of the member of the address, for whoever may change some of
// their rights. Another is refused by the rule that refuses the act.
func (v *visit) reformable() (member.Sheet, error) {
	s, err := v.sheet()
	if err != nil || s.May.EditRights {
		return s, err
	}
	if _, err = v.s.Members.PreviewRights(v.Context(), v.by, v.org.ID, s.ID, member.RightsChange{}, 0); err != nil {
		return s, err
	}
	return s, v.lacks(access.RightsEdit)
}

func (v *visit) rightsForm() error {
	s, err := v.reformable()
	if err != nil {
		return err
	}
	view := rightsView{Sheet: s, Form: newReform(s)}
	if v.FormValue("draft") != "" {
		id, f, err := v.reform(s.ID)
		switch {
		case err != nil:
			return err
		case f.Saved:
			return v.to(v.sheetPath(s.ID))
		}
		view.Draft, view.Form = id.String(), f.onto(s)
	}
	return v.showRights(http.StatusOK, view)
}

func (v *visit) showRights(status int, view rightsView) error {
	view.Name, view.Path = called(view.Sheet.Member), v.sheetPath(view.Sheet.ID)
	p, err := v.orgFrame(v.t.T("rights.title", "Name", view.Name), atMembers)
	if err != nil {
		return err
	}
	if view.Choices, err = v.rightsChoices(); err != nil {
		return err
	}
	base, err := json.Marshal(view.Form.Base)
	if err != nil {
		return err
	}
	view.Base = string(base)
	for _, held := range view.Form.Base {
		if !v.mayTake(held, view.Choices.All) {
			view.Fixed = append(view.Fixed, held)
		}
	}
	view.Domains, view.Sources = view.newPermissions(v.t, v.held), v.sources(view.Sheet)
	p.Error = status != http.StatusOK
	return v.show(status, RightsPage(p, view))
}

// sources say who gave each right of a member, and when.
func (v *visit) sources(s member.Sheet) map[string]string {
	said := map[string]string{}
	for i := range s.Roles {
		r := &s.Roles[i]
		said[writeRight(rightRole, r.Role.String(), r.Scope)] = v.given(r.Scope, r.SiteName, r.GivenBy, r.GivenAt, r.EndsAt).Line
	}
	for _, p := range s.Permissions {
		said[writeRight(rightPermission, string(p.Permission), p.Scope)] = v.given(p.Scope, p.SiteName, p.GivenBy, p.GivenAt, p.EndsAt).Line
	}
	return said
}

// rightsChoices reads what may be given, and where.
func (v *visit) rightsChoices() (rightsChoices, error) {
	c := rightsChoices{Names: map[ident.Site]string{}}
	sites, err := v.s.Orgs.Sites(v.Context(), v.by, v.org.ID, "")
	if err != nil {
		return c, err
	}
	if whole := access.OrgScope(v.org.ID); v.held.Has(access.RightsEdit, whole) {
		c.Scopes = append(c.Scopes, whole)
	}
	for i := range sites {
		at := access.SiteScope(v.org.ID, sites[i].ID)
		c.Names[sites[i].ID] = sites[i].Name
		c.Sites = append(c.Sites, siteChoice{sites[i].ID, sites[i].Name, v.held.Has(access.MembersEdit, at)})
		if v.held.Has(access.RightsEdit, at) {
			c.Scopes = append(c.Scopes, at)
		}
	}
	if c.All, err = v.s.Roles.List(v.Context(), v.by, v.org.ID); err != nil {
		return c, err
	}
	if c.Roles, err = v.s.Roles.Grantable(v.Context(), v.by, v.org.ID); err != nil {
		return c, err
	}
	for i := range c.Roles {
		c.Roles[i].Scopes = slices.DeleteFunc(c.Roles[i].Scopes, func(at access.Scope) bool { return !slices.Contains(c.Scopes, at) })
	}
	c.Roles = slices.DeleteFunc(c.Roles, func(g role.Grantable) bool { return len(g.Scopes) == 0 })
	return c, nil
}

// mayTake reports whether this person could take a right: no box leads to a refusal.
func (v *visit) mayTake(held string, roles []role.Role) bool {
	r, ok := v.parseRight(held)
	if !ok {
		return false
	}
	permissions := []access.Permission{r.Permission}
	switch {
	case !r.Site.IsZero():
		return v.held.Has(access.MembersEdit, access.SiteScope(v.org.ID, r.Site))
	case !r.Role.IsZero():
		i := slices.IndexFunc(roles, func(x role.Role) bool { return x.ID == r.Role })
		if i < 0 {
			return false
		}
		permissions = roles[i].Permissions
	}
	_, may := role.MayGive(v.held, permissions, r.Scope)
	return may && v.held.Has(access.RightsEdit, r.Scope)
}

// keepRights keeps what was ticked as a draft and leads to «avant et après».
func (v *visit) keepRights() error {
	s, err := v.reformable()
	if err != nil {
		return err
	}
	f, err := v.readReform(s)
	if err != nil {
		return err
	}
	id := v.openDraftID()
	view := rightsView{Sheet: s, Draft: id.String(), Form: f}
	if f.changes() == 0 {
		v.flash(ui.ToneInfo, v.t.T("edit.nothing"))
		return v.to(v.sheetPath(s.ID))
	}
	c, err := v.reformChange(f, s)
	if err == nil {
		_, err = v.s.Members.PreviewRights(v.Context(), v.by, v.org.ID, s.ID, c, 0)
	}
	if err != nil {
		return v.rightsAgain(view, err)
	}
	if id, err = v.keepDraft(draftRights, id, f); err != nil {
		return v.rightsAgain(view, err)
	}
	return v.to(v.sheetPath(s.ID) + "/rights/review?draft=" + id.String())
}

// rightsAgain shows the form with why the change was refused, and what was ticked.
func (v *visit) rightsAgain(view rightsView, refusal error) error {
	f := fault.Of(refusal)
	if !staysOnPage(f) && f.Code != role.ErrNotGrantable.Code {
		return refusal
	}
	view.Failure = v.sentence(f)
	view.Form = view.Form.onto(view.Sheet)
	return v.showRights(statusOf(f), view)
}

// reform loads the form that the address names, of the member that it names.
func (v *visit) reform(of ident.Member) (ident.Draft, reform, error) {
	var f reform
	id, err := v.loadDraft(draftRights, &f)
	if err == nil && f.Member != of {
		return "", reform{}, draft.ErrNotFound
	}
	return id, f, err
}
