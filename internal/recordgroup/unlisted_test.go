package recordgroup_test

import (
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/recordgroup"
	"habilis/internal/setting"
)

// RGT-7: records of no group are open until the organisation closes them; whoever decides
// is told how many members would then see nothing.
func TestUnlisted(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire := w.Context(), w.as("claire")
		u, err := w.groups.Unlisted(ctx, claire, w.a)
		if err != nil || u != (recordgroup.Unlisted{Without: 7}) {
			t.Errorf("%+v %v", u, err)
		}
		soon := w.DB.Now().Add(time.Hour)
		w.put(w.group("Un"), recordgroup.Dates{Until: &soon}, "julie", "paul")
		if _, err := w.sets.SetRecords(ctx, claire, w.a, 0, setting.Records{UnlistedClosed: true}); err != nil {
			t.Fatal(err)
		}
		if u, err = w.groups.Unlisted(ctx, claire, w.a); err != nil || !u.UnlistedClosed || u.Rev != 1 || u.Groups != 1 || u.Without != 5 {
			t.Errorf("%+v %v", u, err)
		}
		w.clock.Add(2 * time.Hour)
		claire = w.as("claire")
		if u, err = w.groups.Unlisted(ctx, claire, w.a); err != nil || u.Without != 7 {
			t.Errorf("%+v %v", u, err)
		}
		if v, err := w.sets.Records(ctx, w.as("julie"), w.a); err != nil || !v.UnlistedClosed {
			t.Errorf("julie reads %+v %v", v, err)
		}
		_, err = w.sets.Records(ctx, w.as("odile"), w.a)
		w.Want("AUZ-01: odile reads", err, access.ErrNotFound)
		for who, want := range map[string]error{"gaelle": access.ErrForbidden, "nadege": access.ErrForbidden, "odile": access.ErrNotFound} {
			_, err := w.sets.SetRecords(ctx, w.as(who), w.a, 1, setting.Records{})
			w.Want(who+" changes", err, want)
			_, err = w.groups.Unlisted(ctx, w.as(who), w.a)
			w.Want(who+" is told", err, want)
		}
		_, err = w.sets.SetRecords(ctx, claire, w.a, 0, setting.Records{})
		w.Want("RAC-07: stale", err, setting.ErrStale)
		again, err := w.sets.SetRecords(ctx, claire, w.a, 1, setting.Records{UnlistedClosed: true})
		if err != nil || again.Rev != 1 {
			t.Errorf("the same again: %+v %v", again, err)
		}
		late := claire
		late.StepUp = late.StepUp.Add(-access.StepUpAge)
		_, err = w.sets.SetRecords(ctx, late, w.a, 1, setting.Records{})
		w.Want("rules.md 6: without a fresh proof", err, access.ErrStepUp)
		w.Exec(`update org_setting set value = '{"records_unl' where org_id = $1 and name = 'records'`, w.a)
		if _, err = w.sets.Records(ctx, claire, w.a); err == nil {
			t.Error("a damaged setting was read as one")
		}
	})
}
