package store

import (
	"database/sql"
	"errors"
	"net/url"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// openSQLite opens the file: many readers, one writer. synchronous is FULL: an
// acknowledged act survives a power cut (measured in security/fault-plan.md).
func openSQLite(o Options) (*DB, error) {
	if o.Path == "" {
		return nil, errors.New("store: no path for the SQLite file")
	}
	base := "file:" + (&url.URL{Path: o.Path}).EscapedPath() +
		"?_time_format=sqlite&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(ON)&_pragma=cache_size(-8000)&_pragma=temp_store(MEMORY)"
	write, err := sql.Open("sqlite", base+"&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", base+"&_pragma=query_only(ON)")
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(ReadConns)
	read.SetMaxIdleConns(ReadConns)
	return &DB{Engine: SQLite, read: read, write: write, opts: o, source: o.Path}, nil
}
