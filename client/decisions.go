package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// LoggedDecision is one answer to a connected application that was kept: the log is a
// sample.
type LoggedDecision struct {
	At         time.Time  `json:"at"`
	Caller     string     `json:"caller"` // ID of the token that asked
	CallerName string     `json:"caller_name"`
	Subject    EntityRef  `json:"subject"`
	Action     string     `json:"action"`
	Resource   EntityRef  `json:"resource"`
	Decision   bool       `json:"decision"`
	Code       string     `json:"code"`
	Version    int64      `json:"version"`     // of the organisation; 0 of a past moment
	AskedAbout *time.Time `json:"asked_about"` // nil: about the moment itself
	StandsFor  int64      `json:"stands_for"`  // like answers that it represents
}

// EntityRef is what a question named, as it named it.
type EntityRef struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Name string `json:"name"` // its present name; empty when it is not known
}

// DecisionQuery chooses a page of the log of decisions.
type DecisionQuery struct {
	Paging

	Outcome  string `query:"outcome"`  // permit, refusal; both when empty
	Subject  string `query:"subject"`  // ID of who was asked about
	Resource string `query:"resource"` // ID of what was asked about
}

// DecisionPolicy is what an organisation asks of the connection of whoever uses a right in
// a connected application.
type DecisionPolicy struct {
	SecondFactor bool     `json:"decisions_second_factor"`
	Networks     []string `json:"decisions_networks"` // none: the address may be any
	Version      int64    `json:"version"`
}

// DecisionPolicyChange changes it; what is nil stays.
type DecisionPolicyChange struct {
	SecondFactor *bool     `json:"decisions_second_factor,omitempty"`
	Networks     *[]string `json:"decisions_networks,omitempty"`
}

// GetDecisionPolicy reads what decisions ask of the connection.
func (c *Client) GetDecisionPolicy(ctx context.Context, org string) (DecisionPolicy, error) {
	return call[DecisionPolicy](ctx, c, request{method: http.MethodGet, path: inOrg(org, "security-policy", "decisions")})
}

// EditDecisionPolicy changes what decisions ask of the connection, from the version read.
func (c *Client) EditDecisionPolicy(ctx context.Context, org string, version int64, change DecisionPolicyChange) (DecisionPolicy, error) {
	return call[DecisionPolicy](ctx, c, request{
		method: http.MethodPatch, path: inOrg(org, "security-policy", "decisions"), version: &version, body: change,
	})
}

// ListDecisions gives a page of what applications were answered, the latest first.
func (c *Client) ListDecisions(ctx context.Context, org string, q DecisionQuery) (List[LoggedDecision], error) {
	return call[List[LoggedDecision]](ctx, c, request{method: http.MethodGet, path: inOrg(org, "decision-log"), query: q})
}

// Decisions goes through what applications were answered.
func (c *Client) Decisions(ctx context.Context, org string, q DecisionQuery) iter.Seq2[LoggedDecision, error] {
	return every(q.Paging, func(p Paging) (List[LoggedDecision], error) {
		q.Paging = p
		return c.ListDecisions(ctx, org, q)
	})
}
