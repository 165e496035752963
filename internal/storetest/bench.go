package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"habilis/internal/fault"
	"habilis/internal/store"
)

// Bench is what the worlds of many packages' tests stand on: a test, its database, and few words to
// write, count and judge with. What fails stops the test, unless said otherwise.
type Bench struct {
	*testing.T

	DB    *store.DB
	Locks func() []store.Lock // those that Write takes: of the organisations that there are by then
}

// Write changes the database without any act.
func (b *Bench) Write(fn func(ctx context.Context, tx *store.Tx) error) {
	b.Helper()
	b.Must(b.DB.Write(b.Context(), b.Locks(), func(tx *store.Tx) error { return fn(b.Context(), tx) }))
}

// Read consults it.
func (b *Bench) Read(fn func(ctx context.Context, tx *store.Tx) error) {
	b.Helper()
	b.Must(b.DB.Read(b.Context(), func(tx *store.Tx) error { return fn(b.Context(), tx) }))
}

// Exec runs one statement.
func (b *Bench) Exec(query string, args ...any) {
	b.Helper()
	b.Write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, query, slices.Clone(args)...) // every write runs twice
		return err
	})
}

// Count answers a query of one number.
func (b *Bench) Count(query string, args ...any) (n int) {
	b.Helper()
	b.Read(func(ctx context.Context, tx *store.Tx) error { return tx.QueryRow(ctx, query, args...).Scan(&n) })
	return n
}

// Must stops the test at an error, and names its fields.
func (b *Bench) Must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err, FieldsOf(err))
	}
}

// Want fails, and goes on, unless err is the wanted one.
func (b *Bench) Want(what string, err, want error) {
	b.Helper()
	if !errors.Is(err, want) {
		b.Errorf("%s: %v %v, want %v", what, err, FieldsOf(err), want)
	}
}

// Wrong fails, and goes on, unless err is exactly these fields to correct, «at code».
func (b *Bench) Wrong(what string, err error, fields ...string) {
	b.Helper()
	if got := FieldsOf(err); !slices.Equal(got, fields) {
		b.Errorf("%s: %v %q, want %q", what, err, got, fields)
	}
}

// FieldsOf are the fields to correct that an error names, «at code».
func FieldsOf(err error) (list []string) {
	if err == nil {
		return nil
	}
	for _, f := range fault.Of(err).Fields {
		list = append(list, f.Location+" "+f.Code)
	}
	return list
}
