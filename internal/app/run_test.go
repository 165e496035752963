package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"habilis/internal/app"
	"habilis/internal/apptest"
	"habilis/internal/audit"
	"habilis/internal/enrolment"
	"habilis/internal/org"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// TestF22Stop: a server asked to stop says so first, finishes what it has begun,
// and loses no request of those who look at /readyz.
func TestF22Stop(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			c := apptest.Config(t, e)
			c.Dev, c.BaseURL = false, "https://habilis.example.fr"
			c.Mail = app.Mail{Host: "127.0.0.1", Port: 1, From: "a@habilis.example", TLS: "none"}
			log := &apptest.Log{}
			a, err := app.New(t.Context(), c, log)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			ended := make(chan error, 1)
			go func() { ended <- a.Run(ctx) }()
			var ready atomic.Bool
			ready.Store(true)
			var sent, failed atomic.Int64
			var clients sync.WaitGroup
			base := "http://" + a.Addr().String()
			for range 4 {
				clients.Go(func() {
					for ready.Load() {
						sent.Add(1)
						if status, err := get(base+"/login", "habilis.example.fr"); err != nil || status != http.StatusOK {
							failed.Add(1)
							t.Log(status, err)
						}
					}
				})
			}
			time.Sleep(300 * time.Millisecond)
			began := time.Now()
			cancel()
			for ready.Load() { // as a proxy does
				status, err := get(base+"/readyz", "10.0.0.5")
				ready.Store(err == nil && status == http.StatusOK)
				time.Sleep(50 * time.Millisecond)
			}
			clients.Wait()
			if err := <-ended; err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took > app.StopTime {
				t.Errorf("stopping took %s", took)
			}
			if failed.Load() > 0 || sent.Load() < 50 {
				t.Errorf("%d of %d requests failed", failed.Load(), sent.Load())
			}
			if strings.Contains(log.Text(), "level=ERROR") {
				t.Error(log.Text())
			}
		})
	}
}

func get(url, host string) (int, error) {
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	r.Host = host
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, err
}

// TestINJ09: a client that sends its headers slowly is dropped in time, and those
// that are too long are refused; others are served meanwhile.
func TestINJ09(t *testing.T) {
	s := apptest.Start(t, apptest.Options{Engine: store.SQLite})
	host := strings.TrimPrefix(s.URL, "http://")
	var slow []net.Conn
	for range 50 {
		c, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "GET /login HTTP/1.1\r\nHost: %s\r\nX-Slow: ", host)
		slow = append(slow, c)
	}
	began := time.Now()
	if a := s.Browser().Get("/login"); a.Status != http.StatusOK || time.Since(began) > time.Second {
		t.Errorf("another client: %d after %s", a.Status, time.Since(began))
	}
	for _, c := range slow {
		if err := c.SetReadDeadline(began.Add(app.HeaderTime + 3*time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(c); err != nil {
			t.Fatalf("a slow client still holds its connection after %s: %v", time.Since(began), err)
		}
	}
	if took := time.Since(began); took < app.HeaderTime-time.Second {
		t.Errorf("dropped after %s already", took)
	}
	long := http.Header{"X-Long": {strings.Repeat("x", app.HeaderBytes+8<<10)}}
	if a := s.Browser().Do(http.MethodGet, "/login", nil, long); a.Status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("%d bytes of headers: %d", app.HeaderBytes+8<<10, a.Status)
	}
	if app.BodyTime != 30*time.Second || app.HeaderTime != 5*time.Second { // security/rules.md, INJ-09
		t.Error("the bounds of a connection have changed")
	}
}

// TestProbes: /livez as long as the process turns, /readyz as long as a request
// would be served, the figures on their own listener only.
func TestProbes(t *testing.T) {
	apptest.EachWith(t, apptest.Options{Config: func(c *app.Config) { c.MetricsListen = "127.0.0.1:0" }}, func(t *testing.T, s *apptest.Server) {
		for _, path := range []string{"/livez", "/readyz"} {
			if a := s.Browser().Get(path); a.Status != http.StatusOK || a.Body != "ok\n" {
				t.Errorf("%s: %d %q", path, a.Status, a.Body)
			}
		}
		if a := s.Browser().Get("/metrics"); a.Status == http.StatusOK {
			t.Error("/metrics is served with the pages")
		}
		_, rest, _ := strings.Cut(s.Log.Text(), "msg=metrics listen=")
		at, _, _ := strings.Cut(rest, "\n")
		answer, err := http.Get("http://" + at + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, _ := io.ReadAll(answer.Body)
		for _, name := range []string{
			`habilis_requests_total{method="GET",route="/readyz",status="200"} 1`, "habilis_request_seconds_bucket", `habilis_jobs{state="ready"} 0`,
			"habilis_store_retries_total", "habilis_password_hashes_waiting 0", `habilis_build_info{`, "go_goroutines",
		} {
			if !strings.Contains(string(body), name) {
				t.Errorf("the figures lack %s", name)
			}
		}
		s.Clock.Add(2 * app.MaxSkew)
		a := s.Browser().Get("/readyz")
		if s.App.DB.Engine == store.PostgreSQL && a.Status != http.StatusServiceUnavailable {
			t.Errorf("F7: a clock two minutes from the database's: %d %s", a.Status, a.Body)
		}
		if s.App.DB.Engine == store.SQLite && a.Status != http.StatusOK {
			t.Errorf("SQLite has no clock but ours: %d %s", a.Status, a.Body)
		}
	})
}

// TestReadyWithoutDatabase: no database, no requests; it comes back by itself.
func TestReadyWithoutDatabase(t *testing.T) {
	s := apptest.Start(t, apptest.Options{Engine: store.SQLite, MayLog: []string{"jobs: taking work", "webhooks: looking for work", "timetable", "could not be checked"}})
	if err := s.App.DB.Close(); err != nil {
		t.Fatal(err)
	}
	if a := s.Browser().Get("/readyz"); a.Status != http.StatusServiceUnavailable || !strings.Contains(a.Body, "database") {
		t.Errorf("/readyz: %d %s", a.Status, a.Body)
	}
	if a := s.Browser().Get("/livez"); a.Status != http.StatusOK {
		t.Errorf("/livez: %d", a.Status)
	}
}

// TestF20Damage: a flipped page is found when the server starts; it names the
// damage in its log and is not ready.
func TestF20Damage(t *testing.T) {
	c := apptest.Config(t, store.SQLite)
	served(t, c, func(a *app.App) { filled(t, a, 1500) })
	f, err := os.OpenFile(c.DatabasePath(), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	for at := info.Size() / 2 / page * page; at < info.Size()-page; at += 10 * page {
		if _, err := f.WriteAt(bytes.Repeat([]byte{0xA5}, 64), at); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	s := apptest.StartOn(t, c, "damaged", "jobs: taking work", "webhooks: looking for work", "timetable", "audit")
	// A read of what is damaged may refuse /readyz before the check of the whole file ends, and says so.
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		refused := s.Browser().Get("/readyz").Status == http.StatusServiceUnavailable
		if refused && strings.Contains(s.Log.Text(), "the database is damaged") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("a damaged database: refused %t, the log says\n%s", refused, s.Log.Text())
		}
	}
}

// served runs a server on c while fn works with it, and waits for its end.
func served(t *testing.T, c app.Config, fn func(a *app.App)) *apptest.Log {
	t.Helper()
	log := &apptest.Log{}
	a, err := app.New(t.Context(), c, log)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	fn(a)
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	return log
}

// found makes an organisation, as the platform does.
func found(t *testing.T, a *app.App, name, email string) enrolment.Founded {
	t.Helper()
	f, err := a.Enrolments.Found(t.Context(), apptest.Operator, enrolment.Found{
		Org: org.Details{Name: name, Kind: org.Practice}, Site: org.SiteDetails{Name: "Siège"}, Email: email,
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestSignedHeads (rules.md 20): a server that stops has signed the end of every
// chain; the file is its owner's, the log has the same lines, and verify-audit
// finds what no longer agrees with them.
func TestSignedHeads(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			c := apptest.Config(t, e)
			log := served(t, c, func(a *app.App) { found(t, a, "Cabinet des Lilas", "zoe.martin@lilas.example") })
			info, err := os.Stat(c.HeadsPath())
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Fatalf("%v %v", info, err)
			}
			lines, err := os.ReadFile(c.HeadsPath())
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(lines), "\n"); n != 2 || !strings.Contains(string(lines), audit.Installation) {
				t.Errorf("%d heads: %s", n, lines)
			}
			if !strings.Contains(log.Text(), `msg="audit head" chain=installation`) {
				t.Error("the log has no head")
			}
			verify := func(heads string) (string, error) {
				var out bytes.Buffer
				err := app.VerifyAudit(t.Context(), c, heads, io.Discard, &out)
				return out.String(), err
			}
			if said, err := verify(""); err != nil || !strings.Contains(said, "2 signed heads") || !strings.Contains(said, "the trail holds") {
				t.Errorf("%s %v", said, err)
			}
			served(t, c, func(*app.App) {}) // nothing grew: nothing is signed again
			if again, _ := os.ReadFile(c.HeadsPath()); !bytes.Equal(again, lines) {
				t.Errorf("signed again without a new row: %s", again)
			}
			forged := filepath.Join(t.TempDir(), "forged.jsonl")
			if err := os.WriteFile(forged, bytes.ReplaceAll(lines, []byte(`"seq":1,`), []byte(`"seq":7,`)), 0o600); err != nil {
				t.Fatal(err)
			}
			if said, err := verify(forged); !errors.Is(err, app.ErrFound) || !strings.Contains(said, "not signed by this installation") {
				t.Errorf("forged heads: %s %v", said, err)
			}
			// heads of a trail that was longer: the same keys, another database
			longer := apptest.Config(t, e)
			longer.KeyFile = c.KeyPath()
			served(t, longer, func(a *app.App) {
				for i := range 3 {
					found(t, a, fmt.Sprintf("Cabinet %d", i), fmt.Sprintf("a%d@lilas.example", i))
				}
			})
			if said, err := verify(longer.HeadsPath()); !errors.Is(err, app.ErrFound) || !strings.Contains(said, "installation #") {
				t.Errorf("heads of a longer trail: %s %v", said, err)
			}
		})
	}
}
