//go:build bench

package workitem_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/workitem"
)

// What a member holds, measured in an organisation of a million items (OFF-5): counted and
// listed in a few milliseconds, whether they hold twenty thousand of them or nearly all. To run:
//
//	go test -tags bench -run TestBenchItems -v -timeout 30m ./internal/workitem
//
// BENCH_ITEMS chooses how many items.
const (
	benchRuns = 200
	limitRead = 50 * time.Millisecond // the 99th percentile, as for the list of members
)

func TestBenchItems(t *testing.T) {
	n := workitem.MaxItems
	if s := os.Getenv("BENCH_ITEMS"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	eachWorld(t, func(w *world) {
		owners := []string{"julie", "lise", "zoe", "paul", "anne", "marc"}
		began := time.Now()
		w.fill(owners, n)
		t.Logf("%s: %d items in %v", w.DB.Engine, n, time.Since(began).Round(time.Millisecond))
		claire, ctx := w.as("claire"), w.Context()
		for _, owner := range []string{"julie", "paul", "marc"} {
			id := w.id[owner]
			measure(w, owner+": counted", limitRead, func(int) error {
				_, err := w.items.OfMember(ctx, claire, w.a, id)
				return err
			})
			measure(w, owner+": first page", limitRead, func(int) error {
				_, err := w.items.List(ctx, claire, w.a, id, workitem.Query{})
				return err
			})
			measure(w, owner+": page 50 of tasks", limitRead, func(int) error {
				_, err := w.items.List(ctx, claire, w.a, id, workitem.Query{Kind: workitem.Task, Page: 50})
				return err
			})
		}
		measure(w, "register one", 0, func(i int) error {
			_, err := w.items.Register(ctx, claire, w.a, w.task(fmt.Sprint("new-", i), "lise"))
			return err
		})
		measure(w, "register a thousand", 0, func(i int) error {
			if i >= 5 {
				return nil
			}
			lines := make([]workitem.Line, workitem.MaxTogether)
			for k := range lines {
				lines[k] = w.task(fmt.Sprintf("many-%d-%d", i, k), "lise")
			}
			_, err := w.items.RegisterMany(ctx, claire, w.a, lines)
			return err
		})
		measure(w, "reassign five thousand", 0, func(i int) error {
			if i >= 3 {
				return nil
			}
			from, to := w.id["zoe"], w.id["marc"]
			if i%2 == 1 {
				from, to = to, from
			}
			_, err := w.items.Reassign(ctx, claire, w.a, workitem.Handover{From: from, To: to, Kind: workitem.Task})
			return err
		})
	})
}

type benchItem struct {
	no    int
	owner ident.Member
	kind  workitem.Kind
	due   time.Time
}

// fill writes items: one in two is julie's; of the others', one in forty is an appointment. A
// tenth is late.
func (w *world) fill(owners []string, n int) {
	w.Helper()
	now, count := w.DB.Now(), map[ident.Member]map[workitem.Kind]int64{}
	const block = 20_000
	for first := 0; first < n; first += block {
		rows := make([]benchItem, 0, block)
		for i := first; i < min(first+block, n); i++ {
			r := benchItem{no: i + 1, owner: w.id["julie"], kind: workitem.Task, due: now.Add(time.Duration(i%1000-100) * time.Hour)}
			if i%2 == 1 {
				r.owner = w.id[owners[1+i/2%(len(owners)-1)]]
			}
			if i%80 == 3 {
				r.kind = workitem.Appointment
			}
			rows = append(rows, r)
			if count[r.owner] == nil {
				count[r.owner] = map[workitem.Kind]int64{}
			}
			count[r.owner][r.kind]++
		}
		w.Write(func(ctx context.Context, tx *store.Tx) error {
			return store.InsertAll(ctx, tx, rows, `
				insert into work_item (org_id, no, source, external_id, kind, title, owner_id, site_id, due_at, state, version, created_at, changed_at)
				values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`, "", func(r *benchItem) []any {
				return []any{w.a, r.no, "agenda", fmt.Sprint("T-", r.no), r.kind, "Relire", r.owner, nil, r.due, "open", 1, now, now}
			})
		})
	}
	w.Exec(`insert into work_item_total (org_id, items, last_no) values ($1, $2, $3)`, w.a, n-20_000, n) // said to be fewer: there is room for what follows
	for owner, kinds := range count {
		for kind, items := range kinds {
			w.Exec(`insert into work_item_count (org_id, owner_id, kind, items) values ($1, $2, $3, $4)`, w.a, owner, kind, items)
		}
	}
	w.Exec(`analyze work_item`)
}

func measure(w *world, what string, limit time.Duration, fn func(int) error) {
	w.Helper()
	var took []time.Duration
	for i := range benchRuns {
		began := time.Now()
		if err := fn(i); err != nil {
			w.Fatal(what, err)
		}
		if d := time.Since(began); d > 50*time.Microsecond { // those that did nothing are not counted
			took = append(took, d)
		}
	}
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	w.Logf("%s %-28s p50 %8v  p99 %8v", w.DB.Engine, what, took[len(took)/2].Round(10*time.Microsecond), p99.Round(10*time.Microsecond))
	if limit > 0 && p99 > limit {
		w.Errorf("%s: %v at the 99th percentile, %v allowed", what, p99, limit)
	}
}
