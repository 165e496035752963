package privacy

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"habilis/internal/action"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// copyChunkLen is the plain size of every chunk of an export but the last.
const copyChunkLen = 256 << 10

// place is where a chunk opens, and nowhere else (rules.md 21).
func (x DataExport) place(n int64) secret.AAD {
	row := x.ID.String() + " " + strconv.FormatInt(n, 10) + "/" + strconv.FormatInt(x.Bytes, 10)
	return secret.AAD{Table: "data_export_chunk", Column: "sealed", Tenant: x.Org.String(), Row: row}
}

// keep seals the bytes of an export.
func (x DataExport) keep(ctx context.Context, tx *action.Tx, data []byte) error {
	for n := int64(0); n*copyChunkLen < x.Bytes; n++ {
		part := data[n*copyChunkLen : min((n+1)*copyChunkLen, x.Bytes)]
		if err := insertCopyChunk(ctx, tx.Tx, x, n, tx.Ring.Seal(x.place(n), part)); err != nil {
			return err
		}
	}
	return nil
}

// copyReader gives the bytes of an export, each chunk by a short read of its own.
type copyReader struct {
	ctx context.Context //nolint:containedctx // io.Reader has no other way to be given one
	run *action.Runner
	of  DataExport

	next int64
	rest []byte
}

// Read is that of io.Reader. An export that goes meanwhile is an error: its reader got half of it.
func (r *copyReader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.next*copyChunkLen >= r.of.Bytes {
			return 0, io.EOF
		}
		if err := r.load(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *copyReader) load() error {
	var sealed []byte
	var found bool
	err := r.run.DB.Read(r.ctx, func(tx *store.Tx) (err error) {
		sealed, found, err = copyChunk(r.ctx, tx, r.of, r.next)
		return err
	})
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("privacy: %s lacks chunk %d", r.of.ID, r.next)
	}
	if r.rest, err = r.run.Ring.Open(r.of.place(r.next), sealed); err != nil {
		return fmt.Errorf("privacy: %s: %w", r.of.ID, err)
	}
	r.next++
	return nil
}
