package secret_test

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"habilis/internal/secret"
)

var purposes = []secret.Purpose{
	secret.Session, secret.PreSession, secret.Invitation, secret.Reset, secret.API,
	secret.EmailProof, secret.Undo, secret.SetUp, secret.Temporary,
}

// rules.md 1: 32 bytes, base64url, type prefix, SHA-256 only.
func TestNewToken(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range purposes {
		if seen[string(p)] {
			t.Errorf("the prefix %s is used twice", p)
		}
		seen[string(p)] = true
		token, hash := secret.NewToken(p)
		body, ok := strings.CutPrefix(token.Reveal(), string(p)+"_")
		raw, err := base64.RawURLEncoding.DecodeString(body)
		if !ok || err != nil || len(raw) != 32 {
			t.Errorf("%s: the token has not the shape asked for", p)
		}
		if hash != secret.Hash(sha256.Sum256([]byte(token.Reveal()))) {
			t.Errorf("%s: the hash is not that of the token", p)
		}
		if got, ok := secret.HashToken(p, token.Reveal()); !ok || !got.Equal(hash) {
			t.Errorf("%s: the token is not found again", p)
		}
	}
	one, _ := secret.NewToken(secret.Session)
	two, _ := secret.NewToken(secret.Session)
	if one.Equal(two) {
		t.Error("two tokens are equal")
	}
}

// INV-03: a token altered in any way, or presented for another purpose, is none.
func TestHashTokenRefuses(t *testing.T) {
	token, hash := secret.NewToken(secret.Invitation)
	good := token.Reveal()
	body := strings.TrimPrefix(good, "hi_")
	for _, p := range purposes {
		if _, ok := secret.HashToken(p, good); ok != (p == secret.Invitation) {
			t.Errorf("an invitation is accepted as %s", p)
		}
	}
	last := good[len(good)-1]
	spare := strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", last) ^ 1
	respelt := good[:len(good)-1] + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[spare:spare+1]
	for name, bad := range map[string]string{
		"empty": "", "prefix alone": "hi_", "no prefix": body, "other case of the prefix": "HI_" + body,
		"space before": " " + good, "space after": good + " ", "line break": good + "\n", "line break inside": good[:20] + "\n" + good[21:],
		"short": good[:len(good)-1], "long": good + "A", "padding": good + "=", "not base64url": good[:len(good)-1] + "+",
		"same bytes in another spelling": respelt, "prefix twice": "hi_" + good, "NUL": good[:len(good)-1] + "\x00",
	} {
		if _, ok := secret.HashToken(secret.Invitation, bad); ok {
			t.Errorf("%s is taken for a token", name)
		}
	}
	if swapped, ok := secret.HashToken(secret.Invitation, strings.ToLower(good)); ok && swapped.Equal(hash) {
		t.Error("case is not significant")
	}
}

func TestHashInSQL(t *testing.T) {
	_, hash := secret.NewToken(secret.Reset)
	v, err := hash.Value()
	if err != nil {
		t.Fatal(err)
	}
	b, ok := v.([]byte)
	if !ok || len(b) != 32 {
		t.Fatalf("SQL gets %T", v)
	}
	var back secret.Hash
	if err := back.Scan(b); err != nil || !back.Equal(hash) || back.IsZero() {
		t.Errorf("read back: %v", err)
	}
	for _, bad := range []any{nil, "", string(b), b[:31], append(b, 0), 7} {
		if err := back.Scan(bad); err == nil {
			t.Errorf("%T is scanned as a hash", bad)
		}
	}
}

func FuzzHashToken(f *testing.F) {
	token, _ := secret.NewToken(secret.Session)
	f.Add(token.Reveal())
	f.Add("hs_")
	f.Fuzz(func(t *testing.T, presented string) {
		hash, ok := secret.HashToken(secret.Session, presented)
		if ok && hash != secret.Hash(sha256.Sum256([]byte(presented))) {
			t.Errorf("%q hashes to something else than its bytes", presented)
		}
		if ok && len(presented) != len("hs_")+43 {
			t.Errorf("%q is taken for a token", presented)
		}
	})
}
