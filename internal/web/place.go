package web

import (
	"net/http"

	"habilis/internal/access"
	"habilis/internal/invitation"
	"habilis/internal/member"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

var placeRoutes = []route{
	{"GET " + ui.PathOrganizations, signed, (*visit).places},
	{"GET /o/{org}", within, (*visit).toHome},
	{"GET /o/{org}/home", within, (*visit).orgHome},
}

// manyPlaces is from how many organisations or sites on a search is offered: several
// (ORG-2, DESIGN.md 0).
const manyPlaces = 2

// placeLine is one organisation of the person, in words.
type placeLine struct {
	Slug, Name, Role, Detail, Enamel string
	Suspended                        bool
}

// Href is a page of that organisation.
func (l placeLine) Href(page string) string { return "/o/" + l.Slug + "/" + page }

func (v *visit) placeLines(search string) ([]placeLine, error) {
	places, err := v.s.Members.Places(v.Context(), v.by, search)
	if err != nil {
		return nil, err
	}
	lines := make([]placeLine, 0, len(places))
	for i := range places {
		p := &places[i]
		lines = append(lines, placeLine{
			Slug: p.Org.Slug, Name: p.Org.Name, Enamel: p.Org.Enamel, Suspended: p.Suspended,
			Role: v.placeRole(*p), Detail: v.t.T("web.sites_count", "Count", len(p.Sites)),
		})
	}
	return lines, nil
}

func (v *visit) placeRole(p member.Place) string {
	labels := make([]invitation.Label, 0, len(p.Roles))
	for i := range p.Roles {
		r := &p.Roles[i]
		labels = append(labels, invitation.Label{BuiltIn: r.BuiltIn, Name: r.Name})
	}
	if len(labels) == 0 {
		return v.t.T("function." + p.Member.Function)
	}
	return v.t.List(roleLabels(v.t, labels))
}

// roleLabels says roles in words, each once.
func roleLabels(t *text.Printer, labels []invitation.Label) []string {
	var out []string
	seen := map[string]bool{}
	for _, l := range labels {
		name := l.Name
		if l.BuiltIn != "" {
			name = t.T("role." + l.BuiltIn)
		}
		if l.SiteName != "" {
			name = t.T("web.role_at", "Role", name, "Site", l.SiteName)
		}
		if !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	return out
}

// placesView is what «Mes établissements» shows.
type placesView struct {
	Lines    []placeLine
	Search   string
	Searched bool
	Offer    bool // a search is offered
	None     bool // they are a member nowhere (any more): signed in to be invited again (OFF-4)
	Email    string
}

// places shows the organisations of the person; one alone is entered (ORG-1, ORG-2).
func (v *visit) places() error {
	search := v.FormValue("q")
	lines, err := v.placeLines(search)
	if err != nil {
		return err
	}
	platform := v.me.PlatformRole != ""
	if len(lines) == 1 && search == "" && !platform && !lines[0].Suspended && v.FormValue("stay") == "" {
		return v.to(lines[0].Href("home"))
	}
	if len(lines) == 0 && search == "" && platform {
		return v.to(pathPlatform)
	}
	view := placesView{Lines: lines, Search: search, Searched: search != "", Offer: search != "" || len(lines) >= manyPlaces,
		None: len(lines) == 0 && search == "", Email: v.me.Email.Address}
	return v.show(http.StatusOK, PlacesPage(v.page(v.t.T("place.title")), view, v.me.GivenName))
}

func (v *visit) toHome() error { return v.to(v.at("home")) }

// siteLine is one site of the organisation, in words.
type siteLine struct {
	Name, Detail, Href string
	Remove             string // on the sheet of a member: «Retirer de l’établissement»
}

// homeView is what the home of an organisation shows.
type homeView struct {
	Sites    []siteLine
	Search   string
	Closed   string // that the administration space is closed, to whoever would administer (ORG-6)
	Leaving  string // that the organisation is to be deleted, and when
	Offer    bool
	MayRead  bool
	MayWrite bool
}

// orgHome is «Mes établissements» of one organisation (ORG-2).
func (v *visit) orgHome() error {
	search := v.FormValue("q")
	sites, err := v.s.Orgs.Sites(v.Context(), v.by, v.org.ID, search)
	if err != nil {
		return err
	}
	view := homeView{Search: search, Offer: search != "" || len(sites) >= manyPlaces,
		MayRead: v.held.HasAnywhere(access.MembersRead), MayWrite: v.held.HasAnywhere(access.MembersInvite)}
	for i := range sites {
		s := &sites[i]
		line := siteLine{Name: s.Name, Detail: address(s.SiteDetails), Href: v.at("sites", s.ID.String())}
		if v.held.Has(access.MembersRead, access.SiteScope(v.org.ID, s.ID)) {
			line.Href = v.at("members") + "?site=" + s.ID.String()
		}
		view.Sites = append(view.Sites, line)
	}
	if v.held.Closed() {
		view.Closed = v.t.T("feature.off_text") + " " + v.whomToAsk()
	}
	x, leaving, err := v.s.Exits.Coming(v.Context(), v.by, v.org.ID)
	if err != nil {
		return err
	}
	if leaving {
		view.Leaving = v.t.T("exitpage.banner", "Name", v.somebody(x.AskedBy), "Day", v.t.Date(x.ActsAt))
	}
	p, err := v.orgFrame(v.t.T("web.home"), atHome)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, HomePage(p, view))
}

func plates(p ui.Page, lines []placeLine) []ui.PlaqueProps {
	list := make([]ui.PlaqueProps, 0, len(lines))
	for _, l := range lines {
		below := l.Detail
		if l.Suspended {
			below = p.Text.T("place.suspended")
		}
		list = append(list, ui.PlaqueProps{
			Above: l.Role, Name: l.Name, Below: []string{below}, Enamel: ui.Enamel(l.Enamel), Href: l.Href("home"), Icon: ui.IconArrowRight,
		})
	}
	return list
}

func sitePlates(p ui.Page, sites []siteLine) []ui.PlaqueProps {
	list := make([]ui.PlaqueProps, 0, len(sites))
	for _, s := range sites {
		list = append(list, ui.PlaqueProps{Name: s.Name, Below: []string{s.Detail}, Enamel: p.Org.Enamel, Href: s.Href, Icon: ui.IconArrowRight})
	}
	return list
}
