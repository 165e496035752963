package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/directory"
	"habilis/internal/enrolment"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

var ctx = context.Background()

// register is a local index of the directory, by RPPS number.
type register map[string]directory.Practitioner

func (r register) ByRPPS(_ context.Context, rpps string) (directory.Answer, error) {
	if r == nil {
		return directory.Answer{}, directory.ErrUnavailable
	}
	a := directory.Answer{Origin: directory.FromIndex, AsOf: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)}
	if p, ok := r[rpps]; ok {
		a.Practitioners = []directory.Practitioner{p}
	}
	return a, nil
}

func (r register) ByName(context.Context, directory.Name) (directory.Answer, error) {
	return directory.Answer{}, errors.New("nobody asks")
}

// Numbers of the examples: a midwife whom the register knows, and another number.
const (
	midwife  = "99700004122"
	somebody = "99700366240"
)

// world is one organisation with two sites and its people; yves has an account elsewhere.
type world struct {
	*testing.T
	db     *store.DB
	i      Imports
	m      member.Members
	org    ident.Org
	sites  []ident.Site
	roles  map[string]ident.Role
	bruno  access.Actor // administers everything
	tina   access.Actor // administers the first site
	julie  access.Actor // a secretary there
	people map[string]ident.Member
}

// each runs a test on both engines.
func each(t *testing.T, fn func(w *world)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) { fn(newWorld(t, storetest.Open(t, e, storetest.Options{}))) })
	}
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	ring := secret.NewRing(db.Now())
	run := &action.Runner{DB: db, Ring: ring, Log: slog.New(slog.DiscardHandler)}
	w := &world{T: t, db: db, m: member.Members{Run: run}, roles: map[string]ident.Role{}, people: map[string]ident.Member{}}
	w.i = Imports{Run: run, Enrolments: enrolment.Enrolments{Run: run, Hasher: credential.NewHasher(ring)}, Index: register{midwife: {
		RPPS: midwife, Active: true, FamilyName: "DIALLO", GivenName: "Aïcha",
		Activities: []directory.Activity{{ID: "1", Profession: directory.Code{Code: "50", Label: "Sage-Femme"}}},
	}}}
	w.write(func(tx *store.Tx) {
		o, err := org.Insert(ctx, tx, org.New{Details: org.Details{Name: "Maison de santé des Tilleuls", Kind: org.Practice}})
		w.must(err)
		w.org, w.sites = o.ID, nil // what writes may run twice
		for _, name := range []string{"Saint-Aubin", "Grand-Pré"} {
			s, err := org.InsertSite(ctx, tx, w.org, org.SiteDetails{Name: name})
			w.must(err)
			w.sites = append(w.sites, s.ID)
		}
		w.must(role.Seed(ctx, tx, w.org))
		all, err := role.All(ctx, tx, w.org)
		w.must(err)
		for _, r := range all {
			w.roles[r.BuiltIn] = r.ID
		}
		first := access.SiteScope(w.org, w.sites[0])
		w.bruno = w.person(tx, "Bruno", "Lacaze", w.sites, role.Administrator, access.OrgScope(w.org))
		w.tina = w.person(tx, "Tina", "Moreau", w.sites[:1], role.Administrator, first)
		w.julie = w.person(tx, "Julie", "Delmas", w.sites[:1], role.Secretary, first)
		w.person(tx, "Loin", "Ailleurs", w.sites[1:], role.Secretary, access.SiteScope(w.org, w.sites[1]))
		w.account(tx, "yves@ailleurs.example", "Yves")
	})
	return w
}

func (w *world) account(tx *store.Tx, address, given string) account.Account {
	w.Helper()
	e, code := account.ParseEmail(address)
	if code != "" {
		w.Fatal(code)
	}
	a, err := account.Insert(ctx, tx, account.New{Email: e, Names: account.Names{GivenName: given, FamilyName: "Essai"}, Language: text.FR})
	w.must(err)
	w.must(account.TouchSignIn(ctx, tx, a.ID))
	a.LastSignInAt = tx.Now
	return a
}

func (w *world) person(tx *store.Tx, given, family string, sites []ident.Site, of string, at access.Scope) access.Actor {
	w.Helper()
	a := w.account(tx, strings.ToLower(given)+"@tilleuls.example", given)
	m, err := member.Insert(ctx, tx, member.New{
		Org: w.org, Account: a.ID, Status: member.Active, GivenName: given, FamilyName: family, Email: a.Email.Address, Function: "secretary",
		Sites: sites, Roles: []role.Given{{Role: w.roles[of], Scope: at}},
	})
	w.must(err)
	w.people[given] = m.ID
	return access.Actor{Kind: access.Person, Account: a.ID, Session: "ses_x", Name: given + " " + family, StepUp: tx.Now, Via: "web"}
}

// must stops the test: what prepares it does not fail.
func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) write(fn func(tx *store.Tx)) {
	w.Helper()
	w.must(w.db.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error { fn(tx); return nil }))
}

func (w *world) count(query string, args ...any) (n int64) {
	w.Helper()
	w.must(w.db.Read(ctx, func(tx *store.Tx) error { return tx.QueryRow(ctx, query, args...).Scan(&n) }))
	return n
}

// check does the work of the job that an import ordered.
func (w *world) check(m Import) {
	w.Helper()
	args, err := json.Marshal(CheckOrder{Org: m.Org, Import: m.ID, Round: m.round})
	w.must(err)
	w.must(w.i.Check(ctx, job.Job{Kind: CheckOrder{}.Kind(), Args: args}))
}

// sent is a file that by sent, checked.
func (w *world) sent(by access.Actor, content string) Page {
	w.Helper()
	m, err := w.i.Begin(ctx, by, w.org, File{Name: "membres.csv", Data: []byte(content), Invites: true})
	w.must(err)
	w.check(m)
	return w.page(by, m.ID)
}

func (w *world) page(by access.Actor, id ident.Import) Page {
	w.Helper()
	p, err := w.i.Get(ctx, by, w.org, id, Filter{Most: MaxLines})
	w.must(err)
	return p
}

// decided is an import after decisions, checked again.
func (w *world) decided(by access.Actor, id ident.Import, list ...Decision) Page {
	w.Helper()
	m, err := w.i.Decide(ctx, by, w.org, id, list)
	w.must(err)
	w.check(m)
	return w.page(by, id)
}

// says is what is said of a line: its fate, then each point as "column:code".
func (l *Line) says() string {
	parts := []string{string(l.Fate)}
	for _, p := range append(append([]Point{}, l.Points...), l.All()...) {
		_, code, _ := strings.Cut(p.Code, ".")
		parts = append(parts, string(p.Column)+":"+code)
	}
	if l.Undecided {
		parts = append(parts, "undecided")
	}
	return strings.Join(parts, " ")
}

// expect compares what is said of each line.
func (w *world) expect(what string, p Page, want ...string) {
	w.Helper()
	if p.State != Ready || len(p.Lines) != len(want) {
		w.Fatalf("%s: %s (%s), %d lines, not %d", what, p.State, p.Code, len(p.Lines), len(want))
	}
	for n := range p.Lines {
		if got := p.Lines[n].says(); got != want[n] {
			w.Errorf("%s, line %d: %q, not %q", what, p.Lines[n].No, got, want[n])
		}
	}
}

func (w *world) sheet(id ident.Member) member.Sheet {
	w.Helper()
	s, err := w.m.Get(ctx, w.bruno, w.org, id)
	w.must(err)
	return s
}

// limit lowers the letters of a day.
func (w *world) limit(n int64) { w.i.Enrolments.Limits = invitation.Limits{PerDayOrg: n} }
