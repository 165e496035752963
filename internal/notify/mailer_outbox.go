package notify

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
)

const (
	outboxStamp    = "20060102T150405Z" // begins the name of a file: names sort by date
	outboxExt      = ".eml"
	outboxDirMode  = 0o700 // the letters carry links and passwords
	outboxFileMode = 0o600
)

// Outbox keeps each message as a file instead of sending it: for development and
// demonstrations.
type Outbox struct {
	from From
	dir  string
}

// NewOutbox makes the folder dir/outbox when it is missing.
func NewOutbox(from From, dir string) (*Outbox, error) {
	o := &Outbox{from: from, dir: OutboxDir(dir)}
	if err := os.MkdirAll(o.dir, outboxDirMode); err != nil {
		return nil, fmt.Errorf("notify: outbox: %w", err)
	}
	return o, nil
}

// OutboxDir is the folder of the letters inside the data folder.
func OutboxDir(dir string) string { return filepath.Join(dir, "outbox") }

// Send writes <date>-<id>.eml whole or not at all, and flushes it. The same
// message sent twice is one file.
func (o *Outbox) Send(ctx context.Context, m Message) error {
	msg, err := o.from.compose(m)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("notify: outbox: %w", err)
	}
	var eml bytes.Buffer
	if _, err := msg.WriteTo(&eml); err != nil {
		return fmt.Errorf("notify: outbox: %w", err)
	}
	name := m.Date.UTC().Format(outboxStamp) + "-" + m.ID + outboxExt
	if err := o.write(name, eml.Bytes()); err != nil {
		return fmt.Errorf("notify: outbox: %w", err)
	}
	return nil
}

func (o *Outbox) write(name string, content []byte) error {
	f, err := os.CreateTemp(o.dir, ".letter-*") // 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already when all went well
	_, err = f.Write(content)
	if err == nil {
		err = f.Chmod(outboxFileMode)
	}
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(o.dir, name))
	}
	if err != nil {
		return err
	}
	return syncDir(o.dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return d.Sync()
}
