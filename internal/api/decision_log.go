package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"habilis/internal/decision"
)

type decisionLogInput struct {
	InOrg
	Paged

	Outcome  decisionOutcome `query:"outcome" doc:"permit or refusal; both by default."`
	Subject  string          `query:"subject" maxLength:"200" doc:"The ID of who was asked about."`
	Resource string          `query:"resource" maxLength:"200" doc:"The ID of what was asked about."`
}

type decisionOutcome string

// Schema lists how decisions end.
func (decisionOutcome) Schema(huma.Registry) *huma.Schema {
	return oneOf([]string{"permit", "refusal"})
}

// LoggedDecision is one answer to a connected application that was kept.
type LoggedDecision struct {
	At         time.Time  `json:"at"`
	Caller     string     `json:"caller" doc:"The token that asked." example:"tok_019aa0f4-1f66-7a2b-8c9d-e04b6d13f5a9"`
	CallerName string     `json:"caller_name" example:"Agenda du cabinet"`
	Subject    EntityRef  `json:"subject"`
	Action     string     `json:"action" example:"read"`
	Resource   EntityRef  `json:"resource"`
	Decision   bool       `json:"decision"`
	Code       string     `json:"code" example:"grant.agenda"`
	Version    int64      `json:"version" doc:"Of the organisation, by which it was answered; 0 of a past moment."`
	AskedAbout *time.Time `json:"asked_about" doc:"The past moment asked about; null for the moment itself."`
	StandsFor  int64      `json:"stands_for" doc:"How many like answers it represents: the log is a sample."`
}

// EntityRef is what a question named, as it named it.
type EntityRef struct {
	Type string `json:"type" example:"agenda"`
	ID   string `json:"id" example:"agd_019aa0f2-3a4b-7c5d-8e6f-708192a3b4c5"`
	Name string `json:"name" doc:"Its present name; empty when it is not known here."`
}

func (s *Server) aboutDecisionLog(d *door) {
	add(d, route{
		id: "listDecisions", method: http.MethodGet, path: "/organizations/{org}/decision-log", tag: tagJournal,
		summary: "What applications were answered",
		about: "A sample of the answers to connected applications, the latest first: in each minute the first ones, then one of many, refusals " +
			"more often. Kept for 30 days. It helps to understand; it proves nothing. Needs audit.read in the whole organisation.",
		errors: []int{http.StatusNotFound},
	}, s.listDecisions)
}

func (s *Server) listDecisions(ctx context.Context, in *decisionLogInput) (*plainReply[List[LoggedDecision]], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	p, err := s.Decided.List(ctx, in.By, id, decision.LogQuery{
		Outcome: string(in.Outcome), Subject: in.Subject, Resource: in.Resource, After: in.Cursor, Size: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	return replied(listed(p.Entries, p.Next, p.Total, loggedOf)), nil
}

func loggedOf(e decision.LogEntry) LoggedDecision {
	return LoggedDecision{
		At: e.At.UTC(), Caller: e.Caller, CallerName: e.CallerName, Subject: EntityRef{e.Subject.Type, e.Subject.ID, e.SubjectName},
		Action: e.Action, Resource: EntityRef{e.Resource.Type, e.Resource.ID, e.ResourceName}, Decision: e.Answer.Allowed,
		Code: string(e.Answer.Code), Version: e.Answer.Version, AskedAbout: end(e.AskedAbout), StandsFor: e.StandsFor,
	}
}
