package member_test

import (
	"slices"
	"testing"

	"habilis/internal/access"
	"habilis/internal/member"
	"habilis/internal/role"
)

// AUZ-06: a filter tells no more than a sheet. Yanis belongs to A1 and A2 and holds
// rights at A2: whoever administers A1 only finds him by none of them, and counts him
// among no administrators; whoever administers A2 or all does.
func TestFiltersTellNothingOfOtherSites(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.give(w.a, "yanis", w.a.holds(role.Administrator, w.a.at(1)))
		w.give(w.a, "yanis", w.a.holds(role.Secretary, w.a.at(1)))
		w.Exec(`insert into member_permission (org_id, id, member_id, permission, scope, site_id, starts_at, given_by, known_from)
			values ($1, 'gnt_test', $2, $3, $4, $4, $5, '', $5)`, w.a.org, w.a.ids["yanis"], access.WebhooksEdit, w.a.site[1], w.DB.Now())
		queries := map[string]member.Query{
			"admin": {Admin: true}, "role administrator": {Role: w.a.roles[role.Administrator]}, "role secretary": {Role: w.a.roles[role.Secretary]},
			"permission of a role": {Permission: access.AuditRead}, "single permission": {Permission: access.WebhooksEdit},
		}
		for who, sees := range map[string]bool{"nadege": false, "hugo": true, "claire": true} {
			for what, q := range queries {
				l, err := w.members.List(w.Context(), w.as(who), w.a.org, q)
				if err != nil || slices.Contains(found(l), "Yanis") != sees {
					w.Errorf("%s, %s: %v %v", who, what, found(l), err)
				}
			}
		}
		l, err := w.members.List(w.Context(), w.as("nadege"), w.a.org, member.Query{})
		if err != nil || l.Counts.Administrators != 3 {
			w.Errorf("nadege counts %d administrators, %v", l.Counts.Administrators, err)
		}
		roles := role.Roles{Run: w.members.Run}
		list, err := roles.List(w.Context(), w.as("nadege"), w.a.org)
		w.Want("roles", err, nil)
		for _, r := range list {
			if want := map[string]int64{role.Administrator: 3, role.Secretary: 2, role.Practitioner: 1}[r.BuiltIn]; r.Members != want {
				w.Errorf("nadege counts %d %s, want %d", r.Members, r.BuiltIn, want)
			}
		}
	})
}
