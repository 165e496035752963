package web

import (
	"net/http"
	"net/url"
	"strings"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/resource"
	"habilis/internal/web/ui"
)

// resourceView is the sheet of an agenda, a messaging profile or an identity, in words.
type resourceView struct {
	Sheet  resource.Sheet
	Status ui.ChipProps
	Facts  []ui.Fact
	Crumb  string
	Back   string // the list
	Base   string // address of the sheet
	Access string // «Qui a accès»; empty for whoever may not read rights there
	Closed string // what being closed means; empty when it is open
}

// readResource reads the one that the address names. One of another type, of another
// organisation, or beyond what this person may see, does not exist.
func (v *visit) readResource(t resource.Type) (resource.Sheet, error) {
	id, err := resource.ParseID(v.PathValue("resource"))
	if err != nil || id.Type() != t {
		return resource.Sheet{}, errPage
	}
	return v.s.Resources.Get(v.Context(), v.by, v.org.ID, id)
}

func (v *visit) resource(t resource.Type) error {
	s, err := v.readResource(t)
	if err != nil {
		return err
	}
	p, err := v.orgFrame(s.Name, atAgendas)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, ResourcePage(p, v.resourceView(s)))
}

func (v *visit) resourceView(s resource.Sheet) resourceView {
	r := s.Resource
	view := resourceView{
		Sheet: s, Status: v.resourceStatus(r), Facts: v.resourceFacts(r), Crumb: v.t.T(resourceKey("title", r.Type)),
		Back: v.at(resourcePaths[r.Type]), Base: v.resourceAt(r),
	}
	own := !v.held.Member.IsZero() && r.Holder == v.held.Member
	if !resource.See(v.held).Some() { // its holder, who reads no list
		view.Crumb, view.Back = v.t.T("web.home"), v.at("home")
	}
	if v.held.Has(access.RightsRead, r.Scope()) || s.MayEdit || own {
		view.Access = v.resourceAt(r, "access")
	}
	if r.Status == resource.Closed {
		view.Closed = v.t.T(resourceKey("is_closed", r.Type))
	}
	return view
}

// resourceFacts says what it is, what is empty left out.
func (v *visit) resourceFacts(r resource.Resource) []ui.Fact {
	facts := []ui.Fact{{Term: v.t.T("resources.kind"), Value: v.t.T("kind." + string(r.Kind))}}
	if !r.Holder.IsZero() {
		f := ui.Fact{Term: v.t.T("resources.holder"), Value: v.somebody(r.HolderName)}
		if r.HolderName != "" && v.held.HasAnywhere(access.MembersRead) {
			f.Value, f.Content = "", personLink(v.sheetPath(r.Holder), r.HolderName)
		}
		facts = append(facts, f)
	}
	facts = append(facts, ui.Fact{Term: v.t.T("members.column.site"), Value: v.resourceSite(r)})
	if r.Detail != "" {
		facts = append(facts, ui.Fact{Term: v.t.T("resources.detail"), Value: r.Detail})
	}
	if r.Address != "" {
		facts = append(facts, ui.Fact{Term: v.t.T("resources.address"), Value: r.Address})
	}
	return facts
}

// ends says in words what closing ends: levels, delegations, or nothing.
func (v *visit) ends(s resource.Sheet) string {
	var list []string
	if s.HolderName != "" {
		list = append(list, v.t.T("resources.ends_holder", "Name", s.HolderName))
	}
	switch {
	case s.Delegations > 0:
		list = append(list, v.t.T("resources.ends_delegations", "Count", s.Delegations))
	case s.Levels > 0:
		list = append(list, v.t.T("resources.ends_levels", "Count", s.Levels))
	case len(list) == 0:
		list = append(list, v.t.T("resources.ends_nothing"))
	}
	return strings.Join(list, " ")
}

func (v *visit) closeResourceForm(t resource.Type) error {
	s, err := v.readResource(t)
	switch {
	case err != nil:
		return err
	case !s.MayEdit:
		return v.lacks(access.RightsEdit)
	case s.Status == resource.Closed:
		return v.to(v.resourceAt(s.Resource))
	}
	return v.askClosing(s, nil)
}

// askClosing asks before closing, and says what it ends (level 2, DESIGN.md 12).
func (v *visit) askClosing(s resource.Sheet, refusal error) error {
	t := s.Type
	return v.confirm(confirmation{
		At: atAgendas, Title: v.t.T(resourceKey("close", t)), Crumb: s.Name, Back: v.resourceAt(s.Resource),
		Ask: ui.ConfirmProps{
			Title: v.t.T(resourceKey("close_question", t), "Name", s.Name), Text: v.ends(s) + " " + v.t.T(resourceKey("close_text", t)),
			Action: v.resourceAt(s.Resource, "close"), Hidden: []ui.Hidden{{Name: fieldVersion, Value: version(s.Version)}},
			Button: ui.ButtonProps{Label: v.t.T(resourceKey("close", t))}, Keep: v.t.T("resources.keep"),
		},
	}, refusal)
}

func (v *visit) closeResource(t resource.Type) error {
	s, err := v.readResource(t)
	if err != nil {
		return err
	}
	closed, err := v.s.Resources.Close(v.Context(), v.by, v.org.ID, s.ID, parseVersion(v.PostFormValue(fieldVersion)))
	if f := fault.Of(err); err != nil && f.Kind == fault.Stale { // what it would end may have changed with it: asked again
		v.flash(ui.ToneWait, v.t.T("resources.changed"))
		return v.to(v.resourceAt(s.Resource, "close"))
	}
	if err != nil {
		return v.askClosing(s, err)
	}
	v.flash(ui.ToneOK, v.t.T(resourceKey("closed_flash", t), "Name", closed.Name))
	return v.to(v.resourceAt(closed))
}

// reopenResource needs no question: closing again undoes it.
func (v *visit) reopenResource(t resource.Type) error {
	s, err := v.readResource(t)
	if err != nil {
		return err
	}
	opened, err := v.s.Resources.Reopen(v.Context(), v.by, v.org.ID, s.ID, parseVersion(v.PostFormValue(fieldVersion)))
	if f := fault.Of(err); err != nil && (f.Kind == fault.Stale || f.Kind == fault.Conflict || f.Code == "site.not_found") {
		v.flash(ui.ToneBad, v.sentence(f)+".")
		return v.to(v.resourceAt(s.Resource))
	}
	if err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T(resourceKey("reopened", t), "Name", opened.Name))
	return v.to(v.resourceAt(opened))
}

// levelsHref is the matrix of rights, narrowed to one column.
func (v *visit) levelsHref(r resource.Resource) string {
	return v.at("access", resourcePaths[r.Type]) + "?" + url.Values{fieldName: {r.Name}}.Encode()
}
