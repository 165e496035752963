package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// A side is a file of SQLite beside the database: data that is made anew from what others
// publish, built under another name and put in place by a rename. Nobody writes it once it
// stands, so its readers take no lock and hold nobody up.

// OpenSide opens a finished side for reading. It stays the one that was opened when
// another takes its name.
func OpenSide(ctx context.Context, path string) (*DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	pool, err := sqliteReaders("file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&immutable=1&_pragma=cache_size(-2000)", ReadConns)
	if err != nil {
		return nil, err
	}
	db := &DB{Engine: SQLite, read: pool, long: pool, write: pool, source: path}
	db.opts = Options{Path: path}.completed()
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("store: open %s: %w", path, err), pool.Close())
	}
	return db, nil
}

// Builder fills tables that nobody reads yet: those of a side, or some of PostgreSQL's. It
// has one connection, without the limits of time of acts. It is not safe for several
// goroutines.
type Builder struct {
	Engine Engine

	path  string
	pool  *sql.DB
	conn  *sql.Conn
	stmts map[string]driver.Stmt
}

// sideMode keeps a side to its owner.
const sideMode = 0o600

// Bounds of a Builder of SQLite: the memory for pages, in KiB, and the rows of one
// statement; longer ones take no less time for each row.
const (
	sideCacheKiB = 16 << 10
	sideRows     = 16
)

// NewSide begins a side at path, where nothing may be. Until Close it is worth nothing:
// it is written without journal and without waiting for the disk.
func NewSide(ctx context.Context, path string) (*Builder, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, sideMode)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	pool, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_pragma=page_size(8192)&_pragma=journal_mode(OFF)"+
		"&_pragma=synchronous(OFF)&_pragma=locking_mode(EXCLUSIVE)&_pragma=cache_size(-"+strconv.Itoa(sideCacheKiB)+")")
	if err != nil {
		return nil, err
	}
	return newBuilder(ctx, &Builder{Engine: SQLite, path: path, pool: pool})
}

// Builder gives a Builder of tables of PostgreSQL.
func (db *DB) Builder(ctx context.Context) (*Builder, error) {
	if db.Engine != PostgreSQL {
		return nil, errors.New("store: SQLite builds in a side")
	}
	pool, err := pgPool(db.source, 1, holding)
	if err != nil {
		return nil, err
	}
	return newBuilder(ctx, &Builder{Engine: PostgreSQL, pool: pool})
}

func newBuilder(ctx context.Context, b *Builder) (_ *Builder, err error) {
	b.stmts = map[string]driver.Stmt{}
	b.pool.SetMaxOpenConns(1)
	if b.conn, err = b.pool.Conn(ctx); err != nil {
		return nil, errors.Join(translate(err), b.pool.Close())
	}
	return b, nil
}

// Exec runs a statement by itself.
func (b *Builder) Exec(ctx context.Context, query string, args ...any) error {
	_, err := b.conn.ExecContext(ctx, query, bind(args)...)
	return translate(err)
}

// QueryRow reads one row.
func (b *Builder) QueryRow(ctx context.Context, query string, args ...any) *Row {
	return &Row{b.conn.QueryRowContext(ctx, query, bind(args)...), func() {}}
}

// Each runs a query and calls fn for each row, without keeping them.
func (b *Builder) Each(ctx context.Context, fn func(Scan) error, query string, args ...any) (err error) {
	rows, err := b.conn.QueryContext(ctx, query, bind(args)...)
	if err != nil {
		return translate(err)
	}
	defer func() { err = errors.Join(err, translate(rows.Close())) }()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return translate(rows.Err())
}

// ErrHeld is the refusal of a Swap whose tables somebody uses for longer than it may wait.
var ErrHeld = errors.New("store: the tables are in use")

// Swap runs statements in one transaction. Errors: ErrHeld, to be tried again.
func (b *Builder) Swap(ctx context.Context, statements ...string) error {
	tx, err := b.conn.BeginTx(ctx, nil)
	if err != nil {
		return translate(err)
	}
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return held(translate(errors.Join(err, tx.Rollback())))
		}
	}
	return translate(tx.Commit())
}

// pgLockTimeout is the state of a wait for a lock that lasted longer than it may.
const pgLockTimeout = "55P03"

func held(err error) error {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == pgLockTimeout {
		return errors.Join(ErrHeld, err)
	}
	return err
}

// Copy adds rows to a table, fast: by COPY, or by a few prepared statements in one
// transaction. A row is used before the next is asked for. Its values are int64, string
// and []byte.
func (b *Builder) Copy(ctx context.Context, table string, columns []string, rows iter.Seq[[]any]) error {
	err := b.conn.Raw(func(c any) error {
		if pg, ok := c.(*stdlib.Conn); ok {
			return copyPostgres(ctx, pg.Conn(), table, columns, rows)
		}
		return b.copySQLite(ctx, c, table, columns, rows)
	})
	return translate(err)
}

func copyPostgres(ctx context.Context, c *pgx.Conn, table string, columns []string, rows iter.Seq[[]any]) error {
	next, stop := iter.Pull(rows)
	defer stop()
	_, err := c.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromFunc(func() ([]any, error) {
		row, ok := next()
		if !ok {
			return nil, nil
		}
		return row, nil
	}))
	return err
}

func (b *Builder) copySQLite(ctx context.Context, c any, table string, columns []string, rows iter.Seq[[]any]) error {
	if err := b.plain(ctx, c, "begin"); err != nil {
		return err
	}
	var args []driver.NamedValue
	for row := range rows {
		for _, v := range row {
			args = append(args, driver.NamedValue{Ordinal: len(args) + 1, Value: v})
		}
		if len(args) == sideRows*len(columns) {
			if err := b.insert(ctx, c, table, columns, args); err != nil {
				return errors.Join(err, b.plain(ctx, c, "rollback"))
			}
			args = args[:0]
		}
	}
	if len(args) > 0 {
		if err := b.insert(ctx, c, table, columns, args); err != nil {
			return errors.Join(err, b.plain(ctx, c, "rollback"))
		}
	}
	return b.plain(ctx, c, "commit")
}

// insert writes as many rows as there are arguments for.
func (b *Builder) insert(ctx context.Context, c any, table string, columns []string, args []driver.NamedValue) error {
	rows := Rows(len(args)/len(columns), len(columns))
	query := "insert into " + quote(table) + " (" + strings.Join(quoted(columns), ", ") + ") values " + rows
	s, err := b.prepared(ctx, c, query)
	if err != nil {
		return err
	}
	exec, ok := s.(driver.StmtExecContext)
	if !ok {
		return errDriver
	}
	_, err = exec.ExecContext(ctx, args)
	return err
}

var errDriver = errors.New("store: the driver of SQLite lacks what a side is built with")

func (b *Builder) plain(ctx context.Context, c any, query string) error {
	s, err := b.prepared(ctx, c, query)
	if err != nil {
		return err
	}
	exec, ok := s.(driver.StmtExecContext)
	if !ok {
		return errDriver
	}
	_, err = exec.ExecContext(ctx, nil)
	return err
}

// prepared keeps its statements: there are as many as tables, and a few of other lengths.
func (b *Builder) prepared(ctx context.Context, c any, query string) (driver.Stmt, error) {
	if s, ok := b.stmts[query]; ok {
		return s, nil
	}
	p, ok := c.(driver.ConnPrepareContext)
	if !ok {
		return nil, errDriver
	}
	s, err := p.PrepareContext(ctx, query)
	if err == nil {
		b.stmts[query] = s
	}
	return s, err
}

// Flush asks the disk to have what was written so far, so that the end finds little to
// wait for. It may run beside the others.
func (b *Builder) Flush() error {
	if b.path == "" {
		return nil
	}
	f, err := os.OpenFile(b.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Close ends the work. A side is on the disk then, whole.
func (b *Builder) Close() error {
	err := b.conn.Raw(func(any) error {
		var err error
		for _, s := range b.stmts {
			err = errors.Join(err, s.Close())
		}
		return err
	})
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrClosedPipe) {
		err = nil // the line is gone, its statements with it
	}
	return errors.Join(err, b.conn.Close(), b.pool.Close(), b.Flush())
}
