package web

import (
	"net/http"
	"slices"
	"strings"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/review"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// The fields of the people of a review: each begins with one of these, and ends with the member.
const (
	reviewChoice   = "choice."
	reviewVersion  = "version."
	reviewComment  = "comment."
	reviewDrop     = "drop."
	reviewKnown    = "known."    // what was decided when the page was made: the same is not decided again
	reviewTogether = "together." // may be kept with the others

	fieldFilter = "filter"
	fieldPeople = "people" // who is on the page, in order

	doKeepTogether = "keep_together"
	atPeople       = "#people"
)

// reviewSizes are the sizes of a page of people.
var reviewSizes = []int{20, 50, review.MaxPageSize}

// maxReviewFields bounds the form of a page of people: six fields each, and the rights that go.
const maxReviewFields = review.MaxPageSize*6 + review.MaxLines + MaxFormFields

// reviewState is which people of a review are shown: the URL is the state.
type reviewState struct {
	Filter review.Filter
	Search string
	Page   int
	Size   int
}

// everybody is the filter of all, in addresses: none means what comes first for whoever looks.
const everybody = "all"

func readReviewState(get func(string) string, c review.Campaign) reviewState {
	s := reviewState{
		Filter: review.Filter(get(fieldFilter)), Search: strings.TrimSpace(get("q")),
		Page: number(get(fieldPage), 1, review.MaxPage), Size: number(get(fieldSize), review.DefaultPage, review.MaxPageSize),
	}
	if s.Filter == everybody {
		s.Filter = review.All
	} else if s.Filter == review.All || !slices.Contains(review.Filters, s.Filter) {
		s.Filter = firstFilter(c)
	}
	if !slices.Contains(reviewSizes, s.Size) {
		s.Size = review.DefaultPage
	}
	return s
}

// firstFilter is what whoever looks sees first: what is theirs to do.
func firstFilter(c review.Campaign) review.Filter {
	switch {
	case c.State != review.Open && c.Counts.ToDo > 0:
		return review.FToDo
	case c.State != review.Open:
		return review.All
	case c.Counts.Mine > 0:
		return review.FMine
	case c.Counts.Undecided > 0:
		return review.FUndecided
	}
	return review.All
}

func (s reviewState) href(base string, change func(*reviewState)) string {
	change(&s)
	filter := string(s.Filter)
	if s.Filter == review.All {
		filter = everybody
	}
	return inState(base, queryOf(map[string]string{
		fieldFilter: filter, "q": s.Search, fieldPage: unusual(s.Page, 1), fieldSize: unusual(s.Size, review.DefaultPage),
	}))
}

// reviewView is one review, person by person.
type reviewView struct {
	Campaign review.Campaign
	Base     string // of the page
	Action   string // of its form: with the state
	List     string // of the reviews
	Lead     string
	Status   ui.StatusProps
	State    reviewState
	Notes    []ui.NoteProps
	Progress string
	Facts    []ui.Fact
	Who      []reviewerLine
	Tabs     []ui.Tab
	People   []personCard
	Shown    string // «Personnes 1 à 20 sur 34»
	Total    int64
	Open     bool
	Choices  int // of the people shown, those whom whoever looks may decide of
	Together int // of them, those who may be kept at once, and are undecided
	Sent     string
	File     string   // address of the file; empty: there is none yet
	Prints   []string // fingerprints of the keys of this server
	Again    string   // the work goes on: address of this page
	Only     bool     // those only whose decision was refused
	told
}

func (v *visit) campaign() (review.Campaign, error) {
	id, err := ident.ParseReview(v.PathValue("review"))
	if err != nil {
		return review.Campaign{}, errPage
	}
	return v.s.Reviews.Get(v.Context(), v.by, v.org.ID, id)
}

func (v *visit) review() error {
	c, err := v.campaign()
	if err != nil {
		return err
	}
	view := v.reviewView(c, readReviewState(v.FormValue, c))
	list, refusal := v.s.Reviews.People(v.Context(), v.by, v.org.ID, c.ID, view.State.query())
	if refusal != nil && !fault.Is(refusal, fault.Invalid) {
		return refusal
	}
	if pages := view.pages(list.Total); pages > 0 && view.State.Page > pages {
		return v.to(view.State.href(view.Base, func(s *reviewState) { s.Page = pages }))
	}
	view.Total = list.Total
	if n := len(list.Rows); n > 0 {
		first := (view.State.Page-1)*view.State.Size + 1
		view.Shown = v.t.T("reviewpage.people_summary", "First", first, "Last", first+n-1, "Total", v.t.Number(int(list.Total)))
	}
	for i := range list.Rows {
		view.add(v.personCard(list.Rows[i], c, typedDecision(list.Rows[i])))
	}
	return v.showCampaign(view, refusal)
}

func (s reviewState) query() review.PeopleQuery {
	return review.PeopleQuery{Filter: s.Filter, Search: s.Search, Page: s.Page, Size: s.Size}
}

func (view *reviewView) pages(total int64) int {
	return (int(total) + view.State.Size - 1) / view.State.Size
}

func (view *reviewView) add(p personCard) {
	view.People = append(view.People, p)
	if p.May {
		view.Choices++
	}
	if p.Together && p.Typed.Choice == review.Undecided {
		view.Together++
	}
}

// showCampaign shows the page; after a refusal, with what to do about it.
func (v *visit) showCampaign(view reviewView, refusal error) error {
	status := http.StatusUnprocessableEntity
	if len(view.Summary) == 0 {
		var err error
		if view.told, status, err = v.tell(refusal); err != nil {
			return err
		}
	}
	var err error
	if view.Who, err = v.reviewerLines(view.Campaign); err != nil {
		return err
	}
	p, err := v.orgFrame(v.t.T("reviewpage.of", "Name", v.reviewName(view.Campaign)), atReviews)
	if err != nil {
		return err
	}
	p.Sheets = reviewSheets
	if view.Open {
		p.Scripts = []string{"review.js"}
	}
	p.Error = status != http.StatusOK
	return v.show(status, ReviewPage(p, view))
}

// reviewView is what a page of a review says, whichever people it shows.
func (v *visit) reviewView(c review.Campaign, s reviewState) reviewView {
	view := reviewView{
		Campaign: c, Base: v.campaignPath(c.ID), List: v.at(atReviews), State: s, Status: v.reviewStatus(c), Open: c.State == review.Open,
		Progress: v.reviewProgress(c.Counts.Decided, c.Counts.People), Facts: v.campaignFacts(c),
	}
	view.Action = s.href(view.Base, func(*reviewState) {})
	view.Tabs = v.reviewTabs(view)
	switch c.State {
	case review.Closing:
		view.Lead, view.Again = v.t.T("reviewpage.closing_lead"), view.Base
	case review.Ended:
		view.Lead = v.t.T("reviewpage.ended_lead")
	case review.Open:
		view.Lead = v.t.T("reviewpage.open_lead")
	}
	if c.May.File {
		view.File, view.Prints = v.campaignPath(c.ID, "file"), v.s.Reviews.Fingerprints()
	}
	view.Notes = v.reviewNotes(c)
	return view
}

// reviewNotes say what asks for something.
func (v *visit) reviewNotes(c review.Campaign) (list []ui.NoteProps) {
	add := func(tone ui.Tone, text string) { list = append(list, ui.NoteProps{Tone: tone, Text: text}) }
	if c.Late(v.s.now()) {
		add(ui.ToneWait, v.t.T("reviewpage.late_text", "Date", v.t.Date(lastDay(c.Deadline))))
	}
	if c.State == review.Open && c.Counts.Nobody > 0 {
		add(ui.ToneWait, v.t.T("reviewpage.nobody_text", "Count", int(c.Counts.Nobody)))
	}
	if c.State == review.Open && c.Counts.Undecided == 0 {
		add(ui.ToneOK, v.t.T("reviewpage.all_decided"))
	}
	if c.State != review.Open && c.Counts.ToDo > 0 {
		add(ui.ToneWait, v.t.T("reviewpage.todo_text", "Count", int(c.Counts.ToDo)))
	}
	if c.Forced {
		add(ui.ToneInfo, v.t.T("reviewpage.forced"))
	}
	return list
}

// campaignFacts are when a review was opened, by whom, and until when; then how it ended.
func (v *visit) campaignFacts(c review.Campaign) []ui.Fact {
	l := factList{v: v}
	l.add("reviewpage.column.opened", v.t.T("depart.fact.by_at", "Name", v.openerName(c), "When", v.t.Date(c.OpenedAt)))
	l.add("reviewpage.column.deadline", v.t.LongDate(lastDay(c.Deadline)))
	if !c.EndedAt.IsZero() {
		l.add("reviewpage.ended_by", v.t.T("depart.fact.by_at", "Name", c.EndedBy, "When", v.t.DateTime(c.EndedAt)))
	}
	if n := c.Counts; n.Decided > 0 {
		l.add("reviewpage.decisions", v.t.T("reviewpage.decisions_said",
			"Kept", v.t.Number(int(n.Kept)), "Reduced", v.t.Number(int(n.Reduced)), "Removed", v.t.Number(int(n.Removed))))
	}
	return l.list
}

func (v *visit) openerName(c review.Campaign) string {
	if c.OpenedBy == "" {
		return v.t.T("reviewpage.timetable")
	}
	return c.OpenedBy
}

// reviewTabs are the filters, each with how many it finds where that is known; those that find nobody
// are left out.
func (v *visit) reviewTabs(view reviewView) (tabs []ui.Tab) {
	n, open := view.Campaign.Counts, view.Open
	add := func(f review.Filter, count int64, shown bool) {
		if !shown && view.State.Filter != f {
			return
		}
		key := string(f)
		if f == review.All {
			key = everybody
		}
		tabs = append(tabs, ui.Tab{
			Label: v.t.T("reviewpage.tab." + key), Count: v.t.Number(int(count)), Current: view.State.Filter == f,
			Href: view.State.href(view.Base, func(s *reviewState) { s.Filter, s.Page = f, 1 }),
		})
		if count < 0 {
			tabs[len(tabs)-1].Count = ""
		}
	}
	add(review.FToDo, n.ToDo, !open && n.ToDo > 0)
	add(review.FMine, n.Mine, open && n.Mine > 0)
	add(review.FUndecided, n.Undecided, open)
	add(review.FNobody, n.Nobody, open && n.Nobody > 0)
	add(review.FChanged, -1, open && n.Decided > 0)
	add(review.FKeep, n.Kept, n.Kept > 0)
	add(review.FReduce, n.Reduced, n.Reduced > 0)
	add(review.FRemove, n.Removed, n.Removed > 0)
	add(review.All, n.People, true)
	return tabs
}

func (view *reviewView) pager(t *text.Printer) ui.PagerProps {
	p := ui.PagerProps{Summary: view.Shown, Page: view.State.Page, Pages: view.pages(view.Total), Href: func(n int) string {
		return view.State.href(view.Base, func(s *reviewState) { s.Page = n })
	}}
	if view.Total > review.DefaultPage {
		for _, size := range reviewSizes {
			p.Sizes = append(p.Sizes, ui.PageSize{
				Label: t.Number(size), Current: size == view.State.Size,
				Href: view.State.href(view.Base, func(s *reviewState) { s.Size, s.Page = size, 1 }),
			})
		}
	}
	return p
}

// filterName is the filter as an address says it.
func (view *reviewView) filterName() string {
	if view.State.Filter == review.All {
		return everybody
	}
	return string(view.State.Filter)
}

// ids are those on the page, in order: the form says them.
func (view *reviewView) ids() string {
	ids := make([]string, 0, len(view.People))
	for i := range view.People {
		if view.People[i].May {
			ids = append(ids, view.People[i].ID)
		}
	}
	return strings.Join(ids, " ")
}

// say are the sentences of so many decisions to save, by plural form: the script counts.
func (view *reviewView) say(t *text.Printer) (forms [3]string) {
	for i, n := range [3]int{1, 1_000_000, 2} {
		forms[i] = strings.Replace(t.T("reviewpage.to_save", "Count", n), t.Number(n), "{n}", 1)
	}
	return forms
}
