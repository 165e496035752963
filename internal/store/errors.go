package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"habilis/internal/fault"
)

// SQLite's result codes that we tell apart (sqlite.org/rescode.html), and the
// states of PostgreSQL's (its manual, appendix A).
const (
	sqliteBusy   = 5
	sqliteIOErr  = 10
	sqliteFull   = 13
	sqliteUnique = 2067
	sqlitePK     = 1555

	pgUnique         = "23505"
	pgSerialization  = "40001"
	pgDeadlock       = "40P01"
	pgDiskFull       = "53100"
	pgOutOfMemory    = "53200" // most often: of the memory for SERIALIZABLE (max_pred_locks_per_transaction)
	pgTooMany        = "53300"
	pgCannotConnect  = "57P03"
	pgShuttingDown   = "57P01"
	pgCrashShutdown  = "57P02"
	pgReadOnly       = "25006"
	pgQueryCancelled = "57014"
)

// retry reports whether the transaction may run again: the database or the
// function asks for it, or the line broke before COMMIT.
func retry(err error) bool {
	if errors.Is(err, ErrUnknownOutcome) {
		return false
	}
	if errors.Is(err, ErrAgain) || isLost(err) {
		return true
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == pgSerialization || e.Code == pgDeadlock || e.Code == pgOutOfMemory
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&0xff == sqliteBusy
}

// ErrAgain is returned by a write that met a unique index whose violation means
// "somebody was faster: look again".
var ErrAgain = errors.New("store: run the transaction again")

// outcome tells a COMMIT that was refused from one whose answer never came. A
// server that ends the session (FATAL) does not say what became of it, nor does a
// disk that fails under SQLite: what it wrote may be found after a restart.
func outcome(err error) error {
	if err == nil || errors.Is(err, ErrUnknownOutcome) || errors.Is(err, pgx.ErrTxCommitRollback) {
		return err
	}
	if e, answered := errors.AsType[*pgconn.PgError](err); answered && e.SeverityUnlocalized == "ERROR" {
		return err
	}
	if e, answered := errors.AsType[*sqlite.Error](err); answered && e.Code()&0xff != sqliteIOErr {
		return err
	}
	return ErrUnknownOutcome.Because(err)
}

// translate gives the faults that the database's own failures have.
func translate(err error) error {
	if err == nil {
		return nil
	}
	if _, done := errors.AsType[*fault.Error](err); done {
		return err
	}
	if isLost(err) || errors.Is(err, ErrAgain) || errors.Is(err, context.DeadlineExceeded) {
		return ErrBusy.Because(err)
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return translatePG(e, err)
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() & 0xff {
		case sqliteFull:
			return ErrFull.Because(err)
		case sqliteBusy:
			return ErrBusy.Because(err)
		}
		return err
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return ErrBusy.Because(err)
	}
	return err
}

func translatePG(e *pgconn.PgError, err error) error {
	switch e.Code {
	case pgDiskFull:
		return ErrFull.Because(err)
	case pgTooMany, pgOutOfMemory, pgCannotConnect, pgShuttingDown, pgCrashShutdown, pgReadOnly, pgQueryCancelled, pgSerialization, pgDeadlock:
		return ErrBusy.Because(err)
	}
	return err
}

// Unique reports whether err says that the unique index of that name refused a
// row. Indexes are named table_col1_col2_uq, which is what lets the name be told
// from SQLite's message, where only the columns appear.
func Unique(err error, index string) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == pgUnique && e.ConstraintName == index
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok || (e.Code() != sqliteUnique && e.Code() != sqlitePK) {
		return false
	}
	return sqliteIndex(e.Error()) == index
}

// sqliteIndex makes the index's name from "UNIQUE constraint failed: t.a, t.b (2067)".
func sqliteIndex(message string) string {
	_, cols, _ := strings.Cut(message, "UNIQUE constraint failed: ")
	cols, _, _ = strings.Cut(cols, " (")
	var name strings.Builder
	for i, c := range strings.Split(cols, ", ") {
		table, col, _ := strings.Cut(c, ".")
		if i == 0 {
			name.WriteString(table)
		}
		fmt.Fprintf(&name, "_%s", col)
	}
	return name.String() + "_uq"
}
