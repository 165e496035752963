package web

import (
	"net/http"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/web/ui"
)

func (v *visit) deactivateForm() error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	if !s.May.Deactivate {
		return v.whyNotDeactivate(s)
	}
	return v.askDeactivation(s, nil)
}

// deactivate ends the member's access to this organisation, at once (CHG-4).
func (v *visit) deactivate() error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	if err = v.prove(); err == nil {
		_, err = v.s.Members.Deactivate(v.Context(), v.by, v.org.ID, s.ID, parseVersion(v.PostFormValue(fieldVersion)))
	}
	if fault.Is(err, fault.Stale) {
		return v.staleSheet(s)
	}
	if err != nil {
		return v.askDeactivation(s, err)
	}
	v.flash(ui.ToneOK, v.t.T("member.deactivated", "Name", called(s.Member)))
	return v.to(v.sheetPath(s.ID))
}

func (v *visit) askDeactivation(s member.Sheet, refusal error) error {
	return v.confirm(v.aboutMember(s, "deactivate", ui.DangerSolid), refusal)
}

func (v *visit) reactivateForm() error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	if !s.May.Reactivate {
		return v.whyNotReactivate(s)
	}
	return v.askReactivation(s, nil)
}

// reactivate gives the rights back as they were (CHG-4).
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
	return v.to(v.sheetPath(s.ID))
}

func (v *visit) askReactivation(s member.Sheet, refusal error) error {
	return v.confirm(v.aboutMember(s, "reactivate", ui.Primary), refusal)
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

func (v *visit) whyNotReactivate(s member.Sheet) error {
	if s.Status != member.Deactivated {
		return member.ErrNotDeactivated
	}
	return v.lacks(access.MembersDeactivate)
}

// staleSheet: somebody changed the member in between. The way back is the sheet,
// where the change can be seen (CHG-1).
func (v *visit) staleSheet(s member.Sheet) error {
	f := member.ErrStale
	body := v.errorBody(f)
	body.BackLabel, body.BackHref = v.t.T("member.see_again"), v.sheetPath(s.ID)
	return v.show(http.StatusPreconditionFailed, ErrorPage(v.errorFrame(), body))
}
