package web

import (
	"net/http"
	"strings"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/web/ui"
)

var siteRoutes = []route{
	{"GET /o/{org}/sites", within, (*visit).sites},
	{"GET /o/{org}/sites/new", within, (*visit).newSiteForm},
	{"POST /o/{org}/sites/new", within, (*visit).createSite},
	{"GET /o/{org}/sites/{site}", within, (*visit).siteForm},
	{"POST /o/{org}/sites/{site}", within, (*visit).saveSite},
	{"GET /o/{org}/sites/{site}/close", within, (*visit).closeSiteForm},
	{"POST /o/{org}/sites/{site}/close", within, (*visit).closeSite},
}

// sitesView is the list of sites.
type sitesView struct {
	Sites   []org.Site
	MayEdit bool
	Base    string
}

func (v *visit) sites() error {
	list, err := v.s.Orgs.Sites(v.Context(), v.by, v.org.ID, "")
	if err != nil {
		return err
	}
	p, err := v.orgFrame(v.t.T("web.sites"), atSites)
	if err != nil {
		return err
	}
	view := sitesView{Sites: list, Base: v.at("sites"), MayEdit: v.held.Has(access.SitesEdit, access.OrgScope(v.org.ID))}
	return v.show(http.StatusOK, SitesPage(p, view))
}

// siteView is the form of a site: new, or to change.
type siteView struct {
	Site     org.Site // the zero ID: a new one
	Details  org.SiteDetails
	Version  string // of the site that was read, as the form carries it
	MayEdit  bool
	MayClose bool
	Action   string
	Back     string
	Errors   map[string]string
	Summary  []ui.FieldError
	Conflict *org.Site // what somebody else saved in between
	Proof    *ui.StepUpProps
}

func siteDetails(v *visit) org.SiteDetails {
	return org.SiteDetails{
		Name: v.PostFormValue(fieldName), FINESS: v.PostFormValue("finess"), Street: v.PostFormValue("street"),
		PostalCode: v.PostFormValue("postal_code"), City: v.PostFormValue("city"), Phone: v.PostFormValue("phone"),
	}
}

// siteSpots are the fields of a site that say nothing of themselves when a text is
// refused.
var siteSpots = map[string]spot{
	fieldName: {fieldName, "site.name"}, "street": {"street", "site.street"}, "city": {"city", "site.city"},
}

func (v *visit) showSite(status int, view siteView) error {
	title := v.t.T("site.new")
	if !view.Site.ID.IsZero() {
		title = view.Site.Name
	}
	p, err := v.orgFrame(title, atSites)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	view.Back = v.at("sites")
	return v.show(status, SitePage(p, view))
}

func (v *visit) newSiteForm() error {
	if !v.held.Has(access.SitesEdit, access.OrgScope(v.org.ID)) {
		return v.lacks(access.SitesEdit)
	}
	return v.showSite(http.StatusOK, siteView{MayEdit: true, Action: v.at("sites", "new")})
}

// createSite creates a site; its creator becomes its first administrator (ORG-4).
func (v *visit) createSite() error {
	d := siteDetails(v)
	s, err := v.s.Members.CreateSite(v.Context(), v.by, member.NewSite{Org: v.org.ID, Details: d})
	if fault.Is(err, fault.Invalid) {
		view := siteView{Details: d, MayEdit: true, Action: v.at("sites", "new")}
		view.Errors, view.Summary = v.fieldErrors(err, siteSpots)
		return v.showSite(http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("site.created", "Site", s.Name))
	return v.to(v.at("sites"))
}

func (v *visit) site() (org.Site, error) {
	id, err := ident.ParseSite(v.PathValue("site"))
	if err != nil {
		return org.Site{}, errPage
	}
	return v.s.Orgs.Site(v.Context(), v.by, v.org.ID, id)
}

func (v *visit) siteView(s org.Site) siteView {
	return siteView{
		Site: s, Details: s.SiteDetails, Version: version(s.Rev), Action: v.at("sites", s.ID.String()),
		MayEdit:  v.held.Has(access.SitesEdit, access.SiteScope(v.org.ID, s.ID)),
		MayClose: v.held.Has(access.SitesEdit, access.OrgScope(v.org.ID)),
	}
}

func (v *visit) siteForm() error {
	s, err := v.site()
	if err != nil {
		return err
	}
	return v.showSite(http.StatusOK, v.siteView(s))
}

func (v *visit) saveSite() error {
	s, err := v.site()
	if err != nil {
		return err
	}
	d := siteDetails(v)
	saved, err := v.s.Orgs.EditSite(v.Context(), v.by, v.org.ID, s.ID, parseVersion(v.PostFormValue("version")), d)
	if f := fault.Of(err); err != nil && (f.Kind == fault.Invalid || f.Kind == fault.Stale) {
		view := v.siteView(s)
		view.Details = d
		if f.Kind == fault.Stale { // the other's version is shown, what was typed is kept (CHG-1)
			view.Conflict = &s
		} else {
			view.Version = v.PostFormValue("version")
			view.Errors, view.Summary = v.fieldErrors(err, siteSpots)
		}
		return v.showSite(statusOf(f), view)
	}
	if err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("site.saved", "Site", saved.Name))
	return v.to(v.at("sites"))
}

func (v *visit) closeSiteForm() error { return v.showClosing(http.StatusOK, "") }

func (v *visit) showClosing(status int, failure string) error {
	s, err := v.site()
	if err != nil {
		return err
	}
	p, err := v.orgFrame(v.t.T("site.close"), atSites)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, CloseSitePage(p, v.siteView(s), v.at("sites", s.ID.String(), "close"), v.at("sites", s.ID.String()), failure))
}

func (v *visit) closeSite() error {
	s, err := v.site()
	if err != nil {
		return err
	}
	err = v.s.Members.CloseSite(v.Context(), v.by, v.org.ID, s.ID)
	if f := fault.Of(err); err != nil && f.Kind == fault.Conflict {
		return v.showClosing(http.StatusConflict, v.sentence(f))
	}
	if err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("site.closed", "Site", s.Name))
	return v.to(v.at("sites"))
}

// address is where a site is, on one line.
func address(d org.SiteDetails) string {
	line := strings.TrimSpace(d.PostalCode + " " + d.City)
	switch {
	case d.Street == "":
		return line
	case line == "":
		return d.Street
	}
	return d.Street + ", " + line
}

func siteFacts(p ui.Page, d org.SiteDetails) []ui.Fact {
	var facts []ui.Fact
	for _, f := range [][2]string{
		{"site.name", d.Name}, {"site.finess", d.FINESS}, {"site.address", address(d)}, {"site.phone", d.Phone},
	} {
		if f[1] != "" {
			facts = append(facts, ui.Fact{Term: p.Text.T(f[0]), Value: f[1]})
		}
	}
	return facts
}
