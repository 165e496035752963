package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"habilis/internal/fault"
)

func pgError(code, severity string) error {
	return &pgconn.PgError{Code: code, Severity: severity, SeverityUnlocalized: severity, Message: "x"}
}

// TestErrors: what each failure of the database means for the write that met it:
// may it run again, what became of its COMMIT, and which fault is told
// (fault-plan F2, F4, F6, F18).
func TestErrors(t *testing.T) {
	refused := fault.New(fault.Conflict, "test.refused")
	serial, unique := pgError(pgSerialization, "ERROR"), pgError(pgUnique, "ERROR")
	for _, c := range []struct {
		name    string
		err     error
		again   bool
		unknown bool // when COMMIT gives it
		told    *fault.Error
	}{
		{"serialization", serial, true, false, ErrBusy},
		{"deadlock", pgError(pgDeadlock, "ERROR"), true, false, ErrBusy},
		{"no memory left for SERIALIZABLE", pgError(pgOutOfMemory, "ERROR"), true, false, ErrBusy},
		{"serialization, wrapped and joined", errors.Join(fmt.Errorf("x: %w", serial), errors.New("rollback")), true, false, ErrBusy},
		{"serialization under a refusal", refused.Because(serial), true, false, refused},
		{"unique", unique, false, false, nil},
		{"unique that means again", errors.Join(unique, ErrAgain), true, false, ErrBusy},
		{"the function asks", ErrAgain, true, true, ErrBusy},
		{"lost line", lost{io.ErrUnexpectedEOF}, true, true, ErrBusy},
		{"no answer", io.ErrUnexpectedEOF, false, true, nil},
		{"session ended at COMMIT", pgError(pgShuttingDown, "FATAL"), false, true, ErrBusy},
		{"disk full", pgError(pgDiskFull, "ERROR"), false, false, ErrFull},
		{"disk full at COMMIT, then a crash", pgError(pgDiskFull, "PANIC"), false, true, ErrFull},
		{"too many connections", pgError(pgTooMany, "FATAL"), false, true, ErrBusy},
		{"read-only server", pgError(pgReadOnly, "ERROR"), false, false, ErrBusy},
		{"statement timeout", pgError(pgQueryCancelled, "ERROR"), false, false, ErrBusy},
		{"limit of time", fmt.Errorf("x: %w", context.DeadlineExceeded), false, true, ErrBusy},
		{"the caller left", context.Canceled, false, true, nil},
		{"rolled back at COMMIT", pgx.ErrTxCommitRollback, false, false, nil},
		{"unknown, with a cause that would be tried again", ErrUnknownOutcome.Because(serial), false, true, ErrUnknownOutcome},
		{"a refusal", refused, false, true, refused},
		{"a refusal, and a rollback that failed", errors.Join(refused, io.ErrUnexpectedEOF), false, true, refused},
	} {
		if got := retry(c.err); got != c.again {
			t.Errorf("%s: runs again: %v", c.name, got)
		}
		if got := errors.Is(outcome(c.err), ErrUnknownOutcome); got != c.unknown {
			t.Errorf("%s: unknown at COMMIT: %v", c.name, got)
		}
		got := translate(c.err)
		if !errors.Is(got, c.err) && c.told != refused {
			t.Errorf("%s: the cause is lost in %v", c.name, got)
		}
		switch f, is := errors.AsType[*fault.Error](got); {
		case c.told == nil && is:
			t.Errorf("%s: told as %v", c.name, f)
		case c.told != nil && !errors.Is(got, c.told):
			t.Errorf("%s: told as %v", c.name, got)
		}
	}
	if outcome(nil) != nil || translate(nil) != nil || retry(nil) {
		t.Error("success is told as a failure")
	}
}

// TestSQLiteIndex names the index from SQLite's message.
func TestSQLiteIndex(t *testing.T) {
	for message, want := range map[string]string{
		"constraint failed: UNIQUE constraint failed: org.slug (2067)":                           "org_slug_uq",
		"constraint failed: UNIQUE constraint failed: member_role.org_id, member_role.id (1555)": "member_role_org_id_id_uq",
		"database is locked (5)": "__uq",
	} {
		if got := sqliteIndex(message); got != want {
			t.Errorf("%s: %s", message, got)
		}
	}
}

// TestOrdered: locks come once each, in one order, and the caller's list is left.
func TestOrdered(t *testing.T) {
	in := []Lock{"b", "a", "b", Installation, "a"}
	got := fmt.Sprint(ordered(in))
	if got != "[a b installation]" || in[0] != "b" {
		t.Errorf("%s of %v", got, in)
	}
}

// TestQueueFair: the queue is first come first served, somebody who leaves keeps
// nobody waiting, and nothing is left in it.
func TestQueueFair(t *testing.T) {
	var q queue
	release, err := q.acquire(context.Background(), []Lock{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	const n = 10
	order := make(chan int, n)
	var stay []chan error
	for i := range n {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		done := make(chan error, 1)
		stay = append(stay, done)
		go func() {
			free, err := q.acquire(ctx, []Lock{"b"})
			if err == nil {
				order <- i
				free()
			}
			done <- err
		}()
		for waiting(&q, "b") != i/2+1+i%2 { // each second one leaves
			time.Sleep(time.Millisecond)
		}
		if i%2 == 1 {
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("%d left and was told %v", i, err)
			}
		}
	}
	release()
	for i := 0; i < n; i += 2 {
		if err := <-stay[i]; err != nil {
			t.Error(err)
		}
		if got := <-order; got != i {
			t.Errorf("%d came in the place of %d", got, i)
		}
	}
	if len(q.held) != 0 {
		t.Errorf("left in the queue: %v", q.held)
	}
}

func waiting(q *queue, l Lock) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.held[l])
}
