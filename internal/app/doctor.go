package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strconv"
	"syscall"
	"time"

	"habilis/internal/job"
	"habilis/internal/secret"
)

// LowDisk is the room under which the doctor warns: a full disk stops all writing.
const (
	LowDisk  = 512 * mebibyte
	mebibyte = 1 << 20
)

// mailTime bounds the look at the mail server.
const mailTime = 10 * time.Second

// Doctor looks at an installation from all sides and writes a line for each.
// ErrFound says that one of them needs care.
func Doctor(ctx context.Context, c Config, log, out io.Writer) error {
	c = c.completed()
	d := doctor{out: out}
	d.say("configuration", c.Check(), "")
	room, err := diskRoom(c.Data)
	d.say("disk", err, room)
	keys, err := countKeys(c)
	d.say("keys", err, keys)
	d.line("database", Execute(ctx, c, log, LookAtServer{}, out))
	d.say("mail", reachMail(ctx, c.Mail), mailSummary(c))
	if d.found {
		return ErrFound
	}
	return nil
}

type doctor struct {
	out   io.Writer
	found bool
}

func (d *doctor) say(what string, err error, well string) {
	if err == nil {
		fmt.Fprintf(d.out, "ok    %s  %s\n", what, well)
		return
	}
	d.line(what, err)
}

// line writes only what is wrong: the rest has been written.
func (d *doctor) line(what string, err error) {
	if err == nil {
		return
	}
	d.found = true
	if !errors.Is(err, ErrFound) {
		fmt.Fprintf(d.out, "CARE  %s  %s\n", what, err)
	}
}

func diskRoom(dir string) (string, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return "", fmt.Errorf("%s: %w", dir, err)
	}
	free := s.Bavail * uint64(s.Bsize) //nolint:gosec // a block has a positive size
	if free < LowDisk {
		return "", fmt.Errorf("only %d MiB left in %s", free/mebibyte, dir)
	}
	return fmt.Sprintf("%d MiB free", free/mebibyte), nil
}

func countKeys(c Config) (string, error) {
	ring, err := secret.Load(c.KeyPath())
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s is missing; the first `habilis serve` makes it, a restored server needs its old one", c.KeyPath())
	}
	if err != nil {
		return "", refuseKeys(c.KeyPath(), err)
	}
	return fmt.Sprintf("%d, current %s", len(ring.Keys()), ring.Current()), nil
}

func mailSummary(c Config) string {
	if c.Host == "" {
		return "no mail server: letters wait, or are kept as files with --dev"
	}
	return c.Host + " answers"
}

// reachMail opens a connection to the mail server, no more: nobody is written to.
func reachMail(ctx context.Context, m Mail) error {
	if m.Host == "" {
		return nil
	}
	port := m.Port
	if port == 0 {
		port = map[string]int{"starttls": 587, "tls": 465, "none": 25}[m.TLS] //nolint:mnd // the registered ports
	}
	d := net.Dialer{Timeout: mailTime}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(m.Host, strconv.Itoa(port)))
	if err != nil {
		return err
	}
	return conn.Close()
}

// LookAtServer looks at the database from inside.
type LookAtServer struct{}

// Verb names the order.
func (LookAtServer) Verb() string { return "doctor" }

// Do writes a line for each thing that was looked at.
func (LookAtServer) Do(ctx context.Context, b *Base, out io.Writer) error {
	d := doctor{out: out}
	d.say("database", b.DB.Ping(ctx), b.DB.Engine.String())
	d.say("schema", b.DB.CheckSchema(ctx), "")
	skew, err := b.DB.Skew(ctx)
	if err == nil && skew.Abs() > MaxSkew {
		err = fmt.Errorf("this machine is %s from the database", skew)
	}
	d.say("clock", err, "")
	found, err := b.DB.Damage(ctx)
	for _, f := range found {
		err = errors.Join(err, errors.New(f))
	}
	d.say("integrity", err, "")
	d.say("settings", b.DB.Advice(ctx), "")
	w := job.Worker{DB: b.DB, Log: b.Log}
	counts, err := w.Counts(ctx)
	if err == nil && counts.Failed > 0 {
		err = fmt.Errorf("%d were given up (their errors are in the log)", counts.Failed)
	}
	d.say("jobs", err, fmt.Sprintf("%d waiting, %d running", counts.Ready, counts.Running))
	if d.found {
		return ErrFound
	}
	return nil
}
