package web

import (
	"net/http"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/web/ui"
)

// What may be chosen where two people changed one field, and the name of the choice.
const (
	takeMine   = "mine"
	takeTheirs = "theirs"
	takeField  = "take_"
)

// conflictView tells both versions of what somebody else saved meanwhile (CHG-1).
type conflictView struct {
	Name    string
	Author  string // who saved, as a sentence begins with it
	Draft   string
	Version int64 // of what they saved
	Choices []ui.GroupProps
	Mine    []compared // the other changes, which nobody else touched
	Path    string
	Summary []ui.FieldError
}

// showConflict shows, field by field, what was typed and what was saved meanwhile.
func (v *visit) showConflict(status int, id ident.Draft, e edition, s member.Sheet, refusal error) error {
	view := conflictView{Name: called(s.Member), Draft: id.String(), Version: s.Version, Path: v.sheetPath(s.ID)}
	var err error
	if view.Author, err = v.lastEditor(s); err != nil {
		return err
	}
	wrong := map[string]string{}
	if refusal != nil {
		spots := map[string]spot{}
		for _, g := range editGroups {
			spots[takeField+g.Name] = spot{takeField + g.Name, "edit.field." + g.Name}
		}
		wrong, view.Summary = v.fieldErrors(refusal, spots)
	}
	theirs := editValues(s.Member)
	for _, g := range differing(theirs, e.Base) {
		if g.differ(e.Typed, theirs) { // else both say the same
			c := v.conflictChoice(g, e, theirs, view.Author)
			c.Error = wrong[c.Name]
			view.Choices = append(view.Choices, c)
		}
	}
	for _, g := range differing(e.Typed, e.Base) {
		if !g.differ(theirs, e.Base) {
			view.Mine = append(view.Mine, compared{v.t.T("edit.field." + g.Name), v.shownValue(g, e.Base), v.shownValue(g, e.Typed)})
		}
	}
	p, err := v.orgFrame(v.t.T("edit.conflict"), atMembers)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, EditConflictPage(p, view))
}

// conflictChoice offers both versions of one field. Where this person typed nothing, the
// other's is the usual answer; where both did, they must choose.
func (v *visit) conflictChoice(g editGroup, e edition, theirs map[string]string, author string) ui.GroupProps {
	touched, name := g.differ(e.Typed, e.Base), takeField+g.Name
	mine, chosen := "edit.conflict_before", v.PostFormValue(name)
	if touched {
		mine = "edit.conflict_mine"
	} else if chosen == "" {
		chosen = takeTheirs
	}
	return ui.GroupProps{
		Name: name, Legend: v.t.T("edit.field." + g.Name), Joined: true,
		Choices: []ui.Choice{
			{Value: takeMine, Label: v.shownValue(g, e.Typed), Detail: v.t.T(mine), Chosen: chosen == takeMine},
			{
				Value: takeTheirs, Label: v.shownValue(g, theirs), Detail: v.t.T("edit.conflict_theirs", "Author", author),
				Chosen: chosen == takeTheirs,
			},
		},
	}
}

// mergeEdition makes one version of the two, as was chosen, and leads to its review.
func (v *visit) mergeEdition() error {
	id, e, s, err := v.unsaved()
	switch {
	case err != nil:
		return err
	case e.Saved:
		return v.to(v.sheetPath(s.ID))
	case parseVersion(v.PostFormValue(fieldVersion)) != s.Version: // and yet another one saved
		return v.showConflict(http.StatusPreconditionFailed, id, e, s, nil)
	}
	merged, err := v.merge(e, s)
	if err != nil {
		return v.showConflict(http.StatusUnprocessableEntity, id, e, s, err)
	}
	if id, err = v.keepDraft(draftEdit, id, merged); err != nil {
		return err
	}
	if len(differing(merged.Typed, merged.Base)) == 0 {
		v.flash(ui.ToneInfo, v.t.T("edit.conflict_taken"))
		return v.to(v.sheetPath(s.ID))
	}
	return v.to(v.editReviewPath(s, id.String()))
}

// merge carries the edition over to the member as they are now.
func (v *visit) merge(e edition, s member.Sheet) (edition, error) {
	theirs, all := editValues(s.Member), v.PostFormValue("all")
	merged := edition{Member: e.Member, Version: s.Version, Base: theirs, Typed: editValues(s.Member)}
	var wrong fault.Fields
	for _, g := range editGroups {
		take := takeMine
		if g.differ(theirs, e.Base) && g.differ(e.Typed, theirs) {
			take = all
			if all != takeMine && all != takeTheirs {
				take = v.PostFormValue(takeField + g.Name)
			}
		} else if !g.differ(e.Typed, e.Base) {
			take = takeTheirs
		}
		switch take {
		case takeMine:
			g.take(merged.Typed, e.Typed)
		case takeTheirs:
		default:
			wrong.Add(takeField+g.Name, "web.take")
		}
	}
	return merged, wrong.Err()
}
