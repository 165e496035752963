package approval_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/approval"
	"habilis/internal/credential"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
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

// world is an organisation of two sites: Bruno and Claire administer all of it, Tina the
// first site, Julie nothing. Sacha is the platform's support; so is Noor, who administers
// the organisation too. The clock stands still.
type world struct {
	*testing.T
	db    *store.DB
	clock *atomic.Int64
	run   *action.Runner
	a     approval.Approvals
	m     member.Members

	org   ident.Org
	sites []ident.Site
	roles map[string]ident.Role

	bruno, claire, tina, julie, sacha, noor ident.Account
}

func each(t *testing.T, fn func(w *world)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			w := &world{T: t, clock: &atomic.Int64{}, roles: map[string]ident.Role{}}
			w.clock.Store(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC).UnixMicro())
			w.db = storetest.Open(t, e, storetest.Options{Clock: w.now})
			ring := secret.NewRing(w.now())
			w.run = &action.Runner{DB: w.db, Ring: ring, Log: slog.New(slog.DiscardHandler)}
			w.a = approval.Approvals{Run: w.run, Enrol: enrolment.Enrolments{Run: w.run, Hasher: credential.NewHasher(ring)}}
			w.m = member.Members{Run: w.run}
			w.write(w.found)
			fn(w)
		})
	}
}

func (w *world) now() time.Time       { return time.UnixMicro(w.clock.Load()).UTC() }
func (w *world) pass(d time.Duration) { w.clock.Add(d.Microseconds()) }

func (w *world) write(fn func(tx *store.Tx)) {
	w.Helper()
	w.must(w.db.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
		fn(tx)
		return nil
	}))
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err, fault.Of(err).Fields)
	}
}

func (w *world) found(tx *store.Tx) {
	o, err := org.Insert(ctx, tx, org.New{Slug: "tilleuls", Details: org.Details{Name: "Maison de santé des Tilleuls", Kind: org.Practice}})
	w.must(err)
	w.org, w.sites = o.ID, nil
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
	whole := w.gives(role.Administrator, access.OrgScope(w.org))
	w.bruno, w.claire = w.member(tx, "bruno", account.NoRole, whole), w.member(tx, "claire", account.NoRole, whole)
	w.tina = w.member(tx, "tina", account.NoRole, w.gives(role.Administrator, w.first()))
	w.julie = w.member(tx, "julie", account.NoRole, w.gives(role.Secretary, w.first()))
	w.noor = w.member(tx, "noor", account.Support, whole)
	w.sacha = w.account(tx, "sacha", account.Support)
}

func (w *world) first() access.Scope { return access.SiteScope(w.org, w.sites[0]) }

func (w *world) gives(builtIn string, at access.Scope) role.Given {
	return role.Given{Role: w.roles[builtIn], Scope: at}
}

func address(name string) account.Email {
	e, _ := account.ParseEmail(name + "@tilleuls.example")
	return e
}

// account makes the account of somebody who has signed in.
func (w *world) account(tx *store.Tx, name string, r account.PlatformRole) ident.Account {
	a, err := account.Insert(ctx, tx, account.New{
		Email: address(name), Names: account.Names{GivenName: strings.ToUpper(name[:1]) + name[1:], FamilyName: "Essai"}, Language: text.FR, PlatformRole: r,
	})
	w.must(err)
	w.must(credential.SetPassword(ctx, tx, a.ID, "a password that nobody verifies here"))
	w.must(account.TouchSignIn(ctx, tx, a.ID))
	return a.ID
}

func (w *world) member(tx *store.Tx, name string, r account.PlatformRole, roles ...role.Given) ident.Account {
	id := w.account(tx, name, r)
	_, err := member.Insert(ctx, tx, member.New{
		Org: w.org, Account: id, Status: member.Active, GivenName: strings.ToUpper(name[:1]) + name[1:], FamilyName: "Essai",
		Email: address(name).Address, Sites: w.sites[:1], Roles: roles,
	})
	w.must(err)
	return id
}

// by is a person signed in, who proved who they are a minute ago.
func (w *world) by(a ident.Account) access.Actor {
	return access.Actor{
		Kind: access.Person, Account: a, Name: "Quelqu’un", StepUp: w.now().Add(-time.Minute), Address: "192.0.2.1", Via: "web",
	}
}

// ask is the usual request: a secretary of the first site.
func (w *world) ask() approval.Ask {
	return approval.Ask{Ticket: "Demande 48213", Create: enrolment.Create{
		Org: w.org, Sites: w.sites[:1], ProfileType: member.NonPractitioner, GivenName: "Romain", FamilyName: "Vidal", Function: "secretary",
		Email: "romain.vidal@tilleuls.example", Roles: []role.Given{w.gives(role.Secretary, w.first())},
	}}
}

// asked makes one as Sacha.
func (w *world) asked(in approval.Ask) approval.Asked {
	w.Helper()
	made, err := w.a.Ask(ctx, w.by(w.sacha), in)
	w.must(err)
	return made
}

func (w *world) decide(by access.Actor, id ident.Member, d approval.Decision) (approval.Decided, error) {
	version := w.count(`select coalesce(max(version), 0) from member where org_id = $1 and id = $2`, w.org, id)
	return w.a.Decide(ctx, by, w.org, id, approval.Verdict{Decision: d, Reason: "Nous n’avons rien demandé", Version: version})
}

func (w *world) refused(what string, err error, want *fault.Error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Errorf("%s: %v %+v, want %s", what, err, fault.Of(err).Fields, want.Code)
	}
}

func (w *world) field(what string, err error, at, code string) {
	w.Helper()
	for _, x := range fault.Of(err).Fields {
		if x.Location == at && x.Code == code {
			return
		}
	}
	w.Errorf("%s: %v %+v, want %s at %s", what, err, fault.Of(err).Fields, code, at)
}

// state is the status of a member and whether an account is attached, left or not.
func (w *world) state(id ident.Member) (status member.Status, attached bool) {
	w.Helper()
	w.must(w.db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `select status, account_id is not null from member_state where org_id = $1 and member_id = $2 and known_until is null`,
			w.org, id).Scan(&status, &attached)
	}))
	return status, attached
}

func (w *world) count(query string, args ...any) (n int64) {
	w.Helper()
	w.must(w.db.Read(ctx, func(tx *store.Tx) error { return tx.QueryRow(ctx, query, args...).Scan(&n) }))
	return n
}

func (w *world) recorded(verb, outcome string) int64 {
	w.Helper()
	return w.count(`select count(*) from audit_event where chain = $1 and verb = $2 and outcome = $3`, w.org, verb, outcome)
}

// letters empties the queue: the secrets of invitations, and how many of each kind.
func (w *world) letters() (links []string, kinds map[string]int) {
	w.Helper()
	kinds = map[string]int{}
	var mu sync.Mutex
	worker := job.Worker{DB: w.db, Ring: w.run.Ring, Log: w.run.Log, Handlers: map[string]job.Handler{}}
	for _, k := range []job.Args{invitation.Letter{}, enrolment.JoinedLetter{}, approval.WaitsLetter{}, approval.RefusedLetter{}} {
		worker.Handlers[k.Kind()] = func(_ context.Context, j job.Job) error {
			mu.Lock()
			defer mu.Unlock()
			if s := j.Secret.Reveal(); s != "" {
				links = append(links, s)
			}
			kinds[j.Kind]++
			return nil
		}
	}
	w.must(worker.Drain(ctx))
	return links, kinds
}
