package notify

import (
	"context"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/departure"
	"habilis/internal/enrolment"
	"habilis/internal/ident"
	invitations "habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

const base = "https://acces.exemple.fr/habilis"

var ctx = context.Background()

// world is an organisation of two sites with its administrators, and a worker that
// sends its letters to a real SMTP server.
type world struct {
	*testing.T
	db      *store.DB
	clock   *storetest.Clock
	run     *action.Runner
	e       enrolment.Enrolments
	i       invitations.Invitations
	m       member.Members
	worker  *job.Worker
	post    *server
	org     org.Org
	sites   []ident.Site
	roles   map[string]ident.Role
	bruno   someone
	claire  someone
	tina    someone
	lastLen int
}

type someone struct {
	account account.Account
	member  ident.Member
}

func eachWorld(t *testing.T, fn func(w *world)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) { fn(newWorld(t, e)) })
	}
}

func newWorld(t *testing.T, e store.Engine) *world {
	t.Helper()
	clock := &storetest.Clock{}
	db := storetest.Open(t, e, storetest.Options{Clock: clock.Now})
	ring := secret.NewRing(db.Now())
	run := &action.Runner{DB: db, Ring: ring, Log: slog.New(slog.DiscardHandler)}
	hasher := credential.NewHasher(ring)
	public, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		T: t, db: db, clock: clock, run: run, post: start(t, nil, NoTLS), e: enrolment.Enrolments{Run: run, Hasher: hasher},
		i: invitations.Invitations{Run: run, Hasher: hasher}, m: member.Members{Run: run}, roles: map[string]ident.Role{},
	}
	mailer := sender(t, SMTPConfig{Port: w.post.port, Mode: NoTLS})
	w.worker = &job.Worker{DB: db, Ring: ring, Log: run.Log, Handlers: Handlers(Deps{DB: db, Mailer: mailer, Base: public})}
	w.write(func(tx *store.Tx) error {
		w.sites = nil
		if w.org, err = org.Insert(ctx, tx, org.New{Slug: "tilleuls", Details: org.Details{Name: "Maison de santé des Tilleuls", Kind: org.Practice, Enamel: "pin"}}); err != nil {
			return err
		}
		for _, name := range []string{"Grand-Pré", "Saint-Aubin"} {
			s, err := org.InsertSite(ctx, tx, w.org.ID, org.SiteDetails{Name: name})
			if err != nil {
				return err
			}
			w.sites = append(w.sites, s.ID)
		}
		if err := role.Seed(ctx, tx, w.org.ID); err != nil {
			return err
		}
		all, err := role.All(ctx, tx, w.org.ID)
		for _, r := range all {
			w.roles[r.BuiltIn] = r.ID
		}
		return err
	})
	whole := role.Given{Role: w.roles[role.Administrator], Scope: access.OrgScope(w.org.ID)}
	w.bruno = w.person("Bruno", "Lacaze", text.FR, whole)
	w.claire = w.person("Claire", "Morvan", text.EN, whole)
	w.tina = w.person("Tina", "Roussel", text.FR, role.Given{Role: w.roles[role.Administrator], Scope: access.SiteScope(w.org.ID, w.sites[0])})
	return w
}

func (w *world) write(fn func(tx *store.Tx) error) {
	w.Helper()
	if err := w.db.Write(ctx, []store.Lock{store.Installation}, fn); err != nil {
		w.Fatal(err)
	}
}

// account makes an account that has signed in.
func (w *world) account(address, given, family string, lang text.Lang) (a account.Account) {
	w.Helper()
	e, code := account.ParseEmail(address)
	if code != "" {
		w.Fatal(code)
	}
	w.write(func(tx *store.Tx) (err error) {
		if a, err = account.Insert(ctx, tx, account.New{Email: e, Names: account.Names{GivenName: given, FamilyName: family}, Language: lang}); err != nil {
			return err
		}
		if err := credential.SetPassword(ctx, tx, a.ID, "nobody verifies it here"); err != nil {
			return err
		}
		return account.TouchSignIn(ctx, tx, a.ID)
	})
	return a
}

func (w *world) person(given, family string, lang text.Lang, roles ...role.Given) (p someone) {
	w.Helper()
	p.account = w.account(strings.ToLower(given)+"@tilleuls.example", given, family, lang)
	w.write(func(tx *store.Tx) error {
		m, err := member.Insert(ctx, tx, member.New{
			Org: w.org.ID, Account: p.account.ID, Status: member.Active, GivenName: given, FamilyName: family, Email: p.account.Email.Address,
			Sites: w.sites, Roles: roles,
		})
		p.member = m.ID
		return err
	})
	return p
}

func (w *world) by(p someone) access.Actor {
	return access.Actor{
		Kind: access.Person, Account: p.account.ID, Name: p.account.Name(), StepUp: w.clock.Now().Add(-time.Second), Via: "web", Address: "192.0.2.1",
	}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// work sends what is ready, and gives the letters that arrived since the last time.
func (w *world) work() (arrived []Kept) {
	w.Helper()
	w.must(w.worker.Drain(ctx))
	all := w.post.got()
	for _, m := range all[w.lastLen:] {
		k, err := parseLetter(strings.NewReader(m.data))
		w.must(err)
		k.To = strings.Join(m.to, ",")
		arrived = append(arrived, k)
	}
	w.lastLen = len(all)
	return arrived
}

// letter sends what is ready and gives the one letter that arrived.
func (w *world) letter() Kept {
	w.Helper()
	l := w.work()
	if len(l) != 1 {
		w.Fatalf("%d letters arrived, want 1", len(l))
	}
	return l[0]
}

// says fails unless the text of a letter holds each of these.
func (w *world) says(k Kept, all ...string) {
	w.Helper()
	plain := strings.Join(strings.Fields(k.Subject+" "+k.Text), " ")
	for _, s := range all {
		if !strings.Contains(plain, strings.Join(strings.Fields(s), " ")) {
			w.Errorf("%q is not in\n%s\n%s", s, k.Subject, k.Text)
		}
	}
}

// states counts the jobs of letters by how they stand: the work that follows a departure is package departure's.
func (w *world) states() map[string]int {
	w.Helper()
	out := map[string]int{}
	w.must(w.db.Read(ctx, func(tx *store.Tx) error {
		return store.Each(ctx, tx, func(s store.Scan) error {
			var state string
			var n int
			err := s(&state, &n)
			out[state] = n
			return err
		}, `select state, count(*) from job where kind <> 'departure.work' group by state`)
	}))
	return out
}

func (w *world) invite(address string, welcome invitations.Welcome, lang text.Lang) ident.Invitation {
	w.Helper()
	r, err := w.e.Invite(ctx, w.by(w.bruno), enrolment.Invite{
		Org: w.org.ID, Emails: []string{address}, Sites: w.sites[:1], Language: lang, Welcome: welcome,
		Roles: []role.Given{{Role: w.roles[role.Practitioner], Scope: access.SiteScope(w.org.ID, w.sites[0])}},
	})
	w.must(err)
	if r.Lines[0].Fate != enrolment.Invited {
		w.Fatalf("%+v", r)
	}
	return r.Lines[0].Invitation
}

// departing are the departures of the same server: leaving is package departure's.
func departing(m member.Members) departure.Departures { return departure.Departures{Run: m.Run} }
