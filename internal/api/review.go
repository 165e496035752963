package api

import (
	"context"
	"io"
	"net/http"
	"time"

	"habilis/internal/ident"
	"habilis/internal/review"
	"habilis/internal/text"
)

// Review is one access review.
type Review struct {
	ID           string       `json:"id" example:"rev_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Organization string       `json:"organization" example:"org_019aa0f0-5c1e-7b6a-9a3e-0d5b7c1f2a34"`
	Site         string       `json:"site" doc:"Whose members it is about, and what they hold there; empty: the whole organisation."`
	SiteName     string       `json:"site_name"`
	Function     string       `json:"function" doc:"Whose members it is about; empty: of every function." example:"secretary"`
	State        string       `json:"state" enum:"open,closing,ended" doc:"closing: what was decided is being done."`
	Scheduled    bool         `json:"scheduled" doc:"Opened because it was due."`
	OpenedAt     time.Time    `json:"opened_at"`
	OpenedBy     string       `json:"opened_by" doc:"Name; empty: the server itself." example:"Bruno Lacaze"`
	Deadline     time.Time    `json:"deadline"`
	EndedAt      *time.Time   `json:"ended_at"`
	EndedBy      string       `json:"ended_by"`
	Forced       bool         `json:"forced" doc:"Ended with people who were not reviewed."`
	HasFile      bool         `json:"has_file" doc:"getReviewFile gives it."`
	Counts       ReviewCounts `json:"counts"`
	Version      int64        `json:"version" doc:"The number in the ETag."`
}

// ReviewCounts says how far a review is.
type ReviewCounts struct {
	People    int64 `json:"people"`
	Decided   int64 `json:"decided"`
	Undecided int64 `json:"undecided"`
	Mine      int64 `json:"mine" doc:"Undecided, on the caller's list."`
	Nobody    int64 `json:"nobody" doc:"On nobody's list: nobody else may review them."`
	Kept      int64 `json:"kept"`
	Reduced   int64 `json:"reduced"`
	Removed   int64 `json:"removed"`
	ToDo      int64 `json:"to_do" doc:"After the end: what is left to do by hand."`
}

func reviewOf(c review.Campaign) Review {
	return Review{
		ID: c.ID.String(), Organization: c.Org.String(), Site: c.Site.String(), SiteName: c.SiteName, Function: c.Function,
		State: string(c.State), Scheduled: c.Scheduled, OpenedAt: c.OpenedAt.UTC(), OpenedBy: c.OpenedBy, Deadline: c.Deadline.UTC(),
		EndedAt: moment(c.EndedAt), EndedBy: c.EndedBy, Forced: c.Forced, HasFile: c.HasFile, Counts: ReviewCounts(c.Counts), Version: c.Version,
	}
}

func reviewed(c review.Campaign, err error) (*reply[Review], error) {
	if err != nil {
		return nil, err
	}
	return &reply[Review]{ETag: etag(c.Version), Body: reviewOf(c)}, nil
}

// InReview is the input of a route of one access review.
type InReview struct {
	InOrg

	Review string `path:"rev" doc:"The review's ID." example:"rev_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
}

func (in InReview) id() ident.Review { return known(ident.ParseReview, in.Review) }

type listReviewsInput struct {
	InOrg
	Paged

	State string `query:"state" enum:"open,closing,ended" doc:"Only those in this state."`
}

type openReviewInput struct {
	InOrg

	Body struct {
		Site     string `json:"site,omitempty" maxLength:"60" doc:"Left out: the whole organisation." example:"ste_019aa0f0-5c20-7c11-8f52-6e1f4b0a9d77"` //nolint:lll // a tag is one literal
		Function string `json:"function,omitempty" maxLength:"200" doc:"Left out: every function." example:"secretary"`
		Days     int    `json:"days,omitempty" minimum:"1" maximum:"366" doc:"Until its deadline; left out: as the organisation has set." example:"30"` //nolint:lll // a tag is one literal
	}
}

type assignReviewInput struct {
	InReview
	Versioned

	Body struct {
		To      string   `json:"to" maxLength:"60" doc:"Who reviews from now on: a member's ID." example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"` //nolint:lll // a tag is one literal
		Members []string `json:"members,omitempty" maxItems:"1000" doc:"Whom; left out: everybody who is undecided, and whom they may review."`
		From    string   `json:"from,omitempty" maxLength:"60" doc:"With no members: only those on this one's list."`
	}
}

type endReviewInput struct {
	InReview
	Versioned

	Body struct {
		OrganizationName string `json:"org_name,omitempty" maxLength:"400" doc:"The name of the organisation, exactly: ends it with people who were not reviewed." example:"Maison de santé des Tilleuls"` //nolint:lll // a tag is one literal
	}
}

const needsReview = " Needs reviews.run: in the whole organisation, or at the site of the review."

func (s *Server) aboutReviews(d *door) {
	const path = "/organizations/{org}/reviews"
	missing := []int{http.StatusNotFound}
	changes := []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed, http.StatusUnprocessableEntity}
	add(d, route{
		id: "listReviews", method: http.MethodGet, path: path, tag: tagReviews, summary: "Access reviews",
		about: "The latest first." + needsReview,
	}, s.listReviews)
	add(d, route{
		id: "openReview", method: http.MethodPost, path: path, tag: tagReviews, summary: "Open an access review",
		about: "Of the organisation, of a site, of a function. What everybody may do is kept as it is now; each person gets a reviewer, who " +
			"is told by letter." + needsReview,
		status: http.StatusCreated, errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity},
	}, s.openReview)
	add(d, route{
		id: "getReview", method: http.MethodGet, path: path + "/{rev}", tag: tagReviews, summary: "One access review",
		about: "With how far it is." + needsReview, errors: missing,
	}, s.getReview)
	add(d, route{
		id: "listReviewers", method: http.MethodGet, path: path + "/{rev}/reviewers", tag: tagReviews, summary: "Who reviews",
		about: "Those who may, and those who have a list and may no more." + needsReview, errors: missing,
	}, s.listReviewers)
	add(d, route{
		id: "assignReview", method: http.MethodPost, path: path + "/{rev}/reviewers", tag: tagReviews, summary: "Give people to a reviewer",
		about: "Nobody reviews themself, nor somebody whose administration is not within their own." + needsReview, errors: changes,
	}, s.assignReview)
	add(d, route{
		id: "previewReviewEnd", method: http.MethodGet, path: path + "/{rev}/end", tag: tagReviews, summary: "What the end would do",
		about: "Whose rights are reduced, who is taken away, who is undecided, and what will be left to do." + needsReview, errors: missing,
	}, s.previewReviewEnd)
	add(d, route{
		id: "endReview", method: http.MethodPost, path: path + "/{rev}/end", tag: tagReviews, summary: "End an access review",
		about: "What was decided is done in steps, by the rights of the caller as they are at each; what is refused is left to do. While " +
			"somebody is undecided it asks for the name of the organisation. Needs a fresh proof from a person." + needsReview,
		errors: changes,
	}, s.endReview)
	add(d, route{
		id: "getReviewFile", method: http.MethodGet, path: path + "/{rev}/file", tag: tagReviews, summary: "The signed file of a review",
		about: "A zip: the file and its signature, the same to be printed, and the public keys, with which habilis verify-audit checks it " +
			"on any machine. Recorded. Needs a fresh proof from a person." + needsReview,
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.getReviewFile)
	s.aboutReviewPeople(d)
}

func (s *Server) listReviews(ctx context.Context, in *listReviewsInput) (*plainReply[List[Review]], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	l, err := s.Reviews.List(ctx, in.By, org, review.Query{State: review.State(in.State), Size: in.Limit, After: in.Cursor})
	if err != nil {
		return nil, err
	}
	return replied(listed(l.Rows, l.Next, l.Total, reviewOf)), nil
}

func (s *Server) openReview(ctx context.Context, in *openReviewInput) (*reply[Review], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	o := review.Order{Scope: review.Scope{Function: in.Body.Function}, Days: in.Body.Days}
	if in.Body.Site != "" {
		o.Site = known(ident.ParseSite, in.Body.Site)
	}
	return reviewed(s.Reviews.Open(ctx, in.By, org, o))
}

func (s *Server) getReview(ctx context.Context, in *InReview) (*reply[Review], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return reviewed(s.Reviews.Get(ctx, in.By, org, in.id()))
}

// Reviewer is somebody who may review, with what is theirs to do.
type Reviewer struct {
	Member    string `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Name      string `json:"name" example:"Bruno Lacaze"`
	People    int64  `json:"people" doc:"On their list."`
	Undecided int64  `json:"undecided"`
	Able      bool   `json:"able" doc:"They still may; else their list waits for somebody."`
}

// Reviewers is everybody who reviews.
type Reviewers struct {
	Items []Reviewer `json:"items"`
}

func (s *Server) listReviewers(ctx context.Context, in *InReview) (*plainReply[Reviewers], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	all, err := s.Reviews.Reviewers(ctx, in.By, org, in.id())
	out := Reviewers{Items: make([]Reviewer, 0, len(all))}
	for _, v := range all {
		out.Items = append(out.Items, Reviewer{v.Member.String(), v.Name, v.People, v.Undecided, v.Able})
	}
	return replied(out), err
}

func (s *Server) assignReview(ctx context.Context, in *assignReviewInput) (*reply[Review], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	a := review.Assignment{To: known(ident.ParseMember, in.Body.To), Version: version}
	if in.Body.From != "" {
		a.From = known(ident.ParseMember, in.Body.From)
	}
	for _, m := range in.Body.Members {
		a.Members = append(a.Members, known(ident.ParseMember, m))
	}
	return reviewed(s.Reviews.Assign(ctx, in.By, org, in.id(), a))
}

// ReviewEnd is what the end of a review would do.
type ReviewEnd struct {
	Version          int64          `json:"version" doc:"The number in the ETag: of what would follow. Ending asks for it in If-Match."`
	OrganizationName string         `json:"org_name" doc:"To be sent back, to end it with people who were not reviewed."`
	Kept             int64          `json:"kept" doc:"Whose rights stay as they are."`
	People           []ReviewEffect `json:"people" doc:"Of whom something becomes: those reduced, then those taken away. 500 at most."`
	MorePeople       int64          `json:"more_people"`
	Undecided        []ReviewEffect `json:"undecided" doc:"Who would be written as not reviewed. 500 at most."`
	MoreUndecided    int64          `json:"more_undecided"`
}

// ReviewEffect is what would become of somebody, or became.
type ReviewEffect struct {
	Member   string       `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Name     string       `json:"name" example:"Julie Faure"`
	Decision string       `json:"decision" enum:",keep,reduce,remove"`
	Rights   []ReviewLine `json:"rights" doc:"That go."`
	Leaves   bool         `json:"leaves" doc:"They leave the organisation; else the site of the review."`
	Holds    int          `json:"holds" doc:"How many things they hold, which must be handed over first."`
	Code     string       `json:"code" doc:"Why it is left to do, or not reviewed; empty: it will be done." example:"departure.holding"`
	Outcome  string       `json:"outcome" enum:",kept,reduced,departed,already,to_do,not_reviewed"`
}

func reviewEffects(list []review.Effect) []ReviewEffect {
	out := make([]ReviewEffect, 0, len(list))
	for i := range list {
		v := &list[i]
		out = append(out, ReviewEffect{
			Member: v.Member.String(), Name: v.Name, Decision: string(v.Choice), Rights: reviewLines(v.Lines), Leaves: v.Leaves, Holds: v.Holds,
			Code: v.Code, Outcome: string(v.Outcome),
		})
	}
	return out
}

func (s *Server) previewReviewEnd(ctx context.Context, in *InReview) (*reply[ReviewEnd], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	v, err := s.Reviews.Preview(ctx, in.By, org, in.id())
	if err != nil {
		return nil, err
	}
	return &reply[ReviewEnd]{ETag: etag(v.Version), Body: ReviewEnd{
		Version:          v.Version,
		OrganizationName: v.OrgName, Kept: v.Kept, People: reviewEffects(v.People), MorePeople: v.More,
		Undecided: reviewEffects(v.Undecided), MoreUndecided: v.MoreUndecided,
	}}, nil
}

func (s *Server) endReview(ctx context.Context, in *endReviewInput) (*reply[Review], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return reviewed(s.Reviews.End(ctx, in.By, org, in.id(), review.EndOrder{Version: version, OrgName: in.Body.OrganizationName}))
}

// reviewZip is the file of a review as an answer.
type reviewZip struct{ review.File }

// ContentType is that of a zip.
func (reviewZip) ContentType() string { return "application/zip" }

// Name is that of the file.
func (z reviewZip) Name(time.Time) string { return z.File.Name }

// Write writes it at once: it is whole.
func (z reviewZip) Write(_ context.Context, _ *text.Printer, w io.Writer, flush func() error) error {
	if err := flush(); err != nil {
		return err
	}
	_, err := w.Write(z.Bytes)
	return err
}

func (s *Server) getReviewFile(ctx context.Context, in *InReview) (*zipReply, error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	f, err := s.Reviews.File(ctx, in.By, org, in.id())
	if err != nil {
		return nil, err
	}
	return &zipReply{Body: s.fileBody(ctx, in.call, reviewZip{f})}, nil
}
