package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"habilis/internal/app"
	"habilis/internal/apptest"
	"habilis/internal/storetest"
)

// typed runs a command as typed and gives its exit code and what it printed.
func typed(t *testing.T, args ...string) (code int, out, log string) {
	t.Helper()
	var o, l bytes.Buffer
	code = run(t.Context(), args, &o, &l)
	return code, o.String(), l.String()
}

// at are the flags that find an installation.
func at(c app.Config) []string {
	args := []string{"--data", c.Data, "--log-level", "error"}
	if c.Postgres() {
		args = append(args, "--database-url", c.DatabaseURL.Reveal())
	}
	return args
}

// TestUsage: what is not understood ends with 2 and says where help is.
func TestUsage(t *testing.T) {
	for _, args := range [][]string{
		{}, {"fly"}, {"serve", "--colour", "blue"}, {"token", "create", "--name", "x"}, {"token", "create", "--org", "a", "--platform", "--name", "x"},
		{"serve", "--log-level", "loud"}, {"backup"}, {"serve", "--config"},
	} {
		if code, _, log := typed(t, args...); code != exitUsage || !strings.Contains(log, "habilis:") {
			t.Errorf("%v: %d %s", args, code, log)
		}
	}
	for _, args := range [][]string{{"--help"}, {"serve", "--help"}, {"token", "create", "--help"}} {
		if code, out, _ := typed(t, args...); code != 0 || !strings.Contains(out, "Usage: habilis") {
			t.Errorf("%v: %d %s", args, code, out)
		}
	}
	if code, out, _ := typed(t, "version"); code != 0 || !strings.HasPrefix(out, app.Version) {
		t.Errorf("version: %d %s", code, out)
	}
}

// TestSettings: a flag wins over a variable, a variable over the file, the file
// over the default; a setting that nobody knows is refused.
func TestSettings(t *testing.T) {
	t.Chdir(t.TempDir())
	dirs := map[string]string{}
	for _, name := range []string{"default", "file", "variable", "flag"} {
		dirs[name] = filepath.Join(t.TempDir(), name)
	}
	dirs["default"] = "habilis-data"
	made := func() string {
		for name, dir := range dirs {
			if _, err := os.Stat(filepath.Join(dir, "habilis.db")); err == nil {
				if err := os.RemoveAll(dir); err != nil {
					t.Fatal(err)
				}
				return name
			}
		}
		return "none"
	}
	file := filepath.Join(t.TempDir(), "habilis.json")
	write := func(content string) {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	check := func(want string, args ...string) {
		t.Helper()
		code, _, log := typed(t, append([]string{"migrate"}, args...)...)
		if got := made(); code != 0 || got != want {
			t.Errorf("%v: %d, made in the folder of the %s, not of the %s\n%s", args, code, got, want, log)
		}
	}
	check("default")
	write(`{"data": "` + dirs["file"] + `", "listen": "127.0.0.1:1", "log_level": "error", "trusted_proxies": ["10.0.0.1"]}`)
	check("file", "--config", file)
	check("file", "--config="+file)
	t.Setenv(envConfig, file)
	check("file")
	t.Setenv("HABILIS_DATA", dirs["variable"])
	check("variable")
	check("flag", "--data", dirs["flag"])
	for _, wrong := range []string{`{"dataa": "x"}`, `{"data"`, `[]`, `{"log_level": "loud"}`} {
		write(wrong)
		if code, _, log := typed(t, "migrate"); code != exitUsage || made() != "none" {
			t.Errorf("%s: %d %s", wrong, code, log)
		}
	}
	t.Setenv(envConfig, file+"x")
	if code, _, log := typed(t, "migrate"); code != exitUsage {
		t.Errorf("a file that is not there: %d %s", code, log)
	}
}

// TestRefusals: a server that does not start says why, ends with 1 and prints no secret.
func TestRefusals(t *testing.T) {
	code, _, log := typed(t, "serve", "--data", t.TempDir(), "--listen", "0.0.0.0:0", "--base-url", "http://habilis.example.fr",
		"--database-url", "postgres://habilis:canary-password@db.example.fr/h")
	for _, says := range []string{"--base-url: use https", "--database-url: add sslmode=verify-full", "--smtp-host: name a mail server"} {
		if !strings.Contains(log, says) {
			t.Errorf("it does not say %q:\n%s", says, log)
		}
	}
	if code != exitFailed || strings.Contains(log, "canary") {
		t.Errorf("%d\n%s", code, log)
	}
}

// TestOperator walks through an operator's commands, without a server, on each engine.
func TestOperator(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			c := apptest.Config(t, e)
			do := func(want int, says string, args ...string) string {
				t.Helper()
				code, out, log := typed(t, append(args, at(c)...)...)
				if code != want || !strings.Contains(out+log, says) {
					t.Fatalf("%v: %d, not %d, and not %q:\n%s%s", args, code, want, says, out, log)
				}
				return out
			}
			do(0, "up to date", "migrate")
			do(0, "/setup/hu_", "admin", "create-platform-admin", "--email", "op@habilis.example", "--base-url", "https://habilis.example.fr")
			do(0, "/setup/hu_", "admin", "create-platform-admin", "--base-url", "https://habilis.example.fr")
			do(0, "http://127.0.0.1:8080/setup/hu_", "admin", "create-platform-admin", "--email", "op@habilis.example")
			do(exitFailed, "", "admin", "create-platform-admin", "--email", "nobody", "--base-url", "https://habilis.example.fr")
			do(exitFailed, "", "admin", "open-networks", "--org", "nowhere")
			do(0, "hat_", "token", "create", "--platform", "--name", "suivi", "--days", "7")
			do(exitFailed, "", "token", "create", "--org", "nowhere", "--name", "suivi")
			do(0, "* ", "keys", "list")
			if keys := do(0, "* ", "keys", "rotate"); strings.Count(keys, "\n") != 3 || !strings.Contains(keys, "Sealed again with the current key: 0") {
				t.Errorf("after a rotation: %s", keys)
			}
			if keys := do(0, "* ", "keys", "rotate", "--later"); strings.Contains(keys, "Sealed") {
				t.Errorf("left for later: %s", keys)
			}
			do(0, "Sealed again with the current key: 0", "keys", "reseal")
			file := filepath.Join(t.TempDir(), "habilis.backup")
			do(0, "keep a copy", "backup", file)
			do(exitFailed, "never overwritten", "backup", file)
			if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the backup: %v %v", info, err)
			}
			do(0, "the trail holds", "verify-audit")
			heads := filepath.Join(t.TempDir(), "heads")
			if err := os.WriteFile(heads, []byte("{}\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			do(exitFound, "line 1: not signed", "verify-audit", "--heads", heads)
			code, said, _ := typed(t, append([]string{"doctor", "--dev"}, at(c)...)...)
			// the settings are those of whoever started the test's cluster
			if advised := strings.Count(said, "CARE  settings"); !strings.Contains(said, "ok    integrity") ||
				strings.Count(said, "CARE") != advised || (code == exitFound) != (advised > 0) {
				t.Errorf("doctor: %d\n%s", code, said)
			}
			do(exitFound, "CARE  configuration", "doctor", "--listen", "0.0.0.0:80")
			do(exitFailed, "", "restore", file) // over an installation in use
			left, err := filepath.Glob(filepath.Join(filepath.Dir(file), ".habilis-backup-*"))
			if err != nil || len(left) > 0 {
				t.Errorf("a backup left %v %v", left, err)
			}
			// on a clean place, with the keys put back first
			keys, err := os.ReadFile(c.KeyPath())
			if err != nil {
				t.Fatal(err)
			}
			if c = apptest.Config(t, e); !c.Postgres() {
				c.Data = filepath.Join(t.TempDir(), "clean")
			}
			if err := os.MkdirAll(c.Data, 0o700); err != nil {
				t.Fatal(err)
			}
			do(exitFailed, "key file", "restore", file)
			if err := os.WriteFile(c.KeyPath(), keys, 0o600); err != nil {
				t.Fatal(err)
			}
			do(0, "rows restored", "restore", file)
			do(0, "the trail holds", "verify-audit")
			do(exitFailed, "", "restore", file)
		})
	}
}

// idle is the memory that a server without requests may take.
const idle = 80 << 20

// TestIdleMemory: a server that waits is small.
func TestIdleMemory(t *testing.T) {
	p := program(t, app.Config{Place: app.Place{Data: filepath.Join(t.TempDir(), "d")}})
	p.start()
	defer p.stop()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	var size, resident int
	if _, err := fmt.Sscan(string(b), &size, &resident); err != nil {
		t.Fatal(err)
	}
	if used := resident * os.Getpagesize(); used > idle {
		t.Errorf("%d MiB", used>>20)
	} else {
		t.Logf("%d MiB", used>>20)
	}
}

// TestDemoServe: the real program with --demo prints address, accounts and
// password, the same after a restart; the flag gives every account another.
func TestDemoServe(t *testing.T) {
	c := app.Config{Place: app.Place{Data: filepath.Join(t.TempDir(), "d")}}
	p := program(t, c, "--demo")
	p.start()
	p.stop()
	first := p.log.String()
	for _, says := range []string{p.base, "bruno.lacaze@tilleuls.example", "claire.morvan@tilleuls.example", "admin@habilis.example", "/dev/mail"} {
		if !strings.Contains(first, says) {
			t.Errorf("it does not print %s:\n%s", says, first)
		}
	}
	password := func(log string) string {
		_, rest, _ := strings.Cut(log, "has the password  ")
		line, _, _ := strings.Cut(rest, "\n")
		return line
	}
	p.start()
	p.stop()
	if again := password(p.log.String()); again == "" || again != password(first) {
		t.Errorf("the password after a restart is %q, it was %q", again, password(first))
	}
	plain := program(t, c)
	if code, _, log := typed(t, plain.args...); code != exitFailed || !strings.Contains(log, "--demo") {
		t.Errorf("without --demo: %d %s", code, log)
	}
}
