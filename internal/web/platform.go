package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"habilis/internal/account"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

var platformRoutes = []route{
	{"GET /platform", signed, (*visit).toPlatform},
	{"GET /platform/organizations", signed, (*visit).platform},
	{"GET /platform/organizations/new", signed, (*visit).foundForm},
	{"POST /platform/organizations/new", signed, (*visit).found},
	{"GET /platform/organizations/{id}", signed, (*visit).platformOrg},
	{"GET /platform/organizations/{id}/suspend", signed, (*visit).suspendForm},
	{"POST /platform/organizations/{id}/suspend", signed, (*visit).suspend},
	{"POST /platform/organizations/{id}/resume", signed, (*visit).resume},
	{"GET /platform/organizations/{id}/features", signed, (*visit).featuresForm},
	{"POST /platform/organizations/{id}/features", signed, (*visit).setFeatures},
	{"GET /platform/organizations/{id}/members/new", signed, (*visit).proposeForm},
	{"POST /platform/organizations/{id}/members/new", signed, (*visit).propose},
}

// platformPage is how many organisations a page of the platform shows.
const platformPage = 50

// pathPlatform is where the operator sees the organisations.
const pathPlatform = "/platform/organizations"

func (v *visit) toPlatform() error { return v.to(pathPlatform) }

// platformFrame is for the platform's people only: for others these pages do not exist.
func (v *visit) platformFrame(title string) (ui.Page, error) {
	if v.me.PlatformRole == account.NoRole {
		return ui.Page{}, errPage
	}
	p := v.page(title)
	p.Nav = []ui.NavGroup{{Items: []ui.NavItem{
		{
			Label: v.t.T("platform.organizations"), Href: pathPlatform, Icon: ui.IconBuildings,
			Current: v.URL.Path == pathPlatform,
		},
		{Label: v.t.T("dossier.queue"), Href: pathQueue, Icon: ui.IconSealCheck, Current: strings.HasPrefix(v.URL.Path, pathQueue)},
		{Label: v.t.T("care.platform"), Href: pathResets, Icon: ui.IconKey, Current: v.URL.Path == pathResets},
		{Label: v.t.T("web.places"), Href: ui.PathOrganizations + "?stay=1", Icon: ui.IconHouse},
	}}}
	if v.mayPlatformTokens() {
		tokens := ui.NavItem{
			Label: v.t.T("tokens.of.platform"), Href: pathPlatformTokens, Icon: ui.IconKey, Current: v.URL.Path == pathPlatformTokens,
		}
		erasures := ui.NavItem{
			Label: v.t.T("erasure.nav"), Href: pathErasures, Icon: ui.IconTrash, Current: strings.HasPrefix(v.URL.Path, pathErasures),
		}
		p.Nav[0].Items = slices.Insert(p.Nav[0].Items, 1, tokens, erasures)
	}
	return p, nil
}

// platformView is the list of organisations.
type platformView struct {
	Orgs   []org.Org
	Total  int64
	Search string
	Status string
	Kind   string
	Next   string // address of the next page
}

// filtered reports whether anything narrows the list.
func (w platformView) filtered() bool { return w.Search+w.Status+w.Kind != "" }

// statuses of organisations, to filter by; kinds, with all of them first.
func (w platformView) statuses(t *text.Printer) []ui.Option {
	list := []ui.Option{{Label: t.T("members.any")}}
	for _, s := range []org.Status{org.Active, org.Suspended} {
		list = append(list, ui.Option{Value: string(s), Label: t.T("platform.status." + string(s))})
	}
	return list
}

func (w platformView) kinds(t *text.Printer) []ui.Option {
	return append([]ui.Option{{Label: t.T("members.any")}}, kinds(t)...)
}

// provePlatform asks the platform's people for the password. Others are not asked:
// the act refuses them, and the trail says so (AUD-01).
func (v *visit) provePlatform() error {
	if v.me.PlatformRole == account.NoRole {
		return nil
	}
	return v.prove()
}

// offPlatform is the refusal of an act of the platform: to others its pages do not exist.
func (v *visit) offPlatform(refusal error) error {
	if v.me.PlatformRole == account.NoRole && fault.Is(refusal, fault.NotFound) {
		return errPage
	}
	return refusal
}

func (v *visit) platform() error {
	view := platformView{Search: v.FormValue("q"), Status: v.FormValue(fieldStatus), Kind: v.FormValue(fieldKind)}
	list, err := v.s.Orgs.All(v.Context(), v.by, org.Filter{
		Search: view.Search, Status: org.Status(view.Status), Kind: org.Kind(view.Kind), After: v.FormValue(fieldAfter), Limit: platformPage,
	})
	if err != nil {
		return v.offPlatform(err)
	}
	p, err := v.platformFrame(v.t.T("platform.organizations"))
	if err != nil {
		return err
	}
	view.Orgs, view.Total = list.Items, list.Total
	if list.Next != "" {
		view.Next = inState("", queryOf(map[string]string{
			"q": view.Search, fieldStatus: view.Status, fieldKind: view.Kind, fieldAfter: list.Next,
		}))
	}
	return v.show(http.StatusOK, PlatformPage(p, view))
}

// foundView is the form of a new organisation.
type foundView struct {
	Details org.Details
	Slug    string
	Site    org.SiteDetails
	Email   string
	Lang    string
	Errors  map[string]string
	Summary []ui.FieldError
	Failure string
	Proof   *ui.StepUpProps
}

// foundSpots are the fields of a new organisation, by what the act calls them.
var foundSpots = map[string]spot{
	"org.name": {fieldName, "setting.name"}, "org.kind": {fieldKind, ""}, "org.enamel": {"enamel", ""},
	"site.name": {"site_name", "site.name"}, "site.city": {"site_city", "site.city"},
}

func (v *visit) foundForm() error {
	return v.showFound(http.StatusOK, foundView{Details: org.Details{Kind: org.Practice, Enamel: org.Enamels[0]}, Lang: string(text.FR)})
}

func (v *visit) showFound(status int, view foundView) error {
	p, err := v.platformFrame(v.t.T("platform.new"))
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	view.Proof = v.proof(v.t.T("platform.proof"), view.Errors)
	return v.show(status, FoundPage(p, view))
}

// found creates an organisation and invites its first administrator (ORG-7).
func (v *visit) found() error {
	view := foundView{
		Details: org.Details{Name: v.PostFormValue(fieldName), Kind: org.Kind(v.PostFormValue(fieldKind)), Enamel: v.PostFormValue("enamel")},
		Slug:    v.PostFormValue("slug"), Email: v.PostFormValue(fieldEmail), Lang: v.PostFormValue("language"),
		Site: org.SiteDetails{Name: v.PostFormValue("site_name"), City: v.PostFormValue("site_city")},
	}
	lang, _ := text.ParseLang(view.Lang)
	err := v.provePlatform()
	var made enrolment.Founded
	if err == nil {
		made, err = v.s.Enrolments.Found(v.Context(), v.by, enrolment.Found{
			Org: view.Details, Slug: view.Slug, Site: view.Site, Email: view.Email, Language: lang,
		})
	}
	if f := fault.Of(err); err != nil && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		view.Errors, view.Summary = v.fieldErrors(err, foundSpots)
		if f.Kind == fault.Conflict {
			view.Failure = v.sentence(f)
		}
		return v.showFound(statusOf(f), view)
	}
	if err != nil {
		return v.offPlatform(err)
	}
	v.flash(ui.ToneOK, v.t.T("platform.founded", "Org", made.Org.Name, "Email", view.Email))
	return v.to(pathPlatform + "/" + made.Org.ID.String())
}

// platformOrgView is what the platform sees of one organisation: no more than its
// job needs (ORG-7).
type platformOrgView struct {
	Org     org.Org
	Path    string
	Version string
	Made    []approvalLine // accounts that the support made for it
	Errors  map[string]string
	Summary []ui.FieldError
	Failure string
	Proof   *ui.StepUpProps
}

// aboutOrg is a page of the platform about one organisation.
type aboutOrg func(ui.Page, platformOrgView) templ.Component

// platformPageOf shows a page about one organisation; after a refusal, with what to do.
func (v *visit) platformPageOf(failure error, page aboutOrg) error {
	id, err := ident.ParseOrg(v.PathValue("id"))
	if err != nil {
		return errPage
	}
	o, err := v.s.Orgs.Get(v.Context(), v.by, id)
	if err != nil {
		return err
	}
	p, err := v.platformFrame(o.Name)
	if err != nil {
		return err
	}
	view, status := platformOrgView{Org: o, Path: pathPlatform + "/" + o.ID.String(), Version: version(o.Rev)}, http.StatusOK
	made, err := v.s.Approvals.Made(v.Context(), v.by, id, "")
	if err != nil {
		return err
	}
	for n := range made {
		view.Made = append(view.Made, v.madeLine(&made[n]))
	}
	if failure != nil {
		view.Errors, view.Summary = v.fieldErrors(failure, map[string]spot{fieldReason: {fieldReason, "platform.reason"}})
		if len(view.Summary) == 0 {
			view.Failure = v.sentence(fault.Of(failure))
		}
		p.Error, status = true, statusOf(fault.Of(failure))
	}
	view.Proof = v.proof(v.t.T("platform.proof"), view.Errors)
	return v.show(status, page(p, view))
}

func (v *visit) platformOrg() error { return v.platformPageOf(nil, PlatformOrgPage) }

// suspendForm asks before an organisation is closed to everybody (DESIGN.md 12).
func (v *visit) suspendForm() error { return v.platformPageOf(nil, SuspendPage) }

func (v *visit) suspend() error {
	return v.changeOrg("platform.suspended", SuspendPage, func(id ident.Org) (org.Org, error) {
		return v.s.Orgs.Suspend(v.Context(), v.by, id, v.PostFormValue(fieldReason))
	})
}

func (v *visit) resume() error {
	return v.changeOrg("platform.resumed", PlatformOrgPage, func(id ident.Org) (org.Org, error) {
		return v.s.Orgs.Resume(v.Context(), v.by, id)
	})
}

func (v *visit) changeOrg(said string, again aboutOrg, act func(ident.Org) (org.Org, error)) error {
	id, err := ident.ParseOrg(v.PathValue("id"))
	if err != nil {
		return errPage
	}
	var o org.Org
	if err = v.provePlatform(); err == nil {
		o, err = act(id)
	}
	if err != nil && v.me.PlatformRole != account.NoRole && staysOnPage(fault.Of(err)) {
		return v.platformPageOf(err, again)
	}
	if err != nil {
		return v.offPlatform(err)
	}
	v.flash(ui.ToneOK, v.t.T(said, "Org", o.Name))
	return v.to(pathPlatform + "/" + id.String())
}

// platformLine says what sort of organisation it is, in one line.
func platformLine(t *text.Printer, o org.Org) string {
	facts := []string{
		t.T("kind." + string(o.Kind)), t.T("web.sites_count", "Count", o.Sites), t.T("web.members_count", "Count", o.Members), o.Slug,
	}
	return strings.Join(facts, " · ")
}
