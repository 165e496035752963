package workitem_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/workitem"
)

// OFF-1, OFF-3: what a member holds is what is open; tasks may be late, and an appointment
// that has taken place is history.
func TestHeld(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.tasks("paul", 3)
		w.register(w.task("no-date", "paul"))
		w.register(w.visit("soon", "paul", time.Hour))
		w.register(w.visit("later", "paul", 48*time.Hour))
		letter := w.task("letter", "paul")
		letter.Kind, letter.Due = workitem.Letter, w.in(-time.Hour)
		w.register(letter)
		closed := w.task("closed", "paul")
		closed.State = workitem.Cancelled
		w.register(closed)
		if got := w.held("paul"); got != "task 4, appointment 2, letter 1 (1 late)" {
			t.Error(got)
		}
		w.clock.Add(90 * time.Minute)
		if got := w.held("paul"); got != "task 4 (1 late), appointment 1, letter 1 (1 late)" {
			t.Error(got)
		}
		l, err := w.items.List(w.Context(), w.as("paul"), w.a, w.id["paul"], workitem.Query{})
		if err != nil || l.Total != 6 || externals(l.Items) != "[paul-000 paul-001 paul-002 no-date later letter]" {
			t.Errorf("%d %s %v", l.Total, externals(l.Items), err)
		}
		now := w.DB.Now()
		past, err := w.items.Get(w.Context(), w.as("paul"), w.a, ref("soon"))
		if err != nil || past.Held(now) || past.Late(now) || !l.Items[0].Held(now) || !l.Items[0].Late(now) || l.Items[4].Late(now) {
			t.Errorf("%+v %v", past, err)
		}
	})
}

func externals(items []workitem.Item) string {
	var out []string
	for _, i := range items {
		out = append(out, i.External)
	}
	return fmt.Sprint(out)
}

// Pages follow each other over all kinds by cursor, and by number in one kind.
func TestPages(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire := w.Context(), w.as("claire")
		w.tasks("paul", 5)
		for i := range 3 {
			w.register(w.visit(fmt.Sprint("v", i), "paul", time.Hour)) // at the same moment
		}
		var seen []string
		q := workitem.Query{Size: 3}
		for {
			l, err := w.items.List(ctx, claire, w.a, w.id["paul"], q)
			if err != nil || l.Total != 8 || len(l.Items) > 3 {
				t.Fatalf("%+v %v", l, err)
			}
			for _, i := range l.Items {
				seen = append(seen, i.External)
			}
			if q.After = l.Next; l.Next == "" {
				break
			}
		}
		want := []string{"paul-000", "paul-001", "paul-002", "paul-003", "paul-004", "v0", "v1", "v2"}
		if !slices.Equal(seen, want) {
			t.Error(seen)
		}
		l, err := w.items.List(ctx, claire, w.a, w.id["paul"], workitem.Query{Kind: workitem.Task, Size: 2, Page: 3})
		if err != nil || l.Total != 5 || externals(l.Items) != "[paul-004]" || l.Next != "" {
			t.Errorf("%+v %v", l, err)
		}
		first, err := w.items.List(ctx, claire, w.a, w.id["paul"], workitem.Query{Size: 1})
		w.Want("first", err, nil)
		for what, c := range map[string]struct {
			owner string
			q     workitem.Query
		}{
			"another's cursor": {"julie", workitem.Query{After: first.Next}}, "of another kind": {"paul", workitem.Query{Kind: workitem.Task, After: first.Next}},
			"no cursor": {"paul", workitem.Query{After: "x"}}, "no kind": {"paul", workitem.Query{Kind: "x"}}, "size": {"paul", workitem.Query{Size: 101}},
			"page of all kinds": {"paul", workitem.Query{Page: 2}},
		} {
			if _, err := w.items.List(ctx, claire, w.a, w.id[c.owner], c.q); err == nil {
				t.Errorf("%s was taken", what)
			}
		}
	})
}

// OFF-1: what a member holds goes to a colleague, one by one or all; its versions grow, and
// an application that did not know loses nothing (RAC-07).
func TestReassign(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire := w.Context(), w.as("claire")
		w.tasks("julie", 3)
		kept := w.task("patient", "julie")
		kept.Kind = workitem.Setting
		w.register(kept)
		first := w.task("julie-000", "julie")
		got, err := w.items.Get(ctx, claire, w.a, first.Ref)
		w.Want("read", err, nil)
		give := func(h workitem.Handover) (workitem.Moved, error) {
			if h.From == "" {
				h.From = w.id["julie"]
			}
			return w.items.Reassign(ctx, claire, w.a, h)
		}
		m, err := give(workitem.Handover{To: w.id["lise"], Numbers: []int64{got.No}})
		if err != nil || m != (workitem.Moved{To: "Lise Lise-Essai", Items: 1}) {
			t.Fatal(m, err)
		}
		moved, err := w.items.Get(ctx, claire, w.a, first.Ref)
		if err != nil || moved.Owner != w.id["lise"] || moved.Version != 2 {
			t.Errorf("%+v %v", moved, err)
		}
		first.Due = got.Due
		_, err = w.items.Register(ctx, claire, w.a, first)
		w.Want("the application registers it as it was", err, workitem.ErrNoVersion)
		first.Version = 1
		_, err = w.items.Register(ctx, claire, w.a, first)
		w.Want("from the version it knows", err, workitem.ErrStale)
		before := w.dump()
		_, err = give(workitem.Handover{To: w.id["lise"], Numbers: []int64{got.No}})
		w.Want("moved already", err, workitem.ErrNotHeld)
		_, err = give(workitem.Handover{To: w.id["lise"], Refs: []workitem.Ref{ref("julie-001"), ref("none")}})
		w.Want("one that is not there", err, workitem.ErrNotHeld)
		_, err = give(workitem.Handover{To: w.id["lise"], Kind: workitem.Letter})
		w.Want("nothing of the kind", err, workitem.ErrNothing)
		_, err = give(workitem.Handover{To: w.id["lise"], Kind: "x"})
		w.Want("no kind", err, workitem.ErrQuery)
		_, err = give(workitem.Handover{To: w.id["lise"], Numbers: make([]int64, workitem.MaxChosen+1)})
		w.wrong("too many", err, "items", "workitem.together")
		if w.dump() != before {
			t.Error("a refused handover left a mark")
		}
		if m, err = give(workitem.Handover{To: w.id["lise"], Refs: []workitem.Ref{ref("julie-001"), ref("julie-001")}}); err != nil || m.Items != 1 {
			t.Error(m, err)
		}
		if m, err = give(workitem.Handover{To: w.id["lise"], Kind: workitem.Task}); err != nil || m != (workitem.Moved{To: "Lise Lise-Essai", Items: 1}) {
			t.Error(m, err)
		}
		if w.held("julie") != "setting 1" || w.held("lise") != "task 3" {
			t.Error(w.held("julie"), "|", w.held("lise"))
		}
		if m, err = give(workitem.Handover{From: w.id["lise"], To: w.id["julie"]}); err != nil || m.Items != 3 || w.held("lise") != "" {
			t.Error("all", m, err)
		}
		w.counted()
		if a, b := w.trail("workitem.reassign", audit.Done), w.trail("workitem.receive", audit.Done); a != 4 || b != 4 {
			t.Errorf("%d and %d lines in the trail", a, b)
		}
		if n := w.Count(`select count(*) from audit_event where verb = 'workitem.receive' and subject = $1`, w.id["lise"]); n != 3 {
			t.Error("lise is not told of what she received", n)
		}
		for kind, c := range map[string]struct {
			of, other string
			n         int
		}{"work_items.reassigned": {"julie", "lise", 3}, "work_items.received": {"lise", "julie", 3}} { // OFF-5: applications learn of it, by IDs
			if n := w.Count(`select count(*) from event where kind = $1 and subject = $2 and object = $3`, kind, w.id[c.of], w.id[c.other]); n != c.n {
				t.Errorf("%s of %s: %d events", kind, c.of, n)
			}
		}
	})
}

// Who may receive: somebody in force, of the site of the items; a practitioner for
// appointments. Those of the same function and site are proposed first.
func TestReceivers(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire := w.Context(), w.as("claire")
		w.tasks("paul", 1)
		w.register(w.visit("v", "paul", time.Hour))
		of2 := w.task("m", "marc")
		of2.Site = w.site["A2"]
		w.register(of2)
		paul, marc := w.id["paul"], w.id["marc"]
		for what, c := range map[string]struct {
			h    workitem.Handover
			want error
		}{
			"oneself":               {workitem.Handover{From: paul, To: paul}, workitem.ErrSelf},
			"a secretary, visits":   {workitem.Handover{From: paul, To: w.id["julie"]}, workitem.ErrPractitioner},
			"of another site":       {workitem.Handover{From: marc, To: w.id["anne"]}, workitem.ErrSite},
			"nobody":                {workitem.Handover{From: paul, To: ident.NewMember()}, member.ErrNotFound},
			"of another house":      {workitem.Handover{From: paul, To: w.id["odile"]}, member.ErrNotFound},
			"from another house":    {workitem.Handover{From: w.id["odile"], To: paul}, member.ErrNotFound},
			"what is not of paul":   {workitem.Handover{From: paul, To: w.id["anne"], Refs: []workitem.Ref{of2.Ref}}, workitem.ErrNotHeld},
			"whoever holds nothing": {workitem.Handover{From: w.id["zoe"], To: paul}, workitem.ErrNothing},
		} {
			before := w.dump()
			_, err := w.items.Reassign(ctx, claire, w.a, c.h)
			w.Want(what, err, c.want)
			if w.dump() != before {
				t.Error(what, "left a mark")
			}
		}
		who := func(by string, h workitem.Handover, search string) string {
			t.Helper()
			p, err := w.items.Propose(ctx, w.as(by), w.a, h, search)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, r := range p.Receivers {
				s := r.GivenName
				if r.SameFunction {
					s += "+f"
				}
				if r.SameSite {
					s += "+s"
				}
				out = append(out, s)
			}
			return fmt.Sprint(out)
		}
		if got := who("claire", workitem.Handover{From: paul}, ""); got != "[Anne+f+s Marc+f+s]" {
			t.Error("visits:", got)
		}
		if got := who("claire", workitem.Handover{From: paul, Kind: workitem.Task}, ""); got != "[Anne+f+s Marc+f+s Aude+s Claire+s Julie+s Lise+s Nadege+s Wanda+s Zoe]" {
			t.Error("tasks:", got)
		}
		if got := who("wanda", workitem.Handover{From: paul, Kind: workitem.Task}, ""); got != "[Anne+f+s Marc+f+s Aude+s Claire+s Julie+s Lise+s Nadege+s Wanda+s]" {
			t.Error("by somebody of A1:", got)
		}
		if got := who("claire", workitem.Handover{From: marc}, ""); got != "[Claire+s Zoe+s]" {
			t.Error("of A2:", got)
		}
		if got := who("claire", workitem.Handover{From: paul, Kind: workitem.Task}, "lis"); got != "[Lise+s]" {
			t.Error("searched:", got)
		}
		if got := who("claire", workitem.Handover{From: paul, Kind: workitem.Task}, "%%%"); got != "[]" {
			t.Error("%%%:", got)
		}
		if _, err := w.items.Propose(ctx, w.as("wanda"), w.a, workitem.Handover{From: marc}, ""); err == nil {
			t.Error("wanda looks at what marc holds at A2")
		}
		_, err := w.items.Reassign(ctx, w.as("wanda"), w.a, workitem.Handover{From: paul, To: w.id["zoe"], Kind: workitem.Task})
		w.Want("wanda gives to somebody she may not know of", err, access.ErrNotFound)
		_, err = w.items.Reassign(ctx, w.as("paul"), w.a, workitem.Handover{From: paul, To: w.id["anne"]})
		w.Want("paul gives what is his", err, access.ErrForbidden)
		w.Exec(`update member_state set status = 'deactivated' where org_id = $1 and member_id = $2`, w.a, w.id["anne"])
		_, err = w.items.Reassign(ctx, claire, w.a, workitem.Handover{From: paul, To: w.id["anne"]})
		w.Want("somebody deactivated", err, workitem.ErrReceiver)
		if got := who("claire", workitem.Handover{From: paul}, ""); got != "[Marc+f+s]" {
			t.Error("anne is proposed:", got)
		}
		if m, err := w.items.Reassign(ctx, w.as("wanda"), w.a, workitem.Handover{From: paul, To: marc}); err != nil || m.Items != 2 || w.held("paul") != "" {
			t.Error(m, err, w.held("paul"))
		}
		if got := w.held("marc"); got != "task 2, appointment 1" {
			t.Error(got)
		}
		w.counted()
	})
}

// A transaction of another package hands over some at a time, until none is left.
func TestReassignInBatches(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.tasks("julie", 7)
		h := workitem.Handover{From: w.id["julie"], To: w.id["lise"]}
		act := action.Act{Verb: "workitem.reassign", Orgs: []ident.Org{w.a}, Needs: []access.Need{access.Everybody()}}
		var left []int64
		for {
			m, err := action.Run(w.Context(), w.items.Run, access.Operator("job"), act, func(tx *action.Tx) (workitem.Moved, error) {
				return workitem.Reassign(w.Context(), tx, w.a, h, 3)
			})
			if err != nil {
				t.Fatal(err)
			}
			left = append(left, m.Left)
			w.counted()
			if m.Left == 0 {
				break
			}
		}
		if !slices.Equal(left, []int64{4, 1, 0}) || w.held("lise") != "task 7" || w.held("julie") != "" {
			t.Error(left, w.held("lise"))
		}
	})
}

// The site that an owner has left since is told to whoever may know of it, and to no other.
func TestHiddenSite(t *testing.T) {
	eachWorld(t, func(w *world) {
		l := w.task("m", "marc")
		l.Site = w.site["A2"]
		w.register(l)
		w.Exec(`update member_site set known_until = $3 where org_id = $1 and member_id = $2 and site_id = $4`, w.a, w.id["marc"], w.DB.Now(), w.site["A2"])
		for name, want := range map[string]ident.Site{"claire": w.site["A2"], "marc": w.site["A2"], "wanda": ""} {
			i, err := w.items.Get(w.Context(), w.as(name), w.a, l.Ref)
			if err != nil || i.Site != want {
				t.Errorf("%s reads %q %v", name, i.Site, err)
			}
			list, err := w.items.List(w.Context(), w.as(name), w.a, w.id["marc"], workitem.Query{})
			if err != nil || len(list.Items) != 1 || list.Items[0].Site != want {
				t.Errorf("%s lists %+v %v", name, list.Items, err)
			}
		}
	})
}
