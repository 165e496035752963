package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/review"
	"habilis/internal/setting"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// The access reviews (AUD-3): their list, one of them person by person, its end and its file.
var reviewRoutes = []route{
	{"GET /o/{org}/reviews", within, (*visit).reviews},
	{"GET /o/{org}/reviews/new", within, (*visit).newReview},
	{"POST /o/{org}/reviews/new", within, (*visit).openReview},
	{"GET /o/{org}/reviews/{review}", within, (*visit).review},
	{"POST /o/{org}/reviews/{review}", within, (*visit).decideReview},
	{"GET /o/{org}/reviews/{review}/reviewers", within, (*visit).reviewers},
	{"POST /o/{org}/reviews/{review}/reviewers", within, (*visit).assignReview},
	{"GET /o/{org}/reviews/{review}/end", within, (*visit).reviewEnd},
	{"POST /o/{org}/reviews/{review}/end", within, (*visit).endReview},
	{"GET /o/{org}/reviews/{review}/file", within, (*visit).reviewFile},
	{"POST /o/{org}/reviews/{review}/file", within, (*visit).sendReview},
	{"GET /o/{org}/settings/reviews", within, (*visit).reviewSetting},
	{"POST /o/{org}/settings/reviews", within, (*visit).saveReviewSetting},
}

const (
	atReviews = "reviews"
)

// reviewsView is the list of access reviews.
type reviewsView struct {
	Base    string
	Lead    string
	Lines   []reviewLine
	Summary string
	Page    int
	Pages   int
	May     bool   // open one
	Setting string // address of how often; empty: not for whoever looks
}

// reviewLine is one access review, in words.
type reviewLine struct {
	Name, Href      string
	Opened, By      string
	Deadline        string
	Decided, People int64
	Progress        string
	Status          ui.StatusProps
}

func (v *visit) reviews() error {
	view := reviewsView{Base: v.at(atReviews), Page: number(v.FormValue(fieldPage), 1, review.MaxPage)}
	list, err := v.s.Reviews.List(v.Context(), v.by, v.org.ID, review.Query{Page: view.Page, Size: review.DefaultPage})
	if err != nil {
		return err
	}
	view.Pages = (int(list.Total) + review.DefaultPage - 1) / review.DefaultPage
	if view.Pages > 0 && view.Page > view.Pages {
		return v.to(view.href(view.Pages))
	}
	view.Lead = v.t.T("reviewpage.lead")
	if !list.NextDue.IsZero() {
		view.Lead += " " + v.t.T("reviewpage.next", "Date", v.t.Date(list.NextDue))
	}
	for i := range list.Rows {
		view.Lines = append(view.Lines, v.reviewLine(list.Rows[i]))
	}
	if n := len(view.Lines); n > 0 {
		first := (view.Page-1)*review.DefaultPage + 1
		view.Summary = v.t.T("reviewpage.summary", "First", first, "Last", first+n-1, "Total", int(list.Total))
	}
	view.May = list.MayOpenAll || len(list.MayOpen) > 0
	if v.held.Has(access.SettingsEdit, access.OrgScope(v.org.ID)) {
		view.Setting = v.at(atSettings, atReviews)
	}
	p, err := v.orgFrame(v.t.T("reviewpage.title"), atReviews)
	if err != nil {
		return err
	}
	p.Sheets = reviewSheets
	return v.show(http.StatusOK, ReviewsPage(p, view))
}

// reviewSheets dress the pages of reviews.
var reviewSheets = []string{"review.css"}

func (view reviewsView) href(page int) string {
	return inState(view.Base, queryOf(map[string]string{fieldPage: unusual(page, 1)}))
}

func (v *visit) campaignPath(id ident.Review, more ...string) string {
	return v.at(append([]string{atReviews, id.String()}, more...)...)
}

// reviewName says whom a review is about.
func (v *visit) reviewName(c review.Campaign) string {
	function := named(v.t, "function.", c.Function)
	switch {
	case !c.Site.IsZero() && c.Function != "":
		return v.t.T("reviewpage.scope_both", "Site", c.SiteName, "Function", function)
	case !c.Site.IsZero():
		return c.SiteName
	case c.Function != "":
		return function
	}
	return v.t.T("scope.organization")
}

func (v *visit) reviewLine(c review.Campaign) reviewLine {
	l := reviewLine{
		Name: v.reviewName(c), Href: v.campaignPath(c.ID), Opened: v.t.ShortDate(c.OpenedAt), By: v.reviewOpener(c),
		Decided: c.Counts.Decided, People: c.Counts.People, Progress: v.reviewProgress(c.Counts.Decided, c.Counts.People),
		Deadline: v.t.ShortDate(lastDay(c.Deadline)), Status: v.reviewStatus(c),
	}
	if c.Counts.Mine > 0 && c.State == review.Open {
		l.Status.Detail = v.t.T("reviewpage.mine_count", "Count", int(c.Counts.Mine))
	}
	return l
}

func (v *visit) reviewOpener(c review.Campaign) string {
	if c.Scheduled || c.OpenedBy == "" {
		return v.t.T("reviewpage.by_itself")
	}
	return v.t.T("reviewpage.by", "Name", c.OpenedBy)
}

func (v *visit) reviewProgress(done, total int64) string {
	return v.t.T("reviewpage.progress", "Count", int(done), "Total", v.t.Number(int(total)))
}

// reviewStatus says where a review stands.
func (v *visit) reviewStatus(c review.Campaign) ui.StatusProps {
	said := v.t.T("review.state." + string(c.State))
	switch {
	case c.Late(v.s.now()):
		return ui.StatusProps{Chip: ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("reviewpage.late")}}
	case c.State == review.Open:
		return ui.StatusProps{Chip: ui.ChipProps{Tone: ui.ToneInfo, Icon: ui.IconClockFill, Label: said}}
	case c.State == review.Closing:
		return ui.StatusProps{Chip: ui.ChipProps{Tone: ui.ToneInfo, Icon: ui.IconClockFill, Label: said}}
	case c.Counts.ToDo > 0:
		return ui.StatusProps{Chip: ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("reviewpage.todo_count", "Count", int(c.Counts.ToDo))}}
	}
	return ui.StatusProps{Chip: ui.ChipProps{Tone: ui.ToneOK, Label: said}}
}

// reviewNewView is the form that opens a review.
type reviewNewView struct {
	Base, Path     string
	Site, Function string
	Days           string
	Sites          []ui.Option
	Functions      []ui.Option
	told
}

// newReview asks whom a review is about, and until when.
func (v *visit) newReview() error {
	s, err := v.s.Settings.Reviews(v.Context(), v.by, v.org.ID)
	if err != nil {
		return err
	}
	return v.askReview(reviewNewView{Days: strconv.Itoa(s.Days)}, nil)
}

func (v *visit) askReview(view reviewNewView, refusal error) error {
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	list, err := v.s.Reviews.List(v.Context(), v.by, v.org.ID, review.Query{Size: 1})
	if err != nil {
		return err
	}
	if !list.MayOpenAll && len(list.MayOpen) == 0 {
		return v.lacks(access.ReviewsRun)
	}
	view.told, view.Base, view.Path = said, v.at(atReviews), v.at(atReviews, "new")
	if list.MayOpenAll {
		view.Sites = append(view.Sites, ui.Option{Label: v.t.T("scope.organization")})
	}
	for _, s := range list.MayOpen {
		view.Sites = append(view.Sites, ui.Option{Value: s.ID.String(), Label: s.Name})
	}
	view.Functions = v.reviewFunctions(list.Functions)
	p, err := v.orgFrame(v.t.T("reviewpage.new"), atReviews)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, ReviewNewPage(p, view))
}

// reviewFunctions are the functions in use, by name.
func (v *visit) reviewFunctions(codes []string) []ui.Option {
	list := make([]ui.Option, 0, 1+len(codes))
	for _, f := range codes {
		list = append(list, ui.Option{Value: f, Label: named(v.t, "function.", f)})
	}
	slices.SortFunc(list, func(a, b ui.Option) int { return cmp.Compare(text.Fold(a.Label), text.Fold(b.Label)) })
	return slices.Insert(list, 0, ui.Option{Label: v.t.T("reviewpage.every_function")})
}

// openReview opens it: each person gets a reviewer.
func (v *visit) openReview() error {
	view := reviewNewView{
		Site: v.PostFormValue(fieldSite), Function: v.PostFormValue(fieldFunction), Days: strings.TrimSpace(v.PostFormValue(fieldDays)),
	}
	order := review.Order{Scope: review.Scope{Function: view.Function}}
	var err error
	if view.Site != "" {
		if order.Site, err = ident.ParseSite(view.Site); err != nil {
			return errForm
		}
	}
	if order.Days, err = strconv.Atoi(view.Days); err != nil || order.Days < 1 {
		order.Days = -1 // outside what may be: the act says the bounds
	}
	c, err := v.s.Reviews.Open(v.Context(), v.by, v.org.ID, order)
	if err != nil {
		return v.askReview(view, err)
	}
	v.flash(ui.ToneOK, v.t.T("reviewpage.opened", "Count", int(c.Counts.People)))
	return v.to(v.campaignPath(c.ID))
}

// reviewSettingView is how often accesses are reviewed.
type reviewSettingView struct {
	Path, Back   string
	Months, Days string
	By           string
	Version      int64
	Stale        bool
	Proof        *ui.StepUpProps
	told
}

// bys are what the timetable opens, in words.
func (view reviewSettingView) bys(t *text.Printer) (list []ui.Choice) {
	for _, by := range []setting.ReviewBy{setting.ReviewAll, setting.ReviewBySite, setting.ReviewByFunction} {
		list = append(list, ui.Choice{
			Value: string(by), Label: t.T("review.by." + string(by)), Hint: t.T("reviewpage.by." + string(by) + "_hint"),
			Chosen: view.By == string(by),
		})
	}
	return list
}

// reviewFacts say the setting on the page of settings.
func (v *visit) reviewFacts() ([]ui.Fact, error) {
	s, err := v.s.Settings.Reviews(v.Context(), v.by, v.org.ID)
	return []ui.Fact{
		{Term: v.t.T("reviewpage.every"), Value: v.t.T("reviewpage.months", "Count", s.Months)},
		{Term: v.t.T("reviewpage.within"), Value: v.t.T("reviewpage.days", "Count", s.Days)},
		{Term: v.t.T("reviewpage.split"), Value: v.t.T("review.by." + string(s.By))},
	}, err
}

func (v *visit) reviewSetting() error {
	if !v.held.Has(access.SettingsEdit, access.OrgScope(v.org.ID)) {
		return v.lacks(access.SettingsEdit)
	}
	s, err := v.s.Settings.Reviews(v.Context(), v.by, v.org.ID)
	if err != nil {
		return err
	}
	view := reviewSettingView{Months: strconv.Itoa(s.Months), Days: strconv.Itoa(s.Days), By: string(s.By), Version: s.Rev}
	return v.showReviewSetting(view, nil)
}

func (v *visit) showReviewSetting(view reviewSettingView, refusal error) error {
	status := http.StatusPreconditionFailed
	if !view.Stale {
		var err error
		if view.told, status, err = v.tell(refusal); err != nil {
			return err
		}
	}
	view.Path, view.Back = v.at(atSettings, atReviews), v.at(atSettings)
	view.Proof = v.proof(v.t.T("setting.proof"), view.Errors)
	p, err := v.orgFrame(v.t.T("reviewpage.setting"), atSettings)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, ReviewSettingPage(p, view))
}
