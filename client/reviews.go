package client

import (
	"context"
	"io"
	"iter"
	"net/http"
	"time"
)

// Review is one access review.
type Review struct {
	ID           string       `json:"id"`
	Organization string       `json:"organization"`
	Site         string       `json:"site"` // empty: the whole organisation
	SiteName     string       `json:"site_name"`
	Function     string       `json:"function"` // empty: of every function
	State        string       `json:"state"`    // open, closing, ended
	Scheduled    bool         `json:"scheduled"`
	OpenedAt     time.Time    `json:"opened_at"`
	OpenedBy     string       `json:"opened_by"`
	Deadline     time.Time    `json:"deadline"`
	EndedAt      *time.Time   `json:"ended_at"`
	EndedBy      string       `json:"ended_by"`
	Forced       bool         `json:"forced"`
	HasFile      bool         `json:"has_file"`
	Counts       ReviewCounts `json:"counts"`
	Version      int64        `json:"version"`
}

// ReviewCounts says how far a review is.
type ReviewCounts struct {
	People    int64 `json:"people"`
	Decided   int64 `json:"decided"`
	Undecided int64 `json:"undecided"`
	Mine      int64 `json:"mine"`
	Nobody    int64 `json:"nobody"`
	Kept      int64 `json:"kept"`
	Reduced   int64 `json:"reduced"`
	Removed   int64 `json:"removed"`
	ToDo      int64 `json:"to_do"`
}

// ReviewPerson is somebody to review.
type ReviewPerson struct {
	Member      string       `json:"member"`
	Version     string       `json:"version"` // to be sent back with a decision
	Name        string       `json:"name"`
	Email       string       `json:"email"`
	Function    string       `json:"function"`
	Status      string       `json:"status"`
	Sites       []string     `json:"sites"`
	Gone        bool         `json:"gone"`
	LastSignIn  *time.Time   `json:"last_sign_in_at"`
	LastUse     *time.Time   `json:"last_use"`
	UseWide     bool         `json:"last_use_anywhere"` // of the review of a site: known of the whole organisation only
	UsesSince   time.Time    `json:"uses_known_since"`
	Unused      bool         `json:"unused"`
	Sensitive   bool         `json:"sensitive"`
	Administers bool         `json:"administers"`
	Rights      []ReviewLine `json:"rights"`
	Reviewer    string       `json:"reviewer"`
	BarredBy    string       `json:"barred_by"`
	Nobody      bool         `json:"nobody"`
	Together    bool         `json:"together"`
	Decision    string       `json:"decision"` // keep, reduce, remove; empty: none
	Comment     string       `json:"comment"`
	DecidedBy   string       `json:"decided_by"`
	DecidedAt   *time.Time   `json:"decided_at"`
	Leaving     string       `json:"leaving"` // what remove would have them leave now: site, organization
	Leaves      string       `json:"leaves"`  // of remove: what was decided that they leave
	Changed     bool         `json:"changed"`
	Outcome     string       `json:"outcome"` // kept, reduced, departed, already, to_do, not_reviewed; empty: nothing yet
	Code        string       `json:"code"`
	ChangeSet   string       `json:"change_set"`
	DoneAt      *time.Time   `json:"done_at"`
}

// ReviewLine is one right, with its source.
type ReviewLine struct {
	Key       string     `json:"key"`
	Domain    string     `json:"domain"` // role, permission, level, delegation, group_member, holds
	Object    string     `json:"object"`
	Name      string     `json:"name"`
	BuiltIn   string     `json:"built_in"`
	Type      string     `json:"type"`
	Level     string     `json:"level"`
	Scope     string     `json:"scope"`
	Sensitive bool       `json:"sensitive"`
	GivenBy   string     `json:"given_by"`
	GivenAt   time.Time  `json:"given_at"`
	From      time.Time  `json:"from"`
	Until     *time.Time `json:"until"`
	LastUse   *time.Time `json:"last_use"`
	UseWide   bool       `json:"last_use_anywhere"` // of the review of a site: known of the whole organisation only
	Fixed     bool       `json:"fixed"`
	Change    string     `json:"change"` // new, gone, altered; empty: as it was
	Dropped   bool       `json:"dropped"`
}

// ReviewOrder is what is asked of a new review.
type ReviewOrder struct {
	Site     string `json:"site,omitempty"`
	Function string `json:"function,omitempty"`
	Days     int    `json:"days,omitempty"`
}

// ReviewQuery chooses among the reviews.
type ReviewQuery struct {
	Paging

	State string `query:"state"`
}

// ReviewPeopleQuery chooses among the people of a review.
type ReviewPeopleQuery struct {
	Paging

	Show   string `query:"show"`
	Search string `query:"q"`
}

// ReviewDecision is what is decided of one person.
type ReviewDecision struct {
	Member   string   `json:"member"`
	Decision string   `json:"decision"`
	Drop     []string `json:"drop,omitempty"`
	Comment  string   `json:"comment,omitempty"`
	Version  string   `json:"version"`
}

// ReviewDecisions are decided together: all or none.
type ReviewDecisions struct {
	Decisions []ReviewDecision `json:"decisions"`
}

// ReviewDecided is the people of whom was decided, as they are now.
type ReviewDecided struct {
	Items []ReviewPerson `json:"items"`
}

// Reviewer is somebody who may review.
type Reviewer struct {
	Member    string `json:"member"`
	Name      string `json:"name"`
	People    int64  `json:"people"`
	Undecided int64  `json:"undecided"`
	Able      bool   `json:"able"`
}

// Reviewers is everybody who reviews.
type Reviewers struct {
	Items []Reviewer `json:"items"`
}

// ReviewAssignment gives people to a reviewer.
type ReviewAssignment struct {
	To      string   `json:"to"`
	Members []string `json:"members,omitempty"` // none: all who are undecided
	From    string   `json:"from,omitempty"`
}

// ReviewEnd is what the end of a review would do.
type ReviewEnd struct {
	Version          int64          `json:"version"` // to be sent back with the end
	OrganizationName string         `json:"org_name"`
	Kept             int64          `json:"kept"`
	People           []ReviewEffect `json:"people"`
	MorePeople       int64          `json:"more_people"`
	Undecided        []ReviewEffect `json:"undecided"`
	MoreUndecided    int64          `json:"more_undecided"`
}

// ReviewEffect is what would become of somebody, or became.
type ReviewEffect struct {
	Member   string       `json:"member"`
	Name     string       `json:"name"`
	Decision string       `json:"decision"`
	Rights   []ReviewLine `json:"rights"`
	Leaves   bool         `json:"leaves"`
	Holds    int          `json:"holds"`
	Code     string       `json:"code"`
	Outcome  string       `json:"outcome"`
}

// ReviewEndOrder is what is asked of an end.
type ReviewEndOrder struct {
	OrganizationName string `json:"org_name,omitempty"` // ends it with people who were not reviewed
}

// ReviewSettings is how often an organisation reviews accesses.
type ReviewSettings struct {
	Months  int    `json:"months"`
	Days    int    `json:"days"`
	By      string `json:"by"` // organization, site, function
	Version int64  `json:"version"`
}

// ReviewSettingsChange changes them; what is nil stays as it is.
type ReviewSettingsChange struct {
	Months *int    `json:"months,omitempty"`
	Days   *int    `json:"days,omitempty"`
	By     *string `json:"by,omitempty"`
}

func reviews(org string, more ...string) []string {
	return inOrg(org, append([]string{"reviews"}, more...)...)
}

// ListReviews gives a page of the access reviews, the latest first.
func (c *Client) ListReviews(ctx context.Context, org string, q ReviewQuery) (List[Review], error) {
	return call[List[Review]](ctx, c, request{method: http.MethodGet, path: reviews(org), query: q})
}

// Reviews goes through them.
func (c *Client) Reviews(ctx context.Context, org string, q ReviewQuery) iter.Seq2[Review, error] {
	return every(q.Paging, func(p Paging) (List[Review], error) { q.Paging = p; return c.ListReviews(ctx, org, q) })
}

// OpenReview opens an access review.
func (c *Client) OpenReview(ctx context.Context, org string, o ReviewOrder) (Review, error) {
	return call[Review](ctx, c, request{method: http.MethodPost, path: reviews(org), body: o})
}

// GetReview reads one, with how far it is.
func (c *Client) GetReview(ctx context.Context, org, review string) (Review, error) {
	return call[Review](ctx, c, request{method: http.MethodGet, path: reviews(org, review)})
}

// ListReviewPeople gives a page of the people of a review, in the order in which they are reviewed.
func (c *Client) ListReviewPeople(ctx context.Context, org, review string, q ReviewPeopleQuery) (List[ReviewPerson], error) {
	return call[List[ReviewPerson]](ctx, c, request{method: http.MethodGet, path: reviews(org, review, "people"), query: q})
}

// ReviewPeople goes through them.
func (c *Client) ReviewPeople(ctx context.Context, org, review string, q ReviewPeopleQuery) iter.Seq2[ReviewPerson, error] {
	return every(q.Paging, func(p Paging) (List[ReviewPerson], error) {
		q.Paging = p
		return c.ListReviewPeople(ctx, org, review, q)
	})
}

// DecideReview decides of one person, or keeps several together.
func (c *Client) DecideReview(ctx context.Context, org, review string, d ReviewDecisions) (ReviewDecided, error) {
	return call[ReviewDecided](ctx, c, request{method: http.MethodPost, path: reviews(org, review, "decisions"), body: d})
}

// ListReviewers says who reviews.
func (c *Client) ListReviewers(ctx context.Context, org, review string) (Reviewers, error) {
	return call[Reviewers](ctx, c, request{method: http.MethodGet, path: reviews(org, review, "reviewers")})
}

// AssignReview gives people to a reviewer, from the version that was read.
func (c *Client) AssignReview(ctx context.Context, org, review string, version int64, a ReviewAssignment) (Review, error) {
	return call[Review](ctx, c, request{method: http.MethodPost, path: reviews(org, review, "reviewers"), version: &version, body: a})
}

// PreviewReviewEnd says what the end of a review would do.
func (c *Client) PreviewReviewEnd(ctx context.Context, org, review string) (ReviewEnd, error) {
	return call[ReviewEnd](ctx, c, request{method: http.MethodGet, path: reviews(org, review, "end")})
}

// EndReview ends a review, from the version that was read.
func (c *Client) EndReview(ctx context.Context, org, review string, version int64, o ReviewEndOrder) (Review, error) {
	return call[Review](ctx, c, request{method: http.MethodPost, path: reviews(org, review, "end"), version: &version, body: o})
}

// GetReviewFile reads the signed file of a review, a zip, as it arrives; the reading is recorded. The
// caller closes it.
func (c *Client) GetReviewFile(ctx context.Context, org, review string) (io.ReadCloser, error) {
	return stream(ctx, c, request{method: http.MethodGet, path: reviews(org, review, "file"), accept: "*/*"})
}

// GetReviewSettings reads how often an organisation reviews accesses.
func (c *Client) GetReviewSettings(ctx context.Context, org string) (ReviewSettings, error) {
	return call[ReviewSettings](ctx, c, request{method: http.MethodGet, path: inOrg(org, partSettings, "reviews")})
}

// EditReviewSettings changes it, from the version that was read.
func (c *Client) EditReviewSettings(ctx context.Context, org string, version int64, change ReviewSettingsChange) (ReviewSettings, error) {
	return call[ReviewSettings](ctx, c, request{
		method: http.MethodPatch, path: inOrg(org, partSettings, "reviews"), version: &version, body: change,
	})
}
