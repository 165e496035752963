package web

import (
	"strconv"
	"time"

	"habilis/internal/login"
	"habilis/internal/web/ui"
)

// namedPeople bounds the people that a review names.
const namedPeople = 50

// policyEffects say whom a change of the policy touches.
func (v *visit) policyEffects(e login.Effect) []policyEffect {
	var out []policyEffect
	add := func(id string, tone ui.Tone, list []login.Affected) {
		if len(list) == 0 {
			return
		}
		g := policyEffect{ID: id, Tone: tone, Title: v.t.T("policy.effect."+id, "Count", len(list)), Text: v.t.T("policy.effect_hint." + id)}
		for _, a := range list[:min(len(list), namedPeople)] {
			g.People = append(g.People, v.affected(a))
		}
		g.More = len(list) - len(g.People)
		out = append(out, g)
	}
	now, later := split(e.Enrol)
	add("enrol", ui.ToneWait, now)
	for _, g := range later {
		add("enrol_later", ui.ToneInfo, g)
		out[len(out)-1].Title = v.t.T("policy.effect.enrol_later", "Count", len(g), "Date", v.t.Date(g[0].Due))
	}
	add("outside", ui.ToneBad, e.Outside)
	add("prove", ui.ToneWait, e.Prove)
	add("ending", ui.ToneWait, e.Ending)
	for i := range out {
		out[i].ID = "effect-" + strconv.Itoa(i+1)
	}
	return out
}

// split parts those of whom a factor is due at once from the others, by day.
func split(all []login.Affected) (now []login.Affected, later [][]login.Affected) {
	days := map[string]int{}
	for _, a := range all {
		if a.Due.IsZero() {
			now = append(now, a)
			continue
		}
		day := a.Due.Format(time.DateOnly)
		at, known := days[day]
		if !known {
			at = len(later)
			days[day] = at
			later = append(later, nil)
		}
		later[at] = append(later[at], a)
	}
	return now, later
}

func (v *visit) affected(a login.Affected) ui.ItemProps {
	return ui.ItemProps{Initials: initials(a.GivenName, a.FamilyName), Title: a.Name(), Href: v.sheetPath(a.Member)}
}
