package enrolment

import (
	"testing"

	"habilis/internal/access"
)

// RAC-08, rules.md (principles): a repeated request gets its answer again only while
// whoever repeats it could still ask. Tina invites, loses her rights, repeats.
func TestReplayNeedsTheRight(t *testing.T) {
	each(t, func(w *world) {
		by := w.by(w.tina)
		by.Once = access.Once{Key: "k", Body: [32]byte{1}}
		in := w.invite("nouvelle@exemple.fr")
		first := w.send(by, in)
		if again := w.send(by, in); again.Lines[0] != first.Lines[0] {
			w.Fatalf("%+v, then %+v", first.Lines, again.Lines)
		}
		if _, err := w.m.Withdraw(ctx, w.by(w.bruno), w.tina.member, access.SiteScope(w.a.org, w.a.sites[0]), 0); err != nil {
			w.Fatal(err)
		}
		r, err := w.e.Invite(ctx, by, in)
		w.refused("repeated without the right", err, access.ErrForbidden)
		if len(r.Lines) > 0 && !r.Lines[0].Invitation.IsZero() {
			w.Errorf("told %+v", r.Lines)
		}
	})
}
