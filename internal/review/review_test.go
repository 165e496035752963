package review_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/review"
)

// AUD-3: a campaign shows each person, in the order in which they are reviewed, with what they may do
// and who gave it.
func TestPeople(t *testing.T) {
	eachWorld(t, func(w *world) {
		c := w.open("claire", "")
		l, err := w.r.People(w.Context(), w.as("claire"), w.a, c.ID, review.PeopleQuery{Size: 5})
		w.must(err)
		var names []string
		for _, p := range l.Rows {
			names = append(names, w.name(p.Member))
		}
		if got := strings.Join(names, " "); got != "marc bruno claire tina julie" || l.Total != 7 || l.Next == "" {
			t.Errorf("the first page: %s of %d", got, l.Total)
		}
		more, err := w.r.People(w.Context(), w.as("claire"), w.a, c.ID, review.PeopleQuery{Size: 5, After: l.Next})
		w.must(err)
		if len(more.Rows) != 2 || more.Next != "" {
			t.Errorf("the second page: %d", len(more.Rows))
		}
		all := w.people("claire", c)
		julie := all["julie"]
		var rights []string
		for _, r := range julie.Rights {
			rights = append(rights, string(r.Domain)+" "+r.Name+" "+r.Level+" "+r.SiteName)
			if r.GivenBy != full("claire") || r.GivenAt.IsZero() || r.Change != review.Same {
				t.Errorf("%s: given by %q at %s, %q", r.Name, r.GivenBy, r.GivenAt, r.Change)
			}
		}
		slices.Sort(rights)
		if got := strings.Join(rights, ", "); got != "delegation service send nord, group_member Enfants  , level bloc read sud, level salle read nord" {
			t.Errorf("julie may %s", got)
		}
		if julie.Sensitive || !julie.Together || julie.Unused || julie.LastSignIn.IsZero() || julie.Barred != "" {
			t.Errorf("julie: %+v", julie)
		}
		if !all["marc"].Unused || !all["marc"].LastSignIn.IsZero() || all["marc"].Together {
			t.Errorf("marc never signed in: %+v", all["marc"])
		}
		if bruno := all["bruno"]; !bruno.Sensitive || !bruno.Administers || bruno.Together {
			t.Errorf("bruno administers: %+v", bruno)
		}
		if all["claire"].Barred != review.ErrYourself.Code || all["claire"].Nobody || all["claire"].ReviewerName != full("bruno") {
			t.Errorf("claire is reviewed by bruno: %+v", all["claire"])
		}
		if holds := all["weber"].Rights; len(holds) != 1 || !holds[0].Fixed || holds[0].Domain != review.Holds || holds[0].Name != "cabinet" {
			t.Errorf("weber holds %+v", holds)
		}
		if got := w.get("claire", c).Counts; got.People != 7 || got.Undecided != 7 || got.Nobody != 0 {
			t.Errorf("counts %+v", got)
		}
		found, err := w.r.People(w.Context(), w.as("claire"), w.a, c.ID, review.PeopleQuery{Search: "juLIE"})
		w.must(err)
		if len(found.Rows) != 1 || found.Rows[0].Member != w.id["julie"] {
			t.Errorf("found %d", len(found.Rows))
		}
		_, err = w.r.People(w.Context(), w.as("claire"), w.a, c.ID, review.PeopleQuery{Filter: "x"})
		w.want("an unknown filter", err, review.ErrQuery)
	})
}

// AUZ-06: whoever runs reviews at a site sees the campaigns of that site, and in them what is held
// there; others do not exist.
func TestSiteScope(t *testing.T) {
	eachWorld(t, func(w *world) {
		whole, nord, sud := w.open("claire", ""), w.open("claire", "nord"), w.open("claire", "sud")
		ctx, tina := w.Context(), w.as("tina")
		for name, c := range map[string]review.Campaign{"the whole": whole, "sud": sud} {
			_, err := w.r.Get(ctx, tina, w.a, c.ID)
			w.want(name, err, review.ErrNotFound)
			_, err = w.r.People(ctx, tina, w.a, c.ID, review.PeopleQuery{})
			w.want(name+", its people", err, review.ErrNotFound)
			_, err = w.r.Decide(ctx, tina, w.a, c.ID, []review.Decision{{Member: w.id["julie"], Choice: review.Keep, Version: "1"}})
			w.want(name+", a decision", err, review.ErrNotFound)
			_, err = w.r.Preview(ctx, tina, w.a, c.ID)
			w.want(name+", its end", err, review.ErrNotFound)
			_, err = w.r.End(ctx, tina, w.a, c.ID, review.EndOrder{Version: 1, OrgName: "Maison tilleuls"})
			w.want(name+", ending it", err, review.ErrNotFound)
			_, err = w.r.File(ctx, tina, w.a, c.ID)
			w.want(name+", its file", err, review.ErrNotFound)
			_, err = w.r.Reviewers(ctx, tina, w.a, c.ID)
			w.want(name+", its reviewers", err, review.ErrNotFound)
		}
		list, err := w.r.List(ctx, tina, w.a, review.Query{})
		w.must(err)
		if len(list.Rows) != 1 || list.Rows[0].ID != nord.ID || list.Total != 1 || list.MayOpenAll || len(list.MayOpen) != 1 {
			t.Errorf("tina sees %+v", list)
		}
		all := w.people("tina", nord)
		if len(all) != 4 || len(all["julie"].Rights) != 2 || len(all["julie"].Sites) != 1 {
			t.Errorf("of nord: %+v", all)
		}
		if all["julie"].ReviewerName != full("tina") || all["tina"].ReviewerName == full("tina") {
			t.Errorf("reviewers: %q %q", all["julie"].ReviewerName, all["tina"].ReviewerName)
		}
		_, err = w.r.Open(ctx, tina, w.a, review.Order{})
		w.want("opening the whole", err, access.ErrForbidden)
		_, err = w.r.Open(ctx, tina, w.a, review.Order{Scope: review.Scope{Site: w.site["sud"]}})
		w.want("opening sud", err, org.ErrNoSuchSite)
		_, err = w.r.Get(ctx, w.as("odile"), w.a, nord.ID)
		if err == nil {
			t.Error("somebody of another organisation reads a campaign")
		}
		_, err = w.r.List(ctx, w.as("julie"), w.a, review.Query{})
		w.want("a secretary", err, access.ErrForbidden)
	})
}

// rules.md 13: nobody reviews themself; whom nobody else may review is told as such, in the file too.
func TestNobodyReviewsThemself(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.exec(`update member_role set known_until = $3 where org_id = $1 and member_id = $2`, w.a, w.id["bruno"], w.db.Now())
		c := w.open("claire", "")
		w.want("oneself", w.decide("claire", c, "claire", review.Keep), review.ErrYourself)
		claire := w.people("claire", c)["claire"]
		if !claire.Nobody || !claire.Reviewer.IsZero() || w.get("claire", c).Counts.Nobody != 1 {
			t.Errorf("nobody else may review claire: %+v", claire)
		}
		_, err := w.r.Assign(w.Context(), w.as("claire"), w.a, c.ID, review.Assignment{
			To: w.id["claire"], Members: []ident.Member{w.id["claire"]}, Version: c.Version,
		})
		w.wrong("assigned to oneself", err, "members[0] "+review.ErrYourself.Code)
		w.end("claire", c)
		if got := w.outcomes("claire", c); !strings.Contains(got, "claire not_reviewed review.nobody") {
			t.Errorf("outcomes %s", got)
		}
	})
}

// AUZ-05: somebody whose administration is not within one's own is not theirs to review.
func TestMorePowerful(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.exec(`insert into member_site (org_id, member_id, site_id, given_by, known_from) values ($1, $2, $3, 'test', $4)`,
			w.a, w.id["bruno"], w.site["nord"], w.db.Now())
		c := w.open("tina", "nord")
		if got := w.decide("tina", c, "bruno", review.Keep); !strings.Contains(got.Error(), member.ErrMorePowerful.Code) {
			t.Errorf("tina reviews bruno: %v", got)
		}
		_, err := w.r.Assign(w.Context(), w.as("tina"), w.a, c.ID, review.Assignment{
			To: w.id["tina"], Members: []ident.Member{w.id["bruno"]}, Version: c.Version,
		})
		w.wrong("assigned to tina", err, "members[0] "+member.ErrMorePowerful.Code)
		w.must(w.decide("claire", c, "bruno", review.Keep))
	})
}

// AUD-3: there is no decision by default; what is taken away says why; a line is named that is there.
func TestDecide(t *testing.T) {
	eachWorld(t, func(w *world) {
		c := w.open("claire", "")
		d := w.decision("claire", c, "julie", "")
		d.Comment = ""
		w.wrong("no choice", w.say("claire", c, d), "decisions[0].choice review.choice")
		d.Choice = review.Remove
		w.wrong("no reason", w.say("claire", c, d), "decisions[0].comment review.comment")
		d.Choice, d.Comment = review.Reduce, "x"
		w.wrong("nothing chosen", w.say("claire", c, d), "decisions[0].drop review.nothing_chosen")
		d.Drop = []string{"level:agd_x:"}
		w.wrong("a line that is not there", w.say("claire", c, d), "decisions[0].drop review.line_gone")
		d.Comment = strings.Repeat("é", review.MaxComment+1)
		w.wrong("too long", w.say("claire", c, d), "decisions[0].comment text.too_long", "decisions[0].drop review.line_gone")
		w.wrong("what is held", w.say("claire", c, w.decision("claire", c, "weber", review.Reduce, "cabinet")), "decisions[0].drop review.line_held")
		w.want("no version", w.say("claire", c, review.Decision{Member: w.id["julie"], Choice: review.Keep}), review.ErrVersion)
		w.want("somebody elsewhere", w.say("claire", c, review.Decision{Member: w.id["odile"], Choice: review.Keep, Version: "1"}), review.ErrPerson)
		w.wrong("none", w.say("claire", c), "decisions review.decisions")
		read := w.decision("claire", c, "julie", review.Keep)
		w.must(w.decide("bruno", c, "julie", review.Reduce, "salle"))
		w.want("somebody decided meanwhile", w.say("claire", c, read), review.ErrStale)
		if p := w.people("claire", c)["julie"]; p.Choice != review.Reduce || p.DecidedBy != full("bruno") || p.Comment == "" {
			t.Errorf("julie: %+v", p)
		}
		w.must(w.decide("claire", c, "julie", review.Keep))
		if got := w.get("claire", c).Counts; got.Kept != 1 || got.Decided != 1 || got.Undecided != 6 {
			t.Errorf("counts %+v", got)
		}
		if n := w.count(`select count(*) from audit_payload where payload like '%de service%'`); n != 0 {
			t.Error("the words of a comment are in the trail")
		}
	})
}

// AUD-3: several are kept at once only if each signed in lately and holds nothing sensitive; of a list,
// all or nothing.
func TestKeepTogether(t *testing.T) {
	eachWorld(t, func(w *world) {
		c := w.open("claire", "")
		keep := func(names ...string) (list []review.Decision) {
			for _, n := range names {
				list = append(list, w.decision("claire", c, n, review.Keep))
			}
			return list
		}
		w.wrong("one who administers, one who never came", w.say("claire", c, keep("julie", "bruno", "marc")...),
			"decisions[1] "+review.ErrOneByOne.Code, "decisions[2] "+review.ErrOneByOne.Code)
		if n := w.get("claire", c).Counts.Decided; n != 0 {
			t.Errorf("%d decided of a list that was refused", n)
		}
		two := keep("julie", "lise")
		two[1].Choice, two[1].Comment = review.Remove, "x"
		w.wrong("taken away together", w.say("claire", c, two...), "decisions[1] "+review.ErrOneByOne.Code)
		w.wrong("twice the same", w.say("claire", c, keep("julie", "julie")...), "decisions[1] "+review.ErrStale.Code)
		w.must(w.say("claire", c, keep("julie", "lise", "weber")...))
		w.must(w.say("claire", c, keep("bruno")...))
		w.clock.Add(review.Quarter + time.Hour)
		if p := w.people("claire", c)["julie"]; p.Together {
			t.Error("somebody who did not sign in for a quarter is kept together")
		}
	})
}

// AUD-3: a decision is about what was read. A right given since asks for it again, before the end and
// at each step after it; nothing is overwritten.
func TestStaleDecision(t *testing.T) {
	eachWorld(t, func(w *world) {
		c := w.open("claire", "")
		read := w.decision("claire", c, "lise", review.Keep)
		w.gives("claire", "lise", "bloc", grant.Manage)
		w.want("read before", w.say("claire", c, read), review.ErrChanged)
		p := w.people("claire", c)["lise"]
		if !slices.ContainsFunc(p.Rights, func(l review.Line) bool { return l.Name == "bloc" && l.Change == review.New }) {
			t.Errorf("what is new is not shown: %+v", p.Rights)
		}
		w.must(w.decide("claire", c, "lise", review.Keep))
		w.gives("claire", "lise", "salle", grant.Manage)
		if p := w.people("claire", c)["lise"]; !p.Changed {
			t.Error("lise may more than was judged, and it is not told")
		}
		changed, err := w.r.People(w.Context(), w.as("claire"), w.a, c.ID, review.PeopleQuery{Filter: review.FChanged})
		w.must(err)
		if changed.Total != 1 {
			t.Errorf("%d to be judged again", changed.Total)
		}
		v, err := w.r.Preview(w.Context(), w.as("claire"), w.a, c.ID)
		w.must(err)
		if !slices.ContainsFunc(v.Undecided, func(e review.Effect) bool { return e.Member == w.id["lise"] && e.Code == review.ErrChanged.Code }) {
			t.Errorf("the end does not say it: %+v", v.Undecided)
		}
		w.must(w.decide("claire", c, "lise", review.Keep))
		w.must(w.decide("claire", c, "julie", review.Reduce, "salle"))
		w.gives("claire", "julie", "salle", grant.None)
		w.must(w.decide("claire", c, "weber", review.Keep))
		w.close("claire", c)
		w.gives("claire", "weber", "bloc", grant.Manage)
		w.must(w.r.Sweep(w.Context()))
		got := w.outcomes("claire", c)
		for _, want := range []string{"lise kept", "julie already", "weber not_reviewed review.changed", "marc not_reviewed"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %s", want, got)
			}
		}
		if got := w.rights("weber"); !strings.Contains(got, "level bloc") {
			t.Errorf("weber: %s", got)
		}
	})
}

// AUD-3: the end makes a change set of each reduction, which can be undone, and a departure of each
// who is taken away; whoever holds something is left to do.
func TestEnd(t *testing.T) {
	eachWorld(t, func(w *world) {
		c := w.open("claire", "")
		w.must(w.decide("claire", c, "julie", review.Reduce, "salle", "Enfants", "service"))
		w.must(w.decide("claire", c, "lise", review.Remove))
		w.must(w.decide("claire", c, "weber", review.Remove))
		before := w.rights("julie")
		v, err := w.r.Preview(w.Context(), w.as("claire"), w.a, c.ID)
		w.must(err)
		if len(v.People) != 3 || v.People[0].Member != w.id["julie"] || len(v.People[0].Lines) != 3 || v.OrgName != "Maison tilleuls" ||
			len(v.Undecided) != 4 {
			t.Errorf("foreseen %+v", v)
		}
		for _, p := range v.People[1:] {
			if !p.Leaves || (p.Holds > 0) != (p.Member == w.id["weber"]) || (p.Code != "") != (p.Member == w.id["weber"]) {
				t.Errorf("foreseen of %s: %+v", w.name(p.Member), p)
			}
		}
		_, err = w.r.End(w.Context(), w.as("claire"), w.a, c.ID, review.EndOrder{Version: w.ending("claire", c)})
		w.want("people undecided", err, review.ErrUndecided)
		_, err = w.r.End(w.Context(), w.as("claire"), w.a, c.ID, review.EndOrder{Version: w.ending("claire", c), OrgName: "Tilleuls"})
		w.wrong("another name", err, "org_name review.org_name")
		_, err = w.r.End(w.Context(), w.as("claire"), w.a, c.ID, review.EndOrder{OrgName: "Maison tilleuls"})
		w.want("no version", err, review.ErrVersion)
		old := w.as("claire")
		old.StepUp = w.db.Now().Add(-access.StepUpAge)
		_, err = w.r.End(w.Context(), old, w.a, c.ID, review.EndOrder{Version: w.ending("claire", c), OrgName: "Maison tilleuls"})
		w.want("without a fresh proof", err, access.ErrStepUp)
		_, err = w.r.File(w.Context(), w.as("claire"), w.a, c.ID)
		w.want("the file of an open one", err, review.ErrNoFile)

		ended := w.end("claire", c)
		if ended.State != review.Ended || !ended.Forced || !ended.HasFile || ended.Counts.ToDo != 1 || ended.EndedBy != full("claire") {
			t.Errorf("ended %+v", ended)
		}
		want := "bruno not_reviewed, claire not_reviewed, julie reduced, lise departed, marc not_reviewed, tina not_reviewed, " +
			"weber to_do departure.holding"
		if got := w.outcomes("claire", c); got != want {
			t.Errorf("outcomes %s", got)
		}
		if got := w.rights("julie"); got != "level bloc, site nord, site sud, status active" && got != "level bloc, site sud, site nord, status active" {
			t.Errorf("julie: %s", got)
		}
		if got := w.rights("lise"); got != "status left" {
			t.Errorf("lise: %s", got)
		}
		_, err = w.grants.Undo(w.Context(), w.as("claire"), w.a, w.people("claire", c)["julie"].ChangeSet)
		w.must(err)
		if got := w.rights("julie"); got != before {
			t.Errorf("undone: %s\nbefore: %s", got, before)
		}
		w.want("decided after the end", w.decide("claire", c, "marc", review.Keep), review.ErrNotOpen)
		_, err = w.r.End(w.Context(), w.as("claire"), w.a, c.ID, review.EndOrder{Version: ended.Version})
		w.want("ended twice", err, review.ErrNotOpen)
		w.exec(`update resource_state set status = 'closed' where org_id = $1 and holder_id = $2`, w.a, w.id["weber"])
		todo, err := w.r.People(w.Context(), w.as("claire"), w.a, c.ID, review.PeopleQuery{Filter: review.FToDo})
		w.must(err)
		if todo.Total != 1 {
			t.Errorf("%d left to do", todo.Total)
		}
	})
}

// OFF-4: who is taken away in a campaign of a site leaves that site, and stays elsewhere.
func TestRemovedFromSite(t *testing.T) {
	eachWorld(t, func(w *world) {
		c := w.open("tina", "nord")
		w.must(w.decide("tina", c, "julie", review.Remove))
		w.must(w.decide("tina", c, "lise", review.Remove))
		w.end("tina", c)
		if got := w.rights("julie"); got != "level bloc, group, site sud, status active" {
			t.Errorf("julie: %s", got)
		}
		if got := w.rights("lise"); got != "status left" {
			t.Errorf("lise, who had no other site: %s", got)
		}
	})
}

// rules.md 13: what was decided is done by the rights of whoever ended it, as they are then; without
// them it is left to do.
func TestPowerlessCloser(t *testing.T) {
	eachWorld(t, func(w *world) {
		c := w.open("claire", "")
		w.must(w.decide("claire", c, "julie", review.Reduce, "salle"))
		w.must(w.decide("claire", c, "lise", review.Remove))
		w.close("bruno", c)
		before := w.rights("julie")
		w.exec(`update member_role set known_until = $3 where org_id = $1 and member_id = $2`, w.a, w.id["bruno"], w.db.Now())
		w.must(w.r.Sweep(w.Context()))
		got := w.outcomes("claire", c)
		if !strings.Contains(got, "julie to_do grant.") && !strings.Contains(got, "julie to_do access.forbidden") {
			t.Errorf("outcomes %s", got)
		}
		if !strings.Contains(got, "lise to_do") || w.rights("julie") != before || !strings.Contains(w.rights("lise"), "status active") {
			t.Errorf("done without the right: %s", got)
		}
	})
}

// AUD-3: a server killed between two steps does nothing twice, and forgets nothing.
func TestKilledBetweenSteps(t *testing.T) {
	eachWorld(t, func(w *world) {
		c := w.open("claire", "")
		w.must(w.decide("claire", c, "julie", review.Reduce, "salle", "Enfants"))
		w.must(w.decide("claire", c, "lise", review.Remove))
		w.must(w.decide("claire", c, "weber", review.Keep))
		w.close("claire", c)
		for range 10 {
			err := w.r.Stopping(func(review.Stage) error { return errKilled }).Sweep(w.Context())
			if err == nil {
				break
			}
		}
		if got := w.get("claire", c); got.State != review.Ended {
			t.Fatalf("%+v", got)
		}
		if n, m, f := w.trail("review.reduce"), w.trail("departure.start"), w.trail("review.finish"); n != 1 || m != 1 || f != 1 {
			t.Errorf("%d reductions, %d departures, %d ends", n, m, f)
		}
		if n := w.count(`select count(*) from change_set where org_id = $1`, w.a); n != w.count(`select count(distinct id) from change_set where org_id = $1`, w.a) {
			t.Error("a change set twice")
		}
		if got := w.outcomes("claire", c); !strings.Contains(got, "julie reduced") || !strings.Contains(got, "lise departed") ||
			!strings.Contains(got, "weber kept") {
			t.Errorf("outcomes %s", got)
		}
		w.must(w.r.Sweep(w.Context()))
	})
}

// RAC: two who decide of the same person, or end the same campaign, at once: one does, the other is
// told.
func TestRace(t *testing.T) {
	eachWorld(t, func(w *world) {
		c := w.open("claire", "")
		one, two := w.decision("claire", c, "julie", review.Keep), w.decision("bruno", c, "julie", review.Remove)
		done := make(chan error, 2)
		go func() { done <- w.say("claire", c, one) }()
		go func() { done <- w.say("bruno", c, two) }()
		a, b := <-done, <-done
		if (a == nil) == (b == nil) {
			t.Errorf("both or none decided: %v, %v", a, b)
		}
		version := w.ending("claire", c)
		end := func(by string) {
			_, err := w.r.End(w.Context(), w.as(by), w.a, c.ID, review.EndOrder{Version: version, OrgName: "Maison tilleuls"})
			done <- err
		}
		go end("claire")
		go end("bruno")
		a, b = <-done, <-done
		if (a == nil) == (b == nil) {
			t.Errorf("both or none ended it: %v, %v", a, b)
		}
		if n := w.trail("review.end"); n != 1 {
			t.Errorf("ended %d times", n)
		}
		go func() { done <- w.r.Sweep(w.Context()) }()
		go func() { done <- w.r.Sweep(w.Context()) }()
		w.must(<-done)
		w.must(<-done)
		if n := w.trail("review.finish"); n != 1 {
			t.Errorf("finished %d times", n)
		}
	})
}
