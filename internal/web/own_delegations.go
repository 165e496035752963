package web

import (
	"net/http"

	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/web/ui"
)

// ownView is what «Mes délégations» shows (MEM-6).
type ownView struct {
	Base      string
	New       string // address of the form; empty: the person holds no identity
	Holder    bool   // something may be done in their name
	Proposals []delegationLine
	InMyName  []delegationLine
	InTheirs  []delegationLine
}

// none reports whether nothing concerns the person.
func (o ownView) none() bool {
	return !o.Holder && len(o.InTheirs)+len(o.Proposals)+len(o.InMyName) == 0
}

func (v *visit) myDelegations() error {
	own, err := v.s.Delegations.Mine(v.Context(), v.by, v.org.ID)
	if err != nil {
		return err
	}
	view := ownView{Base: v.at(atOwnNames), Holder: len(own.Identities) > 0}
	if view.Holder {
		view.New = view.Base + "/new"
	}
	view.Proposals = v.delegationLines(own.Proposals, view.Base)
	view.InMyName = v.delegationLines(own.InMyName, view.Base)
	view.InTheirs = v.delegationLines(own.InTheirs, view.Base)
	p, err := v.orgFrame(v.t.T("own_delegations.title"), atOwnNames)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, OwnDelegationsPage(p, view))
}

// proposal reads the proposal that the address names, if it waits for this person. One
// that was answered or taken back meanwhile is told on the list.
func (v *visit) proposal() (d grant.Delegation, waits bool, err error) {
	if d, err = v.oneDelegation(); err != nil {
		return d, false, err
	}
	if d.State != grant.Proposed {
		return d, false, nil
	}
	if !d.May.Refuse {
		return d, false, grant.ErrNotHolder
	}
	return d, true, nil
}

func (v *visit) confirmDelegationForm() error {
	d, waits, err := v.proposal()
	if err != nil {
		return err
	}
	if !waits {
		return v.answered()
	}
	return v.askAgreement(d, nil)
}

// answered says on the list that there is nothing to answer any more.
func (v *visit) answered() error {
	v.flash(ui.ToneInfo, ended(v.t.T("fault."+grant.ErrNotProposed.Code)))
	return v.to(v.at(atOwnNames))
}

// askAgreement: one's name is at stake, so the dates are shown and the password is asked.
func (v *visit) askAgreement(d grant.Delegation, refusal error) error {
	at := v.ownNames()
	say := func(key string) string { return v.t.T(key, "Member", d.Name, "Identity", d.Identity.Name) }
	return v.confirm(confirmation{
		At: at.at, Title: v.t.T("own_delegations.confirm"), Crumb: at.crumb, Back: at.base, Facts: v.delegationFacts(d),
		Why: v.t.T("own_delegations.confirm_proof"),
		Ask: ui.ConfirmProps{
			Title: say("own_delegations.confirm_question"), Text: say("own_delegations.confirm_text"),
			Action: at.base + "/" + d.ID.String() + "/confirm", Hidden: []ui.Hidden{{Name: fieldVersion, Value: version(d.Rev)}},
			Button: ui.ButtonProps{Label: v.t.T("own_delegations.confirm"), Kind: ui.Primary}, Keep: v.t.T("own_delegations.later"),
		},
	}, refusal)
}

func (v *visit) confirmDelegation() error {
	d, waits, err := v.proposal()
	if err != nil {
		return err
	}
	if !waits {
		return v.answered()
	}
	if err = v.prove(); err == nil {
		d, err = v.agreed(d)
	}
	switch f := fault.Of(err); {
	case err == nil:
	case f.Code == grant.ErrDelegationStale.Code:
		v.flash(ui.ToneWait, v.t.T("own_delegations.stale"))
		return v.to(v.at(atOwnNames, d.ID.String(), "confirm"))
	case f.Code == grant.ErrNotProposed.Code, f.Code == grant.ErrDelegationOver.Code:
		return v.answered()
	case staysOnPage(f):
		return v.askAgreement(d, err)
	default:
		return err
	}
	if d.State == grant.Upcoming {
		v.flash(ui.ToneOK, v.t.T("own_delegations.confirmed_later", "Member", d.Name, "Date", v.t.Date(d.From)))
	} else {
		v.flash(ui.ToneOK, v.t.T("own_delegations.confirmed", "Member", d.Name))
	}
	return v.to(v.at(atOwnNames))
}

// agreed confirms the version that was read.
func (v *visit) agreed(d grant.Delegation) (grant.Delegation, error) {
	after, err := v.s.Delegations.Confirm(v.Context(), v.by, v.org.ID, d.ID, parseVersion(v.PostFormValue(fieldVersion)))
	if err != nil {
		return d, err
	}
	return after, nil
}

func (v *visit) refuseDelegationForm() error {
	d, waits, err := v.proposal()
	if err != nil {
		return err
	}
	if !waits {
		return v.answered()
	}
	return v.askRefusal(d, nil)
}

func (v *visit) askRefusal(d grant.Delegation, refusal error) error {
	at := v.ownNames()
	return v.confirm(confirmation{
		At: at.at, Title: v.t.T("own_delegations.refuse_button"), Crumb: at.crumb, Back: at.base, Facts: v.delegationFacts(d),
		Ask: ui.ConfirmProps{
			Title: v.t.T("own_delegations.refuse_question", "Member", d.Name), Text: v.t.T("own_delegations.refuse_text", "Member", d.Name),
			Action: at.base + "/" + d.ID.String() + "/refuse", Button: ui.ButtonProps{Label: v.t.T("own_delegations.refuse_button")},
			Keep: v.t.T("own_delegations.later"),
		},
	}, refusal)
}

func (v *visit) refuseDelegation() error {
	d, waits, err := v.proposal()
	if err != nil {
		return err
	}
	if waits {
		err = v.s.Delegations.Refuse(v.Context(), v.by, v.org.ID, d.ID)
	}
	switch f := fault.Of(err); {
	case !waits, err != nil && (f.Code == grant.ErrNotProposed.Code || f.Code == grant.ErrDelegationOver.Code):
		return v.answered()
	case err != nil && staysOnPage(f):
		return v.askRefusal(d, err)
	case err != nil:
		return err
	}
	v.flash(ui.ToneOK, v.t.T("own_delegations.refused"))
	return v.to(v.at(atOwnNames))
}

// ownNamesNav is the page of the side column for whoever has a name to lend or lent to
// them, with what waits for their answer; false: the page does not concern them.
func (v *visit) ownNamesNav(current string) (ui.NavItem, bool, error) {
	c, err := v.s.Delegations.Concern(v.Context(), v.by, v.org.ID)
	item := ui.NavItem{
		Label: v.t.T("web.my_delegations"), Href: v.at(atOwnNames), Icon: ui.IconHandshake, Current: current == atOwnNames,
	}
	if c.Proposals > 0 {
		item.Count, item.Work = v.t.Number(int(c.Proposals)), true
	}
	return item, c.Any || current == atOwnNames, err
}
