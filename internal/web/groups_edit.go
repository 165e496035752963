package web

import (
	"net/http"
	"strconv"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/recordgroup"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// groupFormView is the form of a group: new, or to change.
type groupFormView struct {
	groupView
	Details  recordgroup.Details
	Action   string
	Back     string
	Version  string
	Errors   map[string]string
	Summary  []ui.FieldError
	Conflict []ui.Fact // what somebody else saved in between
}

// groupSpots are the fields of a group that say nothing of themselves when a text is refused.
var groupSpots = map[string]spot{fieldName: {fieldName, "groups.name"}, "description": {"description", "groups.description"}}

func (v *visit) groupDetails() recordgroup.Details {
	return recordgroup.Details{Name: v.PostFormValue(fieldName), Description: v.PostFormValue("description")}
}

func (v *visit) newGroupForm() error {
	if !v.mayEditGroups() {
		return v.lacks(access.GroupsEdit)
	}
	return v.showGroupForm(http.StatusOK, groupFormView{Action: v.at(atGroups, "new"), Back: v.at(atGroups)})
}

func (v *visit) createGroup() error {
	d := v.groupDetails()
	g, err := v.s.Groups.Create(v.Context(), v.by, v.org.ID, d)
	if f := fault.Of(err); err != nil && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		view := groupFormView{Details: d, Action: v.at(atGroups, "new"), Back: v.at(atGroups)}
		if view.Errors, view.Summary = v.fieldErrors(err, groupSpots); len(view.Summary) == 0 {
			view.Summary = []ui.FieldError{{Text: v.sentence(f)}}
		}
		return v.showGroupForm(statusOf(f), view)
	}
	if err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("groups.created", "Name", g.Name))
	return v.to(v.at(atGroups, g.ID.String()))
}

func (v *visit) showGroupForm(status int, view groupFormView) error {
	title := v.t.T("groups.new_title")
	if !view.ID.IsZero() {
		title = v.t.T("groups.edit_title")
	}
	p, err := v.orgFrame(title, atGroups)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, GroupFormPage(p, view))
}

func (v *visit) groupForm() error {
	g, err := v.editedGroup()
	if err != nil {
		return err
	}
	return v.showGroupForm(http.StatusOK, g.form())
}

func (g groupView) form() groupFormView {
	return groupFormView{groupView: g, Details: g.Details, Action: g.Base + "/edit", Back: g.Base, Version: version(g.Version)}
}

func (v *visit) saveGroup() error {
	g, err := v.editedGroup()
	if err != nil {
		return err
	}
	d := v.groupDetails()
	saved, err := v.s.Groups.Edit(v.Context(), v.by, v.org.ID, g.ID, parseVersion(v.PostFormValue(fieldVersion)), d)
	if f := fault.Of(err); err != nil && (f.Kind == fault.Invalid || f.Kind == fault.Stale) {
		view := g.form()
		view.Details = d
		if f.Kind == fault.Stale { // the other's version is shown, what was typed is kept (CHG-1)
			view.Conflict = groupFacts(v.t, g.Details)
		} else {
			view.Version = v.PostFormValue(fieldVersion)
			view.Errors, view.Summary = v.fieldErrors(err, groupSpots)
		}
		return v.showGroupForm(statusOf(f), view)
	}
	if err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("groups.saved", "Name", saved.Name))
	return v.to(g.Base)
}

func groupFacts(t *text.Printer, d recordgroup.Details) []ui.Fact {
	facts := []ui.Fact{{Term: t.T("groups.name"), Value: d.Name}}
	if d.Description != "" {
		facts = append(facts, ui.Fact{Term: t.T("groups.description"), Value: d.Description})
	}
	return facts
}

func (v *visit) removeGroupForm() error {
	g, err := v.editedGroup()
	if err != nil {
		return err
	}
	return v.askGroupRemoval(g, nil)
}

// askGroupRemoval says what removing the group widens, and asks (RGT-7).
func (v *visit) askGroupRemoval(g groupView, refusal error) error {
	e, err := v.s.Groups.PreviewRemove(v.Context(), v.by, v.org.ID, g.ID)
	if err != nil {
		return err
	}
	said := v.t.T("groups.remove_nobody")
	if e.Members > 0 {
		said = v.t.T("groups.remove_members", "Count", int(e.Members))
	}
	return v.confirm(confirmation{
		At: atGroups, Title: v.t.T("groups.remove"), Crumb: g.Name, Back: g.Base,
		Ask: ui.ConfirmProps{
			Title: v.t.T("groups.remove_question", "Name", g.Name), Text: said + " " + v.widens(e.Ungrouped, e.Closed),
			Action: g.Base + "/remove",
			Hidden: []ui.Hidden{{Name: fieldVersion, Value: version(g.Version)}, agreed(e.Ungrouped)},
			Button: ui.ButtonProps{Label: v.t.T("groups.remove")}, Keep: v.t.T("groups.keep"),
		},
	}, refusal)
}

// widens says what leaving a group does to who sees the records.
func (v *visit) widens(ungrouped int64, closed bool) string {
	switch {
	case ungrouped == 0:
		return v.t.T("groups.effect_none")
	case closed:
		return v.t.T("groups.effect_closed", "Count", int(ungrouped))
	}
	return v.t.T("groups.effect_open", "Count", int(ungrouped))
}

// agreed carries what the person was told: how many records would be in no group.
func agreed(ungrouped int64) ui.Hidden {
	return ui.Hidden{Name: "agreed", Value: strconv.FormatInt(ungrouped, 10)}
}

// agreement reads it back; what cannot be read agrees to nothing.
func (v *visit) agreement() *int64 {
	n := parseVersion(v.PostFormValue("agreed"))
	return &n
}

func (v *visit) removeGroup() error {
	g, err := v.editedGroup()
	if err != nil {
		return err
	}
	_, err = v.s.Groups.Remove(v.Context(), v.by, v.org.ID, g.ID, parseVersion(v.PostFormValue(fieldVersion)), v.agreement())
	switch {
	case fault.Is(err, fault.Stale):
		return v.staleGroup(g)
	case err != nil:
		if !staysOnPage(fault.Of(err)) {
			return err
		}
		return v.askGroupRemoval(g, err)
	}
	v.flash(ui.ToneOK, v.t.T("groups.removed", "Name", g.Name))
	return v.to(v.at(atGroups))
}
