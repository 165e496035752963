package store

import (
	"context"
	"fmt"
)

// A fact is something that is true of the whole installation, such as that it
// holds the demonstration organisations.

// factRestoring stands while a restore has written its rows but not finished.
const factRestoring = "restoring"

// Fact reads a fact; the second value is false when it was never set.
func Fact(ctx context.Context, tx *Tx, name string) (string, bool, error) {
	return One(ctx, tx, Value[string], `select value from installation_fact where name = $1`, name)
}

// SetFact sets a fact, in place of what it was.
func SetFact(ctx context.Context, tx *Tx, name, value string) error {
	_, err := tx.Exec(ctx, `
		insert into installation_fact (name, value, at) values ($1, $2, $3)
		on conflict (name) do update set value = excluded.value, at = excluded.at`, name, value, tx.Now)
	return err
}

// DropFact forgets a fact.
func DropFact(ctx context.Context, tx *Tx, name string) error {
	_, err := tx.Exec(ctx, `delete from installation_fact where name = $1`, name)
	return err
}

// CheckWhole refuses a database in which a restore did not finish.
func (db *DB) CheckWhole(ctx context.Context) error {
	return db.Read(ctx, func(tx *Tx) error {
		_, found, err := Fact(ctx, tx, factRestoring)
		if err == nil && found {
			err = ErrUnfinished
		}
		return err
	})
}

// schemaVersion is the number of the last migration that was applied.
func (db *DB) schemaVersion(ctx context.Context) (int64, error) {
	p, err := db.provider()
	if err != nil {
		return 0, err
	}
	v, err := p.GetDBVersion(ctx)
	if err != nil {
		return 0, fmt.Errorf("store: schema version: %w", err)
	}
	return v, nil
}
