package secret_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"habilis/internal/secret"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

var place = secret.AAD{Table: "jobs", Column: "args", Tenant: "org_1", Row: "job_1"}

func TestSealOpens(t *testing.T) {
	ring := secret.NewRing(noon)
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		sealed := ring.Seal(place, plain)
		if len(sealed) != len(plain)+secret.SealOverhead {
			t.Fatalf("%d bytes become %d", len(plain), len(sealed))
		}
		opened, err := ring.Open(place, sealed)
		if err != nil || !bytes.Equal(opened, plain) {
			t.Fatalf("opened: %v", err)
		}
		if bytes.Equal(ring.Seal(place, plain), sealed) {
			t.Fatal("the same value sealed twice gives the same bytes")
		}
	})
}

// rules.md 21: bound to table, column, tenant and row.
func TestSealedValueCannotMove(t *testing.T) {
	ring := secret.NewRing(noon)
	sealed := ring.Seal(place, []byte("graine"))
	for name, aad := range map[string]secret.AAD{
		"other row": {Table: "jobs", Column: "args", Tenant: "org_1", Row: "job_2"}, "other tenant": {Table: "jobs", Column: "args", Tenant: "org_2", Row: "job_1"},
		"other column": {Table: "jobs", Column: "result", Tenant: "org_1", Row: "job_1"}, "other table": {Table: "job", Column: "args", Tenant: "org_1", Row: "job_1"},
		"no tenant": {Table: "jobs", Column: "args", Row: "job_1"}, "parts shifted": {Table: "jobsa", Column: "rgs", Tenant: "org_1", Row: "job_1"},
		"tenant and row shifted": {Table: "jobs", Column: "args", Tenant: "org_1job", Row: "_1"},
	} {
		if _, err := ring.Open(aad, sealed); !errors.Is(err, secret.ErrSealed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSealedValueAltered(t *testing.T) {
	ring := secret.NewRing(noon)
	sealed := ring.Seal(place, []byte("graine"))
	for i := range sealed {
		altered := bytes.Clone(sealed)
		altered[i] ^= 1
		if _, err := ring.Open(place, altered); err == nil {
			t.Errorf("byte %d altered and still opened", i)
		}
	}
	for n := range sealed {
		if _, err := ring.Open(place, sealed[:n]); err == nil {
			t.Errorf("cut at %d and still opened", n)
		}
	}
}

func TestSealNeedsAPlace(t *testing.T) {
	for _, aad := range []secret.AAD{{}, {Table: "t", Column: "c"}, {Table: "t", Row: "r"}, {Column: "c", Row: "r"}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("sealed for %+v", aad)
				}
			}()
			secret.NewRing(noon).Seal(aad, nil)
		}()
	}
}

// rules.md 21: rotation of every key, online; what was written before still reads.
func TestRotation(t *testing.T) {
	ring := secret.NewRing(noon)
	sealed, tag, first := ring.Seal(place, []byte("graine")), ring.MAC(secret.UseCursor, []byte("page 2")), ring.Current()
	pepper, err := ring.Digest(first, secret.UsePasswordPepper, []byte("mot"))
	if err != nil || ring.Stale(sealed) {
		t.Fatal("before the rotation:", err)
	}
	if err := ring.Rotate(noon.AddDate(0, 3, 0)); err != nil {
		t.Fatal(err)
	}
	if opened, err := ring.Open(place, sealed); err != nil || string(opened) != "graine" {
		t.Errorf("the older seal: %v", err)
	}
	if !ring.VerifyMAC(secret.UseCursor, []byte("page 2"), tag) {
		t.Error("the older tag does not verify")
	}
	if again, err := ring.Digest(first, secret.UsePasswordPepper, []byte("mot")); err != nil || !bytes.Equal(again, pepper) {
		t.Errorf("the older pepper changed: %v", err)
	}
	if ring.Current() == first || !ring.Stale(sealed) || ring.Stale(ring.Seal(place, nil)) || !ring.Stale([]byte("x")) {
		t.Error("the new key is not the one in use")
	}
	if keys := ring.Keys(); len(keys) != 2 || keys[0].ID != first || keys[0].Current || !keys[1].Current || !keys[1].Created.Equal(noon.AddDate(0, 3, 0)) {
		t.Errorf("keys: %+v", keys)
	}
}

func TestUnknownKey(t *testing.T) {
	mine, theirs := secret.NewRing(noon), secret.NewRing(noon)
	_, err := mine.Open(place, theirs.Seal(place, []byte("graine")))
	if !errors.Is(err, secret.ErrUnknownKey) || !strings.Contains(err.Error(), theirs.Current().String()) {
		t.Errorf("error: %v", err)
	}
	if mine.VerifyMAC(secret.UseCursor, nil, theirs.MAC(secret.UseCursor, nil)) {
		t.Error("another ring's tag verifies")
	}
	if _, err := mine.Digest(theirs.Current(), secret.UseIndex, nil); !errors.Is(err, secret.ErrUnknownKey) {
		t.Errorf("digest: %v", err)
	}
}

func TestMACIsBoundToUseAndData(t *testing.T) {
	ring := secret.NewRing(noon)
	tag := ring.MAC(secret.UseCursor, []byte("page 2"))
	if len(tag) != secret.TagBytes || !ring.VerifyMAC(secret.UseCursor, []byte("page 2"), tag) {
		t.Fatal("the tag does not verify")
	}
	if ring.VerifyMAC(secret.UseAuditHead, []byte("page 2"), tag) || ring.VerifyMAC(secret.UseCursor, []byte("page 3"), tag) {
		t.Error("the tag verifies for something else")
	}
	for i := range tag {
		altered := bytes.Clone(tag)
		altered[i] ^= 0x80
		if ring.VerifyMAC(secret.UseCursor, []byte("page 2"), altered) {
			t.Errorf("byte %d altered and still verified", i)
		}
	}
	for _, bad := range [][]byte{nil, tag[:len(tag)-1], append(bytes.Clone(tag), 0), tag[:4]} {
		if ring.VerifyMAC(secret.UseCursor, []byte("page 2"), bad) {
			t.Errorf("%d bytes verify", len(bad))
		}
	}
}

func TestRingPrintsNoKey(t *testing.T) {
	path := t.TempDir() + "/keys.json"
	ring, err := secret.LoadOrCreate(path, noon)
	if err != nil {
		t.Fatal(err)
	}
	key := keyIn(t, path)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, value := range []any{ring, ring.Keys()} {
			if out := fmt.Sprintf(verb, value); strings.Contains(out, string(key)) {
				t.Errorf("%s prints the key", verb)
			}
		}
	}
}

// FuzzOpen looks for bytes that open without having been sealed, and for panics.
func FuzzOpen(f *testing.F) {
	ring := secret.NewRing(noon)
	sealed := ring.Seal(place, []byte("graine"))
	f.Add(sealed, "jobs", "args", "org_1", "job_1")
	f.Add(sealed[:10], "", "", "", "")
	f.Add([]byte{1}, "a", "b", "c", "d")
	f.Fuzz(func(t *testing.T, b []byte, table, column, tenant, row string) {
		aad := secret.AAD{Table: table, Column: column, Tenant: tenant, Row: row}
		opened, err := ring.Open(aad, b)
		if err == nil && (aad != place || !bytes.Equal(b, sealed) || string(opened) != "graine") {
			t.Errorf("%x opened for %+v", b, aad)
		}
	})
}
