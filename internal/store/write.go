package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"habilis/internal/fault"
)

// Retries counts transactions run again because the database asked; for metrics.
var Retries atomic.Int64

// Read runs fn on one consistent view of the data, for ReadTime at most.
func (db *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, db.opts.ReadTime)
	defer cancel()
	return db.ReadLong(ctx, fn)
}

// ReadLong is Read without a limit of time, for exports and checks. On
// PostgreSQL it uses the pool of the writes, whose statements have no limit.
func (db *DB) ReadLong(ctx context.Context, fn func(*Tx) error) error {
	pool := db.read
	if _, limited := ctx.Deadline(); !limited && db.Engine == PostgreSQL {
		pool = db.write
	}
	tx, err := pool.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: db.readLevel()})
	if err != nil {
		return translate(fmt.Errorf("begin: %w", err))
	}
	err = fn(&Tx{sql: tx, Now: db.Now(), Engine: db.Engine})
	if e := tx.Rollback(); e != nil && !errors.Is(e, sql.ErrTxDone) {
		err = errors.Join(err, e)
	}
	return translate(err)
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
		release, err := db.queue.acquire(wait, locks)
		if err != nil {
			return busy(ctx, err)
		}
		defer release()
	}
	pause := 2 * time.Millisecond
	for try := 1; ; try++ {
		err := db.writeOnce(ctx, wait, locks, fn)
		if err == nil || !retry(err) || try == WriteTries {
			return translate(err)
		}
		Retries.Add(1)
		select {
		case <-ctx.Done():
			return translate(err)
		case <-time.After(pause + rand.N(pause)): //nolint:gosec // jitter needs no secrecy
		}
		pause = min(pause*2, 200*time.Millisecond)
	}
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
	if db.Engine == PostgreSQL && !db.opts.Unsafe {
		if err := advisory(wait, conn, locks); err != nil {
			return errors.Join(busy(ctx, err), discard(conn))
		}
	}
	if db.opts.Replay {
		if err := db.replay(ctx, conn, fn); err != nil {
			return errors.Join(err, db.giveBack(conn))
		}
	}
	// The caller may leave; what it began is finished or undone, never cancelled
	// halfway: a cancelled COMMIT can be visible and yet not replicated.
	tx, err := conn.BeginTx(context.WithoutCancel(ctx), &sql.TxOptions{Isolation: db.writeLevel()})
	if err != nil {
		return errors.Join(fmt.Errorf("begin: %w", err), db.giveBack(conn))
	}
	if err := protect(func() error { return fn(&Tx{sql: tx, Now: db.Now(), Engine: db.Engine}) }); err != nil {
		return errors.Join(err, tx.Rollback(), db.giveBack(conn))
	}
	return db.commit(tx, conn)
}

// replay proves that fn may run twice: it runs it and rolls back.
func (db *DB) replay(ctx context.Context, conn *sql.Conn, fn func(*Tx) error) error {
	tx, err := conn.BeginTx(context.WithoutCancel(ctx), &sql.TxOptions{Isolation: db.writeLevel()})
	if err != nil {
		return err
	}
	err = protect(func() error { return fn(&Tx{sql: tx, Now: db.Now(), Engine: db.Engine}) })
	return errors.Join(err, tx.Rollback())
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

// commit waits for COMMIT, for CommitWait at most. The connection goes back when
// COMMIT answers, even after nobody waits any more.
func (db *DB) commit(tx *sql.Tx, conn *sql.Conn) error {
	done := make(chan error, 1)
	go func() {
		err := tx.Commit()
		back := db.giveBack(conn)
		if err == nil && back != nil {
			err = nil // committed: a connection that could not be freed was closed
		}
		done <- err
	}()
	timer := time.NewTimer(CommitWait)
	defer timer.Stop()
	select {
	case err := <-done:
		return outcome(err)
	case <-timer.C:
		return ErrUnknownOutcome
	}
}

// giveBack frees the locks and returns the connection to the pool, or closes it.
func (db *DB) giveBack(conn *sql.Conn) error {
	if db.Engine == PostgreSQL && !db.opts.Unsafe {
		if err := letGo(conn); err != nil {
			return discard(conn)
		}
	}
	return conn.Close()
}

// discard closes the connection for good: with it go its locks.
func discard(conn *sql.Conn) error {
	err := conn.Raw(func(any) error { return driver.ErrBadConn })
	if errors.Is(err, driver.ErrBadConn) {
		err = nil
	}
	if e := conn.Close(); e != nil && !errors.Is(e, sql.ErrConnDone) {
		err = errors.Join(err, e)
	}
	return err
}

// protect turns a panic of fn into an error, so that the transaction ends.
func protect(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &fault.Error{Kind: fault.Internal, Code: "internal", Err: fmt.Errorf("panic in a write: %v", p)}
		}
	}()
	return fn()
}
