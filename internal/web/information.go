package web

import (
	"io"
	"net/http"

	"habilis/internal/web/ui"
)

var informationRoutes = []route{
	{"GET " + ui.PathHelp, open, (*visit).help},
	{"GET " + ui.PathSiteMap, open, (*visit).siteMap},
	{"GET " + ui.PathAccessibility, open, (*visit).accessibility},
	{"GET " + ui.PathPrivacy, open, (*visit).privacy},
	{"POST /csp-report", open, (*visit).cspReport},
}

// section is a title and its paragraphs, by their keys in the catalogues.
type section struct{ Title, Text string }

func (v *visit) information(key string, sections ...string) error {
	list := make([]section, 0, len(sections))
	for _, s := range sections {
		list = append(list, section{v.t.T(key + "." + s), v.t.T(key + "." + s + "_text")})
	}
	return v.show(http.StatusOK, InformationPage(v.page(v.t.T(key+".title")), list, v.s.Support))
}

func (v *visit) help() error {
	return v.information("help", "invited", "password", "rights", "support")
}

func (v *visit) accessibility() error {
	return v.information("accessibility", "state", "contact")
}

func (v *visit) privacy() error { return v.information("privacy", "data", "cookies", "rights") }

// siteMap is the second way to every page (DESIGN.md 4).
func (v *visit) siteMap() error {
	links := [][2]string{
		{v.t.T("help.title"), ui.PathHelp}, {v.t.T("accessibility.title"), ui.PathAccessibility}, {v.t.T("privacy.title"), ui.PathPrivacy},
	}
	if v.me.ID.IsZero() {
		links = append([][2]string{{v.t.T("login.title"), pathLogin}, {v.t.T("login.forgot.title"), "/password/forgot"}}, links...)
		return v.show(http.StatusOK, SiteMapPage(v.page(v.t.T("sitemap.title")), links))
	}
	mine := [][2]string{
		{v.t.T("web.places"), ui.PathOrganizations + "?stay=1"}, {v.t.T("account.page.title"), ui.PathSecurity},
		{v.t.T("account.page.mine"), ui.PathAccount},
		{v.t.T("account.password.title"), "/account/password"}, {v.t.T("account.sessions.title"), "/account/sessions"},
		{v.t.T("tokens.mine"), pathMyTokens},
	}
	places, err := v.placeLines("")
	if err != nil {
		return err
	}
	for _, l := range places {
		if !l.Suspended {
			mine = append(mine, [2]string{l.Name, l.Href("home")})
		}
	}
	return v.show(http.StatusOK, SiteMapPage(v.page(v.t.T("sitemap.title")), append(mine, links...)))
}

// maxReport bounds what a browser tells of a page that broke our policy.
const maxReport = 4 << 10

// cspReport writes down that a browser refused something of a page of ours. Such
// a report can be forged by anybody: it is a log line, nothing more.
func (v *visit) cspReport() error {
	b, err := io.ReadAll(io.LimitReader(v.Body, maxReport))
	if err != nil {
		return errForm.Because(err)
	}
	v.s.Log.Warn("content security policy", "bytes", len(b), "request", v.by.Request)
	v.w.WriteHeader(http.StatusNoContent)
	return nil
}
