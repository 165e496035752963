package paper

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// eicar is the harmless text that every scanner knows, in two halves so that no scanner
// finds it here.
const eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$` + `EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

// daemon answers as clamd does, on a socket of its own.
func daemon(t *testing.T, answer func(data []byte) string) Scanner {
	t.Helper()
	path := filepath.Join(t.TempDir(), "clamd.ctl")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if data, ok := received(c); ok {
					_, _ = io.WriteString(c, answer(data))
				}
			}()
		}
	}()
	s, err := ParseScanner("unix:" + path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// received reads one INSTREAM.
func received(c io.Reader) ([]byte, bool) {
	command := make([]byte, len("zINSTREAM\x00"))
	if _, err := io.ReadFull(c, command); err != nil || string(command) != "zINSTREAM\x00" {
		return nil, false
	}
	var data bytes.Buffer
	for {
		var size [4]byte
		if _, err := io.ReadFull(c, size[:]); err != nil {
			return nil, false
		}
		n := binary.BigEndian.Uint32(size[:])
		if n == 0 {
			return data.Bytes(), true
		}
		if _, err := io.CopyN(&data, c, int64(n)); err != nil {
			return nil, false
		}
	}
}

// FIL-01: a file that the daemon knows is refused, and all of it was sent; one that it does
// not know passes.
func TestScan(t *testing.T) {
	t.Parallel()
	s := daemon(t, func(data []byte) string {
		if bytes.Contains(data, []byte(eicar)) {
			return "stream: Eicar-Signature FOUND\x00"
		}
		return "stream: OK\x00"
	})
	large := bytes.Repeat([]byte("x"), 3*scanChunk+5)
	if err := s.Scan(t.Context(), large); err != nil {
		t.Error(err)
	}
	err := s.Scan(t.Context(), append(large, eicar...)) // paper.infected
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
	if err := (Scanner{}).Scan(t.Context(), []byte(eicar)); err != nil {
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
