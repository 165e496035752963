package api_test

import (
	"archive/zip"
	"bytes"
	"io"
	"testing"
	"time"

	rest "habilis/client"
	"habilis/internal/departure"
	"habilis/internal/member"
	"habilis/internal/review"
)

// AUD-3: a program opens a review, reads whom it is about, decides, gives people to a reviewer, ends it,
// and reads the signed file, which verifies.
func TestReviews(t *testing.T) {
	each(t, func(w *world) {
		ctx, bruno := w.Context(), w.bruno.rest()
		work := review.Reviews{Run: w.run, Members: member.Members{Run: w.run, AtSite: departure.AtSite}, Installation: "https://h.example"}
		_, err := bruno.OpenReview(ctx, w.a, rest.ReviewOrder{Site: w.member("julie@tilleuls.example")})
		w.refusedBy(err, 404, "site.not_found")
		var v rest.Review
		for range 2 { // asked again under the same key: the same answer
			v, err = bruno.Once("open").OpenReview(ctx, w.a, rest.ReviewOrder{Days: 20})
			w.good(err)
		}
		if v.State != "open" || v.Counts.People == 0 || v.Version != 1 || time.Until(v.Deadline) < 19*24*time.Hour || v.OpenedBy == "" {
			t.Errorf("%+v", v)
		}
		_, err = bruno.OpenReview(ctx, w.a, rest.ReviewOrder{})
		w.refusedBy(err, 409, "review.already_open")
		if all := collect(w, bruno.Reviews(ctx, w.a, rest.ReviewQuery{State: "open"})); len(all) != 1 || all[0].ID != v.ID {
			t.Errorf("%+v", all)
		}
		people := collect(w, bruno.ReviewPeople(ctx, w.a, v.ID, rest.ReviewPeopleQuery{}))
		if int64(len(people)) != v.Counts.People {
			t.Fatalf("%d people of %d", len(people), v.Counts.People)
		}
		julie, me := rest.ReviewPerson{}, rest.ReviewPerson{}
		for _, p := range people {
			switch p.Email {
			case "julie@tilleuls.example":
				julie = p
			case "bruno@tilleuls.example":
				me = p
			}
		}
		if len(julie.Rights) == 0 || julie.Version == "" || julie.BarredBy != "" || me.BarredBy != "review.yourself" {
			t.Errorf("%+v\n%+v", julie, me)
		}
		d := rest.ReviewDecision{Member: julie.Member, Decision: "reduce", Version: julie.Version, Drop: []string{julie.Rights[0].Key}}
		_, err = bruno.DecideReview(ctx, w.a, v.ID, decided(d))
		w.refusedBy(err, 422, "invalid", "body.decisions[0].comment review.comment")
		d.Comment = "A changé de service"
		out, err := bruno.DecideReview(ctx, w.a, v.ID, decided(d))
		w.good(err)
		if len(out.Items) != 1 || out.Items[0].Decision != "reduce" || out.Items[0].Version == julie.Version || !out.Items[0].Rights[0].Dropped {
			t.Errorf("%+v", out)
		}
		_, err = bruno.DecideReview(ctx, w.a, v.ID, decided(d))
		w.refusedBy(err, 412, "api.version_stale")
		_, err = bruno.DecideReview(ctx, w.a, v.ID, decided(rest.ReviewDecision{Member: me.Member, Decision: "keep", Version: me.Version}))
		w.refusedBy(err, 403, "review.yourself")
		_, err = w.agenda().rest().ListReviewPeople(ctx, w.a, v.ID, rest.ReviewPeopleQuery{})
		w.refusedBy(err, 403, "access.forbidden")
		who, err := bruno.ListReviewers(ctx, w.a, v.ID)
		w.good(err)
		if len(who.Items) == 0 || !who.Items[0].Able {
			t.Errorf("%+v", who)
		}
		_, err = bruno.AssignReview(ctx, w.a, v.ID, v.Version, rest.ReviewAssignment{To: julie.Member})
		w.refusedBy(err, 409, "review.reviewer")
		if _, err = bruno.AssignReview(ctx, w.a, v.ID, v.Version, rest.ReviewAssignment{To: me.Member}); err != nil {
			w.refusedBy(err, 422, "invalid", "body.members review.nobody_to_assign")
		}
		v, err = bruno.GetReview(ctx, w.a, v.ID)
		w.good(err)
		end, err := bruno.PreviewReviewEnd(ctx, w.a, v.ID)
		w.good(err)
		if len(end.People) != 1 || end.People[0].Member != julie.Member || len(end.Undecided) != len(people)-1 || end.OrganizationName == "" {
			t.Errorf("%+v", end)
		}
		_, err = bruno.EndReview(ctx, w.a, v.ID, end.Version, rest.ReviewEndOrder{})
		w.refusedBy(err, 409, "review.undecided")
		_, err = bruno.EndReview(ctx, w.a, v.ID, end.Version, rest.ReviewEndOrder{OrganizationName: "x"})
		w.refusedBy(err, 422, "invalid", "body.org_name review.org_name")
		_, err = bruno.GetReviewFile(ctx, w.a, v.ID)
		w.refusedBy(err, 409, "review.no_file")
		v, err = bruno.EndReview(ctx, w.a, v.ID, end.Version, rest.ReviewEndOrder{OrganizationName: end.OrganizationName})
		w.good(err)
		w.good(work.Sweep(ctx))
		if v, err = bruno.GetReview(ctx, w.a, v.ID); err != nil || v.State != "ended" || !v.HasFile || !v.Forced {
			t.Errorf("%+v %v", v, err)
		}
		w.verifies(bruno, v.ID)
	})
}

func (w *world) verifies(c *rest.Client, id string) {
	w.Helper()
	f, err := c.GetReviewFile(w.Context(), w.a, id)
	w.good(err)
	b, err := io.ReadAll(f)
	w.good(err)
	w.good(f.Close())
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	w.good(err)
	read := func(name string) []byte {
		r, err := z.Open(name)
		w.good(err)
		b, err := io.ReadAll(r)
		w.good(err)
		return b
	}
	if _, err := review.Verify(read("revue.json"), read("revue.json.signature"), read("cles-publiques.json")); err != nil {
		w.Error(err)
	}
}

// AUD-3: a program reads and changes how often accesses are reviewed.
func TestReviewSettings(t *testing.T) {
	each(t, func(w *world) {
		ctx, bruno := w.Context(), w.bruno.rest()
		v, err := bruno.GetReviewSettings(ctx, w.a)
		w.good(err)
		if v.Months != 6 || v.Days != 30 || v.By != "organization" || v.Version != 0 {
			t.Errorf("%+v", v)
		}
		months, by := 3, "site"
		v, err = bruno.EditReviewSettings(ctx, w.a, 0, rest.ReviewSettingsChange{Months: &months, By: &by})
		w.good(err)
		if v.Months != 3 || v.Days != 30 || v.By != "site" || v.Version != 1 {
			t.Errorf("%+v", v)
		}
		_, err = bruno.EditReviewSettings(ctx, w.a, 0, rest.ReviewSettingsChange{Months: &months})
		w.refusedBy(err, 412, "api.version_stale")
		if again, err := bruno.GetReviewSettings(ctx, w.a); err != nil || again != v {
			t.Error(again, err)
		}
	})
}

func decided(list ...rest.ReviewDecision) rest.ReviewDecisions {
	return rest.ReviewDecisions{Decisions: list}
}
