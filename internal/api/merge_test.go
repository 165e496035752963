package api_test

import (
	"strings"
	"testing"

	rest "habilis/client"
	"habilis/internal/departure"
	"habilis/internal/member"
)

// MEM-3 by programs: what a replacement would do, the replacement, by the directory's own words, who
// took whose place, and the way back. An answer is repeated under its key.
func TestReplacement(t *testing.T) {
	each(t, func(w *world) {
		ctx, bruno := w.Context(), w.bruno.rest()
		path := w.waiting(member.New{ProfileType: member.Regulated, RPPS: "99700000039"})
		old := path[strings.LastIndex(path, "/")+1:]
		order := rest.ReplacementOrder{NewNumber: rest.NewNumber{RPPS: midwife[:3] + " " + midwife[3:]}}
		v, err := bruno.PreviewReplacement(ctx, w.a, old, order.NewNumber)
		w.good(err)
		found := false
		for _, f := range v.Fields {
			found = found || f.Name == "rpps" && f.After == midwife
		}
		if !found || v.Passes.Sites == 0 || v.Verifies || v.FullName == "" {
			t.Errorf("%+v", v)
		}
		order.FullName = v.FullName + " x"
		_, err = bruno.ReplaceMember(ctx, w.a, old, 0, order)
		w.refusedBy(err, 422, "invalid", "body.full_name departure.name")
		order.FullName = v.FullName
		_, err = bruno.ReplaceMember(ctx, w.a, old, 99, order)
		w.refusedBy(err, 412, "api.version_stale")
		_, err = w.julie.rest().ReplaceMember(ctx, w.a, old, 0, order)
		w.refusedBy(err, 403, "access.forbidden")
		var r rest.Replacement
		for range 2 {
			r, err = bruno.Once("replace").ReplaceMember(ctx, w.a, old, 0, order)
			w.good(err)
		}
		if r.OldMember != old || r.NewMember == old || r.NewRPPS != midwife || r.NewName != "Aïcha Diallo" || r.UndoUntil == nil {
			t.Errorf("%+v", r)
		}
		w.good(departure.Departures{Run: w.run}.Sweep(ctx))
		for _, id := range []string{old, r.NewMember} {
			if g, err := bruno.GetReplacement(ctx, w.a, id); err != nil || g.OldMember != old || !g.MayUndo || !g.Finished {
				t.Errorf("%+v %v", g, err)
			}
		}
		if d, err := bruno.GetDeparture(ctx, w.a, old); err != nil || d.Departure == nil || d.Departure.Into != r.NewMember || d.May.Undo {
			t.Errorf("%+v %v", d, err)
		}
		_, err = bruno.EndDeparture(ctx, w.a, old, r.Version)
		w.refusedBy(err, 409, "departure.replaced")
		_, err = bruno.UndoReplacement(ctx, w.a, old, 0)
		w.refusedBy(err, 428, "api.version_missing")
		for range 2 {
			r, err = bruno.Once("undo").UndoReplacement(ctx, w.a, old, r.Version)
			w.good(err)
			r.Version--
		}
		if m, err := bruno.GetMember(ctx, w.a, old); err != nil || m.RPPS != "99700000039" {
			t.Errorf("%+v %v", m, err)
		}
	})
}
