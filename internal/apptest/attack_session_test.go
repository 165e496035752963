package apptest_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"habilis/internal/apptest"
	"habilis/internal/member"
)

// surface is one way in to an organisation, and how it refuses whoever was shut out.
type surface struct {
	name string
	who  *apptest.Client
	path string
	code string // of the API
	shut int
}

// surfaces are the ways of a person into an organisation: pages, API by session, by
// a token of theirs, and by one that they made for the organisation.
func (c *cluster) surfaces(o apptest.Org, browser, own, made *apptest.Client) []surface {
	const none, code = http.StatusNotFound, "access.not_found"
	return []surface{
		{"page", browser, page(o, "/members"), "", none},
		{"page by ID", browser, page(o, "/sites/"+o.Site.String()), "", none},
		{"API by session", browser, rest(o, "/members"), code, none},
		{"API by slug", browser, "/api/v1/organizations/" + o.Slug + "/members", code, none},
		{"API by a person's token", own, rest(o, "/members"), code, none},
		{"API by the organisation's token", made, rest(o, "/members"), "api.token_invalid", http.StatusUnauthorized},
	}
}

// open and shut ask on every surface and node.
func (c *cluster) open(when string, list []surface) {
	c.t.Helper()
	c.ask(when, list, func(_ surface, a apptest.Answer) bool { return a.Status == http.StatusOK })
}

func (c *cluster) shut(when string, list []surface) {
	c.t.Helper()
	c.ask(when, list, func(s surface, a apptest.Answer) bool { return a.Status == s.shut && a.Code() == s.code })
}

func (c *cluster) ask(when string, list []surface, right func(surface, apptest.Answer) bool) {
	c.t.Helper()
	for _, s := range list {
		for n, node := range c.nodes {
			if a := c.through(node, s.who).Get(s.path); !right(s, a) {
				c.t.Errorf("%s: %s on node %d: %d %s", when, s.name, n+1, a.Status, a.Code())
			}
		}
	}
}

// SES-01, CHG-4, SES-08: once an administrator has deactivated a member, the very
// next request on each surface and each node finds no organisation; the person's
// other organisations go on, on the same session. Signing in again changes nothing.
// Reactivation gives the rights back, but neither the sessions of before, nor the person's
// tokens, nor the token made for the organisation.
func TestSES01(t *testing.T) {
	eachCluster(t, func(t *testing.T, c *cluster) {
		a, b := c.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example"), c.NewOrg("Pharmacie du Port", "yann.le@port.example")
		marc := c.administrator(a, "marc.petit@lilas.example")
		c.administrator(b, marc.Email)
		browser, second, own := c.SignIn(marc.Email), c.SignIn(marc.Email), c.personToken(marc)
		here := c.surfaces(a, browser, own, c.madeToken(browser, a))
		there := c.surfaces(b, browser, own, c.madeToken(browser, b))
		c.open("before", here)
		c.open("before, the other", there)

		zoe := c.SignIn(a.Admin.Email)
		c.want(zoe.Call(http.MethodPost, memberPath(a, marc.Member, "/deactivate"), nil), http.StatusOK, "")
		c.shut("deactivated", here)
		c.open("deactivated, the other", there)
		before := c.rows(`select count(*) from site where org_id = $1`, a.ID)
		for _, node := range c.nodes {
			for _, s := range here[2:] {
				c.want(c.through(node, s.who).Call(http.MethodPost, rest(a, "/sites"), map[string]any{"name": "Pris"}), s.shut, s.code)
			}
			c.want(c.through(node, browser).Post(page(a, "/sites/new"), url.Values{"name": {"Pris"}}), http.StatusNotFound, "")
			c.want(c.through(node, browser).Get("/api/v1/me"), http.StatusOK, "")
			c.want(c.through(node, own).Get("/api/v1/me"), http.StatusOK, "")
		}
		if n := c.rows(`select count(*) from site where org_id = $1`, a.ID); n != before {
			t.Errorf("%d sites were made by somebody shut out", n-before)
		}
		during := c.SignIn(marc.Email) // SES-08: nothing that the person does lets them in again
		c.shut("signed in again", c.surfaces(a, during, own, here[5].who))
		if a := browser.Get("/organizations?stay=1"); strings.Contains(a.Body, "Lilas") || !strings.Contains(a.Body, "Port") {
			t.Error("the person's organisations still hold the one they were shut out of")
		}

		c.want(second.Post("/logout", nil), http.StatusSeeOther, "")
		c.want(zoe.Call(http.MethodPost, memberPath(a, marc.Member, "/reactivate"), nil), http.StatusOK, "")
		fresh := c.SignIn(marc.Email)
		c.open("reactivated", c.surfaces(a, fresh, c.personToken(marc), fresh))
		var sheet struct {
			Status        string
			Administrator bool
		}
		zoe.Get(memberPath(a, marc.Member, "")).JSON(t, &sheet)
		if sheet.Status != string(member.Active) || !sheet.Administrator {
			t.Errorf("reactivated: %+v", sheet)
		}
		c.open("reactivated, the other", there)
		c.shut("reactivated", here[5:])
		for _, node := range c.nodes {
			c.want(c.through(node, second).Get("/api/v1/me"), http.StatusUnauthorized, "access.unauthenticated")
			for _, old := range []*apptest.Client{browser, during} {
				c.want(c.through(node, old).Get("/api/v1/me"), http.StatusOK, "")
				c.want(c.through(node, old).Get(rest(a, "/members")), http.StatusUnauthorized, "access.unauthenticated")
				c.want(c.through(node, old).Call(http.MethodPost, rest(a, "/sites"), map[string]any{"name": "Pris"}), http.StatusUnauthorized, "")
			}
			c.want(c.through(node, own).Get(rest(a, "/members")), http.StatusUnauthorized, "access.token_outlived")
			c.want(c.through(node, own).Get("/api/v1/me"), http.StatusOK, "")
		}
		if a := browser.Get(page(a, "/members")); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/login?next=") {
			t.Errorf("an old session is not led to sign in again: %d %s", a.Status, a.Location)
		}
	})
}

// SES-04: signed out on one node, the cookie is worth nothing on the other, at once;
// so is that of a session ended from another browser, and of all others ended.
func TestSES04(t *testing.T) {
	eachCluster(t, func(t *testing.T, c *cluster) {
		o := c.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example")
		for round := range 4 {
			first, second := c.nodes[round%len(c.nodes)], c.nodes[(round+1)%len(c.nodes)]
			browser := c.SignIn(o.Admin.Email)
			cookie := browser.Cookie()
			replay := c.stolen(second, cookie)
			c.want(replay.Get(page(o, "/members")), http.StatusOK, "")
			c.want(c.through(first, browser).Post("/logout", nil), http.StatusSeeOther, "")
			c.dead(o, cookie, second)
			c.dead(o, cookie, first)
		}
		keep, lost := c.SignIn(o.Admin.Email), c.SignIn(o.Admin.Email)
		var list struct {
			Items []struct {
				ID      string
				Current bool
			}
		}
		lost.Get("/api/v1/me/sessions").JSON(t, &list)
		c.want(keep.Call(http.MethodDelete, "/api/v1/me/sessions/"+list.Items[0].ID, nil), http.StatusNoContent, "")
		c.dead(o, lost.Cookie(), c.other())
		third := c.SignIn(o.Admin.Email)
		c.want(keep.Post("/account/sessions/end-others", nil), http.StatusSeeOther, "")
		c.dead(o, third.Cookie(), c.other())
		c.want(c.through(c.other(), keep).Get(page(o, "/members")), http.StatusOK, "")
	})
}

// V7.4.5: an administrator ends the sessions of a member of theirs: 204, and every one is dead
// on both nodes at the next request; of a member of another organisation, 404 and alive.
func TestAdministratorEndsSessions(t *testing.T) {
	eachCluster(t, func(_ *testing.T, c *cluster) {
		a, b := c.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example"), c.NewOrg("Pharmacie du Port", "yann.le@port.example")
		marc := c.administrator(a, "marc.petit@lilas.example")
		zoe, yann := c.SignIn(a.Admin.Email), c.SignIn(b.Admin.Email)
		one, two := c.SignIn(marc.Email), c.SignIn(marc.Email)
		c.want(yann.Call(http.MethodDelete, memberPath(b, marc.Member, "/sessions"), nil), http.StatusNotFound, "member.not_found")
		c.want(yann.Call(http.MethodDelete, memberPath(a, marc.Member, "/sessions"), nil), http.StatusNotFound, "access.not_found")
		for _, node := range c.nodes {
			c.want(c.through(node, one).Get(page(a, "/members")), http.StatusOK, "")
		}
		c.want(zoe.Call(http.MethodDelete, memberPath(a, marc.Member, "/sessions"), nil), http.StatusNoContent, "")
		for _, node := range c.nodes {
			c.dead(a, one.Cookie(), node)
			c.dead(a, two.Cookie(), node)
		}
		c.want(zoe.Get(page(a, "/members")), http.StatusOK, "")
		c.SignIn(marc.Email)
	})
}

// dead checks that a session opens nothing on a node.
func (c *cluster) dead(o apptest.Org, cookie *http.Cookie, n *apptest.Server) {
	c.t.Helper()
	if a := c.stolen(n, cookie).Get(page(o, "/members")); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/login") {
		c.t.Errorf("the page: %d %s", a.Status, a.Location)
	}
	c.want(c.stolen(n, cookie).Get("/api/v1/me"), http.StatusUnauthorized, "access.unauthenticated")
}

// SES-05, SEC-5, AUZ-11: who leaves an organisation finds nothing there at the next
// request, in no tab and on no node, goes on elsewhere, and leaves nothing that
// works behind: neither the token they made nor the invitation they sent. Coming
// back does not revive the token.
func TestSES05(t *testing.T) {
	eachCluster(t, func(t *testing.T, c *cluster) {
		a, b := c.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example"), c.NewOrg("Pharmacie du Port", "yann.le@port.example")
		marc := c.administrator(a, "marc.petit@lilas.example")
		c.administrator(b, marc.Email)
		browser, own := c.SignIn(marc.Email), c.personToken(marc)
		made := c.madeToken(browser, a)
		here, there := c.surfaces(a, browser, own, made), c.surfaces(b, browser, own, c.madeToken(browser, b))
		var report struct{ Lines []struct{ Fate string } }
		c.want(browser.Call(http.MethodPost, rest(a, "/invitations"), map[string]any{"emails": []string{"ines.roux@lilas.example"}}), http.StatusOK, "").
			JSON(t, &report)
		if report.Lines[0].Fate != "invited" {
			t.Fatalf("%+v", report)
		}
		link := c.Link(c.Mail("ines.roux@lilas.example"), "/activate/")
		c.open("before", here)

		c.want(browser.Post(page(a, "/leave"), nil), http.StatusSeeOther, "")
		c.shut("left", here)
		c.open("left, the other", there)
		for _, node := range c.nodes {
			c.want(c.through(node, browser).Post(page(a, "/sites/new"), url.Values{"name": {"Pris"}}), http.StatusNotFound, "")
			c.want(c.through(node, made).Call(http.MethodPost, rest(a, "/sites"), map[string]any{"name": "Pris"}), http.StatusUnauthorized, "api.token_invalid")
			c.want(c.through(node, browser).Call(http.MethodDelete, "/api/v1/me/organizations/"+a.ID.String(), nil), http.StatusNotFound, "")
		}
		guest := c.Browser()
		guest.Get(link)
		c.want(guest.Get("/activate"), http.StatusGone, "")
		if n := c.rows(`select count(*) from standing where org_id = $1 and account_id = $2`, a.ID, marc.Account); n != 0 {
			t.Errorf("%d rights are left", n)
		}

		back := c.administrator(a, marc.Email)
		if back.Member == marc.Member {
			t.Error("the membership that ended lives again")
		}
		c.open("back", here[:5])
		c.shut("back", here[5:])
	})
}

// ORG-1: one session, two organisations in two tabs at once, each with its own
// address: neither ever shows or changes what belongs to the other.
func TestORG1(t *testing.T) {
	eachCluster(t, func(t *testing.T, c *cluster) {
		a, b := c.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example"), c.NewOrg("Escale du Port", "yann.legall@port.example")
		marc := c.administrator(a, "marc.petit@lilas.example")
		c.administrator(b, marc.Email)
		browser := c.SignIn(marc.Email)
		var tabs sync.WaitGroup
		for n := range 12 {
			tab := c.through(c.nodes[n%len(c.nodes)], browser)
			tabs.Go(func() {
				shows(t, tab.Get(page(a, "/members")), "Cabinet des Lilas", "Martin", "Escale", "Legall")
				shows(t, tab.Get(page(a, "/sites")), "Cabinet des Lilas", "Siège", "Escale", "Port-")
			})
			tabs.Go(func() {
				shows(t, tab.Get(page(b, "/members")), "Escale du Port", "Legall", "Cabinet", "Martin")
				a := tab.Call(http.MethodPost, rest(b, "/sites"), map[string]any{"name": "Port-" + string(rune('a'+n))})
				if a.Status != http.StatusCreated {
					t.Errorf("a site of the second: %d %s", a.Status, a.Body)
				}
			})
		}
		tabs.Wait()
		if n, m := c.rows(`select count(*) from site where org_id = $1`, a.ID), c.rows(`select count(*) from site where org_id = $1`, b.ID); n != 1 || m != 13 {
			t.Errorf("%d and %d sites", n, m)
		}
	})
}

// shows checks that a page holds two texts and not the two others.
func shows(t *testing.T, a apptest.Answer, yes1, yes2, no1, no2 string) {
	t.Helper()
	main := a.Body
	if _, after, ok := strings.Cut(a.Body, "<main"); ok {
		main = after // the menu may name the person's other organisations
	}
	if a.Status != http.StatusOK || !strings.Contains(a.Body, yes1) || !strings.Contains(main, yes2) {
		t.Errorf("%d, without %q or %q", a.Status, yes1, yes2)
	}
	if strings.Contains(main, no1) || strings.Contains(main, no2) {
		t.Errorf("it shows %q or %q", no1, no2)
	}
}
