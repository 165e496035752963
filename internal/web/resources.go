package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/resource"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

var resourceRoutes = []route{
	{"GET /o/{org}/agendas", within, of(resource.Agenda, (*visit).resources)},
	{"GET /o/{org}/agendas/new", within, of(resource.Agenda, (*visit).newResourceForm)},
	{"POST /o/{org}/agendas/new", within, of(resource.Agenda, (*visit).createResource)},
	{"GET /o/{org}/agendas/{resource}", within, of(resource.Agenda, (*visit).resource)},
	{"GET /o/{org}/agendas/{resource}/edit", within, of(resource.Agenda, (*visit).resourceForm)},
	{"POST /o/{org}/agendas/{resource}/edit", within, of(resource.Agenda, (*visit).saveResource)},
	{"GET /o/{org}/agendas/{resource}/close", within, of(resource.Agenda, (*visit).closeResourceForm)},
	{"POST /o/{org}/agendas/{resource}/close", within, of(resource.Agenda, (*visit).closeResource)},
	{"POST /o/{org}/agendas/{resource}/reopen", within, of(resource.Agenda, (*visit).reopenResource)},
	{"GET /o/{org}/agendas/{resource}/access", within, of(resource.Agenda, (*visit).resourceAccess)},

	{"GET /o/{org}/messaging-profiles", within, of(resource.MessagingProfile, (*visit).resources)},
	{"GET /o/{org}/messaging-profiles/new", within, of(resource.MessagingProfile, (*visit).newResourceForm)},
	{"POST /o/{org}/messaging-profiles/new", within, of(resource.MessagingProfile, (*visit).createResource)},
	{"GET /o/{org}/messaging-profiles/{resource}", within, of(resource.MessagingProfile, (*visit).resource)},
	{"GET /o/{org}/messaging-profiles/{resource}/edit", within, of(resource.MessagingProfile, (*visit).resourceForm)},
	{"POST /o/{org}/messaging-profiles/{resource}/edit", within, of(resource.MessagingProfile, (*visit).saveResource)},
	{"GET /o/{org}/messaging-profiles/{resource}/close", within, of(resource.MessagingProfile, (*visit).closeResourceForm)},
	{"POST /o/{org}/messaging-profiles/{resource}/close", within, of(resource.MessagingProfile, (*visit).closeResource)},
	{"POST /o/{org}/messaging-profiles/{resource}/reopen", within, of(resource.MessagingProfile, (*visit).reopenResource)},
	{"GET /o/{org}/messaging-profiles/{resource}/access", within, of(resource.MessagingProfile, (*visit).resourceAccess)},

	{"GET /o/{org}/identities", within, of(resource.Identity, (*visit).resources)},
	{"GET /o/{org}/identities/new", within, of(resource.Identity, (*visit).newResourceForm)},
	{"POST /o/{org}/identities/new", within, of(resource.Identity, (*visit).createResource)},
	{"GET /o/{org}/identities/{resource}", within, of(resource.Identity, (*visit).resource)},
	{"GET /o/{org}/identities/{resource}/edit", within, of(resource.Identity, (*visit).resourceForm)},
	{"POST /o/{org}/identities/{resource}/edit", within, of(resource.Identity, (*visit).saveResource)},
	{"GET /o/{org}/identities/{resource}/close", within, of(resource.Identity, (*visit).closeResourceForm)},
	{"POST /o/{org}/identities/{resource}/close", within, of(resource.Identity, (*visit).closeResource)},
	{"POST /o/{org}/identities/{resource}/reopen", within, of(resource.Identity, (*visit).reopenResource)},
	{"GET /o/{org}/identities/{resource}/access", within, of(resource.Identity, (*visit).resourceAccess)},
}

// of is a page of one type of resource.
func of(t resource.Type, page func(*visit, resource.Type) error) func(*visit) error {
	return func(v *visit) error { return page(v, t) }
}

// resourcePaths are where each type stands under an organisation.
var resourcePaths = map[resource.Type]string{
	resource.Agenda: atAgendas, resource.MessagingProfile: "messaging-profiles", resource.Identity: "identities",
}

// resourceKey is the key of a text that differs by type: «Nouvel agenda».
func resourceKey(what string, t resource.Type) string { return "resources." + what + "." + string(t) }

// resourceState is the state of a list: the URL is the state.
type resourceState struct {
	Search, Site, Kind, Holder, Status string
	Page                               int
}

// readResourceState reads the state from a query; what it cannot mean is as usual.
func readResourceState(t resource.Type, get func(string) string) resourceState {
	s := resourceState{
		Search: strings.TrimSpace(get("q")), Site: get(fieldSite), Kind: get(fieldKind), Holder: get(fieldHolder),
		Page: number(get(fieldPage), 1, maxPage),
	}
	if status := get(fieldState); status != string(resource.Active) && slices.Contains(resource.Statuses, resource.Status(status)) {
		s.Status = status
	}
	if !slices.Contains(resource.Kinds(t), resource.Kind(s.Kind)) {
		s.Kind = ""
	}
	return s
}

func (s resourceState) values() url.Values {
	return queryOf(map[string]string{
		"q": s.Search, fieldSite: s.Site, fieldKind: s.Kind, fieldHolder: s.Holder, fieldState: s.Status, fieldPage: unusual(s.Page, 1),
	})
}

// href is the address of the list in the state that change makes, from its first page.
func (s resourceState) href(base string, change func(*resourceState)) string {
	s.Page = 1
	change(&s)
	return inState(base, s.values())
}

// filtered reports whether anything narrows the list.
func (s resourceState) filtered() bool {
	s.Page = 1
	return len(s.values()) > 0
}

func (s resourceState) query(t resource.Type) resource.Query {
	q := resource.Query{
		Type: t, Search: s.Search, Kind: resource.Kind(s.Kind), Holder: ident.Member(s.Holder), Status: resource.Status(s.Status), Page: s.Page,
		Whole: s.Site == access.WholeOrganization,
	}
	if !q.Whole {
		q.Site = ident.Site(s.Site)
	}
	return q
}

// resourcesView is what a list shows.
type resourcesView struct {
	Type    resource.Type
	State   resourceState
	List    resource.Page
	Lines   []resourceLine
	Tabs    []ui.Tab
	Sites   []ui.Option
	Holder  string // name of the holder that filters
	Base    string
	Summary string
	Pages   int
	MayMake bool
	Errors  map[string]string
	Wrong   []ui.FieldError
}

// resourceLine is one line of the list, in words.
type resourceLine struct {
	Name, Detail, Href, Holder, HolderHref, Site string
	Status                                       ui.ChipProps
}

func (v *visit) resources(t resource.Type) error {
	state := readResourceState(t, v.FormValue)
	list, refusal := v.s.Resources.List(v.Context(), v.by, v.org.ID, state.query(t))
	if refusal != nil {
		if !fault.Is(refusal, fault.Invalid) {
			return refusal
		}
		asked := state
		asked.Search = "" // what was typed stays in its field, with the point to correct
		var err error
		if list, err = v.s.Resources.List(v.Context(), v.by, v.org.ID, asked.query(t)); err != nil {
			return err
		}
	}
	view := resourcesView{
		Type: t, State: state, List: list, Base: v.at(resourcePaths[t]), Tabs: v.resourceTabs(t), MayMake: v.held.HasAnywhere(access.RightsEdit),
		Pages: int((list.Total + resource.DefaultPageSize - 1) / resource.DefaultPageSize),
	}
	if view.Pages > 0 && state.Page > view.Pages { // the list became shorter
		return v.to(state.href(view.Base, func(s *resourceState) { s.Page = view.Pages }))
	}
	if err := v.fillResources(&view); err != nil {
		return err
	}
	p, err := v.orgFrame(v.t.T(resourceKey("title", t)), atAgendas)
	if err != nil {
		return err
	}
	p.Live = true
	status := http.StatusOK
	if refusal != nil {
		view.Errors, view.Wrong = v.fieldErrors(refusal)
		p.Error, status = true, statusOf(fault.Of(refusal))
	}
	return v.show(status, ResourcesPage(p, view))
}

// resourceTabs is the strip of the three types.
func (v *visit) resourceTabs(current resource.Type) []ui.Tab {
	tabs := make([]ui.Tab, 0, len(resource.Types))
	for _, t := range resource.Types {
		tabs = append(tabs, ui.Tab{Label: v.t.T(resourceKey("tab", t)), Href: v.at(resourcePaths[t]), Current: t == current})
	}
	return tabs
}

// fillResources adds the words of the lines and the choices of the filters.
func (v *visit) fillResources(view *resourcesView) error {
	for i := range view.List.Rows {
		r := &view.List.Rows[i]
		view.Lines = append(view.Lines, v.resourceLine(*r))
		if r.Holder.String() == view.State.Holder {
			view.Holder = r.HolderName
		}
	}
	view.Summary = v.t.T("resources.none_shown")
	if n := len(view.Lines); n > 0 {
		first := (view.State.Page-1)*resource.DefaultPageSize + 1
		view.Summary = v.t.T(resourceKey("summary", view.Type), "First", first, "Last", first+n-1, "Total", int(view.List.Total))
	}
	sites, err := v.siteOptions()
	view.Sites = append([]ui.Option{{Label: v.t.T("members.any")}}, sites...)
	if view.Type != resource.Agenda {
		view.Sites = append(view.Sites, ui.Option{Value: access.WholeOrganization, Label: v.t.T("resources.whole")})
	}
	return err
}

// siteOptions are the sites that may be known of, by name.
func (v *visit) siteOptions() ([]ui.Option, error) {
	sites, err := v.s.Orgs.Sites(v.Context(), v.by, v.org.ID, "")
	list := make([]ui.Option, 0, len(sites))
	for i := range sites {
		list = append(list, ui.Option{Value: sites[i].ID.String(), Label: sites[i].Name})
	}
	return list, err
}

func (v *visit) resourceLine(r resource.Resource) resourceLine {
	l := resourceLine{
		Name: r.Name, Detail: r.Detail, Href: v.resourceAt(r), Holder: v.t.T("kind." + string(r.Kind)), Site: v.resourceSite(r),
		Status: v.resourceStatus(r),
	}
	if r.Address != "" {
		l.Detail = r.Address
	}
	if !r.Holder.IsZero() {
		l.Holder = v.somebody(r.HolderName)
		if r.HolderName != "" && v.held.HasAnywhere(access.MembersRead) {
			l.HolderHref = v.sheetPath(r.Holder)
		}
	}
	return l
}

// resourceAt is the address of a sheet, or of a page under it.
func (v *visit) resourceAt(r resource.Resource, parts ...string) string {
	return v.at(append([]string{resourcePaths[r.Type], r.ID.String()}, parts...)...)
}

func (v *visit) resourceSite(r resource.Resource) string {
	if r.Site.IsZero() {
		return v.t.T("resources.whole")
	}
	return r.SiteName
}

func (v *visit) resourceStatus(r resource.Resource) ui.ChipProps {
	if r.Status == resource.Closed {
		return ui.ChipProps{Tone: ui.ToneOff, Label: v.t.T(resourceKey("closed", r.Type))}
	}
	return ui.ChipProps{Tone: ui.ToneOK, Label: v.t.T(resourceKey("open", r.Type))}
}

// chips are the filters in force, the search too; each takes itself away.
func (w resourcesView) chips(t *text.Printer) []ui.FilterChip {
	var list []ui.FilterChip
	add := func(value, label string, without func(*resourceState)) {
		if value != "" {
			list = append(list, ui.FilterChip{Label: label, Href: w.State.href(w.Base, without)})
		}
	}
	s := w.State
	holder := w.Holder
	if holder == "" {
		holder = t.T("resources.somebody")
	}
	add(s.Search, t.T("members.chip.search", "Value", s.Search), func(s *resourceState) { s.Search = "" })
	add(s.Site, t.T("members.chip.site", "Value", optionLabel(w.Sites, s.Site)), func(s *resourceState) { s.Site = "" })
	add(s.Kind, t.T("resources.chip.kind", "Value", named(t, "kind.", s.Kind)), func(s *resourceState) { s.Kind = "" })
	add(s.Holder, t.T("resources.chip.holder", "Value", holder), func(s *resourceState) { s.Holder = "" })
	add(s.Status, t.T("resources.chip.status", "Value", t.T("resources.status."+orActive(s.Status))), func(s *resourceState) { s.Status = "" })
	return list
}

func orActive(status string) string {
	if status == "" {
		return string(resource.Active)
	}
	return status
}

func (w resourcesView) kindOptions(t *text.Printer) []ui.Option {
	list := []ui.Option{{Label: t.T("members.any")}}
	for _, k := range resource.Kinds(w.Type) {
		list = append(list, ui.Option{Value: string(k), Label: t.T("kind." + string(k))})
	}
	return list
}

func (w resourcesView) statusOptions(t *text.Printer) []ui.Option {
	var list []ui.Option
	for _, s := range resource.Statuses {
		o := ui.Option{Value: string(s), Label: t.T("resources.status." + string(s))}
		if s == resource.Active {
			o.Value = "" // as usual: it does not stand in the URL
		}
		list = append(list, o)
	}
	return list
}

// kept is what the filter form carries along.
func (w resourcesView) kept() []ui.Hidden {
	if w.State.Holder == "" {
		return nil
	}
	return []ui.Hidden{{Name: fieldHolder, Value: w.State.Holder}}
}

func (w resourcesView) columns(t *text.Printer) []ui.Column {
	list := []ui.Column{{Label: t.T("resources.column.name")}, {Label: t.T("resources.column.holder")}, {Label: t.T("members.column.site")}}
	if w.tells() {
		list = append(list, ui.Column{Label: t.T("resources.column.status"), Kind: ui.CellState})
	}
	return list
}

// tells reports whether the state of a line says anything: all are open, as usual.
func (w resourcesView) tells() bool { return w.State.Status != "" }

func (w resourcesView) pager() ui.PagerProps {
	return ui.PagerProps{
		Summary: w.Summary, Page: w.State.Page, Pages: w.Pages,
		Href: func(page int) string { return w.State.href(w.Base, func(s *resourceState) { s.Page = page }) },
	}
}
