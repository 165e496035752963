package login_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/login"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

// Passwords that the policy accepts.
const (
	good  = "le vélo rouge dort sous l’escalier"
	other = "quatre girafes repeignent la mairie"
	wrong = "une phrase que personne n’a choisie"
)

// bench is all that signing in needs, on a fresh database, with a clock that tests
// move and a hasher that costs little.
type bench struct {
	*testing.T
	db       *store.DB
	clock    *storetest.Clock
	run      *action.Runner
	hasher   *credential.Hasher
	logins   login.Logins
	sessions session.Sessions

	mu   sync.Mutex
	sent []job.Job
}

func each(t *testing.T, fn func(b *bench)) {
	t.Helper()
	eachWith(t, storetest.Options{}, fn)
}

func eachWith(t *testing.T, o storetest.Options, fn func(b *bench)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			b := &bench{T: t, clock: &storetest.Clock{}}
			o.Clock = b.clock.Now
			b.db = storetest.Open(t, e, o)
			ring := secret.NewRing(time.Now())
			b.run = &action.Runner{DB: b.db, Ring: ring, Log: slog.New(slog.DiscardHandler)}
			b.hasher = credential.NewHasher(ring)
			b.hasher.Cost = credential.Cost{Memory: 64, Time: 1}
			b.logins = login.Logins{Run: b.run, Hasher: b.hasher}
			b.sessions = session.Sessions{Run: b.run}
			fn(b)
		})
	}
}

func (b *bench) write(fn func(tx *store.Tx) error) {
	b.Helper()
	if err := b.db.Write(b.Context(), []store.Lock{store.Installation}, fn); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) read(fn func(tx *store.Tx) error) {
	b.Helper()
	if err := b.db.Read(b.Context(), fn); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) count(query string, args ...any) (n int) {
	b.Helper()
	b.read(func(tx *store.Tx) error { return tx.QueryRow(b.Context(), query, args...).Scan(&n) })
	return n
}

func (b *bench) events(verb, outcome string) int {
	b.Helper()
	return b.count(`select count(*) from audit_event where verb = $1 and outcome = $2`, verb, outcome)
}

func (b *bench) hash(password string) string {
	b.Helper()
	h, err := b.hasher.Hash(b.Context(), secret.NewText(password))
	if err != nil {
		b.Fatal(err)
	}
	return h
}

// account makes an account with the password good.
func (b *bench) account(address string) (a account.Account) {
	b.Helper()
	h := b.hash(good)
	b.write(func(tx *store.Tx) (err error) {
		a, err = account.Insert(b.Context(), tx, account.New{
			Email: b.email(address), Names: account.Names{GivenName: "Julie", FamilyName: "Delmas"}, Language: text.FR,
		})
		if err != nil {
			return err
		}
		return credential.SetPassword(b.Context(), tx, a.ID, h)
	})
	return a
}

func (b *bench) email(s string) account.Email {
	b.Helper()
	e, code := account.ParseEmail(s)
	if code != "" {
		b.Fatalf("%s: %s", s, code)
	}
	return e
}

func (b *bench) block(a account.Account) {
	b.Helper()
	b.write(func(tx *store.Tx) error {
		now, _, err := account.Get(b.Context(), tx, a.ID)
		if err != nil {
			return err
		}
		now.Status = account.Blocked
		_, err = account.Set(b.Context(), tx, now)
		return err
	})
}

// place is an organisation with one site.
type place struct {
	org  ident.Org
	site ident.Site
}

func (b *bench) organisation(name string) (p place) {
	b.Helper()
	b.write(func(tx *store.Tx) error {
		o, err := org.Insert(b.Context(), tx, org.New{Details: org.Details{Name: name, Kind: org.Practice}})
		if err != nil {
			return err
		}
		s, err := org.InsertSite(b.Context(), tx, o.ID, org.SiteDetails{Name: "Grand-Pré"})
		p = place{o.ID, s.ID}
		if err != nil {
			return err
		}
		return role.Seed(b.Context(), tx, o.ID)
	})
	return p
}

// join makes the account a member with a built-in role for the whole organisation.
func (b *bench) join(p place, a account.Account, builtIn string) (m member.Member) {
	b.Helper()
	b.write(func(tx *store.Tx) error {
		r, err := role.BuiltIn(b.Context(), tx, p.org, builtIn)
		if err != nil {
			return err
		}
		m, err = member.Insert(b.Context(), tx, member.New{
			Org: p.org, Account: a.ID, GivenName: a.GivenName, FamilyName: a.FamilyName, Email: a.Email.Address, Sites: []ident.Site{p.site},
			Roles: []role.Given{{Role: r.ID, Scope: access.OrgScope(p.org)}},
		})
		return err
	})
	return m
}

// stranger is somebody at an address of the documentation's network.
func stranger(address string) access.Actor {
	return access.Actor{Kind: access.Anonymous, Address: address, Via: "web", Request: "r1"}
}

func (b *bench) try(address, password string) error {
	b.Helper()
	_, err := b.logins.SignIn(b.Context(), stranger("192.0.2.1"), address, secret.NewText(password), login.Client{})
	return err
}

// signIn opens a session and gives the actor that stands behind it. Whoever must have a
// second factor comes from a browser that is remembered.
func (b *bench) signIn(address, password string) (access.Actor, session.Opened) {
	b.Helper()
	c := login.Client{UserAgent: "Firefox/140", Device: b.remembered(address)}
	res, err := b.logins.SignIn(b.Context(), stranger("192.0.2.1"), address, secret.NewText(password), c)
	if err != nil || res.Session == nil || res.Finish != nil {
		b.Fatalf("signing in as %s: %+v %v", address, res, err)
	}
	return b.actor(*res.Session), *res.Session
}

// seed is that of everybody's code application.
const seed = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

// enrolled gives somebody a code application.
func (b *bench) enrolled(a account.Account) (id ident.Factor) {
	b.Helper()
	b.write(func(tx *store.Tx) (err error) {
		id, err = credential.EnrolTOTP(b.Context(), tx, b.run.Ring, a.ID, "essai", secret.NewText(seed))
		return err
	})
	return id
}

// remembered is the token of a browser that the person of an address said to remember; it
// is empty for whoever is asked for no second factor.
func (b *bench) remembered(address string) (token secret.Text) {
	b.Helper()
	b.write(func(tx *store.Tx) error {
		a, found, err := account.ByEmail(b.Context(), tx, b.email(address).Key)
		if err != nil || !found {
			return err
		}
		p, err := login.Effective(b.Context(), tx, a.ID)
		if err != nil {
			return err
		}
		factors, err := credential.Factors(b.Context(), tx, a.ID)
		if err != nil || len(factors) == 0 && !p.Due(tx.Now) {
			return err
		}
		if len(factors) == 0 {
			if _, err := credential.EnrolTOTP(b.Context(), tx, b.run.Ring, a.ID, "essai", secret.NewText(seed)); err != nil {
				return err
			}
		}
		d, err := session.Remember(b.Context(), tx, session.Device{Account: a.ID}, session.DeviceLife)
		token = d.Token
		return err
	})
	return token
}

func (b *bench) actor(o session.Opened) access.Actor {
	b.Helper()
	in, ok, err := b.sessions.Authenticate(b.Context(), o.Token.Reveal())
	if err != nil || !ok {
		b.Fatalf("the session just opened is worth nothing: %v", err)
	}
	return access.Actor{
		Kind: access.Person, Account: in.Account.ID, Session: in.Session.ID, Name: in.Account.Name(), StepUp: in.Session.StepUpAt,
		Address: "192.0.2.1", Via: "web",
	}
}

func (b *bench) worth(token secret.Text) bool {
	b.Helper()
	_, ok, err := b.sessions.Authenticate(b.Context(), token.Reveal())
	if err != nil {
		b.Fatal(err)
	}
	return ok
}

// letters does the work that waits and gives the letters it ordered since the last
// time, of these kinds.
func (b *bench) letters(kinds ...string) (letters []job.Job) {
	b.Helper()
	keep := func(_ context.Context, j job.Job) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.sent = append(b.sent, j)
		return nil
	}
	handlers := map[string]job.Handler{login.ForgotOrder{}.Kind(): b.logins.SendReset}
	for _, k := range []string{"letter.reset", "letter.password_changed", "letter.locked", "letter.session_closed", "letter.new_browser", "letter.invitation", "letter.factor", "letter.email_proof", "letter.email_asked", "letter.email_changed", "letter.email_undone"} {
		handlers[k] = keep
	}
	b.write(func(tx *store.Tx) error { // the lookups of addresses wait a little
		_, err := tx.Exec(b.Context(), `update job set run_at = $1 where kind = 'login.forgot'`, tx.Now)
		return err
	})
	w := job.Worker{DB: b.db, Ring: b.run.Ring, Log: b.run.Log, Handlers: handlers}
	if err := w.Drain(b.Context()); err != nil {
		b.Fatal(err)
	}
	if n := b.count(`select count(*) from job where state <> 'done'`); n != 0 {
		b.Fatalf("%d jobs not done", n)
	}
	letters, b.sent = b.sent, nil
	letters = slices.DeleteFunc(letters, func(j job.Job) bool { return len(kinds) > 0 && !slices.Contains(kinds, j.Kind) })
	return letters
}

// resetLink asks for a new password and gives the link that was mailed.
func (b *bench) resetLink(address string) string {
	b.Helper()
	if err := b.logins.Forgot(b.Context(), stranger("198.51.100.9"), address); err != nil {
		b.Fatal(err)
	}
	l := b.letters("letter.reset")
	if len(l) != 1 {
		b.Fatalf("%d letters", len(l))
	}
	return l[0].Secret.Reveal()
}

func code(err error) string {
	if err == nil {
		return "ok"
	}
	return fault.Of(err).Code
}
