package web

import (
	"net/http"
	"net/url"
	"strings"
)

// next is the page to go to after signing in: a path of ours, nothing else
// (OP-07). Anything doubtful leads to the organisations.
func (v *visit) next(fallback string) string {
	want := v.FormValue("next")
	if v.s.isOurPage(want) {
		return want
	}
	return fallback
}

// isOurPage accepts only a canonical relative path that a page of ours answers.
func (s *Server) isOurPage(want string) bool {
	if len(want) > 1000 || !strings.HasPrefix(want, "/") || strings.HasPrefix(want, "//") || strings.ContainsAny(want, "\\\r\n\t\x00") {
		return false
	}
	u, err := url.Parse(want)
	if err != nil || u.Host != "" || u.Scheme != "" || u.User != nil || strings.Contains(u.Path, "//") || u.Path != cleaned(u.Path) {
		return false
	}
	_, pattern := s.pages.Handler(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: u.Path}, Host: "next"})
	return pattern != ""
}

// pagesOf is the addresses that can be gone to: those that a GET answers.
func pagesOf(routes []route) *http.ServeMux {
	mux := http.NewServeMux()
	for _, r := range routes {
		if strings.HasPrefix(r.pattern, "GET ") {
			mux.HandleFunc(r.pattern, func(http.ResponseWriter, *http.Request) {})
		}
	}
	return mux
}

func cleaned(p string) string {
	if strings.Contains(p, "/.") {
		return ""
	}
	return p
}
