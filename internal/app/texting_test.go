package app_test

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/app"
	"habilis/internal/apptest"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/notify"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// gateway is somebody's HTTP service, which keeps what it was asked.
type gateway struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	auth   string
}

func startGateway(t *testing.T) *gateway {
	t.Helper()
	g := &gateway{}
	g.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		g.bodies, g.auth = append(g.bodies, string(b)), r.Header.Get("Authorization")
		w.WriteHeader(http.StatusCreated)
	}))
	t.Cleanup(g.Close)
	return g
}

// settings are those of an operator who has an account there.
func (g *gateway) settings(t *testing.T) func(*app.Config) {
	roots := x509.NewCertPool()
	roots.AddCert(g.Certificate())
	return func(c *app.Config) {
		c.SMSURL, c.Roots, c.LogLevel = g.URL+"/v1", roots, "debug"
		c.SMSHeaders, c.SMSSecretFile = []string{"Authorization: Bearer {{.Secret}}"}, secretFile(t, "cle-de-la-passerelle")
	}
}

// code waits for the nth message and gives its code.
func (g *gateway) code(t *testing.T, n int) string {
	t.Helper()
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		g.mu.Lock()
		got := len(g.bodies)
		g.mu.Unlock()
		if got >= n {
			return lastCode.FindStringSubmatch(g.bodies[n-1])[1]
		}
	}
	t.Fatalf("no message %d", n)
	return ""
}

var lastCode = regexp.MustCompile(`#([0-9]{6})"`)

// TestSMSGateway (SEC-7, rules.md 22): a person adds a number and signs in with it, through
// a real HTTP gateway with the operator's secret; neither the number, nor a code, nor the
// secret is in a log, the trail, a letter, a figure, an answer or the database.
func TestSMSGateway(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			g := startGateway(t)
			s := apptest.Start(t, apptest.Options{Engine: e, Config: g.settings(t)})
			o := s.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example")
			s.NewMember(o, "paul.roy@lilas.example", role.Secretary, access.OrgScope(o.ID))
			var answers strings.Builder
			keep := func(a apptest.Answer, status int) apptest.Answer {
				t.Helper()
				if a.Status != status {
					t.Fatalf("%d %s, want %d", a.Status, a.Body, status)
				}
				answers.WriteString(a.Body)
				return a
			}
			in := s.SignIn("paul.roy@lilas.example")
			keep(in.Get("/account/security/phone/new"), http.StatusOK)
			keep(in.Post("/account/security/phone/new", url.Values{"number": {"06 39 98 76 54"}}), http.StatusSeeOther)
			proof := g.code(t, 1)
			keep(in.Get("/account/security/phone/code"), http.StatusOK)
			keep(in.Post("/account/security/phone/code", url.Values{"code": {proof}}), http.StatusSeeOther)
			keep(in.Get("/account/security"), http.StatusOK)

			again := s.Browser()
			keep(again.Post("/login", url.Values{"email": {"paul.roy@lilas.example"}, "password": {apptest.Password}}), http.StatusSeeOther)
			keep(again.Post("/login/second-factor/sms", nil), http.StatusSeeOther)
			code := g.code(t, 2)
			keep(again.Get("/login/second-factor?way=sms"), http.StatusOK)
			if a := keep(again.Post("/login/second-factor", url.Values{"way": {"sms"}, "code": {code}}), http.StatusSeeOther); strings.HasPrefix(a.Location, "/login") {
				t.Fatalf("the code opens nothing: %s", a.Location)
			}
			keep(again.Get("/organizations"), http.StatusSeeOther)
			if g.auth != "Bearer cle-de-la-passerelle" || !strings.Contains(g.bodies[0], `"+33639987654"`) {
				t.Errorf("%q %s", g.auth, g.bodies[0])
			}
			if f := s.App.Figures(); !strings.Contains(f, "habilis_sms_total") {
				t.Error("the figures do not count messages")
			}
			secrets := []string{"39987654", "39 98 76 54", "39\u00a098", "cle-de-la-passerelle"}
			for place, text := range texts(t, s, answers.String()) {
				for _, secret := range secrets {
					if at := strings.Index(text, secret); at >= 0 {
						t.Errorf("%s: %.200q", place, text[max(0, at-100):])
					}
				}
				for _, c := range []string{proof, code} {
					if place != "the database" && regexp.MustCompile(`\b`+c+`\b`).MatchString(text) { // times have six digits, too
						t.Errorf("%s holds a code", place)
					}
				}
			}
		})
	}
}

// texts are all the places where a secret could be left behind.
func texts(t *testing.T, s *apptest.Server, answers string) map[string]string {
	t.Helper()
	var rows, letters strings.Builder
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
	for _, l := range s.Mails("paul.roy@lilas.example") {
		letters.WriteString(l.Text + l.HTML)
	}
	places := map[string]string{
		"the log": s.Log.Text(), "the database": rows.String(), "the letters": letters.String(), "the figures": s.App.Figures(), "the answers": answers,
	}
	for place, text := range places {
		if len(text) < 500 {
			t.Errorf("%s is too short to prove anything: %q", place, text)
		}
	}
	return places
}

// TestDevSMS: in development messages are files that a page of this machine shows; a real
// server has neither, and offers no number where no gateway is configured.
func TestDevSMS(t *testing.T) {
	s := apptest.Start(t, apptest.Options{Engine: store.SQLite})
	o := s.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example")
	s.NewMember(o, "paul.roy@lilas.example", role.Secretary, access.OrgScope(o.ID))
	if a := s.Browser().Get("/dev/sms"); a.Status != http.StatusOK || !strings.Contains(a.Body, "Aucun SMS") {
		t.Errorf("an empty outbox: %d %s", a.Status, a.Body)
	}
	if a := s.SignIn("paul.roy@lilas.example").Post("/account/security/phone/new", url.Values{"number": {"06 39 98 76 54"}}); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	var messages []notify.KeptSMS
	for until := time.Now().Add(10 * time.Second); len(messages) == 0 && time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		messages, _ = notify.ReadSMSOutbox(s.App.Config.Data)
	}
	a := s.Browser().Get("/dev/sms")
	if len(messages) != 1 || !strings.Contains(a.Body, "33639987654") || !strings.Contains(a.Body, "#") {
		t.Errorf("%+v %s", messages, a.Body)
	}
	if p := a.Header.Get("Content-Security-Policy"); !strings.HasPrefix(p, "default-src 'none'") {
		t.Errorf("its policy: %s", p)
	}
	plain := apptest.Start(t, apptest.Options{Engine: store.SQLite, Config: func(c *app.Config) { c.Dev = false }})
	if a := plain.Browser().Get("/dev/sms"); a.Status != http.StatusNotFound || plain.App.Gateway != nil || plain.App.Logins.SMS.On {
		t.Errorf("a real server without a gateway: %d, %v", a.Status, plain.App.Gateway)
	}
}

func secretFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(content+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// paul is a member with a session, on a server whose messages are files.
func paul(t *testing.T, clock *storetest.Clock) (*apptest.Server, *apptest.Client) {
	t.Helper()
	s := apptest.Start(t, apptest.Options{Engine: store.SQLite, Config: func(c *app.Config) { c.Clock = clock.Now }})
	o := s.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example")
	s.NewMember(o, "paul.roy@lilas.example", role.Secretary, access.OrgScope(o.ID))
	c := s.SignIn("paul.roy@lilas.example")
	return s, c
}

// kept waits for the nth message of the outbox and gives its code.
func kept(t *testing.T, s *apptest.Server, n int) string {
	t.Helper()
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		if list, err := notify.ReadSMSOutbox(s.App.Config.Data); err == nil && len(list) >= n {
			lines := strings.Split(list[0].Text, "#")
			return lines[len(lines)-1]
		}
	}
	t.Fatalf("no message %d", n)
	return ""
}

// TestGivenPhone (SEC-2, MFA-06, STP-01): a number that an administrator gave is worth
// nothing until its person proves it, with a fresh proof of themself.
func TestGivenPhone(t *testing.T) {
	clock := &storetest.Clock{}
	s, in := paul(t, clock)
	var given ident.Factor
	if err := s.App.DB.Write(t.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error {
		a, _, err := account.ByEmail(t.Context(), tx, "paul.roy@lilas.example")
		if err != nil {
			return err
		}
		number, err := credential.FrenchPrefixes.Parse("06 39 98 76 54")
		if err != nil {
			return err
		}
		given, err = credential.AddSMS(t.Context(), tx, s.App.Ring, a.ID, number, ident.NewAccount().String())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if a := s.Browser().Post("/login", url.Values{"email": {"paul.roy@lilas.example"}, "password": {apptest.Password}}); strings.HasPrefix(a.Location, "/login") {
		t.Errorf("a number that nobody proved is asked for: %s", a.Location)
	}
	page := "/account/security/phone/send?factor=" + given.String()
	if a := in.Get("/account/security/phone/new"); !strings.Contains(a.Body, page) || !strings.Contains(a.Body, "54") {
		t.Errorf("the page does not lead to it: %s", a.Body)
	}
	clock.Add(access.StepUpAge + time.Minute)
	if a := in.Get(page); a.Status != http.StatusOK || !strings.Contains(a.Body, `name="password"`) {
		t.Errorf("no password is asked: %d", a.Status)
	}
	form := url.Values{"factor": {given.String()}}
	if a := in.Post("/account/security/phone/send", form); a.Status != http.StatusSeeOther || a.Location != page {
		t.Errorf("STP-01: without a proof: %d %s", a.Status, a.Location)
	}
	form.Set("password", "not this one")
	if a := in.Post("/account/security/phone/send", form); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong password: %d", a.Status)
	}
	form.Set("password", apptest.Password)
	if a := in.Post("/account/security/phone/send", form); a.Location != "/account/security/phone/code" {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if a := in.Post("/account/security/phone/code", url.Values{"code": {kept(t, s, 1)}}); a.Location != "/account/security" {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if a := s.Browser().Post("/login", url.Values{"email": {"paul.roy@lilas.example"}, "password": {apptest.Password}}); !strings.HasPrefix(a.Location, "/login/second-factor") {
		t.Errorf("once proved, it is not asked for: %d %s", a.Status, a.Location)
	}
}

// TestPhoneREST (MFA-06, MFA-07): the same by REST; the browser goes on under a new cookie.
func TestPhoneREST(t *testing.T) {
	clock := &storetest.Clock{}
	s, in := paul(t, clock)
	var sent struct{ Factor, Hint string }
	begun := in.Call(http.MethodPost, "/api/v1/me/factors/sms", map[string]any{"number": "06 39 98 76 54"})
	begun.JSON(t, &sent)
	if begun.Status != http.StatusAccepted || !strings.HasSuffix(sent.Hint, "54") || strings.Contains(sent.Hint, "98") || strings.Contains(sent.Hint, "76") || strings.Contains(begun.Body, "639987654") {
		t.Fatalf("%d %s", begun.Status, begun.Body)
	}
	first := kept(t, s, 1)
	if a := in.Call(http.MethodPost, "/api/v1/me/factors/sms/"+sent.Factor+"/code", nil); a.Status != http.StatusAccepted {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	code := kept(t, s, 2)
	if first != code {
		if a := in.Call(http.MethodPost, "/api/v1/me/factors/sms/"+sent.Factor+"/proof", map[string]any{"code": first}); a.Status != http.StatusUnprocessableEntity {
			t.Errorf("the older code: %d %s", a.Status, a.Body)
		}
	}
	other := ident.NewFactor().String()
	if a := in.Call(http.MethodPost, "/api/v1/me/factors/sms/"+other+"/proof", map[string]any{"code": code}); a.Status != http.StatusGone {
		t.Errorf("for another number: %d %s", a.Status, a.Body)
	}
	before := in.Cookie().Value
	if a := in.Call(http.MethodPost, "/api/v1/me/factors/sms/"+sent.Factor+"/proof", map[string]any{"code": code}); a.Status != http.StatusOK || !strings.Contains(a.Body, sent.Factor) {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if in.Cookie().Value == before || in.Get("/account").Status != http.StatusOK {
		t.Error("SES-03: the session has the same cookie, or none")
	}
	clock.Add(access.StepUpAge + time.Minute)
	if a := in.Call(http.MethodPost, "/api/v1/me/factors/sms", map[string]any{"number": "06 39 98 11 22"}); a.Status != http.StatusForbidden {
		t.Errorf("STP-01: %d %s", a.Status, a.Body)
	}
}
