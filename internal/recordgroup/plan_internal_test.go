package recordgroup

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// A million records: no statement on them reads the whole table, on either engine.
func TestPlans(t *testing.T) {
	org, group, now := ident.NewOrg(), ident.NewGroup(), time.Now()
	var q Query
	q.Record = "a"
	filtered := func() (string, []any) {
		var args store.Args
		args.Add(org)
		return `select count(*)` + fromGroups + q.narrow(&args, now), args.List()
	}
	byRecord, byRecordArgs := filtered()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for name, c := range map[string]struct {
			query string
			args  []any
		}{
			"here":         {recordsHere + `($3, $4)`, []any{org, 1, "a", "b"}},
			"elsewhere":    {recordsElsewhere + `($3, $4)`, []any{org, 1, "a", "b"}},
			"only here":    {onlyHere, []any{org, 1}},
			"close some":   {closeSome + `($4)`, []any{org, 1, now, "a"}},
			"listed":       {recordsListed + ` and r.record > $3 order by r.record limit 20`, []any{org, 1, "a"}},
			"also here":    {alsoHere, []any{org, 1}},
			"by record":    {byRecord, byRecordArgs},
			"members":      {`select count(*)` + fromMembers, []any{org, group}},
			"groups of":    {`select m.group_id from record_group_member m where m.org_id = $1 and m.member_id = $2 and m.known_until is null`, []any{org, "m"}},
			"close member": {`update record_group_member set known_until = $4 where org_id = $1 and group_id = $2 and member_id = $3 and known_until is null`, []any{org, group, "m", now}},
		} {
			plan := explain(t, db, c.query, c.args)
			if strings.Contains(plan, "Seq Scan on record_group_record") || strings.Contains(plan, "Seq Scan on record_group_member") || strings.Contains(plan, "SCAN ") {
				t.Errorf("%s reads a whole table:\n%s", name, plan)
			}
			if !strings.Contains(plan, "record_group_") {
				t.Errorf("%s: what plan is this?\n%s", name, plan)
			}
		}
	})
}

func explain(t *testing.T, db *store.DB, query string, args []any) string {
	t.Helper()
	var lines []string
	err := db.Read(context.Background(), func(tx *store.Tx) error {
		if db.Engine == store.SQLite {
			return store.Each(context.Background(), tx, func(s store.Scan) error {
				var id, parent, unused int
				var detail string
				err := s(&id, &parent, &unused, &detail)
				lines = append(lines, detail)
				return err
			}, `explain query plan `+query, args...)
		}
		// A small table is read whole whatever indexes it has: asked not to, the engine
		// still does where no index serves.
		if _, err := store.All(context.Background(), tx, store.Value[string], `select set_config('enable_seqscan', 'off', true)`); err != nil {
			return err
		}
		all, err := store.All(context.Background(), tx, store.Value[string], `explain `+query, args...)
		lines = all
		return err
	})
	if err != nil {
		t.Fatal(fmt.Errorf("%s: %w", query, err))
	}
	return strings.Join(lines, "\n")
}
