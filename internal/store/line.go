package store

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"habilis/internal/fault"
)

// line is the network connection of one session of PostgreSQL. It is nil for
// SQLite, whose file is no line: every method takes that.
type line struct {
	session    *pgconn.PgConn
	committing atomic.Bool
	warned     atomic.Bool
}

const lineKey = "habilis line"

// deadLine is how much longer than the server's own limit we wait for it to keep
// that limit, before the line is taken for dead.
const deadLine = time.Second

// Why pgx could not do what it wanted, and what a warning at COMMIT means.
var (
	errNoCancel     = errors.New("store: a COMMIT is never cancelled")
	errUnreplicated = errors.New("store: COMMIT answered with a warning: it may not be replicated")
)

// newLine prepares the configuration of one connection. Whatever goes wrong while
// COMMIT is under way, pgx asks the server to cancel it on a second connection; a
// cancelled wait for the standby makes the change visible though it is not
// replicated (seen, security/fault-plan.md). So that second connection is refused.
func newLine(_ context.Context, c *pgx.ConnConfig) error {
	l, dial := &line{}, c.DialFunc
	c.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		if l.committing.Load() {
			return nil, errNoCancel
		}
		return dial(ctx, network, address)
	}
	c.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		if l.committing.Load() && n.SeverityUnlocalized == "WARNING" {
			l.warned.Store(true)
		}
	}
	c.AfterConnect = func(_ context.Context, session *pgconn.PgConn) error {
		l.session = session
		session.CustomData()[lineKey] = l
		return nil
	}
	return nil
}

// lineOf gives the line of a healthy connection.
func lineOf(conn *sql.Conn) (l *line) {
	_ = conn.Raw(func(c any) error { // a connection that is already closed has no line
		if c, ok := c.(*stdlib.Conn); ok {
			l, _ = c.Conn().PgConn().CustomData()[lineKey].(*line)
		}
		return nil
	})
	return l
}

// limit cuts the line after d, for what speaks to the server without a deadline
// of its own: whoever waits for an answer then gets an error. stop calls it off.
func (l *line) limit(d time.Duration) (stop func()) {
	if l == nil {
		return func() {}
	}
	t := time.AfterFunc(d, l.cut)
	return func() { t.Stop() }
}

// cut closes the line under the session, which ends on the server with its locks
// once it has nothing left to finish.
func (l *line) cut() {
	if l != nil {
		_ = l.session.Conn().Close() // it is given up: nothing to do with an error
	}
}

// commit runs COMMIT, uncancelled, and says whether its answer can be believed.
func (l *line) commit(tx *sql.Tx) error {
	if l == nil {
		return tx.Commit()
	}
	l.warned.Store(false)
	l.committing.Store(true)
	err := tx.Commit()
	l.committing.Store(l.session.IsClosed()) // closed: pgx may still want to cancel
	if err == nil && l.warned.Load() {
		return ErrUnknownOutcome.Because(errUnreplicated)
	}
	return err
}

// lost is the error of a transaction whose line broke before COMMIT: nothing was
// done, and it may run again on another line.
type lost struct{ error }

func (e lost) Unwrap() error { return e.error }

// judge tells the loss of the line from other errors. A refusal, a caller who
// left or a limit of time that passed is what it is, whatever became of the line.
func (l *line) judge(ctx context.Context, conn *sql.Conn, err error) error {
	if err == nil || l == nil || ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if _, refusal := errors.AsType[*fault.Error](err); refusal || !l.closed(conn) {
		return err
	}
	return lost{err}
}

// closed looks at the session while nobody else uses it: database/sql undoes a
// transaction whose context has ended on its own, at any moment.
func (l *line) closed(conn *sql.Conn) bool {
	closed := true // also when the connection was given up already
	_ = conn.Raw(func(any) error { closed = l.session.IsClosed(); return nil })
	return closed
}

func isLost(err error) bool {
	_, ok := errors.AsType[lost](err)
	return ok
}
