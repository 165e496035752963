//go:build bench

package member

import (
	"os"
	"testing"

	"habilis/internal/store"
	"habilis/internal/storetest"
)

func TestKeep(t *testing.T) {
	o := storetest.Place(t, store.SQLite)
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	c := fill(t, db, 100_000)
	t.Log(c.org, c.sites[0], c.roles)
	db.Close()
	b, _ := os.ReadFile(o.Path)
	os.WriteFile("/tmp/mbench.db", b, 0o600)
}
