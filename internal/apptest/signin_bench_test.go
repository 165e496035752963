//go:build bench

package apptest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/app"
	"habilis/internal/apptest"
	"habilis/internal/credential"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/text"
)

// What eight o'clock asks of the whole machine, clients included.
const (
	wantSignIns   = 25                     // password sign-ins a second
	maxOthers     = 500 * time.Millisecond // p99 of the other pages meanwhile
	maxResident   = 400 << 20              // bytes, of the server and its clients, which share this process
	loadPeople    = 2 * beyondWorkers      // nobody signs in twice at once: their own tries would wait
	loadFor       = 20 * time.Second
	usualWorkers  = 8
	beyondWorkers = 400 // more than can be served
)

// TestBenchSignIn: sign-ins by password a second, other pages meanwhile, and what happens
// beyond: 503 with Retry-After, and nobody who is signed in is signed out.
func TestBenchSignIn(t *testing.T) {
	apptest.EachWith(t, apptest.Options{Config: exemptLoopback}, func(t *testing.T, s *apptest.Server) {
		o := s.NewOrg("Clinique des Lilas", "zoe.martin@lilas.example")
		people := strangers(t, s)
		reader := s.SignIn(s.NewMember(o, "lea.roy@lilas.example", role.Secretary, access.OrgScope(o.ID)).Email)
		for _, workers := range []int{usualWorkers, beyondWorkers} {
			l := &load{t: t, s: s, people: people, workers: workers}
			l.run(reader, "/o/"+o.Slug+"/home")
			l.report()
			if workers == usualWorkers && float64(l.in.Load())/loadFor.Seconds() < wantSignIns {
				t.Errorf("%d sign-ins in %s, wanted %d a second", l.in.Load(), loadFor, wantSignIns)
			}
			if workers == beyondWorkers && l.later.Load() == 0 {
				t.Error("nobody was asked to come back: the load is not beyond what can be served")
			}
			if a := reader.Get("/o/" + o.Slug + "/home"); a.Status != http.StatusOK {
				t.Errorf("with %d workers a session was lost: %d", workers, a.Status)
			}
		}
	})
}

// strangers are people without membership, who may sign in all the same.
func strangers(t *testing.T, s *apptest.Server) (people []string) {
	t.Helper()
	hash, err := s.App.Logins.Hasher.Hash(t.Context(), secret.NewText(apptest.Password))
	if err != nil {
		t.Fatal(err)
	}
	err = s.App.DB.Write(t.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error {
		people = people[:0]
		for i := range loadPeople {
			e, _ := account.ParseEmail(fmt.Sprintf("personne%04d@lilas.example", i))
			a, err := account.Insert(t.Context(), tx, account.New{Email: e, Language: text.FR})
			if err != nil {
				return err
			}
			if err := credential.SetPassword(t.Context(), tx, a.ID, hash); err != nil {
				return err
			}
			people = append(people, e.Address)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return people
}

// exemptLoopback: all the clients have one address, as a hospital has.
func exemptLoopback(c *app.Config) { c.ExemptNetworks = []string{"127.0.0.0/8"} }

type load struct {
	t         *testing.T
	s         *apptest.Server
	people    []string
	workers   int
	in, later atomic.Int64 // signed in; told to come back
	others    []time.Duration
	resident  int64
}

// run signs in with so many browsers at once, and reads a page all the while.
func (l *load) run(reader *apptest.Client, path string) {
	end := time.Now().Add(loadFor)
	var all sync.WaitGroup
	for w := range l.workers {
		all.Go(func() {
			for n := w; time.Now().Before(end); n += l.workers {
				l.signIn(l.people[n%len(l.people)])
			}
		})
	}
	for time.Now().Before(end) {
		began := time.Now()
		if a := reader.Get(path); a.Status != http.StatusOK {
			l.t.Errorf("%s: %d", path, a.Status)
		}
		l.others = append(l.others, time.Since(began))
		l.resident = max(l.resident, resident(l.t))
		time.Sleep(20 * time.Millisecond)
	}
	all.Wait()
}

func (l *load) signIn(email string) {
	a := l.s.Browser().Post("/login", url.Values{"email": {email}, "password": {apptest.Password}})
	switch {
	case a.Status == http.StatusSeeOther:
		l.in.Add(1)
	case a.Status == http.StatusServiceUnavailable && a.Header.Get("Retry-After") != "":
		l.later.Add(1)
	default:
		l.t.Errorf("%s: %d %.200s", email, a.Status, a.Body)
	}
}

func (l *load) report() {
	slices.Sort(l.others)
	p99 := l.others[len(l.others)*99/100]
	l.t.Logf("%d browsers at once: %.0f sign-ins a second, %d told to come back; %d other pages, p50 %s, p99 %s (limit %s); resident at most %d MiB (limit %d)",
		l.workers, float64(l.in.Load())/loadFor.Seconds(), l.later.Load(), len(l.others), l.others[len(l.others)/2], p99, maxOthers, l.resident>>20, maxResident>>20)
	if p99 > maxOthers && l.workers == usualWorkers {
		l.t.Errorf("other pages: p99 %s", p99)
	}
	if l.resident > maxResident {
		l.t.Errorf("resident: %d MiB", l.resident>>20)
	}
}

// resident is the memory of this process, in bytes.
func resident(t *testing.T) int64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmRSS:" {
			n, err := strconv.ParseInt(f[1], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n << 10
		}
	}
	t.Fatal("no VmRSS")
	return 0
}
