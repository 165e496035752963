package web

import (
	"net/http"
	"time"

	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// place of the pages on one delegation: those of who administers them, or one's own.
type delegationPlace struct {
	base, at, crumb string
	own             bool
}

func (v *visit) delegationDesk() delegationPlace {
	return delegationPlace{base: v.at(atDelegations), at: atDelegations, crumb: v.t.T("delegations.title")}
}

func (v *visit) ownNames() delegationPlace {
	return delegationPlace{base: v.at(atOwnNames), at: atOwnNames, crumb: v.t.T("own_delegations.title"), own: true}
}

// oneDelegation reads the delegation that the address names.
func (v *visit) oneDelegation() (grant.Delegation, error) {
	id, err := ident.ParseDelegation(v.PathValue("delegation"))
	if err != nil {
		return grant.Delegation{}, grant.ErrNoDelegation
	}
	return v.s.Delegations.Get(v.Context(), v.by, v.org.ID, id)
}

// delegationFacts are what a page on one delegation says of it.
func (v *visit) delegationFacts(d grant.Delegation) []ui.Fact {
	return []ui.Fact{
		{Term: v.t.T("delegations.fact.member"), Value: v.somebody(d.Name)}, {Term: v.t.T("delegations.fact.identity"), Value: d.Identity.Name},
		{Term: v.t.T("delegations.fact.act"), Value: v.t.T("delegation.act." + string(d.Act))},
		{Term: v.t.T("delegations.fact.period"), Value: v.period(d)}, {Term: v.t.T("delegations.fact.by"), Value: v.givenBy(d)},
	}
}

// The end of a delegation (DESIGN.md 12, level 2).

func (v *visit) endDelegationForm() error { return v.askEndOf(v.delegationDesk()) }
func (v *visit) endOwnForm() error        { return v.askEndOf(v.ownNames()) }
func (v *visit) endDelegation() error     { return v.endOf(v.delegationDesk()) }
func (v *visit) endOwn() error            { return v.endOf(v.ownNames()) }

func (v *visit) askEndOf(at delegationPlace) error {
	d, err := v.oneDelegation()
	if err != nil {
		return err
	}
	if d.State == grant.Ended {
		return v.alreadyOver(at)
	}
	return v.askEnd(at, d, nil)
}

// alreadyOver says so on the list, where what is left can be seen.
func (v *visit) alreadyOver(at delegationPlace) error {
	v.flash(ui.ToneInfo, ended(v.t.T("fault."+grant.ErrDelegationOver.Code)))
	return v.to(at.base)
}

func (v *visit) askEnd(at delegationPlace, d grant.Delegation, refusal error) error {
	what := "end"
	switch {
	case d.State == grant.Proposed:
		what = "end_proposed"
	case d.Member == v.held.Member:
		what = "renounce"
	}
	say := func(key string) string { return v.t.T(key, "Member", d.Name, "Identity", d.Identity.Name) }
	return v.confirm(confirmation{
		At: at.at, Title: say("delegations." + what + "_button"), Crumb: at.crumb, Back: at.base, Facts: v.delegationFacts(d),
		Ask: ui.ConfirmProps{
			Title: say("delegations." + what + "_question"), Text: say("delegations." + what + "_text"),
			Action: at.base + "/" + d.ID.String() + "/end", Button: ui.ButtonProps{Label: say("delegations." + what + "_button")},
			Keep: v.t.T("delegations.keep"),
		},
	}, refusal)
}

func (v *visit) endOf(at delegationPlace) error {
	d, err := v.oneDelegation()
	if err != nil {
		return err
	}
	end := v.s.Delegations.End
	if at.own {
		end = v.s.Delegations.EndMine
	}
	err = end(v.Context(), v.by, v.org.ID, d.ID)
	switch {
	case fault.Of(err).Code == grant.ErrDelegationOver.Code && err != nil:
		return v.alreadyOver(at)
	case err != nil && staysOnPage(fault.Of(err)):
		return v.askEnd(at, d, err)
	case err != nil:
		return err
	case d.State == grant.Proposed:
		v.flash(ui.ToneOK, v.t.T("delegations.ended_proposed"))
	case d.Member == v.held.Member:
		v.flash(ui.ToneOK, v.t.T("delegations.renounced", "Identity", d.Identity.Name))
	default:
		v.flash(ui.ToneOK, v.t.T("delegations.ended", "Member", d.Name))
	}
	return v.to(at.base)
}

// The dates of a delegation.

// delegationDates is the form of the dates of one delegation.
type delegationDates struct {
	Place       delegationPlace
	Lead        string
	Facts       []ui.Fact
	Action      string
	Version     string
	From, Until string
	Begun       bool
	Stale       bool
	Errors      map[string]string
	Summary     []ui.FieldError
	Failure     string
	Proof       *ui.StepUpProps
}

func (v *visit) datesForm() error    { return v.askDates(v.delegationDesk()) }
func (v *visit) ownDatesForm() error { return v.askDates(v.ownNames()) }
func (v *visit) editDates() error    { return v.changeDates(v.delegationDesk()) }
func (v *visit) editOwnDates() error { return v.changeDates(v.ownNames()) }

func (v *visit) askDates(at delegationPlace) error {
	d, err := v.oneDelegation()
	if err != nil {
		return err
	}
	view, err := v.delegationDates(at, d)
	if err != nil {
		return err
	}
	if d.Until != nil {
		day, _ := grant.LastDay(*d.Until)
		view.Until = day.Format(time.DateOnly)
	}
	if d.From.After(v.s.now()) {
		view.From = d.From.In(text.Zone).Format(time.DateOnly)
	}
	return v.showDates(http.StatusOK, view, nil)
}

// delegationDates is the form without what is typed. Whoever may not change the dates is told why.
func (v *visit) delegationDates(at delegationPlace, d grant.Delegation) (delegationDates, error) {
	if d.State != grant.Ended && !d.May.Edit {
		return delegationDates{}, grant.ErrNotHolder
	}
	return delegationDates{
		Place: at, Action: at.base + "/" + d.ID.String() + "/edit", Version: version(d.Rev), Facts: v.delegationFacts(d),
		Begun: d.State == grant.InForce,
		Lead:  v.t.T("delegations.edit_lead"),
	}, nil
}

func (v *visit) showDates(status int, view delegationDates, refusal error) error {
	if refusal != nil {
		view.Errors, view.Summary = v.fieldErrors(refusal, map[string]spot{
			fieldFrom: {fieldFrom, "delegations.from"}, fieldUntil: {fieldUntil, "delegations.until"},
		})
		if len(view.Summary) == 0 && !view.Stale {
			view.Failure = v.sentence(fault.Of(refusal))
		}
	}
	view.Proof = v.proof(v.t.T("delegations.edit_proof"), view.Errors)
	p, err := v.orgFrame(v.t.T("delegations.edit_title"), view.Place.at)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, DelegationDatesPage(p, view))
}

func (v *visit) changeDates(at delegationPlace) error {
	d, err := v.oneDelegation()
	if err != nil {
		return err
	}
	view, err := v.delegationDates(at, d)
	if err != nil {
		return err
	}
	view.From, view.Until = v.PostFormValue(fieldFrom), v.PostFormValue(fieldUntil)
	after, err := v.dated(d, view)
	f := fault.Of(err)
	switch {
	case err == nil && after.Rev == d.Rev:
		v.flash(ui.ToneInfo, v.t.T("delegations.unchanged"))
	case err == nil:
		v.flash(ui.ToneOK, v.t.T("delegations.edited", "Period", v.period(after)))
	case f.Code == grant.ErrDelegationStale.Code: // the form has the version of now
		view.Stale = true
		return v.showDates(statusOf(f), view, err)
	case staysOnPage(f):
		return v.showDates(statusOf(f), view, err)
	default:
		return err
	}
	return v.to(at.base)
}

// dated proves the person, then changes the dates of the version that the form was made from.
func (v *visit) dated(d grant.Delegation, view delegationDates) (grant.Delegation, error) {
	var wrong fault.Fields
	var to grant.Dates
	to.From, to.Until = grant.Days(&wrong, view.From, view.Until)
	if err := wrong.Err(); err != nil {
		return d, err
	}
	if view.Begun {
		to.From = nil
	} else if to.From == nil { // an emptied beginning is now, for what has not begun
		now := v.s.now()
		to.From = &now
	}
	if d.Until != nil && to.Until != nil { // the day as it is shown: an end at another hour of it stays
		was, whole := grant.LastDay(*d.Until)
		if !whole && was.Format(time.DateOnly) == view.Until {
			to.Until = d.Until
		}
	}
	if err := v.prove(); err != nil {
		return d, err
	}
	return v.s.Delegations.Edit(v.Context(), v.by, v.org.ID, d.ID, parseVersion(v.PostFormValue(fieldVersion)), to)
}
