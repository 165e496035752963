package secret_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"habilis/internal/secret"
)

// INJ-04: a cursor opens the list it was given for, after a rotation too, and
// nothing else does.
func TestCursor(t *testing.T) {
	ring := secret.NewRing(time.Now())
	type place struct{ Key, ID string }
	want := place{"lacaze bruno", "mbr_1"}
	cursor, err := ring.Cursor("members|a", want)
	if err != nil {
		t.Fatal(err)
	}
	if err := ring.Rotate(time.Now()); err != nil {
		t.Fatal(err)
	}
	var got place
	if err := ring.OpenCursor("members|a", cursor, &got); err != nil || got != want {
		t.Fatalf("opened %v, %v", got, err)
	}
	other, err := secret.NewRing(time.Now()).Cursor("members|a", want)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]struct{ list, cursor string }{
		"another list":   {"members|b", cursor},
		"another ring":   {"members|a", other},
		"altered":        {"members|a", cursor[:20] + strings.Map(func(r rune) rune { return r ^ 1 }, cursor[20:21]) + cursor[21:]},
		"cut":            {"members|a", cursor[:len(cursor)-4]},
		"empty":          {"members|a", ""},
		"no base64":      {"members|a", "' or 1=1 --"},
		"10 kB of zeros": {"members|a", strings.Repeat("0", 10_000)},
	} {
		if err := ring.OpenCursor(bad.list, bad.cursor, &got); !errors.Is(err, secret.ErrCursor) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
