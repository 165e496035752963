package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
)

// idleTime is how long an unused connection to PostgreSQL is kept.
const idleTime = 5 * time.Minute

// openPostgres opens the server at o.URL (15 or later). Reads have a time limit
// of their own; writes have none but COMMIT's, which is ours.
func openPostgres(o Options) (*DB, error) {
	read, err := pgPool(o.URL, ReadConns, map[string]string{
		"statement_timeout": strconv.FormatInt(o.ReadTime.Milliseconds(), 10), "default_transaction_read_only": "on",
	})
	if err != nil {
		return nil, err
	}
	write, err := pgPool(o.URL, WriteConns, map[string]string{"idle_in_transaction_session_timeout": "30000"})
	if err != nil {
		return nil, err
	}
	return &DB{Engine: PostgreSQL, read: read, write: write, opts: o, source: o.URL}, nil
}

func pgPool(url string, conns int, params map[string]string) (*sql.DB, error) {
	c, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("store: database URL: %w", err)
	}
	for k, v := range params {
		c.RuntimeParams[k] = v
	}
	c.RuntimeParams["timezone"] = "UTC"
	c.RuntimeParams["application_name"] = "habilis"
	db := stdlib.OpenDB(*c, stdlib.OptionAfterConnect(func(_ context.Context, conn *pgx.Conn) error {
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
