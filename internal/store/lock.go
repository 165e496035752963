package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Lock names what a write holds alone: the ID of an organisation, or Installation.
type Lock string

// Installation is the lock of what belongs to no organisation: accounts, sign-in
// and their audit chain.
const Installation Lock = "installation"

// queue lets one write at a time through for each lock of this process, first
// come first served, so that PostgreSQL's connections are not spent on waiting.
type queue struct {
	mu   sync.Mutex
	held map[Lock][]chan struct{}
}

// acquire takes every lock, in their order, or none. It returns how to let go.
func (q *queue) acquire(ctx context.Context, locks []Lock) (release func(), err error) {
	for i, l := range locks {
		if err := q.take(ctx, l); err != nil {
			q.free(locks[:i])
			return nil, err
		}
	}
	return func() { q.free(locks) }, nil
}

func (q *queue) take(ctx context.Context, l Lock) error {
	q.mu.Lock()
	if q.held == nil {
		q.held = map[Lock][]chan struct{}{}
	}
	waiting, taken := q.held[l]
	if !taken {
		q.held[l] = nil
		q.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	q.held[l] = append(waiting, turn)
	q.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		return q.giveUp(ctx, l, turn)
	}
}

// giveUp leaves the queue, or passes the lock on if it came in the same moment.
func (q *queue) giveUp(ctx context.Context, l Lock, turn chan struct{}) error {
	q.mu.Lock()
	i := slices.Index(q.held[l], turn)
	if i >= 0 {
		q.held[l] = slices.Delete(q.held[l], i, i+1)
	}
	q.mu.Unlock()
	if i < 0 {
		q.free([]Lock{l})
	}
	return ctx.Err()
}

func (q *queue) free(locks []Lock) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, l := range locks {
		if waiting := q.held[l]; len(waiting) > 0 {
			q.held[l] = waiting[1:]
			close(waiting[0])
		} else {
			delete(q.held, l)
		}
	}
}

// ordered gives the locks once each, in the one order in which all take them.
func ordered(locks []Lock) []Lock {
	c := slices.Clone(locks)
	slices.Sort(c)
	return slices.Compact(c)
}

// advisory takes PostgreSQL's session locks on conn, before BEGIN: a snapshot
// taken before the lock would not see the act that held it (measured, ADR 0002).
func advisory(ctx context.Context, conn *sql.Conn, locks []Lock) error {
	for _, l := range locks {
		if _, err := conn.ExecContext(ctx, `select pg_advisory_lock($1)`, l.key()); err != nil {
			return fmt.Errorf("lock %s: %w", l, err)
		}
	}
	return nil
}

// unlockTime is how long the server may take to free the locks of a session,
// before the session is closed instead.
const unlockTime = 2 * time.Second

// letGo frees the session's advisory locks. If that fails the connection must
// not be used again, and is closed by the caller.
func letGo(conn *sql.Conn) error {
	ctx, cancel := context.WithTimeout(context.Background(), unlockTime)
	defer cancel()
	_, err := conn.ExecContext(ctx, `select pg_advisory_unlock_all()`)
	return err
}

// key is the number that PostgreSQL knows the lock by.
func (l Lock) key() int64 {
	sum := sha256.Sum256([]byte("habilis lock " + string(l)))
	return int64(binary.BigEndian.Uint64(sum[:8])) //nolint:gosec // any 64 bits will do
}
