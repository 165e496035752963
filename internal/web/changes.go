package web

import (
	"cmp"
	"net/http"
	"slices"

	"habilis/internal/access"
	"habilis/internal/changeset"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/web/ui"
)

// changesView is the history of changes of rights, the latest first.
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
	Undo     string // where undoing it is sent
	Title    string
	Facts    []ui.Fact
	Count    int
	Lines    []lineView  // about levels
	Rights   []rightView // about anything else
	Stays    []string    // of an undo: what stays as it is, each with its reason
	Warnings []string
	MayUndo  bool
	Proof    *ui.StepUpProps
	Failure  string   // why it cannot be undone
	Refused  []string // of which lines, each with its reason
}

// rightView is one right before and after.
type rightView struct {
	Name   string
	Again  bool // of the same person as the line before
	What   string
	Before string
	After  string
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
		Detail: v.t.T("changes.made", "Name", v.somebody(c.MadeBy), "When", v.t.DateTime(c.MadeAt)),
	}
	if !c.UndoneBy.IsZero() {
		line.Detail += " · " + v.t.T("changes.undone")
	}
	if c.Reason != "" {
		line.Detail += " · " + v.t.T("changes.reason", "Reason", c.Reason)
	}
	return line
}

// extent is how many rights of how many people a change set is about.
func (v *visit) extent(c *grant.ChangeSet) string {
	if c.People == 0 {
		return c.Extent(v.t)
	}
	return v.t.T("changes.extent", "Changes", c.Extent(v.t), "People", v.t.T("matrix.people", "Count", c.People))
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
	view := changeView{
		Base: v.at("access", "changes"), Path: v.changePath(c.ID),
		Count: c.Changes, Lines: v.lineViews(c.Lines, nil), Rights: v.rightViews(c.Rights), Warnings: v.warnings(*c),
	}
	for _, s := range c.Stays {
		view.Stays = append(view.Stays, v.stay(s))
	}
	return view
}

// rightViews word the lines about anything but levels, those of one person together.
func (v *visit) rightViews(lines []grant.RightLine) []rightView {
	sorted := slices.Clone(lines)
	slices.SortStableFunc(sorted, func(a, b grant.RightLine) int { return cmp.Compare(a.MemberName, b.MemberName) })
	now := v.s.now()
	views := make([]rightView, 0, len(sorted))
	for i, l := range sorted {
		view := rightView{Name: v.somebody(l.MemberName), What: l.What(v.t), Before: l.Side(v.t, l.Before, now), After: l.Side(v.t, l.After, now)}
		view.Again = i > 0 && sorted[i-1].Member == l.Member
		if l.Member.IsZero() {
			view.Name = v.t.T("changes.records_of")
		}
		views = append(views, view)
	}
	return views
}

// stay says which line stays as it is, and why.
func (v *visit) stay(s grant.Stay) string {
	what, why := s.What(v.t), s.Reason(v.t)
	if s.Domain == changeset.GroupRecord {
		return v.t.T("changes.stays.records", "Count", s.Count, "What", what, "Why", why)
	}
	return v.t.T("changes.stays.line", "Name", v.somebody(s.MemberName), "What", what, "Why", why)
}

// changeFacts are who made it, when, why, and what became of it.
func (v *visit) changeFacts(c *grant.ChangeSet) []ui.Fact {
	facts := []ui.Fact{
		{Term: v.t.T("changes.fact.what"), Value: v.t.T("changes.kind." + string(c.Kind))},
		{Term: v.t.T("changes.fact.by"), Value: v.t.T("changes.made", "Name", v.somebody(c.MadeBy), "When", v.t.DateTime(c.MadeAt))},
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
	view.Title, view.MayUndo, view.Undo = v.t.T("changes.undo_title"), err == nil, inState(view.Path+"/undo", v.URL.Query())
	var wrong map[string]string
	if refusal != nil {
		f := fault.Of(refusal)
		if !tellsWhy(f) {
			return refusal
		}
		wrong, _ = v.fieldErrors(refusal)
		status, view.Failure = statusOf(f), ended(v.sentence(f))
		view.Refused = v.linesRefused(f)
	}
	if view.MayUndo && c.Proof {
		view.Proof = v.proof(v.t.T("changes.proof"), wrong)
	}
	return v.showAccess(status, view.Title, func(p ui.Page) error {
		return v.show(status, UndoPage(p, view))
	})
}

// linesRefused says why lines cannot be undone.
func (v *visit) linesRefused(f *fault.Error) (list []string) {
	for _, field := range f.Fields {
		if s := ended(v.say(field.Code, field.Args, nil)); field.Location != fieldProof && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// tellsWhy: a change set that can no longer be undone is shown with the reason.
func tellsWhy(f *fault.Error) bool {
	return staysOnPage(f) || slices.Contains([]string{
		grant.ErrUndoOver.Code, grant.ErrNotYours.Code, grant.ErrNotDelegable.Code, role.ErrNotGrantable.Code, member.ErrMorePowerful.Code,
	}, f.Code)
}

// undo undoes it, once it was looked at: «Annuler» of a message leads to the page.
func (v *visit) undo() error {
	id, err := v.changeSetID()
	if err != nil {
		return err
	}
	if v.PostFormValue("confirm") == "" {
		return v.to(inState(v.changePath(id)+"/undo", v.URL.Query()))
	}
	c, err := v.s.Grants.Undo(v.Context(), v.by, v.org.ID, id)
	if fault.Of(err).Code == access.ErrStepUp.Code {
		if err = v.prove(); err == nil {
			c, err = v.s.Grants.Undo(v.Context(), v.by, v.org.ID, id)
		}
	}
	if err != nil {
		return v.showUndo(id, err)
	}
	v.flash(ui.ToneOK, v.t.T("changes.undone_flash", "Count", c.Changes))
	if v.URL.Query().Has(fieldOrigin) { // asked for by the message that the matrix showed
		back, _ := v.typedOn()
		return v.to(back)
	}
	return v.to(v.changePath(c.ID))
}

func (c changesView) pager() ui.PagerProps {
	return ui.PagerProps{Summary: c.Total, Page: c.Page, Pages: c.Pages, Href: func(page int) string {
		return c.Base + "?page=" + version(int64(page))
	}}
}
