package apptest_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"habilis/internal/app"
	"habilis/internal/apptest"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/notify"
	"habilis/internal/secret"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// sealedJob is a letter that waits, with what it will bring.
type sealedJob struct {
	id     ident.Job
	kind   string
	sealed []byte
	plain  string
}

// sealed are the jobs that carry a secret, opened with the keys.
func (c *cluster) sealed() (list []sealedJob) {
	c.t.Helper()
	c.read(func(tx *store.Tx) (err error) {
		list, err = store.All(context.Background(), tx, func(s store.Scan) (sealedJob, error) {
			var j sealedJob
			return j, s(&j.id, &j.kind, &j.sealed)
		}, `select id, kind, sealed from job where sealed is not null order by kind, id`)
		return err
	})
	for n := range list {
		b, err := c.App.Ring.Open(aad(list[n].id), list[n].sealed)
		if err != nil {
			c.t.Fatal(err)
		}
		list[n].plain = string(b)
	}
	return list
}

func aad(id ident.Job) secret.AAD {
	return secret.AAD{Table: "job", Column: "sealed", Row: id.String()}
}

// AUD-05, AUD-06, rules.md 1 and 21: whoever takes the database while letters wait,
// or a backup, finds no token, link, password or cookie in it; what is sealed opens
// with the keys alone, and in its own row alone.
func TestAUD05(t *testing.T) {
	eachClusterWith(t, apptest.Options{Config: quiet, MayLog: []string{"jobs: failed"}}, func(t *testing.T, c *cluster) {
		k := newCanaries(t)
		admin := c.newPerson("admin@ring.example")
		o, _ := c.newRingOrg("Maison des Lilas", admin.Email)
		k.add("password", apptest.Password)
		zoe := c.SignIn(admin.Email)
		k.add("session", zoe.Cookie().Value)
		k.add("API token", strings.TrimPrefix(c.madeToken(zoe, o).Header.Get("Authorization"), "Bearer "))
		policy := setting.DefaultSecurity()
		policy.TemporaryPasswords = true
		if _, err := c.App.Settings.SetSecurity(context.Background(), apptest.Operator, o.ID, 0, policy); err != nil {
			t.Fatal(err)
		}
		site := []string{o.Site.String()}
		c.want(zoe.Call(http.MethodPost, rest(o, "/invitations"), map[string]any{"emails": []string{"a@x.example", "b@x.example"}, "sites": site}), http.StatusOK, "")
		c.want(zoe.Call(http.MethodPost, rest(o, "/invitations"), map[string]any{"emails": []string{"c@x.example"}, "sites": site, "welcome": "temporary_password"}),
			http.StatusOK, "")
		c.want(c.Browser().Post("/password/forgot", url.Values{"email": {admin.Email}}), http.StatusSeeOther, "")
		c.drain("login.forgot", c.App.Logins.SendReset)
		list, kinds := c.sealed(), map[string]int{}
		for _, j := range list {
			k.add("secret of "+j.kind, j.plain)
			kinds[j.kind]++
		}
		if kinds["letter.invitation"] != 3 || kinds["letter.reset"] != 1 {
			t.Fatalf("sealed letters: %v", kinds)
		}
		k.stores(c)
		stranger := secret.NewRing(time.Now())
		for _, j := range list {
			if _, err := stranger.Open(aad(j.id), j.sealed); !errors.Is(err, secret.ErrUnknownKey) {
				t.Errorf("%s opens without the keys: %v", j.kind, err)
			}
		}
		if _, err := store.ReadBackup(c.backup(), stranger, nil); !errors.Is(err, store.ErrBackupKey) {
			t.Errorf("the backup opens without the keys: %v", err)
		}
		c.swapped(k)
	})
}

// backup is one, made now.
func (c *cluster) backup() *bytes.Reader {
	c.t.Helper()
	var b bytes.Buffer
	if _, err := c.App.DB.Backup(context.Background(), &b, c.App.Ring); err != nil {
		c.t.Fatal(err)
	}
	return bytes.NewReader(b.Bytes())
}

// drain runs the jobs of one kind; the others wait on.
func (c *cluster) drain(kind string, handle job.Handler) {
	c.t.Helper()
	delay := func(at time.Time) {
		c.write(func(tx *store.Tx) error {
			_, err := tx.Exec(context.Background(), `update job set run_at = $1 where state = 'ready' and kind <> $2`, at, kind)
			if err == nil {
				_, err = tx.Exec(context.Background(), `update job set run_at = $1 where state = 'ready' and kind = $2`, tx.Now, kind)
			}
			return err
		})
	}
	delay(c.App.DB.Now().Add(24 * time.Hour))
	w := job.Worker{DB: c.App.DB, Ring: c.App.Ring, Log: c.App.Log, Handlers: map[string]job.Handler{kind: handle}}
	if err := w.Drain(context.Background()); err != nil {
		c.t.Fatal(err)
	}
	delay(c.App.DB.Now())
}

// swapped exchanges the sealed secrets of two letters: neither is sent, while the
// third, left alone, is.
func (c *cluster) swapped(k *canaries) {
	c.t.Helper()
	list := c.sealed()
	one, two, three := list[0], list[1], list[2]
	c.write(func(tx *store.Tx) error {
		for id, sealed := range map[ident.Job][]byte{one.id: two.sealed, two.id: one.sealed} {
			if _, err := tx.Exec(context.Background(), `update job set sealed = $2 where id = $1`, id, sealed); err != nil {
				return err
			}
		}
		return nil
	})
	for _, moved := range []struct {
		to   ident.Job
		what []byte
	}{{one.id, two.sealed}, {two.id, one.sealed}} {
		if _, err := c.App.Ring.Open(aad(moved.to), moved.what); !errors.Is(err, secret.ErrSealed) {
			c.t.Errorf("a secret opens in another row: %v", err)
		}
	}
	got := map[string]string{}
	c.drain("letter.invitation", func(_ context.Context, j job.Job) error {
		got[j.ID.String()] = j.Secret.Reveal()
		return nil
	})
	if len(got) != 1 || got[three.id.String()] != three.plain {
		c.t.Errorf("%d letters were written after the exchange", len(got))
	}
	if n := c.rows(`select count(*) from job where state = 'failed' and kind = 'letter.invitation' and last_error <> ''`); n != 2 {
		c.t.Errorf("%d letters were given up, want 2", n)
	}
	k.stores(c)
}

// gossip is a mail server that refuses to be authenticated to, and repeats what it
// was told.
type gossip struct {
	asked atomic.Int64
	heard atomic.Value
}

//nolint:ireturn // the interface of the library
func (g *gossip) NewSession(*smtp.Conn) (smtp.Session, error) { return g, nil }

// AuthMechanisms offers one that sends the password.
func (g *gossip) AuthMechanisms() []string { return []string{sasl.Plain} }

//nolint:ireturn // the interface of the library
func (g *gossip) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		g.heard.Store(password)
		g.asked.Add(1)
		line := base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + password))
		return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "no: " + user + " " + password + " " + line}
	}), nil
}

// Mail, Rcpt, Data: nobody comes so far.
func (g *gossip) Mail(string, *smtp.MailOptions) error { return smtp.ErrAuthRequired }
func (g *gossip) Rcpt(string, *smtp.RcptOptions) error { return smtp.ErrAuthRequired }
func (g *gossip) Data(io.Reader) error                 { return smtp.ErrAuthRequired }
func (g *gossip) Reset()                               {}
func (g *gossip) Logout() error                        { return nil }

// start listens with a certificate that this process trusts, and gives the port.
func (g *gossip) start(t *testing.T) int {
	t.Helper()
	lender := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(lender.Close)
	authority := filepath.Join(t.TempDir(), "ca.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: lender.Certificate().Raw}
	if err := os.WriteFile(authority, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", authority) // read when this process verifies its first certificate
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(g)
	server.TLSConfig, server.Domain = &tls.Config{Certificates: lender.TLS.Certificates, MinVersion: tls.VersionTLS12}, "poste.example"
	server.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close(); <-done })
	return l.Addr().(*net.TCPAddr).Port
}

// AUD-03, rules.md 22: the password of the mail server stays out of the log, the
// queue and every file, whatever the server answers; so does that of the database.
func TestAUD03Mail(t *testing.T) {
	g := &gossip{}
	port := g.start(t)
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			k := newCanaries(t)
			password := k.password("password of the mail server")
			file := filepath.Join(t.TempDir(), "smtp-password")
			if err := os.WriteFile(file, []byte(password+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			c := newCluster(t, apptest.Options{Engine: e, Config: func(c *app.Config) {
				c.Dev, c.LogLevel = false, "debug"
				c.Mail = app.Mail{From: "poste@habilis.example", Host: "127.0.0.1", Port: port, User: "habilis", PasswordFile: file, TLS: string(notify.StartTLS)}
			}})
			before := g.asked.Load()
			admin := c.newPerson("admin@ring.example")
			o, _ := c.newRingOrg("Maison des Lilas", admin.Email)
			c.want(c.SignIn(admin.Email).Call(http.MethodPost, rest(o, "/invitations"),
				map[string]any{"emails": []string{"a@x.example"}, "sites": []string{o.Site.String()}}), http.StatusOK, "")
			failed := func() int { return c.rows(`select count(*) from job where last_error <> ''`) }
			for deadline := time.Now().Add(20 * time.Second); failed() == 0 && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
				continue
			}
			if g.asked.Load() == before || g.heard.Load() != password || failed() == 0 {
				t.Fatalf("the password was shown %d times, %d letters failed\n%s", g.asked.Load()-before, failed(), c.Log.Text())
			}
			k.stores(c)
		})
	}
}

// AUD-03: a database that cannot be opened is told without its password.
func TestAUD03Database(t *testing.T) {
	k := newCanaries(t)
	password := k.password("password of the database")
	for _, address := range []string{
		"postgres://habilis:%s@127.0.0.1:1/habilis?sslmode=disable", "postgres://habilis:%s@127.0.0.1:port/habilis", "postgres://habilis:%s%%zz@127.0.0.1/habilis",
		"postgres://habilis:%s@db.example/habilis", "mysql://habilis:%s@127.0.0.1/habilis", "host=127.0.0.1 password=%s", "%s",
	} {
		log := &apptest.Log{}
		c := app.Config{Listen: "127.0.0.1:0", Place: app.Place{Dev: true, Data: t.TempDir(), LogLevel: "debug", DatabaseURL: secret.NewText(fmt.Sprintf(address, password))}}
		a, err := app.New(context.Background(), c, log)
		if err == nil {
			t.Errorf("%s: opened: %v", address, a.Close())
			continue
		}
		k.none("refusal of "+address, err.Error()+log.Text()+fmt.Sprintf("%+v %#v", c, c))
	}
}
