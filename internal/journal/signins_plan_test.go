package journal

import (
	"fmt"
	"strings"
	"testing"

	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// SEC-5: the history of one account is read from the index on the object, on both engines,
// however long the chain of the installation is.
func TestSignInsPlan(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var args store.Args
		query := signInsQuery(&args, ident.NewAccount(), MaxSignIns)
		explain := "explain query plan "
		if db.Engine == store.PostgreSQL {
			explain = "set local enable_seqscan = off; explain "
		}
		var plan strings.Builder
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			if set, rest, two := strings.Cut(explain, "; "); two {
				if _, err := tx.Exec(t.Context(), set); err != nil {
					return err
				}
				explain = rest
			}
			rows, err := store.All(t.Context(), tx, func(s store.Scan) (string, error) {
				if db.Engine == store.PostgreSQL {
					var line string
					err := s(&line)
					return line, err
				}
				var id, parent, unused int64
				var detail string
				err := s(&id, &parent, &unused, &detail)
				return detail, err
			}, explain+query, args.List()...)
			fmt.Fprint(&plan, rows)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if p := plan.String(); !strings.Contains(p, "audit_event_object") || strings.Contains(strings.ToLower(p), "sort") || strings.Contains(p, "TEMP B-TREE") {
			t.Errorf("%s", p)
		}
	})
}
