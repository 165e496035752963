package web

import (
	"net/http"
	"net/url"

	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// accessReviewView is «Avant et après» of levels.
type accessReviewView struct {
	Pending pendingView
	Path    string // of this page
	Back    string // where the changes were typed
	Reason  string
	Blocked string          // why nothing can be saved yet
	Proof   *ui.StepUpProps // administration is given or taken

	told
}

// block says why nothing can be saved yet.
func (view *accessReviewView) block(t *text.Printer) {
	switch {
	case view.Pending.Clashes > 0:
		view.Blocked = t.T("access.blocked_clash")
	case view.Pending.Refused != "":
		view.Blocked = t.T("access.blocked_refused")
	}
}

// fieldReason is why levels are changed, for the history.
const fieldReason = "reason"

// mayEditLevels refuses, as the act would, whoever gives rights nowhere.
func (v *visit) mayEditLevels() error {
	_, err := v.s.Grants.Preview(v.Context(), v.by, v.org.ID, grant.Wanted{})
	return err
}

// fieldOrigin names, in addresses, the page where levels were typed; the state of a matrix
// goes with it.
const fieldOrigin = "from"

// typedOn is the page where levels were typed: the levels of a member, or a matrix as it
// was shown. The addresses that follow carry it.
func (v *visit) typedOn() (address string, origin url.Values) {
	q := v.URL.Query()
	if id, err := ident.ParseMember(q.Get(fieldOrigin)); err == nil {
		return v.levelsPath(id), originOf(id)
	}
	d, s := domainNamed(q.Get(fieldOrigin)), readMatrixState(q.Get)
	return s.href(v.at(d.At)), s.origin(d)
}

// originOf is the levels of a member as the page where something was typed.
func originOf(id ident.Member) url.Values { return url.Values{fieldOrigin: {id.String()}} }

// levelsReviewPath is the review of what was typed on a page.
func (v *visit) levelsReviewPath(origin url.Values) string {
	return inState(v.at("access", "review-changes"), origin)
}

func (v *visit) reviewLevels() error {
	if v.reviewed().Realm != "" {
		return v.reviewScopes()
	}
	if err := v.mayEditLevels(); err != nil {
		return err
	}
	p, err := v.pending()
	if err != nil {
		return err
	}
	return v.showLevelsReview(&p, nil)
}

func (v *visit) showLevelsReview(p *pending, refusal error) error {
	view, status, err := v.accessReview(refusal)
	if err != nil {
		return err
	}
	var origin url.Values
	view.Back, origin = v.typedOn()
	view.Path = v.levelsReviewPath(origin)
	if view.Pending, err = v.pendingView(p, nil, grant.MaxChanges); err != nil {
		return err
	}
	view.block(v.t)
	return v.showAccess(status, v.t.T("access.review"), func(page ui.Page) error {
		return v.show(status, AccessReviewPage(page, view))
	})
}

// accessReview begins the page of a review: what a refusal says, and its status.
func (v *visit) accessReview(refusal error) (view accessReviewView, status int, err error) {
	view.Reason = v.PostFormValue(fieldReason)
	if f := fault.Of(refusal); refusal != nil && (f.Code == grant.ErrChangedMeanwhile.Code || v.onlyLines(f)) { // told line by line
		view.Failure = v.t.T("access.refused")
		return view, statusOf(f), nil
	}
	view.told, status, err = v.tell(refusal)
	return view, status, err
}

// onlyLines reports whether a fault is about lines of the change set, and nothing else.
func (v *visit) onlyLines(f *fault.Error) bool {
	for _, x := range f.Fields {
		if changeNumber(x.Location) < 0 {
			return false
		}
	}
	return len(f.Fields) > 0
}

// showAccess frames a page of levels: the style sheet of the matrix is theirs.
func (v *visit) showAccess(status int, title string, show func(ui.Page) error) error {
	page, err := v.orgFrame(title, atAccess)
	if err != nil {
		return err
	}
	page.Sheets = []string{"matrix.css"}
	page.Error = status != http.StatusOK
	return show(page)
}

// actReview changes the pending list, or saves it.
func (v *visit) actReview() error {
	if v.reviewed().Realm != "" {
		return v.actReviewScopes()
	}
	if err := v.mayEditLevels(); err != nil {
		return err
	}
	p, err := v.pending()
	switch {
	case err != nil:
		return err
	case v.PostFormValue("do") == doSave:
		return v.saveLevels(&p)
	}
	if err := v.mend(&p); err != nil {
		return err
	}
	return v.afterMend(v.keepPending(&p), len(p.Wishes))
}

// afterMend leads on once a button of a pending list was obeyed, and the list kept: to what
// is left of it, or where it was typed.
func (v *visit) afterMend(kept error, left int) error {
	back, origin := v.typedOn()
	switch {
	case kept != nil:
		return kept
	case left == 0:
		v.flash(ui.ToneInfo, v.t.T("access.all_undone"))
		return v.to(back)
	}
	return v.to(v.levelsReviewPath(origin))
}

// mend is what the buttons of a pending list do: one line given up, one kept in spite of
// what somebody else saved, all of them.
func (v *visit) mend(p *pending) error {
	keep, some, err := mended(v, parseCell, p.drop, func() { p.Wishes = nil })
	if err != nil || !some {
		return err
	}
	f, err := v.foresee(p)
	for _, l := range f.set.Lines {
		at := cellID{l.Member, l.Resource.ID}
		if n := p.find(at); n >= 0 && keep(at) {
			p.Wishes[n].Was = l.Before.Level
		}
	}
	return err
}

// mended obeys the buttons that give up a cell of a pending list, or all of them. Where cells
// are kept in spite of what somebody else saved, it says so and gives which.
func mended[C comparable](
	v *visit, parse func(string) (C, bool), drop func(C), dropAll func(),
) (keep func(C) bool, some bool, err error) {
	undo, kept, do := v.PostFormValue("undo"), v.PostFormValue("keep"), v.PostFormValue("do")
	switch {
	case undo != "":
		id, ok := parse(undo)
		if !ok {
			return nil, false, errForm
		}
		drop(id)
	case do == doReset:
		dropAll()
	case kept != "":
		id, ok := parse(kept)
		if !ok {
			return nil, false, errForm
		}
		return func(c C) bool { return c == id }, true, nil
	case do == doKeepAll:
		return func(C) bool { return true }, true, nil
	}
	return nil, false, nil
}

// saveLevels makes the changes, all of them or none, once however often the form arrives.
func (v *visit) saveLevels(p *pending) error {
	back, origin := v.typedOn()
	if len(p.Wishes) == 0 {
		return v.to(back) // saved by this very form, sent twice
	}
	by, err := v.once(p.ID, p.write())
	if err != nil {
		return err
	}
	set, err := v.s.Grants.Apply(v.Context(), by, v.org.ID, grant.Wanted{Changes: p.changes(), Reason: v.PostFormValue(fieldReason)})
	if err != nil {
		return v.showLevelsReview(p, err)
	}
	if err := v.forgetPending(p.ID); err != nil {
		return err
	}
	if set.ID.IsZero() {
		v.flash(ui.ToneInfo, v.t.T("edit.nothing"))
		return v.to(back)
	}
	v.flashUndo(v.t.T("access.saved", "Count", len(set.Lines)), inState(v.changePath(set.ID)+"/undo", origin))
	return v.to(back)
}
