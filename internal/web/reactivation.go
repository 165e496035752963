package web

import (
	"habilis/internal/access"
	"habilis/internal/decision"
	"habilis/internal/fault"
	"habilis/internal/member"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// reactivationView is what a reactivation gives back otherwise than before, asked or done
// (CHG-4).
type reactivationView struct {
	Confirm confirmation
	Asks    bool // it is not done yet
	Lead    string
	Count   string
	Lines   []movedLine
	Nothing string
	Hidden  bool // levels, delegations and groups are not shown
	Gone    []string

	told
}

// movedLine is one thing that moved, in words.
type movedLine struct {
	Name, Before, After string
	Why                 []string
}

func (v *visit) reactivateForm() error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	if s.Status == member.Deactivated && !s.May.Reactivate {
		return v.lacks(access.MembersDeactivate)
	}
	return v.askReactivation(s, nil)
}

// reactivate gives the rights back as they were, but for what changed meanwhile (CHG-4). What did is
// shown again.
func (v *visit) reactivate() error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	if err = v.prove(); err == nil {
		_, err = v.s.Members.Reactivate(v.Context(), v.by, v.org.ID, s.ID, parseVersion(v.PostFormValue(fieldVersion)))
	}
	if fault.Is(err, fault.Stale) {
		return v.staleSheet(s)
	}
	if err != nil {
		return v.askReactivation(s, err)
	}
	v.flash(ui.ToneOK, v.t.T("member.reactivated", "Name", called(s.Member)))
	told, err := v.s.Insight.Meanwhile(v.Context(), v.by, v.org.ID, s.ID)
	if err != nil {
		return err
	}
	if len(told.Moved) > 0 {
		return v.to(v.sheetPath(s.ID) + "/reactivate")
	}
	return v.to(v.sheetPath(s.ID))
}

// askReactivation shows what changed meanwhile; of whoever is deactivated it asks.
func (v *visit) askReactivation(s member.Sheet, refusal error) error {
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	told, err := v.s.Insight.Meanwhile(v.Context(), v.by, v.org.ID, s.ID)
	if err != nil {
		return err
	}
	view := reactivationView{
		Confirm: v.aboutMember(s, "reactivate", ui.Primary), Asks: s.Status == member.Deactivated, Hidden: told.Withheld, told: said,
	}
	view.Confirm.Ask.Back = view.Confirm.Back
	view.Confirm.Ask.StepUp = v.proof(view.Confirm.Why, said.Errors)
	v.fillReactivation(&view, told)
	title := view.Confirm.Title
	if !view.Asks {
		title = v.t.T("meanwhile.title")
	}
	p, err := v.orgFrame(title, atMembers)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, ReactivationPage(p, view))
}

func (v *visit) fillReactivation(view *reactivationView, told decision.Meanwhile) {
	count, nothing := "meanwhile.count", "meanwhile.nothing"
	if view.Lead = v.t.T("meanwhile.since", "Date", v.t.DateTime(told.Since)); !view.Asks {
		count, nothing = count+"_done", nothing+"_done"
		view.Lead = v.t.T("meanwhile.between", "From", v.t.DateTime(told.Since), "Until", v.t.DateTime(told.Until))
	}
	view.Count, view.Nothing = v.t.T(count, "Count", len(told.Moved)), v.t.T(nothing)
	for i := range told.Moved {
		view.Lines = append(view.Lines, v.movedLine(told.Moved[i]))
	}
	view.Gone = []string{v.t.T("meanwhile.sessions")}
	if told.Tokens > 0 {
		view.Gone = append(view.Gone, v.t.T("meanwhile.tokens", "Count", int(told.Tokens)))
	}
	if told.Webhooks > 0 {
		view.Gone = append(view.Gone, v.t.T("meanwhile.webhooks", "Count", int(told.Webhooks)))
	}
}

// movedLine says one thing that moved, before and after, and why.
func (v *visit) movedLine(m decision.Moved) movedLine {
	scope := m.ScopeName
	if m.Scope == access.WholeOrganization {
		scope = v.t.T("scope.organization")
	}
	l := movedLine{
		Name: v.t.T("meanwhile.kind."+string(m.Kind), "Name", m.Said(v.t), "Act", named(v.t, "why.act.identity.", m.Act), "Scope", scope),
		Why:  []string{v.t.T("meanwhile.why." + string(m.Why))},
	}
	l.Before, l.After = v.movedValue(m, m.Before), v.movedValue(m, m.After)
	if m.Kind == decision.MovedSetting {
		l.Before, l.After = v.t.T("meanwhile.policy_before"), v.t.T("meanwhile.policy_after")
	}
	if len(m.Gained) > 0 {
		l.Why = append(l.Why, v.t.T("meanwhile.gained", "Names", v.t.List(permissionNames(v.t, m.Gained))))
	}
	if len(m.Lost) > 0 {
		l.Why = append(l.Why, v.t.T("meanwhile.lost", "Names", v.t.List(permissionNames(v.t, m.Lost))))
	}
	return l
}

func permissionNames(t *text.Printer, codes []string) []string {
	names := make([]string, 0, len(codes))
	for _, code := range codes {
		names = append(names, named(t, "permission.", code))
	}
	return names
}

// movedValue says what somebody held: a level, a function, or yes and no.
func (v *visit) movedValue(m decision.Moved, value string) string {
	levelled := m.Kind == decision.MovedAgenda || m.Kind == decision.MovedMessaging
	switch {
	case value == decision.Holder:
		return v.t.T("level.holder")
	case m.Kind == decision.MovedFunction:
		return named(v.t, "function.", value)
	case m.Kind == decision.MovedReach:
		return named(v.t, "reach.", value)
	case value == "" && levelled:
		return v.t.T("level." + string(m.Kind) + ".none")
	case value == "":
		return v.t.T("common.no")
	case levelled:
		return named(v.t, "level."+string(m.Kind)+".", value)
	}
	return v.t.T("common.yes")
}
