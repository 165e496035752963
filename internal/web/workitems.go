package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/text"
	"habilis/internal/web/ui"
	"habilis/internal/workitem"
)

// What a member holds in connected applications, and who takes it over (OFF-1, OFF-5).
var workItemRoutes = []route{
	{"GET /o/{org}/members/{member}/work-items", within, (*visit).workItems},
	{"POST /o/{org}/members/{member}/work-items", within, (*visit).chooseWorkItems},
	{"GET /o/{org}/members/{member}/work-items/reassign", within, (*visit).reassignForm},
	{"POST /o/{org}/members/{member}/work-items/reassign", within, (*visit).reassign},
}

const (
	atWorkItems = "/work-items" // of the sheet of a member
	fieldItem   = "item"
	workBulk    = "bulk" // the form of what is ticked
)

// workCard is what the sheet of a member says of what they hold.
type workCard struct {
	Shown bool
	All   string // address of the list; empty when there is nothing to list
	Held  []workLine
}

// workLine is how many items of one kind somebody holds.
type workLine struct {
	Kind workitem.Kind
	Said string // «12 tâches ouvertes»
	Late string // «3 en retard»; empty: none
}

var workIcons = map[workitem.Kind]ui.IconName{
	workitem.Task: ui.IconListChecks, workitem.Appointment: ui.IconCalendarDots, workitem.Letter: ui.IconEnvelopeSimple,
	workitem.Invoice: ui.IconList, workitem.Patient: ui.IconUsers, workitem.Setting: ui.IconGear,
}

// workOf fills the card for whoever may reassign what the member holds, and for the member.
func (v *visit) workOf(id ident.Member) (workCard, error) {
	of, err := v.s.WorkItems.OfMember(v.Context(), v.by, v.org.ID, id)
	card := workCard{Shown: of.Shown}
	for _, h := range of.Held {
		card.Held = append(card.Held, v.workLine(h))
	}
	if len(of.Held) > 0 {
		card.All = v.sheetPath(id) + atWorkItems
	}
	return card, err
}

func (v *visit) workLine(h workitem.Holding) workLine {
	l := workLine{Kind: h.Kind, Said: v.t.T("workitem.count."+string(h.Kind), "Count", int(h.Items))}
	switch {
	case h.Late >= workitem.MaxLate:
		l.Late = v.t.T("workitem.late_most", "Count", int(h.Late))
	case h.Late > 0:
		l.Late = v.t.T("workitem.late", "Count", int(h.Late))
	}
	return l
}

// workItemsView is the list of what somebody holds, one kind at a time.
type workItemsView struct {
	Name   string
	Back   string // the sheet
	Base   string
	Kind   workitem.Kind
	Tabs   []ui.Tab
	Lines  []workItemLine
	Note   string // what becomes of them when the person leaves
	Page   int
	Pages  int
	Said   string
	Acts   bool // may reassign
	Others bool // holds items of another kind too
}

// workItemLine is one item, in words.
type workItemLine struct {
	No, Title, External, Source, Site, Due string

	Late bool
}

func (v *visit) workItems() error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	of, err := v.s.WorkItems.OfMember(v.Context(), v.by, v.org.ID, s.ID)
	if err != nil {
		return err
	}
	if !of.Shown {
		return v.lacks(access.WorkitemsEdit)
	}
	view := workItemsView{
		Name: called(s.Member), Back: v.sheetPath(s.ID), Base: v.sheetPath(s.ID) + atWorkItems, Page: number(v.FormValue(fieldPage), 1, maxPage),
		Acts: of.May,
	}
	if len(of.Held) > 0 {
		if err := v.fillWorkItems(&view, s.ID, of.Held); err != nil {
			return err
		}
	}
	if view.Pages > 0 && view.Page > view.Pages {
		return v.to(view.href(view.Pages))
	}
	p, err := v.orgFrame(v.t.T("workitems.of", "Name", view.Name), atMembers)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, WorkItemsPage(p, view))
}

// fillWorkItems reads the page of the kind that the address names, else of the first.
func (v *visit) fillWorkItems(view *workItemsView, id ident.Member, held []workitem.Holding) error {
	of := held[0]
	view.Kind = workitem.Kind(v.FormValue(fieldKind))
	if i := slices.IndexFunc(held, func(h workitem.Holding) bool { return h.Kind == view.Kind }); i >= 0 {
		of = held[i]
	}
	view.Kind, view.Others = of.Kind, len(held) > 1
	for _, h := range held {
		view.Tabs = append(view.Tabs, ui.Tab{
			Label: v.t.T("workitem.kind." + string(h.Kind)), Count: v.t.Number(int(h.Items)), Current: h.Kind == of.Kind,
			Href: inState(view.Base, url.Values{fieldKind: {string(h.Kind)}}),
		})
	}
	rule, _ := of.Kind.Rule()
	view.Note = v.t.T("workitem.leaving." + string(rule.Leaving))
	view.Pages = (int(of.Items) + workitem.DefaultPageSize - 1) / workitem.DefaultPageSize
	l, err := v.s.WorkItems.List(v.Context(), v.by, v.org.ID, id, workitem.Query{Kind: of.Kind, Page: view.Page})
	if err != nil {
		return err
	}
	sites, err := v.siteNames()
	if err != nil {
		return err
	}
	for _, i := range l.Items {
		view.Lines = append(view.Lines, v.workItemLine(i, sites))
	}
	if n := len(view.Lines); n > 0 {
		first := (view.Page-1)*workitem.DefaultPageSize + 1
		view.Said = v.t.T("workitems.caption", "Kind", v.t.T("workitem.kind."+string(of.Kind)), "First", first, "Last", first+n-1,
			"Count", int(of.Items))
	}
	return nil
}

func (v *visit) workItemLine(i workitem.Item, sites map[ident.Site]string) workItemLine {
	l := workItemLine{
		No: strconv.FormatInt(i.No, 10), Title: i.Title, External: i.External, Source: i.Source, Site: v.t.T("workitems.no_site"),
		Due: v.t.T("workitems.no_date"), Late: i.Late(v.s.now()),
	}
	if l.Title == "" {
		l.Title, l.External = l.External, ""
	}
	if name := sites[i.Site]; name != "" {
		l.Site = name
	}
	if i.Due != nil {
		l.Due = v.t.DateTime(*i.Due)
	}
	return l
}

func (view workItemsView) href(page int) string {
	return inState(view.Base, queryOf(map[string]string{fieldKind: string(view.Kind), fieldPage: unusual(page, 1)}))
}

func (view workItemsView) pager() ui.PagerProps {
	return ui.PagerProps{Summary: view.Said, Page: view.Page, Pages: view.Pages, Href: view.href}
}

func (view workItemsView) columns(t *text.Printer) []ui.Column {
	return []ui.Column{
		{Label: t.T("workitems.column.item")}, {Label: t.T("workitems.column.due")},
		{Label: t.T("workitems.column.site"), Kind: ui.CellOptional}, {Label: t.T("workitems.column.source"), Kind: ui.CellOptional},
	}
}

// whole is the address that reassigns all of the kind shown, or all there is.
func (view workItemsView) whole(all bool) string {
	if all {
		return view.Base + "/reassign"
	}
	return inState(view.Base+"/reassign", url.Values{fieldKind: {string(view.Kind)}})
}

// chooseWorkItems leads the items ticked to the choice of who takes over.
func (v *visit) chooseWorkItems() error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	base, chosen := v.sheetPath(s.ID)+atWorkItems, v.PostForm[fieldItem]
	kind := strings.TrimSpace(v.PostFormValue(fieldKind))
	if len(chosen) == 0 {
		v.flash(ui.ToneWait, v.t.T("workitems.tick_one"))
		return v.to(inState(base, url.Values{fieldKind: {kind}}))
	}
	return v.to(inState(base+"/reassign", url.Values{fieldKind: {kind}, fieldItem: chosen}))
}

func (view workItemsView) table(t *text.Printer) ui.TableProps {
	p := ui.TableProps{Caption: view.Said, Columns: view.columns(t)}
	if view.Acts {
		p.Bulk, p.SelectAll = workBulk, t.T("workitems.select_all", "Count", len(view.Lines))
	}
	return p
}

func workCardProps(p ui.Page, card workCard) ui.CardProps {
	c := ui.CardProps{ID: "work", Title: p.Text.T("workitems.title")}
	if card.All != "" {
		c.LinkLabel, c.LinkHidden, c.LinkHref = p.Text.T("workitems.card_all"), p.Text.T("workitems.card_hidden"), card.All
	}
	return c
}
