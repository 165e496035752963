package app

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// public is a configuration that others can use: nothing in it is refused.
func public() Config {
	return Config{
		Place: Place{Data: "/var/lib/habilis", BaseURL: "https://habilis.example.fr"}, Listen: "10.0.0.5:8080",
		Mail: Mail{Host: "smtp.example.fr", From: "habilis@example.fr", TLS: "starttls"},
	}
}

// bare is `habilis serve` with nothing else.
func bare() Config {
	return Config{Place: Place{Data: "./habilis-data"}, Listen: "127.0.0.1:8080"}
}

func pg(url string) func(*Config) {
	return func(c *Config) { c.DatabaseURL = secret.NewText(url) }
}

// TestCFG02 (rules.md 23): each unsafe setting stops the start and is named; what
// stays on this machine is exempt.
func TestCFG02(t *testing.T) {
	open := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(open, []byte("x"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o640); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		from    func() Config
		change  func(*Config)
		setting string // empty: accepted
		says    string
	}{
		{"a real server", public, func(*Config) {}, "", ""},
		{"nothing but serve", bare, func(*Config) {}, "", ""},
		{"http beyond this machine", public, func(c *Config) { c.BaseURL = "http://habilis.example.fr" }, "--base-url", "https"},
		{"http on this machine", bare, func(c *Config) { c.BaseURL = "http://localhost:8080" }, "", ""},
		{"http on this machine by its address", bare, func(c *Config) { c.BaseURL = "http://[::1]:8080" }, "", ""},
		{"no base URL for others", public, func(c *Config) { c.BaseURL = "" }, "--base-url", "address"},
		{"base URL of no web", public, func(c *Config) { c.BaseURL = "ftp://habilis.example.fr" }, "--base-url", "whole address"},
		{"base URL with a path", public, func(c *Config) { c.BaseURL = "https://example.fr/habilis" }, "--base-url", "host only"},
		{"base URL with a query", public, func(c *Config) { c.BaseURL = "https://example.fr/?a=b" }, "--base-url", "host only"},
		{"base URL with a name", public, func(c *Config) { c.BaseURL = "https://a:b@example.fr" }, "--base-url", "host only"},
		{"listen without a port", bare, func(c *Config) { c.Listen = "127.0.0.1" }, "--listen", "port"},

		{"every address trusted", public, func(c *Config) { c.TrustedProxies = []string{"0.0.0.0/0"} }, "--trusted-proxies", "anybody"},
		{"every IPv6 address trusted", public, func(c *Config) { c.TrustedProxies = []string{"::/0"} }, "--trusted-proxies", "anybody"},
		{"every address in two halves", public, func(c *Config) { c.TrustedProxies = []string{"0.0.0.0/1", "128.0.0.0/1"} }, "--trusted-proxies", "anybody"},
		{"every address, mapped", public, func(c *Config) { c.TrustedProxies = []string{"::ffff:0:0/96"} }, "--trusted-proxies", "anybody"},
		{"a star", public, func(c *Config) { c.TrustedProxies = []string{"*"} }, "--trusted-proxies", "neither"},
		{"every address exempt", public, func(c *Config) { c.ExemptNetworks = []string{"0.0.0.0/0"} }, "--exempt-networks", "nobody is counted"},
		{"no network", public, func(c *Config) { c.ExemptNetworks = []string{"the hospital"} }, "--exempt-networks", "neither"},
		{"a hospital", public, func(c *Config) { c.ExemptNetworks = []string{"198.51.100.0/24", "2001:db8::1"} }, "", ""},
		{"a proxy", public, func(c *Config) { c.TrustedProxies = []string{"10.0.0.2", "192.168.0.0/16"} }, "", ""},

		{"database without TLS", public, pg("postgres://u:p@db.example.fr/h?sslmode=disable"), "--database-url", "verify-full"},
		{"database with any certificate", public, pg("postgres://u:p@db.example.fr/h?sslmode=require"), "--database-url", "verify-full"},
		{"database with any name", public, pg("postgres://u:p@db.example.fr/h?sslmode=verify-ca"), "--database-url", "verify-full"},
		{"database without a word", public, pg("postgres://u:p@db.example.fr/h"), "--database-url", "verify-full"},
		{"one database of two elsewhere", public, pg("postgres://u:p@127.0.0.1:5432,db.example.fr:5432/h?sslmode=prefer"), "--database-url", "db.example.fr"},
		{"database elsewhere by a parameter", public, pg("postgres://u:p@127.0.0.1/h?host=db.example.fr"), "--database-url", "db.example.fr"},
		{"database proved", public, pg("postgres://u:p@db.example.fr/h?sslmode=verify-full"), "", ""},
		{"database on this machine", public, pg("postgres://u:p@127.0.0.1:5432/h"), "", ""},
		{"database by a socket", public, pg("postgres:///h?host=/var/run/postgresql"), "", ""},
		{"database of another kind", public, pg("mysql://u:p@db/h"), "--database-url", "postgres://"},

		{"figures for everybody", public, func(c *Config) { c.MetricsListen = "0.0.0.0:9090" }, "--metrics-listen", "public"},
		{"figures without an address", public, func(c *Config) { c.MetricsListen = ":9090" }, "--metrics-listen", "public"},
		{"figures on a public address", public, func(c *Config) { c.MetricsListen = "203.0.113.7:9090" }, "--metrics-listen", "public"},
		{"figures inside", public, func(c *Config) { c.MetricsListen = "10.0.0.5:9090" }, "", ""},
		{"figures on this machine", public, func(c *Config) { c.MetricsListen = "localhost:9090" }, "", ""},

		{"no mail server", public, func(c *Config) { c.Mail = Mail{} }, "--smtp-host", "letter"},
		{"no sender", public, func(c *Config) { c.From = "" }, "--mail-from", "address"},
		{"password that others read", public, func(c *Config) { c.PasswordFile = open }, "--smtp-password-file", "chmod 600"},
		{"password that is not there", public, func(c *Config) { c.PasswordFile = open + "x" }, "--smtp-password-file", "read"},

		{"development for others", public, func(c *Config) { c.Dev = true }, "--dev", "this machine"},
		{"development behind another name", bare, func(c *Config) { c.Dev, c.BaseURL = true, "https://habilis.example.fr" }, "--dev", "this machine"},
		{"development", bare, func(c *Config) { c.Dev = true }, "", ""},
		{"demonstration", bare, func(c *Config) { c.Demo = true }, "", ""},
		{"demonstration for others", bare, func(c *Config) { c.Demo, c.Listen = true, "0.0.0.0:8080" }, "--demo", "127.0.0.1"},
		{"demonstration in PostgreSQL", bare, func(c *Config) {
			c.Demo = true
			pg("postgres://127.0.0.1/h")(c)
		}, "--demo", "SQLite"},
		{"its password alone", bare, func(c *Config) { c.DemoPassword = secret.NewText("x") }, "--demo-password", "--demo"},
		{"its code application alone", bare, func(c *Config) { c.DemoTOTP = secret.NewText("JBSWY3DPEHPK3PXP") }, "--demo-totp", "--demo"},
		{"a secret that is none", bare, func(c *Config) { c.Demo, c.DemoTOTP = true, secret.NewText("pas du base32 !") }, "--demo-totp", "base32"},
		{"no invitations", public, func(c *Config) { c.InvitationsPerDay = -1 }, "--invitations-per-day", "number"},
		{"too many invitations", public, func(c *Config) { c.InvitationsPerDay = MaxInvitationsPerDay + 1 }, "--invitations-per-day", "number"},
		{"a security log for too long", public, func(c *Config) { c.SecurityLogMonths = 13 }, "--security-log-months", "6 to 12"},
		{"a trail for too short", public, func(c *Config) { c.AuditMonths = 11 }, "--audit-months", "12 to 36"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := c.from()
			c.change(&config)
			refused(t, config.Check(), c.setting, c.says)
		})
	}
}

// refused checks which setting an error names; an empty one is no error at all.
func refused(t *testing.T, err error, setting, says string) {
	t.Helper()
	if setting == "" {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	for _, r := range refusals(err) {
		if r.Setting == setting && strings.Contains(r.Why, says) {
			return
		}
	}
	t.Errorf("%s is not refused: %v", setting, err)
}

// refusals are all those that were joined.
func refusals(err error) []*SettingError {
	if r, ok := err.(*SettingError); ok { //nolint:errorlint // the very errors that were joined
		return []*SettingError{r}
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	var list []*SettingError
	for _, e := range joined.Unwrap() {
		list = append(list, refusals(e)...)
	}
	return list
}

// TestCFG02AllAtOnce: whoever mends one setting is not told of the next only then.
func TestCFG02AllAtOnce(t *testing.T) {
	c := public()
	c.BaseURL, c.TrustedProxies, c.Mail = "http://habilis.example.fr", []string{"0.0.0.0/0"}, Mail{}
	for _, setting := range []string{"--base-url", "--trusted-proxies", "--smtp-host"} {
		if !strings.Contains(c.Check().Error(), setting) {
			t.Errorf("%s is not named in %q", setting, c.Check())
		}
	}
}

func config(t *testing.T, e store.Engine) Config {
	t.Helper()
	place := storetest.Place(t, e)
	c := Config{Listen: "127.0.0.1:0", Place: Place{Dev: true}}
	if e == store.PostgreSQL {
		c.Data, c.DatabaseURL = t.TempDir(), secret.NewText(place.URL)
	} else {
		c.Data = filepath.Dir(place.Path)
	}
	return c
}

// start opens a server as New does, and closes it.
func start(c Config) error {
	a, err := New(context.Background(), c, io.Discard)
	if err != nil {
		return err
	}
	return a.Close()
}

// TestCFG02Keys: a key file that others can read, a damaged one, somebody else's,
// and a lost one: nothing is sealed with the wrong key.
func TestCFG02Keys(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			c := config(t, e)
			if err := start(c); err != nil {
				t.Fatal(err)
			}
			path := c.KeyPath()
			good, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, 0o640); err != nil {
				t.Fatal(err)
			}
			refused(t, start(c), "--key-file", "chmod 600")
			if err := errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, good[:20], 0o600)); err != nil {
				t.Fatal(err)
			}
			refused(t, start(c), "--key-file", "damaged")
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if err := start(c); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("a lost key file: %v", err)
			}
			other := config(t, e)
			if err := start(other); err != nil {
				t.Fatal(err)
			}
			c.KeyFile = other.KeyPath()
			if err := start(c); !errors.Is(err, ErrForeignKeys) {
				t.Errorf("somebody else's key file: %v", err)
			}
			c.KeyFile = ""
			if err := os.WriteFile(path, good, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := start(c); err != nil {
				t.Errorf("the right key file again: %v", err)
			}
		})
	}
}

// TestCFG03Newer: an older program leaves a newer database alone.
func TestCFG03Newer(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			ctx, c := context.Background(), config(t, e)
			db, err := store.Open(ctx, store.Options{URL: c.DatabaseURL.Reveal(), Path: c.DatabasePath()})
			if err != nil {
				t.Fatal(err)
			}
			err = db.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
				_, err := tx.Exec(ctx, `insert into goose_db_version (version_id, is_applied) values (9000, $1)`, true)
				return err
			})
			if err := errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
			if err := start(c); !errors.Is(err, store.ErrNewerSchema) {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestDemoApart: a folder of the demonstration is never served as a real one.
func TestDemoApart(t *testing.T) {
	ctx, c := context.Background(), config(t, store.SQLite)
	a, err := New(ctx, c, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	err = a.DB.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error { return store.SetFact(ctx, tx, FactDemo, "loaded") })
	if err := errors.Join(err, a.Close()); err != nil {
		t.Fatal(err)
	}
	refused(t, start(c), "--data", "--demo")
	c.Demo = true
	if err := start(c); err != nil {
		t.Errorf("with --demo: %v", err)
	}
}

// TestF19SecondServer: one server on one folder of SQLite.
func TestF19SecondServer(t *testing.T) {
	c := config(t, store.SQLite)
	a, err := New(context.Background(), c, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if err := start(c); !errors.Is(err, ErrRunning) {
		t.Errorf("a second server: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := start(c); err != nil {
		t.Errorf("after the first has ended: %v", err)
	}
}

// TestRestoring: rows of a restore that did not finish are not served.
func TestRestoring(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			ctx, c := context.Background(), config(t, e)
			a, err := New(ctx, c, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			err = a.DB.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error { return store.SetFact(ctx, tx, "restoring", "begun") })
			if err := errors.Join(err, a.Close()); err != nil {
				t.Fatal(err)
			}
			if err := start(c); !errors.Is(err, store.ErrUnfinished) {
				t.Errorf("%v", err)
			}
		})
	}
}
