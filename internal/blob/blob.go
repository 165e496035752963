package blob

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"time"

	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// ChunkBytes is the plain size of every chunk but the last.
const ChunkBytes = 256 << 10

// MaxBytes bounds a file, whatever its noun allows.
const MaxBytes = 64 << 20

// Sum is the SHA-256 of a file's bytes.
type Sum [sha256.Size]byte

// String gives it in hexadecimal.
func (s Sum) String() string { return hex.EncodeToString(s[:]) }

// SumOf gives it of bytes.
func SumOf(data []byte) Sum { return sha256.Sum256(data) }

// Blob is one file, without its bytes.
type Blob struct {
	ID        ident.Blob
	Org       ident.Org
	MediaType string // as its noun found it in the content: "image/png"
	Bytes     int64
	Sum       Sum
	CreatedAt time.Time
}

// chunks is how many chunks it has; an empty file has one.
func (b Blob) chunks() int64 { return max(1, (b.Bytes+ChunkBytes-1)/ChunkBytes) }

// place is where the chunk n opens, and nowhere else.
func (b Blob) place(n int64) secret.AAD {
	row := b.ID.String() + " " + strconv.FormatInt(n, 10) + "/" + strconv.FormatInt(b.chunks(), 10)
	return secret.AAD{Table: "file_chunk", Column: "sealed", Tenant: b.Org.String(), Row: row}
}

var errTooLarge = errors.New("blob: larger than MaxBytes")

// Put keeps bytes as a file of an organisation, in the caller's transaction, which holds the
// organisation's lock and writes what the file is of. data is not changed.
func Put(ctx context.Context, tx *store.Tx, ring *secret.Ring, org ident.Org, mediaType string, data []byte) (Blob, error) {
	if len(data) > MaxBytes {
		return Blob{}, errTooLarge
	}
	b := Blob{ID: ident.NewBlob(), Org: org, MediaType: mediaType, Bytes: int64(len(data)), Sum: SumOf(data), CreatedAt: tx.Now}
	if err := insert(ctx, tx, b); err != nil {
		return Blob{}, err
	}
	for n := range b.chunks() {
		part := data[n*ChunkBytes : min((n+1)*ChunkBytes, b.Bytes)]
		if err := insertChunk(ctx, tx, b, n, ring.Seal(b.place(n), part)); err != nil {
			return Blob{}, err
		}
	}
	return b, nil
}

// Get finds a file of an organisation. The second value is false when there is none.
func Get(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Blob) (Blob, bool, error) {
	return get(ctx, tx, org, id)
}

// Delete removes a file and its bytes, in the transaction that removes what it is of. One
// that is gone is no error.
func Delete(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Blob) error {
	return remove(ctx, tx, org, id)
}

// ErrDamaged means that the bytes of a file are not those that were kept.
var ErrDamaged = errors.New("blob: the file is damaged")

// Reader gives the bytes of a file in order, each chunk by a short read of its own. One that
// is deleted meanwhile ends with ErrDamaged: its reader got half of it.
type Reader struct {
	ctx  context.Context //nolint:containedctx // io.Reader has no other way to be given one
	db   *store.DB
	ring *secret.Ring
	blob Blob

	next int64
	rest []byte
	sum  hash.Hash
}

// NewReader reads b.
func NewReader(ctx context.Context, db *store.DB, ring *secret.Ring, b Blob) *Reader {
	return &Reader{ctx: ctx, db: db, ring: ring, blob: b, sum: sha256.New()}
}

// Read is that of io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.next == r.blob.chunks() {
			return 0, r.end()
		}
		if err := r.load(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// load opens the next chunk.
func (r *Reader) load() error {
	var sealed []byte
	var found bool
	err := r.db.Read(r.ctx, func(tx *store.Tx) (err error) {
		sealed, found, err = chunk(r.ctx, tx, r.blob, r.next)
		return err
	})
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("%w: %s lacks chunk %d", ErrDamaged, r.blob.ID, r.next)
	}
	if r.rest, err = r.ring.Open(r.blob.place(r.next), sealed); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrDamaged, r.blob.ID, err)
	}
	r.sum.Write(r.rest)
	r.next++
	return nil
}

// end checks the whole against its name.
func (r *Reader) end() error {
	if subtle.ConstantTimeCompare(r.sum.Sum(nil), r.blob.Sum[:]) != 1 {
		return fmt.Errorf("%w: %s", ErrDamaged, r.blob.ID)
	}
	return io.EOF
}

// All lists the files of an organisation.
func All(ctx context.Context, tx *store.Tx, org ident.Org) ([]Blob, error) { return all(ctx, tx, org) }

// Copy writes the bytes of a file, chunk after chunk, as the caller's transaction sees them. Errors:
// ErrDamaged, and those of w.
func Copy(ctx context.Context, tx *store.Tx, ring *secret.Ring, b Blob, w io.Writer) error {
	sum := sha256.New()
	for n := range b.chunks() {
		sealed, found, err := chunk(ctx, tx, b, n)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("%w: %s lacks chunk %d", ErrDamaged, b.ID, n)
		}
		plain, err := ring.Open(b.place(n), sealed)
		if err != nil {
			return fmt.Errorf("%w: %s: %w", ErrDamaged, b.ID, err)
		}
		sum.Write(plain)
		if _, err := w.Write(plain); err != nil {
			return err
		}
	}
	if subtle.ConstantTimeCompare(sum.Sum(nil), b.Sum[:]) != 1 {
		return fmt.Errorf("%w: %s", ErrDamaged, b.ID)
	}
	return nil
}
