package web

import (
	"slices"

	"habilis/internal/departure"
	"habilis/internal/web/ui"
	"habilis/internal/workitem"
)

// The parts of the work that follow one another, as a page tells them.
var (
	departStagesOut = []departure.Stage{
		departure.StageAccess, departure.StageWork, departure.StageResources, departure.StageManagers, departure.StageRemains,
	}
	departStagesBack = []departure.Stage{departure.StageBack, departure.StageBackWork}
)

// departStages are what was done, in order, and what is still to be done.
func (v *visit) departStages(d departure.View) (list []departStage) {
	stages, last := departStagesOut, departure.StageFinished
	if d.Departure.State == departure.Undone {
		stages, last = departStagesBack, departure.StageRestored
	}
	reached := v.reached(d, stages, last)
	for i, stage := range stages {
		s := departStage{Lines: v.stepLines(d, stage)}
		tone := ui.ToneOK
		switch {
		case i < reached:
			if len(s.Lines) == 0 {
				continue // there was nothing to do
			}
			s.Icon, s.IconTone = ui.IconCheckCircleFill, &tone
		case i == reached:
			tone = ui.ToneInfo
			chip := v.runningChip()
			s.Icon, s.IconTone, s.Chip = ui.IconClockFill, &tone, &chip
		default:
			s.Icon = ui.IconCircle
		}
		s.Title = v.t.T("depart.stage." + string(stage))
		list = append(list, s)
	}
	return list
}

// reached is the stage that the work has come to; all are done when it is finished.
func (v *visit) reached(d departure.View, stages []departure.Stage, last departure.Stage) int {
	if d.Departure.Finished {
		return len(stages)
	}
	reached := 1 // the first is one transaction: it is done whole
	for i := range d.Steps {
		stage := d.Steps[i].Stage
		if stage == last {
			return len(stages)
		}
		reached = max(reached, slices.Index(stages, stage))
	}
	return reached
}

// stepLines say what was done in a stage: what goes to one person in several steps is one line.
func (v *visit) stepLines(d departure.View, stage departure.Stage) (lines []string) {
	var sums []departure.Step
	for _, s := range slices.Backward(d.Steps) { // the latest comes first
		if s.Stage != stage {
			continue
		}
		same := func(o departure.Step) bool {
			whole := s.Stage == departure.StageBackWork // in parts that mean nothing to anybody
			return o.What == s.What && (whole || o.Object == s.Object) && o.ToName == s.ToName && o.Code == s.Code
		}
		if at := slices.IndexFunc(sums, same); at >= 0 {
			sums[at].Items += s.Items
			continue
		}
		sums = append(sums, s)
	}
	given := handed{v: v}
	for _, s := range sums {
		switch {
		case s.ToName != "" && s.Code == "" && s.Items > 0:
			given.add(s.ToName, v.stepName(d, s))
		default:
			if said := v.stepLine(d, s); said != "" {
				lines = append(lines, said)
			}
		}
	}
	if stage == departure.StageAccess {
		given.atOnce(d)
	}
	return append(lines, given.lines()...)
}

// handed gathers what each person took over.
type handed struct {
	v    *visit
	who  []string
	what map[string][]string
}

func (g *handed) add(name, what string) {
	if g.what == nil {
		g.what = map[string][]string{}
	}
	if g.what[name] == nil {
		g.who = append(g.who, name)
	}
	g.what[name] = append(g.what[name], what)
}

func (g *handed) lines() (lines []string) {
	for _, name := range g.who {
		lines = append(lines, g.v.t.T("depart.step.given", "What", g.v.t.List(g.what[name]), "Name", g.v.somebody(name)))
	}
	return lines
}

// atOnce adds what is given with the end of access: administration, and endpoints.
func (g *handed) atOnce(d departure.View) {
	for i := range d.Holdings {
		h := d.Holdings[i]
		if given := h.State == departure.Given && h.ToName != ""; given && (h.What == departure.Administration || h.What == departure.Webhook) {
			g.add(h.ToName, g.v.heldName(h))
		}
	}
}

func (v *visit) stepLine(d departure.View, s departure.Step) string {
	switch {
	case s.What == "":
		return v.t.T("depart.stage." + string(s.Stage) + "_done")
	case s.Code != "":
		return v.t.T("depart.step.waits", "What", v.thingName(d, s))
	case s.Items == 0:
		return ""
	case s.Stage == departure.StageBackWork:
		return v.t.T("depart.step.back", "Count", int(s.Items))
	}
	return v.t.T("depart.step."+string(fateOf(s)), "What", v.stepName(d, s))
}

// fateOf is what became of what nobody took over.
func fateOf(s departure.Step) departure.Fate {
	switch s.What {
	case departure.Work:
		rule, _ := workitem.Kind(s.Object).Rule()
		return departure.Fate(rule.Leaving)
	case departure.Resource:
		return departure.Closed
	case departure.Management:
		return departure.Unmanaged
	case departure.Webhook:
		return departure.Stopped
	case departure.Administration:
	}
	return departure.Required
}

// stepName is what a step was about, as much as it did: «28 tâches ouvertes».
func (v *visit) stepName(d departure.View, s departure.Step) string {
	if s.What == departure.Work {
		return v.t.T("workitem.count."+s.Object, "Count", int(s.Items))
	}
	return v.thingName(d, s)
}

// thingName is what a step was about, as a whole.
func (v *visit) thingName(d departure.View, s departure.Step) string {
	for i := range d.Holdings {
		if h := &d.Holdings[i]; h.What == s.What && h.Object == s.Object && (h.Name != "" || h.Items > 0) {
			return v.typedName(*h)
		}
	}
	return v.t.T("departure.what." + string(s.What))
}
