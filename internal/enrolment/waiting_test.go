package enrolment

import (
	"testing"

	"habilis/internal/access"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/store"
)

// AUZ-05: a member who waits for an account is let in by whoever may touch them.
// Ines waits with the administration of all of A, at the second site; Tina administers
// the first: to her it is an address of a member, of whom she learns and changes nothing.
func TestWaitingMemberBeyondOnesRights(t *testing.T) {
	each(t, func(w *world) {
		var ines ident.Member
		w.write(func(tx *store.Tx) error {
			m, err := member.Insert(ctx, tx, member.New{
				Org: w.a.org, GivenName: "Inès", FamilyName: "Essai", Email: "ines@tilleuls.example", Function: "manager", Sites: w.a.sites[1:],
				Roles: []role.Given{{Role: w.a.roles[role.Administrator], Scope: access.OrgScope(w.a.org)}}, GivenBy: "test",
			})
			ines = m.ID
			return err
		})
		in := w.invite("ines@tilleuls.example")
		preview, err := w.e.Preview(ctx, w.by(w.tina), in)
		if err != nil || preview.Lines[0].Fate != AlreadyMember {
			w.Errorf("preview %+v %v", preview, err)
		}
		r := w.send(w.by(w.tina), in)
		if l := r.Lines[0]; l.Fate != AlreadyMember || !l.Member.IsZero() || !l.Invitation.IsZero() {
			w.Errorf("Tina: %+v", l)
		}
		if n := len(w.letters()); n != 0 || w.recorded(w.a.org.String(), "invitation.create", audit.Done) != 0 {
			w.Errorf("%d letters", n)
		}
		if l := w.send(w.by(w.bruno), in).Lines[0]; l.Fate != Invited {
			w.Errorf("Bruno, who may: %+v", l)
		}
		if n := w.count(`select count(*) from invitation where member_id = $1`, ines); n != 1 {
			w.Errorf("%d invitations for the waiting member", n)
		}
	})
}
