package api

import (
	"context"
	"net/http"
	"time"

	"habilis/internal/ident"
	"habilis/internal/session"
)

type sessionsInput struct {
	Caller
	Paged
}

type sessionInput struct {
	Caller

	Session string `path:"ses" doc:"The session's ID." example:"ses_019aa0f3-9e2c-7b35-b7d1-4a60c8f2e917"`
}

// Session is one browser signed in.
type Session struct {
	ID        string    `json:"id" example:"ses_019aa0f3-9e2c-7b35-b7d1-4a60c8f2e917"`
	Current   bool      `json:"current" doc:"It is the one that asks."`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at" doc:"Last use, to the minute."`
	ExpiresAt time.Time `json:"expires_at"`
	Address   string    `json:"address" doc:"Where it was opened from." example:"192.0.2.10"`
	UserAgent string    `json:"user_agent" doc:"What the browser says it is."`
}

func (s *Server) aboutSessions(d *door) {
	add(d, route{
		id: "listMySessions", method: http.MethodGet, path: "/me/sessions", tag: tagMe, summary: "My open sessions",
		about: "The browsers where the person is signed in, the current one first.",
	}, s.listSessions)
	add(d, route{
		id: "endMySession", method: http.MethodDelete, path: "/me/sessions/{ses}", tag: tagMe, summary: "End one of my sessions",
		about: "That browser is signed out at once.", errors: []int{http.StatusNotFound},
	}, s.endSession)
	add(d, route{
		id: "endMyOtherSessions", method: http.MethodDelete, path: "/me/sessions", tag: tagMe, summary: "End my other sessions",
		about: "Every browser is signed out but the one that asks. For a token: every browser.",
	}, s.endOtherSessions)
}

func (s *Server) listSessions(ctx context.Context, in *sessionsInput) (*plainReply[List[Session]], error) {
	all, err := s.Sessions.List(ctx, in.By)
	if err != nil {
		return nil, err
	}
	return cut[session.Session, Session]{
		ring: s.Run.Ring, name: "sessions|" + in.By.ID(), page: in.Paged,
		id:       func(v session.Session) string { return v.ID.String() },
		document: sessionOf,
	}.of(all)
}

func sessionOf(v session.Session) Session {
	return Session{
		ID: v.ID.String(), Current: v.Current, CreatedAt: v.CreatedAt.UTC(), SeenAt: v.SeenAt.UTC(), ExpiresAt: v.ExpiresAt.UTC(),
		Address: v.Address, UserAgent: v.UserAgent,
	}
}

func (s *Server) endSession(ctx context.Context, in *sessionInput) (*nothing, error) {
	return nil, s.Sessions.End(ctx, in.By, known(ident.ParseSession, in.Session))
}

// Ended is how many sessions ended.
type Ended struct {
	Ended int64 `json:"ended" doc:"How many sessions ended."`
}

func (s *Server) endOtherSessions(ctx context.Context, in *meInput) (*plainReply[Ended], error) {
	n, err := s.Sessions.EndOthers(ctx, in.By)
	return replied(Ended{n}), err
}
