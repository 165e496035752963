package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"habilis/internal/ident"
	"habilis/internal/review"
	"habilis/internal/setting"
)

// zipReply is a zip that is written as an answer.
type zipReply struct {
	Body func(huma.Context) `contentType:"application/zip"`
}

// ReviewPerson is somebody to review.
type ReviewPerson struct {
	Member      string       `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Version     string       `json:"version" doc:"To be sent back with a decision: it changes with their rights." example:"1.9f86d081884c7d65"`
	Name        string       `json:"name" doc:"Empty: erased." example:"Julie Faure"`
	Email       string       `json:"email" example:"julie.faure@tilleuls.example"`
	Function    string       `json:"function" example:"secretary"`
	Status      string       `json:"status" enum:"pending_approval,created,active,deactivated,left"`
	Sites       []string     `json:"sites" doc:"Names."`
	Gone        bool         `json:"gone" doc:"No member any more, or not of the site of the review."`
	LastSignIn  *time.Time   `json:"last_sign_in_at" doc:"Null: never."`
	LastUse     *time.Time   `json:"last_use" doc:"Of any right; null: none is known."`
	UseWide     bool         `json:"last_use_anywhere" doc:"Of the review of a site: that use is known of the whole organisation only."`
	UsesSince   time.Time    `json:"uses_known_since"`
	Unused      bool         `json:"unused" doc:"Never signed in, or not for 90 days, and nothing was used."`
	Sensitive   bool         `json:"sensitive" doc:"Holds rights that are reviewed one by one."`
	Administers bool         `json:"administers"`
	Rights      []ReviewLine `json:"rights"`
	Reviewer    string       `json:"reviewer" doc:"On whose list they are; empty: nobody's."`
	BarredBy    string       `json:"barred_by" doc:"Code of why the caller may not decide; empty: they may." example:"review.yourself"`
	Nobody      bool         `json:"nobody" doc:"Nobody else may review them."`
	Together    bool         `json:"together" doc:"May be kept with others in one request."`
	Decision    string       `json:"decision" enum:",keep,reduce,remove"`
	Comment     string       `json:"comment"`
	DecidedBy   string       `json:"decided_by"`
	DecidedAt   *time.Time   `json:"decided_at"`
	Leaving     string       `json:"leaving" enum:"site,organization" doc:"What remove would have them leave now: the site of the review, or the organisation."` //nolint:lll // a tag is one literal
	Leaves      string       `json:"leaves" enum:",site,organization" doc:"Of remove: what was decided that they leave."`
	Changed     bool         `json:"changed" doc:"More was given since it was decided, or they would leave something else: it is to be decided again."` //nolint:lll // a tag is one literal
	Outcome     string       `json:"outcome" enum:",kept,reduced,departed,already,to_do,not_reviewed" doc:"After the end: what became of it."`
	Code        string       `json:"code" doc:"Why it is left to do, or not reviewed."`
	ChangeSet   string       `json:"change_set" doc:"Of a reduction: undone as every change set."`
	DoneAt      *time.Time   `json:"done_at"`
}

// ReviewLine is one right, with its source.
type ReviewLine struct {
	Key       string     `json:"key" doc:"What drop of a decision names." example:"level:agd_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10:"`
	Domain    string     `json:"domain" enum:"role,permission,level,delegation,group_member,holds"`
	Object    string     `json:"object" doc:"ID of a role, resource or group; code of a permission."`
	Name      string     `json:"name"`
	BuiltIn   string     `json:"built_in" doc:"Code of a built-in role."`
	Type      string     `json:"type" enum:",agenda,messaging_profile,identity"`
	Level     string     `json:"level" doc:"Or the act of a delegation." example:"manage"`
	Scope     string     `json:"scope" doc:"organization, or the ID of the site where it holds." example:"organization"`
	Sensitive bool       `json:"sensitive"`
	GivenBy   string     `json:"given_by" example:"Bruno Lacaze"`
	GivenAt   time.Time  `json:"given_at"`
	From      time.Time  `json:"from"`
	Until     *time.Time `json:"until"`
	LastUse   *time.Time `json:"last_use" doc:"Null: none is known."`
	UseWide   bool       `json:"last_use_anywhere" doc:"Of the review of a site: that use is known of the whole organisation only."`
	Fixed     bool       `json:"fixed" doc:"The caller cannot take it away line by line: it is held, or holds in the whole organisation."`
	Change    string     `json:"change" enum:",new,gone,altered" doc:"Since the review was opened."`
	Dropped   bool       `json:"dropped" doc:"The decision takes it away."`
}

func reviewLines(list []review.Line) []ReviewLine {
	out := make([]ReviewLine, 0, len(list))
	for i := range list {
		l := &list[i]
		out = append(out, ReviewLine{
			Key: l.Key, Domain: string(l.Domain), Object: l.Object, Name: l.Name, BuiltIn: l.BuiltIn, Type: l.Type, Level: l.Level, Scope: l.Scope,
			Sensitive: l.Sensitive, GivenBy: l.GivenBy, GivenAt: l.GivenAt.UTC(), From: l.From.UTC(), Until: end(l.Until),
			LastUse: moment(l.LastUse), UseWide: l.UseWide, Fixed: l.Fixed, Change: string(l.Change), Dropped: l.Dropped,
		})
	}
	return out
}

func reviewPerson(p review.Person) ReviewPerson {
	return ReviewPerson{
		Member: p.Member.String(), Version: p.Version, Name: p.Name, Email: p.Email, Function: p.Function, Status: string(p.Status),
		Sites: append([]string{}, p.Sites...), Gone: p.Gone, LastSignIn: moment(p.LastSignIn), LastUse: moment(p.LastUse),
		UseWide: p.UseWide, UsesSince: p.UsesSince.UTC(), Unused: p.Unused, Sensitive: p.Sensitive, Administers: p.Administers,
		Rights:   reviewLines(p.Rights),
		Reviewer: p.Reviewer.String(), BarredBy: p.Barred, Nobody: p.Nobody, Together: p.Together, Decision: string(p.Choice),
		Comment: p.Comment, DecidedBy: p.DecidedBy, DecidedAt: moment(p.DecidedAt), Changed: p.Changed, Outcome: string(p.Outcome),
		Leaving: string(p.Leaving), Leaves: string(p.Leaves), Code: p.Code, ChangeSet: p.ChangeSet.String(), DoneAt: moment(p.DoneAt),
	}
}

type reviewPeopleInput struct {
	InReview
	Paged

	Show   string `query:"show" enum:"undecided,mine,decided,keep,reduce,remove,nobody,changed,to_do" doc:"Only these; left out: everybody."`
	Search string `query:"q" maxLength:"200" doc:"Part of the name or address."`
}

type decideReviewInput struct {
	InReview

	Body struct {
		Decisions []ReviewDecision `json:"decisions" minItems:"1" maxItems:"100" doc:"Several only keep, and only people of whom together is true."` //nolint:lll // a tag is one literal
	}
}

// ReviewDecision is what is decided of one person.
type ReviewDecision struct {
	Member   string   `json:"member" maxLength:"60" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Decision string   `json:"decision" enum:"keep,reduce,remove"`
	Drop     []string `json:"drop,omitempty" maxItems:"2000" doc:"Of reduce: keys of the rights that go."`
	Comment  string   `json:"comment,omitempty" maxLength:"4000" doc:"Asked for, but of keep." example:"A changé de service."`
	Version  string   `json:"version" maxLength:"60" doc:"That was read."`
}

// ReviewDecided is the people of whom was decided, as they are now.
type ReviewDecided struct {
	Items []ReviewPerson `json:"items"`
}

func (s *Server) aboutReviewPeople(d *door) {
	const path = "/organizations/{org}/reviews/{rev}"
	add(d, route{
		id: "listReviewPeople", method: http.MethodGet, path: path + "/people", tag: tagReviews, summary: "Whom a review is about",
		about: "Never or long unused first, then administrators, then the rest: what each may do, who gave it, when it was " +
			"last used." + needsReview,
		errors: []int{http.StatusNotFound},
	}, s.listReviewPeople)
	add(d, route{
		id: "decideReview", method: http.MethodPost, path: path + "/decisions", tag: tagReviews, summary: "Keep, reduce or take away",
		about: "One person; or several who are kept. All of it or nothing. A decision is about what was read: when a right was given since, " +
			"it is refused with review.changed, and read again." + needsReview,
		errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed, http.StatusUnprocessableEntity},
	}, s.decideReview)
}

func (s *Server) listReviewPeople(ctx context.Context, in *reviewPeopleInput) (*plainReply[List[ReviewPerson]], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	l, err := s.Reviews.People(ctx, in.By, org, in.id(), review.PeopleQuery{
		Filter: review.Filter(in.Show), Search: in.Search, Size: in.Limit, After: in.Cursor,
	})
	if err != nil {
		return nil, err
	}
	return replied(listed(l.Rows, l.Next, l.Total, reviewPerson)), nil
}

func (s *Server) decideReview(ctx context.Context, in *decideReviewInput) (*plainReply[ReviewDecided], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	list := make([]review.Decision, len(in.Body.Decisions))
	for i, v := range in.Body.Decisions {
		list[i] = review.Decision{
			Member: known(ident.ParseMember, v.Member), Choice: review.Choice(v.Decision), Drop: v.Drop, Comment: v.Comment, Version: v.Version,
		}
	}
	people, err := s.Reviews.Decide(ctx, in.By, org, in.id(), list)
	if err != nil {
		return nil, err
	}
	out := ReviewDecided{Items: make([]ReviewPerson, len(people))}
	for i := range people {
		out.Items[i] = reviewPerson(people[i])
	}
	return replied(out), nil
}

// ReviewSettings is how often an organisation reviews accesses.
type ReviewSettings struct {
	Months  int    `json:"months" doc:"From one review to the next." example:"6"`
	Days    int    `json:"days" doc:"From its opening to its deadline." example:"30"`
	By      string `json:"by" enum:"organization,site,function" doc:"One of the whole organisation, one of each site, one of each function."`
	Version int64  `json:"version" doc:"The number in the ETag; 0 while the defaults hold."`
}

type reviewSettingsInput struct {
	InOrg
	Versioned

	Body struct {
		Months *int    `json:"months,omitempty" minimum:"1" maximum:"24" example:"6"`
		Days   *int    `json:"days,omitempty" minimum:"1" maximum:"90" example:"30"`
		By     *string `json:"by,omitempty" enum:"organization,site,function"`
	}
}

func (s *Server) aboutReviewSettings(d *door) {
	const path = "/organizations/{org}/settings/reviews"
	add(d, route{
		id: "getReviewSettings", method: http.MethodGet, path: path, tag: tagReviews, summary: "How often accesses are reviewed",
		about: "For who runs reviews, or changes settings.", errors: []int{http.StatusNotFound},
	}, s.getReviewSettings)
	add(d, route{
		id: "editReviewSettings", method: http.MethodPatch, path: path, tag: tagReviews, summary: "Change how often accesses are reviewed",
		about: "What is left out stays as it is. Needs settings.edit, with a fresh proof from a person.", errors: []int{http.StatusNotFound},
	}, s.editReviewSettings)
}

func reviewSettings(v setting.Reviews, err error) (*reply[ReviewSettings], error) {
	if err != nil {
		return nil, err
	}
	return &reply[ReviewSettings]{ETag: etag(v.Rev), Body: ReviewSettings{v.Months, v.Days, string(v.By), v.Rev}}, nil
}

func (s *Server) getReviewSettings(ctx context.Context, in *InOrg) (*reply[ReviewSettings], error) {
	id, err := s.org(ctx, *in)
	if err != nil {
		return nil, err
	}
	return reviewSettings(s.Settings.Reviews(ctx, in.By, id))
}

func (s *Server) editReviewSettings(ctx context.Context, in *reviewSettingsInput) (*reply[ReviewSettings], error) {
	id, rev, v, err := presented(ctx, s, in.InOrg, in.Versioned, s.Settings.Reviews)
	if err != nil {
		return nil, err
	}
	if in.Body.Months != nil {
		v.Months = *in.Body.Months
	}
	if in.Body.Days != nil {
		v.Days = *in.Body.Days
	}
	if in.Body.By != nil {
		v.By = setting.ReviewBy(*in.Body.By)
	}
	return reviewSettings(s.Settings.SetReviews(ctx, in.By, id, rev, v))
}
