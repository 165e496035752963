package review_test

import (
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/review"
)

// AUD-3: a campaign of the same scope is opened once; nobody reviews nobody.
func TestOpen(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire := w.Context(), w.as("claire")
		w.open("claire", "nord")
		_, err := w.r.Open(ctx, claire, w.a, review.Order{Scope: review.Scope{Site: w.site["nord"]}})
		w.want("twice", err, review.ErrOpen)
		_, err = w.r.Open(ctx, claire, w.a, review.Order{Scope: review.Scope{Function: "midwife"}})
		w.want("of nobody", err, review.ErrNobody)
		_, err = w.r.Open(ctx, claire, w.a, review.Order{Days: 400})
		w.wrong("too long", err, "days setting.out_of_bounds")
		_, err = w.r.Open(ctx, claire, w.a, review.Order{Scope: review.Scope{Site: w.site["est"]}})
		w.want("a site of others", err, org.ErrNoSuchSite)
		c, err := w.r.Open(ctx, claire, w.a, review.Order{Scope: review.Scope{Function: "secretary"}, Days: 10})
		w.must(err)
		if c.Counts.People != 2 || c.Deadline.Sub(w.db.Now()) < 9*24*time.Hour || c.Deadline.Sub(w.db.Now()) > 12*24*time.Hour {
			t.Errorf("of secretaries: %+v", c)
		}
		if _, err := w.members.Deactivate(ctx, claire, w.a, w.id["marc"], 0); err != nil {
			t.Fatal(err)
		}
		if _, err := w.members.Deactivate(ctx, claire, w.a, w.id["weber"], 0); err != nil {
			t.Fatal(err)
		}
		all := w.people("claire", w.open("claire", ""))
		if _, there := all["marc"]; there || all["weber"].Status != member.Deactivated {
			t.Error("deactivated: marc has nothing left, weber holds an agenda")
		}
	})
}

// AUD-3: reviewers can be changed; who may review no more has their list taken over.
func TestAssign(t *testing.T) {
	eachWorld(t, func(w *world) {
		c := w.open("claire", "nord")
		ctx := w.Context()
		list, err := w.r.Reviewers(ctx, w.as("claire"), w.a, c.ID)
		w.must(err)
		if len(list) != 3 {
			t.Fatalf("reviewers %+v", list)
		}
		_, err = w.r.Assign(ctx, w.as("claire"), w.a, c.ID, review.Assignment{To: w.id["julie"], Version: c.Version})
		w.want("to who may not", err, review.ErrReviewer)
		_, err = w.r.Assign(ctx, w.as("claire"), w.a, c.ID, review.Assignment{To: w.id["bruno"], Version: c.Version + 1})
		w.want("another version", err, review.ErrStale)
		w.exec(`update member_role set known_until = $3 where org_id = $1 and member_id = $2`, w.a, w.id["tina"], w.db.Now())
		_, err = w.r.Decide(ctx, w.as("tina"), w.a, c.ID, []review.Decision{{Member: w.id["lise"], Choice: review.Keep, Version: "1"}})
		w.want("who lost the right", err, access.ErrForbidden)
		if list, err = w.r.Reviewers(ctx, w.as("claire"), w.a, c.ID); err != nil || len(list) != 3 {
			t.Fatalf("reviewers %+v %v", list, err)
		}
		for _, v := range list {
			if v.Able == (v.Member == w.id["tina"]) {
				t.Errorf("%s: %+v", w.name(v.Member), v)
			}
		}
		next, err := w.r.Assign(ctx, w.as("claire"), w.a, c.ID, review.Assignment{To: w.id["bruno"], From: w.id["tina"], Version: c.Version})
		w.must(err)
		if n := w.letters("letter.review_opened"); n == 0 || next.Version != c.Version+1 {
			t.Errorf("%d letters, version %d", n, next.Version)
		}
		if p := w.people("claire", c)["lise"]; p.ReviewerName != full("bruno") {
			t.Errorf("lise is on the list of %s", p.ReviewerName)
		}
	})
}

// AUD-3, rules.md 1: whoever ends a campaign does what they read: a decision made meanwhile is shown first.
func TestEndIsOfWhatWasRead(t *testing.T) {
	eachWorld(t, func(w *world) {
		c := w.open("claire", "")
		read := w.ending("claire", c)
		w.must(w.decide("bruno", c, "lise", review.Remove))
		_, err := w.r.End(w.Context(), w.as("claire"), w.a, c.ID, review.EndOrder{Version: read, OrgName: "Maison tilleuls"})
		w.want("decided meanwhile", err, review.ErrStale)
		if got := w.get("claire", c); got.State != review.Open {
			t.Errorf("it is %s", got.State)
		}
		w.close("claire", c)
	})
}

// AUD-3, RGT: nobody is kept together with others over what somebody decided of them alone.
func TestKeptAloneOnceDecided(t *testing.T) {
	eachWorld(t, func(w *world) {
		c := w.open("claire", "")
		for name, p := range w.people("claire", c) {
			if !p.Together {
				continue
			}
			w.must(w.decide("bruno", c, name, review.Remove))
			if w.people("claire", c)[name].Together {
				t.Errorf("%s may be kept with others", name)
			}
			d := w.decision("claire", c, name, review.Keep)
			d.Group = true
			w.want("kept with a group over what was decided", w.say("claire", c, d), review.ErrOneByOne)
			if p := w.people("claire", c)[name]; p.Choice != review.Remove {
				t.Errorf("%s: %+v", name, p)
			}
			d.Group = false
			w.must(w.say("claire", c, d))
			return
		}
		t.Error("nobody may be kept together with others")
	})
}
