package apptest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/apptest"
	"habilis/internal/role"
)

// settled changes the settings of a member by the API, from the version that there is.
func (c *cluster) settled(by *apptest.Client, path string, change map[string]any) {
	c.t.Helper()
	read := by.Get(path)
	c.want(read, http.StatusOK, "")
	c.want(by.Call(http.MethodPatch, path, change, "If-Match", read.Header.Get("ETag")), http.StatusOK, "")
}

// CHG-3, rules.md 7: a session that is open when somebody makes theirs shorter, or their organisation
// does, obeys at its next request, on every node and by pages and API alike; never is one longer
// than the policy.
func TestSessionAsShortAsChosen(t *testing.T) {
	eachCluster(t, func(t *testing.T, c *cluster) {
		o := c.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example")
		marc := c.NewMember(o, "marc.petit@lilas.example", role.Secretary, access.SiteScope(o.ID, o.Site))
		mine := rest(o, "/members/"+marc.Member.String()+"/settings")
		over := func(when string, browser *apptest.Client, code string) {
			t.Helper()
			c.want(c.through(c.other(), browser).Get(rest(o, "/sites")), http.StatusUnauthorized, code)
			if a := browser.Get("/account"); !strings.Contains(a.Header.Get("Location"), "/login") {
				t.Errorf("%s: the session goes on: %d %s", when, a.Status, a.Header.Get("Location"))
			}
		}

		browser := c.SignIn(marc.Email)
		c.settled(browser, mine, map[string]any{"session": map[string]any{"idle_minutes": 20, "absolute_hours": 0}})
		c.nodes[0].Clock.Add(12 * time.Minute)
		c.want(browser.Get(rest(o, "/sites")), http.StatusOK, "")
		c.settled(browser, mine, map[string]any{"session": map[string]any{"idle_minutes": 10, "absolute_hours": 0}})
		c.nodes[0].Clock.Add(9 * time.Minute)
		c.want(browser.Get(page(o, "/home")), http.StatusOK, "")
		c.nodes[0].Clock.Add(11 * time.Minute)
		over("idle for longer than chosen", browser, "access.unauthenticated") // what it did last already counts by the new length

		browser = c.SignIn(marc.Email)
		for range 8 {
			c.nodes[0].Clock.Add(8 * time.Minute)
			c.want(browser.Get(page(o, "/home")), http.StatusOK, "")
		}
		c.settled(c.SignIn(o.Admin.Email), rest(o, "/settings/members"), map[string]any{"session": map[string]any{"idle_minutes": 0, "absolute_hours": 1}})
		c.want(browser.Get(page(o, "/home")), http.StatusOK, "") // of his own session he has said something: 10 minutes, and no hours
		c.settled(browser, mine, map[string]any{"session": nil})
		over("open for longer than the organisation sets", browser, "login.session_over")
	})
}

// ADR 0013: the pages of an organisation speak as its member has it there, the others as the account
// does; a language chosen on a page of the organisation is obeyed there.
func TestLanguageOfPages(t *testing.T) {
	eachCluster(t, func(t *testing.T, c *cluster) {
		o := c.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example")
		zoe := c.SignIn(o.Admin.Email)
		speaks := func(path, lang string) {
			t.Helper()
			if a := zoe.Get(path); !strings.Contains(a.Body, `<html lang="`+lang+`"`) {
				t.Errorf("%s is not in %s: %d %.120s", path, lang, a.Status, a.Body)
			}
		}
		speaks(page(o, "/members"), "fr")
		c.settled(zoe, rest(o, "/settings/members"), map[string]any{"language": "en"})
		speaks(page(o, "/members"), "en")
		speaks("/account", "fr")
		chosen := zoe.Post("/language", url.Values{"lang": {"fr"}, "next": {page(o, "/members")}})
		c.want(chosen, http.StatusSeeOther, "")
		speaks(page(o, "/members"), "fr")
	})
}
