package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// Listen calls heard for each announcement on a channel of PostgreSQL, until ctx ends or
// the line breaks. It has a connection of its own. begun is called once the announcements
// to come will be heard. Announcements get lost with the line: nobody may rely on them.
func (db *DB) Listen(ctx context.Context, channel string, begun func(), heard func(payload string)) error {
	if db.Engine != PostgreSQL {
		return errors.New("store: only PostgreSQL announces")
	}
	conn, err := pgx.Connect(ctx, db.opts.URL)
	if err != nil {
		return translate(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // it is given up
	if _, err := conn.Exec(ctx, "listen "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return translate(err)
	}
	begun()
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		heard(n.Payload)
	}
}

// Options are those that the database was opened with.
func (db *DB) Options() Options { return db.opts }
