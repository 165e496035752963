package store

import (
	"database/sql"
	"errors"
	"net/url"
	"strconv"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// walKept is the size, in bytes, to which the write-ahead log shrinks again after
// a long reader has let it grow (security/fault-plan.md F19).
const walKept = 64 << 20

// openSQLite opens the file: many readers, one writer. synchronous is FULL: an
// acknowledged act survives a power cut (measured in security/fault-plan.md).
func openSQLite(o Options) (*DB, error) {
	if o.Path == "" {
		return nil, errors.New("store: no path for the SQLite file")
	}
	base := "file:" + (&url.URL{Path: o.Path}).EscapedPath() +
		"?_time_format=sqlite&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(ON)&_pragma=cache_size(-8000)&_pragma=temp_store(MEMORY)"
	write, err := sql.Open("sqlite", base+"&_txlock=immediate&_pragma=journal_size_limit("+strconv.Itoa(walKept)+")")
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	read, err := sqliteReaders(base, ReadConns)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	long, err := sqliteReaders(base, LongConns)
	if err != nil {
		return nil, errors.Join(err, write.Close(), read.Close())
	}
	return &DB{Engine: SQLite, read: read, long: long, write: write, opts: o, source: o.Path}, nil
}

func sqliteReaders(base string, conns int) (*sql.DB, error) {
	db, err := sql.Open("sqlite", base+"&_pragma=query_only(ON)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}
