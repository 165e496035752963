package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/app"
	"habilis/internal/apptest"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// execute runs an order as the command line does and gives what it printed.
func execute(t *testing.T, c app.Config, o app.Order) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := app.Execute(t.Context(), c, io.Discard, o, &out)
	return out.String(), err
}

// TestBesideServer: the command line works on the data of a running server, on
// SQLite through the socket that only its owner opens, and without a server too.
func TestBesideServer(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			c := apptest.Config(t, e)
			var o enrolled
			log := served(t, c, func(a *app.App) {
				o = enrolled{found(t, a, "Cabinet des Lilas", "zoe.martin@lilas.example").Org.ID, a.Public.String()}
				commands(t, c, o)
				if e == store.SQLite {
					info, err := os.Stat(filepath.Join(c.Data, "habilis.sock"))
					if err != nil || info.Mode().Perm() != 0o600 {
						t.Errorf("the socket: %v %v", info.Mode(), err)
					}
				}
			})
			if through := strings.Contains(log.Text(), "msg=command verb=token.create"); through != (e == store.SQLite) {
				t.Errorf("went through the server: %v", through)
			}
			c.BaseURL = o.base
			commands(t, c, o) // the server has ended
		})
	}
}

type enrolled struct {
	org  ident.Org
	base string
}

func commands(t *testing.T, c app.Config, o enrolled) {
	t.Helper()
	if c.Postgres() {
		c.BaseURL = o.base // the command line opens the database itself
	}
	if said, err := execute(t, c, app.CreateToken{Org: "cabinet-des-lilas", Name: "essai", Days: 3}); err != nil || !strings.HasPrefix(said, "hat_") {
		t.Errorf("token by slug: %q %v", said, err)
	}
	if said, err := execute(t, c, app.CreateToken{Org: o.org.String(), Name: "essai", Permissions: []string{"members.read"}}); err != nil || strings.Count(said, "\n") != 1 {
		t.Errorf("token by ID: %q %v", said, err)
	}
	if said, err := execute(t, c, app.CreateToken{Platform: true, Name: "essai"}); err != nil || !strings.HasPrefix(said, "hat_") {
		t.Errorf("token of the platform: %q %v", said, err)
	}
	for _, wrong := range []app.CreateToken{
		{Org: "nowhere", Name: "essai"}, {Org: o.org.String(), Name: "essai", Permissions: []string{"fly"}},
		{Org: o.org.String(), Name: "essai", Days: 4000}, {Org: o.org.String()},
	} {
		if said, err := execute(t, c, wrong); err == nil || said != "" || strings.Contains(err.Error(), "fault.") || strings.Contains(err.Error(), "⟦") {
			t.Errorf("%+v: %q %v", wrong, said, err)
		}
	}
	if said, err := execute(t, c, app.CreateAdmin{Email: "op@habilis.example"}); err != nil || !strings.Contains(said, o.base+"/setup/hu_") {
		t.Errorf("administrator: %q %v", said, err)
	}
	if said, err := execute(t, c, app.CreateAdmin{Email: "no address"}); err == nil {
		t.Errorf("administrator without address: %q", said)
	}
	// the settings are those of whoever started the test's cluster
	said, err := execute(t, c, app.LookAtServer{})
	if advised := strings.Count(said, "CARE  settings"); strings.Count(said, "CARE") != advised || (err != nil) != (advised > 0) {
		t.Errorf("doctor: %q %v", said, err)
	}
	before := keyCount(t, c)
	if said, err := execute(t, c, app.RotateKeys{}); err != nil || keyCount(t, c) != before+1 || strings.Count(said, "*") != 1 {
		t.Errorf("keys: %q %v", said, err)
	}
}

func keyCount(t *testing.T, c app.Config) int {
	t.Helper()
	ring, err := secret.Load(c.KeyPath())
	if err != nil {
		t.Fatal(err)
	}
	return len(ring.Keys())
}

// TestRotationSeen: a key added by a command is known to the running server
// before it meets what that key sealed.
func TestRotationSeen(t *testing.T) {
	s := apptest.Start(t, apptest.Options{Engine: store.SQLite})
	if _, err := execute(t, s.App.Config, app.RotateKeys{}); err != nil {
		t.Fatal(err)
	}
	if n := len(s.App.Ring.Keys()); n != 2 {
		t.Errorf("the server holds %d keys", n)
	}
	s.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example") // letters sealed by the new key, a password peppered by it
	s.SignIn("zoe.martin@lilas.example")
}

// TestLongFolder: the socket works where its name is longer than the kernel takes.
func TestLongFolder(t *testing.T) {
	c := apptest.Config(t, store.SQLite)
	long := filepath.Join(c.Data, strings.Repeat("dossier-", 20))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	c.Data = long
	served(t, c, func(*app.App) {
		if said, err := execute(t, c, app.LookAtServer{}); err != nil {
			t.Errorf("%q %v", said, err)
		}
	})
}

// TestCommandsAlone: without an installation, or with an unsafe database, a
// command says so and makes nothing.
func TestCommandsAlone(t *testing.T) {
	c := app.Config{Place: app.Place{Data: filepath.Join(t.TempDir(), "nothing")}}
	if _, err := execute(t, c, app.LookAtServer{}); err == nil || !strings.Contains(err.Error(), "habilis serve") {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(c.DatabasePath()); !os.IsNotExist(err) {
		t.Error("a command made a database")
	}
	c.DatabaseURL = secret.NewText("postgres://u:p@db.example.fr/h?sslmode=disable")
	if _, err := execute(t, c, app.LookAtServer{}); err == nil || !strings.Contains(err.Error(), "verify-full") || strings.Contains(err.Error(), "u:p") {
		t.Errorf("%v", err)
	}
	if err := app.VerifyAudit(t.Context(), c, "", io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "verify-full") {
		t.Errorf("%v", err)
	}
}

// filled makes people of an installation: enough rows of every sort for n members.
func filled(t *testing.T, a *app.App, n int) {
	t.Helper()
	ctx := t.Context()
	o := found(t, a, "Grande maison", "chef@grande.example").Org.ID
	sites, err := a.Orgs.Sites(ctx, apptest.Operator, o, "")
	if err != nil {
		t.Fatal(err)
	}
	const chunk = 500
	for from := 0; from < n; from += chunk {
		var account, state, member, memberState, site []any
		now := a.DB.Now()
		for i := from; i < min(from+chunk, n); i++ {
			acc, mbr, mail := fmt.Sprintf("acc_%06d", i), fmt.Sprintf("mbr_%06d", i), fmt.Sprintf("personne%d@grande.example", i)
			account = append(account, acc, now, now)
			state = append(state, acc, 1, mail, mail, "", "Prénom", fmt.Sprint("Nom", i), "fr", "active", "", now)
			member = append(member, o, mbr, 1, now, now)
			memberState = append(memberState, o, mbr, 1, acc, mail, "active", "regulated", "", "Prénom", fmt.Sprint("Nom", i), "nurse", "Infirmière", "", "", "", "",
				"site", fmt.Sprint("nom", i), " prenom nom", " infirmiere", now)
			site = append(site, o, mbr, sites[0].ID, "acc_000000", now)
		}
		err := a.DB.Write(ctx, []store.Lock{store.Lock(o), store.Installation}, func(tx *store.Tx) error {
			for _, s := range []struct {
				into  string
				width int
				args  []any
			}{
				{`account (id, last_sign_in_at, created_at)`, 3, account},
				{`account_state (account_id, rev, email_key, email, title, given_name, family_name, language, status, platform_role, known_from)`, 11, state},
				{`member (org_id, id, version, last_sign_in_at, created_at)`, 5, member},
				{`member_state (org_id, member_id, rev, account_id, email, status, profile_type, title, given_name, family_name, function, profession, specialty,
					rpps, phone, mssante, messaging_reach, sort_key, search, keywords, known_from)`, 21, memberState},
				{`member_site (org_id, member_id, site_id, given_by, known_from)`, 5, site},
			} {
				atOnce := 500 // rows of a statement; SQLite's driver is slow at binding many values
				if tx.Engine == store.SQLite {
					atOnce = 2
				}
				for args := range slices.Chunk(s.args, atOnce*s.width) {
					if _, err := tx.Exec(ctx, `insert into `+s.into+` values `+store.Rows(len(args)/s.width, s.width), args...); err != nil {
						return err
					}
				}
			}
			var events []audit.Event
			for i := range 50 {
				events = append(events, audit.Event{Org: o, Verb: "member.join", Object: fmt.Sprintf("mbr_%06d", from+i)})
			}
			return audit.Write(ctx, tx, apptest.Operator.Who(), audit.Done, events)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// rto is how long 10,000 members may take to be there again (F15).
const rto = 5 * time.Minute

// TestF15Restore (CFG-03, AUD-06): a backup made while the server runs is restored
// on a clean place, of each engine; what was open before is dead, and every chain
// says so and still holds.
func TestF15Restore(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			c := apptest.Config(t, e)
			file := filepath.Join(t.TempDir(), "backup")
			var before life
			served(t, c, func(a *app.App) {
				filled(t, a, 10000)
				before = live(t, a)
				began := time.Now()
				makeBackup(t, c, file)
				t.Logf("backup of 10,000 members: %s", time.Since(began).Round(time.Millisecond))
			})
			hidden, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			keys, err := os.ReadFile(c.KeyPath())
			if err != nil {
				t.Fatal(err)
			}
			for _, plain := range [][]byte{[]byte("grande.example"), before.key(t, keys), []byte("SQLite format")} {
				if bytes.Contains(hidden, plain) {
					t.Errorf("AUD-06: the file shows %.20q", plain)
				}
			}
			for _, to := range storetest.Engines(t) {
				t.Run("to "+to.String(), func(t *testing.T) { restored(t, file, keys, before, to) })
			}
		})
	}
}

func makeBackup(t *testing.T, c app.Config, file string) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	err = app.Execute(t.Context(), c, io.Discard, app.WriteBackup{}, f)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// life is what was open when the backup was made.
type life struct {
	email, token, activation, reset, setup string
	session                                *http.Cookie
	org                                    ident.Org
}

// key is the secret part of the key file.
func (life) key(t *testing.T, file []byte) []byte {
	t.Helper()
	_, rest, ok := bytes.Cut(file, []byte(`"key": "`))
	if !ok {
		t.Fatal("no key in the key file")
	}
	return rest[:40]
}

// live opens one of each thing that must not come back.
func live(t *testing.T, a *app.App) life {
	t.Helper()
	s := apptest.Attach(t, a)
	o := s.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example")
	l := life{email: o.Admin.Email, org: o.ID}
	l.session = s.SignIn(l.email).Cookie()
	l.token = s.Token(o, access.MembersRead).Header.Get("Authorization")
	if a := s.Token(o).Call(http.MethodPost, "/api/v1/organizations/"+o.ID.String()+"/webhooks", map[string]any{
		"name": "Agenda", "url": "https://agenda.example.fr/", "kinds": []string{"member.left"},
	}); a.Status >= 300 {
		t.Fatal(a.Status, a.Body)
	}
	if a := s.Token(o).Call(http.MethodPost, "/api/v1/organizations/"+o.ID.String()+"/invitations", map[string]any{
		"emails": []string{"invitee@lilas.example"}, "role": s.Role(o, "secretary"), "sites": []ident.Site{o.Site},
	}); a.Status >= 300 {
		t.Fatal(a.Status, a.Body)
	}
	l.activation = s.Link(s.Mail("invitee@lilas.example"), "/activate/")
	seen := len(s.Mails(l.email))
	if err := a.Logins.Forgot(t.Context(), access.Actor{Kind: access.Anonymous, Via: "test", Address: "192.0.2.1"}, l.email); err != nil {
		t.Fatal(err)
	}
	l.reset = s.Link(s.MailAfter(l.email, seen), "/password/reset/")
	link, err := a.Logins.NewSetUpLink(t.Context(), apptest.Operator, "op@habilis.example")
	if err != nil {
		t.Fatal(err)
	}
	l.setup = "/setup/" + link.Reveal()
	for name, status := range l.statuses(s) {
		if status >= 400 {
			t.Fatalf("before the backup, %s: %d", name, status)
		}
	}
	return l
}

// statuses presents each of the things to a server.
func (l life) statuses(s *apptest.Server) map[string]int {
	browser := s.Browser()
	browser.SetCookie(l.session)
	signedIn := browser.Get("/o/cabinet-des-lilas/members").Status
	if signedIn == http.StatusSeeOther {
		signedIn = http.StatusUnauthorized // sent to sign in
	}
	program := s.Browser()
	program.Header.Set("Authorization", l.token)
	opened := func(path string) int { // a link redirects to its page, which says whether it is good
		b := s.Browser()
		a := b.Get(path)
		if a.Status == http.StatusSeeOther {
			a = b.Get(a.Location)
		}
		return a.Status
	}
	return map[string]int{
		"session": signedIn, "token": program.Get("/api/v1/organizations/" + l.org.String() + "/members").Status,
		"invitation": opened(l.activation), "reset": opened(l.reset), "set-up": opened(l.setup),
	}
}

func restored(t *testing.T, file string, keys []byte, before life, e store.Engine) {
	c := apptest.Config(t, e)
	if e == store.SQLite {
		c.Data = filepath.Join(t.TempDir(), "new")
		if err := os.Mkdir(c.Data, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := app.Restore(t.Context(), c, file, io.Discard, &out); err == nil || !strings.Contains(err.Error(), "key file") {
		t.Errorf("without the keys: %v", err)
	}
	if err := os.WriteFile(c.KeyPath(), keys, 0o600); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := app.Restore(t.Context(), c, file, io.Discard, &out); err != nil {
		t.Fatal(err)
	}
	served(t, c, func(a *app.App) {
		took := time.Since(began)
		t.Logf("restored and served after %s", took.Round(time.Millisecond))
		if took > rto {
			t.Errorf("it took %s", took)
		}
		s := apptest.Attach(t, a)
		for name, status := range before.statuses(s) {
			if status < 400 {
				t.Errorf("CFG-03: the %s of before still opens: %d", name, status)
			}
		}
		s.SignIn(before.email) // passwords are as they were
		var list struct{ Total int }
		o := apptest.Org{ID: before.org}
		s.Token(o, access.MembersRead).Get("/api/v1/organizations/"+o.ID.String()+"/members").JSON(t, &list)
		if list.Total != 1 {
			t.Errorf("%d members", list.Total)
		}
		var hooks struct {
			Items []struct{ Status, Why string }
		}
		s.Token(o).Get("/api/v1/organizations/"+o.ID.String()+"/webhooks").JSON(t, &hooks)
		if len(hooks.Items) != 1 || hooks.Items[0].Status != "stopped" || hooks.Items[0].Why != "restore" {
			t.Errorf("CFG-03: a receiver of before is sent events: %+v", hooks)
		}
		resent(t, s, o)
	})
	var said bytes.Buffer
	if err := app.VerifyAudit(t.Context(), c, "", io.Discard, &said); err != nil {
		t.Errorf("the trail: %v\n%s", err, said.String())
	}
	marked(t, c)
	if err := app.Restore(t.Context(), c, file, io.Discard, &out); err == nil {
		t.Error("restored over a database in use")
	}
}

// resent: an invitation of before waits in the list and can be sent again.
func resent(t *testing.T, s *apptest.Server, o apptest.Org) {
	t.Helper()
	program := s.Token(o)
	var list struct{ Items []struct{ ID, Email string } }
	program.Get("/api/v1/organizations/"+o.ID.String()+"/invitations").JSON(t, &list)
	if len(list.Items) != 1 {
		t.Fatalf("%d invitations wait", len(list.Items))
	}
	a := program.Call(http.MethodPost, "/api/v1/organizations/"+o.ID.String()+"/invitations/"+list.Items[0].ID+"/resend", nil)
	if a.Status >= 300 {
		t.Fatalf("sending again: %d %s", a.Status, a.Body)
	}
	if a := s.Browser().Get(s.Link(s.Mail("invitee@lilas.example"), "/activate/")); a.Status >= 400 {
		t.Errorf("the new link: %d", a.Status)
	}
}

// marked: every chain has the event of the restore.
func marked(t *testing.T, c app.Config) {
	t.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, store.Options{URL: c.DatabaseURL.Reveal(), Path: c.DatabasePath()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Read(ctx, func(tx *store.Tx) error {
		var chains, marks int
		err := tx.QueryRow(ctx, `select count(distinct chain), count(*) filter (where verb = 'installation.restore') from audit_event`).Scan(&chains, &marks)
		if chains != 3 || marks != chains {
			t.Errorf("%d chains, %d marked", chains, marks)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestF15Refused: a damaged backup is refused before anything is written.
func TestF15Refused(t *testing.T) {
	c := apptest.Config(t, store.SQLite)
	file := filepath.Join(t.TempDir(), "backup")
	served(t, c, func(a *app.App) {
		found(t, a, "Cabinet des Lilas", "zoe.martin@lilas.example")
		makeBackup(t, c, file)
	})
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	target := c
	target.Data, target.KeyFile = filepath.Join(t.TempDir(), "new"), c.KeyPath()
	for name, content := range map[string][]byte{
		"one byte flipped": append(append(bytes.Clone(whole[:len(whole)/2]), whole[len(whole)/2]^1), whole[len(whole)/2+1:]...),
		"cut short":        whole[:len(whole)-10],
		"empty":            nil,
	} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := app.Restore(t.Context(), target, file, io.Discard, io.Discard); !errors.Is(err, store.ErrDamaged) && !errors.Is(err, store.ErrNoBackup) {
			t.Errorf("%s: %v", name, err)
		}
		left, err := filepath.Glob(filepath.Join(target.Data, "habilis.db*"))
		if err != nil || len(left) > 0 {
			t.Errorf("%s left %v %v", name, left, err)
		}
	}
}
