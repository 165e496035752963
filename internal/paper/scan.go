package paper

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"habilis/internal/fault"
)

// Scanner asks a ClamAV daemon whether a file is known to be harmful (rules.md 16). The zero
// value asks nobody.
type Scanner struct {
	network, address string
}

// Bounds of a question to the daemon.
const (
	ScanTime   = 30 * time.Second // for the whole of it
	scanChunk  = 64 << 10
	scanAnswer = 4 << 10
)

// ErrInfected is the refusal of a file that the daemon knows.
var ErrInfected = fault.New(fault.Invalid, "paper.infected")

// ErrUnscanned means that the daemon did not answer: the file waits, and is shown to nobody.
var ErrUnscanned = errors.New("paper: the virus scanner does not answer")

var errScanner = errors.New("write unix:/path/of/clamd.ctl or tcp:host:port")

// ParseScanner reads where the daemon listens: "unix:/run/clamav/clamd.ctl" or
// "tcp:127.0.0.1:3310"; empty for nobody.
func ParseScanner(s string) (Scanner, error) {
	if s == "" {
		return Scanner{}, nil
	}
	network, address, ok := strings.Cut(s, ":")
	switch {
	case ok && network == "unix" && strings.HasPrefix(address, "/"):
		return Scanner{network, address}, nil
	case ok && network == "tcp":
		if _, port, err := net.SplitHostPort(address); err == nil && port != "" {
			return Scanner{network, address}, nil
		}
	}
	return Scanner{}, errScanner
}

// Set reports whether there is somebody to ask.
func (s Scanner) Set() bool { return s.address != "" }

// Scan asks about a file. Errors: ErrInfected with the name of what was found as its cause,
// ErrUnscanned with the reason.
func (s Scanner) Scan(ctx context.Context, data []byte) error {
	if !s.Set() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, ScanTime)
	defer cancel()
	answer, err := s.ask(ctx, data)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnscanned, err)
	}
	switch {
	case answer == "stream: OK":
		return nil
	case strings.HasPrefix(answer, "stream: ") && strings.HasSuffix(answer, " FOUND"):
		found := strings.TrimSuffix(strings.TrimPrefix(answer, "stream: "), " FOUND")
		return ErrInfected.Because(errors.New(found)) //nolint:err113 // the name of a virus, for the log
	}
	return fmt.Errorf("%w: it answers %q", ErrUnscanned, answer)
}

// ask speaks INSTREAM: the file in pieces, each behind its length, then none.
func (s Scanner) ask(ctx context.Context, data []byte) (string, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, s.network, s.address)
	if err != nil {
		return "", err
	}
	defer func() { _ = c.Close() }() // all was read
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	// The daemon may answer, and hang up, before it has read everything: what it said counts.
	sent := send(c, data)
	b, err := bufio.NewReaderSize(c, scanAnswer).ReadSlice(0)
	if err != nil {
		return "", errors.Join(sent, err)
	}
	return strings.TrimSuffix(string(b), "\x00"), nil
}

func send(c net.Conn, data []byte) error {
	if _, err := c.Write([]byte("zINSTREAM\x00")); err != nil {
		return err
	}
	for len(data) > 0 {
		part := data[:min(scanChunk, len(data))]
		data = data[len(part):]
		if _, err := c.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part)))); err != nil { //nolint:gosec // at most scanChunk
			return err
		}
		if _, err := c.Write(part); err != nil {
			return err
		}
	}
	_, err := c.Write([]byte{0, 0, 0, 0})
	return err
}
