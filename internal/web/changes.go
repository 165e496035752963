package web

import (
	"net/http"

	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/web/ui"
)

// changesView is the history of changes of levels, the latest first.
type changesView struct {
	Base  string
	Back  string
	Lines []changesLine
	Total string
	Page  int
	Pages int
}

// changesLine is one change set of the list, in words.
type changesLine struct{ Title, Detail, Href string }

// changeView is one change set: done, or as undoing it would be.
type changeView struct {
	Base     string // the list
	Path     string // of this change set
	Title    string
	Facts    []ui.Fact
	Count    int
	Lines    []lineView
	Warnings []string
	MayUndo  bool
	Failure  string // why it cannot be undone
}

func (v *visit) changePath(id ident.ChangeSet) string { return v.at("access", "changes", id.String()) }

// changeSets lists them, as far as this person may know of them.
func (v *visit) changeSets() error {
	q := grant.ChangeSetQuery{Page: number(v.FormValue(fieldPage), 1, maxPage), Size: grant.DefaultSets}
	view := changesView{Base: v.at("access", "changes"), Back: v.at(agendas.At), Page: q.Page}
	list, err := v.s.Grants.ChangeSets(v.Context(), v.by, v.org.ID, q)
	if err != nil {
		return err
	}
	view.Pages = (int(list.Total) + q.Size - 1) / q.Size
	if view.Pages > 0 && q.Page > view.Pages {
		return v.to(view.Base)
	}
	view.Total = v.t.T("changes.total", "Count", int(list.Total))
	for i := range list.Sets {
		view.Lines = append(view.Lines, v.changesLine(&list.Sets[i]))
	}
	return v.showAccess(http.StatusOK, v.t.T("changes.title"), func(p ui.Page) error {
		return v.show(http.StatusOK, ChangesPage(p, view))
	})
}

func (v *visit) changesLine(c *grant.ChangeSet) changesLine {
	line := changesLine{
		Title: v.t.T("changes.line", "Kind", v.t.T("changes.kind."+string(c.Kind)), "Extent", v.extent(c)), Href: v.changePath(c.ID),
		Detail: v.t.T("changes.made", "Name", c.MadeBy, "When", v.t.DateTime(c.MadeAt)),
	}
	if !c.UndoneBy.IsZero() {
		line.Detail += " · " + v.t.T("changes.undone")
	}
	if c.Reason != "" {
		line.Detail += " · " + v.t.T("changes.reason", "Reason", c.Reason)
	}
	return line
}

// extent is how many levels of how many people a change set is about.
func (v *visit) extent(c *grant.ChangeSet) string {
	return v.t.T("changes.extent", "Changes", v.t.T("matrix.changes", "Count", c.Changes), "People", v.t.T("matrix.people", "Count", c.People))
}

func (v *visit) changeSetID() (ident.ChangeSet, error) {
	id, err := ident.ParseChangeSet(v.PathValue("set"))
	if err != nil {
		return "", errPage
	}
	return id, nil
}

// changeSet shows one, line by line.
func (v *visit) changeSet() error {
	id, err := v.changeSetID()
	if err != nil {
		return err
	}
	c, err := v.s.Grants.ChangeSet(v.Context(), v.by, v.org.ID, id)
	if err != nil {
		return err
	}
	view := v.changeView(&c)
	view.Title = v.t.T("changes.one", "When", v.t.DateTime(c.MadeAt))
	view.Facts, view.MayUndo = v.changeFacts(&c), c.MayUndo
	return v.showAccess(http.StatusOK, view.Title, func(p ui.Page) error {
		return v.show(http.StatusOK, ChangePage(p, view))
	})
}

func (v *visit) changeView(c *grant.ChangeSet) changeView {
	return changeView{
		Base: v.at("access", "changes"), Path: v.changePath(c.ID),
		Count: len(c.Lines), Lines: v.lineViews(c.Lines, nil), Warnings: v.warnings(*c),
	}
}

// changeFacts are who made it, when, why, and what became of it.
func (v *visit) changeFacts(c *grant.ChangeSet) []ui.Fact {
	facts := []ui.Fact{
		{Term: v.t.T("changes.fact.what"), Value: v.t.T("changes.kind." + string(c.Kind))},
		{Term: v.t.T("changes.fact.by"), Value: v.t.T("changes.made", "Name", c.MadeBy, "When", v.t.DateTime(c.MadeAt))},
	}
	if c.Reason != "" {
		facts = append(facts, ui.Fact{Term: v.t.T("changes.fact.reason"), Value: c.Reason})
	}
	link := func(id ident.ChangeSet, label string) ui.Fact {
		return ui.Fact{Term: v.t.T("changes.fact.state"), Content: textLink(v.changePath(id), v.t.T(label))}
	}
	switch {
	case !c.UndoneBy.IsZero():
		facts = append(facts, link(c.UndoneBy, "changes.undone_by"))
	case !c.Undoes.IsZero():
		facts = append(facts, link(c.Undoes, "changes.undoes"))
	case c.MayUndo:
		facts = append(facts, ui.Fact{Term: v.t.T("changes.fact.state"), Value: v.t.T("changes.undo_till", "Date", v.t.Date(c.UndoTill))})
	}
	return facts
}

// undoForm shows what undoing would do: before and after, in reverse (level 3).
func (v *visit) undoForm() error {
	id, err := v.changeSetID()
	if err != nil {
		return err
	}
	return v.showUndo(id, nil)
}

func (v *visit) showUndo(id ident.ChangeSet, refusal error) error {
	c, err := v.s.Grants.PreviewUndo(v.Context(), v.by, v.org.ID, id)
	if err != nil {
		if !tellsWhy(fault.Of(err)) {
			return err
		}
		refusal = err
	}
	c.ID = id
	view, status := v.changeView(&c), http.StatusOK
	view.Title, view.MayUndo = v.t.T("changes.undo_title"), err == nil
	if refusal != nil {
		f := fault.Of(refusal)
		if !tellsWhy(f) {
			return refusal
		}
		status, view.Failure = statusOf(f), ended(v.sentence(f))
	}
	return v.showAccess(status, view.Title, func(p ui.Page) error {
		return v.show(status, UndoPage(p, view))
	})
}

// tellsWhy: a change set that can no longer be undone is shown with the reason.
func tellsWhy(f *fault.Error) bool {
	return staysOnPage(f) || f.Code == grant.ErrUndoOver.Code || f.Code == grant.ErrNotYours.Code
}

// undo undoes it, once it was looked at: «Annuler» of a message leads to the page.
func (v *visit) undo() error {
	id, err := v.changeSetID()
	if err != nil {
		return err
	}
	if v.PostFormValue("confirm") == "" {
		return v.to(v.changePath(id) + "/undo")
	}
	c, err := v.s.Grants.Undo(v.Context(), v.by, v.org.ID, id)
	if err != nil {
		return v.showUndo(id, err)
	}
	v.flash(ui.ToneOK, v.t.T("changes.undone_flash", "Count", len(c.Lines)))
	return v.to(v.changePath(c.ID))
}

func (c changesView) pager() ui.PagerProps {
	return ui.PagerProps{Summary: c.Total, Page: c.Page, Pages: c.Pages, Href: func(page int) string {
		return c.Base + "?page=" + version(int64(page))
	}}
}
