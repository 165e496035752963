package privacy

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"hash"
	"io"
	"time"

	"habilis/internal/action"
	"habilis/internal/blob"
	"habilis/internal/store"
	"habilis/internal/text"
)

// chunkWriter seals what is written into chunks, each kept in a transaction of its own: one chunk is
// in memory.
type chunkWriter struct {
	ctx   context.Context //nolint:containedctx // io.Writer has no other way to be given one
	run   *action.Runner
	of    OrgExport
	lease string

	buf   []byte
	n     int64
	bytes int64
	sum   hash.Hash
}

// Write keeps what is given.
func (w *chunkWriter) Write(p []byte) (int, error) {
	if w.sum == nil {
		w.sum, w.buf = sha256.New(), make([]byte, 0, exportChunkLen)
	}
	written := len(p)
	w.sum.Write(p)
	w.bytes += int64(written)
	for len(p) > 0 {
		n := min(exportChunkLen-len(w.buf), len(p))
		w.buf, p = append(w.buf, p[:n]...), p[n:]
		if len(w.buf) == exportChunkLen {
			if err := w.flush(); err != nil {
				return 0, err
			}
		}
	}
	return written, nil
}

// Close writes what is left.
func (w *chunkWriter) Close() error {
	if len(w.buf) == 0 {
		return nil
	}
	return w.flush()
}

func (w *chunkWriter) total() (s blob.Sum) {
	if w.sum != nil {
		copy(s[:], w.sum.Sum(nil))
	}
	return s
}

// flush keeps a chunk, unless another attempt took over.
func (w *chunkWriter) flush() error {
	sealed := w.run.Ring.Seal(w.of.chunkPlace(w.n), w.buf)
	err := w.run.DB.Write(w.ctx, []store.Lock{lockExport(w.of)}, func(tx *store.Tx) error {
		mine, err := holdExport(w.ctx, tx, w.of, w.lease, tx.Now.Add(exportLease))
		if err != nil || !mine {
			return firstError(err, errLeaseLost)
		}
		return insertChunk(w.ctx, tx, w.of, w.n, sealed)
	})
	w.n, w.buf = w.n+1, w.buf[:0]
	return err
}

// OrgExportFile is a full export, to be written out.
type OrgExportFile struct {
	Export OrgExport

	slug string
	run  *action.Runner
}

// ContentType is the type of the file.
func (*OrgExportFile) ContentType() string { return "application/zip" }

// Name is the name of the file.
func (f *OrgExportFile) Name(time.Time) string {
	return f.slug + "-" + f.Export.ReadyAt.In(text.Zone).Format(time.DateOnly) + ".zip"
}

// Write writes the file, a chunk at a time, each by a short read of its own. What is not whole, or
// not what was made, is an error: its reader got half of it. The printer is not used.
func (f *OrgExportFile) Write(ctx context.Context, _ *text.Printer, w io.Writer, flush func() error) error {
	sum, written := sha256.New(), int64(0)
	for n := int64(0); written < f.Export.Bytes; n++ {
		var sealed []byte
		var found bool
		err := f.run.DB.Read(ctx, func(tx *store.Tx) (err error) {
			sealed, found, err = exportChunk(ctx, tx, f.Export, n)
			return err
		})
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("privacy: export %s lacks chunk %d", f.Export.ID, n)
		}
		plain, err := f.run.Ring.Open(f.Export.chunkPlace(n), sealed)
		if err != nil {
			return fmt.Errorf("privacy: export %s: %w", f.Export.ID, err)
		}
		sum.Write(plain)
		written += int64(len(plain))
		if _, err := w.Write(plain); err != nil {
			return err
		}
		if err := flush(); err != nil {
			return err
		}
	}
	if subtle.ConstantTimeCompare(sum.Sum(nil), f.Export.Sum[:]) != 1 {
		return fmt.Errorf("privacy: export %s is damaged", f.Export.ID)
	}
	return nil
}
