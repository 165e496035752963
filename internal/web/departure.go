package web

import (
	"net/http"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// The departure of a member: what they hold, who takes it over, when they go, and the way
// back (OFF-1 to OFF-6).
var departureRoutes = []route{
	{"GET /o/{org}/members/{member}/departure", within, (*visit).departure},
	{"POST /o/{org}/members/{member}/departure", within, (*visit).orderDeparture},
	{"POST /o/{org}/members/{member}/departure/cancel", within, (*visit).cancelDeparture},
	{"POST /o/{org}/members/{member}/departure/hand", within, (*visit).handOver},
	{"POST /o/{org}/members/{member}/departure/undo", within, (*visit).undoDeparture},
	{"GET /o/{org}/members/gone", within, (*visit).gone},
}

const (
	atDeparture = "/departure" // of the sheet of a member
	fieldForm   = "form"       // asks for the form where a departure is known already: a plan is changed
)

// leaver reads the departure that the address names. Whoever may not know of the member
// finds nothing.
func (v *visit) leaver() (departure.View, error) {
	id, err := ident.ParseMember(v.PathValue("member"))
	if err != nil {
		return departure.View{}, errPage
	}
	return v.s.Departures.Preview(v.Context(), v.by, v.org.ID, id)
}

func (v *visit) departurePath(id ident.Member) string { return v.sheetPath(id) + atDeparture }

// departure shows where it stands: asked for, planned, carried out, undone.
func (v *visit) departure() error {
	d, err := v.leaver()
	if err != nil {
		return err
	}
	if known := d.Departure; known != nil && (v.FormValue(fieldForm) == "" || over(*known)) {
		return v.showDeparture(d, departForm{}, nil)
	}
	return v.askDeparture(d, v.proposedForm(d), nil)
}

// over: the membership is over, whatever is still to be done.
func over(d departure.Departure) bool {
	return d.State == departure.Done || d.State == departure.Erased
}

// orderDeparture ends the membership, or plans its end, or shows the form as it would be.
func (v *visit) orderDeparture() error {
	d, err := v.leaver()
	if err != nil {
		return err
	}
	if d.Departure != nil && over(*d.Departure) {
		return v.showDeparture(d, departForm{}, departure.ErrAlready)
	}
	f := v.typedForm(d)
	switch v.PostFormValue(fieldDo) {
	case doPreview, doFind:
		return v.askDeparture(d, f, nil)
	case doEveryone:
		return v.askDeparture(d, f.all(d), nil)
	}
	order := f.order(d)
	if err = v.checkForm(d, f); err == nil {
		err = v.prove()
	}
	if err == nil {
		_, err = v.s.Departures.Start(v.Context(), v.by, v.org.ID, d.Member, order)
	}
	if err != nil {
		return v.askDeparture(d, f, err)
	}
	if order.Day == "" {
		v.flash(ui.ToneOK, v.t.T("depart.done", "Name", d.Name, "Count", departure.UndoDays))
	} else {
		v.flash(ui.ToneOK, v.t.T("depart.planned", "Name", d.Name, "Date", v.day(order.Day)))
	}
	return v.to(v.departurePath(d.Member))
}

// checkForm finds what the order cannot say: a day that is missing, where no day means at once;
// and a button that said the other choice, which without script it does until the page is asked for again.
func (v *visit) checkForm(d departure.View, f departForm) error {
	var wrong fault.Fields
	switch {
	case f.When != whenDay && f.When != whenNow:
		wrong.Add(fieldWhen, "web.depart_when")
	case f.When == whenDay && f.Day == "":
		wrong.Add(fieldDay, "web.depart_day")
	case v.PostFormValue(fieldShown) != f.When && f.When == whenNow:
		wrong.Add(fieldWhen, "web.depart_changed_now")
	case v.PostFormValue(fieldShown) != f.When:
		wrong.Add(fieldWhen, "web.depart_changed_other")
	}
	if wrong.Err() != nil && !departure.SameName(d.Name, f.Name) {
		wrong.Add(fieldFullName, departure.ErrName.Code, "Name", d.Name)
	}
	return wrong.Err()
}

// askDeparture shows the form; after a refusal, with what to do about it and what was typed.
func (v *visit) askDeparture(d departure.View, f departForm, refusal error) error {
	if !d.May.Start {
		return v.whyNoDeparture(d)
	}
	if err := v.findReceivers(&d, f); err != nil {
		return err
	}
	said, status, err := v.tellDeparture(d, f, refusal)
	if err != nil {
		return err
	}
	p, err := v.orgFrame(v.t.T("depart.title", "Name", titled(d.Title, d.Name)), atMembers)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	view, err := v.departView(d, f, said)
	if err != nil {
		return err
	}
	return v.show(status, DeparturePage(p, view))
}

// whyNoDeparture says why nobody may begin it here, or what this person lacks.
func (v *visit) whyNoDeparture(d departure.View) error {
	if d.Blocked != "" {
		return fault.New(fault.Conflict, d.Blocked)
	}
	return v.lacks(access.MembersDelete)
}

// tellDeparture says a refusal where it can be mended. The order names choices by their
// place; the page, by their field.
func (v *visit) tellDeparture(d departure.View, f departForm, refusal error) (told, int, error) {
	if fault.Is(refusal, fault.Stale) { // somebody else changed the plan: what was typed stays, to be sent again
		t := told{Failure: v.t.T("depart.stale"), Errors: map[string]string{}}
		return t, http.StatusPreconditionFailed, nil
	}
	said, status, err := v.tell(refusal)
	if err == nil && len(said.Summary) > 0 {
		said.Errors, said.Summary = v.fieldErrors(refusal, f.spots(d))
	}
	return said, status, err
}

// withDeparture shows a planned departure where nothing else asks for something; one that must
// be confirmed asks for it (LST-4, DESIGN.md 13).
func (v *visit) withDeparture(s ui.StatusProps, d *member.PlannedDeparture) ui.StatusProps {
	if d == nil || s.Chip.Tone == ui.ToneWait || s.Chip.Tone == ui.ToneBad {
		return s
	}
	s.Chip = v.plannedChip()
	if d.Confirm {
		s.Chip = ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("depart.confirm_chip")}
	}
	s.Detail = ""
	if day, err := time.ParseInLocation(time.DateOnly, d.Day, text.Zone); err == nil {
		s.Detail = strings.ReplaceAll(v.t.T("invitation.on", "Date", v.t.ShortDate(day)), " ", noBreak)
	}
	return s
}

// departLink is what leads from the sheet to the departure, for whoever decides it.
func (v *visit) departLink(s member.Sheet) *ui.LinkButtonProps {
	switch {
	case !s.May.Depart:
		return nil
	case s.Departure != nil:
		return &ui.LinkButtonProps{Label: v.t.T("depart.see"), Href: v.departurePath(s.ID), Icon: ui.IconClockFill, Small: true}
	}
	form := v.departurePath(s.ID) + "?" + fieldForm + "=1"
	return &ui.LinkButtonProps{Label: v.t.T("depart.delete_more"), Href: form, Icon: ui.IconTrash, Small: true}
}

// titled is how a page calls somebody whose title and name are known apart.
func titled(title, name string) string {
	if title == "" {
		return name
	}
	return title + noBreak + name
}

// longDay says a day in words: «lundi 30 novembre 2026»; what is no day, nothing.
func (v *visit) longDay(iso string) string {
	d, err := time.ParseInLocation(time.DateOnly, iso, text.Zone)
	if err != nil {
		return ""
	}
	return v.t.LongDate(d)
}
