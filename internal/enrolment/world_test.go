package enrolment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
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

// stopped is a clock that stands still until a test moves it: 30 days to the second.
type stopped struct{ at atomic.Int64 }

func newStopped() *stopped {
	c := &stopped{}
	c.at.Store(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC).UnixMicro())
	return c
}

func (c *stopped) Now() time.Time      { return time.UnixMicro(c.at.Load()).UTC() }
func (c *stopped) Add(d time.Duration) { c.at.Add(d.Microseconds()) }

// each runs a test on both engines, in a world whose clock stands still.
func each(t *testing.T, fn func(w *world)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			clock := newStopped()
			fn(newWorld(t, storetest.Open(t, e, storetest.Options{Clock: clock.Now}), clock))
		})
	}
}

// place is one organisation of the world.
type place struct {
	org   ident.Org
	sites []ident.Site
	roles map[string]ident.Role
}

// world is two organisations, A with two sites and B with one, and their people.
type world struct {
	*testing.T
	db    *store.DB
	clock *stopped
	run   *action.Runner
	e     Enrolments
	i     invitation.Invitations
	m     member.Members
	a, b  place

	bruno, claire *person // administer all of A
	tina          *person // administers the first site of A
	julie         *person // secretary in A, no administration
	olga          *person // administers B
	yves          *person // an account of nobody's
}

// person is an account, and the member that it is in one organisation.
type person struct {
	account account.Account
	member  ident.Member
}

func newWorld(t *testing.T, db *store.DB, clock *stopped) *world {
	t.Helper()
	ring := secret.NewRing(db.Now())
	run := &action.Runner{DB: db, Ring: ring, Log: slog.New(slog.DiscardHandler)}
	hasher := credential.NewHasher(ring)
	w := &world{
		T: t, db: db, clock: clock, run: run, e: Enrolments{Run: run, Hasher: hasher},
		i: invitation.Invitations{Run: run, Hasher: hasher}, m: member.Members{Run: run},
	}
	w.write(func(tx *store.Tx) error { // one write: a world is made for each test
		w.a, w.b = w.placeIn(tx, "Maison de santé des Tilleuls", "Saint-Aubin", "Grand-Pré"), w.placeIn(tx, "Clinique Sainte-Barbe", "Centre")
		all, first := access.OrgScope(w.a.org), access.SiteScope(w.a.org, w.a.sites[0])
		administrator := role.Given{Role: w.a.roles[role.Administrator], Scope: all}
		w.bruno = w.memberIn(tx, "bruno@tilleuls.example", w.a, w.a.sites, administrator)
		w.claire = w.memberIn(tx, "claire@tilleuls.example", w.a, w.a.sites, administrator)
		w.tina = w.memberIn(tx, "tina@tilleuls.example", w.a, w.a.sites[:1], role.Given{Role: w.a.roles[role.Administrator], Scope: first})
		w.julie = w.memberIn(tx, "julie@tilleuls.example", w.a, w.a.sites[:1], role.Given{Role: w.a.roles[role.Secretary], Scope: first})
		w.olga = w.memberIn(tx, "olga@barbe.example", w.b, w.b.sites, role.Given{Role: w.b.roles[role.Administrator], Scope: access.OrgScope(w.b.org)})
		w.yves = w.accountIn(tx, "yves@ailleurs.example", account.NoRole)
		return nil
	})
	return w
}

// write prepares the world with the tx functions of lower packages.
func (w *world) write(fn func(tx *store.Tx) error) {
	w.Helper()
	if err := w.db.Write(ctx, []store.Lock{store.Installation}, fn); err != nil {
		w.Fatal(err)
	}
}

func (w *world) read(fn func(tx *store.Tx) error) {
	w.Helper()
	if err := w.db.Read(ctx, fn); err != nil {
		w.Fatal(err)
	}
}

// must stops the test: what prepares it does not fail.
func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) place(name string, sites ...string) (p place) {
	w.Helper()
	w.write(func(tx *store.Tx) error {
		p = w.placeIn(tx, name, sites...)
		return nil
	})
	return p
}

func (w *world) placeIn(tx *store.Tx, name string, sites ...string) place {
	w.Helper()
	o, err := org.Insert(ctx, tx, org.New{Details: org.Details{Name: name, Kind: org.Practice}})
	w.must(err)
	p := place{org: o.ID, roles: map[string]ident.Role{}}
	for _, s := range sites {
		site, err := org.InsertSite(ctx, tx, o.ID, org.SiteDetails{Name: s})
		w.must(err)
		p.sites = append(p.sites, site.ID)
	}
	w.must(role.Seed(ctx, tx, o.ID))
	roles, err := role.All(ctx, tx, o.ID)
	w.must(err)
	for _, r := range roles {
		p.roles[r.BuiltIn] = r.ID
	}
	return p
}

func email(s string) account.Email {
	e, code := account.ParseEmail(s)
	if code != "" {
		panic(s + ": " + code)
	}
	return e
}

func (w *world) account(address string, r account.PlatformRole) (p *person) {
	w.Helper()
	w.write(func(tx *store.Tx) error {
		p = w.accountIn(tx, address, r)
		return nil
	})
	return p
}

// accountIn makes the account of somebody who has signed in.
func (w *world) accountIn(tx *store.Tx, address string, r account.PlatformRole) *person {
	w.Helper()
	name, _, _ := strings.Cut(address, "@")
	a, err := account.Insert(ctx, tx, account.New{
		Email: email(address), Names: account.Names{GivenName: strings.ToUpper(name[:1]) + name[1:], FamilyName: "Essai"}, Language: text.FR, PlatformRole: r,
	})
	w.must(err)
	w.must(credential.SetPassword(ctx, tx, a.ID, "a password that nobody verifies here"))
	w.must(account.TouchSignIn(ctx, tx, a.ID))
	a.LastSignInAt = tx.Now
	return &person{account: a}
}

func (w *world) member(address string, at place, sites []ident.Site, roles ...role.Given) (p *person) {
	w.Helper()
	w.write(func(tx *store.Tx) error {
		p = w.memberIn(tx, address, at, sites, roles...)
		return nil
	})
	return p
}

func (w *world) memberIn(tx *store.Tx, address string, at place, sites []ident.Site, roles ...role.Given) *person {
	w.Helper()
	p := w.accountIn(tx, address, account.NoRole)
	m, err := member.Insert(ctx, tx, member.New{
		Org: at.org, Account: p.account.ID, Status: member.Active, GivenName: p.account.GivenName, FamilyName: p.account.FamilyName,
		Email: p.account.Email.Address, Sites: sites, Roles: roles,
	})
	w.must(err)
	p.member = m.ID
	return p
}

// by is the person signed in, who proved who they are a minute ago.
func (w *world) by(p *person) access.Actor {
	return access.Actor{
		Kind: access.Person, Account: p.account.ID, Session: "ses_x", Name: p.account.Name(), StepUp: w.clock.Now().Add(-time.Minute),
		Address: "192.0.2.1", Via: "web",
	}
}

// nobody is somebody who is not signed in.
var nobody = access.Actor{Kind: access.Anonymous, Address: "198.51.100.7", Via: "web"}

// invite is the usual command: these addresses, as secretaries of A's first site.
func (w *world) invite(emails ...string) Invite {
	return Invite{
		Org: w.a.org, Emails: emails, Sites: w.a.sites[:1], Function: "secretary",
		Roles: []role.Given{{Role: w.a.roles[role.Secretary], Scope: access.SiteScope(w.a.org, w.a.sites[0])}},
	}
}

func (w *world) send(by access.Actor, in Invite) Report {
	w.Helper()
	r, err := w.e.Invite(ctx, by, in)
	if err != nil {
		w.Fatalf("inviting: %v %+v", err, fault.Of(err).Fields)
	}
	return r
}

// invited invites one address as Bruno and gives the token of its letter.
func (w *world) invited(address string) (token string, id ident.Invitation) {
	w.Helper()
	r := w.send(w.by(w.bruno), w.invite(address))
	if r.Lines[0].Fate != Invited {
		w.Fatalf("%s: %s", address, r.Lines[0].Fate)
	}
	return w.letter(r.Lines[0].Invitation).secret, r.Lines[0].Invitation
}

// mail is one letter that left the queue.
type mail struct {
	kind   string
	args   map[string]any
	secret string
}

// letters empties the queue.
func (w *world) letters() (out []mail) {
	w.Helper()
	var mu sync.Mutex
	take := func(_ context.Context, j job.Job) error {
		m := mail{kind: j.Kind, secret: j.Secret.Reveal()}
		mu.Lock()
		defer mu.Unlock()
		out = append(out, m)
		return json.Unmarshal(j.Args, &out[len(out)-1].args)
	}
	worker := job.Worker{DB: w.db, Ring: w.run.Ring, Log: w.run.Log, Handlers: map[string]job.Handler{}}
	for _, k := range []job.Args{
		invitation.Letter{}, JoinedLetter{}, member.DeactivatedLetter{}, member.WithdrawnLetter{}, member.AppointedLetter{},
		member.ReactivatedLetter{}, member.SelfGrantLetter{},
	} {
		worker.Handlers[k.Kind()] = take
	}
	if err := worker.Drain(ctx); err != nil {
		w.Fatal(err)
	}
	return out
}

// letter gives the one letter of an invitation, and empties the queue.
func (w *world) letter(id ident.Invitation) mail {
	w.Helper()
	var found []mail
	for _, m := range w.letters() {
		if m.args["invitation"] == id.String() {
			found = append(found, m)
		}
	}
	if len(found) != 1 {
		w.Fatalf("%d letters of %s, want 1", len(found), id)
	}
	return found[0]
}

const goodPassword = "trois vélos rouges dorment au grenier"

func finish() Finish {
	return Finish{
		Names: account.Names{Title: "Mme", GivenName: "Aïcha", FamilyName: "Diallo"}, Password: secret.NewText(goodPassword), Language: text.FR,
	}
}

// refused fails unless err is the fault want.
func (w *world) refused(what string, err error, want *fault.Error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Errorf("%s: %v %+v, want %s", what, err, fault.Of(err).Fields, want.Code)
	}
}

// field fails unless err says that the field at is refused by the rule code.
func (w *world) field(what string, err error, kind fault.Kind, at, code string) {
	w.Helper()
	f := fault.Of(err)
	for _, x := range f.Fields {
		if x.Location == at && x.Code == code && f.Kind == kind {
			return
		}
	}
	w.Errorf("%s: %v %+v, want %s at %s", what, err, f.Fields, code, at)
}

// watched are the tables that a refused attack must leave as they are.
var watched = []string{
	"org", "org_state", "site", "site_state", "account", "account_state", "credential", "session", "role", "role_state", "role_permission",
	"member", "member_state", "member_site", "member_role", "member_permission", "invitation", "invitation_role", "invitation_site", "token",
}

// dump counts every watched table, and writes every invitation out.
func (w *world) dump() string {
	w.Helper()
	var b strings.Builder
	w.read(func(tx *store.Tx) error {
		for _, table := range watched {
			var n int64
			if err := tx.QueryRow(ctx, `select count(*) from `+table).Scan(&n); err != nil {
				return err
			}
			fmt.Fprintln(&b, table, n)
		}
		return store.Each(ctx, tx, func(s store.Scan) error {
			var id, status, by, hash string
			var token []byte
			var version int64
			var sent, expires, until time.Time
			var used *time.Time
			if err := s(&id, &status, &by, &version, &sent, &expires, &until, &token, &hash, &used); err != nil {
				return err
			}
			_, err := fmt.Fprintf(&b, "%s %s %s %d %v %v %v %x %s %v\n", id, status, by, version, sent.UTC(), expires.UTC(), until.UTC(), token, hash, used != nil)
			return err
		}, `select id, status, invited_by, version, sent_at, expires_at, token_until, token_hash, temporary_hash, temporary_used_at from invitation order by id`)
	})
	return b.String()
}

// unchanged runs something that must change nothing and order no letter.
func (w *world) unchanged(what string, fn func()) {
	w.Helper()
	before, jobs := w.dump(), w.count(`select count(*) from job`)
	fn()
	if after := w.dump(); after != before {
		w.Errorf("%s changed:\n%s\nto\n%s", what, before, after)
	}
	if n := w.count(`select count(*) from job`); n != jobs {
		w.Errorf("%s ordered %d letters", what, n-jobs)
	}
}

func (w *world) count(query string, args ...any) (n int64) {
	w.Helper()
	w.read(func(tx *store.Tx) error { return tx.QueryRow(ctx, query, args...).Scan(&n) })
	return n
}

// recorded counts the lines of the trail with this verb and outcome.
func (w *world) recorded(chain, verb, outcome string) int64 {
	w.Helper()
	return w.count(`select count(*) from audit_event where chain = $1 and verb = $2 and outcome = $3`, chain, verb, outcome)
}

// verified fails unless every chain of the trail is whole.
func (w *world) verified() {
	w.Helper()
	w.read(func(tx *store.Tx) error {
		r, err := audit.Verify(ctx, tx, nil)
		if len(r.Problems) > 0 {
			w.Errorf("the trail is broken: %v", r.Problems)
		}
		return err
	})
}

// parallel runs fn n times at once and gives the errors in the order of i.
func parallel(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = fn(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// leaves ends the membership of a person in A, as package departure, which stands above, has it done.
func (w *world) leaves(p *person) error {
	w.Helper()
	return w.transit(w.a, func(tx *action.Tx) error {
		return member.Keeping(ctx, tx.Tx, w.a.org, func() error {
			_, err := member.Depart(ctx, tx, w.a.org, p.member, "member.leave")
			return err
		})
	})
}
