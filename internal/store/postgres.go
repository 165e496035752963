package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	// idleTime is how long an unused connection to PostgreSQL is kept.
	idleTime = 5 * time.Minute
	// connectTime is how long one host may take to accept a connection, unless the
	// URL says otherwise (connect_timeout).
	connectTime = 5 * time.Second
)

// holding are the parameters of sessions that hold locks: the server itself ends
// one whose client has vanished, and frees them. In milliseconds, and in seconds.
var holding = map[string]string{
	"idle_in_transaction_session_timeout": "30000", "tcp_user_timeout": "30000",
	"tcp_keepalives_idle": "15", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3",
}

// openPostgres opens the server at o.URL (15 or later). Short reads have a time
// limit on the server too; exports and COMMIT have none there: theirs are ours.
func openPostgres(o Options) (*DB, error) {
	read, err := pgPool(o.URL, ReadConns, map[string]string{"statement_timeout": strconv.FormatInt(o.ReadTime.Milliseconds(), 10)})
	if err != nil {
		return nil, err
	}
	long, err := pgPool(o.URL, LongConns, nil)
	if err != nil {
		return nil, err
	}
	write, err := pgPool(o.URL, WriteConns, holding)
	if err != nil {
		return nil, err
	}
	return &DB{Engine: PostgreSQL, read: read, long: long, write: write, opts: o, source: o.URL}, nil
}

// pgPool makes a pool of connections with these parameters of the session. None
// of them says "read only": the URL may ask for the server that takes writes
// (target_session_attrs=read-write), and that question would be answered with it.
// Read transactions say it themselves.
func pgPool(url string, conns int, params map[string]string) (*sql.DB, error) {
	c, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("store: database URL: %w", err)
	}
	maps.Copy(c.RuntimeParams, params)
	c.RuntimeParams["timezone"] = "UTC"
	c.RuntimeParams["application_name"] = "habilis"
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectTime
	}
	db := stdlib.OpenDB(*c, stdlib.OptionBeforeConnect(newLine), stdlib.OptionAfterConnect(func(_ context.Context, conn *pgx.Conn) error {
		conn.TypeMap().RegisterType(&pgtype.Type{
			Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
		})
		return nil
	}))
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	db.SetConnMaxIdleTime(idleTime)
	return db, nil
}
