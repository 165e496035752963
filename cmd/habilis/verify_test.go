package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"habilis/internal/apptest"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// TestVerifySigned (AUD-3): a file that this installation signed is checked with its public keys alone, on
// a machine that has neither its data nor its keys; one byte altered, or another machine's keys, and
// it does not hold.
func TestVerifySigned(t *testing.T) {
	c := apptest.Config(t, store.SQLite)
	run := func(want int, says string, args ...string) string {
		t.Helper()
		code, out, log := typed(t, args...)
		if code != want || !strings.Contains(out+log, says) {
			t.Fatalf("%v: %d, not %d, and not %q:\n%s%s", args, code, want, says, out, log)
		}
		return out
	}
	run(0, "up to date", append([]string{"migrate"}, at(c)...)...)
	keys := []byte(run(0, "habilis.example.fr", append([]string{"keys", "public", "--base-url", "https://habilis.example.fr"}, at(c)...)...))
	ring, err := secret.Load(c.KeyPath())
	if err != nil {
		t.Fatal(err)
	}
	file := []byte("une ligne\n")
	parts := map[string][]byte{"file": file, "signature": ring.SignatureFile(secret.UseExit, file, time.Now()), "keys": keys}
	elsewhere := t.TempDir()
	var extra []string
	verify := func(want int, says string, changed map[string][]byte) {
		t.Helper()
		args := []string{"verify-audit"}
		for _, name := range []string{"file", "signature", "keys"} {
			b := parts[name]
			if changed[name] != nil {
				b = changed[name]
			}
			path := filepath.Join(elsewhere, name)
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			args = append(args, "--"+name, path)
		}
		run(want, says, append(args, extra...)...)
	}
	verify(0, "the signature holds", nil)
	shown := ring.PublicKeys()[0].Fingerprint()
	verify(0, "SHA-256 fingerprint of the key: "+shown, nil)
	extra = []string{"--key-fingerprint", strings.ToUpper(strings.ReplaceAll(shown, " ", ""))}
	verify(0, "the signature holds", nil)
	extra = []string{"--key-fingerprint", secret.NewRing(time.Now()).PublicKeys()[0].Fingerprint()}
	verify(exitFound, "the key is not the one of the fingerprint", nil)
	extra = []string{"--key-fingerprint", shown[:9]}
	verify(exitFound, "the key is not the one of the fingerprint", nil)
	extra = nil
	verify(0, `is of "https://a.example\nthe signature"`, map[string][]byte{"keys": ring.PublicFile("https://a.example\nthe signature")})
	for name, says := range map[string]string{
		"file": "it is of another file", "signature": "the signature file is not one", "keys": "the file of public keys is not one",
	} {
		altered := bytes.Clone(parts[name])
		altered[0] ^= 1
		verify(exitFound, says, map[string][]byte{name: altered})
	}
	verify(exitFound, "of another installation", map[string][]byte{"keys": secret.NewRing(time.Now()).PublicFile("https://habilis.example.fr")})
	review := ring.SignatureFile(secret.UseReview, file, time.Now())
	verify(exitFound, "not a review of Habilis", map[string][]byte{"signature": review})
	if code, _, _ := typed(t, "verify-audit", "--file", filepath.Join(elsewhere, "file")); code == 0 || code == exitFound {
		t.Errorf("without a signature: %d", code)
	}
	run(exitFailed, "", "verify-audit", "--file", "nowhere", "--signature", filepath.Join(elsewhere, "signature"), "--keys", filepath.Join(elsewhere, "keys"))
}
