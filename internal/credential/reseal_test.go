package credential

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// rules.md 21: after a rotation every seed and number is sealed again with the current key,
// in more than one batch, and opens where it stands; what an interruption left is done by the
// next run, and a second run finds nothing.
func TestReseal(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ring := secret.NewRing(time.Now())
		const many = ResealBatch + 50
		person := newAccount(t, db)
		for n := range many {
			seal(t, db, ring, person, n)
		}
		if n := resealed(t, db, ring); n != 0 {
			t.Fatalf("%d were stale before any rotation", n)
		}
		old := ring.Keys()[0].ID
		if err := ring.Rotate(time.Now()); err != nil {
			t.Fatal(err)
		}
		stopped, stop := context.WithCancel(t.Context())
		stop()
		if _, err := Reseal(stopped, db, ring); err == nil {
			t.Error("it went on after its context had ended")
		}
		if n := resealed(t, db, ring); n != many {
			t.Errorf("%d sealed again, of %d", n, many)
		}
		if n := resealed(t, db, ring); n != 0 {
			t.Errorf("%d the second time", n)
		}
		opened(t, db, ring, person, many, old)
	})
}

// A ring without the key that sealed is told, and nothing is changed.
func TestResealWithoutTheKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ring := secret.NewRing(time.Now())
		seal(t, db, ring, newAccount(t, db), 0)
		if _, err := Reseal(t.Context(), db, secret.NewRing(time.Now())); !errors.Is(err, secret.ErrUnknownKey) {
			t.Errorf("%v", err)
		}
		if n := resealed(t, db, ring); n != 0 {
			t.Errorf("%d were changed", n)
		}
	})
}

func resealed(t *testing.T, db *store.DB, ring *secret.Ring) int {
	t.Helper()
	n, err := Reseal(t.Context(), db, ring)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// seal writes a factor as enrolment does: every third is a number.
func seal(t *testing.T, db *store.DB, ring *secret.Ring, person ident.Account, n int) {
	t.Helper()
	id, kind, value := ident.NewFactor(), TOTP, fmt.Sprintf("SEED%026d", n)
	if n%3 == 0 {
		kind, value = SMS, fmt.Sprintf("+336%08d", n)
	}
	aad := secret.AAD{Table: "factor", Column: "secret", Tenant: person.String(), Row: id.String()}
	write(t, db, func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into factor (id, account_id, kind, name, secret, handle, day_began_at, created_at)
			values ($1, $2, $3, $4, $5, $6, $7, $7)`, id, person, kind, value, ring.Seal(aad, []byte(value)), []byte(value), tx.Now)
		return err
	})
}

// opened checks that every value opens where it stands, under another key than the old one.
func opened(t *testing.T, db *store.DB, ring *secret.Ring, person ident.Account, want int, old secret.KeyID) {
	t.Helper()
	type row struct {
		id             ident.Factor
		kind           FactorKind
		name           string
		sealed, handle []byte
	}
	var rows []row
	write(t, db, func(tx *store.Tx) (err error) {
		rows, err = store.All(t.Context(), tx, func(s store.Scan) (row, error) {
			var r row
			return r, s(&r.id, &r.kind, &r.name, &r.sealed, &r.handle)
		}, `select id, kind, name, secret, handle from factor where account_id = $1`, person)
		return err
	})
	if len(rows) != want {
		t.Fatalf("%d rows", len(rows))
	}
	for _, r := range rows {
		b, err := ring.Open(secret.AAD{Table: "factor", Column: "secret", Tenant: person.String(), Row: r.id.String()}, r.sealed)
		if err != nil || string(b) != r.name || secret.KeyID(r.sealed[1:5]) == old {
			t.Fatalf("%s: %q, %v", r.name, b, err)
		}
		if r.kind == SMS && !ring.VerifyMAC(secret.UseIndex, []byte("phone "+r.name), r.handle) {
			t.Fatalf("%s is not found again by its handle", r.name)
		}
	}
}
