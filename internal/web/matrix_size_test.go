package web_test

import (
	"context"
	"net/http"
	"strconv"
	"testing"
	"time"

	"habilis/internal/account"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

// Bounds of a page of the matrix in an organisation of 200 people and 60 agendas.
const (
	mostControls = 700     // of 2,000 fields (rules.md 14)
	mostBytes    = 600_000 // before compression
	mostTime     = 3 * time.Second
)

// RGT-5 ("Must show" 5): 200 people × 60 agendas, each with a level on 30 of them, are
// shown by pages and filters, and one line is foreseen among them. The times are logged.
func TestMatrixOf200And60(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			w := newWorld(t, e)
			w.crowd(200, 60)
			b := w.as(bruno)
			for _, path := range []string{
				matrixPath, recordsPath + "?page=3", administrationPath, matrixPath + "?part=5&page=4", matrixPath + "?detail=Salle&q=martin", "/o/tilleuls/members/" + w.id(w.tilleuls, julie).String() + "/levels",
			} {
				begun := time.Now()
				p := b.get(path).answers(http.StatusOK)
				took := time.Since(begun)
				n := len(p.all("select")) + len(p.all("input"))
				t.Logf("%s: %v, %d controls, %d bytes", path, took.Round(time.Millisecond), n, len(p.body))
				if n > mostControls || len(p.body) > mostBytes || took > mostTime {
					t.Errorf("%s: %d controls, %d bytes, %v", path, n, len(p.body), took)
				}
			}
			begun := time.Now()
			b.set(b.get(matrixPath), "stay", "Delmas Julie, agenda Salle 1000", "G").pendingCount(1)
			t.Logf("typed and foreseen: %v", time.Since(begun).Round(time.Millisecond))
		})
	}
}

// crowd fills the first organisation.
func (w *world) crowd(people, agendas int) {
	w.Helper()
	t := w.tilleuls
	w.write(func(ctx context.Context, tx *store.Tx) error {
		var members, things []string
		for n := range people {
			number := strconv.Itoa(n + 100)
			email, _ := account.ParseEmail("p" + number + "@tilleuls.example")
			a, err := account.Insert(ctx, tx, account.New{Email: email, Language: text.FR})
			if err != nil {
				return err
			}
			who := person{email: email.Address, given: "Camille", family: "Martin " + number, function: []string{"secretary", "nurse", "physician", "other"}[n%4], sites: t.sites}
			m, err := member.Insert(ctx, tx, w.membership(t, a, who))
			if err != nil {
				return err
			}
			members = append(members, m.ID.String())
		}
		for n := range agendas {
			id, name := ident.NewAgenda().String(), "Salle "+strconv.Itoa(n+1000)
			if _, err := tx.Exec(ctx, `insert into resource (org_id, id, type, version, created_at) values ($1, $2, 'agenda', 1, $3)`, t.org.ID, id, tx.Now); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `insert into resource_state (org_id, resource_id, rev, site_id, kind, name, detail, address, status, sort_key, search, known_from)
				values ($1, $2, 1, $3, 'room', $4, $5, '', 'active', $6, $7, $8)`,
				t.org.ID, id, t.sites[n%2].ID, name, []string{"Salle", "Kiné", "Soins"}[n%3], text.SortKey(name), " "+text.Fold(name), tx.Now); err != nil {
				return err
			}
			things = append(things, id)
		}
		return w.levels(ctx, tx, members, things)
	})
}

// levels gives each of the members a level on every second resource.
func (w *world) levels(ctx context.Context, tx *store.Tx, members, things []string) error {
	for i, m := range members {
		for j, r := range things {
			if (i+j)%2 == 0 {
				continue
			}
			if _, err := tx.Exec(ctx, `insert into access_grant (org_id, id, member_id, resource_id, level, starts_at, given_by, change_set_id, known_from)
				values ($1, $2, $3, $4, $5, $6, 'system', 'cst_x', $6)`,
				w.tilleuls.org.ID, ident.NewGrant().String(), m, r, []string{"availability", "read", "manage"}[j%3], tx.Now); err != nil {
				return err
			}
		}
	}
	return nil
}
