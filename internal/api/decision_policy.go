package api

import (
	"context"
	"net/http"

	"habilis/internal/setting"
)

// DecisionPolicy is what an organisation asks of the connection of whoever uses a right
// in a connected application.
type DecisionPolicy struct {
	SecondFactor bool     `json:"decisions_second_factor" doc:"The person must have signed in to the application with a second factor."`
	Networks     []string `json:"decisions_networks" doc:"The address must be in one of them; none: any." example:"[\"10.1.0.0/16\"]"`
	Version      int64    `json:"version" doc:"The number in the ETag; 0 while nothing was ever asked."`
}

type editDecisionPolicyInput struct {
	InOrg
	Versioned

	Body decisionPolicyChange
}

type decisionPolicyChange struct {
	SecondFactor *bool     `json:"decisions_second_factor,omitempty"`
	Networks     *[]string `json:"decisions_networks,omitempty" maxItems:"50" example:"[\"10.1.0.0/16\",\"192.0.2.15\"]"`
}

// The policy has a version of its own, and an address below the security policy that
// rest.md names: two people who change the two do not meet.
func (s *Server) aboutDecisionPolicy(d *door) {
	const path = "/organizations/{org}/security-policy/decisions"
	add(d, route{
		id: "getDecisionPolicy", method: http.MethodGet, path: path, tag: tagOrganizations, summary: "What decisions ask of the connection",
		about: "Of whoever uses a right in a connected application. Only tokens marked trusted are believed about it. Needs security.edit, " +
			"settings.edit or members.invite.", errors: []int{http.StatusNotFound},
	}, s.getDecisionPolicy)
	add(d, route{
		id: "editDecisionPolicy", method: http.MethodPatch, path: path, tag: tagOrganizations,
		summary: "Change what decisions ask of the connection",
		about:   "What is left out stays as it is; networks replace those before. Needs security.edit and a fresh proof.",
		errors:  []int{http.StatusNotFound},
	}, s.editDecisionPolicy)
}

func (s *Server) getDecisionPolicy(ctx context.Context, in *InOrg) (*reply[DecisionPolicy], error) {
	id, err := s.org(ctx, *in)
	if err != nil {
		return nil, err
	}
	return decisionPolicyReply(s.Settings.Decisions(ctx, in.By, id))
}

func decisionPolicyReply(v setting.Decisions, err error) (*reply[DecisionPolicy], error) {
	if err != nil {
		return nil, err
	}
	p := DecisionPolicy{SecondFactor: v.SecondFactor, Networks: []string{}, Version: v.Rev}
	for _, n := range v.Networks {
		p.Networks = append(p.Networks, n.String())
	}
	return &reply[DecisionPolicy]{ETag: etag(v.Rev), Body: p}, nil
}

func (s *Server) editDecisionPolicy(ctx context.Context, in *editDecisionPolicyInput) (*reply[DecisionPolicy], error) {
	id, rev, v, err := presented(ctx, s, in.InOrg, in.Versioned, s.Settings.Decisions)
	if err != nil {
		return nil, err
	}
	if in.Body.SecondFactor != nil {
		v.SecondFactor = *in.Body.SecondFactor
	}
	var wrong error
	if in.Body.Networks != nil {
		v.Networks, wrong = setting.ParseNetworks(*in.Body.Networks)
	}
	if wrong != nil {
		return nil, renamed(wrong, func(at string) string { return "decisions_" + at })
	}
	return decisionPolicyReply(s.Settings.SetDecisions(ctx, in.By, id, rev, v))
}
