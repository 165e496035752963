package enrolment

import (
	"context"
	"testing"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/store"
)

// RGT-1, AUZ-04: creating somebody with roles and single permissions passes the checks of
// giving them later: for each giver, right and place, the creation is refused exactly
// when the gift to a member is.
func TestCreationGivesRolesAsLater(t *testing.T) {
	each(t, func(w *world) {
		var strong ident.Role
		w.must(w.db.Write(ctx, []store.Lock{store.Lock(w.a.org)}, func(tx *store.Tx) error {
			r, err := role.InsertCustom(context.Background(), tx, w.a.org, "Suivi", []access.Permission{access.TasksRead, access.AuditRead})
			strong = r.ID
			return err
		}))
		outcomes := map[bool]int{}
		same := func(giver *person, what string, c member.RightsChange, in Create) {
			w.Helper()
			_, later := w.m.PreviewRights(ctx, w.by(giver), w.a.org, w.julie.member, c, 0)
			_, now := w.e.CheckCreate(ctx, w.by(giver), in, StepRights)
			if (later == nil) != (now == nil) {
				w.Errorf("%s, %s: later %v, now %v", giver.account.Email.Address, what, later, now)
			}
			outcomes[now == nil]++
		}
		for _, giver := range []*person{w.bruno, w.tina, w.julie} {
			for _, at := range []access.Scope{w.all(), w.first()} {
				for _, id := range []ident.Role{w.a.roles[role.Administrator], w.a.roles[role.Practitioner], strong} {
					in, g := w.create("Inès", "Essai", "ines@nouveau.example"), role.Given{Role: id, Scope: at}
					in.Roles = []role.Given{g}
					same(giver, id.String(), member.RightsChange{AddRoles: []role.Given{g}}, in)
				}
				for _, p := range []access.Permission{access.RecordsRead, access.AuditRead, access.SecurityEdit} {
					in, g := w.create("Inès", "Essai", "ines@nouveau.example"), member.GivenPermission{Permission: p, Scope: at}
					in.Permissions = []member.GivenPermission{g}
					same(giver, string(p), member.RightsChange{AddPermissions: []member.GivenPermission{g}}, in)
				}
			}
		}
		if outcomes[true] < 12 || outcomes[false] < 12 {
			w.Errorf("the test met %v: it no longer tells outcomes apart", outcomes)
		}
	})
}
