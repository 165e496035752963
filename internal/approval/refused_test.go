package approval_test

import (
	"testing"

	"habilis/internal/approval"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// APP-1, F7: whoever is refused, or whose time is over, keeps no level, delegation or access group that
// stood open: all of it ends in the act.
func TestRefusedKeepNothing(t *testing.T) {
	each(t, func(w *world) {
		for name, end := range map[string]func(ident.Member) error{
			"refused": func(id ident.Member) error { _, err := w.decide(w.by(w.bruno), id, approval.Refuse); return err },
			"expired": func(ident.Member) error { w.pass(approval.Life); return w.a.Expire(ctx) },
		} {
			in := w.ask()
			in.Email = name + "@tilleuls.example"
			id := w.asked(in).Member
			things := resource.Resources{Run: w.run, Held: grant.HolderNamed}
			r, err := things.Create(ctx, w.by(w.claire), w.org, resource.Agenda, resource.Details{
				Site: w.sites[0], Kind: resource.OfRoom, Name: "Accueil " + name,
			})
			w.must(err)
			w.write(func(tx *store.Tx) {
				_, err := tx.Exec(ctx, `
					insert into access_grant (org_id, id, member_id, resource_id, level, starts_at, given_by, change_set_id, known_from)
					values ($1, $2, $3, $4, 'read', $5, 'test', 'none', $5)`, w.org, ident.NewGrant(), id, r.ID, tx.Now)
				w.must(err)
			})
			open := `select count(*) from access_grant where org_id = $1 and member_id = $2 and known_until is null`
			if n := w.count(open, w.org, id); n != 1 {
				t.Fatalf("%s: %d levels before", name, n)
			}
			w.must(end(id))
			if n := w.count(open, w.org, id); n != 0 {
				w.Errorf("%s: %d levels stay open", name, n)
			}
			if n := w.count(`select count(*) from change_line where org_id = $1 and member_id = $2 and domain = 'level'`, w.org, id); n != 1 {
				w.Errorf("%s: %d lines tell of it", name, n)
			}
		}
	})
}
