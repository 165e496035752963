package app_test

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/apptest"
	"habilis/internal/role"
)

// Sign-ins and refusals are counted by verb and code, and name nobody.
func TestFiguresOfActs(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		o := s.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example")
		paul := s.NewMember(o, "paul.roy@lilas.example", role.Secretary, access.OrgScope(o.ID))
		before := counted(s, "login.sign_in", "")
		s.SignIn(paul.Email)
		for range 2 {
			s.Browser().Post("/login", url.Values{"email": {paul.Email}, "password": {"une phrase que personne n’a choisie"}})
		}
		if n := counted(s, "login.sign_in", "") - before; n != 1 {
			t.Errorf("%d sign-ins counted", n)
		}
		if n := counted(s, "login.sign_in", "login.refused"); n != 2 {
			t.Errorf("%d refusals counted", n)
		}
		for _, name := range []string{paul.Email, string(o.ID), o.Slug, string(paul.Account)} {
			if strings.Contains(s.App.Figures(), name) {
				t.Errorf("the figures name %s", name)
			}
		}
	})
}

// counted reads one figure of habilis_acts_total.
func counted(s *apptest.Server, verb, code string) int {
	of := regexp.MustCompile(`label:\{name:"code"\s+value:"` + code + `"\}\s+label:\{name:"verb"\s+value:"` + regexp.QuoteMeta(verb) +
		`"\}\s+counter:\{value:(\d+)`)
	m := of.FindStringSubmatch(s.App.Figures())
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return -1
	}
	return n
}
