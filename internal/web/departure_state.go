package web

import (
	"cmp"
	"context"
	"net/http"

	"habilis/internal/access"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/web/ui"
)

// departedView is a departure that is planned, carried out or undone.
type departedView struct {
	Crumb, Back string
	Lead        string
	Plate       ui.PlaqueProps
	Chip        ui.ChipProps
	Notes       []ui.NoteProps
	Facts       []ui.Fact

	Given []ui.ItemProps // who takes over what, of a plan
	Chips []ui.ChipProps // beside each

	Data    string // address of «Données personnelles»; empty: it is too early
	Change  string // address of the form
	Change1 string // its words
	Cancel  *ui.PostProps

	Stages  []departStage
	Running string // that the work goes on; empty: it is done
	Again   string // address of this page

	Hand *departHand
	Undo *departUndo
	Kept []ui.ItemProps // what an undoing left as it was

	told
}

// departStage is one part of the work that follows, with what was done of it.
type departStage struct {
	ui.ItemProps

	Lines []string
	Chip  *ui.ChipProps
}

// departHand is the form of what still waits for somebody.
type departHand struct {
	Action string
	Card   departCard
}

// departUndo is the way back, or why there is none.
type departUndo struct {
	Action, Version string
	Text            string
	Refused         string
	Proof           *ui.StepUpProps
}

// showDeparture shows where a departure stands; after a refusal, with what to do about it.
func (v *visit) showDeparture(d departure.View, f departForm, refusal error) error {
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	view := departedView{
		Crumb: v.somebody(titled(d.Title, d.Name)), Back: v.sheetPath(d.Member), Again: v.departurePath(d.Member), told: said,
	}
	if view.Plate, err = v.departPlate(d); err != nil {
		return err
	}
	switch d.Departure.State {
	case departure.Planned:
		v.fillPlanned(&view, d)
	case departure.Undone:
		v.fillUndone(&view, d)
	case departure.Done, departure.Erased, departure.Cancelled:
		v.fillDeparted(&view, d, f)
	}
	p, err := v.orgFrame(v.t.T("depart.title", "Name", v.somebody(titled(d.Title, d.Name))), atMembers)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, DepartedPage(p, view))
}

// departFacts are who decided, and when.
func (v *visit) departFacts(d departure.Departure) []ui.Fact {
	l := factList{v: v}
	if d.Day != "" {
		l.add("depart.day", v.longDay(d.Day))
	}
	if over(d) {
		l.add("depart.fact.ended", v.t.DateTime(d.EndsAt))
	}
	by := v.somebody(d.By)
	if d.Kind == departure.Self {
		by = v.t.T("depart.fact.self")
	}
	l.add("depart.fact.by", v.t.T("depart.fact.by_at", "Name", by, "When", v.t.DateTime(d.At)))
	return l.list
}

// fillPlanned shows the plan: who takes over what, and how it is changed or given up.
func (v *visit) fillPlanned(view *departedView, d departure.View) {
	known := *d.Departure
	view.Lead = v.t.T("depart.planned_lead")
	view.Chip, view.Facts = v.plannedChip(), v.departFacts(known)
	if known.ToConfirm() {
		view.Notes = append(view.Notes, ui.NoteProps{Tone: ui.ToneWait, Text: v.toConfirm(known)})
		view.Chip = ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("depart.to_confirm")}
	}
	for i := range d.Holdings {
		h := d.Holdings[i]
		item := v.heldItem(h)
		chip := ui.ChipProps{Tone: ui.ToneOff, Label: v.t.T("depart.nobody")}
		if !h.To.IsZero() {
			item.Detail = v.t.T("depart.given_to", "Name", v.somebody(h.ToName))
			chip = ui.ChipProps{Tone: ui.ToneOK, Label: v.t.T("depart.settled")}
		}
		view.Given, view.Chips = append(view.Given, item), append(view.Chips, chip)
	}
	if d.May.Start {
		view.Change, view.Change1 = view.Again+"?"+fieldForm+"=1", v.t.T("common.edit")
		if known.ToConfirm() {
			view.Change1 = v.t.T("depart.check_confirm")
		}
	}
	if d.May.Cancel {
		view.Cancel = &ui.PostProps{
			Action: view.Again + "/cancel", Hidden: []ui.Hidden{{Name: fieldVersion, Value: version(known.Version)}},
			Button: ui.ButtonProps{Label: v.t.T("depart.cancel"), Kind: ui.Danger},
		}
	}
}

func (v *visit) plannedChip() ui.ChipProps {
	return ui.ChipProps{Tone: ui.ToneInfo, Icon: ui.IconClockFill, Label: v.t.T("status.departure_planned")}
}

func (v *visit) runningChip() ui.ChipProps {
	return ui.ChipProps{Tone: ui.ToneInfo, Icon: ui.IconClockFill, Label: v.t.T("depart.in_progress")}
}

// toConfirm says that the day came, and why nothing was done.
func (v *visit) toConfirm(d departure.Departure) string {
	return v.t.T("depart.to_confirm_text", "Date", v.day(d.Day), "Why", v.because(d.Refused))
}

// because says why something was not done: the sentence of the refusal, or another where that one
// speaks of a place that is not known here.
func (v *visit) because(code string) string {
	if key := "depart.why." + code; v.t.Has(key) {
		return v.t.T(key)
	}
	return ended(v.sentence(fault.New(fault.Conflict, code)))
}

// fillDeparted shows what was done and what is left, what waits for somebody, and the way back.
func (v *visit) fillDeparted(view *departedView, d departure.View, f departForm) {
	known := *d.Departure
	view.Crumb, view.Back, view.Data = v.t.T("gone.title"), v.at("members", "gone"), v.dataPath(d.Member)
	view.Lead = v.t.T("depart.done_lead", "Count", departure.UndoDays)
	if d.NoUndo == departure.ErrThemself.Code {
		view.Lead = v.t.T("depart.left_lead", "Date", v.t.Date(known.UndoTill))
	}
	view.Facts, view.Stages = v.departFacts(known), v.departStages(d)
	view.Chip = ui.ChipProps{Tone: ui.ToneOff, Label: v.t.T("gone.over")}
	if !known.Finished {
		view.Running = v.t.T("depart.running")
		view.Chip = v.runningChip()
	}
	if !known.Into.IsZero() {
		view.Change, view.Change1 = v.replacementPath(d.Member), v.t.T("replace.see")
		view.Lead = v.t.T("replace.done_lead")
	}
	if d.May.Hand {
		view.Hand = v.departHand(d, f, view.Errors)
	}
	switch {
	case d.NoUndo != "":
		view.Undo = &departUndo{Refused: v.because(d.NoUndo)}
	case d.May.Undo:
		view.Undo = &departUndo{
			Action: view.Again + "/undo", Version: version(known.Version), Proof: v.proof(v.t.T("depart.undo_proof"), view.Errors),
			Text: v.t.T("depart.undo_text", "Date", v.t.Date(known.UndoTill)),
		}
	}
}

// fillUndone shows what came back, and what did not.
func (v *visit) fillUndone(view *departedView, d departure.View) {
	known := *d.Departure
	view.Lead = v.t.T("depart.undone_lead")
	view.Facts = append(v.departFacts(known), ui.Fact{
		Term:  v.t.T("depart.fact.undone"),
		Value: v.t.T("depart.fact.by_at", "Name", v.somebody(known.UndoneBy), "When", v.t.DateTime(known.UndoneAt)),
	})
	view.Chip = ui.ChipProps{Tone: ui.ToneOK, Label: v.t.T("depart.undone")}
	if !known.Finished {
		view.Running = v.t.T("depart.running_back")
		view.Chip = v.runningChip()
	}
	view.Stages = v.departStages(d)
	for _, s := range d.Stays {
		view.Kept = append(view.Kept, v.departStay(s))
	}
	if d.May.Start && known.Finished {
		view.Change, view.Change1 = view.Again+"?"+fieldForm+"=1", v.t.T("depart.delete_more")
	}
}

// departStay says one thing that did not come back, and why.
func (v *visit) departStay(s departure.Stay) ui.ItemProps {
	name := s.Name
	switch {
	case s.What == string(departure.Administration):
		name = v.heldName(departure.Holding{What: departure.Administration, Name: s.Name})
	case name == "":
		name = v.t.T("depart.stay."+s.What, "Count", int(max(s.N, 1)))
	}
	return ui.ItemProps{Icon: ui.IconProhibit, Title: name, Detail: ended(v.t.T("departure.stays."+s.Code, "Name", s.Name, "Count", int(s.N)))}
}

// departHand is what waits for another receiver, and what is hidden until nobody took it.
func (v *visit) departHand(d departure.View, f departForm, wrong map[string]string) *departHand {
	c := departCard{ID: "depart-hand", Title: v.t.T("depart.hand"), Lead: v.t.T("depart.hand_lead", "Count", departure.UndoDays)}
	for i := range d.Holdings {
		h := d.Holdings[i]
		if !waits(h) {
			continue
		}
		l := v.departLine(h, f, wrong)
		if h.State == departure.Waits {
			l.Detail = v.t.T("depart.waits", "Name", cmp.Or(h.ToName, v.t.T("depart.somebody")), "Why", v.because(h.Why))
		}
		c.Lines = append(c.Lines, l)
	}
	if len(c.Lines) == 0 {
		return nil
	}
	c.Chip = ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("depart.missing", "Count", len(c.Lines))}
	return &departHand{Action: v.departurePath(d.Member) + "/hand", Card: c}
}

// waits reports whether something can still be given: its receiver can no longer take it, or it
// is hidden until the departure can no longer be undone.
func waits(h departure.Holding) bool {
	hidden := h.State == departure.LeftOver && h.What == departure.Work && h.Fate == departure.Deleted && h.Items > 0
	return hidden || h.State == departure.Waits
}

// handOver gives what waits to those who are chosen; the rest goes on waiting.
func (v *visit) handOver() error {
	d, err := v.leaver()
	if err != nil {
		return err
	}
	f := v.typedForm(d)
	choices, _ := f.choices(d)
	if len(choices) == 0 {
		v.flash(ui.ToneWait, v.t.T("depart.hand_none"))
		return v.to(v.departurePath(d.Member))
	}
	if _, err := v.s.Departures.Hand(v.Context(), v.by, v.org.ID, d.Member, choices); err != nil {
		return v.refuseHand(d, f, err)
	}
	v.flash(ui.ToneOK, v.t.T("depart.handed", "Count", len(choices)))
	return v.to(v.departurePath(d.Member))
}

// refuseHand says at its line why something cannot be given.
func (v *visit) refuseHand(d departure.View, f departForm, err error) error {
	if !fault.Is(err, fault.Invalid) || d.Departure == nil {
		return v.backToDeparture(d, err)
	}
	said := fault.Of(err)
	here := *said
	here.Fields = nil
	spots := f.spots(d)
	for _, x := range said.Fields {
		if at, ok := spots[x.Location]; ok {
			x.Location = at.Name
		}
		here.Fields = append(here.Fields, x)
	}
	return v.showDeparture(d, f, &here)
}

// cancelDeparture gives a plan up.
func (v *visit) cancelDeparture() error {
	return v.endDeparture(v.s.Departures.Cancel, false, "depart.cancelled", func(id ident.Member) string { return v.sheetPath(id) })
}

// undoDeparture lets somebody be a member again (OFF-6).
func (v *visit) undoDeparture() error {
	return v.endDeparture(v.s.Departures.Undo, true, "depart.was_undone", v.departurePath)
}

// departAct is Departures.Cancel or Departures.Undo.
type departAct func(context.Context, access.Actor, ident.Org, ident.Member, int64) (departure.Departure, error)

func (v *visit) endDeparture(act departAct, proven bool, said string, then func(ident.Member) string) error {
	d, err := v.leaver()
	if err != nil {
		return err
	}
	if proven {
		err = v.prove()
	}
	if err == nil {
		_, err = act(v.Context(), v.by, v.org.ID, d.Member, parseVersion(v.PostFormValue(fieldVersion)))
	}
	if err != nil {
		return v.backToDeparture(d, err)
	}
	v.flash(ui.ToneOK, v.t.T(said, "Name", d.Name))
	return v.to(then(d.Member))
}

// backToDeparture says a refusal on the page of the departure as it is now.
func (v *visit) backToDeparture(d departure.View, err error) error {
	switch {
	case fault.Is(err, fault.Stale), d.Departure == nil && fault.Is(err, fault.Conflict):
		v.flash(ui.ToneWait, v.t.T("depart.stale"))
		return v.to(v.departurePath(d.Member))
	case d.Departure == nil:
		return err
	}
	return v.showDeparture(d, departForm{}, err)
}
