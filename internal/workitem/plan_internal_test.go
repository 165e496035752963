package workitem

import (
	"context"
	"strings"
	"testing"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// A million items: no statement on them reads the whole table, on either engine.
func TestPlans(t *testing.T) {
	org, who, now := ident.NewOrg(), ident.NewMember(), time.Now()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for name, c := range map[string]struct {
			query string
			args  []any
		}{
			"by name":   {selectItem + ` and i.source = $2 and i.external_id in ($3, $4)`, []any{org, "agenda", "1", "2"}},
			"by number": {selectItem + ` and i.no in ($2, $3)`, []any{org, 1, 2}},
			"held":      {selectHeld + ` and (i.due_at, i.no) > ($5, $6) order by i.due_at, i.no limit 20`, []any{org, who, Task, store.Never, now, 1}},
			"from":      {countFrom, []any{org, who, Task, now}},
			"before":    {countBefore, []any{org, who, Task, now}},
		} {
			plan := strings.ReplaceAll(explain(t, db, c.query, c.args), "SCAN late", "") // the thousand that were found
			if strings.Contains(plan, "Seq Scan") || strings.Contains(plan, "SCAN ") || strings.Contains(plan, "B-TREE") || strings.Contains(plan, "Sort") {
				t.Errorf("%s reads a whole table, or sorts:\n%s", name, plan)
			}
			if !strings.Contains(plan, "work_item") {
				t.Errorf("%s: what plan is this?\n%s", name, plan)
			}
		}
	})
}

func explain(t *testing.T, db *store.DB, query string, args []any) string {
	t.Helper()
	ctx := context.Background()
	var lines []string
	err := db.Read(ctx, func(tx *store.Tx) (err error) {
		if db.Engine == store.SQLite {
			lines, err = store.All(ctx, tx, func(s store.Scan) (detail string, err error) {
				var unused int
				err = s(&unused, &unused, &unused, &detail)
				return detail, err
			}, `explain query plan `+query, args...)
			return err
		}
		// A small table is read whole whatever indexes it has: asked not to, the engine
		// still does where no index serves.
		if _, err := store.All(ctx, tx, store.Value[string], `select set_config('enable_seqscan', 'off', true)`); err != nil {
			return err
		}
		lines, err = store.All(ctx, tx, store.Value[string], `explain `+query, args...)
		return err
	})
	if err != nil {
		t.Fatal(name(query), err)
	}
	return strings.Join(lines, "\n")
}

func name(query string) string { return strings.TrimSpace(query) }
