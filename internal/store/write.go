package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/big"
	"runtime/debug"
	"sync/atomic"
	"time"

	"habilis/internal/fault"
)

// Pauses before a write runs again: the first, and the longest.
const firstPause, lastPause = 2 * time.Millisecond, 200 * time.Millisecond

// Retries counts transactions run again because the database asked; for metrics.
var Retries atomic.Int64

// Read runs fn on one consistent view of the data, for ReadTime at most.
func (db *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, db.opts.ReadTime)
	defer cancel()
	return db.readOn(ctx, db.read, db.readLimit(), fn)
}

// ReadLong is Read without a limit of time, for exports and checks. It has
// connections of its own: however many run, neither consultations nor acts wait.
func (db *DB) ReadLong(ctx context.Context, fn func(*Tx) error) error {
	return db.readOn(ctx, db.long, 0, fn)
}

// readLimit is how long one statement of a consultation may take. PostgreSQL ends
// it by itself (statement_timeout), and the line lives on: ours is for a dead one.
func (db *DB) readLimit() time.Duration {
	if db.Engine == PostgreSQL {
		return db.opts.ReadTime + deadLine
	}
	return db.opts.ReadTime
}

func (db *DB) readOn(ctx context.Context, pool *sql.DB, limit time.Duration, fn func(*Tx) error) error {
	conn, tx, err := db.beginRead(ctx, pool)
	if err != nil {
		return translate(err)
	}
	l := lineOf(conn)
	err = protect(func() error { return fn(&Tx{sql: tx, Now: db.Now(), Engine: db.Engine, limit: limit}) })
	err = l.judge(ctx, conn, err)
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		err = ctx.Err() // its time was over, or the caller left, between two statements
	}
	// What was read was read: an end that fails costs the connection, not the answer.
	_, _ = tx.Rollback(), conn.Close()
	return translate(err)
}

// beginRead begins a read, on another connection when the one it got had died
// while nobody used it.
func (db *DB) beginRead(ctx context.Context, pool *sql.DB) (*sql.Conn, *sql.Tx, error) {
	wait, cancel := context.WithTimeout(ctx, LockWait)
	defer cancel()
	for try := 0; ; try++ {
		conn, err := pool.Conn(wait)
		if err != nil {
			return nil, nil, busy(ctx, err)
		}
		l := lineOf(conn)
		tx, err := conn.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: db.readLevel()})
		if err == nil {
			return conn, tx, nil
		}
		err = l.judge(ctx, conn, fmt.Errorf("begin: %w", err))
		if back := shut(conn); !isLost(err) || try == ReadConns {
			return nil, nil, errors.Join(err, back)
		}
	}
}

// readLevel: reads that must agree run at REPEATABLE READ; SQLite's readers
// always see one snapshot.
func (db *DB) readLevel() sql.IsolationLevel {
	if db.Engine == PostgreSQL {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault
}

// Write runs fn in a serializable transaction that holds the locks, and commits
// it. When the database asks for another try, fn runs again: it must have no
// effect but on tx. Faults: ErrBusy, ErrFull, ErrUnknownOutcome, and fn's own.
func (db *DB) Write(ctx context.Context, locks []Lock, fn func(*Tx) error) error {
	if len(locks) == 0 {
		return errors.New("store: a write names what it locks")
	}
	locks = ordered(locks)
	wait, cancel := context.WithTimeout(ctx, LockWait)
	defer cancel()
	if !db.opts.Unsafe {
		release, err := db.queue.acquire(wait, db.turn(locks))
		if err != nil {
			return busy(ctx, err)
		}
		defer release()
	}
	pause := firstPause
	for try := 1; ; try++ {
		err := db.writeOnce(ctx, wait, locks, fn)
		if err == nil || !retry(err) || try == WriteTries {
			return translate(err)
		}
		Retries.Add(1)
		select {
		case <-ctx.Done():
			return translate(err)
		case <-time.After(pause + Jitter(pause)):
		}
		pause = min(2*pause, lastPause)
	}
}

// Jitter is a random part of d, so that what failed together does not come back
// together. d is more than nothing.
func Jitter(d time.Duration) time.Duration {
	n, _ := rand.Int(rand.Reader, big.NewInt(int64(d))) // never fails
	return time.Duration(n.Int64())
}

// turn is what a write waits for in this process. SQLite has one writer: all wait
// for it in the order in which they came, which its pool of one would not keep.
func (db *DB) turn(locks []Lock) []Lock {
	if db.Engine == SQLite {
		return []Lock{"the writer"}
	}
	return locks
}

// busy tells a wait for the lock that lasted too long from a caller who left.
func busy(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return ErrBusy.Because(err)
}

func (db *DB) writeOnce(ctx, wait context.Context, locks []Lock, fn func(*Tx) error) error {
	conn, err := db.write.Conn(wait)
	if err != nil {
		return busy(ctx, err)
	}
	l := lineOf(conn)
	if db.Engine == PostgreSQL && !db.opts.Unsafe {
		if err := advisory(wait, conn, locks); err != nil {
			return errors.Join(waited(ctx, wait, l.judge(ctx, conn, err)), discard(conn, l))
		}
	}
	if db.opts.Replay {
		if err := db.rehearse(ctx, conn, l, fn); err != nil {
			return errors.Join(l.judge(ctx, conn, err), db.giveBack(conn, l))
		}
	}
	tx, err := db.begin(ctx, conn, l, fn)
	if err != nil {
		return errors.Join(l.judge(ctx, conn, err), db.giveBack(conn, l))
	}
	return db.commit(tx, conn, l)
}

// waited tells a lock that did not come in time from a session that failed.
func waited(ctx, wait context.Context, err error) error {
	if wait.Err() != nil {
		return busy(ctx, err)
	}
	return err
}

// begin runs fn in a transaction, which is ready to be committed when the error
// is nil and over when it is not. The caller may leave: what it began is finished
// or undone, never cancelled halfway.
func (db *DB) begin(ctx context.Context, conn *sql.Conn, l *line, fn func(*Tx) error) (*sql.Tx, error) {
	stop := l.limit(StatementTime)
	tx, err := conn.BeginTx(context.WithoutCancel(ctx), &sql.TxOptions{Isolation: db.writeLevel()})
	stop()
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	within := &Tx{sql: tx, Now: db.Now(), Engine: db.Engine}
	if db.Engine == PostgreSQL {
		within.limit = StatementTime
	}
	if err := protect(func() error { return fn(within) }); err != nil {
		return nil, errors.Join(err, rollback(tx, l))
	}
	return tx, nil
}

// rollback undoes the transaction. A line that broke has undone it already.
func rollback(tx *sql.Tx, l *line) error {
	defer l.limit(StatementTime)()
	if err := tx.Rollback(); err != nil && (l == nil || !l.session.IsClosed()) {
		return fmt.Errorf("rollback: %w", err)
	}
	return nil
}

// rehearse proves that fn may run twice: it runs it and rolls back.
func (db *DB) rehearse(ctx context.Context, conn *sql.Conn, l *line, fn func(*Tx) error) error {
	tx, err := db.begin(ctx, conn, l, fn)
	if err != nil {
		return err
	}
	return rollback(tx, l)
}

func (db *DB) writeLevel() sql.IsolationLevel {
	if db.Engine == PostgreSQL && db.opts.Unsafe {
		return sql.LevelReadCommitted
	}
	if db.Engine == PostgreSQL {
		return sql.LevelSerializable
	}
	return sql.LevelDefault // SQLite: BEGIN IMMEDIATE on the one writer
}

// commit waits for COMMIT, for CommitWait at most. When no answer came the line
// is cut, so that the locks are free as soon as the server is done with it.
func (db *DB) commit(tx *sql.Tx, conn *sql.Conn, l *line) error {
	answer, freed := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(freed)
		answer <- l.commit(tx)
		_ = db.giveBack(conn, l) // the outcome is known: a connection that does not go back is closed
	}()
	timer := time.NewTimer(CommitWait)
	defer timer.Stop()
	select {
	case err := <-answer:
		<-freed
		return outcome(err)
	case <-timer.C:
		l.cut()
		return ErrUnknownOutcome
	}
}

// giveBack frees the locks and returns the connection to the pool, or closes it.
func (db *DB) giveBack(conn *sql.Conn, l *line) error {
	if db.Engine == PostgreSQL && !db.opts.Unsafe {
		if err := letGo(conn); err != nil {
			return discard(conn, l)
		}
	}
	return shut(conn)
}

// discard closes the connection for good: with it go its locks. The line is cut
// because pgx takes up to 15 s to close one on which it waited in vain.
func discard(conn *sql.Conn, l *line) error {
	l.cut()
	err := conn.Raw(func(any) error { return driver.ErrBadConn })
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		err = nil
	}
	return errors.Join(err, shut(conn))
}

// shut ends the use of the connection, if that was not done.
func shut(conn *sql.Conn) error {
	if err := conn.Close(); err != nil && !errors.Is(err, sql.ErrConnDone) {
		return err
	}
	return nil
}

// protect turns a panic of fn into an error, so that the transaction ends.
func protect(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &fault.Error{Kind: fault.Internal, Code: "internal", Err: fmt.Errorf("panic in a transaction: %v\n%s", p, debug.Stack())}
		}
	}()
	return fn()
}
