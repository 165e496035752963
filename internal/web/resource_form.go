package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/resource"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// The fields of the form of a resource.
const (
	fieldHolder  = "holder"
	fieldDetail  = "detail"
	fieldAddress = "address"
)

// resourceFields are the fields, in the order of the page.
var resourceFields = []string{fieldKind, fieldHolder, fieldName, fieldDetail, fieldAddress, fieldSite}

// resourceFormView is the form of a resource: new, or to change.
type resourceFormView struct {
	Type     resource.Type
	Sheet    resource.Sheet // the zero ID: a new one
	Typed    resource.Details
	Holder   string // as it is typed: a name of the list
	Version  string
	Sites    []ui.Option
	People   []string // who may hold it
	Action   string
	Back     string
	Crumb    string
	Errors   map[string]string
	Summary  []ui.FieldError
	Conflict []ui.Fact // what somebody else saved in between
}

// resourceSpots are how the fields are called where a text is refused.
var resourceSpots = map[string]spot{
	fieldName: {fieldName, "resources.name"}, fieldDetail: {fieldDetail, "resources.detail"},
	fieldAddress: {fieldAddress, "resources.address"},
}

func (v *visit) newResourceForm(t resource.Type) error {
	if !v.held.HasAnywhere(access.RightsEdit) {
		return v.lacks(access.RightsEdit)
	}
	view := resourceFormView{Type: t, Typed: resource.Details{Kind: resource.OfPractitioner}}
	return v.showResourceForm(http.StatusOK, view)
}

func (v *visit) createResource(t resource.Type) error {
	view := resourceFormView{Type: t}
	if err := v.readResourceForm(&view); err != nil {
		return err
	}
	r, err := v.s.Resources.Create(v.Context(), v.by, v.org.ID, t, view.Typed)
	if f := fault.Of(err); err != nil && staysOnPage(f) {
		return v.refuseResource(view, err)
	}
	if err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T(resourceKey("created", t), "Name", r.Name))
	return v.to(v.resourceAt(r))
}

// refuseResource shows the form again with what was typed, and the points to correct.
func (v *visit) refuseResource(view resourceFormView, err error) error {
	f := fault.Of(err)
	view.Errors, view.Summary = v.fieldErrors(err, resourceSpots)
	slices.SortStableFunc(view.Summary, func(a, b ui.FieldError) int { // as they stand on the page
		return cmp.Compare(slices.Index(resourceFields, a.ID), slices.Index(resourceFields, b.ID))
	})
	if len(view.Summary) == 0 {
		view.Summary = []ui.FieldError{{Text: v.sentence(f)}}
	}
	return v.showResourceForm(statusOf(f), view)
}

func (v *visit) resourceForm(t resource.Type) error {
	s, err := v.readResource(t)
	switch {
	case err != nil:
		return err
	case !s.MayEdit:
		return v.lacks(access.RightsEdit)
	case s.Status == resource.Closed:
		return v.to(v.resourceAt(s.Resource)) // it says that it must be opened first
	}
	view := resourceFormView{Type: t, Sheet: s, Typed: s.Details(), Holder: s.HolderName, Version: version(s.Version)}
	return v.showResourceForm(http.StatusOK, view)
}

func (v *visit) saveResource(t resource.Type) error {
	s, err := v.readResource(t)
	if err != nil {
		return err
	}
	view := resourceFormView{Type: t, Sheet: s, Version: v.PostFormValue(fieldVersion)}
	if err := v.readResourceForm(&view); err != nil {
		return err
	}
	r, err := v.s.Resources.Edit(v.Context(), v.by, v.org.ID, s.ID, parseVersion(view.Version), view.Typed)
	switch f := fault.Of(err); {
	case err == nil:
		v.flash(ui.ToneOK, v.t.T("resources.saved", "Name", r.Name))
		return v.to(v.resourceAt(r))
	case f.Kind == fault.Stale: // the other's version is shown, what was typed is kept (CHG-1)
		view.Version = version(s.Version)
		view.Conflict = append([]ui.Fact{{Term: v.t.T("resources.name"), Value: s.Name}}, v.resourceFacts(s.Resource)...)
		return v.showResourceForm(statusOf(f), view)
	case staysOnPage(f):
		return v.refuseResource(view, err)
	}
	return err
}

// readResourceForm reads what was typed. A holder is typed as a name of the list.
func (v *visit) readResourceForm(view *resourceFormView) error {
	view.Typed = resource.Details{
		Kind: resource.Kind(v.PostFormValue(fieldKind)), Name: v.PostFormValue(fieldName), Detail: v.PostFormValue(fieldDetail),
		Address: v.PostFormValue(fieldAddress),
	}
	if site := v.PostFormValue(fieldSite); site != access.WholeOrganization {
		view.Typed.Site = ident.Site(site)
	}
	view.Holder = strings.TrimSpace(v.PostFormValue(fieldHolder))
	if view.Holder == "" {
		return nil
	}
	if strings.EqualFold(view.Holder, view.Sheet.HolderName) {
		view.Typed.Holder = view.Sheet.Holder
		return nil
	}
	id, err := v.replaced(view.Holder)
	if view.Typed.Holder = id; id.IsZero() {
		view.Typed.Holder = nobodysID
	}
	return err
}

// nobodysID is who bears a name that no member has: nobody.
const nobodysID ident.Member = "mbr_00000000-0000-0000-0000-000000000000"

func (v *visit) showResourceForm(status int, view resourceFormView) error {
	title := v.t.T(resourceKey("new", view.Type))
	view.Action, view.Back = v.at(resourcePaths[view.Type], "new"), v.at(resourcePaths[view.Type])
	view.Crumb = v.t.T(resourceKey("title", view.Type))
	if !view.Sheet.ID.IsZero() {
		title = v.t.T("resources.edit", "Name", view.Sheet.Name)
		view.Action, view.Back, view.Crumb = v.resourceAt(view.Sheet.Resource, "edit"), v.resourceAt(view.Sheet.Resource), view.Sheet.Name
	}
	var err error
	if view.Sites, err = v.placeOptions(view); err != nil {
		return err
	}
	if view.People, err = v.practitioners(); err != nil {
		return err
	}
	if view.Typed.Site.IsZero() && len(view.Sites) == 1 && view.Sheet.ID.IsZero() {
		view.Typed.Site = ident.Site(view.Sites[0].Value)
	}
	p, err := v.orgFrame(title, atAgendas)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, ResourceFormPage(p, view))
}

// placeOptions are where this person may put it: their sites, and the whole organisation
// for what may belong to it.
func (v *visit) placeOptions(view resourceFormView) ([]ui.Option, error) {
	sites, err := v.siteOptions()
	list := slices.DeleteFunc(sites, func(o ui.Option) bool {
		return !v.held.Has(access.RightsEdit, access.SiteScope(v.org.ID, ident.Site(o.Value)))
	})
	if view.Type != resource.Agenda && v.held.Has(access.RightsEdit, access.OrgScope(v.org.ID)) {
		list = append(list, ui.Option{Value: access.WholeOrganization, Label: v.t.T("resources.whole")})
	}
	if len(list) > 1 && view.Type == resource.Agenda {
		list = append([]ui.Option{{Label: v.t.T("resources.choose_site")}}, list...)
	}
	return list, err
}

// siteValue is the place as the list of the form has it.
func (w resourceFormView) siteValue() string {
	if w.Typed.Site.IsZero() && w.Type != resource.Agenda {
		return access.WholeOrganization
	}
	return w.Typed.Site.String()
}

// practitioners are the members, of those seen, who receive patients.
func (v *visit) practitioners() ([]string, error) {
	list, err := v.colleagues("")
	var names []string
	for _, c := range list {
		if c.Profile != member.NonPractitioner {
			names = append(names, c.Label)
		}
	}
	return names, err
}

// kindChoices ask whose it is, each with a plain sentence.
func (w resourceFormView) kindChoices(t *text.Printer) ui.GroupProps {
	g := ui.GroupProps{Name: fieldKind, Legend: t.T(resourceKey("whose", w.Type)), Error: w.Errors[fieldKind], Joined: true}
	for _, k := range resource.Kinds(w.Type) {
		g.Choices = append(g.Choices, explained(t, "kind.", string(k), k == w.Typed.Kind))
	}
	return g
}
