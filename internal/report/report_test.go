package report_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/credential"
	"habilis/internal/decision"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/report"
	"habilis/internal/resource"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// furnish gives rights at both sites.
func (w *world) furnish() {
	w.Helper()
	w.make("room", "A1", "", resource.Agenda)
	w.make("far", "A2", "", resource.Agenda)
	w.make("own", "A1", "julie", resource.Agenda)
	w.make("shared", "", "", resource.MessagingProfile)
	w.give("julie", "room", grant.Manage)
	w.give("lise", "room", grant.Availability)
	w.give("marc", "room", grant.Read)
	w.give("julie", "far", grant.Read)
	w.give("marc", "shared", grant.Read)
	w.give("paul", "shared", grant.Reply)
}

// AUD-3: who has access to what, with the source; narrowed by person, thing, level, site and kind.
func TestAccess(t *testing.T) {
	eachWorld(t, func(w *world) {
		before := w.db.Now()
		w.clock.Add(time.Hour)
		w.furnish()
		all := w.access("claire", report.AccessQuery{})
		if len(all.Lines) != 9 || all.Part || all.Next != "" || all.At.IsZero() {
			t.Errorf("%d lines, part %v:\n%s", len(all.Lines), all.Part, w.said(all.Lines))
		}
		for name, c := range map[string]struct {
			q    report.AccessQuery
			want string
		}{
			"by person": {report.AccessQuery{Member: w.id["julie"]}, "julie agenda far read\njulie agenda own manage\njulie agenda room manage"},
			"by thing":  {report.AccessQuery{Resource: w.thing["room"]}, "julie agenda room manage\nlise agenda room availability\nmarc agenda room read"},
			"who can read it": {report.AccessQuery{Resource: w.thing["room"], Act: "read"},
				"julie agenda room manage\nmarc agenda room read"},
			"by site": {report.AccessQuery{Site: w.site["A2"]},
				"claire role Administration\njulie agenda far read\nmarc messaging_profile shared read"},
			"by kind":    {report.AccessQuery{Kind: report.KindRole, Search: "nad"}, "nadege role Administration"},
			"by name":    {report.AccessQuery{Search: "ESSAI  pau"}, "paul messaging_profile shared reply"},
			"before all": {report.AccessQuery{At: before, Member: w.id["julie"]}, ""},
		} {
			if got := w.said(w.access("claire", c.q).Lines); !sameLines(got, c.want) {
				t.Errorf("%s:\n%s\nwant:\n%s", name, got, c.want)
			}
		}
		l := w.access("claire", report.AccessQuery{Resource: w.thing["room"], Member: w.id["julie"]})
		if l.ResourceName != "room" || l.MemberName != "Julie Essai" || l.Lines[0].Right.GivenName != "Claire Essai" || l.Lines[0].Right.GivenAt.IsZero() {
			t.Errorf("%+v", l)
		}
		given := w.db.Now()
		w.clock.Add(time.Hour)
		w.give("julie", "room", grant.None)
		if got := w.said(w.access("claire", report.AccessQuery{Resource: w.thing["room"], Act: "manage"}).Lines); got != "" {
			t.Errorf("taken away: %s", got)
		}
		if got := w.said(w.access("claire", report.AccessQuery{Resource: w.thing["room"], Act: "manage", At: given}).Lines); got != "julie agenda room manage" {
			t.Errorf("as it was: %s", got)
		}
	})
}

func sameLines(a, b string) bool {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

// Pages follow each other without a gap or a repetition; a cursor is of one query (INJ-04).
func TestAccessPages(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		whole := w.said(w.access("claire", report.AccessQuery{}).Lines)
		var got []string
		q := report.AccessQuery{Size: 2}
		for range 10 {
			l := w.access("claire", q)
			if len(l.Lines) > 0 {
				got = append(got, w.said(l.Lines))
			}
			if q.After = l.Next; q.After == "" {
				break
			}
		}
		if strings.Join(got, "\n") != whole || len(got) != 5 {
			t.Errorf("%d pages:\n%s\nwant:\n%s", len(got), strings.Join(got, "\n"), whole)
		}
		first := w.access("claire", report.AccessQuery{Size: 2}).Next
		for name, q := range map[string]report.AccessQuery{
			"of another query": {After: first, Kind: report.KindRole}, "made up": {After: "x"},
		} {
			if _, err := w.r.Access(t.Context(), w.as("claire"), w.a, q); !errors.Is(err, secret.ErrCursor) {
				t.Errorf("a cursor %s: %v", name, err)
			}
		}
	})
}

// Queries that mean nothing are refused at their field; what is not there is not found.
func TestAccessRefused(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		for name, c := range map[string]struct {
			q    report.AccessQuery
			want string
		}{
			"size":                    {report.AccessQuery{Size: report.MaxPage + 1}, "report.query"},
			"kind":                    {report.AccessQuery{Kind: "x' or 1=1"}, "kind report.query"},
			"action of no thing":      {report.AccessQuery{Act: "read"}, "action report.action"},
			"action of another":       {report.AccessQuery{Act: "send", Resource: w.thing["room"]}, "action report.action"},
			"long search":             {report.AccessQuery{Search: strings.Repeat("a", report.MaxSearch+1)}, "q text.too_long"},
			"many words":              {report.AccessQuery{Search: strings.Repeat("a ", 9)}, "q member.too_many_words"},
			"unknown thing":           {report.AccessQuery{Resource: resource.ID(ident.NewAgenda())}, "resource.not_found"},
			"unknown person":          {report.AccessQuery{Member: ident.NewMember()}, "member.not_found"},
			"of another organisation": {report.AccessQuery{Member: w.id["odile"]}, "member.not_found"},
		} {
			_, err := w.r.Access(t.Context(), w.as("claire"), w.a, c.q)
			f := fault.Of(err)
			got := f.Code
			if len(f.Fields) > 0 {
				got = f.Fields[0].Location + " " + f.Fields[0].Code
			}
			if err == nil || got != c.want {
				t.Errorf("%s: %q, not %q", name, got, c.want)
			}
		}
	})
}

// AUZ-06: whoever reads at A1 is told of what stands there, whoever has it, and of the people of A1;
// of A2 nothing, not even how much there is. AUZ-01: of another organisation, nobody.
func TestAccessScoped(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		l := w.access("nadege", report.AccessQuery{})
		want := "claire role Administration\njulie agenda own manage\njulie agenda room manage\nlise agenda room availability\n" +
			"marc agenda room read\nnadege role Administration\npaul messaging_profile shared reply"
		if got := w.said(l.Lines); !sameLines(got, want) || !l.Part {
			t.Errorf("%v\n%s\nwant:\n%s", l.Part, got, want)
		}
		for _, line := range l.Lines {
			if marc := line.Member == w.id["marc"]; line.Known == marc {
				t.Errorf("%s may be opened: %v", line.Name, line.Known)
			}
		}
		for name, c := range map[string]struct {
			q    report.AccessQuery
			want error
		}{
			"the other site":                 {report.AccessQuery{Site: w.site["A2"]}, access.ErrNotFound},
			"an agenda of it":                {report.AccessQuery{Resource: w.thing["far"]}, resource.ErrNotFound},
			"somebody of it":                 {report.AccessQuery{Member: w.id["marc"]}, decision.ErrMember},
			"a site of another organisation": {report.AccessQuery{Site: w.site["B1"]}, access.ErrNotFound},
		} {
			if _, err := w.r.Access(t.Context(), w.as("nadege"), w.a, c.q); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, by := range []string{"julie", "odile"} {
			for _, try := range []func() error{
				func() error { _, err := w.r.Access(t.Context(), w.as(by), w.a, report.AccessQuery{}); return err },
				func() error { _, err := w.r.Dormant(t.Context(), w.as(by), w.a, report.DormantQuery{}); return err },
				func() error { _, err := w.r.Leavers(t.Context(), w.as(by), w.a, report.LeaversQuery{}); return err },
				func() error { _, err := w.r.Factors(t.Context(), w.as(by), w.a, report.FactorsQuery{}); return err },
				func() error {
					_, err := w.r.ExportAccess(t.Context(), w.as(by), w.a, report.AccessQuery{}, "csv")
					return err
				},
				func() error {
					_, err := w.r.ExportDormant(t.Context(), w.as(by), w.a, report.DormantQuery{}, "csv")
					return err
				},
				func() error {
					_, err := w.r.ExportLeavers(t.Context(), w.as(by), w.a, report.LeaversQuery{}, "csv")
					return err
				},
				func() error {
					_, err := w.r.ExportFactors(t.Context(), w.as(by), w.a, report.FactorsQuery{}, "csv")
					return err
				},
			} {
				err := try()
				if k := fault.Of(err).Kind; err == nil || k != fault.Forbidden && k != fault.NotFound {
					t.Errorf("%s: %v", by, err)
				}
			}
		}
	})
}

// Who left and when, who is deactivated, what is planned: by the sites that they belonged to (OFF-3,
// CHG-4, AUZ-06).
func TestLeavers(t *testing.T) {
	eachWorld(t, func(w *world) {
		begin := w.db.Now()
		w.clock.Add(time.Hour)
		w.must(w.leaving.Leave(t.Context(), w.as("marc"), w.a))
		left := w.db.Now()
		w.clock.Add(time.Hour)
		_, err := w.members.Deactivate(t.Context(), w.as("claire"), w.a, w.id["paul"], 0)
		w.must(err)
		day := w.db.Now().AddDate(0, 0, 9)
		_, err = w.members.PlanDeactivation(t.Context(), w.as("claire"), w.a, w.id["lise"], day.Format(time.DateOnly), 0)
		w.must(err)
		ends := w.db.Now().Add(72 * time.Hour).UTC().Truncate(time.Microsecond)
		w.must(w.db.Write(t.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error {
			return w.join(t.Context(), tx, "zoe", "nurse", []string{"A1"}, member.Gift{Org: w.a, By: "test"}, &ends)
		}))
		list := func(by string, q report.LeaversQuery) string {
			l, err := w.r.Leavers(t.Context(), w.as(by), w.a, q)
			w.must(err)
			if int(l.Total) != len(l.Leavers) {
				t.Errorf("%d of %d", len(l.Leavers), l.Total)
			}
			var said []string
			for _, one := range l.Leavers {
				said = append(said, strings.ToLower(strings.Fields(one.Name)[0])+" "+string(one.How))
			}
			return strings.Join(said, ", ")
		}
		if got := list("claire", report.LeaversQuery{}); got != "lise deactivating, zoe ends, paul deactivated, marc left" {
			t.Error(got)
		}
		if got := list("nadege", report.LeaversQuery{}); got != "lise deactivating, zoe ends, paul deactivated" {
			t.Errorf("at A1: %s", got)
		}
		if got := list("claire", report.LeaversQuery{Site: w.site["A2"]}); got != "marc left" {
			t.Errorf("of A2: %s", got)
		}
		if got := list("claire", report.LeaversQuery{From: begin, Until: left.Add(time.Minute)}); got != "marc left" {
			t.Errorf("until they left: %s", got)
		}
		if got := list("claire", report.LeaversQuery{How: report.Deactivated, Search: "paul"}); got != "paul deactivated" {
			t.Errorf("%s", got)
		}
		_, err = w.r.Leavers(t.Context(), w.as("claire"), w.a, report.LeaversQuery{How: "x"})
		if f := fault.Of(err); len(f.Fields) != 1 || f.Fields[0].Location != "how" {
			t.Errorf("%v", err)
		}
		l, err := w.r.Leavers(t.Context(), w.as("claire"), w.a, report.LeaversQuery{How: report.Left})
		w.must(err)
		if one := l.Leavers[0]; one.At.Before(begin) || one.At.After(left) || !slices.Equal(one.Sites, []string{"A2"}) || one.By == "" {
			t.Errorf("%+v", one)
		}
		first, err := w.r.Leavers(t.Context(), w.as("claire"), w.a, report.LeaversQuery{Size: 3})
		w.must(err)
		second, err := w.r.Leavers(t.Context(), w.as("claire"), w.a, report.LeaversQuery{Size: 3, After: first.Next})
		w.must(err)
		if len(first.Leavers) != 3 || len(second.Leavers) != 1 || second.Next != "" || second.Leavers[0].Member != w.id["marc"] {
			t.Errorf("%+v\n%+v", first, second)
		}
	})
}

// Accounts without second factor, for whoever reads members and edits security, at their sites; that
// somebody has a factor elsewhere is not told.
func TestFactors(t *testing.T) {
	eachWorld(t, func(w *world) {
		names := func(by string, q report.FactorsQuery) string {
			l, err := w.r.Factors(t.Context(), w.as(by), w.a, q)
			w.must(err)
			var said []string
			for _, u := range l.People {
				said = append(said, strings.ToLower(strings.Fields(u.Name)[0]))
			}
			return strings.Join(said, " ")
		}
		if got := names("claire", report.FactorsQuery{}); got != "claire julie lise marc nadege paul" {
			t.Error(got)
		}
		if got := names("nadege", report.FactorsQuery{}); got != "claire julie lise nadege paul" {
			t.Errorf("at A1: %s", got)
		}
		if got := names("claire", report.FactorsQuery{Site: w.site["A2"], Search: "mar"}); got != "marc" {
			t.Error(got)
		}
		l, err := w.r.Factors(t.Context(), w.as("claire"), w.a, report.FactorsQuery{Search: "claire"})
		w.must(err)
		if u := l.People[0]; !u.Administers || !u.Asked || u.Function != "manager" || !u.LastSignIn.IsZero() {
			t.Errorf("%+v", u)
		}
		w.proved("julie")
		if got := names("claire", report.FactorsQuery{}); got != "claire lise marc nadege paul" {
			t.Errorf("with a factor of julie: %s", got)
		}
	})
}

// Dormant rights: given 90 days ago and not used since; said only once uses are known for as long.
func TestDormant(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.must(decision.NoteUsesFrom(t.Context(), w.db))
		w.furnish()
		dormant := func(by string, q report.DormantQuery) report.DormantList {
			l, err := w.r.Dormant(t.Context(), w.as(by), w.a, q)
			w.must(err)
			return l
		}
		w.clock.Add(report.UnusedFor - time.Hour)
		if l := dormant("claire", report.DormantQuery{}); !l.Early || len(l.Lines) != 0 || !l.Ready().After(w.db.Now()) {
			t.Errorf("too early: %+v", l)
		}
		w.use("marc", "room", "read")
		w.clock.Add(2 * time.Hour)
		w.make("new", "A1", "", resource.Agenda)
		w.give("lise", "new", grant.Read)
		l := dormant("claire", report.DormantQuery{})
		want := "julie agenda far read\njulie agenda room manage\nlise agenda room availability\nmarc messaging_profile shared read\n" +
			"nadege role Administration\npaul messaging_profile shared reply"
		if got := w.said(l.Lines); l.Early || !sameLines(got, want) { // claire used hers: she gave levels
			t.Errorf("%s\nwant:\n%s", got, want)
		}
		if got := w.said(dormant("nadege", report.DormantQuery{Kind: decision.TypeAgenda}).Lines); !sameLines(got,
			"julie agenda room manage\nlise agenda room availability") {
			t.Errorf("at A1: %s", got)
		}
		w.clock.Add(report.UnusedFor + 24*time.Hour)
		for _, line := range dormant("claire", report.DormantQuery{Search: "marc"}).Lines {
			if room := line.Right.Resource.ID == w.thing["room"].String(); room == line.LastUse.IsZero() {
				t.Errorf("%s: last used %v", line.Right.Name, line.LastUse)
			}
		}
		if n := len(dormant("claire", report.DormantQuery{Search: "marc"}).Lines); n != 2 {
			t.Errorf("%d rights of marc", n)
		}
	})
}

// use has an answer noted.
func (w *world) use(name, thing, act string) {
	w.Helper()
	w.uses.Note(w.a, &decision.Question{
		Subject: decision.Entity{Type: "member", ID: w.id[name].String()}, Action: act,
		Resource: decision.Entity{Type: string(w.thing[thing].Type()), ID: w.thing[thing].String()},
	}, decision.Answer{Allowed: true})
	w.must(w.uses.Flush(w.Context()))
}

// proved gives somebody an application of codes.
func (w *world) proved(name string) {
	w.Helper()
	w.must(w.db.Write(w.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error {
		_, err := tx.Exec(w.Context(), `
			insert into factor (id, account_id, kind, name, day_began_at, created_at, proved_at) values ($1, $2, $3, 'x', $4, $4, $4)`,
			ident.NewFactor(), w.account[name], credential.TOTP, tx.Now)
		return err
	}))
}
