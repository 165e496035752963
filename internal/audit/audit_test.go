package audit_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// TestVerifiesAsRead: what is hashed when it is written is what is read back, on
// both engines: for instants of every precision to the microsecond, in any year and
// order, and for any text that a person's name or a request may hold.
func TestVerifiesAsRead(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	var now atomic.Int64
	clock := func() time.Time { return time.Unix(0, now.Load()).In(time.FixedZone("x", random.IntN(86400)-43200)) }
	storetest.EachWith(t, storetest.Options{Clock: clock, NoTwin: true}, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		orgs := []ident.Org{"", ident.NewOrg(), ident.NewOrg()}
		const rounds = 400
		for range rounds {
			now.Store(instant(random))
			org := orgs[random.IntN(len(orgs))]
			w := audit.Who{Kind: words(random), ID: words(random), OnBehalfOf: words(random), Via: words(random), Name: anyText(random), Address: anyText(random)}
			e := audit.Event{
				Org: org, Verb: words(random), Object: words(random), Subject: words(random), Site: ident.Site(words(random)), Code: words(random),
				Names: map[string]string{"member": anyText(random)}, Before: map[string]any{"x": anyText(random)}, After: map[string]any{anyText(random): random.Uint64()},
			}
			err := db.Write(ctx, []store.Lock{store.Lock(e.Chain())}, func(tx *store.Tx) error {
				return audit.Write(ctx, tx, w, audit.Done, []audit.Event{e})
			})
			if err != nil {
				t.Fatalf("%+v: %v", e, err)
			}
		}
		if r := verify(t, db); len(r.Problems) > 0 || r.Rows != rounds || r.Chains != len(orgs) || r.Erased != 0 {
			t.Errorf("%+v", r)
		}
	})
}

// instant is a time between 1970 and 2200 of a random precision, nanoseconds too.
func instant(random *rand.Rand) int64 {
	n := random.Int64N(230 * 365 * 24 * int64(time.Hour))
	precision := []int64{1, 1000, 10_000, 100_000, 1e6, 1e8, 1e9, 60e9}[random.IntN(8)]
	return n / precision * precision
}

func words(random *rand.Rand) string {
	return []string{"", "member.deactivate", "é à – « »", "Ćwikła ﬁ 𝔘", "a|b\tc\nd", "mbr_" + fmt.Sprint(random.Uint64())}[random.IntN(6)]
}

// anyText is any sequence of bytes: json makes a text of it that a column takes.
func anyText(random *rand.Rand) string {
	b := make([]byte, random.IntN(12))
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return string(b)
}

// TestGapless: chains that many write at once have every number once, in order,
// whatever was undone in between (rules.md 20).
func TestGapless(t *testing.T) {
	undone := errors.New("undone")
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		orgs := []ident.Org{ident.NewOrg(), ident.NewOrg(), ""}
		var wg sync.WaitGroup
		for i := range 12 {
			e := audit.Event{Org: orgs[i%3], Verb: "test.write", Object: fmt.Sprint(i)}
			wg.Go(func() {
				for round := range 10 {
					err := db.Write(ctx, []store.Lock{store.Lock(e.Chain())}, func(tx *store.Tx) error {
						err := audit.Write(ctx, tx, who, audit.Done, []audit.Event{e, e})
						if err == nil && round%2 == 1 {
							err = undone
						}
						return err
					})
					if err != nil && !errors.Is(err, undone) {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if r := verify(t, db); len(r.Problems) > 0 || r.Rows != 12*5*2 || r.Chains != 3 {
			t.Errorf("%+v", r)
		}
		for _, h := range headsOf(t, db) {
			if h.Seq != 4*5*2 {
				t.Errorf("%s ends at %d", h.Chain, h.Seq)
			}
		}
	})
}

// TestNamesInPayload: what names a person stands in the payload, which may be
// removed, and nowhere in the row, which stays; the chain holds without it.
func TestNamesInPayload(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		trail(t, db, 5)
		var line, payload string
		read := func(query string, to *string) {
			if err := db.Read(ctx, func(tx *store.Tx) error { return tx.QueryRow(ctx, query).Scan(to) }); err != nil {
				t.Fatal(err)
			}
		}
		read(`select verb || actor_kind || actor || on_behalf_of || object || subject || site || via || code from audit_event where seq = 2`, &line)
		read(`select payload from audit_payload where seq = 2`, &payload)
		for _, name := range []string{"Julie Delmas", "Luca Marchetti", "192.0.2.7"} {
			if strings.Contains(line, name) || !strings.Contains(payload, name) {
				t.Errorf("%s: in the row %q, in the payload %q", name, line, payload)
			}
		}
		if err := db.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `delete from audit_payload where seq in (2, 3)`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if r := verify(t, db); len(r.Problems) > 0 || r.Erased != 2 || r.Rows != 5 {
			t.Errorf("%+v", r)
		}
	})
}

// TestSalted: the same details twice have two hashes: who holds the rows alone
// cannot guess what was erased.
func TestSalted(t *testing.T) {
	db := storetest.Open(t, store.SQLite, storetest.Options{})
	ctx := context.Background()
	err := db.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
		e := audit.Event{Verb: "test.write", Names: map[string]string{"member": "Julie Delmas"}}
		return audit.Write(ctx, tx, who, audit.Done, []audit.Event{e, e})
	})
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `select count(distinct payload_hash) from audit_event`).Scan(&n)
	}); err != nil || n != 2 {
		t.Errorf("%d hashes (%v)", n, err)
	}
}

// TestHeadRemoved: a chain whose head is gone is found (AUD-01).
func TestHeadRemoved(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		trail(t, db, 3)
		if err := db.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `delete from audit_head`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if r := verify(t, db); len(r.Problems) != 1 || r.Problems[0].Seq != 3 {
			t.Errorf("%+v", r)
		}
	})
}

// TestUnwritable: an event that cannot be written is an error, which undoes the act.
func TestUnwritable(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		err := db.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
			return audit.Write(ctx, tx, who, audit.Done, []audit.Event{{Verb: "test.write"}, {Verb: "test.write", After: map[string]any{"x": func() {}}}})
		})
		if err == nil || verify(t, db).Rows != 0 {
			t.Errorf("told %v", err)
		}
	})
}
