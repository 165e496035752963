//go:build bench

package decision

import (
	"bytes"
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// TestBenchStart starts, on a folder of the disk, a server with 1,000,000 memberships, in the manner of
// an operator (issue 5, "Must show" 3). To run, in about a quarter of an hour:
//
//	go test -tags bench -run TestBenchStart -v -timeout 2h ./internal/decision
//
// Start-up to ready, a cold organisation, the warm-up of all of them, and an organisation
// whose groups hold 1,000,000 patient records.

var (
	startOrg = size{members: 50, agendas: 4, boxes: 1, groups: 2, records: 20, sites: 2, identities: 1, listed: 60, granted: 10}
	vastOrg  = size{members: 200, agendas: 20, boxes: 5, groups: 40, records: 1_000_000, sites: 3, identities: 10, listed: 100, granted: 20}
)

const readyLimit = 3 * time.Second

func TestBenchStart(t *testing.T) {
	dir, program := t.TempDir(), filepath.Join(t.TempDir(), "habilis")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./cmd/habilis")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("start-up to ready of an empty data folder: %v", startServer(t, program, dir))
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(dir, "habilis.db")})
	if err != nil {
		t.Fatal(err)
	}
	begun, at := time.Now(), db.Now().Add(-time.Hour)
	var orgs []ident.Org
	asked := map[ident.Org]Question{}
	r := rand.New(rand.NewPCG(8, 8))
	for i := range millionOrgs {
		o := generate(startOrg, i, at)
		o.write(t, db)
		orgs = append(orgs, o.org)
		asked[o.org] = o.asked(r)
	}
	t.Logf("%d organisations of %d members written in %v", len(orgs), startOrg.members, time.Since(begun))
	begun = time.Now()
	vast := generate(vastOrg, millionOrgs, at)
	vast.write(t, db)
	t.Logf("1,000,000 patient records in groups of one organisation written in %v", time.Since(begun))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	told(t, "start-up to ready", startServer(t, program, dir), readyLimit)
	told(t, "start-up to ready, again", startServer(t, program, dir), readyLimit)
	warm(t, dir, orgs, asked, vast)
}

// startServer starts the program on a folder, and gives how long it took to be ready.
func startServer(t *testing.T, program, dir string) time.Duration {
	t.Helper()
	cmd := exec.Command(program, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	var out lockedBuffer
	cmd.Stdout, cmd.Stderr = &out, &out
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}()
	for time.Since(begun) < time.Minute {
		if base := printed.FindString(out.String()); base != "" {
			if a, err := http.Get(base + "/readyz"); err == nil {
				_ = a.Body.Close()
				if a.StatusCode == http.StatusOK {
					return time.Since(begun)
				}
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("not ready within a minute:\n%s", out.String())
	return 0
}

var printed = regexp.MustCompile(`https?://127\.0\.0\.1:[1-9]\d*`)

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// warm asks every organisation once: each is read from the database then.
func warm(t *testing.T, dir string, orgs []ident.Org, asked map[ident.Org]Question, vast *made) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(dir, "habilis.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	d := New(&action.Runner{DB: db, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler)})
	before := resident()
	var took []time.Duration
	begun := time.Now()
	for _, o := range orgs {
		q, at := asked[o], time.Now()
		if _, err := d.Ask(t.Context(), o, &q); err != nil {
			t.Fatal(err)
		}
		took = append(took, time.Since(at))
	}
	t.Logf("warm-up of 1,000,000 memberships, one organisation after the other: %v", time.Since(begun))
	p50, p99, most := centiles(took)
	t.Logf("a cold organisation among them: p50 %v, p99 %v, most %v", p50, p99, most)
	told(t, "a cold organisation among them, p99", p99, 50*time.Millisecond)
	runtime.GC()
	t.Logf("resident %d MiB, %d before", giveBack()>>20, before>>20)
	q := Question{Subject: Entity{TypeMember, vast.members[0].id}, Action: "read", Resource: Entity{TypePatientRecord, vast.records[0]}}
	begun = time.Now()
	if _, err := d.Ask(context.Background(), vast.org, &q); err != nil {
		t.Fatal(err)
	}
	s := d.places.get(vast.org).snap.Load()
	t.Logf("an organisation with %d patient records in groups: read in %v, %d MiB; resident %d MiB", s.records.n, time.Since(begun), s.bytes()>>20, resident()>>20)
	told(t, "resident memory, MiB", float64(resident()>>20), 1024)
}
