package app_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/app"
	"habilis/internal/apptest"
	"habilis/internal/privacy"
	"habilis/internal/secret"
)

// AUD-4, AUD-01: on a whole server, what retention and leaving remove is behind heads that the server
// signed and keeps in its file: verify-audit passes against it; what was taken away verifies on any machine, and
// altered by one byte, or by the keys of another, it does not.
func TestLeaving(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		ctx, clock := t.Context(), s.Clock
		o, other := s.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example"), s.NewOrg("Clinique du Parc", "yves.roux@parc.example")
		zoe := access.Actor{Kind: access.Person, Account: o.Admin.Account, Name: "Zoé Martin", StepUp: clock.Now(), Via: "web"}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		_, err := s.App.Exits.OrderExport(ctx, zoe, o.ID)
		must(err)
		must(s.App.Exits.SweepExports(ctx))
		f, err := s.App.Exits.Download(ctx, zoe, o.ID)
		must(err)
		var file bytes.Buffer
		must(f.Write(ctx, nil, &file, func() error { return nil }))
		taken(t, s, file.Bytes())

		_, err = s.App.Exits.Ask(ctx, zoe, o.ID, "Cabinet des Lilas")
		must(err)
		clock.Add(privacy.ExitAfter + time.Hour)
		for range 5 { // what is written while it goes is signed at the next round
			must(s.App.Exits.Sweep(ctx))
		}
		if _, _, err := s.App.Orgs.Enter(ctx, apptest.Operator, o.ID.String()); err == nil {
			t.Error("the organisation is still there")
		}
		if _, _, err := s.App.Orgs.Enter(ctx, apptest.Operator, other.Slug); err != nil {
			t.Errorf("the other organisation: %v", err)
		}
		clock.Add(40 * 31 * 24 * time.Hour)
		must(s.App.Retentions.Apply(ctx))
		var out bytes.Buffer
		if err := app.VerifyAudit(ctx, s.App.Config, "", io.Discard, &out); err != nil || !strings.Contains(out.String(), "the trail holds") ||
			strings.Contains(out.String(), " 0 details erased") {
			t.Errorf("%v: %s", err, out.String())
		}
	})
}

// taken verifies the manifest of a full export by its files alone, and by the keys that anybody gets.
func taken(t *testing.T, s *apptest.Server, file []byte) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	parts := map[string][]byte{}
	for _, name := range []string{"manifest.json", "manifest.signature.json", "keys.json"} {
		r, err := z.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if parts[name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	whole := app.Signed{
		File: write("manifest.json", parts["manifest.json"]), Signature: write("signature.json", parts["manifest.signature.json"]),
		Keys: write("keys.json", parts["keys.json"]),
	}
	if err := app.VerifySigned(whole, io.Discard); err != nil {
		t.Errorf("what was taken away does not verify: %v", err)
	}
	served := whole
	served.Keys = write("served.json", served200(t, s, "/.well-known/habilis-signing-keys.json"))
	if err := app.VerifySigned(served, io.Discard); err != nil {
		t.Errorf("it does not verify with the keys that we serve: %v", err)
	}
	altered, foreign := served, whole
	altered.File = write("altered.json", append([]byte(" "), parts["manifest.json"][1:]...))
	foreign.Keys = write("foreign.json", secret.NewRing(time.Now()).PublicFile("https://autre.example"))
	for name, s := range map[string]app.Signed{"one byte altered": altered, "the keys of another": foreign} {
		if err := app.VerifySigned(s, io.Discard); !errors.Is(err, app.ErrFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// served200 fetches a file, as anybody may.
func served200(t *testing.T, s *apptest.Server, path string) []byte {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("%s: %d %s %v", path, answer.StatusCode, answer.Header.Get("Content-Type"), err)
	}
	return body
}
