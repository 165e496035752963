package workitem_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/workitem"
)

// OFF-5, RAC-07: the same again changes nothing; a change names the version it was made from.
func TestRegister(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire := w.Context(), w.as("claire")
		l := w.task("T-1", "julie")
		l.Title, l.Site, l.Due = "Commander des masques", w.site["A1"], w.in(time.Hour)
		r := w.register(l)
		if !r.Made || !r.Changed || r.Version != 1 || r.State != workitem.Open || r.Title != l.Title || !r.Due.Equal(*l.Due) {
			t.Errorf("%+v", r)
		}
		before, told := w.dump(), w.trail("workitem.register", audit.Done)
		for _, version := range []int64{0, 1} {
			l.Version = version
			if r = w.register(l); r.Made || r.Changed || r.Version != 1 {
				t.Errorf("again: %+v", r)
			}
		}
		if w.dump() != before || w.trail("workitem.register", audit.Done) != told {
			t.Error("the same again left a mark")
		}
		l.Title, l.Version = "Commander des gants", 0
		_, err := w.items.Register(ctx, claire, w.a, l)
		w.Want("without a version", err, workitem.ErrNoVersion)
		l.Version = 7
		_, err = w.items.Register(ctx, claire, w.a, l)
		w.Want("from another version", err, workitem.ErrStale)
		absent := w.task("T-2", "julie")
		absent.Version = 1
		_, err = w.items.Register(ctx, claire, w.a, absent)
		w.Want("a version of what is not there", err, workitem.ErrStale)
		l.Version = 1
		if r = w.register(l); r.Made || !r.Changed || r.Version != 2 {
			t.Errorf("changed: %+v", r)
		}
		got, err := w.items.Get(ctx, claire, w.a, l.Ref)
		if err != nil || got.Title != "Commander des gants" || got.Version != 2 || got.Site != l.Site || !got.Due.Equal(*l.Due) {
			t.Errorf("%+v %v", got, err)
		}
		l.State, l.Version, l.Due = workitem.Done, 2, nil
		if r = w.register(l); r.Version != 3 || r.Due != nil || w.held("julie") != "" {
			t.Errorf("done: %+v, holds %s", r, w.held("julie"))
		}
		w.Want("an old version", w.items.Remove(ctx, claire, w.a, l.Ref, 2), workitem.ErrStale)
		w.Want("remove", w.items.Remove(ctx, claire, w.a, l.Ref, 3), nil)
		w.Want("again", w.items.Remove(ctx, claire, w.a, l.Ref, 0), workitem.ErrNotFound)
		if r = w.register(w.task("T-1", "julie")); !r.Made || r.No == got.No {
			t.Errorf("made anew: %+v", r)
		}
		w.counted()
		if n := w.Count(`select count(*) from audit_payload where payload like '%Commander%'`); n != 0 {
			t.Error("a title is in the trail")
		}
	})
}

// What an application may not register, and the place of it.
func TestRegisterChecks(t *testing.T) {
	eachWorld(t, func(w *world) {
		before := w.dump()
		for _, c := range []struct {
			change         func(*workitem.Line)
			location, code string
		}{
			{func(l *workitem.Line) { l.Source = "" }, "source", "workitem.source"},
			{func(l *workitem.Line) { l.Source = "Agenda" }, "source", "workitem.source"},
			{func(l *workitem.Line) { l.Source = "a/b" }, "source", "workitem.source"},
			{func(l *workitem.Line) { l.Source = "-a" }, "source", "workitem.source"},
			{func(l *workitem.Line) { l.Source = strings.Repeat("a", 61) }, "source", "workitem.source"},
			{func(l *workitem.Line) { l.External = " " }, "external_id", "workitem.external_id"},
			{func(l *workitem.Line) { l.External = "a\nb" }, "external_id", "workitem.external_id"},
			{func(l *workitem.Line) { l.External = "\xff" }, "external_id", "workitem.external_id"},
			{func(l *workitem.Line) { l.External = strings.Repeat("é", 201) }, "external_id", "workitem.external_id"},
			{func(l *workitem.Line) { l.External = "2 55 08 14 168 025 38" }, "external_id", "workitem.nir"},
			{func(l *workitem.Line) { l.Kind = "message" }, "kind", "workitem.kind"},
			{func(l *workitem.Line) { l.Kind = "" }, "kind", "workitem.kind"},
			{func(l *workitem.Line) { l.State = "closed" }, "state", "workitem.state"},
			{func(l *workitem.Line) { l.Title = "a\nb" }, "title", "text.control"},
			{func(l *workitem.Line) { l.Title = strings.Repeat("a", 121) }, "title", "text.too_long"},
			{func(l *workitem.Line) { l.Title = "Rappeler le 2 55 08 14 168 025 38 demain" }, "title", "workitem.nir"},
			{func(l *workitem.Line) { l.Kind = workitem.Appointment }, "due_at", "workitem.due_missing"},
			{func(l *workitem.Line) { l.Due = at(1999) }, "due_at", "workitem.due_range"},
			{func(l *workitem.Line) { l.Due = at(2200) }, "due_at", "workitem.due_range"},
			{func(l *workitem.Line) { l.Owner = ident.NewMember() }, "owner", "workitem.owner"},
			{func(l *workitem.Line) { l.Owner = w.id["odile"] }, "owner", "workitem.owner"}, // of B: as one that is nowhere (AUZ-01)
			{func(l *workitem.Line) { l.Site = ident.NewSite() }, "site", "workitem.site"},
			{func(l *workitem.Line) { l.Site = w.site["B1"] }, "site", "workitem.site"},
			{func(l *workitem.Line) { l.Site = w.site["A2"] }, "site", "workitem.site"}, // julie is not of A2
		} {
			l := w.task("T-1", "julie")
			c.change(&l)
			_, err := w.items.Register(w.Context(), w.as("claire"), w.a, l)
			w.wrong(fmt.Sprintf("%+v", l), err, c.location, c.code)
			_, err = w.items.RegisterMany(w.Context(), w.as("claire"), w.a, []workitem.Line{w.task("T-0", "julie"), l})
			w.wrong(fmt.Sprintf("second of many: %+v", l), err, "items[1]."+c.location, c.code)
		}
		if w.dump() != before {
			t.Error("a refused item left a mark")
		}
	})
}

func at(year int) *time.Time {
	d := time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)
	return &d
}

// The external ID is the application's: kept and compared byte for byte.
func TestExternalNames(t *testing.T) {
	eachWorld(t, func(w *world) {
		names := []string{"a", "A", "é", "e\u0301", " a", "a ", "../..", "a/b", "a%2Fb", "'\"", "<script>", "🙂", strings.Repeat("é", 200)}
		for _, name := range names {
			if r := w.register(w.task(name, "julie")); !r.Made {
				t.Errorf("%q is another", name)
			}
		}
		for _, name := range names {
			if got, err := w.items.Get(w.Context(), w.as("claire"), w.a, ref(name)); err != nil || got.External != name {
				t.Errorf("%q: %+v %v", name, got, err)
			}
		}
	})
}

// Many are registered whole or not at all, each line with its version (rules.md 13).
func TestRegisterMany(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire := w.Context(), w.as("claire")
		many := func(lines ...workitem.Line) (workitem.Report, error) {
			return w.items.RegisterMany(ctx, claire, w.a, lines)
		}
		_, err := many()
		w.wrong("none", err, "items", "workitem.together")
		_, err = many(make([]workitem.Line, workitem.MaxTogether+1)...)
		w.wrong("too many", err, "items", "workitem.together")
		_, err = many(w.task("1", "julie"), w.task("1", "lise"))
		w.wrong("twice", err, "items[1].external_id", "workitem.twice")
		r, err := many(w.task("1", "julie"), w.task("2", "julie"), w.visit("3", "paul", time.Hour))
		if err != nil || r != (workitem.Report{Made: 3}) {
			t.Fatal(r, err)
		}
		before := w.dump()
		if r, err = many(w.task("1", "julie"), w.task("2", "julie")); err != nil || r != (workitem.Report{Unchanged: 2}) || w.dump() != before {
			t.Errorf("again: %+v %v", r, err)
		}
		_, err = many(w.task("4", "julie"), w.task("1", "lise"))
		w.wrong("no version", err, "items[1].version", "api.version_missing")
		stale := w.task("2", "lise")
		stale.Version = 9
		_, err = many(w.task("4", "julie"), w.task("1", "julie"), stale)
		w.wrong("stale", err, "items[2].version", "api.version_stale")
		if w.dump() != before {
			t.Error("a refused registration left a mark")
		}
		stale.Version = 1
		if r, err = many(w.task("4", "julie"), w.task("1", "julie"), stale); err != nil || r != (workitem.Report{Made: 1, Changed: 1, Unchanged: 1}) {
			t.Errorf("%+v %v", r, err)
		}
		if w.held("julie") != "task 2" || w.held("lise") != "task 1" || w.held("paul") != "appointment 1" {
			t.Error(w.held("julie"), w.held("lise"), w.held("paul"))
		}
		w.counted()
	})
}

// An organisation has MaxItems at most; what is there may still change and go.
func TestFull(t *testing.T) {
	eachWorld(t, func(w *world) {
		l := w.task("1", "julie")
		w.register(l)
		w.Exec(`update work_item_total set items = $2 where org_id = $1`, w.a, workitem.MaxItems)
		_, err := w.items.Register(w.Context(), w.as("claire"), w.a, w.task("2", "julie"))
		w.Want("one more", err, workitem.ErrFull)
		l.State, l.Version = workitem.Done, 1
		if w.register(l); w.held("julie") != "" {
			t.Error("the last one could not be closed")
		}
		w.Want("remove", w.items.Remove(w.Context(), w.as("claire"), w.a, l.Ref, 0), nil)
		if r := w.register(w.task("2", "julie")); !r.Made {
			t.Error("no room was made")
		}
	})
}

// RAC-08: many who register one item at the same time make one, and the numbers are right.
func TestRegisterTogether(t *testing.T) {
	eachWorld(t, func(w *world) {
		const tries = 8
		var made, refused int
		var mu sync.Mutex
		var group sync.WaitGroup
		for i := range tries {
			group.Go(func() {
				l := w.task("same", "julie")
				l.Title = fmt.Sprint("Titre ", i)
				r, err := w.items.Register(w.Context(), w.as("claire"), w.a, l)
				_, err2 := w.items.Register(w.Context(), w.as("claire"), w.a, w.task(fmt.Sprint("own", i), "julie"))
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil && r.Made:
					made++
				case errors.Is(err, workitem.ErrNoVersion):
					refused++
				default:
					t.Error(r, err)
				}
				if err2 != nil {
					t.Error(err2)
				}
			})
		}
		group.Wait()
		if made != 1 || refused != tries-1 || w.held("julie") != fmt.Sprint("task ", tries+1) {
			t.Errorf("%d made, %d refused, %s", made, refused, w.held("julie"))
		}
		w.counted()
	})
}

// AUZ-01, AUZ-06: who may register, read and reassign; what is of another organisation does
// not exist, and whoever has no right learns nothing of what does.
func TestRights(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		at1, at2, both := w.task("1", "julie"), w.task("2", "zoe"), w.task("3", "marc")
		at1.Site, both.Site = w.site["A1"], w.site["A2"]
		for _, l := range []workitem.Line{at1, at2, both} {
			w.register(l)
		}
		if _, err := w.items.Register(ctx, w.as("odile"), w.b, workitem.Line{
			Ref: ref("b"), Details: workitem.Details{Kind: workitem.Task, Owner: w.id["odile"], State: workitem.Open},
		}); err != nil {
			t.Fatal(err)
		}
		notMember := access.ErrNotFound
		for name, c := range map[string]struct{ register, julie, zoe, marc, nowhere error }{
			"claire": {nil, nil, nil, nil, workitem.ErrNotFound},
			"aude":   {nil, nil, nil, nil, workitem.ErrNotFound},
			"nadege": {access.ErrForbidden, nil, access.ErrNotFound, access.ErrForbidden, workitem.ErrNotFound},
			"wanda":  {access.ErrForbidden, nil, access.ErrNotFound, access.ErrForbidden, workitem.ErrNotFound},
			"julie":  {access.ErrForbidden, nil, access.ErrForbidden, access.ErrForbidden, access.ErrForbidden},
			"paul":   {access.ErrForbidden, access.ErrForbidden, access.ErrForbidden, access.ErrForbidden, access.ErrForbidden},
			"odile":  {notMember, notMember, notMember, notMember, notMember},
		} {
			by := w.as(name)
			_, err := w.items.Register(ctx, by, w.a, w.task("new-"+name, "julie"))
			w.Want(name+" registers", err, c.register)
			for owner, want := range map[string]error{"julie": c.julie, "zoe": c.zoe, "marc": c.marc} {
				_, err = w.items.List(ctx, by, w.a, w.id[owner], workitem.Query{})
				w.Want(name+" lists "+owner, err, want)
				of, err := w.items.OfMember(ctx, by, w.a, w.id[owner])
				if name != "odile" && (err != nil || of.Shown != (want == nil) || of.Shown != (len(of.Held) == 1) || of.May != (want == nil && name != "julie")) {
					t.Errorf("%s looks at the sheet of %s: %+v %v", name, owner, of, err)
				}
				_, err = w.items.Get(ctx, by, w.a, ref(map[string]string{"julie": "1", "zoe": "2", "marc": "3"}[owner]))
				w.Want(name+" reads an item of "+owner, err, want)
			}
			for _, external := range []string{"none", "b"} {
				_, err = w.items.Get(ctx, by, w.a, ref(external))
				w.Want(name+" reads "+external, err, c.nowhere)
			}
		}
		for _, id := range []ident.Member{ident.NewMember(), w.id["odile"]} {
			for name, want := range map[string]string{"claire": "member.not_found", "wanda": "member.not_found", "paul": "access.forbidden"} {
				_, err := w.items.List(ctx, w.as(name), w.a, id, workitem.Query{})
				if err == nil || !strings.HasPrefix(err.Error(), want) {
					t.Errorf("%s lists %s: %v", name, id, err)
				}
			}
		}
		w.Exec(`update member_state set status = 'left' where org_id = $1 and member_id = $2`, w.a, w.id["julie"])
		for name, want := range map[string]error{"aude": nil, "wanda": member.ErrNotFound, "julie": access.ErrNotFound} {
			_, err := w.items.Get(ctx, w.as(name), w.a, ref("1"))
			w.Want(name+" reads what somebody who left had", err, want)
		}
		if w.trail("workitem.list", audit.Refused) == 0 || w.trail("workitem.register", audit.Refused) == 0 {
			t.Error("refusals are not in the trail")
		}
	})
}
