package paper

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"habilis/internal/papertest"
)

// daemon is a scanner that gives one answer to everything.
func daemon(t *testing.T, answer func(data []byte) string) Scanner {
	t.Helper()
	s, err := ParseScanner(papertest.Scanner(t, answer))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// FIL-01: a file that the daemon knows is refused, and all of it was sent; one that it does
// not know passes.
func TestScan(t *testing.T) {
	t.Parallel()
	s := daemon(t, papertest.Verdict)
	large := bytes.Repeat([]byte("x"), 3*scanChunk+5)
	if err := s.Scan(t.Context(), large); err != nil {
		t.Error(err)
	}
	err := s.Scan(t.Context(), append(large, papertest.Eicar...)) // paper.infected
	if !errors.Is(err, ErrInfected) || !strings.Contains(err.Error(), "Eicar") {
		t.Error(err)
	}
}

// A daemon that is away, silent, cuts the line or talks nonsense says nothing of the file:
// it is neither clean nor infected.
func TestUnscanned(t *testing.T) {
	t.Parallel()
	away, err := ParseScanner("unix:" + filepath.Join(t.TempDir(), "none"))
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]Scanner{
		"away":     away,
		"an error": daemon(t, func([]byte) string { return "INSTREAM size limit exceeded. ERROR\x00" }),
		"nonsense": daemon(t, func([]byte) string { return "FOUND\x00" }),
		"cut":      daemon(t, func([]byte) string { return "stream: O" }),
		"endless":  daemon(t, func([]byte) string { return strings.Repeat("x", 2*scanAnswer) }),
	} {
		if err := s.Scan(t.Context(), []byte("x")); !errors.Is(err, ErrUnscanned) || errors.Is(err, ErrInfected) {
			t.Errorf("%s: %v", name, err)
		}
	}
	silent := daemon(t, func([]byte) string { time.Sleep(time.Second); return "" })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := silent.Scan(ctx, []byte("x")); !errors.Is(err, ErrUnscanned) {
		t.Errorf("silent: %v", err)
	}
	if err := (Scanner{}).Scan(t.Context(), []byte(papertest.Eicar)); err != nil {
		t.Errorf("nobody is asked: %v", err)
	}
}

func TestParseScanner(t *testing.T) {
	t.Parallel()
	for typed, ok := range map[string]bool{
		"": true, "unix:/run/clamav/clamd.ctl": true, "tcp:127.0.0.1:3310": true, "tcp:[::1]:3310": true,
		"unix:clamd.ctl": false, "tcp:127.0.0.1": false, "/run/clamd.ctl": false, "http://127.0.0.1": false, "unix:": false, "tcp:x:": false,
	} {
		if s, err := ParseScanner(typed); (err == nil) != ok || ok && s.Set() != (typed != "") {
			t.Errorf("%q: %v", typed, err)
		}
	}
}
