package member_test

import (
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/member"
)

// STP-01, rules.md 6: taking the administration of a site from somebody asks for a fresh
// proof whichever act takes it. Removing an administrator from their site is one.
func TestRemovingAnAdministratorAsksForProof(t *testing.T) {
	eachWorld(t, func(w *world) {
		_, err := w.members.AddSite(w.Context(), w.as("claire"), w.a.org, w.a.ids["nadege"], w.a.site[1], 0)
		w.Want("belongs to both", err, nil)
		stale := w.as("claire")
		stale.StepUp = stale.StepUp.Add(-access.StepUpAge)
		before := w.dump()
		_, err = w.members.RemoveSite(w.Context(), stale, w.a.org, w.a.ids["nadege"], w.a.site[0], 0)
		w.Want("an administrator of the site", err, access.ErrStepUp)
		if after := w.dump(); after != before {
			w.Errorf("changed\n%s\n%s", before, after)
		}
		if n := w.refusals(w.a.org.String(), "access.step_up_required"); n != 1 {
			w.Errorf("%d refusals", n)
		}
		_, err = w.members.RemoveSite(w.Context(), stale, w.a.org, w.a.ids["nadege"], w.a.site[1], 0)
		w.Want("from a site where they administer nothing", err, nil)
		_, err = w.members.AddSite(w.Context(), stale, w.a.org, w.a.ids["nadege"], w.a.site[1], 0)
		w.Want("and back", err, nil)
		_, err = w.members.RemoveSite(w.Context(), w.as("claire"), w.a.org, w.a.ids["nadege"], w.a.site[0], 0)
		w.Want("proven", err, nil)
	})
}

// An organisation whose access somebody lost learns nothing more of when they sign in
// to the others (CHG-4, AUD-04); back in it, it does.
func TestSignInsElsewhereAreNotTold(t *testing.T) {
	eachWorld(t, func(w *world) {
		_, err := w.members.Deactivate(w.Context(), w.as("claire"), w.a.org, w.a.ids["sam"], 0)
		w.Want("deactivate", err, nil)
		w.clock.Add(time.Hour)
		act := action.Act{Verb: "session.open", Accounts: true, Needs: []access.Need{access.Everybody()}}
		_, err = action.Run(w.Context(), w.members.Run, w.as("sam"), act, func(tx *action.Tx) (struct{}, error) {
			tx.Record(event("session.open"))
			return struct{}{}, member.SignedIn(w.Context(), tx, w.account["sam"], nil)
		})
		w.Want("sign in", err, nil)
		m, err := w.members.Get(w.Context(), w.as("claire"), w.a.org, w.a.ids["sam"])
		if err != nil || !m.NeverSignedIn() {
			w.Errorf("A learns of a sign-in at %v, %v", m.LastSignInAt, err)
		}
		m, err = w.members.Get(w.Context(), w.as("odile"), w.b.org, w.b.ids["sam"])
		if err != nil || m.NeverSignedIn() {
			w.Errorf("B: %v, %v", m.LastSignInAt, err)
		}
	})
}
