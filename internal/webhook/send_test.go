package webhook_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/event"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/outbound"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/webhook"
)

// OUT-02, OUT-04, rules.md 18: what is sent is signed, can be told from what was altered, sent
// long ago or sent twice, and is what the feed says; nobody's name is in it.
func TestDelivery(t *testing.T) {
	each(t, func(b *bench) {
		r := b.receiver(nil)
		b.happens("member.edit", b.member["paul"]) // before the endpoint: not for it
		made := b.make1(r, event.MemberDeactivated, event.RightsChanged)
		b.happens("member.deactivate", b.member["paul"])
		b.happens("member.edit", b.member["paul"]) // not chosen
		b.happens("member.role_give", b.member["paul"])
		b.drain()
		got := r.all()
		if len(got) != 2 {
			b.Fatalf("%d sent", len(got))
		}
		page, err := b.hooks.Feed(b.Context(), b.as("anne"), b.org, webhook.FeedQuery{Kinds: []event.Kind{event.MemberDeactivated, event.RightsChanged}, N: 10})
		if err != nil || len(page.Events) != 2 || page.More {
			b.Fatal(page, err)
		}
		for i, e := range page.Events {
			of := slices.IndexFunc(got, func(t taken) bool { return t.header.Get("webhook-id") == e.ID.String() })
			if of < 0 {
				b.Fatalf("event %d was not sent", i)
			}
			want, err := json.Marshal(e.Document("https://habilis.example/api/v1/organizations/" + b.org.String()))
			if err != nil || !bytes.Equal(got[of].body, want) {
				b.Errorf("sent %s, the feed has %s", got[of].body, want)
			}
			if !verifies(made.Secret, got[of], b.clock.Now()) || got[of].header.Get("Content-Type") != "application/cloudevents+json; charset=utf-8" {
				b.Errorf("not signed: %v", got[of].header)
			}
			if bytes.Contains(got[of].body, []byte("Paul")) || bytes.Contains(got[of].body, []byte("Morvan")) {
				b.Errorf("says who: %s", got[of].body)
			}
		}
		altered, late := got[0], got[0]
		altered.body = bytes.Replace(altered.body, []byte("member"), []byte("nember"), 1)
		if verifies(made.Secret, altered, b.clock.Now()) || verifies(made.Secret, late, b.clock.Now().Add(6*time.Minute)) {
			b.Error("what was altered, or is late, verifies")
		}
		for _, d := range b.log(made.Webhook.ID) {
			if d.State != webhook.Delivered || d.Result.Status != http.StatusNoContent || d.Attempt != 1 || d.Result.Said != "" {
				b.Errorf("log %+v", d)
			}
		}
	})
}

// rules.md 18, 21: a new secret leaves the one before good for a day; neither is kept as it is
// nor shown twice.
func TestRotation(t *testing.T) {
	each(t, func(b *bench) {
		r := b.receiver(nil)
		made := b.make1(r)
		if n := b.count(`select count(*) from webhook where secret = $1`, []byte(made.Secret.Reveal())); n != 0 || made.Secret.IsZero() {
			b.Fatal("the secret is kept as it is")
		}
		next, err := b.hooks.Rotate(b.Context(), b.as("bruno"), b.org, made.Webhook.ID)
		if err != nil || next.Secret.Equal(made.Secret) || next.Webhook.SecretUntil == nil {
			b.Fatal(next, err)
		}
		b.happens("member.edit", b.member["paul"])
		b.drain()
		b.clock.Add(webhook.Overlap + time.Minute)
		b.happens("member.edit", b.member["paul"])
		b.drain()
		got := r.all()
		if len(got) != 2 {
			b.Fatalf("%d sent", len(got))
		}
		for i, want := range []bool{true, false} {
			now := b.clock.Now()
			if i == 0 {
				now = now.Add(-webhook.Overlap - time.Minute)
			}
			if verifies(made.Secret, got[i], now) != want || !verifies(next.Secret, got[i], now) {
				b.Errorf("%d: %v", i, got[i].header)
			}
		}
		by := b.as("anne")
		by.Once.Key = "again"
		first, err := b.hooks.Make(b.Context(), by, b.org, webhook.Details{Name: "Deux", URL: r.URL, Kinds: event.Kinds()})
		second, e := b.hooks.Make(b.Context(), by, b.org, webhook.Details{Name: "Deux", URL: r.URL, Kinds: event.Kinds()})
		if err != nil || e != nil || first.Secret.IsZero() || !second.Secret.IsZero() || first.Webhook.ID != second.Webhook.ID {
			b.Errorf("asked again: %v %v, secret %v", err, e, !second.Secret.IsZero())
		}
	})
}

// OUT-01: refused when it is written …
func TestAddressRefused(t *testing.T) {
	each(t, func(b *bench) {
		for address, code := range map[string]string{
			"http://recepteur.example/": "webhook.url_https", "file:///etc/passwd": "webhook.url", "gopher://recepteur.example/": "webhook.url_https",
			"https://127.0.0.1/": "webhook.url_private", "https://localhost/": "webhook.url_private", "https://10.0.0.7/": "webhook.url_private",
			"https://169.254.169.254/latest": "webhook.url_private", "https://[::1]/": "webhook.url_private",
			"https://recepteur.example:5432/": "webhook.url_port", "https://user:pass@recepteur.example/": "webhook.url",
			"https://réception.example/": "webhook.url", "https://recepteur.example/#x": "webhook.url", "": "text.empty",
			"https://recepteur.example/" + strings.Repeat("a", webhook.MaxURL): "text.too_long",
		} {
			_, err := b.hooks.Make(b.Context(), b.as("anne"), b.org, webhook.Details{Name: "x", URL: address, Kinds: event.Kinds()})
			if f := fault.Of(err); f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Location != "url" || f.Fields[0].Code != code {
				b.Errorf("%s: %v, want %s", address, err, code)
			}
		}
		// Through an outgoing proxy nothing is checked: only servers that the operator named.
		proxied := b.hooks
		proxied.Client = outbound.New(outbound.Options{Proxy: &url.URL{Scheme: "http", Host: "proxy.example:3128"}})
		_, err := proxied.Make(b.Context(), b.as("anne"), b.org, webhook.Details{Name: "x", URL: "https://recepteur.example/", Kinds: event.Kinds()})
		if f := fault.Of(err); len(f.Fields) != 1 || f.Fields[0].Code != "webhook.url_operator" {
			b.Errorf("through a proxy: %v", err)
		}
		for code, d := range map[string]webhook.Details{
			"webhook.kinds":        {Name: "x", URL: "https://recepteur.example/"},
			"webhook.kind_unknown": {Name: "x", URL: "https://recepteur.example/", Kinds: []event.Kind{event.Test}},
		} {
			_, err := b.hooks.Make(b.Context(), b.as("anne"), b.org, d)
			if f := fault.Of(err); len(f.Fields) != 1 || f.Fields[0].Code != code {
				b.Errorf("%s: %v", code, err)
			}
		}
	})
}

// … and when it is dialled: a name that leads inside, and a receiver that sends there, get
// nothing (OUT-01).
func TestInsideIsNotReached(t *testing.T) {
	each(t, func(b *bench) {
		inside := 0
		secretPlace := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { inside++ }))
		defer secretPlace.Close()
		b.roots.AddCert(secretPlace.Certificate())
		r := b.receiver(func(w http.ResponseWriter, q *http.Request) {
			http.Redirect(w, q, secretPlace.URL, http.StatusTemporaryRedirect)
		})
		sends, leads := b.make1(r), b.make1(r)
		b.exec(`update webhook set url = $2 where id = $1`, leads.Webhook.ID, secretPlace.URL) // what a name may come to mean
		b.happens("member.edit", b.member["paul"])
		b.drain()
		for id, want := range map[ident.Webhook]webhook.Outcome{sends.Webhook.ID: webhook.Redirected, leads.Webhook.ID: webhook.BadAddress} {
			if list := b.log(id); len(list) != 1 || list[0].Result.Outcome != want || list[0].State != webhook.Waiting {
				b.Errorf("%s: %+v", want, list)
			}
		}
		if inside > 0 {
			b.Error("the inside was reached")
		}
	})
}

// OUT-03, F12, issue 8 (3): one receiver is down, another slow, another wrong; the others are
// told within a second, and nothing is lost once they are back.
func TestHostileReceivers(t *testing.T) {
	each(t, func(b *bench) {
		well, back := b.receiver(nil), make(chan struct{})
		defer close(back)
		bomb := bytes.Buffer{}
		z := gzip.NewWriter(&bomb)
		_, _ = io.CopyN(z, zeros{}, 50<<20)
		_ = z.Close()
		hostile := map[webhook.Outcome]*receiver{
			webhook.BadStatus: b.receiver(status(http.StatusInternalServerError, "en panne, jeton Bearer abc.def et whsec_c2VjcmV0\x00\nfin")),
			webhook.TimedOut: b.receiver(func(_ http.ResponseWriter, q *http.Request) {
				select {
				case <-back:
				case <-q.Context().Done():
				}
			}),
			webhook.TooLarge: b.receiver(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", "gzip")
				_, _ = w.Write(bomb.Bytes())
			}),
			webhook.Redirected: b.receiver(func(w http.ResponseWriter, q *http.Request) { http.Redirect(w, q, q.URL.Path, http.StatusFound) }),
		}
		down := b.receiver(nil)
		hostile[webhook.Unreached] = down
		b.connect(2 * time.Second)
		ids := map[webhook.Outcome]ident.Webhook{}
		for outcome, r := range hostile {
			ids[outcome] = b.make1(r).Webhook.ID
		}
		down.CloseClientConnections()
		down.Listener.Close()
		b.make1(well)

		ctx, cancel := contextOf(b)
		finished := make(chan struct{})
		go func() { b.send.Run(ctx); close(finished) }()
		for range 3 {
			before := len(well.all())
			began := time.Now()
			b.happens("member.edit", b.member["paul"])
			b.send.Wake()
			for len(well.all()) == before && time.Since(began) < 5*time.Second {
				time.Sleep(5 * time.Millisecond)
			}
			if took := time.Since(began); took > time.Second {
				b.Errorf("the one that is well was told after %v", took)
			}
		}
		b.eventually(func() bool {
			for outcome, id := range ids {
				if !slices.ContainsFunc(b.log(id), func(d webhook.Delivery) bool { return d.Result.Outcome == outcome }) {
					return false
				}
			}
			return true
		})
		cancel()
		<-finished
		for _, d := range b.log(ids[webhook.BadStatus]) {
			if strings.Contains(d.Result.Said, "abc") || strings.Contains(d.Result.Said, "c2VjcmV0") || strings.ContainsAny(d.Result.Said, "\x00\n") {
				b.Errorf("kept: %q", d.Result.Said)
			}
		}
		hostile[webhook.BadStatus].answers(nil) // it is back
		b.clock.Add(time.Hour)
		b.happens("member.edit", b.member["paul"])
		b.drain()
		seen := map[string]bool{}
		for _, d := range b.log(ids[webhook.BadStatus]) {
			if d.State != webhook.Delivered {
				b.Errorf("lost: %+v", d)
			}
			seen[d.Event.ID.String()] = true
		}
		if len(seen) != 4 {
			b.Errorf("%d of 4 events", len(seen))
		}
	})
}

// F12: an organisation in the middle of a long act, in which somebody signs in, keeps the
// receivers of the others waiting for nothing.
func TestBusyOrganisation(t *testing.T) {
	if !storetest.Has(t, store.PostgreSQL) {
		return // SQLite has one writer: whoever acts waits for it
	}
	each(t, func(b *bench) {
		if b.db.Engine != store.PostgreSQL {
			return
		}
		r := b.receiver(nil)
		b.make1(r)
		b.exec(`insert into event_waiting (org_id, id, kind, subject, at) values ($1, $2, 'session.opened', $3, $4)`,
			b.other, ident.NewOutEvent(), b.member["odile"], b.db.Now())
		long, over := make(chan struct{}), make(chan error)
		go func() {
			over <- b.db.Write(b.Context(), []store.Lock{store.Lock(b.other)}, func(*store.Tx) error { <-long; return nil })
		}()
		ctx, cancel := contextOf(b)
		finished := make(chan struct{})
		go func() { b.send.Run(ctx); close(finished) }()
		time.Sleep(100 * time.Millisecond) // it waits for the organisation by now
		began := time.Now()
		b.happens("member.edit", b.member["paul"])
		b.send.Wake()
		b.eventually(func() bool { return len(r.all()) == 1 })
		if took := time.Since(began); took > time.Second {
			b.Errorf("told after %v", took)
		}
		page, err := b.hooks.Feed(b.Context(), b.as("odile"), b.other, webhook.FeedQuery{})
		if err != nil || len(page.Events) != 0 {
			b.Errorf("the feed of the busy one: %+v %v", page, err)
		}
		close(long)
		if err := <-over; err != nil {
			b.Error(err)
		}
		b.eventually(func() bool {
			return b.count(`select count(*) from event where org_id = $1 and kind = 'session.opened'`, b.other) == 1
		})
		cancel()
		<-finished
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// OUT-03: what fails is tried again by the schedule, under the same identifier; an endpoint
// that fails for five days is stopped and its administrators are told; started again, it is
// sent what it missed.
func TestScheduleAndEnd(t *testing.T) {
	each(t, func(b *bench) {
		r := b.receiver(status(http.StatusBadGateway, "panne"))
		made := b.make1(r)
		b.happens("member.edit", b.member["paul"])
		b.drain()
		for n, pause := range webhook.Schedule {
			if len(r.all()) != n+1 {
				b.Fatalf("%d tries, want %d", len(r.all()), n+1)
			}
			b.clock.Add(pause - time.Second)
			b.drain()
			if len(r.all()) != n+1 {
				b.Fatalf("tried before its time, at %d", n)
			}
			b.clock.Add(pause/5 + webhook.LastRest + 2*time.Second)
			b.drain()
			if b.get(made.Webhook.ID).Status == webhook.Stopped {
				break
			}
		}
		v := b.get(made.Webhook.ID)
		if v.Status != webhook.Stopped || v.Why != webhook.ByFailures {
			b.Fatalf("after all tries: %+v", v)
		}
		for _, t := range r.all() {
			if t.header.Get("webhook-id") != r.all()[0].header.Get("webhook-id") {
				b.Error("another identifier")
			}
		}
		if n := b.count(`select count(*) from job where kind = 'letter.webhook_stopped'`); n != 1 {
			b.Errorf("%d letters", n)
		}
		tries := len(r.all())
		b.happens("member.edit", b.member["paul"])
		b.clock.Add(time.Hour)
		b.drain()
		if len(r.all()) != tries {
			b.Error("sent although stopped")
		}
		r.answers(nil)
		if _, err := b.hooks.Start(b.Context(), b.as("bruno"), b.org, made.Webhook.ID, webhook.AnyVersion); err != nil {
			b.Fatal(err)
		}
		b.clock.Add(webhook.LastRest)
		b.drain()
		list := b.log(made.Webhook.ID)
		if len(list) != 2 || list[0].State != webhook.Delivered || list[0].Event.Position < list[1].Event.Position {
			b.Errorf("after it was started again: %+v", list)
		}
		if v := b.get(made.Webhook.ID); v.Owner != b.people["bruno"].ID || v.FailingSince != nil || v.OwnerName != "bruno Morvan" {
			b.Errorf("answers for it: %+v", v)
		}
	})
}

// rules.md 13: what somebody made is not sent once they may no longer have it, whether they
// were told or not; the administrators are.
func TestDemotedOwner(t *testing.T) {
	each(t, func(b *bench) {
		r := b.receiver(nil)
		made := b.make1(r)
		b.exec(`update member_permission set known_until = $3 where org_id = $1 and member_id = $2`, b.org, b.member["anne"], b.db.Now())
		b.happens("member.edit", b.member["paul"])
		b.drain()
		if v := b.get(made.Webhook.ID); len(r.all()) != 0 || v.Status != webhook.Stopped || v.Why != webhook.ByOwner {
			b.Fatalf("%d sent, %+v", len(r.all()), v)
		}
		if n := b.count(`select count(*) from job where kind = 'letter.webhook_stopped'`); n != 1 {
			b.Errorf("%d letters", n)
		}
		if _, err := b.hooks.Start(b.Context(), b.as("bruno"), b.org, made.Webhook.ID, 1); !errors.Is(err, webhook.ErrStale) {
			b.Errorf("RAC-07: stale: %v", err)
		}
		if _, err := b.hooks.Start(b.Context(), b.as("bruno"), b.org, made.Webhook.ID, webhook.AnyVersion); err != nil {
			b.Fatal(err)
		}
		b.drain()
		if len(r.all()) != 1 {
			b.Errorf("%d sent after bruno took it over", len(r.all()))
		}
	})
}

// A node that dies while it sends: another one sends it again when the lease is over, under
// the same identifier; two that are alive never send the same at once (F12).
func TestTwoNodes(t *testing.T) {
	const events = 60
	each(t, func(b *bench) {
		r := b.receiver(nil)
		made := b.make1(r)
		for range events {
			b.happens("member.edit", b.member["paul"])
		}
		other := b.dispatcher()
		done := make(chan error)
		go func() { done <- other.Drain(b.Context()) }()
		b.drain()
		if err := <-done; err != nil {
			b.Fatal(err)
		}
		b.drain()
		times := map[string]int{}
		for _, t := range r.all() {
			times[t.header.Get("webhook-id")]++
		}
		for id, n := range times {
			if n != 1 {
				b.Errorf("%s was sent %d times", id, n)
			}
		}
		if len(times) != events {
			b.Errorf("%d of %d events", len(times), events)
		}
		b.happens("member.edit", b.member["paul"])
		b.die(made.Webhook.ID)
		b.drain()
		if len(r.all()) != events {
			b.Error("sent what another node holds")
		}
		b.clock.Add(2 * time.Minute)
		b.drain()
		if len(r.all()) != events+1 {
			b.Error("what a dead node held is lost")
		}
	})
}

// Order by version: of two events of one subject the later has the higher version, however
// they arrive; a receiver that keeps the highest is right in the end (F12).
func TestOrderByVersion(t *testing.T) {
	each(t, func(b *bench) {
		r := b.receiver(nil)
		b.make1(r)
		for i := range 12 {
			b.happens([]string{"member.deactivate", "member.reactivate"}[i%2], b.member["paul"])
		}
		b.drain()
		last, highest := event.Kind(""), int64(0)
		for _, t := range r.all() {
			if d := b.document(t); d.Data.Version > highest {
				last, highest = d.Type, d.Data.Version
			}
		}
		if last != event.MemberReactivated || highest != 12 {
			b.Errorf("ends as %s at %d", last, highest)
		}
	})
}
