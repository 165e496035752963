package access_test

import (
	"testing"

	"habilis/internal/access"
	"habilis/internal/store"
)

// ORG-6: while the administration space is closed nobody administers, by themself or by a
// token; members work on, and so do connected applications. Open again, the rights are as
// they were.
func TestClosedAdministration(t *testing.T) {
	each(t, func(w *world) {
		a := w.org("active")
		me, other := w.account("active", ""), w.account("active", "")
		boss, nurse := w.member(a, me, "active", nil), w.member(a, other, "active", nil)
		whole := access.OrgScope(a)
		for _, p := range access.Catalogue() {
			w.give(boss, p, whole, span{})
		}
		w.give(nurse, access.RecordsRead, whole, span{})
		made := w.token(a, me, access.MembersRead, access.DecisionsAsk)
		ours := w.token(a, "", access.AuditRead, access.WorkitemsEdit)
		closed := func() bool {
			h, err := w.held(person(me), a)
			if err != nil {
				w.Fatal(err)
			}
			return h.Closed()
		}
		if closed() {
			w.Error("an open space is closed")
		}
		w.write(`update org_state set administration = false where org_id = $1`, a)
		if !closed() {
			w.Error("whoever would administer is not told")
		}
		for _, p := range access.Catalogue() {
			expect := allowed
			if access.IsAdministration(p) && p != access.DecisionsAsk && p != access.WorkitemsEdit {
				expect = forbidden
			}
			w.want(expect, string(p), person(me), access.At(p, whole))
		}
		w.want(allowed, "membership", person(me), access.MemberOf(a))
		w.want(allowed, "care of somebody else", person(other), access.At(access.RecordsRead, whole))
		w.want(forbidden, "a person's token", made, access.At(access.MembersRead, whole))
		w.want(allowed, "its decisions", made, access.At(access.DecisionsAsk, whole))
		w.want(forbidden, "a token made on the machine", ours, access.At(access.AuditRead, whole))
		w.want(allowed, "its work items", ours, access.At(access.WorkitemsEdit, whole))
		w.want(allowed, "the operator", access.Operator("cli"), access.At(access.MembersRead, whole))

		stranger := w.account("active", "")
		told := func(what string, by access.Actor, want error) {
			w.Helper()
			err := w.db.Read(w.Context(), func(tx *store.Tx) error {
				if got := access.Told(w.Context(), tx, by, a, access.ErrForbidden); got != want { //nolint:errorlint // the very one
					w.Errorf("%s is told %v, want %v", what, got, want)
				}
				return nil
			})
			if err != nil {
				w.Fatal(err)
			}
		}
		told("an administrator", person(me), access.ErrFeatureOff)
		told("their token", made, access.ErrFeatureOff)
		told("a nurse", person(other), access.ErrForbidden)
		told("a stranger", person(stranger), access.ErrForbidden)

		w.write(`update org_state set administration = true where org_id = $1`, a)
		w.want(allowed, "open again", person(me), access.At(access.MembersRead, whole))
		told("an administrator, open again", person(me), access.ErrForbidden)
	})
}
