// Package storetest gives a test a fresh, migrated database of each engine.
// Nothing is faked: SQLite is a file, PostgreSQL a server.
package storetest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"habilis/internal/store"
)

// EnvPostgres names the variable that holds the URL of a PostgreSQL server whose
// user may create databases; `make test` sets it. EnvEngines, "sqlite" or
// "postgresql", limits a run by hand to one engine.
const (
	EnvPostgres = "HABILIS_TEST_POSTGRES"
	EnvEngines  = "HABILIS_TEST_ENGINES"
)

// readTime is generous: the tests share a small machine.
const readTime = 30 * time.Second

// Clock is a clock that tests move.
type Clock struct {
	offset atomic.Int64
}

// Now is the real time plus what the test added: audit rows keep their order.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.offset.Load())) }

// Add moves the clock.
func (c *Clock) Add(d time.Duration) { c.offset.Add(int64(d)) }

// Options change how the databases of a test are opened.
type Options struct {
	Clock  func() time.Time
	NoTwin bool // do not run every write twice
	Unsafe bool
}

// Each runs fn on a fresh database of each engine. Every write is run, rolled
// back and run again, which proves that it has no effect but on its transaction.
func Each(t *testing.T, fn func(t *testing.T, db *store.DB)) {
	t.Helper()
	EachWith(t, Options{}, fn)
}

// EachWith is Each with options.
func EachWith(t *testing.T, o Options, fn func(t *testing.T, db *store.DB)) {
	t.Helper()
	for _, e := range Engines(t) {
		t.Run(e.String(), func(t *testing.T) { fn(t, Open(t, e, o)) })
	}
}

// Engines are those this run tests: both, unless EnvEngines says otherwise.
func Engines(t testing.TB) []store.Engine {
	t.Helper()
	switch os.Getenv(EnvEngines) {
	case "sqlite":
		return []store.Engine{store.SQLite}
	case "postgresql":
		return []store.Engine{store.PostgreSQL}
	}
	if os.Getenv(EnvPostgres) == "" {
		t.Fatalf("storetest: set %s to a PostgreSQL URL (tools/postgres.sh run -- …), or %s=sqlite for one engine", EnvPostgres, EnvEngines)
	}
	return []store.Engine{store.SQLite, store.PostgreSQL}
}

// Has reports whether this run tests the engine: for tests of one engine alone.
func Has(t testing.TB, e store.Engine) bool {
	t.Helper()
	return slices.Contains(Engines(t), e)
}

// Open gives a fresh, migrated database, closed and removed after the test.
func Open(t testing.TB, e store.Engine, o Options) *store.DB {
	t.Helper()
	opts := Place(t, e)
	opts.Clock, opts.Replay, opts.Unsafe, opts.ReadTime = o.Clock, !o.NoTwin, o.Unsafe, readTime
	db, err := store.Open(context.Background(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// Place makes a fresh, migrated database and says how to open it.
func Place(t testing.TB, e store.Engine) store.Options {
	t.Helper()
	if e == store.SQLite {
		return store.Options{Path: sqliteCopy(t)}
	}
	return store.Options{URL: postgresCopy(t)}
}

var (
	sqliteOnce     sync.Once
	sqliteTemplate []byte
	errSQLite      error
)

// sqliteCopy writes a copy of one migrated file: migrating for each test is slow.
func sqliteCopy(t testing.TB) string {
	t.Helper()
	sqliteOnce.Do(func() { sqliteTemplate, errSQLite = makeSQLite() })
	if errSQLite != nil {
		t.Fatal(errSQLite)
	}
	path := filepath.Join(t.TempDir(), "habilis.db")
	if err := os.WriteFile(path, sqliteTemplate, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func makeSQLite() ([]byte, error) {
	dir, err := os.MkdirTemp("", "habilis-template-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "t.db")
	if err := migrate(store.Options{Path: path}); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

func migrate(o store.Options) error {
	ctx := context.Background()
	db, err := store.Open(ctx, o)
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx); err != nil {
		db.Close()
		return err
	}
	return db.Close()
}

var (
	pgOnce      sync.Once
	pgName      string
	errPostgres error
	pgSeq       atomic.Int64
)

// postgresCopy makes a database from a migrated template.
func postgresCopy(t testing.TB) string {
	t.Helper()
	base := os.Getenv(EnvPostgres)
	if base == "" {
		t.Fatalf("storetest: %s is not set", EnvPostgres)
	}
	pgOnce.Do(func() { pgName, errPostgres = pgTemplate(base) })
	if errPostgres != nil {
		t.Fatal(errPostgres)
	}
	name := fmt.Sprintf("habilis_t%d_%d", os.Getpid(), pgSeq.Add(1))
	// The files are copied as they are: through the log (the default) each byte would be written twice.
	admin(t, base, `create database `+name+` template `+pgName+` strategy file_copy`)
	t.Cleanup(func() { admin(t, base, `drop database if exists `+name+` with (force)`) })
	return inDatabase(t, base, name)
}

func admin(t testing.TB, base, statement string) {
	t.Helper()
	if err := execOn(base, statement); err != nil {
		t.Fatal(err)
	}
}

func execOn(base, statement string) error {
	db, err := sql.Open("pgx", base)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(statement)
	return err
}

// pgTemplate makes the migrated template once for this text of the migrations,
// whichever test process comes first.
func pgTemplate(base string) (string, error) {
	name := "habilis_template_" + migrationsHash()
	db, err := sql.Open("pgx", base)
	if err != nil {
		return "", err
	}
	defer db.Close()
	conn, err := db.Conn(context.Background())
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(context.Background(), `select pg_advisory_lock(727274)`); err != nil {
		return "", err
	}
	var n int
	if err := conn.QueryRowContext(context.Background(), `select count(*) from pg_database where datname = $1`, name).Scan(&n); err != nil || n > 0 {
		return name, err
	}
	making := name + "_making"
	if _, err := conn.ExecContext(context.Background(), `drop database if exists `+making); err != nil {
		return "", err
	}
	if _, err := conn.ExecContext(context.Background(), `create database `+making); err != nil {
		return "", err
	}
	u, err := withDatabase(base, making)
	if err != nil {
		return "", err
	}
	if err := migrate(store.Options{URL: u}); err != nil {
		return "", err
	}
	_, err = conn.ExecContext(context.Background(), `alter database `+making+` rename to `+name)
	return name, err
}

func migrationsHash() string {
	h := sha256.New()
	err := fs.WalkDir(store.MigrationFiles(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(store.MigrationFiles(), path)
		h.Write([]byte(path))
		h.Write(b)
		return err
	})
	if err != nil {
		panic(err)
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

func inDatabase(t testing.TB, base, name string) string {
	t.Helper()
	u, err := withDatabase(base, name)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func withDatabase(base, name string) (string, error) {
	u, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	u.Path = "/" + strings.TrimPrefix(name, "/")
	return u.String(), nil
}
