package apptest_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/apptest"
	"habilis/internal/decision"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/resource"
	"habilis/internal/role"
)

func (d *decisions) why(by access.Actor, subject ident.Member, action, typ, id string, at time.Time) (decision.Reasoned, error) {
	return d.s.App.Insight.Why(d.Context(), by, d.a.ID, decision.Question{
		Subject: decision.Entity{ID: subject.String()}, Action: action, Resource: decision.Entity{Type: typ, ID: id}, At: at,
	})
}

func as(p apptest.Person) access.Actor { return access.Actor{Kind: access.Person, Account: p.Account} }

// RGT-9, RGT-10: «Pourquoi ?» says the chain of facts with names, now and at a past
// moment, and for a refusal the smallest change.
func TestWhy(t *testing.T) {
	eachDecisions(t, apptest.Options{}, func(d *decisions) {
		agenda := d.agenda["a"].ID.String()
		before := d.s.App.DB.Now()
		d.s.Clock.Add(time.Hour)
		d.level(d.a, d.julie.Member, d.agenda["a"], grant.Read)
		w, err := d.why(as(d.a.Admin), d.julie.Member, "read", "agenda", agenda, time.Time{})
		if err != nil || !w.Allowed || w.Names[agenda] != "Accueil" || w.Code != decision.GrantAgenda || len(w.Facts) == 0 {
			d.Fatalf("%+v %v", w, err)
		}
		if w, err = d.why(as(d.a.Admin), d.julie.Member, "manage", "agenda", agenda, time.Time{}); err != nil || w.Allowed || w.Fix == nil || w.Fix.Level != "manage" {
			d.Errorf("a refusal: %+v %v", w, err)
		}
		if w, err = d.why(as(d.a.Admin), d.julie.Member, "read", "agenda", agenda, before); err != nil || w.Allowed || w.Code != decision.LevelNone {
			d.Errorf("before: %+v %v", w, err)
		}
		// Of oneself one may ask; of others, who reads rights.
		if w, err = d.why(as(d.julie), d.julie.Member, "read", "agenda", agenda, time.Time{}); err != nil || !w.Allowed {
			d.Errorf("of oneself: %+v %v", w, err)
		}
		if _, err = d.why(as(d.julie), d.a.Admin.Member, "read", "agenda", agenda, time.Time{}); !errors.Is(err, access.ErrForbidden) {
			d.Errorf("of another, without the right: %v", err)
		}
		for what, id := range map[string]ident.Member{"of B": d.odile.Member, "at random": ident.NewMember()} { // AUZ-01, ENU-03
			if _, err = d.why(as(d.a.Admin), id, "read", "agenda", agenda, time.Time{}); !errors.Is(err, decision.ErrMember) {
				d.Errorf("a member %s: %v", what, err)
			}
			if _, err = d.s.App.Insight.Rights(d.Context(), as(d.a.Admin), d.a.ID, id, time.Time{}); !errors.Is(err, decision.ErrMember) {
				d.Errorf("the rights of a member %s: %v", what, err)
			}
		}
		if _, err = d.why(as(d.a.Admin), d.julie.Member, "read", "agenda", d.agenda["b"].ID.String(), time.Time{}); !errors.Is(err, resource.ErrNotFound) {
			d.Errorf("an agenda of B: %v", err)
		}
	})
}

// AUZ-06: who reads rights at one site learns nothing of the agendas and members of another.
func TestWhyAtOneSite(t *testing.T) {
	eachDecisions(t, apptest.Options{}, func(d *decisions) {
		site, err := d.s.App.Members.CreateSite(d.Context(), apptest.Operator, member.NewSite{Org: d.a.ID, Details: org.SiteDetails{Name: "Annexe"}, Members: []ident.Member{d.a.Admin.Member}})
		if err != nil {
			d.Fatal(err)
		}
		tina := d.s.NewMember(d.a, "tina@a.example", role.Administrator, access.SiteScope(d.a.ID, d.a.Site))
		there, err := d.s.App.Resources.Create(d.Context(), apptest.Operator, d.a.ID, resource.Agenda,
			resource.Details{Site: site.ID, Kind: resource.OfService, Name: "Annexe"})
		if err != nil {
			d.Fatal(err)
		}
		elsewhere := d.s.NewMember(apptest.Org{ID: d.a.ID, Slug: d.a.Slug, Site: site.ID, Admin: d.a.Admin}, "nora@a.example", role.Reader, access.SiteScope(d.a.ID, site.ID))
		d.level(d.a, d.julie.Member, there, grant.Read)
		d.level(d.a, d.julie.Member, d.agenda["a"], grant.Read)
		if _, err := d.why(as(tina), d.julie.Member, "read", "agenda", there.ID.String(), time.Time{}); !errors.Is(err, resource.ErrNotFound) {
			d.Errorf("an agenda of another site: %v", err)
		}
		if _, err := d.why(as(tina), elsewhere.Member, "read", "agenda", d.agenda["a"].ID.String(), time.Time{}); !errors.Is(err, decision.ErrMember) {
			d.Errorf("a member of another site: %v", err)
		}
		r, err := d.s.App.Insight.Rights(d.Context(), as(tina), d.a.ID, d.julie.Member, time.Time{})
		if err != nil || len(r.Agendas) != 1 || r.Agendas[0].Resource.ID != d.agenda["a"].ID.String() {
			d.Errorf("rights as %+v %v", r.Agendas, err)
		}
		c, err := d.s.App.Insight.Choices(d.Context(), as(tina), d.a.ID, "agenda", "")
		if err != nil || len(c.Things) != 1 || len(c.People) != 3 {
			d.Errorf("choices %+v %v", c, err)
		}
		if _, err := d.s.App.Insight.Viewers(d.Context(), as(tina), d.a.ID, "1", time.Time{}); !errors.Is(err, access.ErrForbidden) {
			d.Errorf("records have no site: %v", err)
		}
	})
}

// RGT-10: all rights of a member with the source of each, now and at a past date; and who
// sees a record (RGT-7).
func TestRightsAndViewers(t *testing.T) {
	eachDecisions(t, apptest.Options{}, func(d *decisions) {
		before := d.s.App.DB.Now()
		d.s.Clock.Add(time.Hour)
		d.level(d.a, d.julie.Member, d.agenda["a"], grant.Manage)
		d.level(d.a, d.julie.Member, d.mailbox["a"], grant.Reply)
		r, err := d.s.App.Insight.Rights(d.Context(), as(d.a.Admin), d.a.ID, d.julie.Member, time.Time{})
		if err != nil || len(r.Roles) != 1 || r.Roles[0].Name != decision.BuiltIn+role.Secretary || len(r.Roles[0].Acts) == 0 ||
			len(r.Agendas) != 1 || r.Agendas[0].Level != "manage" || len(r.Messaging) != 1 || r.Away != "" {
			d.Errorf("%+v %v", r, err)
		}
		if r, err = d.s.App.Insight.Rights(d.Context(), as(d.a.Admin), d.a.ID, d.julie.Member, before); err != nil || len(r.Agendas) != 0 || len(r.Roles) != 1 {
			d.Errorf("before: %+v %v", r, err)
		}
		nurse := d.s.NewMember(d.a, "nina@a.example", role.Practitioner, access.OrgScope(d.a.ID))
		v, err := d.s.App.Insight.Viewers(d.Context(), as(d.a.Admin), d.a.ID, "R-1", time.Time{})
		if err != nil || !v.Unlisted || !holds(v, nurse.Member) || holds(v, d.odile.Member) {
			d.Errorf("of an unlisted record: %+v %v", v, err)
		}
		for _, m := range v.Members { // each answer is the one that an application gets
			q := asked(m.ID.String(), "read", "patient_record", "R-1")
			d.want("a viewer", q, true, string(m.Code))
		}
		if v, err = d.s.App.Insight.Viewers(d.Context(), as(d.a.Admin), d.a.ID, "R-1", before); err != nil || holds(v, nurse.Member) {
			d.Errorf("before: %+v %v", v, err)
		}
	})
}

func holds(v decision.Viewers, id ident.Member) bool {
	for _, m := range v.Members {
		if m.ID == id {
			return true
		}
	}
	return false
}

// The pages: the answer in words, its mistakes on the page, and the policy of connections,
// which refuses a network that is none.
func TestWhyPages(t *testing.T) {
	eachDecisions(t, apptest.Options{}, func(d *decisions) {
		d.level(d.a, d.julie.Member, d.agenda["a"], grant.Read)
		c := d.s.SignIn(d.a.Admin.Email)
		base, julie := "/o/"+d.a.Slug, d.julie.Member.String()
		q := url.Values{"type": {"agenda"}, "member": {julie}, "act": {"manage"}, "on": {d.agenda["a"].ID.String()}}
		for path, pieces := range map[string][]string{
			"/access/why?" + q.Encode():                   {"Le niveau de cette personne est trop bas", "Niveau Lecture sur Accueil", "Donnez un niveau plus élevé"},
			"/members/" + julie + "/access":               {"Accueil", "Lecture", "Secrétariat"},
			"/members/" + julie + "/access?at=2020-01-01": {"Aucun agenda à cette date"},
			"/access/records?record=R-1":                  {"dans aucun groupe d’accès"},
			"/settings/decisions":                         {"Exiger un second facteur"},
		} {
			a := c.Get(base + path)
			for _, piece := range pieces {
				if a.Status != 200 || !strings.Contains(a.Body, piece) {
					d.Errorf("%s: %d, no %q", path, a.Status, piece)
				}
			}
		}
		for field, value := range map[string]string{"date": "2999-01-01", "time": "25:00", "member": string(ident.NewMember()), "on": d.agenda["b"].ID.String()} {
			bad := url.Values{}
			for k, v := range q {
				bad[k] = v
			}
			bad.Set(field, value)
			if a := c.Get(base + "/access/why?" + bad.Encode()); a.Status != 422 && a.Status != 404 {
				d.Errorf("%s=%s: %d", field, value, a.Status)
			}
		}
		form := url.Values{"version": {"0"}, "second_factor": {"1"}, "networks": {"10.1.0.0/16\nnowhere"}, "password": {apptest.Password}}
		if a := c.Post(base+"/settings/decisions", form); a.Status != 422 || !strings.Contains(a.Body, "nowhere") || !strings.Contains(a.Body, "10.1.0.0/16") {
			d.Errorf("a network that is none: %d", a.Status)
		}
		form.Set("networks", "10.1.0.0/16, 192.0.2.15")
		if a := c.Post(base+"/settings/decisions", form); a.Status != 303 {
			d.Errorf("saving: %d", a.Status)
		}
		if a := c.Get(base + "/settings"); !strings.Contains(a.Body, "10.1.0.0/16, 192.0.2.15") {
			d.Error("the page of settings does not say the networks")
		}
		if a := c.Post(base+"/settings/decisions", form); a.Status != 412 {
			d.Errorf("from an old version: %d", a.Status)
		}
		if a := d.s.SignIn(d.julie.Email).Get(base + "/settings/decisions"); a.Status != 403 {
			d.Errorf("without security.edit: %d", a.Status)
		}
	})
}
