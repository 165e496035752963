package app

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"habilis/internal/audit"
	"habilis/internal/store"
)

// headKeeper signs the heads of the audit chains and keeps them outside the
// database: in a file of the data folder and in the log, which the operator sends
// elsewhere (rules.md 20).
type headKeeper struct {
	base *Base
	mu   sync.Mutex
	last map[string]audit.SignedHead
}

func newHeadKeeper(b *Base) *headKeeper { return &headKeeper{base: b} }

// keep signs the heads that are due; the timetable calls it.
func (k *headKeeper) keep(ctx context.Context) error { return k.sign(ctx, audit.Due) }

// keepAll signs every head that grew at all, when the server stops.
func (k *headKeeper) keepAll(ctx context.Context) error {
	return k.sign(ctx, func(now time.Time, heads []audit.Head, last map[string]audit.SignedHead) []audit.Head {
		return audit.Due(now.Add(2*audit.HeadEvery), heads, last)
	})
}

// signedNow signs every head that grew, and gives the last one of each chain: what comes before it
// may be cut (AUD-4).
func (k *headKeeper) signedNow(ctx context.Context) (map[string]audit.Head, error) {
	if err := k.keepAll(ctx); err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	out := make(map[string]audit.Head, len(k.last))
	for chain, s := range k.last {
		out[chain] = s.Head()
	}
	return out, nil
}

type dueFunc func(time.Time, []audit.Head, map[string]audit.SignedHead) []audit.Head

func (k *headKeeper) sign(ctx context.Context, due dueFunc) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.recall(); err != nil {
		return err
	}
	heads, err := readHeads(ctx, k.base.DB)
	if err != nil {
		return err
	}
	var lines []byte
	now := k.base.DB.Now()
	list := due(now, heads, k.last)
	for _, h := range list {
		s := audit.Sign(k.base.Ring, h, now)
		lines = append(lines, s.Line()...)
		k.last[h.Chain] = s
		k.base.Log.Info("audit head", "chain", s.Chain, "seq", s.Seq, "line", string(s.Line()[:len(s.Line())-1]))
	}
	if len(lines) == 0 {
		return nil
	}
	return appendFile(k.base.Config.HeadsPath(), lines)
}

// recall reads, once, what was signed before the server started.
func (k *headKeeper) recall() error {
	if k.last != nil {
		return nil
	}
	kept, err := keptHeads(k.base, k.base.Config.HeadsPath())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	k.last = map[string]audit.SignedHead{}
	for _, h := range kept.Heads {
		k.last[h.Chain] = h
	}
	return nil
}

func keptHeads(b *Base, path string) (audit.Kept, error) {
	f, err := os.Open(path)
	if err != nil {
		return audit.Kept{}, err
	}
	defer func() { _ = f.Close() }() // only read
	return audit.ReadHeads(f, b.Ring)
}

func readHeads(ctx context.Context, db *store.DB) (heads []audit.Head, err error) {
	err = db.ReadLong(ctx, func(tx *store.Tx) (err error) {
		heads, err = audit.Heads(ctx, tx)
		return err
	})
	return heads, err
}

// appendFile adds whole lines at the end of a file and flushes them. What a crash
// cut short at the end is no line, and makes room.
func appendFile(path string, lines []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, secretMode)
	if err != nil {
		return err
	}
	end, err := endOfLines(f)
	if err == nil {
		err = f.Truncate(end)
	}
	if err == nil {
		_, err = f.WriteAt(lines, end)
	}
	return errors.Join(err, f.Sync(), f.Close())
}

// endOfLines finds the end of the last whole line.
func endOfLines(f *os.File) (int64, error) {
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	last := make([]byte, 1)
	for ; end > 0; end-- {
		if _, err := f.ReadAt(last, end-1); err != nil {
			return 0, err
		}
		if last[0] == '\n' {
			break
		}
	}
	return end, nil
}
