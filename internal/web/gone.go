package web

import (
	"net/http"
	"strings"

	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/member"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

const atGone = "/gone" // of the list of members

// goneView is «Partis»: who left in the last days, and can come back.
type goneView struct {
	Base    string // of the list of members
	Path    string
	Lead    string
	Search  string
	Tabs    []ui.Tab
	Lines   []goneLine
	Summary string
	Page    int
	Pages   int
	Errors  map[string]string

	Wrong []ui.FieldError
}

// goneLine is somebody who left, in words.
type goneLine struct {
	Name, Href, Function, Sites, Left, By string

	Status ui.StatusProps
}

// gone lists those who left in the days in which a departure can be undone (OFF-3).
func (v *visit) gone() error {
	view := goneView{
		Base: v.at(atMembers), Path: v.at(atMembers) + atGone, Search: strings.TrimSpace(v.FormValue("q")),
		Page: number(v.FormValue(fieldPage), 1, departure.MaxPage), Lead: v.t.T("gone.lead", "Count", departure.UndoDays),
	}
	q := departure.GoneQuery{Search: view.Search, Page: view.Page, Size: departure.DefaultPage}
	list, refusal := v.s.Departures.Gone(v.Context(), v.by, v.org.ID, q)
	if refusal != nil {
		if !fault.Is(refusal, fault.Invalid) {
			return refusal
		}
		view.Errors, view.Wrong = v.fieldErrors(refusal) // what was typed stays in its field
	}
	view.Pages = (int(list.Total) + departure.DefaultPage - 1) / departure.DefaultPage
	if view.Pages > 0 && view.Page > view.Pages {
		return v.to(view.href(view.Pages))
	}
	for i := range list.Rows {
		view.Lines = append(view.Lines, v.goneLine(list.Rows[i]))
	}
	if n := len(view.Lines); n > 0 {
		first := (view.Page-1)*departure.DefaultPage + 1
		view.Summary = v.t.T("gone.summary", "First", first, "Last", first+n-1, "Total", int(list.Total))
	}
	var err error
	if view.Tabs, err = v.memberTabs(); err != nil {
		return err
	}
	p, err := v.orgFrame(v.t.T("gone.title"), atMembers)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if refusal != nil {
		p.Error, status = true, statusOf(fault.Of(refusal))
	}
	return v.show(status, GonePage(p, view))
}

// memberTabs are the views of the list of members, «Partis» being the one that is open.
func (v *visit) memberTabs() ([]ui.Tab, error) {
	list, err := v.s.Members.List(v.Context(), v.by, v.org.ID, member.Query{Size: member.DefaultPageSize, Page: 1})
	if err != nil {
		return nil, err
	}
	of := membersView{Base: v.at(atMembers), List: list, AtGone: true}
	if of.Gone, err = v.countGone(); err != nil {
		return nil, err
	}
	return of.tabs(v.t), nil
}

// countGone is how many «Partis» lists.
func (v *visit) countGone() (int64, error) {
	list, err := v.s.Departures.Gone(v.Context(), v.by, v.org.ID, departure.GoneQuery{Size: 1})
	return list.Total, err
}

func (v *visit) goneLine(r departure.GoneRow) goneLine {
	l := goneLine{
		Name: v.somebody(titled(r.Title, r.Name)), Function: named(v.t, "function.", r.Function), Sites: v.t.List(r.Sites),
		Left: v.t.ShortDate(r.EndsAt), By: v.t.T("gone.by", "Name", v.somebody(r.By)),
	}
	if r.Kind == departure.Self {
		l.By = v.t.T("gone.by_self")
	}
	if r.MayOpen {
		l.Href = v.departurePath(r.Member)
	}
	l.Status = ui.StatusProps{
		Chip:   ui.ChipProps{Tone: ui.ToneOff, Label: v.t.T("gone.over")},
		Detail: v.t.T("gone.until", "Date", v.t.ShortDate(r.UndoTill)),
	}
	switch {
	case r.Waiting > 0:
		l.Status.Chip = ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("gone.waiting", "Count", r.Waiting)}
	case !r.Finished:
		l.Status.Chip = v.runningChip()
	}
	return l
}

func (view goneView) href(page int) string {
	return inState(view.Path, queryOf(map[string]string{"q": view.Search, fieldPage: unusual(page, 1)}))
}

func (view goneView) pager() ui.PagerProps {
	return ui.PagerProps{Summary: view.Summary, Page: view.Page, Pages: view.Pages, Href: view.href}
}

func (view goneView) table(t *text.Printer) ui.TableProps {
	return ui.TableProps{Caption: view.Summary, Columns: []ui.Column{
		{Label: t.T("members.column.member")}, {Label: t.T("members.column.function"), Kind: ui.CellOptional},
		{Label: t.T("members.column.site"), Kind: ui.CellOptional}, {Label: t.T("gone.column.left")},
		{Label: t.T("members.column.status"), Kind: ui.CellState},
	}}
}
