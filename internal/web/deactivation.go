package web

import (
	"net/http"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/web/ui"
)

var deactivationRoutes = []route{
	{"GET /o/{org}/members/{member}/deactivate", within, (*visit).deactivateForm},
	{"POST /o/{org}/members/{member}/deactivate", within, (*visit).deactivate},
	{"GET /o/{org}/members/{member}/deactivate/cancel", within, (*visit).unplanForm},
	{"POST /o/{org}/members/{member}/deactivate/cancel", within, (*visit).unplan},
	{"GET /o/{org}/members/{member}/reactivate", within, (*visit).reactivateForm},
	{"POST /o/{org}/members/{member}/reactivate", within, (*visit).reactivate},
}

// planDate is the day of a deactivation, as refusals name it.
const planDate = "date"

// deactivationView is the question, with when, and what is planned already.
type deactivationView struct {
	Confirm confirmation
	When    ui.GroupProps
	Day     string
	Note    *ui.NoteProps
	Cancel  string // address of the page that takes the plan back; empty: nothing is planned
}

func (v *visit) deactivateForm() error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	if !s.May.Deactivate {
		if s.May.CancelPlan { // what was refused on its day may still be taken back
			return v.to(v.sheetPath(s.ID) + "/deactivate/cancel")
		}
		return v.whyNotDeactivate(s)
	}
	return v.askDeactivation(s, nil)
}

// deactivate ends the member's access to this organisation, at once or at the end of a day
// (CHG-4).
func (v *visit) deactivate() error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	when := v.PostFormValue(fieldWhen)
	switch {
	case when == whenNow || when == whenDay:
	case !s.May.Deactivate:
		return v.whyNotDeactivate(s)
	default:
		return v.askDeactivation(s, fault.OnField(fieldWhen, "web.depart_when"))
	}
	said, err := "", v.prove()
	if err == nil {
		said, err = v.deactivateThen(s, when)
	}
	if fault.Is(err, fault.Stale) {
		return v.staleSheet(s)
	}
	if err != nil {
		return v.askDeactivation(s, err)
	}
	v.flash(ui.ToneOK, said)
	return v.to(v.sheetPath(s.ID))
}

// deactivateThen does it, or plans it, and says what was done.
func (v *visit) deactivateThen(s member.Sheet, when string) (string, error) {
	read := parseVersion(v.PostFormValue(fieldVersion))
	if when == whenNow {
		_, err := v.s.Members.Deactivate(v.Context(), v.by, v.org.ID, s.ID, read)
		return v.t.T("member.deactivated", "Name", called(s.Member)), err
	}
	after, err := v.s.Members.PlanDeactivation(v.Context(), v.by, v.org.ID, s.ID, v.PostFormValue(fieldDay), read)
	if err != nil {
		return "", err
	}
	return v.t.T("member.plan.made", "Date", v.day(after.Planned.Day), "Name", called(s.Member)), nil
}

func (v *visit) askDeactivation(s member.Sheet, refusal error) error {
	said, status, err := v.tellAt(refusal, map[string]spot{planDate: {fieldDay, "member.deactivate.day"}})
	if err != nil {
		return err
	}
	view := deactivationView{Confirm: v.aboutMember(s, "deactivate", ui.DangerSolid), Day: v.PostFormValue(fieldDay)}
	when := v.PostFormValue(fieldWhen)
	if v.Method == http.MethodGet {
		when = whenNow
	}
	if s.Planned != nil {
		view.Note = v.planNote(s.Planned)
		if s.Planned.Held == "" && v.Method == http.MethodGet {
			when, view.Day = whenDay, s.Planned.Day
		}
	}
	if s.May.CancelPlan {
		view.Cancel = v.sheetPath(s.ID) + "/deactivate/cancel"
	}
	view.When = ui.GroupProps{Name: fieldWhen, Legend: v.t.T("member.deactivate.when"), Error: said.Errors[fieldWhen]}
	for _, code := range []string{whenNow, whenDay} {
		view.When.Choices = append(view.When.Choices, explained(v.t, "member.deactivate.when.", code, code == when))
	}
	view.Confirm.told = said
	view.Confirm.Ask.Back = view.Confirm.Back
	view.Confirm.Ask.StepUp = v.proof(view.Confirm.Why, said.Errors)
	p, err := v.orgFrame(view.Confirm.Title, view.Confirm.At)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, DeactivationPage(p, view))
}

// planNote says what is planned, or that it was not done on its day and why.
func (v *visit) planNote(p *member.Planned) *ui.NoteProps {
	if p.Held == "" {
		return &ui.NoteProps{Tone: ui.ToneInfo, Text: v.t.T("member.plan.stands", "Date", v.day(p.Day), "Name", v.somebody(p.By))}
	}
	return &ui.NoteProps{Tone: ui.ToneWait, Text: v.t.T("member.plan.held", "Date", v.day(p.Day), "Why", v.whyHeld(p))}
}

// whyHeld says which rule refused a plan on its day, and what to do.
func (v *visit) whyHeld(p *member.Planned) string {
	switch p.Held {
	case member.ErrPlanner.Code:
		return v.t.T("member.plan.held.planner", "Name", v.somebody(p.By))
	case member.ErrLastAdministrator.Code:
		return v.t.T("member.plan.held.last_administrator")
	}
	return v.t.T("member.plan.held.other")
}

// withPlan puts a planned deactivation where nothing asks for something (DESIGN.md 13); one that
// was not done on its day asks for somebody.
func (v *visit) withPlan(s ui.StatusProps, p *member.Planned) ui.StatusProps {
	switch {
	case p == nil, s.Chip.Tone == ui.ToneBad, p.Held == "" && s.Chip.Tone == ui.ToneWait:
		return s
	case p.Held != "":
		s.Chip = ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("status.deactivation_held")}
	default:
		s.Chip = ui.ChipProps{Tone: ui.ToneInfo, Label: v.t.T("status.deactivation_planned"), Icon: ui.IconClockFill}
	}
	s.Detail = v.t.T("invitation.on", "Date", v.t.ShortDate(p.At.AddDate(0, 0, -1)))
	return s
}

// planFact is the second fact of the sheet: when the access ends, who planned it, and where it is
// changed.
func (v *visit) planFact(s member.Sheet) ui.Fact {
	f, label, href := v.plannedFact(s.Planned), "member.plan.change", ""
	if s.Planned.Held != "" {
		label = "member.plan.settle"
	}
	if s.May.CancelPlan {
		href = v.sheetPath(s.ID) + "/deactivate"
	}
	f.Content = planLines(v.planner(s.Planned), v.t.T(label), href)
	return f
}

// plannedFact says when the access ends, and who planned it.
func (v *visit) plannedFact(p *member.Planned) ui.Fact {
	f := ui.Fact{
		Term: v.t.T("status.deactivation_planned"), Value: v.t.T("member.plan.end_of", "Date", v.day(p.Day)), Content: SmallLine(v.planner(p)),
	}
	if p.Held != "" {
		f.Term = v.t.T("status.deactivation_held")
	}
	return f
}

func (v *visit) planner(p *member.Planned) string {
	return v.t.T("member.plan.by", "Name", v.somebody(p.By), "Date", v.t.Date(p.Since))
}

func (v *visit) unplanForm() error {
	s, err := v.sheet()
	switch {
	case err != nil:
		return err
	case s.Planned == nil: // taken back meanwhile, or done
		return v.to(v.sheetPath(s.ID))
	case !s.May.CancelPlan:
		return member.ErrYourself
	}
	return v.askUnplan(s, nil)
}

// unplan takes a planned deactivation back (CHG-4).
func (v *visit) unplan() error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	if err = v.prove(); err == nil {
		_, err = v.s.Members.CancelDeactivation(v.Context(), v.by, v.org.ID, s.ID, parseVersion(v.PostFormValue(fieldVersion)))
	}
	if fault.Is(err, fault.Stale) {
		return v.staleSheet(s)
	}
	if err != nil {
		return v.askUnplan(s, err)
	}
	v.flash(ui.ToneOK, v.t.T("member.unplanned", "Name", called(s.Member)))
	return v.to(v.sheetPath(s.ID))
}

func (v *visit) askUnplan(s member.Sheet, refusal error) error {
	c := v.aboutMember(s, "unplan", ui.Primary)
	c.Ask.Action = v.sheetPath(s.ID) + "/deactivate/cancel"
	if s.Planned != nil {
		c.Facts = []ui.Fact{v.plannedFact(s.Planned)}
	}
	return v.confirm(c, refusal)
}

// aboutMember is the page that asks before an act on a member; its texts are those
// of "member.<act>".
func (v *visit) aboutMember(s member.Sheet, act string, kind ui.Kind) confirmation {
	key, name := "member."+act, called(s.Member)
	return confirmation{
		At: atMembers, Title: v.t.T(key + ".title"), Crumb: name, Back: v.sheetPath(s.ID), Why: v.t.T(key + ".proof"),
		Ask: ui.ConfirmProps{
			Title: v.t.T(key+".question", "Name", name), Text: v.t.T(key + ".text"), Action: v.sheetPath(s.ID) + "/" + act,
			Hidden: []ui.Hidden{{Name: fieldVersion, Value: version(s.Version)}},
			Button: ui.ButtonProps{Label: v.t.T(key + ".button"), Kind: kind}, Keep: v.t.T(key + ".keep"),
		},
	}
}

// whyNotDeactivate says why the sheet does not offer it: the rule that would refuse.
func (v *visit) whyNotDeactivate(s member.Sheet) error {
	list, err := v.s.Members.ReviewDeactivation(v.Context(), v.by, v.org.ID, []ident.Member{s.ID})
	switch {
	case err != nil:
		return err
	case list[0].Refused != nil:
		return list[0].Refused
	}
	return v.to(v.sheetPath(s.ID)) // it may be done by now: the sheet offers it
}

// staleSheet: somebody changed the member in between. The way back is the sheet,
// where the change can be seen (CHG-1).
func (v *visit) staleSheet(s member.Sheet) error {
	f := member.ErrStale
	body := v.errorBody(f)
	body.BackLabel, body.BackHref = v.t.T("member.see_again"), v.sheetPath(s.ID)
	return v.show(http.StatusPreconditionFailed, ErrorPage(v.errorFrame(), body))
}
