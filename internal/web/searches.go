package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/go-chi/httprate"

	"habilis/internal/fault"
)

// SearchesPerMinute is how many searches and previews of one person a node answers
// (rules.md 4): enough for whoever looks for somebody, not for whoever copies a list.
const SearchesPerMinute = 60

const searchWindow = time.Minute

var errSearches = fault.New(fault.Limited, "limit.exceeded")

// fieldsOfSearch are the parameters that look for people or things by their name.
var fieldsOfSearch = []string{"q", "keyword"}

// previews tell what would become of addresses, and so whether they are known.
var previews = []string{"GET /o/{org}/invitations/new/review"}

func newSearches() *httprate.RateLimiter {
	return httprate.NewRateLimiter(SearchesPerMinute, searchWindow)
}

// countSearch counts a request that searches, or foresees, by person; by address for
// whoever is not signed in.
func (v *visit) countSearch() error {
	if !v.looksFor() {
		return nil
	}
	key := v.by.ID()
	if v.me.ID.IsZero() {
		key = httprate.CanonicalizeIP(v.by.Address)
	}
	if v.s.searches.OnLimit(v.w, v.Request, key) {
		return errSearches.After(searchWindow)
	}
	return nil
}

func (v *visit) looksFor() bool {
	if v.Method == http.MethodPost {
		return v.PostFormValue("do") == doSearch
	}
	return slices.Contains(previews, v.Pattern) ||
		slices.ContainsFunc(fieldsOfSearch, func(name string) bool { return v.URL.Query().Get(name) != "" })
}
