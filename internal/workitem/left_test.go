package workitem_test

import (
	"testing"

	"habilis/internal/access"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/workitem"
)

// leaves has somebody of A leave, with what they hold.
func (w *world) leaves(name string) {
	w.Exec(`update member_state set status = 'left' where org_id = $1 and member_id = $2`, w.a, w.id[name])
	w.Exec(`delete from member_site where org_id = $1 and member_id = $2`, w.a, w.id[name])
}

// OFF-3: the application of somebody who left goes on saying what it said, closes it, or gives
// it to another; only what becomes theirs is refused.
func TestOwnerWhoLeft(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire := w.Context(), w.as("claire")
		l, other := w.task("1", "julie"), w.task("2", "julie")
		l.Site = w.site["A1"]
		w.register(l)
		w.register(other)
		w.leaves("julie")
		before := w.dump()
		if r := w.register(l); r.Changed || r.Version != 1 {
			t.Errorf("the same again: %+v", r)
		}
		r, err := w.items.RegisterMany(ctx, claire, w.a, []workitem.Line{l, other})
		if err != nil || r != (workitem.Report{Unchanged: 2}) || w.dump() != before {
			t.Errorf("the same again, together: %+v %v", r, err)
		}
		_, err = w.items.Register(ctx, claire, w.a, w.task("3", "julie"))
		w.wrong("a new one", err, "owner", "workitem.owner")
		moved := other
		moved.Site, moved.Version = w.site["A1"], 1
		_, err = w.items.Register(ctx, claire, w.a, moved)
		w.wrong("another site", err, "site", "workitem.site")
		taken := w.task("9", "lise")
		w.register(taken)
		taken.Owner, taken.Version = w.id["julie"], 1
		_, err = w.items.Register(ctx, claire, w.a, taken)
		w.wrong("given to whoever left", err, "owner", "workitem.owner")
		told := w.trail("workitem.register", audit.Done)
		l.State, l.Version = workitem.Done, 1
		if r := w.register(l); !r.Changed || r.Version != 2 || r.Site != l.Site {
			t.Errorf("closed: %+v", r)
		}
		if w.trail("workitem.register", audit.Done) != told+1 {
			t.Error("it is not in the trail")
		}
		l.Version, other.Owner, other.Version = 2, w.id["lise"], 1
		if r, err = w.items.RegisterMany(ctx, claire, w.a, []workitem.Line{l, other}); err != nil || r.Changed != 1 {
			t.Errorf("given to another: %+v %v", r, err)
		}
		w.counted()
	})
}

// What stayed with somebody who left is listed for whoever has the right in the whole
// organisation; to others that person is nobody, and so is one who never was (AUZ-01, AUZ-06).
func TestListOfWhoLeft(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.register(w.task("1", "julie"))
		w.leaves("julie")
		for name, want := range map[string]error{"claire": nil, "aude": nil, "wanda": member.ErrNotFound, "nadege": member.ErrNotFound} {
			l, err := w.items.List(w.Context(), w.as(name), w.a, w.id["julie"], workitem.Query{})
			w.Want(name, err, want)
			if want == nil && (len(l.Items) != 1 || l.Total != 1) {
				t.Errorf("%s: %+v", name, l)
			}
			_, err = w.items.List(w.Context(), w.as(name), w.a, ident.NewMember(), workitem.Query{})
			w.Want(name+" lists nobody", err, member.ErrNotFound)
		}
		_, err := w.items.List(w.Context(), w.as("paul"), w.a, w.id["julie"], workitem.Query{})
		w.Want("paul", err, access.ErrForbidden)
		_, err = w.items.Reassign(w.Context(), w.as("claire"), w.a, workitem.Handover{From: w.id["julie"], To: w.id["lise"]})
		w.Want("reassign", err, member.ErrNotFound)
	})
}
