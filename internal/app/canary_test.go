package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/app"
	"habilis/internal/apptest"
	"habilis/internal/role"
	"habilis/internal/store"
)

// canary is a password that stands nowhere else.
const canary = "canari-jaune-dans-la-cuisine-bleue"

// TestAUD03 (rules.md 22): passwords, links, cookies and tokens that went through
// every flow are in no log, no row of the database, no figure, no answer, and so in
// no backup; letters carry the links that they must, and nothing else.
func TestAUD03(t *testing.T) {
	apptest.EachWith(t, apptest.Options{Config: func(c *app.Config) { c.LogLevel = "debug" }}, func(t *testing.T, s *apptest.Server) {
		w := &walk{t: t, s: s, secrets: map[string]string{"password": canary, "first password": apptest.Password}}
		w.flows()
		var rows strings.Builder
		var file bytes.Buffer
		if _, err := s.App.DB.Backup(t.Context(), &file, s.App.Ring); err != nil {
			t.Fatal(err)
		}
		if _, err := store.ReadBackup(bytes.NewReader(file.Bytes()), s.App.Ring, func(table store.Table, values []any) error {
			fmt.Fprintf(&rows, "%s %q\n", table.Name, values)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		places := map[string]string{
			"the log": s.Log.Text(), "the database": rows.String(), "the backup": file.String(), "the answers": w.answers.String(),
			"the figures": s.App.Figures(),
		}
		for place, text := range places {
			if len(text) < 500 {
				t.Errorf("%s is too short to prove anything: %q", place, text)
			}
			for name, secret := range w.secrets {
				if at := strings.Index(text, secret); at >= 0 {
					t.Errorf("%s holds the %s: %.200q", place, name, text[max(0, at-100):])
				}
			}
		}
		for _, address := range []string{"zoe.martin@lilas.example", "paul.roy@lilas.example"} {
			for _, letter := range s.Mails(address) {
				for _, name := range []string{"password", "first password", "session", "API token"} {
					if strings.Contains(letter.Text+letter.HTML, w.secrets[name]) {
						t.Errorf("the letter «%s» holds the %s", letter.Subject, name)
					}
				}
			}
		}
	})
}

// walk goes through every flow that meets a secret, and keeps what was answered.
type walk struct {
	t       *testing.T
	s       *apptest.Server
	secrets map[string]string
	answers strings.Builder
}

func (w *walk) keep(a apptest.Answer) apptest.Answer {
	w.answers.WriteString(a.Body)
	return a
}

func (w *walk) flows() {
	s := w.s
	o := s.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example")
	s.NewMember(o, "paul.roy@lilas.example", role.Secretary, access.OrgScope(o.ID))
	w.secrets["activation link"] = last(s.Link(s.Mail("paul.roy@lilas.example"), "/activate/"))
	// a link, opened by its path
	seen := len(s.Mails("zoe.martin@lilas.example"))
	b := s.Browser()
	w.keep(b.Post("/password/forgot", url.Values{"email": {"zoe.martin@lilas.example"}}))
	reset := s.Link(s.MailAfter("zoe.martin@lilas.example", seen), "/password/reset/")
	w.secrets["reset link"] = last(reset)
	w.keep(b.Get(reset))
	w.keep(b.Get("/password/reset"))
	w.keep(b.Post("/password/reset", url.Values{"new_password": {canary}, "password": {canary}}))
	// signing in, rightly and wrongly, by the page and by a form that is cut off
	w.keep(s.Browser().Post("/login", url.Values{"email": {"zoe.martin@lilas.example"}, "password": {canary + "-not"}}))
	s.Browser().Post("/login", url.Values{"email": {canary}, "password": {canary}}) // a form shows again what was typed as an address
	in := s.Browser()
	in.SetCookie(s.Remembered("zoe.martin@lilas.example")) // the second factor is not what this is about
	if a := w.keep(in.Post("/login", url.Values{"email": {"zoe.martin@lilas.example"}, "password": {canary}})); a.Status != http.StatusSeeOther {
		w.t.Fatalf("the new password does not open: %d %s", a.Status, a.Body)
	}
	w.secrets["session"] = in.Cookie().Value
	for _, path := range []string{"/account/sessions", "/o/" + o.Slug + "/members", "/nowhere?password=" + canary, "/o/" + o.Slug + "/members?q=" + canary[:10]} {
		a := in.Get(path)
		if !strings.Contains(path, "?") {
			w.keep(a)
		}
	}
	program := s.Token(o)
	w.secrets["API token"] = strings.TrimPrefix(program.Header.Get("Authorization"), "Bearer ")
	w.keep(program.Get("/api/v1/organizations/" + o.ID.String() + "/tokens"))
	w.webhook(program, "/api/v1/organizations/"+o.ID.String()+"/webhooks")
	w.keep(program.Call(http.MethodPost, "/api/v1/organizations/"+o.ID.String()+"/invitations", map[string]any{"emails": []string{"x@y.example"}, "password": canary}))
	w.keep(in.Call(http.MethodPost, "/api/v1/me/password", map[string]any{"current_password": canary + "-not", "new_password": canary}))
	link, err := s.App.Logins.NewSetUpLink(w.t.Context(), apptest.Operator, "op@habilis.example")
	if err != nil {
		w.t.Fatal(err)
	}
	w.secrets["set-up link"] = link.Reveal()
	w.keep(s.Browser().Get("/setup/" + link.Reveal()))
}

// webhook makes a receiver, whose secret is in the one answer that made it, and reads it again.
func (w *walk) webhook(program *apptest.Client, path string) {
	a := program.Call(http.MethodPost, path, map[string]any{
		"name": "Agenda", "url": "https://agenda.example.fr/habilis", "kinds": []string{"member.left"},
	})
	var made struct{ ID, Secret string }
	if err := json.Unmarshal([]byte(a.Body), &made); err != nil || made.Secret == "" {
		w.t.Fatalf("no receiver: %d %s %v", a.Status, a.Body, err)
	}
	w.secrets["webhook secret"] = strings.TrimPrefix(made.Secret, "whsec_")
	if again := program.Get(path + "/" + made.ID); strings.Contains(again.Body, w.secrets["webhook secret"]) {
		w.t.Error("a receiver shows its secret again")
	}
}

// last is the secret at the end of a link.
func last(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
