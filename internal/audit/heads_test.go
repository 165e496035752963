package audit_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/audit"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

var who = audit.Who{Kind: "person", ID: "acc_1", Via: "web", Name: "Julie Delmas", Address: "192.0.2.7"}

// trail writes n events of the installation's chain.
func trail(t *testing.T, db *store.DB, n int) {
	t.Helper()
	ctx := context.Background()
	for i := range n {
		err := db.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
			return audit.Write(ctx, tx, who, audit.Done, []audit.Event{{
				Verb: "member.deactivate", Object: fmt.Sprintf("mbr_%d", i), Names: map[string]string{"member": "Luca Marchetti"},
			}})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func verify(t *testing.T, db *store.DB, anchors ...audit.Head) audit.Report {
	t.Helper()
	var report audit.Report
	err := db.ReadLong(context.Background(), func(tx *store.Tx) (err error) {
		report, err = audit.Verify(context.Background(), tx, anchors)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func headsOf(t *testing.T, db *store.DB) (heads []audit.Head) {
	t.Helper()
	err := db.Read(context.Background(), func(tx *store.Tx) (err error) {
		heads, err = audit.Heads(context.Background(), tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return heads
}

// owner opens the same database as its owner would, by hand, the triggers gone.
func owner(t *testing.T, o store.Options) *sql.DB {
	t.Helper()
	driver, source := "sqlite", o.Path
	if o.URL != "" {
		driver, source = "pgx", o.URL
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, name := range []string{"audit_event_no_update", "audit_event_no_delete", "audit_payload_no_update"} {
		drop := "drop trigger " + name
		if o.URL != "" {
			drop += " on " + name[:strings.Index(name, "_no_")]
		}
		if _, err := db.Exec(drop); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// tampering is one way to falsify the trail of ten rows, and where it must show.
// anchored ones are told only by a head that was kept outside.
var tampering = []struct {
	name     string
	first    int64
	anchored bool
	steps    []string
}{
	{"altered", 4, false, []string{`update audit_event set verb = 'member.read' where seq = 4`}},
	{"actor changed", 4, false, []string{`update audit_event set actor = 'acc_2' where seq = 4`}},
	{"clock changed", 6, false, []string{`update audit_event set at = '2020-01-01 00:00:00+00:00' where seq = 6`}},
	{"details changed", 7, false, []string{`update audit_payload set payload = '{"names":{"member":"x"}}' where seq = 7`}},
	{"removed in the middle", 5, false, []string{`delete from audit_payload where seq = 5`, `delete from audit_event where seq = 5`}},
	{"removed at the tail", 8, false, []string{`delete from audit_payload where seq > 8`, `delete from audit_event where seq > 8`}},
	{"removed at the tail, head mended", 8, true, []string{
		`delete from audit_payload where seq > 8`, `delete from audit_event where seq > 8`,
		`update audit_head set seq = 8, hash = (select hash from audit_event where seq = 8)`,
	}},
	{"inserted", 11, false, []string{`
		insert into audit_event (chain, seq, id, at, verb, outcome, actor_kind, actor, on_behalf_of, object, subject, site, via, code, payload_hash, prev_hash, hash)
		select chain, 11, 'aud_x', at, verb, outcome, actor_kind, actor, on_behalf_of, object, subject, site, via, code, payload_hash, prev_hash, hash
		from audit_event where seq = 3`}},
	{"two rows swapped", 3, false, []string{
		`update audit_payload set seq = -3 where seq = 3`, `update audit_event set seq = -3 where seq = 3`,
		`update audit_event set seq = 3 where seq = 4`, `update audit_event set seq = 4 where seq = -3`,
	}},
	{"head replaced", 10, false, []string{`update audit_head set hash = (select hash from audit_event where seq = 9)`}},
}

// TestAUD01 proves that each kind of tampering by the owner of the database is
// found, at the row where it begins, on both engines.
func TestAUD01(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		for _, kind := range tampering {
			t.Run(e.String()+"/"+kind.name, func(t *testing.T) {
				place := storetest.Place(t, e)
				db, err := store.Open(context.Background(), place)
				if err != nil {
					t.Fatal(err)
				}
				defer db.Close()
				trail(t, db, 10)
				anchors := headsOf(t, db)
				if r := verify(t, db, anchors...); len(r.Problems) != 0 || r.Rows != 10 {
					t.Fatalf("before: %+v", r)
				}
				tamper(t, owner(t, place), place.URL == "", kind.steps)
				if r := verify(t, db); kind.anchored == (len(r.Problems) > 0) {
					t.Errorf("without a head kept outside: %v", r.Problems)
				}
				r := verify(t, db, anchors...)
				if len(r.Problems) == 0 {
					t.Fatal("not found")
				}
				if first := r.Problems[0]; first.Seq != kind.first {
					t.Errorf("the first problem is told at row %d, not %d: %v", first.Seq, kind.first, r.Problems)
				}
			})
		}
	}
}

// tamper runs the steps with foreign keys off: an owner may do anything.
func tamper(t *testing.T, db *sql.DB, sqlite bool, steps []string) {
	t.Helper()
	db.SetMaxOpenConns(1)
	if !sqlite {
		steps = append([]string{`alter table audit_payload drop constraint audit_payload_chain_seq_fkey`}, steps...)
	}
	for _, s := range steps {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// TestAUD01WholeChainWritten anew: an owner who recomputes every hash is found by
// a head kept outside, and only by it.
func TestAUD01ChainWrittenAnew(t *testing.T) {
	storetest.EachWith(t, storetest.Options{NoTwin: true}, func(t *testing.T, db *store.DB) {
		trail(t, db, 10)
		anchors := headsOf(t, db)
		other := storetest.Open(t, db.Engine, storetest.Options{NoTwin: true}) // the same acts, another history
		trail(t, other, 10)
		if r := verify(t, other); len(r.Problems) != 0 {
			t.Fatal(r.Problems)
		}
		r := verify(t, other, anchors...)
		if len(r.Problems) == 0 || r.Problems[0].Seq != 10 {
			t.Errorf("a chain written anew: %v", r.Problems)
		}
	})
}

// TestAUD01ApplicationRefused: what the server itself may do to the trail is to
// add to it; the database refuses the rest.
func TestAUD01ApplicationRefused(t *testing.T) {
	statements := []string{
		`update audit_event set verb = 'x' where seq = 1`,
		`delete from audit_event where seq = 1`,
		`update audit_payload set payload = '{}' where seq = 1`,
	}
	storetest.EachWith(t, storetest.Options{NoTwin: true}, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		trail(t, db, 2)
		if db.Engine == store.PostgreSQL {
			statements = append(slices.Clone(statements), `truncate audit_event cascade`)
		}
		for _, s := range statements {
			err := db.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
				_, err := tx.Exec(ctx, s)
				return err
			})
			if err == nil || !strings.Contains(err.Error(), "only grows") {
				t.Errorf("%s: %v", s, err)
			}
		}
		if r := verify(t, db); len(r.Problems) != 0 || r.Rows != 2 {
			t.Errorf("%+v", r)
		}
	})
}

// TestSignedHeads: a head is read back only as it was signed, with an older key too.
func TestSignedHeads(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	ring := secret.NewRing(now)
	head := audit.Head{Chain: "org_1", Seq: 1200, Hash: []byte{1, 2, 3}}
	file := string(audit.Sign(ring, head, now).Line())
	if err := ring.Rotate(now); err != nil {
		t.Fatal(err)
	}
	file += string(audit.Sign(ring, head, now.Add(time.Hour)).Line())
	file += strings.Replace(string(audit.Sign(ring, head, now).Line()), `"seq":1200`, `"seq":1100`, 1) // changed
	file += string(audit.Sign(secret.NewRing(now), head, now).Line())                                  // another server's
	file += "not a head\n" + strings.Repeat("x", 9000) + "\n"
	file += string(audit.Sign(ring, head, now).Line()[:20]) // cut by a crash
	kept, err := audit.ReadHeads(strings.NewReader(file), ring)
	if err != nil {
		t.Fatal(err)
	}
	if len(kept.Heads) != 2 || kept.Heads[1].Seq != 1200 || !slices.Equal(kept.Bad, []int{3, 4, 5, 6}) {
		t.Errorf("heads %v, bad lines %v", kept.Heads, kept.Bad)
	}
}

// TestDue (rules.md 20): every hour or 1000 rows, and only when the chain grew.
func TestDue(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	last := map[string]audit.SignedHead{"a": {Chain: "a", Seq: 10, At: now}}
	for _, c := range []struct {
		name  string
		chain string
		seq   int64
		after time.Duration
		due   bool
	}{
		{"a new chain", "b", 1, 0, true},
		{"nothing new", "a", 10, 3 * time.Hour, false},
		{"some rows, soon", "a", 500, 59 * time.Minute, false},
		{"some rows, an hour later", "a", 11, time.Hour, true},
		{"1000 rows at once", "a", 1010, time.Second, true},
		{"a chain that shrank", "a", 5, time.Second, true},
	} {
		got := audit.Due(now.Add(c.after), []audit.Head{{Chain: c.chain, Seq: c.seq}}, last)
		if (len(got) == 1) != c.due {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
