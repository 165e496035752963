package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"habilis/internal/event"
	"habilis/internal/webhook"
)

type eventsInput struct {
	InOrg

	After string      `query:"after" pattern:"^[0-9]{0,18}$" doc:"The next of the page before; empty: from the oldest kept."`
	Kinds []eventKind `query:"kind" doc:"Only events of these kinds, separated by commas."`
	Limit int         `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many at most."`
}

// Event is what webhooks are sent, in the form of CloudEvents 1.0.
type Event struct {
	SpecVersion string    `json:"specversion" example:"1.0"`
	ID          string    `json:"id" doc:"The same wherever the event is told." example:"evt_019aa0fb-3c4d-7e5f-9061-7b8c9d0e1f20"`
	Source      string    `json:"source" doc:"The organisation." example:"https://habilis.example.fr/api/v1/organizations/org_019a…"`
	Type        string    `json:"type" example:"member.deactivated"`
	Subject     string    `json:"subject,omitempty" doc:"A member, else what was changed." example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Time        time.Time `json:"time"`
	ContentType string    `json:"datacontenttype" example:"application/json"`
	Data        EventData `json:"data"`
}

// EventData is what an event tells: identifiers alone.
type EventData struct {
	Organization string `json:"organization" example:"org_019aa0f0-5c1e-7b6a-9a3e-0d5b7c1f2a34"`
	Member       string `json:"member,omitempty" doc:"Of an event about a member."`
	Object       string `json:"object,omitempty" doc:"What was acted upon."`
	Site         string `json:"site,omitempty" doc:"Where, if it was at one site."`
	Version      int64  `json:"version" doc:"Its place in the feed of the organisation: of two events of one subject the higher is the later."`
}

// Events are a part of the feed.
type Events struct {
	Items []Event `json:"items"`
	Next  string  `json:"next" doc:"Ask for what follows with after. There is always one: what happens later follows it."`
	More  bool    `json:"more" doc:"There is more now."`
}

// datesUntold says what no event tells.
const datesUntold = "What begins or ends because its date has come tells nothing: rights, delegations and memberships that are given " +
	"with dates. Ask for a decision when it counts, or read the dates of what you keep."

func (s *Server) aboutEvents(d *door) {
	add(d, route{
		id: "listEvents", method: http.MethodGet, path: "/organizations/{org}/events", tag: tagEvents, summary: "The feed of events",
		about: "What webhooks are sent, the oldest first, to begin from or to catch up from any point. Events are kept for 30 days: 410 " +
			"`event.gone` says that some are missing before what is kept, or that the installation was restored from a backup made before; " +
			"read the members again then. " + datesUntold + needsWebhooks,
		errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusGone},
	}, s.listEvents)
}

func (s *Server) listEvents(ctx context.Context, in *eventsInput) (*plainReply[Events], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	var after *int64
	if n, err := strconv.ParseInt(in.After, 10, 64); err == nil {
		after = &n
	}
	p, err := s.Webhooks.Feed(ctx, in.By, org, webhook.FeedQuery{From: after, Kinds: eventKinds(in.Kinds), N: in.Limit})
	if err != nil {
		return nil, err
	}
	out := Events{Items: make([]Event, 0, len(p.Events)), Next: strconv.FormatInt(p.Next, 10), More: p.More}
	for i := range p.Events {
		out.Items = append(out.Items, eventOf(p.Events[i].Document(webhook.Source(s.BaseURL, org))))
	}
	return replied(out), nil
}

func eventOf(d event.Document) Event {
	return Event{
		SpecVersion: d.SpecVersion, ID: d.ID, Source: d.Source, Type: string(d.Type), Subject: d.Subject, Time: d.Time,
		ContentType: d.ContentType, Data: EventData(d.Data),
	}
}
