package journal

import (
	"context"
	"strings"
	"testing"

	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// What concerns somebody among others is found by indexes on both engines: their lines by
// the member, and the events by their object; neither table is read whole (AUD-2).
func TestAmongOthersIsIndexed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		f := &finder{reader: reader{org: ident.NewOrg(), whole: true, self: ident.NewMember()}}
		branches := f.branches()
		b := branches[len(branches)-1]
		if b.among != f.self || strings.Join(b.indexed(false), " ") != colObject {
			t.Fatalf("%+v", b)
		}
		var args store.Args
		args.Add(f.org)
		query := `select e.at, e.seq from audit_event e where e.chain = $1` + f.where(&args, b, false).all() + ` order by e.at desc, e.seq desc limit 21`
		plan := planOf(t, db, query, args.List())
		for _, index := range []string{"audit_event_object", "change_line_member"} {
			if !strings.Contains(plan, index) {
				t.Errorf("without %s:\n%s", index, plan)
			}
		}
		if strings.Contains(plan, "SCAN e") || strings.Contains(plan, "Seq Scan") {
			t.Errorf("a table is read whole:\n%s", plan)
		}
	})
}

// planOf is the plan of a query, where PostgreSQL may not read a table whole because it is empty.
func planOf(t *testing.T, db *store.DB, query string, args []any) string {
	t.Helper()
	var lines []string
	explain := func(tx *store.Tx) error {
		if db.Engine == store.SQLite {
			return store.Each(context.Background(), tx, func(s store.Scan) error {
				var id, parent, unused int
				var line string
				err := s(&id, &parent, &unused, &line)
				lines = append(lines, line)
				return err
			}, `explain query plan `+query, args...)
		}
		if _, err := tx.Exec(context.Background(), `set local enable_seqscan = off`); err != nil {
			return err
		}
		all, err := store.All(context.Background(), tx, store.Value[string], `explain `+query, args...)
		lines = all
		return err
	}
	if err := db.Write(context.Background(), []store.Lock{"plan"}, explain); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}
