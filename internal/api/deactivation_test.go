package api_test

import (
	"testing"
	"time"

	rest "habilis/client"
	"habilis/internal/text"
)

// CHG-4: a program plans a deactivation, reads it in list and sheet, puts another day in its
// place and cancels it; the day is checked, and so is the version.
func TestPlanDeactivation(t *testing.T) {
	each(t, func(w *world) {
		c, ctx := w.bruno.rest(), t.Context()
		julie := w.member("julie@tilleuls.example")
		day := func(n int) rest.Deactivation {
			return rest.Deactivation{Date: w.clock.Now().In(text.Zone).AddDate(0, 0, n).Format(time.DateOnly)}
		}
		first, err := c.GetMember(ctx, w.a, julie)
		w.good(err)
		if first.PlannedDeactivation != nil || first.May.CancelPlan {
			t.Errorf("%+v", first.PlannedDeactivation)
		}
		m, err := c.DeactivateMember(ctx, w.a, julie, day(3), first.Version)
		if err != nil || m.Status != first.Status || m.Planned == nil || m.Planned.Date != day(3).Date || m.Planned.HeldBy != "" || m.Version <= first.Version {
			t.Fatalf("%+v %v", m, err)
		}
		_, err = c.DeactivateMember(ctx, w.a, julie, day(4), first.Version)
		w.refusedBy(err, 412, "api.version_stale")
		m, err = c.DeactivateMember(ctx, w.a, julie, day(4), m.Version)
		w.good(err)
		sheet, err := c.GetMember(ctx, w.a, julie)
		w.good(err)
		if p := sheet.PlannedDeactivation; p == nil || *p != *m.Planned || p.PlannedBy == "" || !sheet.May.CancelPlan {
			t.Errorf("%+v", sheet.PlannedDeactivation)
		}
		list, err := c.ListMembers(ctx, w.a, rest.MemberQuery{Search: "julie"})
		w.good(err)
		if len(list.Items) != 1 || list.Items[0].PlannedDeactivation == nil || list.Items[0].PlannedDeactivation.Date != day(4).Date {
			t.Errorf("%+v", list.Items)
		}
		for typed, at := range map[string]string{day(-1).Date: "body.date member.plan_past", "2026-02-30": "body.date api.invalid"} {
			_, err = c.DeactivateMember(ctx, w.a, julie, rest.Deactivation{Date: typed}, 0)
			w.refusedBy(err, 422, "invalid", at)
		}
		if after, err := c.CancelDeactivation(ctx, w.a, julie, 0); err != nil || after.PlannedDeactivation != nil || after.Status != first.Status {
			t.Errorf("%+v %v", after, err)
		}
		_, err = c.CancelDeactivation(ctx, w.a, julie, 0)
		w.refusedBy(err, 409, "member.no_plan")
		_, err = w.julie.rest().CancelDeactivation(ctx, w.a, julie, 0)
		w.refusedBy(err, 403, "access.forbidden")
	})
}

// CHG-4: what a reactivation gives back otherwise than before is read before it, and answered
// by it.
func TestReactivation(t *testing.T) {
	each(t, func(w *world) {
		c, ctx := w.bruno.rest(), t.Context()
		julie := w.member("julie@tilleuls.example")
		_, err := c.GetReactivation(ctx, w.a, julie)
		w.refusedBy(err, 409, "member.not_deactivated")
		was, err := c.GetMember(ctx, w.a, julie)
		w.good(err)
		_, err = c.DeactivateMember(ctx, w.a, julie, rest.Deactivation{}, 0)
		w.good(err)
		held, err := c.GetMember(ctx, w.a, julie)
		w.good(err)
		if len(held.Roles) == 0 {
			t.Fatal("julie has no role to lose")
		}
		lost := held.Roles[0]
		_, err = c.TakeRole(ctx, w.a, julie, lost.Role, lost.Scope, 0)
		w.good(err)
		before, err := c.GetReactivation(ctx, w.a, julie)
		w.good(err)
		if before.ReactivatedAt != nil || len(before.Changed) != 1 {
			t.Fatalf("%+v", before)
		}
		if v := before.Changed[0]; v.Kind != "role" || v.ID != lost.Role || v.Name != lost.Name || v.Scope != lost.Scope || v.Before != "held" ||
			v.After != "" || v.Why != "taken" || v.Detail == "" {
			t.Errorf("%+v", v)
		}
		m, err := c.ReactivateMember(ctx, w.a, julie, 0)
		if err != nil || m.Status != was.Status || m.ReactivatedAt == nil || len(m.Changed) != 1 || m.Changed[0].ID != lost.Role {
			t.Errorf("%+v %v", m, err)
		}
		_, err = w.julie.rest().GetReactivation(ctx, w.a, julie)
		w.refusedBy(err, 401, "access.token_outlived")
	})
}
