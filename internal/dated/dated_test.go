package dated_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"habilis/internal/dated"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// RGT-8: on its date, each sort of right, level, delegation and membership that begins or ends is
// told to connected applications, as the act that does the same would tell it: once, in the
// organisation where it is, and not before.
func TestEveryDateIsTold(t *testing.T) {
	sorts := []struct {
		kind, table, columns, values string
		object                       func(p place) string
	}{
		{"rights.changed", "member_permission", "permission, scope, site_id, given_by", "'records.read', 'organization', null, 'x'", julieOf},
		{"rights.changed", "member_role", "role_id, scope, given_by", "'ROLE', 'organization', 'x'", julieOf},
		{"rights.changed", "access_grant", "resource_id, level, given_by, change_set_id", "'AGENDA', 'read', 'x', 'x'", julieOf},
		{"delegation.changed", "delegation", "identity_id, act, state, given_by, rev", "'LETTER', 'send', 'active', 'x', 1", nil},
		{"group.changed", "record_group_member", "group_id, given_by", "'GROUP', 'x'", func(p place) string { return p.group.String() }},
	}
	eachWorld(t, func(w *world) {
		w.tell()
		from, until := w.db.Now().Add(time.Hour), w.db.Now().Add(2*time.Hour)
		for _, s := range sorts {
			values := strings.NewReplacer("ROLE", w.here.role.String(), "AGENDA", w.here.agenda.String(), "LETTER", w.here.letter.String(),
				"GROUP", w.here.group.String()).Replace(s.values)
			id := ident.NewDelegation().String()
			w.exec(`insert into `+s.table+` (org_id, id, member_id, starts_at, ends_at, known_from, `+s.columns+`)
				values ($1, $2, $3, $4, $5, $6, `+values+`)`, w.here.org, id, w.here.julie, from, until, w.db.Now())
		}
		w.exec(`update member_state set starts_at = $2, ends_at = $3 where org_id = $1`, w.here.org, from, until)
		w.tell()
		if got := w.kinds(w.here, 0); got != "" {
			t.Fatalf("before: %s", got)
		}
		w.clock.Add(time.Hour + dated.Margin + time.Second)
		w.tell()
		// The three rights of the whole organisation and of one site are two entries of the trail.
		const same = "rights.changed "
		const begin = "member.started " + same + same + "delegation.changed group.changed "
		if got := w.kinds(w.here, 0); got != begin {
			t.Fatalf("begin: %s", got)
		}
		w.tell()
		w.clock.Add(time.Hour)
		w.tell()
		w.tell()
		const end = "member.ended " + same + same + "delegation.changed group.changed "
		if got := w.kinds(w.here, 5); got != end {
			t.Errorf("end: %s", got)
		}
		if got := w.kinds(w.far, 0); got != "" {
			t.Errorf("elsewhere: %s", got)
		}
		for _, e := range w.feed(w.here) {
			want := w.here.julie.String()
			if e.Kind == "group.changed" {
				want = w.here.group.String()
			}
			if e.Subject != w.here.julie.String() || (e.Kind != "delegation.changed" && e.Object != want) || !strings.Contains(e.Object, "_") {
				t.Errorf("%+v", e)
			}
		}
		w.checkTrail()
	})
}

func julieOf(p place) string { return p.julie.String() }

// checkTrail fails unless the trail says by name what began and what ended.
func (w *world) checkTrail() {
	w.Helper()
	var all string
	err := w.db.Read(w.Context(), func(tx *store.Tx) error {
		return store.Each(w.Context(), tx, func(s store.Scan) error {
			var verb, body string
			err := s(&verb, &body)
			all += verb + " " + body + "\n"
			return err
		}, `select e.verb, p.payload from audit_event e join audit_payload p on p.chain = e.chain and p.seq = e.seq where e.chain = $1 order by e.seq`,
			w.here.org)
	})
	if err != nil {
		w.Fatal(err)
	}
	for _, want := range []string{"rights.date_passed", "Julie Delmas", `"permission":"records.read"`, w.here.role.String(), "Grand-Pré", "Enfants"} {
		if !strings.Contains(all, want) {
			w.Errorf("no %s in the trail:\n%s", want, all)
		}
	}
}

// What was known when the date came is what is told: a date moved before tells nothing, one
// moved, or taken, afterwards tells what it did; one that had passed when it was written is the
// act's to tell.
func TestWhatWasKnown(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.tell()
		now := w.db.Now()
		hour := now.Add(time.Hour)
		closed := func(permission string, known time.Time) {
			w.exec(`update member_permission set known_until = $2 where id = $1`, "x_"+permission, known)
		}
		w.single(w.here, "records.read", now.Add(-time.Hour), hour) // moved before its end
		closed("records.read", now.Add(30*time.Minute))
		w.single(w.here, "records.write", now.Add(-time.Hour), now.Add(-time.Minute)) // over when it was written
		w.single(w.here, "letters.sign", now.Add(-time.Hour), nil)                    // no end
		w.clock.Add(time.Hour + time.Minute)
		w.tell()
		if got := w.kinds(w.here, 0); got != "" {
			t.Errorf("told: %s", got)
		}
		w.single(w.far, "statistics.read", now, w.db.Now().Add(time.Hour)) // taken after its end, before anybody came by
		w.clock.Add(2 * time.Hour)
		closed("statistics.read", w.db.Now().Add(-time.Minute))
		w.tell()
		if got := w.kinds(w.far, 0); got != "rights.changed " {
			t.Errorf("told: %s", got)
		}
	})
}

// Two servers, one date: each row is told once, whichever comes first, and a server that stops
// between two transactions is gone on from; as are days without any.
func TestToldOnce(t *testing.T) {
	const rows = dated.AtOnce*2 + 7
	stopped := errors.New("stopped")
	eachWorld(t, func(w *world) {
		w.tell()
		midnight := w.db.Now().Add(time.Hour)
		w.many(w.here, rows, midnight)
		w.many(w.far, 3, midnight.Add(time.Minute))
		w.clock.Add(4 * 24 * time.Hour)
		for n := range 2 {
			if err := w.dates.Stopping(n, stopped).Tell(w.Context()); !errors.Is(err, stopped) {
				t.Fatalf("stopping after %d: %v", n, err)
			}
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if err := w.dates.Tell(context.WithoutCancel(w.Context())); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		w.tell()
		for p, want := range map[place]int{w.here: rows, w.far: 3} {
			met := map[string]int{}
			for _, e := range w.feed(p) {
				met[e.Object]++
			}
			if len(met) != want {
				t.Errorf("%d told of %d", len(met), want)
			}
			for id, n := range met {
				if n != 1 {
					t.Errorf("%s told %d times", id, n)
				}
			}
		}
	})
}

// RGT-8: an organisation of which something fails keeps no other from being told, and what was not
// told of it is told afterwards.
func TestOneThatFails(t *testing.T) {
	const rows = dated.AtOnce + 1 // two transactions each: both fail after the first
	broken := errors.New("broken")
	eachWorld(t, func(w *world) {
		w.tell()
		midnight := w.db.Now().Add(time.Hour)
		w.many(w.here, rows, midnight)
		w.many(w.far, rows, midnight)
		w.clock.Add(2 * time.Hour)
		if err := w.dates.Stopping(0, broken).Tell(w.Context()); !errors.Is(err, broken) {
			t.Fatal(err)
		}
		for _, p := range []place{w.here, w.far} {
			if n := len(w.feed(p)); n != dated.AtOnce {
				t.Errorf("%d told of an organisation", n)
			}
		}
		w.tell()
		for _, p := range []place{w.here, w.far} {
			if n := len(w.feed(p)); n != rows {
				t.Errorf("%d told at last", n)
			}
		}
	})
}

// RGT-8: an act may take as long as a statement may, and be seen after the round that follows its
// time: the date that it wrote, and that came meanwhile, is told all the same.
func TestSeenLate(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.tell()
		begun := w.db.Now()
		w.clock.Add(store.StatementTime - time.Second)
		w.tell()
		end := begun.Add(time.Second)
		w.exec(`
			insert into member_permission (org_id, id, member_id, permission, scope, starts_at, ends_at, given_by, known_from)
			values ($1, 'late', $2, 'records.read', 'organization', $3, $4, 'test', $3)`, w.here.org, w.here.julie, begun, end)
		w.clock.Add(dated.Margin + time.Second)
		w.tell()
		if got := w.kinds(w.here, 0); got != "rights.changed " {
			t.Errorf("told: %s", got)
		}
	})
}

// many gives delegations that all end at one moment.
func (w *world) many(p place, n int, at time.Time) {
	w.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		for range n {
			identity := ident.NewIdentity()
			if _, err := tx.Exec(ctx, `insert into resource (org_id, id, type, version, created_at) values ($1, $2, 'identity', 1, $3)`, p.org, identity, tx.Now); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `
				insert into resource_state (org_id, resource_id, rev, kind, name, detail, address, status, sort_key, search, known_from)
				values ($1, $2, 1, 'service', 'Dr', '', '', 'active', 'dr', '', $3)`, p.org, identity, tx.Now); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `
				insert into delegation (org_id, id, rev, identity_id, member_id, act, state, starts_at, ends_at, given_by, known_from)
				values ($1, $2, 1, $3, $4, 'send', 'active', $5, $6, 'x', $5)`, p.org, ident.NewDelegation(), identity, p.julie, tx.Now, at); err != nil {
				return err
			}
		}
		return nil
	})
}

// It costs what passes: every question is answered by the index of its date.
func TestByIndex(t *testing.T) {
	eachWorld(t, func(w *world) {
		if w.db.Engine != store.SQLite {
			return // PostgreSQL reads a small table whole: BenchmarkIdle measures a large one
		}
		now := w.db.Now()
		for _, q := range dated.Questions() {
			var plan string
			err := w.db.Read(w.Context(), func(tx *store.Tx) error {
				return store.Each(w.Context(), tx, func(s store.Scan) error {
					var a, b, c int
					var line string
					err := s(&a, &b, &c, &line)
					plan += line + "\n"
					return err
				}, "explain query plan "+q, now, now)
			})
			if err != nil || (!strings.Contains(plan, "_begins (") && !strings.Contains(plan, "_ends (")) {
				t.Errorf("%v %s:\n%s", err, q, plan)
			}
		}
	})
}

// BenchmarkIdle is what a round costs that finds nothing among 100,000 dated rows.
func BenchmarkIdle(b *testing.B) {
	for _, e := range storetest.Engines(b) {
		b.Run(e.String(), func(b *testing.B) {
			w := newWorld(b, e)
			w.many(w.here, 100_000, w.db.Now().Add(24*time.Hour))
			w.tell()
			for b.Loop() {
				w.tell()
			}
		})
	}
}
