package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"habilis/bench/annuaire"
	"habilis/internal/app"
	"habilis/internal/apptest"
	"habilis/internal/directory"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// files writes an extraction of so many lines; a later generation has a later date.
func files(t *testing.T, o annuaire.Options) string {
	t.Helper()
	name := "PS_LibreAcces_Personne_activite_202611200300.txt"
	if o.Generation > 0 {
		name = "PS_LibreAcces_Personne_activite_202611210300.txt"
	}
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = annuaire.Write(f, o)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// command prepares the real program on c, in a language.
func command(t *testing.T, c app.Config, lang string, args ...string) *exec.Cmd {
	t.Helper()
	bin, err := built()
	if err != nil {
		t.Fatal(err)
	}
	args = append(args, "--data", c.Data)
	if c.Postgres() {
		args = append(args, "--database-url", c.DatabaseURL.Reveal())
	}
	cmd := exec.Command(bin, args...)
	cmd.Env = append(os.Environ(), "LC_ALL="+lang)
	return cmd
}

func say(t *testing.T, c app.Config, lang string, args ...string) (said string, code int) {
	t.Helper()
	cmd := command(t, c, lang, args...)
	out, err := cmd.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return string(out), exit.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(out), 0
}

// index opens the index of an installation as a server does.
func index(t *testing.T, c app.Config) *directory.Index {
	t.Helper()
	p := directory.Place{Folder: c.Data}
	if c.Postgres() {
		db, err := store.Open(t.Context(), store.Options{URL: c.DatabaseURL.Reveal()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		p.DB = db
	}
	x, err := directory.OpenIndex(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	return x
}

// knows asserts that the index answers about somebody, from the extraction of this day.
func knows(t *testing.T, x *directory.Index, day int) {
	t.Helper()
	a, err := x.ByRPPS(t.Context(), annuaire.RPPS(3))
	if err != nil || len(a.Practitioners) != 1 || a.Practitioners[0].FamilyName != annuaire.Family(3) || a.AsOf.Day() != day {
		t.Errorf("want that of the %dth: %+v %v", day, a, err)
	}
}

func migrated(t *testing.T, e store.Engine) app.Config {
	t.Helper()
	c := apptest.Config(t, e)
	if err := app.Migrate(t.Context(), c, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestDirectoryCommand (DIR-1): `habilis directory load` beside a running server, its
// report, its difference, its trace in the audit trail; what it refuses, in both languages.
func TestDirectoryCommand(t *testing.T) {
	first, second := files(t, annuaire.Options{Lines: 20_000}), files(t, annuaire.Options{Lines: 20_000, Generation: 1})
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			c := migrated(t, e)
			x := index(t, c)
			p := program(t, c, "--log-level", "warn")
			p.start()
			defer p.stop()
			told := func(lang string, code int, want []string, args ...string) {
				t.Helper()
				said, got := say(t, c, lang, args...)
				said = strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(said)
				for _, w := range want {
					if got != code || !strings.Contains(said, w) {
						t.Errorf("%v: exit %d, without %q:\n%s", args[:2], got, w, said)
					}
				}
			}
			told("fr_FR.UTF-8", 0, []string{"Aucun fichier de l’Annuaire Santé"}, "directory", "status")
			told("fr_FR.UTF-8", 1, []string{"Donnez un des fichiers PS_LibreAcces", "directory_test.go"}, "directory", "load", "directory_test.go")
			told("C", 1, []string{"Give one of the PS_LibreAcces files"}, "directory", "load", "directory_test.go")
			report := filepath.Join(t.TempDir(), "refus.csv")
			told("fr_FR.UTF-8", 0, []string{"lignes chargées sur 20 000", "numéro mal formé", "refus.csv", "Annuaire Santé au 20 novembre 2026"},
				"directory", "load", first, "--report", report)
			if b, err := os.ReadFile(report); err != nil || !strings.Contains(string(b), "pas le même nombre de colonnes") {
				t.Errorf("the report: %.200s %v", b, err)
			}
			knows(t, x, 20)
			told("C", 0, []string{"loaded of 20,000", "practitioners (", "changed"}, "directory", "load", second)
			knows(t, x, 21)
			told("C", 0, []string{"Loaded on", "as of 21 November 2026"}, "directory", "status")
			if n := events(t, c, "directory.load"); n != 2 {
				t.Errorf("%d loads in the audit trail", n)
			}
		})
	}
}

// events counts the rows of the audit trail with a verb.
func events(t *testing.T, c app.Config, verb string) (n int) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{URL: c.DatabaseURL.Reveal(), Path: c.DatabasePath()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(t.Context(), `select count(*) from audit_event where verb = $1 and outcome = 'done'`, verb).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestDirectoryNeedsAnInstallation: a typing mistake in --data makes no folder.
func TestDirectoryNeedsAnInstallation(t *testing.T) {
	c := app.Config{Place: app.Place{Data: filepath.Join(t.TempDir(), "none")}}
	said, code := say(t, c, "C", "directory", "load", files(t, annuaire.Options{Lines: 10}))
	if code != exitFailed || !strings.Contains(said, "holds no installation") {
		t.Errorf("%d %s", code, said)
	}
	if _, err := os.Stat(c.Data); !os.IsNotExist(err) {
		t.Error("the folder was made")
	}
}

// How often a load is killed, and when at the latest.
const (
	loadKills    = 4
	earliestKill = 100 * time.Millisecond
	latestKills  = 1200 * time.Millisecond
)

// TestFaultDirectoryKill (F1, "Must show" 2): kill -9 in the middle of a load. The former
// index goes on answering, whole; the next load starts cleanly and leaves nothing behind.
func TestFaultDirectoryKill(t *testing.T) {
	small, large := files(t, annuaire.Options{Lines: 5_000}), files(t, annuaire.Options{Lines: 200_000, Generation: 1})
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			c := migrated(t, e)
			if said, code := say(t, c, "C", "directory", "load", small); code != 0 {
				t.Fatal(said)
			}
			x := index(t, c)
			for killed, latest := 0, latestKills; killed < loadKills; {
				if killLoad(t, c, large, x, latest) {
					killed++
					continue
				}
				// It had ended: a fast machine. The former index comes back, and the blow sooner.
				if latest /= 2; latest < earliestKill {
					t.Fatal("no load lives long enough to be killed: the test proves nothing")
				}
				if said, code := say(t, c, "C", "directory", "load", small, "--accept-smaller"); code != 0 {
					t.Fatal(said)
				}
			}
			knows(t, x, 20)
			if said, code := say(t, c, "C", "directory", "load", large); code != 0 {
				t.Fatal(said)
			}
			knows(t, x, 21)
			for _, pattern := range []string{"*.loading*", "directory-load*"} {
				if left, _ := filepath.Glob(filepath.Join(c.Data, pattern)); len(left) > 0 {
					t.Errorf("left behind: %v", left)
				}
			}
		})
	}
}

// killLoad starts a load and kills it before latest; false when it had ended.
func killLoad(t *testing.T, c app.Config, file string, x *directory.Index, latest time.Duration) bool {
	t.Helper()
	cmd := command(t, c, "C", "directory", "load", file)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	deadline := time.After(earliestKill + rand.N(latest))
	for {
		select {
		case err := <-ended:
			t.Logf("it ended before: %v %s", err, said.String())
			return false
		case <-deadline:
			_ = cmd.Process.Kill()
			<-ended
			if a, err := x.ByRPPS(t.Context(), annuaire.RPPS(3)); err == nil && a.AsOf.Day() == 21 {
				return false // it had swapped, and had only its end to tell
			}
			knows(t, x, 20)
			return true
		default:
			if _, err := x.ByName(context.Background(), directory.Name{Words: annuaire.Family(3)}); err != nil {
				t.Errorf("while it loads: %v", err)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}
