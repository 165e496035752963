package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"habilis/internal/secret"
)

// Restore fills an empty database from a backup, made on either engine. Every
// byte is checked before the first row is written; the rows are written in one
// transaction, so that nothing is ever half restored. Then finish, in one more,
// does what must be done before anybody may use the data; until it has, the
// database refuses to be served (ErrUnfinished).
//
// Errors: those of ReadBackup, ErrNewerSchema, ErrNotEmpty.
func (db *DB) Restore(ctx context.Context, r io.ReadSeeker, ring *secret.Ring, finish func(*Tx, BackupInfo) error) (BackupInfo, error) {
	info, err := ReadBackup(r, ring, nil)
	if err != nil {
		return info, err
	}
	if err := db.migrateFor(ctx, info.Schema); err != nil {
		return info, err
	}
	if err := db.load(ctx, r, ring); err != nil {
		return info, err
	}
	if err := db.Migrate(ctx); err != nil {
		return info, err
	}
	err = db.Write(ctx, []Lock{Installation}, func(tx *Tx) error {
		if err := finish(tx, info); err != nil {
			return err
		}
		return DropFact(ctx, tx, factRestoring)
	})
	if err != nil {
		return info, err
	}
	_, err = db.write.ExecContext(ctx, `analyze`)
	return info, err
}

// migrateFor makes the tables as they were when the backup was made.
func (db *DB) migrateFor(ctx context.Context, version int64) error {
	p, err := db.provider()
	if err != nil {
		return err
	}
	have, known, err := p.GetVersions(ctx)
	switch {
	case err != nil:
		return err
	case version > known:
		return fmt.Errorf("%w (the backup's schema is %d, this program knows %d)", ErrNewerSchema, version, known)
	case have > version:
		return fmt.Errorf("%w (its schema is %d, the backup's %d)", ErrNotEmpty, have, version)
	}
	_, err = p.UpTo(ctx, version)
	return err
}

// load writes every row in one transaction, without the deadline of an act's
// COMMIT: nobody waits for this one but the operator.
func (db *DB) load(ctx context.Context, r io.ReadSeeker, ring *secret.Ring) error {
	begun, err := db.write.BeginTx(ctx, &sql.TxOptions{})
	if err != nil {
		return translate(err)
	}
	tx := &Tx{sql: begun, Now: db.Now(), Engine: db.Engine}
	if err := db.loadRows(ctx, tx, r, ring); err != nil {
		return translate(errors.Join(err, begun.Rollback()))
	}
	return translate(begun.Commit())
}

func (db *DB) loadRows(ctx context.Context, tx *Tx, r io.ReadSeeker, ring *secret.Ring) error {
	if tx.Engine == PostgreSQL {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock($1)`, Installation.key()); err != nil {
			return err
		}
	}
	here, err := tables(ctx, tx)
	if err != nil {
		return err
	}
	if err := mustBeEmpty(ctx, tx, here); err != nil {
		return err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	l := &loader{tx: tx, here: here}
	if l.flags, err = flags(ctx, tx); err != nil {
		return err
	}
	if _, err := ReadBackup(r, ring, func(t Table, values []any) error { return l.row(ctx, t, values) }); err != nil {
		return err
	}
	if err := l.flush(ctx); err != nil {
		return err
	}
	return SetFact(ctx, tx, factRestoring, "begun")
}

func mustBeEmpty(ctx context.Context, tx *Tx, here []Table) error {
	for _, t := range here {
		_, found, err := One(ctx, tx, Value[int64], "select 1 from "+quote(t.Name)+" limit 1")
		if err != nil {
			return err
		}
		if found {
			return fmt.Errorf("%w (%s has rows)", ErrNotEmpty, t.Name)
		}
	}
	return nil
}

// rowsAtOnce is how many rows one statement writes; maxArgs is how many values.
// SQLite's driver binds in a time that grows with their square (measured: 5 µs a
// row up to 50 values, 160 µs at 5,000); to PostgreSQL each statement is a journey.
const (
	rowsAtOnce      = 500
	maxArgsSQLite   = 50
	maxArgsPostgres = 30000
)

// loader gathers rows into statements.
type loader struct {
	tx    *Tx
	here  []Table
	flags map[pair]bool // the columns of true and false, where a number is none
	into  Table
	args  []any
}

// flags lists the columns that PostgreSQL has as boolean: SQLite writes them as numbers.
func flags(ctx context.Context, tx *Tx) (map[pair]bool, error) {
	found := map[pair]bool{}
	if tx.Engine != PostgreSQL {
		return found, nil
	}
	list, err := All(ctx, tx, readPair, `
		select table_name::text, column_name::text from information_schema.columns
		where table_schema = current_schema() and data_type = 'boolean'`)
	for _, c := range list {
		found[c] = true
	}
	return found, err
}

func (l *loader) row(ctx context.Context, t Table, values []any) error {
	if t.Name != l.into.Name {
		if err := l.begin(ctx, t); err != nil {
			return err
		}
	}
	for i, v := range values {
		if n, number := v.(int64); number && l.flags[pair{t.Name, t.Columns[i]}] {
			v = n != 0
		}
		l.args = append(l.args, v)
	}
	if n := len(l.args) / len(t.Columns); n >= rowsAtOnce || len(l.args)+len(t.Columns) > l.most() {
		return l.flush(ctx)
	}
	return nil
}

func (l *loader) most() int {
	if l.tx.Engine == PostgreSQL {
		return maxArgsPostgres
	}
	return maxArgsSQLite
}

// begin goes on to the next table, which must be one of ours, column by column.
func (l *loader) begin(ctx context.Context, t Table) error {
	if err := l.flush(ctx); err != nil {
		return err
	}
	i := slices.IndexFunc(l.here, func(x Table) bool { return x.Name == t.Name })
	if i < 0 || len(t.Columns) == 0 {
		return fmt.Errorf("store: the backup has a table %s that the schema lacks", t.Name)
	}
	for _, c := range t.Columns {
		if !slices.Contains(l.here[i].Columns, c) {
			return fmt.Errorf("store: the backup has a column %s.%s that the schema lacks", t.Name, c)
		}
	}
	l.into = t
	return nil
}

func (l *loader) flush(ctx context.Context) error {
	if len(l.args) == 0 {
		return nil
	}
	width := len(l.into.Columns)
	_, err := l.tx.Exec(ctx, "insert into "+quote(l.into.Name)+" ("+strings.Join(quoted(l.into.Columns), ", ")+") values "+
		Rows(len(l.args)/width, width), l.args...)
	l.args = l.args[:0]
	if err != nil {
		return fmt.Errorf("store: restoring %s: %w", l.into.Name, err)
	}
	return nil
}
