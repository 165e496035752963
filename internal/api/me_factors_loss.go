package api

import (
	"context"
	"net/http"
	"time"
)

// FactorLoss is a request to take all of the caller's second factors, which waits for its day.
type FactorLoss struct {
	LostAt time.Time `json:"lost_at,omitzero" doc:"When all second factors and recovery codes are taken, unless their person says no. Absent: nobody asked."` //nolint:lll // a tag is one literal
}

func (s *Server) aboutMyLoss(d *door, path string) {
	add(d, route{
		id: "getMyFactorLoss", method: http.MethodGet, path: path, tag: tagMe, summary: "Whether all my second factors are to be taken",
		about: "Somebody who gave the password asked for it on the page of the second factor: they lost them all. It happens after 72 hours; " +
			"using a second factor meanwhile keeps them.",
	}, s.factorLoss)
	add(d, route{
		id: "stopMyFactorLoss", method: http.MethodDelete, path: path, tag: tagMe, summary: "Keep all my second factors",
		about:  "It takes nothing away: no proof is needed. The person and the administrators of their organisations are told.",
		errors: []int{http.StatusGone},
	}, s.stopLoss)
}

func (s *Server) factorLoss(ctx context.Context, in *meInput) (*plainReply[FactorLoss], error) {
	own, err := s.Logins.Factors(ctx, in.By)
	return replied(FactorLoss{utc(own.LostAt)}), err
}

func (s *Server) stopLoss(ctx context.Context, in *meInput) (*nothing, error) {
	return nil, s.Logins.StopLoss(ctx, in.By, in.client())
}
