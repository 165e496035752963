package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// How many seconds a node that starts waits for another one to migrate, and for
// the lock of that to be freed.
const migrateWait, unlockWait = 300, 60

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Migrate brings the schema up to this version of Habilis. Several nodes may
// start at once: one does it. Errors: ErrNewerSchema, and the database's own.
func (db *DB) Migrate(ctx context.Context) error {
	p, err := db.provider()
	if err != nil {
		return err
	}
	if err := db.checkVersion(ctx, p); err != nil {
		return err
	}
	done, err := p.Up(ctx)
	if err == nil && len(done) > 0 && db.Engine == SQLite {
		_, err = db.write.ExecContext(ctx, `pragma shrink_memory`) // a new schema leaves the writer's cache full
	}
	return err
}

// CheckSchema says whether the schema is the one this version expects.
func (db *DB) CheckSchema(ctx context.Context) error {
	p, err := db.provider()
	if err != nil {
		return err
	}
	if err := db.checkVersion(ctx, p); err != nil {
		return err
	}
	pending, err := p.HasPending(ctx)
	if err == nil && pending {
		err = errors.New("store: the schema is older than this Habilis; run `habilis migrate`")
	}
	return err
}

// checkVersion refuses a database that a newer Habilis has migrated (CFG-03).
func (db *DB) checkVersion(ctx context.Context, p *goose.Provider) error {
	have, target, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if have > target {
		return fmt.Errorf("%w (schema %d, this program knows %d)", ErrNewerSchema, have, target)
	}
	return nil
}

func (db *DB) provider() (*goose.Provider, error) {
	dialect, opts := goose.DialectSQLite3, []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if db.Engine == PostgreSQL {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, migrateWait), lock.WithUnlockTimeout(1, unlockWait))
		if err != nil {
			return nil, err
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	migrations, err := db.migrations()
	if err != nil {
		return nil, err
	}
	opts = append(opts, goose.WithGoMigrations(migrations...))
	return goose.NewProvider(dialect, db.write, nil, opts...)
}

// migrations makes one migration of each number: NNN.pg.sql or NNN.sqlite.sql
// first, the shared NNN.sql, then what only one engine needs after it (NNN.post…).
func (db *DB) migrations() ([]*goose.Migration, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var numbers []int64
	for _, n := range names {
		number, _, _ := strings.Cut(strings.TrimPrefix(n, "migrations/"), ".")
		v, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("store: migration %s: %w", n, err)
		}
		numbers = append(numbers, v)
	}
	slices.Sort(numbers)
	var out []*goose.Migration
	for _, v := range slices.Compact(numbers) {
		out = append(out, goose.NewGoMigration(v, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			return db.runMigration(ctx, tx, v)
		}}, nil))
	}
	return out, nil
}

func (db *DB) runMigration(ctx context.Context, tx *sql.Tx, version int64) error {
	engine := "sqlite"
	if db.Engine == PostgreSQL {
		engine = "pg"
	}
	for _, part := range []string{engine + ".sql", "sql", "post." + engine + ".sql"} {
		name := fmt.Sprintf("migrations/%03d.%s", version, part)
		text, err := migrationFiles.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, string(text)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// MigrationFiles gives the text of every migration, for tests and the backup.
func MigrationFiles() fs.FS { return migrationFiles }
