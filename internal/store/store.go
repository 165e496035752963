package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"habilis/internal/fault"
)

// Engine tells the two databases apart, for the few places that must know.
type Engine uint8

// The engines.
const (
	SQLite Engine = iota + 1
	PostgreSQL
)

// String names the engine.
func (e Engine) String() string {
	if e == PostgreSQL {
		return "postgresql"
	}
	return "sqlite"
}

// Bounds of the database. Each is a choice argued in docs/operations.md.
const (
	// ReadTime is how long a consultation may take (security/rules.md 14).
	ReadTime = 2 * time.Second
	// LockWait is how long a write waits for its organisation before it says "busy".
	LockWait = 10 * time.Second
	// CommitWait is how long COMMIT may take before its outcome is told as unknown.
	CommitWait = 5 * time.Second
	// WriteTries is how often a write is run again when the database asks for it.
	WriteTries = 20
	// StatementTime is how long PostgreSQL may take to answer one statement of a
	// write, so that a line gone dead does not hold the organisation.
	StatementTime = 10 * time.Second
	// ReadConns, LongConns and WriteConns bound the connections of one process: for
	// consultations, for exports and checks (one more waits for its turn), for acts.
	ReadConns, LongConns, WriteConns = 8, 4, 16
)

// Faults of this package.
var (
	ErrUnknownOutcome = fault.New(fault.Unavailable, "store.outcome_unknown")
	ErrBusy           = fault.New(fault.Unavailable, "store.busy").After(2 * time.Second)
	ErrFull           = fault.New(fault.Full, "store.full")
	ErrNewerSchema    = errors.New("store: the database was made by a newer Habilis; install that version or a later one")
)

// Options say which database to open.
type Options struct {
	URL      string           // postgres://…; empty for SQLite
	Path     string           // the file of SQLite
	Clock    func() time.Time // time.Now by default
	ReadTime time.Duration    // ReadTime by default

	// Replay rolls every write back once and runs it again: tests prove with it
	// that no write has an effect but on its transaction.
	Replay bool
	// Unsafe lowers isolation and takes no lock: only the test that shows why
	// both are needed sets it.
	Unsafe bool
}

// DB is an open database.
type DB struct {
	Engine Engine

	read, long, write *sql.DB
	opts              Options
	queue             queue
	source            string
	closed            atomic.Bool
}

// Open opens the database and checks that it answers. It does not migrate.
func Open(ctx context.Context, o Options) (*DB, error) {
	o = o.completed()
	open := openSQLite
	if o.URL != "" {
		open = openPostgres
	}
	db, err := open(o)
	if err != nil {
		return nil, err
	}
	if err := db.Ping(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("store: open: %w", err), db.Close())
	}
	return db, nil
}

// completed fills in what is left to default.
func (o Options) completed() Options {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.ReadTime == 0 {
		o.ReadTime = ReadTime
	}
	return o
}

// Ping reports whether the database answers a read and could take a write.
func (db *DB) Ping(ctx context.Context) error {
	return errors.Join(db.read.PingContext(ctx), db.write.PingContext(ctx))
}

// Close closes the database.
func (db *DB) Close() error {
	db.closed.Store(true)
	return errors.Join(db.read.Close(), db.long.Close(), db.write.Close())
}

// Closed reports whether Close was called.
func (db *DB) Closed() bool { return db.closed.Load() }

// Now is the time of the injected clock, as rows bear it.
func (db *DB) Now() time.Time { return db.opts.Clock().UTC().Truncate(time.Microsecond) }

// NowMicro is Now in microseconds since 1970.
func (db *DB) NowMicro() int64 { return db.opts.Clock().UnixMicro() }

// Tx is one transaction. Now is the time it began: every row it writes bears it.
type Tx struct {
	Now    time.Time
	Engine Engine

	sql   *sql.Tx
	limit time.Duration // of one statement; 0: the context's alone
	again map[string]*again
}

// bounded gives the statement its limit of time.
func (tx *Tx) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if tx.limit == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, tx.limit)
}

// Exec runs a statement and returns the number of rows it touched.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	ctx, cancel := tx.bounded(ctx)
	defer cancel()
	return tx.run(ctx, query, bind(args))
}

// Row is the row that QueryRow found. Its Scan must be called.
type Row struct {
	row    *sql.Row
	cancel context.CancelFunc
}

// Scan reads the columns. Errors: sql.ErrNoRows when there is no row.
func (r *Row) Scan(dest ...any) error {
	defer r.cancel()
	return r.row.Scan(dest...)
}

// QueryRow runs a query of one row. Scan gives sql.ErrNoRows when there is none.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *Row {
	ctx, cancel := tx.bounded(ctx)
	return &Row{tx.sql.QueryRowContext(ctx, query, bind(args)...), cancel}
}

// Scan reads the columns of one row; it is what Scan of sql.Row and sql.Rows is.
type Scan func(...any) error

// All runs a query and reads each of its rows.
func All[T any](ctx context.Context, tx *Tx, scan func(Scan) (T, error), query string, args ...any) ([]T, error) {
	var out []T
	err := Each(ctx, tx, func(s Scan) error {
		v, err := scan(s)
		out = append(out, v)
		return err
	}, query, args...)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Each runs a query and calls fn for each row, without keeping them: for exports.
func Each(ctx context.Context, tx *Tx, fn func(Scan) error, query string, args ...any) (err error) {
	ctx, cancel := tx.bounded(ctx)
	defer cancel()
	rows, err := tx.sql.QueryContext(ctx, query, bind(args)...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// One reads a query of at most one row; the second value tells whether there was one.
func One[T any](ctx context.Context, tx *Tx, scan func(Scan) (T, error), query string, args ...any) (T, bool, error) {
	v, err := scan(tx.QueryRow(ctx, query, args...).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		var zero T
		return zero, false, nil
	}
	return v, err == nil, err
}

// Value reads one column of a query's first row.
func Value[T any](s Scan) (v T, err error) {
	err = s(&v)
	return v, err
}

// bind puts times in UTC: SQLite keeps them as text and compares them as text.
func bind(args []any) []any {
	for i, a := range args {
		switch v := a.(type) {
		case time.Time:
			args[i] = v.UTC().Truncate(time.Microsecond)
		case *time.Time:
			if v == nil {
				args[i] = nil
			} else {
				args[i] = v.UTC().Truncate(time.Microsecond)
			}
		}
	}
	return args
}

// Never is the time of what has not happened yet, for columns that are sorted
// and so may not be null.
var Never = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)

// Null gives nil for the zero value of T: a column that may be null.
func Null[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

// Like makes the pattern that finds s anywhere, its own % and _ taken literally.
// The statement says: like $n escape '\'.
func Like(s string) string {
	return "%" + likeEscape.Replace(s) + "%"
}

// LikeWord makes the pattern that finds the words that begin with s, in a text
// that begins with a space.
func LikeWord(s string) string {
	return "% " + likeEscape.Replace(s) + "%"
}

var likeEscape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
