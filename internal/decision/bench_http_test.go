//go:build bench

package decision_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/authzen"
	"habilis/internal/decision"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/token"
)

// Decisions over HTTP, measured (issue 5, "Must show" 3): the door as a share of a handler
// that answers always the same behind the same check of the token, and behind none, by
// turns in the same run; 64 clients on this machine; batches of 20; on PostgreSQL while
// another node writes. To run:
//
//	go test -tags bench -run TestBenchHTTP -v -timeout 15m ./internal/decision
//
// BENCH_ROUND is how long a turn lasts (1s), BENCH_ROUNDS how many there are (7).
const (
	benchClients  = 64
	benchHTTPOrgs = 200
	inABatch      = 20

	shareSQLite, sharePostgres = .75, .60
)

// constant is an answer of the usual length.
var constant = []byte(`{"decision":true,"context":{"code":"grant.agenda","reason_user":{"fr":"Cette personne a reçu un niveau suffisant sur cet agenda.",` +
	`"en":"This person was given a sufficient level on this agenda."},"facts":[{"kind":"grant","id":"gnt_019aa0f4-1f66-7a2b-8c9d-e04b6d13f5a9",` +
	`"level":"read","given_by":"system","given_at":"2026-11-22T04:00:00Z","until":null}],"version":12}}`)

type httpBench struct {
	*testing.T

	db      *store.DB
	place   store.Options
	run     *action.Runner
	d       *decision.Decisions
	log     *decision.Log
	orgs    []decision.BenchOrg
	bearers []string
	address string
}

func TestBenchHTTP(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			b := newHTTPBench(t, e)
			if e == store.PostgreSQL {
				b.anotherNode()
			}
			b.shares(e)
		})
	}
}

func newHTTPBench(t *testing.T, e store.Engine) *httpBench {
	t.Helper()
	place := storetest.Place(t, e)
	db, err := store.Open(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	b := &httpBench{T: t, db: db, place: place, run: &action.Runner{DB: db, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler)}}
	b.orgs = decision.BenchOrgs(t, db, benchHTTPOrgs)
	for _, o := range b.orgs {
		made, err := token.Tokens{Run: b.run}.Make(t.Context(), access.Operator("bench"), token.New{
			Kind: token.OfOrganization, Org: o.ID(), Name: "bench", Permissions: []access.Permission{access.DecisionsAsk},
		})
		if err != nil {
			t.Fatal(err)
		}
		b.bearers = append(b.bearers, made.Secret.Reveal())
	}
	b.d, b.log = decision.New(b.run), decision.NewLog(b.run)
	go b.log.Keep(t.Context())
	srv := httptest.NewServer(b.doors())
	t.Cleanup(srv.Close)
	b.address = srv.Listener.Addr().String()
	return b
}

func (b *httpBench) doors() http.Handler {
	mux := http.NewServeMux()
	decider := authzen.Index{Decisions: b.d}
	door := &authzen.Server{
		Decider: decider, Run: b.run, PerMinute: 1 << 30, Log: slog.New(slog.DiscardHandler), BaseURL: "http://bench",
		Address: func(*http.Request) string { return "" }, RequestID: func(*http.Request) string { return "" },
		Answered: func(by authzen.Caller, q *decision.Question, a *decision.Explained) {
			b.log.Note(by.Org, by.Key, by.Actor.Name, q, a.Answer)
		},
	}
	door.Mount(mux)
	answer := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header()["Content-Type"] = []string{"application/json"}
		w.Header()["Content-Length"] = []string{strconv.Itoa(len(constant))}
		_, _ = w.Write(constant)
	}
	mux.HandleFunc("POST /bare", answer)
	mux.HandleFunc("POST /constant", func(w http.ResponseWriter, r *http.Request) {
		_, bearer, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if _, err := decider.Caller(r.Context(), bearer); err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		answer(w, r)
	})
	return mux
}

// anotherNode writes to the same database without a pause until the test ends.
func (b *httpBench) anotherNode() {
	other, err := store.Open(b.Context(), b.place)
	if err != nil {
		b.Fatal(err)
	}
	run := &action.Runner{DB: other, Ring: b.run.Ring, Log: b.run.Log}
	var stop atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := 0; !stop.Load(); n++ {
			b.orgs[n%len(b.orgs)].Change(b.T, run, n)
			time.Sleep(10 * time.Millisecond)
		}
	})
	b.Cleanup(func() {
		stop.Store(true)
		wg.Wait()
		_ = other.Close()
	})
}

// prepared are requests ready to be sent.
func (b *httpBench) prepared(path string, batch bool, r *rand.Rand) [][]byte {
	list := make([][]byte, 256)
	for i := range list {
		o := r.IntN(len(b.orgs))
		body := b.body(b.orgs[o], batch, r)
		list[i] = fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			path, b.bearers[o], len(body), body)
	}
	return list
}

func (b *httpBench) body(o decision.BenchOrg, batch bool, r *rand.Rand) []byte {
	question := func() map[string]any {
		q := o.Ask(r)
		return map[string]any{
			"subject":  map[string]string{"type": q.Subject.Type, "id": q.Subject.ID},
			"action":   map[string]string{"name": q.Action},
			"resource": map[string]string{"type": q.Resource.Type, "id": q.Resource.ID},
		}
	}
	asked := question()
	if batch {
		var items []any
		for range inABatch {
			items = append(items, question())
		}
		asked = map[string]any{"evaluations": items}
	}
	body, err := json.Marshal(asked)
	if err != nil {
		b.Fatal(err)
	}
	return body
}

// perSecond asks from all clients for a while, and gives the answers in a second.
func (b *httpBench) perSecond(path string, batch bool, lasting time.Duration) float64 {
	var done atomic.Int64
	var wg sync.WaitGroup
	begun := time.Now()
	for c := range benchClients {
		requests := b.prepared(path, batch, rand.New(rand.NewPCG(uint64(c), 7)))
		wg.Go(func() {
			conn, err := net.Dial("tcp", b.address)
			if err != nil {
				b.Error(err)
				return
			}
			defer conn.Close()
			in := bufio.NewReaderSize(conn, 64<<10)
			for n := 0; time.Since(begun) < lasting; n++ {
				if err := exchange(conn, in, requests[n%len(requests)]); err != nil {
					b.Error(path, err)
					return
				}
				done.Add(1)
			}
		})
	}
	begun = time.Now()
	wg.Wait()
	return float64(done.Load()) / time.Since(begun).Seconds()
}

// exchange sends a request and reads its answer, as cheaply as a client can.
func exchange(conn net.Conn, in *bufio.Reader, request []byte) error {
	if _, err := conn.Write(request); err != nil {
		return err
	}
	length := -1
	for line := 0; ; line++ {
		l, err := in.ReadSlice('\n')
		switch {
		case err != nil:
			return err
		case line == 0 && !bytes.HasPrefix(l, []byte("HTTP/1.1 200")):
			return fmt.Errorf("answered %s", l)
		case bytes.HasPrefix(l, []byte("Content-Length: ")):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(l[len("Content-Length: "):]))); err != nil {
				return err
			}
		case len(l) <= 2:
			_, err = in.Discard(length)
			return err
		}
	}
}

func (b *httpBench) shares(e store.Engine) {
	lasting, rounds := time.Second, 7
	if v, err := time.ParseDuration(os.Getenv("BENCH_ROUND")); err == nil {
		lasting = v
	}
	if v, err := strconv.Atoi(os.Getenv("BENCH_ROUNDS")); err == nil {
		rounds = v
	}
	var bare, same, one, many, share, cpu []float64
	b.perSecond(authzen.PathEvaluation, false, lasting) // all are in memory
	for range rounds {
		bare = append(bare, b.perSecond("/bare", false, lasting))
		begun := decision.CPUTime()
		same = append(same, b.perSecond("/constant", false, lasting))
		ofSame := float64(decision.CPUTime()-begun) / same[len(same)-1]
		begun = decision.CPUTime()
		one = append(one, b.perSecond(authzen.PathEvaluation, false, lasting))
		cpu = append(cpu, ofSame/(float64(decision.CPUTime()-begun)/one[len(one)-1]))
		many = append(many, b.perSecond(authzen.PathEvaluations, true, lasting)*inABatch)
		share = append(share, one[len(one)-1]/same[len(same)-1])
	}
	limit := shareSQLite
	if e == store.PostgreSQL {
		limit = sharePostgres
	}
	b.Logf("bare handler                 %8.0f answers/s", median(bare))
	b.Logf("constant, same token check   %8.0f answers/s", median(same))
	b.Logf("decisions                    %8.0f answers/s", median(one))
	b.Logf("decisions in batches of %d   %8.0f decisions/s", inABatch, median(many))
	b.Logf("share of the constant handler, median of %d turns: %.0f %% (limit %.0f %%), from %.0f to %.0f %%; entries dropped from the log: %d",
		rounds, 100*median(share), 100*limit, 100*slices.Min(share), 100*slices.Max(share), b.log.Dropped())
	b.Logf("share of the constant handler by CPU, clients included, where the machine does other things too: %.0f %%", 100*median(cpu))
	if max(median(share), median(cpu)) < limit {
		b.Errorf("the door reaches %.0f %% of the constant handler", 100*median(share))
	}
}

func median(list []float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}
