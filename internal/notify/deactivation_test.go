package notify

import (
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/message"
	"habilis/internal/role"
	"habilis/internal/text"
)

// deactivationSamples are the letters about planned deactivations.
func deactivationSamples(lang text.Lang) map[string]func() (Letter, error) {
	to := aicha(lang)
	f := PlanFacts{Org: tilleuls, By: "Bruno Lacaze", Day: time.Date(2026, 11, 30, 0, 0, 0, 0, text.Zone), Contact: bruno}
	held := f
	held.Name = "Julie Delmas"
	return map[string]func() (Letter, error){
		"deactivation_planned":   func() (Letter, error) { return WriteDeactivationPlanned(to, f) },
		"deactivation_cancelled": func() (Letter, error) { return WriteDeactivationCancelled(to, f) },
		"deactivation_held": func() (Letter, error) {
			held.Why = member.ErrPlanner.Code
			return WriteDeactivationHeld(to, held)
		},
		"deactivation_held-last": func() (Letter, error) {
			held.Why = member.ErrLastAdministrator.Code
			return WriteDeactivationHeld(to, held)
		},
	}
}

// CHG-4: the person is told the day that is planned, and when it is taken back; of what is no
// longer so, nothing is sent. What was refused on its day is told to the administrators.
func TestPlannedDeactivationLetters(t *testing.T) {
	eachWorld(t, func(w *world) {
		ines := w.person("Inès", "Faure", text.FR)
		at := func(days int) string { return w.db.Now().In(text.Zone).AddDate(0, 0, days).Format(time.DateOnly) }
		plan := func(days int) {
			t.Helper()
			_, err := w.m.PlanDeactivation(ctx, w.by(w.bruno), w.org.ID, ines.member, at(days), 0)
			w.must(err)
		}
		plan(2)
		k := w.letter()
		said, _ := time.ParseInLocation(time.DateOnly, at(2), text.Zone)
		if k.To != "inès@tilleuls.example" || len(k.Links) != 0 {
			w.Errorf("%+v", k)
		}
		w.says(k, "Bruno Lacaze", text.For(text.FR).Date(said), "minuit")
		plan(3)
		plan(4) // of the two, the last one
		said, _ = time.ParseInLocation(time.DateOnly, at(4), text.Zone)
		w.says(w.letter(), text.For(text.FR).Date(said))
		_, err := w.m.CancelDeactivation(ctx, w.by(w.claire), w.org.ID, ines.member, 0)
		w.must(err)
		w.says(w.letter(), "Claire Morvan", "continue")

		other := w.person("Odile", "Renard", text.FR, role.Given{Role: w.roles[role.Administrator], Scope: access.OrgScope(w.org.ID)})
		_, err = w.m.PlanDeactivation(ctx, w.by(other), w.org.ID, ines.member, at(0), 0)
		w.must(err)
		_, err = w.m.Withdraw(ctx, w.by(w.bruno), other.member, access.OrgScope(w.org.ID), 0)
		w.must(err)
		w.work()
		w.clock.Add(48 * time.Hour)
		w.must(w.m.CarryOutPlans(ctx))
		to := map[string]bool{}
		for _, k := range w.work() {
			to[k.To] = true
			w.says(k, "Inès Faure", "Odile Renard")
		}
		if len(to) != 2 || !to["bruno@tilleuls.example"] || !to["claire@tilleuls.example"] {
			w.Errorf("told to %v", to)
		}
	})
}

// CHG-4, LST-3: what somebody wrote before they were deactivated is not sent afterwards: replies
// would go to them.
func TestMessageOfSomebodyDeactivated(t *testing.T) {
	eachWorld(t, func(w *world) {
		m, err := w.messages().Send(ctx, w.by(w.bruno), w.org.ID, message.Draft{Members: []ident.Member{w.tina.member}, Subject: "Trop tard", Text: "Bonjour"})
		w.must(err)
		_, err = w.m.Deactivate(ctx, w.by(w.claire), w.org.ID, w.bruno.member, 0)
		w.must(err)
		w.must(w.worker.Drain(ctx))
		m, err = w.messages().Get(ctx, w.by(w.claire), w.org.ID, m.ID)
		w.must(err)
		if m.Letters[message.Dropped] != 1 || m.Letters[message.Sent] != 0 {
			t.Errorf("%v", m.Letters)
		}
	})
}
