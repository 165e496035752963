package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/event"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/outbound"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
	"habilis/internal/webhook"
)

// bench is a database with one organisation, that anne and bruno administer and in which paul
// may nothing; another one is odile's.
type bench struct {
	*testing.T
	db         *store.DB
	clock      *storetest.Clock
	hooks      webhook.Webhooks
	send       *webhook.Dispatcher
	roots      *x509.CertPool
	operator   []string
	org, other ident.Org
	people     map[string]account.Account
	member     map[string]ident.Member
}

func each(t *testing.T, fn func(b *bench)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			b := &bench{T: t, clock: &storetest.Clock{}, roots: x509.NewCertPool(), people: map[string]account.Account{}, member: map[string]ident.Member{}}
			b.db = storetest.Open(t, e, storetest.Options{Clock: b.clock.Now})
			b.hooks = webhook.Webhooks{Base: "https://habilis.example", Run: &action.Runner{
				DB: b.db, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler),
			}}
			b.connect(0)
			b.org, b.other = b.organisation(), b.organisation()
			b.join(b.org, "anne", access.WebhooksEdit)
			b.join(b.org, "bruno", access.WebhooksEdit)
			b.join(b.org, "paul", access.MembersRead)
			b.join(b.other, "odile", access.WebhooksEdit)
			fn(b)
		})
	}
}

// connect makes the client anew: it believes the receivers of this test, and may reach those
// that the operator named.
func (b *bench) connect(limit time.Duration) {
	b.hooks.Client = outbound.New(outbound.Options{Operator: b.operator, Roots: b.roots, Time: limit, PerHost: webhook.PerHost})
	b.send = b.dispatcher()
}

func (b *bench) dispatcher() *webhook.Dispatcher {
	return &webhook.Dispatcher{Webhooks: b.hooks, Log: slog.New(slog.NewTextHandler(testWriter{b.T}, nil))}
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) { w.t.Log(string(p)); return len(p), nil }

func (b *bench) write(fn func(tx *store.Tx) error) {
	b.Helper()
	if err := b.db.Write(b.Context(), []store.Lock{store.Installation}, fn); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) exec(query string, args ...any) {
	b.Helper()
	b.write(func(tx *store.Tx) error {
		_, err := tx.Exec(b.Context(), query, slices.Clone(args)...)
		return err
	})
}

func (b *bench) count(query string, args ...any) (n int) {
	b.Helper()
	if err := b.db.Read(b.Context(), func(tx *store.Tx) error { return tx.QueryRow(b.Context(), query, args...).Scan(&n) }); err != nil {
		b.Fatal(err)
	}
	return n
}

func (b *bench) organisation() (id ident.Org) {
	b.Helper()
	b.write(func(tx *store.Tx) error {
		o, err := org.Insert(b.Context(), tx, org.New{Details: org.Details{Name: "Maison", Kind: org.Practice}})
		id = o.ID
		return err
	})
	return id
}

func (b *bench) join(in ident.Org, name string, holds access.Permission) {
	b.Helper()
	address, _ := account.ParseEmail(name + "@tilleuls.example")
	m, now := ident.NewMember(), b.db.Now()
	var a account.Account
	b.write(func(tx *store.Tx) (err error) {
		a, err = account.Insert(b.Context(), tx, account.New{Email: address, Names: account.Names{GivenName: name, FamilyName: "Morvan"}, Language: text.FR})
		return err
	})
	b.exec(`insert into member (org_id, id, version, last_sign_in_at, created_at) values ($1, $2, 1, $3, $3)`, in, m, now)
	b.exec(`insert into member_state (org_id, member_id, rev, account_id, email, status, profile_type, title, given_name, family_name, function,
		profession, specialty, rpps, phone, mssante, messaging_reach, sort_key, search, keywords, known_from)
		values ($1, $2, 1, $3, '', 'active', 'unregulated', '', '', '', 'manager', '', '', '', '', '', 'site', '', '', '', $4)`, in, m, a.ID, now)
	b.exec(`insert into member_permission (org_id, id, member_id, permission, scope, starts_at, given_by, known_from)
		values ($1, $2, $3, $4, 'organization', $5, '', $5)`, in, ident.NewCredential(), m, holds, now)
	b.people[name], b.member[name] = a, m
}

func (b *bench) as(name string) access.Actor {
	a := b.people[name]
	return access.Actor{Kind: access.Person, Account: a.ID, Session: ident.NewSession(), Name: a.Name(), Via: "web", StepUp: b.db.Now()}
}

// happens is an act that tells something of a member.
func (b *bench) happens(verb string, m ident.Member) {
	b.Helper()
	a := action.Act{Verb: verb, Orgs: []ident.Org{b.org}, Needs: []access.Need{access.Everybody()}}
	_, err := action.Run(b.Context(), b.hooks.Run, b.as("anne"), a, func(tx *action.Tx) (struct{}, error) {
		tx.Record(audit.Event{Org: b.org, Verb: verb, Object: m.String(), Subject: m.String(), Names: map[string]string{"member": "Paul Morvan"}})
		return struct{}{}, nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// receiver is somebody's server.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    []taken
	answer http.HandlerFunc // 204 when nil
}

type taken struct {
	at     time.Time
	header http.Header
	body   []byte
}

// receiver starts a server that the operator named.
func (b *bench) receiver(answer http.HandlerFunc) *receiver {
	b.Helper()
	r := &receiver{answer: answer}
	r.Server = httptest.NewTLSServer(r)
	b.Cleanup(r.Close)
	r.Config.ErrorLog = nil
	b.roots.AddCert(r.Certificate())
	u, err := url.Parse(r.URL)
	if err != nil {
		b.Fatal(err)
	}
	b.operator = append(b.operator, outbound.HostPort(u))
	b.connect(0)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body)
	r.mu.Lock()
	r.got = append(r.got, taken{time.Now(), q.Header.Clone(), body})
	answer := r.answer
	r.mu.Unlock()
	if answer == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	answer(w, q)
}

func (r *receiver) all() []taken {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

func (r *receiver) answers(h http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = h
}

func status(code int, said string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = io.WriteString(w, said)
	}
}

// make1 makes an endpoint at a receiver.
func (b *bench) make1(r *receiver, kinds ...event.Kind) webhook.Made {
	b.Helper()
	if len(kinds) == 0 {
		kinds = event.Kinds()
	}
	made, err := b.hooks.Make(b.Context(), b.as("anne"), b.org, webhook.Details{Name: "Agenda du cabinet", URL: r.URL + "/habilis?key=s3cret", Kinds: kinds})
	if err != nil {
		b.Fatal(err)
	}
	return made
}

func (b *bench) drain() {
	b.Helper()
	if err := b.send.Drain(b.Context()); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) log(id ident.Webhook) []webhook.Delivery {
	b.Helper()
	list, _, err := b.hooks.Deliveries(b.Context(), b.as("anne"), b.org, webhook.LogQuery{ID: id, N: webhook.MaxPage})
	if err != nil {
		b.Fatal(err)
	}
	return list
}

func (b *bench) get(id ident.Webhook) webhook.Webhook {
	b.Helper()
	v, err := b.hooks.Get(b.Context(), b.as("bruno"), b.org, id)
	if err != nil {
		b.Fatal(err)
	}
	return v
}

// verifies is the check of a receiver, written from the text of Standard Webhooks.
func verifies(s secret.Text, t taken, now time.Time) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s.Reveal(), "whsec_"))
	stamp, e := strconv.ParseInt(t.header.Get("webhook-timestamp"), 10, 64)
	if err != nil || e != nil || now.Sub(time.Unix(stamp, 0)).Abs() > 5*time.Minute {
		return false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(t.header.Get("webhook-id") + "." + t.header.Get("webhook-timestamp") + "." + string(t.body)))
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return slices.Contains(strings.Split(t.header.Get("webhook-signature"), " "), want)
}

func (b *bench) document(t taken) (d event.Document) {
	b.Helper()
	if err := json.Unmarshal(t.body, &d); err != nil {
		b.Fatal(err)
	}
	return d
}

func contextOf(b *bench) (context.Context, context.CancelFunc) {
	return context.WithCancel(b.Context())
}

// eventually waits for what other goroutines do.
func (b *bench) eventually(is func() bool) {
	b.Helper()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if is() {
			return
		}
	}
	b.Fatal("it did not come")
}

// die has what waits for an endpoint claimed by a node that never comes back.
func (b *bench) die(id ident.Webhook) {
	b.Helper()
	dead := b.hooks
	dead.Client = outbound.New(outbound.Options{Roots: b.roots, Operator: b.operator})
	if n, err := dead.Hold(b.Context(), b.org, id); err != nil || n == 0 {
		b.Fatal(n, err)
	}
}
