package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"modernc.org/sqlite"
)

// Skew is how far our clock is ahead of the database's. SQLite has no clock but
// this machine's.
func (db *DB) Skew(ctx context.Context) (time.Duration, error) {
	if db.Engine == SQLite {
		return 0, nil
	}
	var theirs time.Time
	if err := db.read.QueryRowContext(ctx, `select clock_timestamp()`).Scan(&theirs); err != nil {
		return 0, err
	}
	return db.Now().Sub(theirs), nil
}

// maxDamage bounds what is told of a damaged file.
const maxDamage = 10

// SQLite's result codes of a file that is not whole.
const (
	sqliteCorrupt = 11
	sqliteNotADB  = 26
)

// Damage reads the whole database and names what is broken in it; nothing is
// well. PostgreSQL checks its own pages when they are read (data checksums).
func (db *DB) Damage(ctx context.Context) ([]string, error) {
	if db.Engine == PostgreSQL {
		return nil, nil
	}
	rows, err := db.read.QueryContext(ctx, `pragma integrity_check`)
	if err != nil {
		return damaged(nil, err)
	}
	return damaged(readDamage(rows))
}

func readDamage(rows *sql.Rows) ([]string, error) {
	defer rows.Close()
	var found []string
	for rows.Next() && len(found) < maxDamage {
		var line string
		if err := rows.Scan(&line); err != nil {
			return found, err
		}
		if line != "ok" {
			found = append(found, line)
		}
	}
	return found, rows.Err()
}

// damaged takes the error of a file that cannot even be read for what it is.
func damaged(found []string, err error) ([]string, error) {
	if e, ok := errors.AsType[*sqlite.Error](err); ok && (e.Code()&0xff == sqliteCorrupt || e.Code()&0xff == sqliteNotADB) {
		return append(found, e.Error()), nil
	}
	return found, err
}
