package web_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/directory"
	"habilis/internal/member"
	"habilis/internal/store"
	"habilis/internal/text"
	"habilis/internal/web"
)

// register is a directory in memory: it answers as one of the national directory does.
type register struct {
	down   bool
	people []directory.Practitioner
}

var asOf = time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)

func (r *register) find(match func(directory.Practitioner) bool) (directory.Answer, error) {
	if r.down {
		return directory.Answer{}, directory.ErrUnavailable
	}
	a := directory.Answer{Origin: directory.FromIndex, AsOf: asOf}
	for _, p := range r.people {
		if match(p) {
			a.Practitioners = append(a.Practitioners, p)
		}
	}
	return a, nil
}

func (r *register) ByRPPS(_ context.Context, rpps string) (directory.Answer, error) {
	return r.find(func(p directory.Practitioner) bool { return p.RPPS == rpps })
}

func (r *register) ByName(_ context.Context, n directory.Name) (directory.Answer, error) {
	return r.find(func(p directory.Practitioner) bool {
		names := text.Fold(p.GivenName + " " + p.FamilyName)
		for _, word := range text.FoldWords(n.Words) {
			if !strings.Contains(names, word) {
				return false
			}
		}
		return n.City == "" || slices.ContainsFunc(p.Activities, func(a directory.Activity) bool {
			return a.Structure.PostalCode == n.City || text.Fold(a.Structure.City) == text.Fold(n.City)
		})
	})
}

// The practitioners of the tests; their numbers have a right key and are nobody's.
const (
	aicha    = "99700004122"
	boubacar = "99700020870"
	ninety9  = "99700000013"
)

func sample() *register {
	place := func(name, code, city string) directory.Structure {
		return directory.Structure{Name: name, Street: "12 rue des Tilleuls", PostalCode: code, City: city}
	}
	midwife, physio := directory.Code{Code: "50", Label: "Sage-femme"}, directory.Code{Code: "70", Label: "Masseur-kinésithérapeute"}
	return &register{people: []directory.Practitioner{
		{RPPS: aicha, NationalID: "8" + aicha, Active: true, Civility: "MME", FamilyName: "Diallo", GivenName: "Aïcha",
			MSSante: []string{"aicha.diallo@pro.mssante.fr"}, Activities: []directory.Activity{{ID: "a1", Profession: midwife, Structure: place("Cabinet Diallo", "35140", "Saint-Aubin")}}},
		{RPPS: boubacar, NationalID: "8" + boubacar, Active: true, Civility: "M", FamilyName: "Diallo", GivenName: "Boubacar", Activities: []directory.Activity{
			{ID: "b1", Profession: physio, Structure: place("Centre hospitalier", "35140", "Saint-Aubin")},
			{ID: "b2", Profession: physio, Structure: place("Cabinet du Port", "35400", "Saint-Malo")},
		}},
		{RPPS: ninety9, NationalID: "8" + ninety9, Active: true, FamilyName: "Roche", GivenName: "Lise", Activities: []directory.Activity{
			{ID: "n1", Profession: directory.Code{Code: "99", Label: "Autre professionnel"}, Structure: place("CPTS", "35140", "Saint-Aubin")},
		}},
	}}
}

// search serves the same installation with this directory behind its pages.
func (w *world) search(s directory.Source) {
	w.Helper()
	a := w.app.App
	server := httptest.NewServer((&web.Server{
		Run: a.Runner, Orgs: a.Orgs, Accounts: a.Accounts, Roles: a.Roles, Settings: a.Settings, Sessions: a.Sessions, Members: a.Members, SiteRemovals: a.SiteRemovals,
		Invitations: a.Invitations, Enrolments: a.Enrolments, Logins: a.Logins, Drafts: a.Drafts, Tokens: a.Tokens,
		Journal: a.Journal, Alerts: a.Alerts, Resources: a.Resources, Grants: a.Grants, Groups: a.Groups, Delegations: a.Delegations,
		Insight: a.Insight, Decided: a.Decided, Approvals: a.Approvals, Dossiers: a.Dossiers, Documents: a.Documents,
		Registrations: a.Registrations, Messages: a.Messages, Imports: a.Imports, WorkItems: a.WorkItems, Webhooks: a.Webhooks, Departures: a.Departures, People: a.People, Retentions: a.Retentions, Exits: a.Exits, Reviews: a.Reviews, Replacements: a.Replacements, Preferences: a.Preferences,
		Directory: directory.Directory{Source: s, Run: a.Runner},
		BaseURL:   w.url, Log: a.Log, Address: func(*http.Request) string { return "192.0.2.7" },
		RequestID: func(*http.Request) string { return rand.Text() },
	}).Handler())
	w.Cleanup(server.Close)
	var err error
	if w.url, err = url.Parse(server.URL); err != nil {
		w.Fatal(err)
	}
}

// creation is a browser in the middle of «Nouvel utilisateur».
type creation struct {
	*browser
	at string // address of the draft's steps
}

// create begins the creation of a profile.
func (w *world) create(b *browser, kind member.ProfileType) creation {
	w.Helper()
	begin := b.get("/o/tilleuls/members/new").form("/members/new")
	begin.Set("type", string(kind))
	p := b.post("/o/tilleuls/members/new", begin)
	at, found := strings.CutSuffix(p.header.Get("Location"), "/profile")
	if !found {
		w.Fatalf("begun: %d %s", p.status, p.text())
	}
	return creation{b, at}
}

// send fills fields of a step in, and presses one of its buttons.
func (c creation) send(step, do string, fields map[string]string) *page {
	c.w.Helper()
	f := c.get(c.at + "/" + step).form("/" + step)
	f.Set("do", do)
	for name, value := range fields {
		f.Del(name)
		if value != "" {
			f.Set(name, value)
		}
	}
	return c.post(c.at+"/"+step, f)
}

// leads fails the test unless the answer leads to a step.
func (c creation) leads(p *page, step string) {
	c.w.Helper()
	p.answers(303)
	if got, _, _ := strings.Cut(p.header.Get("Location"), "#"); got != c.at+"/"+step {
		c.w.Errorf("%s leads to %s, not to %s", p.path, got, step)
	}
}

// one reads the one row of a query on an organisation.
func (w *world) one(query string, org any, to ...any) {
	w.Helper()
	w.read(func(ctx context.Context, tx *store.Tx) error { return tx.QueryRow(ctx, query, org).Scan(to...) })
}

func eachCreation(t *testing.T, fn func(w *world, r *register)) {
	t.Helper()
	each(t, func(w *world) {
		r := sample()
		w.search(r)
		fn(w, r)
	})
}

// contact sends the step «Contact», and the three after it as they stand.
func (c creation) contact(fields map[string]string) {
	c.w.Helper()
	c.leads(c.send("contact", "next", fields), "agendas")
	c.leads(c.send("agendas", "next", nil), "messaging")
	c.leads(c.send("messaging", "next", nil), "settings")
	c.leads(c.send("settings", "next", nil), "check-answers")
}
