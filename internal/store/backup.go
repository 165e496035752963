package store

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"habilis/internal/secret"
)

// A backup is a file: a line that says what it is, a line of JSON that says when
// and of what it was made, then the rows, compressed, sealed in chunks. It holds
// every row of every table as of one moment, table by table, those that others
// point to first, and ends with how many there were. It is the same for both
// engines: what one wrote, the other can read.
//
// The rows are sealed with a key of their own, which the header carries sealed by
// the key ring: without the key file nobody opens the backup (AUD-06).
const (
	backupMagic   = "habilis-backup 1\n"
	maxHeaderLine = 64 << 10
)

// Refusals of a backup.
var (
	ErrNoBackup   = errors.New("store: this file is not a backup of Habilis")
	ErrDamaged    = errors.New("store: the backup is damaged or incomplete; use another copy")
	ErrBackupKey  = errors.New("store: the key file does not hold the key that sealed this backup; use that of the server that made it")
	ErrNotEmpty   = errors.New("store: a backup is restored into an empty database only")
	ErrUnfinished = errors.New("store: a restore did not finish here; empty the database and restore again")
)

// BackupInfo says what a backup holds.
type BackupInfo struct {
	ID     string           `json:"id"`
	Engine string           `json:"engine"`
	Schema int64            `json:"schema"`
	MadeAt time.Time        `json:"made_at"`
	Rows   int64            `json:"-"`
	Tables map[string]int64 `json:"-"`
}

// backupHeader is the second line of the file.
type backupHeader struct {
	BackupInfo
	Key []byte `json:"key"` // of the rows, sealed by the ring
}

func (h backupHeader) place() secret.AAD {
	return secret.AAD{Table: "backup", Column: "key", Row: h.ID}
}

// Backup writes the whole database, as it is at one moment, while others read
// and write it.
func (db *DB) Backup(ctx context.Context, w io.Writer, ring *secret.Ring) (BackupInfo, error) {
	if err := db.CheckSchema(ctx); err != nil {
		return BackupInfo{}, err
	}
	version, err := db.schemaVersion(ctx)
	if err != nil {
		return BackupInfo{}, err
	}
	h := backupHeader{BackupInfo: BackupInfo{
		ID: rand.Text(), Engine: db.Engine.String(), Schema: version, MadeAt: db.Now(), Tables: map[string]int64{},
	}}
	out, err := newBackupWriter(w, &h, ring)
	if err != nil {
		return BackupInfo{}, err
	}
	err = db.ReadLong(ctx, func(tx *Tx) error {
		tables, err := tables(ctx, tx)
		if err != nil {
			return err
		}
		for _, t := range tables {
			if err := copyTable(ctx, tx, t, out, h.Tables); err != nil {
				return fmt.Errorf("backup: %s: %w", t.Name, err)
			}
		}
		return nil
	})
	if err != nil {
		return BackupInfo{}, err
	}
	h.Rows = sum(h.Tables)
	return h.BackupInfo, out.finish(h.Tables)
}

func sum(counts map[string]int64) (n int64) {
	for _, c := range counts {
		n += c
	}
	return n
}

func copyTable(ctx context.Context, tx *Tx, t Table, out *backupWriter, counts map[string]int64) error {
	if err := out.table(t); err != nil {
		return err
	}
	values, places := make([]any, len(t.Columns)), make([]any, len(t.Columns))
	for i := range values {
		places[i] = &values[i]
	}
	counts[t.Name] = 0
	return Each(ctx, tx, func(s Scan) error {
		if err := s(places...); err != nil {
			return err
		}
		counts[t.Name]++
		return out.row(values)
	}, t.query())
}

// backupWriter puts the layers on each other: rows, compression, seal, file.
type backupWriter struct {
	rows *rowWriter
	zip  *gzip.Writer
	seal *sealWriter
	file *bufio.Writer
}

func newBackupWriter(w io.Writer, h *backupHeader, ring *secret.Ring) (*backupWriter, error) {
	key := make([]byte, sealKeyBytes)
	rand.Read(key)
	h.Key = ring.Seal(h.place(), key)
	line, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	head := append([]byte(backupMagic), append(line, '\n')...)
	b := &backupWriter{file: bufio.NewWriter(w)}
	if _, err := b.file.Write(head); err != nil {
		return nil, err
	}
	if b.seal, err = newSealWriter(b.file, key, sha256.Sum256(head)); err != nil {
		return nil, err
	}
	b.zip, err = gzip.NewWriterLevel(b.seal, gzip.BestSpeed)
	b.rows = newRowWriter(b.zip)
	return b, err
}

func (b *backupWriter) table(t Table) error    { return b.rows.table(t) }
func (b *backupWriter) row(values []any) error { return b.rows.row(values) }

// finish writes the counts and closes each layer; only then the file is whole.
func (b *backupWriter) finish(counts map[string]int64) error {
	if err := b.rows.end(counts); err != nil {
		return err
	}
	return errors.Join(b.rows.out.Flush(), b.zip.Close(), b.seal.Close(), b.file.Flush())
}

// ReadBackup opens a backup, checks every byte of it, and gives each row to fn,
// in order; fn may be nil. What fn got is to be thrown away when the error is not
// nil: only the end tells that nothing is missing. Errors: ErrNoBackup,
// ErrBackupKey, ErrDamaged.
func ReadBackup(r io.Reader, ring *secret.Ring, fn func(t Table, values []any) error) (BackupInfo, error) {
	file := bufio.NewReader(r)
	h, head, err := readHeader(file)
	if err != nil {
		return BackupInfo{}, err
	}
	key, err := ring.Open(h.place(), h.Key)
	if errors.Is(err, secret.ErrUnknownKey) {
		return h.BackupInfo, ErrBackupKey
	}
	if err != nil || len(key) != sealKeyBytes {
		return h.BackupInfo, ErrDamaged
	}
	seal, err := newSealReader(file, key, sha256.Sum256(head))
	if err != nil {
		return h.BackupInfo, err
	}
	h.Tables, err = readRows(seal, fn)
	h.Rows = sum(h.Tables)
	return h.BackupInfo, err
}

func readHeader(file *bufio.Reader) (h backupHeader, head []byte, err error) {
	magic := make([]byte, len(backupMagic))
	if _, err := io.ReadFull(file, magic); err != nil || string(magic) != backupMagic {
		return h, nil, ErrNoBackup
	}
	line, err := readLine(file)
	if err != nil || json.Unmarshal(line, &h) != nil {
		return h, nil, ErrDamaged
	}
	return h, slices.Concat(magic, line), nil
}

// readLine reads a line of bounded length, its end included.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for len(line) < maxHeaderLine {
		c, err := r.ReadByte()
		if err != nil {
			return nil, err
		}
		line = append(line, c)
		if c == '\n' {
			return line, nil
		}
	}
	return nil, ErrDamaged
}

// readRows undoes the layers. Whatever is wrong below is one thing: damage. An
// error of fn is its own.
func readRows(seal *sealReader, fn func(Table, []any) error) (map[string]int64, error) {
	zip, err := gzip.NewReader(seal)
	if err != nil {
		return nil, ErrDamaged
	}
	counts, err := newRowReader(zip).all(fn)
	if refused, ok := errors.AsType[*rowError](err); ok {
		return nil, refused.error
	}
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrDamaged, err)
	}
	// The last chunk carries the mark of the end: a file cut short has none.
	if n, err := io.CopyN(io.Discard, zip, 1); !errors.Is(err, io.EOF) || n > 0 {
		return nil, ErrDamaged
	}
	if n, err := io.Copy(io.Discard, seal); err != nil || n > 0 {
		return nil, ErrDamaged
	}
	return counts, nil
}
