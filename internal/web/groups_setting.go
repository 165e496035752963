package web

import (
	"habilis/internal/fault"
	"habilis/internal/recordgroup"
	"habilis/internal/setting"
	"habilis/internal/web/ui"
)

// recordsCard is the card of «Dossiers de patients» on the page of settings.
const recordsCard = "records-setting"

// recordsSetting is that card: what is set, and what it bears on (RGT-7).
type recordsSetting struct {
	recordgroup.Unlisted
	Proof *ui.StepUpProps
}

// fillRecordsSetting reads the card, for whoever may change the settings.
func (v *visit) fillRecordsSetting(view *settingsView) error {
	u, err := v.s.Groups.Unlisted(v.Context(), v.by, v.org.ID)
	view.Records = &recordsSetting{Unlisted: u}
	return err
}

// saveRecordsSetting closes the records of no group, or opens them; the password is asked
// again (rules.md 6).
func (v *visit) saveRecordsSetting() error {
	view, err := v.settingsView()
	if err != nil {
		return err
	}
	next := setting.Records{UnlistedClosed: v.PostFormValue("records_unlisted_closed") != ""}
	if err = v.prove(); err == nil {
		_, err = v.s.Settings.SetRecords(v.Context(), v.by, v.org.ID, parseVersion(v.PostFormValue(fieldVersion)), next)
	}
	if f := fault.Of(err); err != nil && (f.Kind == fault.Invalid || f.Kind == fault.Stale) {
		if view.Records != nil {
			view.Records.UnlistedClosed = next.UnlistedClosed
			var by map[string]string
			by, view.Summary = v.fieldErrors(err)
			view.Records.Proof = v.proof(v.t.T("groups.setting_proof"), by)
			for i := range view.Summary {
				view.Summary[i].ID = recordsProof
			}
		}
		view.Stale = f.Kind == fault.Stale
		return v.showSettings(statusOf(f), view)
	}
	if err != nil {
		return err
	}
	said := v.t.T("groups.setting_opened")
	if next.UnlistedClosed {
		said = v.t.T("groups.setting_closed")
		if view.Records != nil && view.Records.Without > 0 {
			said += " " + v.t.T("groups.setting_effect_close", "Count", int(view.Records.Without))
		}
	}
	v.flash(ui.ToneOK, said)
	return v.to(v.at("settings"))
}

// recordsProof is the field of the password in this card: the page has another.
const recordsProof = "records_password"

// settingProof is the block that asks for the password in this card.
func (v *visit) settingProof(r *recordsSetting) *recordsSetting {
	if r == nil {
		return nil
	}
	if r.Proof == nil {
		r.Proof = v.proof(v.t.T("groups.setting_proof"), nil)
	}
	if r.Proof != nil {
		r.Proof.ID = recordsProof
	}
	return r
}

// groupsOfMember lists the groups of a member for their sheet; nil for whoever may not read them.
func (v *visit) groupsOfMember(view *memberView) error {
	if !v.mayReadGroups() {
		return nil
	}
	all, err := v.s.Groups.OfMember(v.Context(), v.by, v.org.ID, view.Sheet.ID)
	if err != nil {
		return err
	}
	card := &groupsCard{Title: v.t.T("groups.card"), None: v.t.T("groups.card_none_open")}
	for _, m := range all {
		period := v.groupPeriod(m.Period)
		card.Lines = append(card.Lines, groupsCardLine{
			Name: m.GroupName, Href: v.at(atGroups, m.Group.String()), Detail: period.Detail, Chip: period.Chip,
		})
	}
	if len(all) == 0 {
		closed, _, err := v.unlisted()
		if err != nil {
			return err
		}
		if closed {
			card.None = v.t.T("groups.card_none_closed")
		}
	}
	view.Groups = card
	return nil
}

// groupsCard is the card of the groups of a member.
type groupsCard struct {
	Title string
	None  string
	Lines []groupsCardLine
}

type groupsCardLine struct {
	Name, Href, Detail string
	Chip               ui.ChipProps
}
