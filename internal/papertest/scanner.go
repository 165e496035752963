package papertest

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"path/filepath"
	"testing"
)

// Scanner runs a daemon that answers as clamd does, on a socket of its own, until the test
// ends. It gives where: "unix:/…". answer is what it says of a file: Verdict does.
func Scanner(t testing.TB, answer func(data []byte) string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "clamd.ctl")
	l, err := new(net.ListenConfig).Listen(t.Context(), "unix", path)
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
				defer func() { _ = c.Close() }()
				if data, ok := received(c); ok {
					_, _ = io.WriteString(c, answer(data))
				}
			}()
		}
	}()
	return "unix:" + path
}

// Verdict knows EICAR, and nothing else.
func Verdict(data []byte) string {
	if bytes.Contains(data, []byte(Eicar)) {
		return "stream: Eicar-Signature FOUND\x00"
	}
	return "stream: OK\x00"
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
