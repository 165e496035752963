package apptest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/app"
	"habilis/internal/apptest"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/resource"
	"habilis/internal/role"
	"habilis/internal/setting"
	"habilis/internal/token"
)

// decisions is two organisations, an agenda and a mailbox in each, and an application of
// the first that may ask for decisions.
type decisions struct {
	*testing.T
	s        *apptest.Server
	a, b     apptest.Org
	julie    apptest.Person // of a, a secretary
	odile    apptest.Person // of b
	agenda   map[string]resource.Resource
	mailbox  map[string]resource.Resource
	identity map[string]resource.Resource
	app      *apptest.Client
}

func eachDecisions(t *testing.T, o apptest.Options, fn func(d *decisions)) {
	t.Helper()
	apptest.EachWith(t, o, func(t *testing.T, s *apptest.Server) {
		t.Helper()
		d := &decisions{T: t, s: s, agenda: map[string]resource.Resource{}, mailbox: map[string]resource.Resource{}, identity: map[string]resource.Resource{}}
		d.a, d.b = s.NewOrg("A", "claire@a.example"), s.NewOrg("B", "olga@b.example")
		d.julie = s.NewMember(d.a, "julie@a.example", role.Secretary, access.SiteScope(d.a.ID, d.a.Site))
		d.odile = s.NewMember(d.b, "odile@b.example", role.Secretary, access.SiteScope(d.b.ID, d.b.Site))
		for name, in := range map[string]apptest.Org{"a": d.a, "b": d.b} {
			d.agenda[name] = d.create(in, resource.Agenda)
			d.mailbox[name] = d.create(in, resource.MessagingProfile)
			d.identity[name] = d.create(in, resource.Identity)
		}
		d.app = s.Token(d.a, access.DecisionsAsk)
		fn(d)
	})
}

func (d *decisions) create(in apptest.Org, t resource.Type) resource.Resource {
	d.Helper()
	r, err := d.s.App.Resources.Create(d.Context(), apptest.Operator, in.ID, t, resource.Details{Site: in.Site, Kind: resource.OfService, Name: "Accueil"})
	if err != nil {
		d.Fatal(err)
	}
	return r
}

func (d *decisions) level(in apptest.Org, to ident.Member, on resource.Resource, l grant.Level) {
	d.Helper()
	_, err := d.s.App.Grants.Apply(d.Context(), apptest.Operator, in.ID, grant.Wanted{Changes: []grant.Change{{Member: to, Resource: on.ID, Level: l}}})
	if err != nil {
		d.Fatal(err)
	}
}

type entity struct {
	Type       string         `json:"type"`
	ID         string         `json:"id,omitempty"`
	Properties map[string]any `json:"properties,omitempty"`
}

type ask struct {
	Subject  entity            `json:"subject"`
	Action   map[string]string `json:"action,omitempty"`
	Resource entity            `json:"resource"`
	Context  map[string]any    `json:"context,omitempty"`

	Evaluations []map[string]any `json:"evaluations,omitempty"`
}

type said struct {
	Decision bool
	Context  struct {
		Code    string
		Fix     *struct{ Code string }
		Ignored []string
		Version int64
		Reason  map[string]string `json:"reason_user"`
	}
	Evaluations []said
	Results     []map[string]string
}

func asked(subject, action, typ, id string) ask {
	q := ask{Subject: entity{Type: "member", ID: subject}, Resource: entity{Type: typ, ID: id}}
	if action != "" {
		q.Action = map[string]string{"name": action}
	}
	return q
}

// ask posts a question as a program.
func (d *decisions) ask(c *apptest.Client, path string, q any) said {
	d.Helper()
	a := c.Call(http.MethodPost, "/access/v1/"+path, q)
	if a.Status != http.StatusOK {
		d.Fatalf("%s: %d %s", path, a.Status, a.Body)
	}
	var s said
	if err := json.Unmarshal([]byte(a.Body), &s); err != nil {
		d.Fatalf("%v: %s", err, a.Body)
	}
	return s
}

func (d *decisions) want(what string, q ask, allowed bool, code string) said {
	d.Helper()
	s := d.ask(d.app, "evaluation", q)
	if s.Decision != allowed || s.Context.Code != code || s.Context.Reason["fr"] == "" || strings.Contains(s.Context.Reason["fr"], "⟦") {
		d.Errorf("%s: %v %s, want %v %s", what, s.Decision, s.Context.Code, allowed, code)
	}
	return s
}

// AUZ-07: whoever sees free and busy sees no more, by whichever way it is asked.
func TestAttackLevelConfusion(t *testing.T) {
	eachDecisions(t, apptest.Options{}, func(d *decisions) {
		me, agenda := d.julie.Member.String(), d.agenda["a"].ID.String()
		d.level(d.a, d.julie.Member, d.agenda["a"], grant.Availability)
		d.want("free and busy", asked(me, "view_availability", "agenda", agenda), true, "grant.agenda")
		d.want("details", asked(me, "read", "agenda", agenda), false, "level.too_low")
		d.want("management", asked(me, "manage", "agenda", agenda), false, "level.too_low")
		d.want("another spelling", asked(me, "READ", "agenda", agenda), false, "unknown.action")
		batch := asked(me, "", "agenda", agenda)
		for _, action := range []string{"manage", "view_availability", "read"} {
			batch.Evaluations = append(batch.Evaluations, map[string]any{"action": map[string]string{"name": action}})
		}
		s := d.ask(d.app, "evaluations", batch)
		if len(s.Evaluations) != 3 || s.Evaluations[0].Decision || !s.Evaluations[1].Decision || s.Evaluations[2].Decision {
			d.Errorf("in a batch: %+v", s.Evaluations)
		}
		for action, want := range map[string]int{"view_availability": 1, "read": 0, "manage": 0} {
			if s := d.ask(d.app, "search/resource", asked(me, action, "agenda", "")); len(s.Results) != want {
				d.Errorf("search of agendas to %s: %v", action, s.Results)
			}
			if s := d.ask(d.app, "search/subject", asked("", action, "agenda", agenda)); len(s.Results) != want {
				d.Errorf("search of people to %s: %v", action, s.Results)
			}
		}
		if s := d.ask(d.app, "search/action", asked(me, "", "agenda", agenda)); len(s.Results) != 1 || s.Results[0]["name"] != "view_availability" {
			d.Errorf("search of actions: %v", s.Results)
		}
	})
}

// AUZ-08: a delegation to send in a name opens nothing of the mailbox.
func TestAttackProfileLevel(t *testing.T) {
	eachDecisions(t, apptest.Options{}, func(d *decisions) {
		me, mailbox, identity := d.julie.Member.String(), d.mailbox["a"].ID.String(), d.identity["a"].ID.String()
		_, err := d.s.App.Delegations.Give(d.Context(), apptest.Operator, d.a.ID, grant.NewDelegations{
			Identities: []resource.ID{d.identity["a"].ID}, Member: d.julie.Member, Acts: []grant.Act{"send"},
		})
		if err != nil {
			d.Fatal(err)
		}
		d.want("sending", asked(me, "send", "identity", identity), true, "delegation.active")
		d.want("receiving", asked(me, "receive", "identity", identity), false, "delegation.none")
		for _, action := range []string{"read", "reply", "manage"} {
			d.want(action, asked(me, action, "messaging_profile", mailbox), false, "level.none")
		}
		d.want("the identity as a mailbox", asked(me, "read", "messaging_profile", identity), false, "unknown.resource")
		if s := d.ask(d.app, "search/resource", asked(me, "read", "messaging_profile", "")); len(s.Results) != 0 {
			d.Errorf("mailboxes: %v", s.Results)
		}
		if s := d.ask(d.app, "search/action", asked(me, "", "messaging_profile", mailbox)); len(s.Results) != 0 {
			d.Errorf("acts on the mailbox: %v", s.Results)
		}
	})
}

// AUZ-13: an application of A learns nothing of B, whichever way it names it, and what it
// says of a person adds no right. ENU-03: what is B's is answered like what is nobody's.
func TestAttackSubjectSpoof(t *testing.T) {
	eachDecisions(t, apptest.Options{}, func(d *decisions) {
		d.level(d.b, d.odile.Member, d.agenda["b"], grant.Manage)
		d.level(d.a, d.julie.Member, d.agenda["a"], grant.Read)
		julie, odile, a, b := d.julie.Member.String(), d.odile.Member.String(), d.agenda["a"].ID.String(), d.agenda["b"].ID.String()
		d.want("one's own", asked(julie, "read", "agenda", a), true, "grant.agenda")
		for _, c := range []struct {
			what, subject, resource, random, code string
		}{
			{"both of B", odile, b, string(ident.NewMember()), "unknown.subject"},
			{"a subject of B", odile, a, string(ident.NewMember()), "unknown.subject"},
			{"a resource of B", julie, b, "", "unknown.resource"},
		} {
			theirs := d.want(c.what, asked(c.subject, "read", "agenda", c.resource), false, c.code)
			subject, object := c.subject, string(ident.NewAgenda())
			if c.random != "" {
				subject, object = c.random, c.resource
			}
			nobodys := d.want(c.what+", at random", asked(subject, "read", "agenda", object), false, c.code)
			if theirs.Context.Version != nobodys.Context.Version || theirs.Context.Fix != nil || nobodys.Context.Fix != nil {
				d.Errorf("%s is not answered like a random one: %+v %+v", c.what, theirs, nobodys)
			}
		}
		d.want("an organisation", asked(julie, "members.read", "organization", d.b.ID.String()), false, "unknown.resource")
		d.want("a site", asked(julie, "members.read", "site", d.b.Site.String()), false, "unknown.resource")
		d.want("an unknown type", asked(julie, "read", "spaceship", a), false, "unknown.resource")
		robot := asked(julie, "read", "agenda", a)
		robot.Subject.Type = "robot"
		d.want("an unknown type of subject", robot, false, "unknown.subject")

		boss := asked(julie, "manage", "agenda", a)
		boss.Context = map[string]any{"role": "admin", "second_factor": true, "ip": "10.0.0.1"}
		boss.Subject.Properties = map[string]any{"role": "administrator", "level": "manage", "function": "physician"}
		boss.Resource.Properties = map[string]any{"holder": julie}
		if s := d.want("what the caller says", boss, false, "level.too_low"); !slices.Equal(s.Context.Ignored, []string{"context.ip", "context.second_factor"}) {
			d.Errorf("ignored: %v", s.Context.Ignored)
		}
		person := ask{Subject: entity{"account", d.odile.Account.String(), map[string]any{"organization": d.b.ID.String()}}, Resource: entity{Type: "agenda", ID: b},
			Action: map[string]string{"name": "read"}}
		d.want("a person of B", person, false, "unknown.subject")
		person.Subject = entity{"account", d.julie.Account.String(), map[string]any{"organization": d.b.ID.String()}}
		person.Resource.ID = a
		d.want("a person of A, said to be of B", person, false, "unknown.subject")
		person.Subject.Properties = map[string]any{"organization": d.a.ID.String()}
		d.want("a person of A", person, true, "grant.agenda")

		mixed := asked(julie, "read", "agenda", a)
		mixed.Evaluations = []map[string]any{{}, {"resource": entity{Type: "agenda", ID: b}}, {"subject": entity{Type: "member", ID: odile}}}
		s := d.ask(d.app, "evaluations", mixed)
		if len(s.Evaluations) != 3 || !s.Evaluations[0].Decision || s.Evaluations[1].Decision || s.Evaluations[2].Decision {
			d.Errorf("mixed: %+v", s.Evaluations)
		}
		for path, q := range map[string]ask{
			"search/subject": asked("", "read", "agenda", b), "search/resource": asked(odile, "read", "agenda", ""), "search/action": asked(odile, "", "agenda", b),
		} {
			if s := d.ask(d.app, path, q); len(s.Results) != 0 {
				d.Errorf("%s of B: %v", path, s.Results)
			}
		}
	})
}

// rest.md: who may ask. A person's own token asks where they hold decisions.ask.
func TestWhoMayAskForDecisions(t *testing.T) {
	eachDecisions(t, apptest.Options{}, func(d *decisions) {
		q := asked(d.julie.Member.String(), "read", "agenda", d.agenda["a"].ID.String())
		status := func(c *apptest.Client, q any) (int, string) {
			a := c.Call(http.MethodPost, "/access/v1/evaluation", q)
			var p struct{ Code string }
			if err := json.Unmarshal([]byte(a.Body), &p); err != nil {
				d.Fatal(err)
			}
			return a.Status, p.Code
		}
		own := func(p apptest.Person) *apptest.Client {
			by := access.Actor{Kind: access.Person, Account: p.Account, StepUp: d.s.App.DB.Now()}
			made, err := d.s.App.Tokens.Make(d.Context(), by, token.New{Kind: token.OfPerson, Account: p.Account, Name: "x"})
			if err != nil {
				d.Fatal(err)
			}
			c := d.s.Browser()
			c.Header.Set("Authorization", "Bearer "+made.Secret.Reveal())
			return c
		}
		for _, c := range []struct {
			who    string
			client *apptest.Client
			status int
			code   string
		}{
			{"nobody", d.s.Browser(), 401, "access.unauthenticated"},
			{"a signed-in browser", d.s.SignIn(d.a.Admin.Email), 401, "access.unauthenticated"},
			{"a token without the right", d.s.Token(d.a, access.MembersRead), 403, "access.forbidden"},
			{"the platform", d.s.PlatformToken(), 403, "access.forbidden"},
			{"a secretary", own(d.julie), 403, "access.forbidden"},
			{"an administrator", own(d.a.Admin), 200, ""},
		} {
			if got, code := status(c.client, q); got != c.status || code != c.code {
				d.Errorf("%s: %d %s, want %d %s", c.who, got, code, c.status, c.code)
			}
		}
		elsewhere := q
		elsewhere.Subject.Properties = map[string]any{"organization": d.b.ID.String()}
		if got, code := status(own(d.a.Admin), elsewhere); got != 403 || code != "access.forbidden" {
			d.Errorf("an administrator of A about B: %d %s", got, code)
		}
		if _, err := d.s.App.Orgs.Suspend(context.Background(), apptest.Operator, d.a.ID, "essai"); err != nil {
			d.Fatal(err)
		}
		if got, code := status(d.app, q); got != 403 || code != "org.suspended" {
			d.Errorf("a suspended organisation: %d %s", got, code)
		}
	})
}

// rest.md: the fix is for callers who may know of it; address and second factor are used
// when the policy asks, from trusted tokens.
func TestFixAndPolicy(t *testing.T) {
	eachDecisions(t, apptest.Options{}, func(d *decisions) {
		q := asked(d.julie.Member.String(), "read", "agenda", d.agenda["a"].ID.String())
		if s := d.want("without rights.read", q, false, "level.none"); s.Context.Fix != nil {
			d.Error("a fix for somebody who may not know of it")
		}
		reader := d.s.Token(d.a, access.DecisionsAsk, access.RightsRead)
		if s := d.ask(reader, "evaluation", q); s.Context.Fix == nil || s.Context.Fix.Code != "give_level" {
			d.Errorf("with rights.read: %+v", s.Context)
		}
		d.level(d.a, d.julie.Member, d.agenda["a"], grant.Read)
		before := d.s.App.DB.Now()
		d.s.Clock.Add(time.Hour)
		_, err := d.s.App.Settings.SetDecisions(d.Context(), apptest.Operator, d.a.ID, 0, setting.Decisions{
			SecondFactor: true, Networks: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")},
		})
		if err != nil {
			d.Fatal(err)
		}
		made, err := d.s.App.Tokens.Make(d.Context(), apptest.Operator, token.New{
			Kind: token.OfOrganization, Org: d.a.ID, Name: "t", Permissions: []access.Permission{access.DecisionsAsk}, Trusted: true,
		})
		if err != nil {
			d.Fatal(err)
		}
		trusted := d.s.Browser()
		trusted.Header.Set("Authorization", "Bearer "+made.Secret.Reveal())
		for _, c := range []struct {
			who     *apptest.Client
			context map[string]any
			allowed bool
			code    string
		}{
			{d.app, nil, false, "address.not_allowed"},
			{d.app, map[string]any{"ip": "10.1.2.3", "second_factor": true}, false, "address.not_allowed"},
			{trusted, nil, false, "address.not_allowed"},
			{trusted, map[string]any{"ip": "10.2.0.1", "second_factor": true}, false, "address.not_allowed"},
			{trusted, map[string]any{"ip": "10.1.2.3"}, false, "second_factor.required"},
			{trusted, map[string]any{"ip": "::ffff:10.1.2.3", "second_factor": true}, true, "grant.agenda"},
			{d.app, map[string]any{"at": before}, true, "grant.agenda"}, // before the policy
			{d.app, map[string]any{"at": before.Add(-time.Hour)}, false, "unknown.subject"},
			{trusted, map[string]any{"at": before.Add(24 * time.Hour)}, false, "moment.future"},
		} {
			q.Context = c.context
			if s := d.ask(c.who, "evaluation", q); s.Decision != c.allowed || s.Context.Code != c.code {
				d.Errorf("%v: %v %s, want %v %s", c.context, s.Decision, s.Context.Code, c.allowed, c.code)
			}
		}
	})
}

// AUZ-14: without its database the server permits nothing; it says 503 and false.
func TestAttackFailClosed(t *testing.T) {
	eachDecisions(t, apptest.Options{MayLog: []string{""}}, func(d *decisions) {
		q := asked(d.julie.Member.String(), "read", "agenda", d.agenda["a"].ID.String())
		d.level(d.a, d.julie.Member, d.agenda["a"], grant.Read)
		d.want("before", q, true, "grant.agenda")
		if err := d.s.App.DB.Close(); err != nil {
			d.Fatal(err)
		}
		for range 3 {
			a := d.app.Call(http.MethodPost, "/access/v1/evaluation", q)
			if a.Status != http.StatusServiceUnavailable || !strings.Contains(a.Body, `"decision":false`) {
				d.Errorf("%d %s", a.Status, a.Body)
			}
		}
	})
}

// The log of decisions, by REST and on its page; and the metadata behind the front.
func TestDecisionLogThroughTheServer(t *testing.T) {
	eachDecisions(t, apptest.Options{Config: func(c *app.Config) { c.DecisionsPerMinute = 10 }}, func(d *decisions) {
		q := asked(d.julie.Member.String(), "read", "agenda", d.agenda["a"].ID.String())
		d.want("a refusal", q, false, "level.none")
		if err := d.s.App.Decided.Flush(d.Context()); err != nil {
			d.Fatal(err)
		}
		a := d.s.Token(d.a, access.AuditRead).Call(http.MethodGet, "/api/v1/organizations/"+d.a.Slug+"/decision-log", nil)
		for _, piece := range []string{`"code":"level.none"`, `"name":"Accueil"`, `"caller_name":"essai"`, `"stands_for":1`, d.julie.Member.String()} {
			if a.Status != 200 || !strings.Contains(a.Body, piece) {
				d.Errorf("no %s in %d %s", piece, a.Status, a.Body)
			}
		}
		if a := d.app.Call(http.MethodGet, "/api/v1/organizations/"+d.a.Slug+"/decision-log", nil); a.Status != 403 {
			d.Errorf("without audit.read: %d", a.Status)
		}
		page := d.s.SignIn(d.a.Admin.Email).Get("/o/" + d.a.Slug + "/decision-log")
		if page.Status != 200 || !strings.Contains(page.Body, "Cette personne n’a aucun niveau ici") {
			d.Errorf("the page: %d\n%.2000s", page.Status, page.Body)
		}
		for range 8 {
			d.ask(d.app, "evaluation", q)
		}
		if a := d.app.Call(http.MethodPost, "/access/v1/evaluation", q, "X-Request-ID", "theirs"); a.Status != 200 || a.Header.Get("X-Request-ID") != "theirs" ||
			a.Header.Get("Cache-Control") != "no-store" || len(a.Header.Values("X-Request-ID")) != 1 {
			d.Errorf("%d %v", a.Status, a.Header)
		}
		if a := d.app.Call(http.MethodPost, "/access/v1/evaluation", q); a.Status != http.StatusTooManyRequests {
			d.Errorf("the eleventh of a minute: %d", a.Status)
		}
		if a := d.s.Browser().Get("/.well-known/authzen-configuration"); a.Status != 200 || !strings.Contains(a.Body, `"policy_decision_point":"`+d.s.URL+`"`) {
			d.Errorf("metadata: %d %s", a.Status, a.Body)
		}
	})
}
