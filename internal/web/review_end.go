package web

import (
	"net/http"
	"strconv"
	"strings"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/review"
	"habilis/internal/web/ui"
)

const (
	atReviewers  = "reviewers"
	fieldOrgName = "org_name"
	fieldGiver   = "from_member"
	fieldTaker   = "to_member"
)

// reviewerLine is somebody who reviews, with what is theirs to do.
type reviewerLine struct {
	Name, Detail string
	Done, All    int64
	Chip         *ui.ChipProps
}

func (v *visit) reviewerLines(c review.Campaign) ([]reviewerLine, error) {
	list, err := v.s.Reviews.Reviewers(v.Context(), v.by, v.org.ID, c.ID)
	lines := make([]reviewerLine, 0, len(list))
	for _, r := range list {
		if r.People > 0 {
			lines = append(lines, v.reviewerLine(r, c))
		}
	}
	return lines, err
}

func (v *visit) reviewerLine(r review.Reviewer, c review.Campaign) reviewerLine {
	l := reviewerLine{Name: r.Name, Done: r.People - r.Undecided, All: r.People, Detail: v.reviewProgress(r.People-r.Undecided, r.People)}
	if !r.Able && r.Undecided > 0 && c.State == review.Open {
		l.Chip = &ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("reviewpage.unable")}
	}
	return l
}

// reviewersView gives people to a reviewer: one, all of another's list, all who are undecided.
type reviewersView struct {
	Base, Path string
	Name       string // of the review
	Lead       string
	Person     string // of the one person; empty: many
	Member     string
	Who        []reviewerLine
	From, To   []ui.Option
	FromIs     string
	ToIs       string
	Version    int64
	told
}

func (v *visit) reviewers() error {
	c, err := v.campaign()
	if err != nil {
		return err
	}
	return v.showReviewers(c, nil)
}

func (v *visit) showReviewers(c review.Campaign, refusal error) error {
	said, status, err := v.tellReviewers(refusal)
	if err != nil {
		return err
	}
	list, err := v.s.Reviews.Reviewers(v.Context(), v.by, v.org.ID, c.ID)
	if err != nil {
		return err
	}
	view := reviewersView{
		Base: v.campaignPath(c.ID), Path: v.campaignPath(c.ID, atReviewers), Name: v.reviewName(c), Version: c.Version, told: said,
		Member: v.FormValue(fieldMember), FromIs: v.PostFormValue(fieldGiver), ToIs: v.PostFormValue(fieldTaker),
		Lead: v.t.T("reviewpage.reviewers_lead"),
		From: []ui.Option{{Label: v.t.T("reviewpage.from_all")}}, To: []ui.Option{{Label: v.t.T("depart.choose")}},
	}
	for _, r := range list {
		view.Who = append(view.Who, v.reviewerLine(r, c))
		if r.Undecided > 0 {
			label := v.t.T("reviewpage.from_one", "Name", r.Name, "Count", int(r.Undecided))
			view.From = append(view.From, ui.Option{Value: r.Member.String(), Label: label})
		}
		if r.Able {
			view.To = append(view.To, ui.Option{Value: r.Member.String(), Label: r.Name})
		}
	}
	if view.Member != "" {
		if err := v.oneToAssign(&view, c); err != nil {
			return err
		}
	}
	p, err := v.orgFrame(v.t.T("reviewpage.reviewers"), atReviews)
	if err != nil {
		return err
	}
	p.Sheets, p.Error = reviewSheets, status != http.StatusOK
	return v.show(status, ReviewersPage(p, view))
}

func (v *visit) oneToAssign(view *reviewersView, c review.Campaign) error {
	id, err := ident.ParseMember(view.Member)
	if err != nil {
		return errPage
	}
	p, err := v.s.Reviews.Person(v.Context(), v.by, v.org.ID, c.ID, id)
	view.Person = v.reviewedName(p)
	return err
}

// tellReviewers says a refusal where it can be mended: who takes over is the one thing to choose.
func (v *visit) tellReviewers(refusal error) (told, int, error) {
	if fault.Is(refusal, fault.Stale) {
		return told{Failure: v.t.T("web.review_meanwhile"), Errors: map[string]string{}}, http.StatusPreconditionFailed, nil
	}
	said, status, err := v.tell(refusal)
	if f := fault.Of(refusal); refusal != nil && err == nil && len(f.Fields) > 0 {
		sentence := v.sentence(f)
		said = told{Errors: map[string]string{fieldTaker: sentence}, Summary: []ui.FieldError{{ID: fieldTaker, Text: sentence}}}
	}
	return said, status, err
}

// assignReview puts people on another list.
func (v *visit) assignReview() error {
	c, err := v.campaign()
	if err != nil {
		return err
	}
	a := review.Assignment{Version: parseVersion(v.PostFormValue(fieldVersion))}
	a.To, err = ident.ParseMember(v.PostFormValue(fieldTaker))
	if err != nil {
		return v.showReviewers(c, fault.OnField("to", "web.review_to"))
	}
	if from := v.PostFormValue(fieldGiver); from != "" {
		if a.From, err = ident.ParseMember(from); err != nil {
			return errForm
		}
	}
	if one := v.PostFormValue(fieldMember); one != "" {
		id, err := ident.ParseMember(one)
		if err != nil {
			return errForm
		}
		a.Members = []ident.Member{id}
	}
	if _, err := v.s.Reviews.Assign(v.Context(), v.by, v.org.ID, c.ID, a); err != nil {
		return v.showReviewers(c, err)
	}
	v.flash(ui.ToneOK, v.t.T("reviewpage.assigned"))
	return v.to(v.campaignPath(c.ID))
}

// reviewEndView is what will change, before and after (DESIGN.md 12, levels 3 to 5).
type reviewEndView struct {
	Base, Path, Name string
	Lead             string
	Counts           []ui.Fact
	Reduced          []effectLine
	Removed          []effectLine
	More             string
	Undecided        []effectLine
	MoreUndecided    string
	UndecidedSaid    string
	Force            bool   // people are undecided: the name is typed
	OrgName          string // to type
	Typed            string
	Version          int64
	Proof            *ui.StepUpProps
	Submit           ui.ButtonProps
	told
}

// effectLine is what becomes of somebody.
type effectLine struct {
	Name   string
	Before []string // the rights that go
	After  string
	Chip   *ui.ChipProps // that it will be left to do
	Why    string
}

func (v *visit) reviewEnd() error {
	id, err := ident.ParseReview(v.PathValue("review"))
	if err != nil {
		return errPage
	}
	return v.showReviewEnd(id, nil)
}

func (v *visit) showReviewEnd(id ident.Review, refusal error) error {
	end, err := v.s.Reviews.Preview(v.Context(), v.by, v.org.ID, id)
	if err != nil {
		return err
	}
	if end.Campaign.State != review.Open {
		return v.to(v.campaignPath(id))
	}
	said, status, err := v.tellEnd(refusal)
	if err != nil {
		return err
	}
	view := v.reviewEndView(end)
	view.told = said
	view.Proof = v.proof(v.t.T("reviewpage.end_proof"), view.Errors)
	p, err := v.orgFrame(v.t.T("reviewpage.end"), atReviews)
	if err != nil {
		return err
	}
	p.Sheets, p.Error = reviewSheets, status != http.StatusOK
	return v.show(status, ReviewEndPage(p, view))
}

func (v *visit) tellEnd(refusal error) (told, int, error) {
	f := fault.Of(refusal)
	switch {
	case refusal == nil:
		return told{}, http.StatusOK, nil
	case f.Kind == fault.Stale:
		return told{Failure: v.t.T("web.review_meanwhile"), Errors: map[string]string{}}, http.StatusPreconditionFailed, nil
	case f.Code == review.ErrUndecided.Code:
		refusal = fault.OnField(fieldOrgName, "review.org_name", "Name", v.org.Name)
	}
	return v.tell(refusal)
}

func (v *visit) reviewEndView(end review.Ending) reviewEndView {
	c := end.Campaign
	view := reviewEndView{
		Base: v.campaignPath(c.ID), Path: v.campaignPath(c.ID, "end"), Name: v.reviewName(c), Version: end.Version, OrgName: end.OrgName,
		Typed: v.PostFormValue(fieldOrgName), Lead: v.t.T("reviewpage.end_lead"),
	}
	for _, e := range end.People {
		if e.Choice == review.Reduce {
			view.Reduced = append(view.Reduced, v.effectLine(e))
		} else {
			view.Removed = append(view.Removed, v.effectLine(e))
		}
	}
	for _, e := range end.Undecided {
		l := effectLine{Name: orName(e.Name, v.t.T("review.file.erased"))}
		if e.Code != "" {
			l.Why = v.reviewWhy(e.Code)
		}
		view.Undecided = append(view.Undecided, l)
	}
	if end.More > 0 {
		view.More = v.t.T("reviewpage.more_people", "Count", int(end.More))
	}
	if end.MoreUndecided > 0 {
		view.MoreUndecided = v.t.T("reviewpage.more_people", "Count", int(end.MoreUndecided))
	}
	open := len(end.Undecided) + int(end.MoreUndecided)
	view.Force = open > 0
	view.UndecidedSaid = v.t.T("reviewpage.undecided_text", "Count", open)
	l := factList{v: v}
	l.add("review.choice.keep", v.t.T("reviewpage.kept_count", "Count", int(end.Kept)))
	l.add("review.choice.reduce", v.t.T("reviewpage.people_count", "Count", int(c.Counts.Reduced)))
	l.add("review.choice.remove", v.t.T("reviewpage.people_count", "Count", int(c.Counts.Removed)))
	if view.Force {
		l.add("review.outcome.not_reviewed", v.t.T("reviewpage.people_count", "Count", open))
	}
	view.Counts = l.list
	view.Submit = ui.ButtonProps{Label: v.t.T("reviewpage.end_do"), Kind: ui.Primary, Icon: ui.IconCheck, Busy: v.t.T("depart.busy")}
	if view.Force {
		view.Submit = ui.ButtonProps{Label: v.t.T("reviewpage.end_force"), Kind: ui.DangerSolid, Busy: v.t.T("depart.busy")}
	}
	return view
}

// effectLine says what becomes of somebody, and why it will be left to do.
func (v *visit) effectLine(e review.Effect) effectLine {
	l := effectLine{Name: orName(e.Name, v.t.T("review.file.erased")), After: v.t.T("reviewpage.after_reduced")}
	for i := range e.Lines {
		l.Before = append(l.Before, strings.TrimSuffix(v.rightName(&e.Lines[i])+" ("+v.rightWhere(&e.Lines[i])+")", " ()"))
	}
	if e.Choice == review.Remove {
		l.After = v.t.T("reviewpage.after_left")
		if !e.Leaves {
			l.After = v.t.T("reviewpage.after_left_site")
		}
	}
	if e.Code != "" {
		l.Chip, l.Why = &ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("review.outcome.to_do")}, v.reviewWhy(e.Code)
	}
	return l
}

// endReview ends it: what was decided is done from now on.
func (v *visit) endReview() error {
	id, err := ident.ParseReview(v.PathValue("review"))
	if err != nil {
		return errPage
	}
	if err = v.prove(); err == nil {
		_, err = v.s.Reviews.End(v.Context(), v.by, v.org.ID, id, review.EndOrder{
			Version: parseVersion(v.PostFormValue(fieldVersion)), OrgName: strings.TrimSpace(v.PostFormValue(fieldOrgName)),
		})
	}
	if err != nil {
		return v.showReviewEnd(id, err)
	}
	v.flash(ui.ToneOK, v.t.T("reviewpage.was_ended"))
	return v.to(v.campaignPath(id))
}

// reviewFile asks for the password before the signed file is given (rules.md 6).
func (v *visit) reviewFile() error {
	c, err := v.campaign()
	if err != nil {
		return err
	}
	return v.askReviewFile(c, nil)
}

func (v *visit) askReviewFile(c review.Campaign, refusal error) error {
	if !c.May.File {
		return review.ErrNoFile
	}
	back := v.campaignPath(c.ID)
	return v.confirm(confirmation{
		At: atReviews, Title: v.t.T("reviewpage.file"), Crumb: v.reviewName(c), Back: back, Why: v.t.T("reviewpage.file_proof"),
		Facts: []ui.Fact{
			{Term: v.t.T("review.file.scope"), Value: v.reviewName(c)}, {Term: v.t.T("review.file.ended"), Value: v.t.Date(c.EndedAt)},
			{Term: v.t.T("reviewpage.print"), Value: strings.Join(v.s.Reviews.Fingerprints(), ", ")},
		},
		Ask: ui.ConfirmProps{
			Title: v.t.T("reviewpage.file"), Text: v.t.T("reviewpage.file_text"), Action: back + "/file", Keep: v.t.T("journal.export.cancel"),
			Button: ui.ButtonProps{Label: v.t.T("reviewpage.file_do"), Kind: ui.Primary, Icon: ui.IconExport},
		},
	}, refusal)
}

// sendReview sends the signed file, its signature and the public keys.
func (v *visit) sendReview() error {
	c, err := v.campaign()
	if err != nil {
		return err
	}
	if err := v.prove(); err != nil {
		return v.askReviewFile(c, err)
	}
	f, err := v.s.Reviews.File(v.Context(), v.by, v.org.ID, c.ID)
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="`+f.Name+`"`)
	h.Set("Content-Length", strconv.Itoa(len(f.Bytes)))
	_, err = v.w.Write(f.Bytes)
	return err
}
