package review_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/review"
	"habilis/internal/secret"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// file ends a campaign and reads what it left.
func (w *world) file(by string, c review.Campaign) map[string][]byte {
	w.Helper()
	f, err := w.r.File(w.Context(), w.as(by), w.a, c.ID)
	w.must(err)
	z, err := zip.NewReader(bytes.NewReader(f.Bytes), int64(len(f.Bytes)))
	w.must(err)
	all := map[string][]byte{}
	for _, one := range z.File {
		r, err := one.Open()
		w.must(err)
		if all[one.Name], err = io.ReadAll(r); err != nil {
			w.Fatal(err)
		}
	}
	return all
}

// AUD-3: the file says who was reviewed, by whom, what was decided and done, and who was not; its
// signature holds without the server.
func TestFile(t *testing.T) {
	eachWorld(t, func(w *world) {
		c := w.open("claire", "")
		w.must(w.decide("claire", c, "julie", review.Reduce, "salle"))
		w.must(w.decide("bruno", c, "claire", review.Keep))
		w.end("claire", c)
		all := w.file("claire", c)
		v, err := review.Verify(all["revue.json"], all["revue.json.signature"], all["cles-publiques.json"])
		w.must(err)
		if v.Installation != installation || v.Review != c.ID.String() || v.People != 7 || v.Erased != 0 || v.Use != secret.UseReview {
			t.Errorf("verified %+v", v)
		}
		if shown := w.r.Fingerprints(); v.Named != installation || len(shown) != 1 || v.Fingerprint != shown[0] || len(v.Fingerprint) != 79 {
			t.Errorf("verified %+v, shown %q", v, shown)
		}
		for _, page := range []string{"revue.fr.html", "revue.en.html"} {
			v, err := review.Verify(all[page], all[page+".signature"], all["cles-publiques.json"])
			if err != nil || v.Use != secret.UseReviewPage {
				t.Errorf("%s: %+v %v", page, v, err)
			}
			if said := string(all[page]); !strings.Contains(said, "Julie Lef") || !strings.Contains(said, "A changé de service") ||
				strings.Contains(said, "⟦") || strings.Contains(said, "<script") {
				t.Errorf("%s says %s", page, said)
			}
		}
		again := w.file("claire", c)
		for name, b := range all {
			if !bytes.Equal(again[name], b) {
				t.Errorf("%s is not the same twice", name)
			}
		}
		core, _, _ := strings.Cut(string(all["revue.json"]), `"salt"`)
		for _, name := range []string{"Lef", "julie@", "A changé", "salle"} {
			if strings.Contains(core, name) {
				t.Errorf("the core names %q", name)
			}
		}
		for _, want := range []string{`"outcome": "reduced"`, `"outcome": "not_reviewed"`, `"decision": "reduce"`, `"chain": "` + w.a.String()} {
			if !strings.Contains(core, want) {
				t.Errorf("the core does not say %s", want)
			}
		}
		if n := w.trail("review.file"); n != 2 {
			t.Errorf("%d readings of the file are recorded", n)
		}
		old := w.as("claire")
		old.StepUp = w.db.Now().Add(-access.StepUpAge)
		_, err = w.r.File(w.Context(), old, w.a, c.ID)
		w.want("without a fresh proof", err, access.ErrStepUp)
		// whoever has no key of the installation verifies nothing
		if _, err := review.Verify(all["revue.json"], all["revue.json.signature"], secret.NewRing(time.Now()).PublicFile(installation)); err == nil {
			t.Error("another installation's keys verify it")
		}
	})
}

// AUD-3: one byte altered anywhere, and the file is refused.
func TestFileOneByte(t *testing.T) {
	w := newWorld(t, store.SQLite)
	w.furnish()
	c, err := w.r.Open(w.Context(), w.as("claire"), w.a, review.Order{Scope: review.Scope{Function: "secretary"}})
	w.must(err)
	w.must(w.decide("claire", c, "julie", review.Reduce, "salle"))
	w.end("claire", c)
	all := w.file("claire", c)
	file, signature, keys := all["revue.json"], all["revue.json.signature"], all["cles-publiques.json"]
	for at := range file {
		altered := bytes.Clone(file)
		altered[at] ^= 1
		if _, err := review.Verify(altered, signature, keys); err == nil {
			t.Fatalf("byte %d altered, and it holds: …%s…", at, file[max(0, at-30):min(len(file), at+30)])
		}
	}
	for at := range signature {
		altered := bytes.Clone(signature)
		altered[at] ^= 1
		if _, err := review.Verify(file, altered, keys); err == nil {
			t.Fatalf("byte %d of the signature altered, and it holds", at)
		}
	}
	for name, bad := range map[string][]byte{
		"another file": []byte("{}\n"), "a line more": append(bytes.Clone(file), '\n'), "empty": nil, "the page": all["revue.fr.html"],
	} {
		if _, err := review.Verify(bad, signature, keys); err == nil {
			t.Errorf("%s holds", name)
		}
	}
	if _, err := review.Verify(all["revue.fr.html"], all["revue.en.html.signature"], keys); err == nil {
		t.Error("the signature of another page holds")
	}
}

// AUD-4: what a file says of somebody is erased, and the signature holds; of others nothing is gone.
func TestForget(t *testing.T) {
	eachWorld(t, func(w *world) {
		c := w.open("claire", "")
		w.must(w.decide("claire", c, "weber", review.Remove))
		lise := w.decision("claire", c, "lise", review.Keep)
		lise.Comment = "Remplace " + full("weber")
		w.must(w.say("claire", c, lise))
		julie := w.decision("claire", c, "julie", review.Keep)
		julie.Comment = "Bien"
		w.must(w.say("claire", c, julie))
		w.end("claire", c)
		before := w.file("claire", c)
		if said := string(before["revue.json"]); !strings.Contains(said, "weber@exemple.fr") || !strings.Contains(said, "cabinet") {
			t.Fatalf("the file says %s", said)
		}
		for range 2 {
			w.write(func(ctx context.Context, tx *store.Tx) error { return review.Forget(ctx, tx, w.a, w.id["weber"]) })
		}
		all := w.file("claire", c)
		v, err := review.Verify(all["revue.json"], all["revue.json.signature"], all["cles-publiques.json"])
		w.must(err)
		if v.Erased != 4 || !bytes.Equal(before["revue.json.signature"], all["revue.json.signature"]) {
			t.Errorf("verified %+v", v)
		}
		for name, b := range all {
			for _, canary := range []string{full("weber"), "weber@exemple.fr", "cabinet", "A changé"} {
				if strings.Contains(string(b), canary) {
					t.Errorf("%s says %q", name, canary)
				}
			}
		}
		if n := w.count(`select count(*) from review_person where comment like '%Weber%'`); n != 0 {
			t.Errorf("%d comments name them", n)
		}
		if !strings.Contains(string(all["revue.fr.html"]), "Personne effacée") || !strings.Contains(string(all["revue.json"]), "Bien") {
			t.Error("the page does not say that somebody was erased, or others were")
		}
		if p := w.people("claire", c)["julie"]; p.Comment != "Bien" {
			t.Errorf("julie: %+v", p)
		}
		if _, err := review.Verify(before["revue.json"], before["revue.json.signature"], before["cles-publiques.json"]); err != nil {
			t.Errorf("a file of before: %v", err)
		}
	})
}

// AUD-3: the timetable opens what is due, once, and reminds reviewers half-way, seven days and one day
// before, then every week: one letter for each.
func TestTimetable(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		tick := func(d time.Duration) {
			w.clock.Add(d)
			for range 2 {
				w.must(w.r.Timetable(ctx))
			}
		}
		open := func() int { return w.count(`select count(*) from review where org_id = $1 and state = 'open'`, w.a) }
		const day = 24 * time.Hour
		tick(170 * day)
		if n := open(); n != 0 {
			t.Fatalf("%d opened before it is due", n)
		}
		l, err := w.r.List(ctx, w.as("claire"), w.a, review.Query{})
		w.must(err)
		if left := l.NextDue.Sub(w.db.Now()); left < 8*day || left > 16*day {
			t.Errorf("due in %s", left)
		}
		tick(15 * day)
		if n := open(); n != 1 {
			t.Fatalf("%d opened when it is due", n)
		}
		letters := w.letters("letter.review_opened")
		if letters != 2 { // bruno and claire; odile, elsewhere, is alone
			t.Errorf("%d letters", letters)
		}
		l, err = w.r.List(ctx, w.as("claire"), w.a, review.Query{})
		w.must(err)
		c := l.Rows[0]
		if !c.Scheduled || c.OpenedBy != "" || c.Counts.People != 7 {
			t.Errorf("opened %+v", c)
		}
		remind := func(d time.Duration) int {
			was := w.count(`select count(*) from job where kind = 'letter.review_reminder'`)
			tick(d)
			return w.count(`select count(*) from job where kind = 'letter.review_reminder'`) - was
		}
		for i, step := range []struct {
			wait time.Duration
			want int
		}{{10 * day, 0}, {6 * day, 2}, {8 * day, 2}, {6 * day, 2}, {2 * day, 2}, {3 * day, 0}, {5 * day, 2}} {
			if got := remind(step.wait); got != step.want {
				t.Errorf("step %d: %d reminders, not %d", i, got, step.want)
			}
		}
		list, err := w.r.People(ctx, w.as("bruno"), w.a, c.ID, review.PeopleQuery{Filter: review.FMine})
		w.must(err)
		for _, p := range list.Rows {
			w.must(w.decide("bruno", c, w.name(p.Member), review.Keep))
		}
		if got := remind(7 * day); got != 1 {
			t.Errorf("%d reminders when one has done theirs", got)
		}
	})
}

// AUD-3: by site, one campaign of each, and a reviewer of several is told once.
func TestTimetableBySite(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		settings := setting.Settings{Run: w.run}
		_, err := settings.SetReviews(ctx, w.as("tina"), w.a, 0, setting.Reviews{Months: 3, Days: 20, By: setting.ReviewBySite})
		w.want("set by who may not", err, access.ErrForbidden)
		_, err = settings.SetReviews(ctx, w.as("claire"), w.a, 0, setting.Reviews{Months: 25, Days: 0, By: "x"})
		w.wrong("out of bounds", err, "months setting.out_of_bounds", "days setting.out_of_bounds", "by review.by_unknown")
		_, err = settings.SetReviews(ctx, w.as("claire"), w.a, 1, setting.Reviews{Months: 3, Days: 20, By: setting.ReviewBySite})
		w.want("another version", err, setting.ErrStale)
		_, err = settings.SetReviews(ctx, w.as("claire"), w.a, 0, setting.Reviews{Months: 3, Days: 20, By: setting.ReviewBySite})
		w.must(err)
		v, err := settings.Reviews(ctx, w.as("tina"), w.a)
		if err != nil || v.Months != 3 || v.Days != 20 || v.By != setting.ReviewBySite || v.Rev != 1 {
			t.Errorf("set %+v %v", v, err)
		}
		w.clock.Add(95 * 24 * time.Hour)
		w.must(w.r.Timetable(ctx))
		l, err := w.r.List(ctx, w.as("claire"), w.a, review.Query{})
		w.must(err)
		if len(l.Rows) != 2 || l.Rows[0].Site == l.Rows[1].Site || l.Rows[0].Site.IsZero() {
			t.Errorf("opened %+v", l.Rows)
		}
		to := map[ident.Member]int{}
		w.must(w.db.Read(ctx, func(tx *store.Tx) error {
			n, err := store.All(ctx, tx, store.Value[string], `select args from job where kind = 'letter.review_opened'`)
			for _, a := range n {
				for _, m := range w.id {
					to[m] += strings.Count(a, m.String())
				}
			}
			return err
		}))
		for m, n := range to {
			if n > 1 {
				t.Errorf("%s is told %d times", w.name(m), n)
			}
		}
	})
}

// AUD-3: pages are signed only of the file that was signed: what somebody wrote in the database is not.
func TestFileOfAnother(t *testing.T) {
	eachWorld(t, func(w *world) {
		c := w.end("claire", w.open("claire", ""))
		if _, err := w.r.File(w.Context(), w.as("claire"), w.a, c.ID); err != nil {
			t.Fatal(err)
		}
		w.exec(`update review_part set body = replace(body, 'Julie', 'Lucie') where org_id = $1`, w.a)
		if _, err := w.r.File(w.Context(), w.as("claire"), w.a, c.ID); fault.Of(err).Kind != fault.Internal {
			t.Errorf("another part: %v", err)
		}
	})
}
