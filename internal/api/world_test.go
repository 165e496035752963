package api_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/api"
	"habilis/internal/approval"
	"habilis/internal/credential"
	"habilis/internal/decision"
	"habilis/internal/departure"
	"habilis/internal/directory"
	"habilis/internal/dossier"
	"habilis/internal/enrolment"
	"habilis/internal/exchange"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/journal"
	"habilis/internal/login"
	"habilis/internal/member"
	"habilis/internal/merge"
	"habilis/internal/message"
	"habilis/internal/org"
	"habilis/internal/outbound"
	"habilis/internal/preference"
	"habilis/internal/privacy"
	"habilis/internal/recordgroup"
	"habilis/internal/report"
	"habilis/internal/resource"
	"habilis/internal/review"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
	"habilis/internal/token"
	"habilis/internal/webhook"
	"habilis/internal/workitem"
)

// world is a whole API on a fresh database: organisation A with the sites A1 and A2,
// administered by bruno; tina administers A1 only; julie is a secretary there;
// organisation B is administered by olga. All was made through the API.
type world struct {
	*testing.T
	db      *store.DB
	clock   *storetest.Clock
	run     *action.Runner
	hasher  *credential.Hasher
	tokens  token.Tokens
	decided *decision.Log
	srv     *httptest.Server
	worker  *job.Worker

	receiver                 *httptest.Server
	platform                 caller
	bruno, tina, julie, olga caller
	a, b, a1, a2             string

	mu      sync.Mutex
	letters map[string]string // secret of the last letter of a kind
}

// caller speaks for somebody.
type caller struct {
	w       *world
	account ident.Account
	header  []string
}

// each runs fn in a world on each engine.
func each(t *testing.T, fn func(w *world)) {
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
	log := slog.New(slog.DiscardHandler)
	w := &world{
		T: t, db: db, clock: clock, run: &action.Runner{DB: db, Ring: ring, Log: log}, hasher: credential.NewHasher(ring),
		letters: map[string]string{},
	}
	w.hasher.Cost = credential.Cost{Memory: 64, Time: 1}
	w.tokens, w.decided = token.Tokens{Run: w.run}, decision.NewLog(w.run)
	w.worker = &job.Worker{DB: db, Ring: ring, Log: log, Handlers: map[string]job.Handler{}}
	w.srv = httptest.NewServer(w.server(log).Handler())
	t.Cleanup(w.srv.Close)
	w.people()
	return w
}

func (w *world) server(log *slog.Logger) *api.Server {
	return &api.Server{
		Run: w.run, BaseURL: baseURL, Log: log,
		Accounts: account.Accounts{Run: w.run}, Orgs: org.Orgs{Run: w.run}, Settings: setting.Settings{Run: w.run},
		Roles: role.Roles{Run: w.run}, Sessions: session.Sessions{Run: w.run}, Tokens: w.tokens, Members: member.Members{Run: w.run, AtSite: departure.AtSite},
		SiteRemovals: departure.Sites{Members: member.Members{Run: w.run}}, Departures: departure.Departures{Run: w.run},
		Reviews:      review.Reviews{Run: w.run, Members: member.Members{Run: w.run, AtSite: departure.AtSite}, Installation: "https://habilis.example.fr"},
		Replacements: merge.Replacements{Run: w.run}, People: w.persons(),
		Retentions: privacy.Retentions{Run: w.run}, Exits: privacy.Exits{Run: w.run, Address: "https://habilis.example.fr"},
		Invitations: invitation.Invitations{Run: w.run, Hasher: w.hasher},
		Enrolments:  enrolment.Enrolments{Run: w.run, Hasher: w.hasher},
		Imports: exchange.Imports{
			Run: w.run, Enrolments: enrolment.Enrolments{Run: w.run, Hasher: w.hasher}, Index: published{},
		},
		Logins:      login.Logins{Run: w.run, Hasher: w.hasher},
		Journal:     journal.Journal{Run: w.run},
		Reports:     report.Reports{Run: w.run},
		Messages:    message.Messages{Run: w.run},
		Resources:   resource.Resources{Run: w.run},
		Groups:      recordgroup.Groups{Run: w.run},
		WorkItems:   workitem.Items{Run: w.run},
		Preferences: preference.Preferences{Run: w.run},
		Webhooks:    w.webhooks(),
		Grants:      grant.Grants{Run: w.run},
		Delegations: grant.Delegations{Run: w.run},
		Directory:   directory.Directory{Run: w.run, Source: published{}},
		Alerts:      dossier.Alerts{Run: w.run},
		Dossiers:    dossier.Dossiers{Run: w.run, Source: published{}},
		Approvals:   approval.Approvals{Run: w.run, Enrol: enrolment.Enrolments{Run: w.run, Hasher: w.hasher}},
		Documents:   dossier.Documents{Run: w.run},
		Decided:     w.decided,
		Insight:     decision.Insight{Run: w.run, Decisions: decision.New(w.run)},
		Browser:     w.browser,
		Renewed: func(rw http.ResponseWriter, _ *http.Request, o session.Opened) {
			http.SetCookie(rw, &http.Cookie{Name: "__Host-s", Value: o.Token.Reveal(), Secure: true, HttpOnly: true, Path: "/"})
		},
		Address:   func(*http.Request) string { return "192.0.2.1" },
		RequestID: func(*http.Request) string { return "REQUEST" },
	}
}

// webhooks speaks to the receivers of the tests, on this machine.
func (w *world) webhooks() webhook.Webhooks {
	if w.receiver == nil {
		w.receiver = httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNoContent) }))
		w.Cleanup(w.receiver.Close)
	}
	roots := x509.NewCertPool()
	roots.AddCert(w.receiver.Certificate())
	return webhook.Webhooks{Run: w.run, Base: baseURL, Client: outbound.New(outbound.Options{
		Operator: []string{w.receiver.Listener.Addr().String()}, Roots: roots,
	})}
}

// browser reads the session's cookie as the pages do.
func (w *world) browser(r *http.Request) (access.Actor, text.Lang, bool, error) {
	c, err := r.Cookie("__Host-s")
	if err != nil {
		return access.Actor{}, "", false, nil //nolint:nilerr // no cookie, nobody
	}
	in, ok, err := session.Sessions{Run: w.run}.Authenticate(r.Context(), c.Value)
	return access.Actor{
		Kind: access.Person, Account: in.Account.ID, Session: in.Session.ID, Name: in.Account.Name(), StepUp: in.Session.StepUpAt,
		Second: in.Session.Second, Opened: in.Session.CreatedAt, Seen: in.Session.SeenAt,
	}, in.Account.Language, ok, err
}

func (w *world) people() {
	w.platform = w.with(w.make(token.New{Kind: token.OfPlatform, Name: "support"}))
	w.bruno, w.olga = w.person("bruno@tilleuls.example", "Bruno", "Lacaze"), w.person("olga@barbe.example", "Olga", "Petit")
	w.a, w.a1 = w.found("tilleuls", "bruno@tilleuls.example")
	w.b, _ = w.found("sainte-barbe", "olga@barbe.example")
	w.a2 = w.bruno.post("/organizations/"+w.a+"/sites", `{"name":"A2"}`).is(201).id()
	w.tina, w.julie = w.person("tina@tilleuls.example", "Tina", "Roy"), w.person("julie@tilleuls.example", "Julie", "Delmas")
	w.join("tina@tilleuls.example", role.Administrator)
	w.join("julie@tilleuls.example", role.Secretary)
}

// person makes an account with a token of its own.
func (w *world) person(email, given, family string) caller {
	w.Helper()
	e, code := account.ParseEmail(email)
	if code != "" {
		w.Fatal(code)
	}
	hash, err := w.hasher.Hash(w.Context(), secret.NewText(goodPassword))
	if err != nil {
		w.Fatal(err)
	}
	var a account.Account
	w.write(func(tx *store.Tx) (err error) {
		a, err = account.Insert(w.Context(), tx, account.New{
			Email: e, Names: account.Names{GivenName: given, FamilyName: family}, Language: text.FR,
		})
		if err != nil {
			return err
		}
		return credential.SetPassword(w.Context(), tx, a.ID, hash)
	})
	c := w.with(w.make(token.New{Kind: token.OfPerson, Account: a.ID, Name: given}))
	c.account = a.ID
	return c
}

const (
	goodPassword = "le vélo rouge dort sous l’escalier"
	newPassword  = "quatre girafes repeignent la mairie"
)

func (w *world) write(fn func(tx *store.Tx) error) {
	w.Helper()
	if err := w.db.Write(w.Context(), []store.Lock{store.Installation}, fn); err != nil {
		w.Fatal(err)
	}
}

func (w *world) make(n token.New) string {
	w.Helper()
	made, err := w.tokens.Make(w.Context(), access.Operator("cli"), n)
	if err != nil {
		w.Fatal(err)
	}
	return made.Secret.Reveal()
}

func (w *world) with(bearer string) caller {
	return caller{w: w, header: []string{"Authorization: Bearer " + bearer}}
}

// signedIn is the caller in a browser, on our own pages.
func (c caller) signedIn() caller {
	c.w.Helper()
	var opened session.Opened
	c.w.write(func(tx *store.Tx) (err error) {
		opened, _, err = session.Open(c.w.Context(), tx, session.New{Account: c.account, Idle: session.Idle, Address: "192.0.2.1", Second: "totp"})
		return err
	})
	c.header = []string{"Cookie: __Host-s=" + opened.Token.Reveal()}
	return c
}

func (c caller) and(header ...string) caller {
	c.header = append(append([]string{}, c.header...), header...)
	return c
}

func (c caller) send(method, path, body string) answer {
	c.w.Helper()
	header := c.header
	if body != "" {
		header = append([]string{asJSON}, header...)
	}
	return send(c.w.T, c.w.srv, method, "/api/v1"+path, body, header...)
}

func (c caller) get(path string) answer        { c.w.Helper(); return c.send("GET", path, "") }
func (c caller) post(path, body string) answer { c.w.Helper(); return c.send("POST", path, body) }
func (c caller) del(path string) answer        { c.w.Helper(); return c.send("DELETE", path, "") }

// change reads an object and changes it under its version.
func (c caller) change(method, read, path, body string) answer {
	c.w.Helper()
	return c.and("If-Match: "+c.get(read).is(200).header.Get("ETag")).send(method, path, body)
}

func (a answer) id() string {
	a.Helper()
	var v struct{ ID string }
	a.into(&v)
	if v.ID == "" {
		a.Fatalf("no id: %s", a.body)
	}
	return v.ID
}

// found has the platform found an organisation.
func (w *world) found(slug, email string) (id, site string) {
	w.Helper()
	body := `{"name":"` + slug + `","slug":"` + slug + `","kind":"practice","site":{"name":"Un"},"administrator":{"email":"` + email + `"}}`
	a := w.platform.post("/organizations", body).is(201)
	var f struct {
		ID            string
		Administrator struct{ Fate string }
	}
	a.into(&f)
	if f.Administrator.Fate != "joined" {
		w.Fatalf("the first administrator: %s", a.body)
	}
	admin := w.bruno
	if strings.HasPrefix(email, "olga") {
		admin = w.olga
	}
	return f.ID, admin.items("/organizations/" + f.ID + "/sites")[0].ID
}

// join has bruno invite somebody who has an account, at A1.
func (w *world) join(email, builtIn string) {
	w.Helper()
	body := `{"emails":["` + email + `"],"role":"` + w.role(builtIn) + `","sites":["` + w.a1 + `"],"function":"secretary"}`
	if line := w.bruno.lines("/organizations/"+w.a+"/invitations", body)[0]; line.Fate != "joined" {
		w.Fatalf("%+v", line)
	}
}

// item is what every listed document has.
type item struct {
	ID            string
	Name, Slug    string
	Code          string
	BuiltIn       string `json:"built_in"`
	GivenName     string `json:"given_name"`
	FamilyName    string `json:"family_name"`
	Email, Status string
	Administrator bool
	Organization  json.RawMessage
	Scopes        []string
}

func (c caller) items(path string) []item {
	c.w.Helper()
	items, _, _ := c.page(path)
	return items
}

func (c caller) page(path string) (items []item, next string, total int64) {
	c.w.Helper()
	var l struct {
		Items []item
		Next  *string `json:"next_cursor"`
		Total int64
	}
	c.get(path).is(200).into(&l)
	if l.Next != nil {
		next = *l.Next
	}
	return l.Items, next, l.Total
}

type line struct{ Email, Fate, Code, Detail, Invitation, Member string }

func (c caller) lines(path, body string) []line {
	c.w.Helper()
	var r struct{ Lines []line }
	c.post(path, body).is(200).into(&r)
	return r.Lines
}

func (w *world) role(builtIn string) string {
	w.Helper()
	list := w.bruno.items("/organizations/" + w.a + "/roles")
	for i := range list {
		if list[i].BuiltIn == builtIn {
			return list[i].ID
		}
	}
	w.Fatalf("no role %s", builtIn)
	return ""
}

// member finds a member of A by e-mail.
func (w *world) member(email string) string {
	w.Helper()
	items := w.bruno.items("/organizations/" + w.a + "/members?q=" + email)
	if len(items) != 1 {
		w.Fatalf("%d members for %s", len(items), email)
	}
	return items[0].ID
}

// letter runs the queue and gives the secret of the last letter of a kind.
func (w *world) letter(kind string) string {
	w.Helper()
	w.worker.Handlers = map[string]job.Handler{login.ForgotOrder{}.Kind(): login.Logins{Run: w.run, Hasher: w.hasher}.SendReset}
	for _, k := range []string{
		"letter.invitation", "letter.reset", "letter.joined", "letter.password_changed", "letter.appointed", "letter.withdrawn",
		"letter.deactivated", "letter.reactivated", "letter.session_closed", "letter.self_grant", "letter.self_rights", "letter.locked",
	} {
		w.worker.Handlers[k] = func(_ context.Context, j job.Job) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.letters[j.Kind] = j.Secret.Reveal()
			return nil
		}
	}
	if err := w.db.Write(w.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error { // lookups of addresses wait a little
		_, err := tx.Exec(w.Context(), `update job set run_at = $1 where kind = 'login.forgot'`, tx.Now)
		return err
	}); err != nil {
		w.Fatal(err)
	}
	if err := w.worker.Drain(w.Context()); err != nil {
		w.Fatal(err)
	}
	return w.letters[kind]
}

func (w *world) count(query string, args ...any) (n int) {
	w.Helper()
	if err := w.db.Read(w.Context(), func(tx *store.Tx) error { return tx.QueryRow(w.Context(), query, args...).Scan(&n) }); err != nil {
		w.Fatal(err)
	}
	return n
}

// refusals counts what the trail holds of refusals with this code.
func (w *world) refusals(code string) int {
	w.Helper()
	return w.count(`select count(*) from audit_event where outcome = 'refused' and code = $1`, code)
}

// storeForOne is the engine of a test that says nothing of databases.
func storeForOne(t *testing.T) store.Engine {
	t.Helper()
	return storetest.Engines(t)[0]
}
