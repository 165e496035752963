package app_test

import (
	"net/http"
	"strings"
	"testing"

	"habilis/internal/app"
	"habilis/internal/apptest"
	"habilis/internal/store"
)

// TestDevMail: in development the letters can be read and their links followed;
// what they say runs nothing. A real server has no such page.
func TestDevMail(t *testing.T) {
	s := apptest.Start(t, apptest.Options{Engine: store.SQLite})
	b := s.Browser()
	if a := b.Get("/dev/mail"); a.Status != http.StatusOK || !strings.Contains(a.Body, "Aucune lettre") {
		t.Errorf("an empty outbox: %d %s", a.Status, a.Body)
	}
	s.NewOrg("Cabinet Lilas & Fils", "zoe.martin@lilas.example")
	letter := s.Mail("zoe.martin@lilas.example")
	a := b.Get("/dev/mail")
	if !strings.Contains(a.Body, `href="/dev/mail/`+letter.Name+`"`) || !strings.Contains(a.Body, "zoe.martin@lilas.example") {
		t.Errorf("the list: %s", a.Body)
	}
	if !strings.Contains(a.Body, "Lilas &amp; Fils") || strings.Contains(a.Body, "Lilas & Fils") {
		t.Errorf("INJ-01: a name is read as markup: %s", a.Body)
	}
	a = b.Get("/dev/mail/" + letter.Name)
	link := s.Link(letter, "/activate/")
	if a.Status != http.StatusOK || !strings.Contains(a.Body, `href="`+s.URL+link+`"`) || !strings.Contains(a.Body, `sandbox="allow-popups allow-popups-to-escape-sandbox"`) {
		t.Errorf("one letter: %d %s", a.Status, a.Body)
	}
	if p := a.Header.Get("Content-Security-Policy"); !strings.HasPrefix(p, "default-src 'none'; style-src 'self';") {
		t.Errorf("its policy: %s", p)
	}
	a = b.Get("/dev/mail/" + letter.Name + "/html")
	if p := a.Header.Get("Content-Security-Policy"); a.Status != http.StatusOK || !strings.Contains(p, "sandbox") || strings.Contains(p, "script") {
		t.Errorf("its layout: %d %s", a.Status, p)
	}
	for _, path := range []string{"/dev/mail/nothing", "/dev/mail/..%2f..%2fkeys.json", "/dev/mail/20260101T000000Z-job_x/html"} {
		if a := b.Get(path); a.Status != http.StatusNotFound || strings.Contains(a.Body, "key") {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
	plain := apptest.Start(t, apptest.Options{Engine: store.SQLite, Config: func(c *app.Config) { c.Dev = false }})
	if a := plain.Browser().Get("/dev/mail"); a.Status != http.StatusNotFound {
		t.Errorf("a real server: %d", a.Status)
	}
}

// TestLettersWait: without a mail server, letters wait in the queue; they are
// neither lost nor tried.
func TestLettersWait(t *testing.T) {
	s := apptest.Start(t, apptest.Options{Engine: store.SQLite, Config: func(c *app.Config) { c.Dev = false }})
	found(t, s.App, "Cabinet des Lilas", "zoe.martin@lilas.example")
	counts, err := s.App.Worker.Counts(t.Context())
	if err != nil || counts.Ready != 1 || counts.Running != 0 || counts.Failed != 0 {
		t.Errorf("%+v %v", counts, err)
	}
	if a := s.Browser().Get("/readyz"); a.Status != http.StatusOK {
		t.Errorf("/readyz: %d", a.Status)
	}
	if !strings.Contains(s.Log.Text(), "letters wait") {
		t.Error("the log does not say that letters wait")
	}
}
