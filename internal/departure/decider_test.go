package departure_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/departure"
	"habilis/internal/member"
	"habilis/internal/store"
	"habilis/internal/workitem"
)

// administersBut gives somebody every permission at a scope, but some.
func (w *world) administersBut(name string, at access.Scope, but ...access.Permission) {
	w.Helper()
	w.Write(func(ctx context.Context, tx *store.Tx) error {
		var list []member.GivenPermission
		for _, p := range access.Catalogue() {
			if !slices.Contains(but, p) {
				list = append(list, member.GivenPermission{Permission: p, Scope: at})
			}
		}
		return member.Give(ctx, tx, member.Gift{Org: w.a, Member: w.id[name], Permissions: list, By: "test"})
	})
}

// giver is who gave somebody what they hold of a table now.
func (w *world) giver(table, name string) string {
	w.Helper()
	var by string
	w.Must(w.DB.Read(w.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(w.Context(), `select given_by from `+table+` where org_id = $1 and member_id = $2 and known_until is null`,
			w.a, w.id[name]).Scan(&by)
	}))
	return by
}

// RGT-1, RGT-8: who decides gives what is handed over, on whatever day and by whatever hand it is
// carried out; and what they give themself is told to the others.
func TestGivenByDecider(t *testing.T) {
	for name, day := range map[string]int{"now": 0, "planned": 3} {
		t.Run(name, func(t *testing.T) {
			eachWorld(t, func(w *world) {
				w.furnish()
				w.administersBut("julie", access.SiteScope(w.a, w.site["nord"]))
				o := order("paul", w.succeeds())
				o.Day = map[bool]string{true: w.inDays(day)}[day > 0]
				w.Exec(`delete from member_permission where member_id = $1`, w.id["paul"]) // of the organisation, that julie has not
				_, err := w.start("julie", o)
				w.Must(err)
				w.clock.Add(time.Duration(day+1) * 24 * time.Hour)
				w.sweep()
				if w.jobs("letter.self_grant") != 1 || w.jobs("letter.appointed") != 0 {
					t.Errorf("the others are told %d times, and they themself %d", w.jobs("letter.self_grant"), w.jobs("letter.appointed"))
				}
				if by := w.giver("member_role", "julie"); by != w.account["julie"].String() {
					t.Errorf("given by %q", by)
				}
			})
		})
	}
}

// RGT-1, RGT-8: so it is of a management that the work gives, and of one that is given late.
func TestManagementByDecider(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		_, err := w.start("claire", order("paul", w.succeeds(), w.to(departure.Management, w.thing["room"].String(), "claire")))
		w.Must(err)
		w.sweep()
		if by := w.giver("access_grant", "claire"); by != w.account["claire"].String() || w.jobs("letter.self_levels") != 1 {
			t.Errorf("given by %q, told %d times", by, w.jobs("letter.self_levels"))
		}
	})
	eachWorld(t, func(w *world) {
		w.furnish()
		_, err := w.start("claire", order("paul", w.succeeds(), w.to(departure.Management, w.thing["room"].String(), "lise")))
		w.Must(err)
		w.Exec(`update member_state set status = 'deactivated' where member_id = $1`, w.id["lise"])
		w.sweep()
		_, err = w.d.Hand(w.Context(), w.as("bruno"), w.a, w.id["paul"], []departure.Choice{w.to(departure.Management, w.thing["room"].String(), "bruno")})
		w.Must(err)
		w.sweep()
		if by := w.giver("access_grant", "bruno"); by != w.account["bruno"].String() || w.jobs("letter.self_levels") != 1 {
			t.Errorf("given by %q, told %d times", by, w.jobs("letter.self_levels"))
		}
	})
}

// RGT-8: who leaves before their planned day gives nothing: whoever planned it does.
func TestLeaverGivesNothing(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		w.plan("claire", w.all()...)
		w.Must(w.d.Leave(w.Context(), w.as("paul"), w.a))
		w.sweep()
		for table, of := range map[string]string{"member_role": "julie", "access_grant": "julie"} {
			if by := w.giver(table, of); by != w.account["claire"].String() {
				t.Errorf("%s: given by %q", table, by)
			}
		}
	})
}

// Who confirms or changes a plan drops no receiver whom they may not choose: it stays, on the
// authority of whoever chose it, whether or not the order says it again. Another they may not name.
func TestPlanKeepsChoices(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		own := w.to(departure.Resource, w.thing["own"].String(), "anne")
		o := order("weber", own)
		o.Day = w.inDays(3)
		start := func(by string) (departure.Departure, error) {
			return w.d.Start(w.Context(), w.as(by), w.a, w.id["weber"], o)
		}
		d, err := start("claire")
		w.Must(err)
		w.administersBut("marc", access.OrgScope(w.a), access.RightsEdit)
		o.Day, o.Version = w.inDays(4), d.Version
		d, err = start("marc")
		w.Must(err)
		o.Version, o.Choices = d.Version, []departure.Choice{w.to(departure.Resource, own.Object, "paul")}
		_, err = start("marc")
		w.Wrong("another", err, "reassignments[0].to access.forbidden")
		o.Choices = nil
		d, err = start("marc")
		w.Must(err)
		v, err := w.d.Preview(w.Context(), w.as("claire"), w.a, w.id["weber"])
		w.Must(err)
		if h := line(v, departure.Resource, own.Object); h.To != w.id["anne"] || h.State != departure.Chosen {
			t.Errorf("the receiver is lost: %+v", h)
		}
		o.Version, o.Day = d.Version, ""
		_, err = start("marc")
		w.Must(err)
		w.sweep()
		if got := w.holder("own"); got != "anne active" {
			t.Errorf("confirmed, and not handed over: %s", got)
		}
	})
}

// rules.md 13: what is kept of a plan stands on whoever chose it, on the day: when they may choose no
// more it waits, and nothing is lost.
func TestKeptChoiceFalls(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		o := order("weber", w.to(departure.Resource, w.thing["own"].String(), "anne"))
		o.Day = w.inDays(3)
		d, err := w.d.Start(w.Context(), w.as("bruno"), w.a, w.id["weber"], o)
		w.Must(err)
		w.administersBut("marc", access.OrgScope(w.a), access.RightsEdit)
		o.Version, o.Choices = d.Version, nil
		_, err = w.d.Start(w.Context(), w.as("marc"), w.a, w.id["weber"], o)
		w.Must(err)
		w.Exec(`delete from member_role where member_id = $1`, w.id["bruno"])
		w.clock.Add(5 * 24 * time.Hour)
		w.sweep()
		v, err := w.d.Preview(w.Context(), w.as("claire"), w.a, w.id["weber"])
		w.Must(err)
		h := line(v, departure.Resource, w.thing["own"].String())
		if v.Departure.State != departure.Done || h.State != departure.Waits || h.Why != departure.ErrDecider.Code || w.holder("own") != "weber active" {
			t.Errorf("%+v\n%+v", v.Departure, h)
		}
	})
}

// AUZ-06: a receiver of another site, of whom the new decider may not know, is kept too; one who left
// is not.
func TestPlanKeepsUnknown(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		due := w.DB.Now().Add(10 * 24 * time.Hour)
		_, err := w.items.RegisterMany(w.Context(), w.as("claire"), w.a, []workitem.Line{{
			Ref:     workitem.Ref{Source: "agenda", External: "of-no-site"},
			Details: workitem.Details{Kind: workitem.Letter, Owner: w.id["weber"], Due: &due},
		}})
		w.Must(err)
		o := order("weber", w.to(departure.Work, "letter", "marc"), w.to(departure.Resource, w.thing["own"].String(), "anne"))
		o.Day = w.inDays(3)
		d, err := w.d.Start(w.Context(), w.as("claire"), w.a, w.id["weber"], o)
		w.Must(err)
		w.administersBut("julie", access.SiteScope(w.a, w.site["nord"]))
		o.Version, o.Choices = d.Version, nil
		d, err = w.d.Start(w.Context(), w.as("julie"), w.a, w.id["weber"], o)
		w.Must(err)
		v, err := w.d.Preview(w.Context(), w.as("claire"), w.a, w.id["weber"])
		w.Must(err)
		if h := line(v, departure.Work, "letter"); h.To != w.id["marc"] {
			t.Errorf("%+v", h)
		}
		if h := line(v, departure.Resource, w.thing["own"].String()); !h.To.IsZero() {
			t.Errorf("what she may give or not is kept: %+v", h)
		}
		w.Exec(`update member_state set status = 'left' where member_id = $1`, w.id["marc"])
		o.Version = d.Version
		_, err = w.d.Start(w.Context(), w.as("julie"), w.a, w.id["weber"], o)
		w.Must(err)
		if n := w.Count(`select count(*) from departure_choice where to_member = $1`, w.id["marc"]); n != 0 {
			t.Error("who left is kept as a receiver")
		}
	})
}

// ORG-4: who administers an organisation and its site alone names one successor for all of it.
func TestOneSuccessor(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.Write(func(ctx context.Context, tx *store.Tx) error {
			var list []member.GivenPermission
			for _, p := range access.Catalogue() { // tom may do everything, and is no administrator
				list = append(list, member.GivenPermission{Permission: p, Scope: access.OrgScope(w.b)})
			}
			for _, name := range []string{"nadia", "tom"} {
				if err := w.join(ctx, tx, name, "manager", w.b, "", []string{"est"}); err != nil {
					return err
				}
			}
			return member.Give(ctx, tx, member.Gift{Org: w.b, Member: w.id["tom"], Permissions: list, By: "test"})
		})
		o := order("odile", w.to(departure.Administration, w.site["est"].String(), "nadia"))
		_, err := w.d.Start(w.Context(), w.as("tom"), w.b, w.id["odile"], o)
		w.Want("of the site only", err, member.ErrLastAdministrator)
		o = order("odile", w.to(departure.Administration, "organization", "nadia"))
		_, err = w.d.Start(w.Context(), w.as("tom"), w.b, w.id["odile"], o)
		w.Must(err)
		if n := w.Count(`select count(*) from member_role where member_id = $1 and scope = 'organization' and given_by = $2 and known_until is null`,
			w.id["nadia"], w.account["tom"]); n != 1 {
			t.Error("nadia does not administer it, given by tom")
		}
	})
}
