package apptest

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"habilis/internal/app"
	"habilis/internal/notify"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// Password is that of everybody whom a test makes.
const Password = "quatre-tilleuls-devant-la-gare"

// Server is a running server of one test.
type Server struct {
	App   *app.App
	URL   string // without a slash at its end
	Data  string // the data folder
	Clock *storetest.Clock
	Log   *Log

	t *testing.T
}

// Options change how the server runs.
type Options struct {
	// Config changes the configuration: development on a free port of this machine.
	Config func(*app.Config)
	// MayLog are pieces of the error lines that the test provokes on purpose; any
	// other line of level ERROR fails it.
	MayLog []string
	// Engine is the database; Start needs it, Each chooses.
	Engine store.Engine
}

// Each runs fn with a fresh server on each engine.
func Each(t *testing.T, fn func(t *testing.T, s *Server)) {
	t.Helper()
	EachWith(t, Options{}, fn)
}

// EachWith is Each with options.
func EachWith(t *testing.T, o Options, fn func(t *testing.T, s *Server)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			o.Engine = e
			fn(t, Start(t, o))
		})
	}
}

// stopTime bounds the end of a server.
const stopTime = 15 * time.Second

// Start runs a server until the test ends, and fails the test if it does not end well.
func Start(t *testing.T, o Options) *Server {
	t.Helper()
	clock := &storetest.Clock{}
	c := Config(t, o.Engine)
	c.Clock = clock.Now
	if o.Config != nil {
		o.Config(&c)
	}
	s := StartOn(t, c, o.MayLog...)
	s.Clock = clock
	return s
}

// StartOn is Start on an installation of the test's own.
func StartOn(t *testing.T, c app.Config, mayLog ...string) *Server {
	t.Helper()
	log := &Log{}
	a, err := app.New(context.Background(), c, log)
	if err != nil {
		t.Fatal(err)
	}
	s := Attach(t, a)
	s.Log = log
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Error("stopping:", err)
			}
		case <-time.After(stopTime):
			t.Error("the server does not stop")
		}
		log.check(t, mayLog)
	})
	return s
}

// Attach makes the helpers for a server that the test runs itself.
func Attach(t *testing.T, a *app.App) *Server {
	t.Helper()
	return &Server{App: a, URL: a.Public.String(), Data: a.Config.Data, Clock: &storetest.Clock{}, Log: &Log{}, t: t}
}

// Config places an installation on a fresh database of an engine.
func Config(t *testing.T, e store.Engine) app.Config {
	t.Helper()
	place := storetest.Place(t, e)
	c := app.Config{Listen: "127.0.0.1:0", Place: app.Place{Dev: true, LogLevel: "info", LogFormat: "text"}}
	if e == store.PostgreSQL {
		c.Data, c.DatabaseURL = t.TempDir(), secret.NewText(place.URL)
	} else {
		c.Data = filepath.Dir(place.Path)
	}
	return c
}

// letterTime bounds the wait for a letter.
const (
	letterTime = 10 * time.Second
	letterPoll = 5 * time.Millisecond
)

// Mail gives the newest letter to an address, waiting for the first.
func (s *Server) Mail(address string) notify.Kept {
	s.t.Helper()
	return s.MailAfter(address, 0)
}

// MailAfter gives the newest letter to an address once more than seen are there.
func (s *Server) MailAfter(address string, seen int) notify.Kept {
	s.t.Helper()
	for range letterTime / letterPoll {
		if list := s.Mails(address); len(list) > seen {
			return list[0]
		}
		time.Sleep(letterPoll)
	}
	s.t.Fatalf("no letter number %d to %s\n%s", seen+1, address, s.Log.Text())
	return notify.Kept{}
}

// Mails are the letters to an address so far, the newest first.
func (s *Server) Mails(address string) (list []notify.Kept) {
	s.t.Helper()
	all, err := notify.ReadOutbox(s.Data)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, k := range all {
		if strings.EqualFold(k.To, address) {
			list = append(list, k)
		}
	}
	return list
}

// Link gives the path of the first link of a letter that begins so: "/activate/".
func (s *Server) Link(k notify.Kept, path string) string {
	s.t.Helper()
	for _, l := range k.Links {
		if p, ok := strings.CutPrefix(l, s.URL); ok && strings.HasPrefix(p, path) {
			return p
		}
	}
	s.t.Fatalf("no link to %s in the letter «%s»: %v", path, k.Subject, k.Links)
	return ""
}

// Log keeps what the server logged.
type Log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write adds a line.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// Text is all of it.
func (l *Log) Text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// check fails the test on an error that nobody provoked.
func (l *Log) check(t *testing.T, may []string) {
	t.Helper()
	for line := range strings.Lines(l.Text()) {
		if strings.Contains(line, "level=ERROR") && !containsOne(line, may) {
			t.Errorf("the server logged: %s", line)
		}
	}
}

func containsOne(line string, pieces []string) bool {
	for _, p := range pieces {
		if strings.Contains(line, p) {
			return true
		}
	}
	return false
}
