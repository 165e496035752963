package grant_test

import (
	"sync"
	"testing"
	"time"

	"habilis/internal/fault"
	"habilis/internal/grant"
)

// RAC-07: the holder confirms while the administrator takes the proposal back or changes
// its dates. One of them comes first; the trail, the rows and what is in force agree.
func TestConfirmAgainstWithdraw(t *testing.T) {
	eachNames(t, func(w *names) {
		for range 6 {
			p := w.given("bruno", "julie", grant.Draft, "morvan")
			var confirmed, ended error
			together(
				func() { _, confirmed = w.x.Confirm(t.Context(), w.as("morvan"), w.org, p.ID, p.Rev) },
				func() { ended = w.x.End(t.Context(), w.as("bruno"), w.org, p.ID) },
			)
			w.want("the end is always possible", ended, "")
			if confirmed != nil && fault.Of(confirmed).Code != "delegation.over" {
				t.Errorf("confirmed: %v", confirmed)
			}
			w.holds("ended whatever came first", "julie", "morvan")
			if n := w.count(`select count(*) from delegation where org_id = $1 and known_until is null`, w.org); n != 0 {
				t.Errorf("%d rows are left", n)
			}
		}
	})
}

// Nobody confirms dates that they did not see.
func TestConfirmAgainstEdit(t *testing.T) {
	eachNames(t, func(w *names) {
		p := w.given("bruno", "julie", grant.Draft, "morvan")
		_, err := w.x.Edit(t.Context(), w.as("bruno"), w.org, p.ID, p.Rev, grant.Dates{Until: ptr(w.db.Now().Add(time.Hour))})
		w.must(err)
		_, err = w.x.Confirm(t.Context(), w.as("morvan"), w.org, p.ID, p.Rev)
		w.want("read before the change", err, "api.version_stale")
		w.holds("not confirmed", "julie", "morvan")
		_, err = w.x.Confirm(t.Context(), w.as("morvan"), w.org, p.ID, p.Rev+1)
		w.must(err)
		w.holds("read after it", "julie", "morvan", "draft_consultation")
		w.clock.Add(time.Hour)
		w.holds("over", "julie", "morvan")
	})
}

// A proposal whose end has passed cannot be confirmed.
func TestConfirmTooLate(t *testing.T) {
	eachNames(t, func(w *names) {
		list, err := w.x.Give(t.Context(), w.as("bruno"), w.org, grant.NewDelegations{
			Identities: w.on("morvan"), Member: w.member["julie"], Acts: []grant.Act{grant.Draft}, Until: ptr(w.db.Now().Add(time.Hour)),
		})
		w.must(err)
		w.exec(`update resource_state set status = 'closed' where org_id = $1 and resource_id = $2`, w.org, w.identity["morvan"])
		_, err = w.x.Confirm(t.Context(), w.as("morvan"), w.org, list[0].ID, 0)
		w.want("of a closed identity", err, "delegation.identity_closed")
		w.clock.Add(time.Hour)
		_, err = w.x.Confirm(t.Context(), w.as("morvan"), w.org, list[0].ID, 0)
		w.want("of a proposal that is over", err, "delegation.over")
	})
}

// Two administrators give the same at the same time: it is given once.
func TestGivenTwiceAtOnce(t *testing.T) {
	eachNames(t, func(w *names) {
		var errs [2]error
		together(
			func() { _, errs[0] = w.give("bruno", "julie", both, "morvan", "accueil") },
			func() { _, errs[1] = w.give("tina", "julie", both, "accueil", "morvan") },
		)
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("%v, %v", errs[0], errs[1])
		}
		if n := w.count(`select count(*) from delegation where org_id = $1 and known_until is null`, w.org); n != 4 {
			t.Errorf("%d rows", n)
		}
	})
}

func together(fns ...func()) {
	var wg sync.WaitGroup
	for _, fn := range fns {
		wg.Go(fn)
	}
	wg.Wait()
}
