package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"habilis/internal/ident"
	"habilis/internal/webhook"
)

type deliveriesInput struct {
	InWebhook
	Paged

	State string `query:"state" enum:"waiting,delivered,failed" doc:"Only those in this state."`
}

type redeliverInput struct {
	InWebhook

	Event string `path:"evt" doc:"The event's ID." example:"evt_019aa0fb-3c4d-7e5f-9061-7b8c9d0e1f20"`
}

type replayInput struct {
	InWebhook

	Body replayFrom
}

type replayFrom struct {
	After int64 `json:"after" minimum:"0" doc:"The version of the last event that was taken well: those that follow are sent again."`
}

// Replayed says how many events are sent again.
type Replayed struct {
	Events int64 `json:"events"`
}

// Delivery is one event for one webhook.
type Delivery struct {
	Event   string     `json:"event" example:"evt_019aa0fb-3c4d-7e5f-9061-7b8c9d0e1f20"`
	Type    string     `json:"type" example:"member.deactivated"`
	Subject string     `json:"subject" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Version int64      `json:"version" doc:"The version that the event bears."`
	State   string     `json:"state" enum:"waiting,delivered,failed"`
	Tries   int64      `json:"tries"`
	TriedAt *time.Time `json:"tried_at" doc:"The last try; null before the first."`
	NextAt  *time.Time `json:"next_at" doc:"The next one; null when there is none."`

	DeliveryResult
}

// DeliveryResult is how a webhook took something.
type DeliveryResult struct {
	Outcome string `json:"outcome" enum:",taken,status,redirected,too_large,bad_address,timed_out,bad_tls,unreached" doc:"Of the last try."`
	Status  int64  `json:"status" doc:"Of the answer; 0 for none."`
	TookMS  int64  `json:"took_ms"`
	Said    string `json:"said" doc:"The beginning of an answer that was no success, without what looks like a secret."`
}

func deliveryOf(d webhook.Delivery) Delivery {
	out := Delivery{
		Event: d.Event.ID.String(), Type: string(d.Event.Kind), Subject: d.Event.Subject, Version: d.Event.Position, State: string(d.State),
		Tries: d.Attempt, TriedAt: moment(d.TriedAt), DeliveryResult: resultOf(d.Result),
	}
	if d.State == webhook.Waiting {
		out.NextAt = moment(d.DueAt)
	}
	return out
}

func resultOf(r webhook.Result) DeliveryResult {
	return DeliveryResult{Outcome: string(r.Outcome), Status: r.Status, TookMS: r.Took.Milliseconds(), Said: r.Said}
}

func (s *Server) aboutDeliveries(d *door) {
	missing, conflict := []int{http.StatusNotFound}, []int{http.StatusNotFound, http.StatusConflict}
	add(d, route{
		id: "listDeliveries", method: http.MethodGet, path: webhookPath + "/deliveries", tag: tagEvents, summary: "Deliveries of a webhook",
		about: "The latest event first, as long as events are kept: 30 days." + needsWebhooks, errors: missing,
	}, s.listDeliveries)
	add(d, route{
		id: "redeliver", method: http.MethodPost, path: webhookPath + "/deliveries/{evt}/replay", tag: tagEvents, summary: "Send an event again",
		about: "Under the same `webhook-id`." + needsWebhooks, errors: conflict,
	}, s.redeliver)
	add(d, route{
		id: "replayWebhook", method: http.MethodPost, path: webhookPath + "/replay", tag: tagEvents, summary: "Send again from an event on",
		about:  "Everything of the chosen kinds that follows, under the same `webhook-id`." + needsWebhooks,
		errors: append(conflict, http.StatusGone),
	}, s.replayWebhook)
	add(d, route{
		id: "testWebhook", method: http.MethodPost, path: webhookPath + "/test", tag: tagEvents, summary: "Try a webhook",
		about:  "Sends an event of the type `webhook.test` and says how it was taken; ten a minute. It is in no feed and no log." + needsWebhooks,
		errors: missing,
	}, s.testWebhook)
}

func (s *Server) listDeliveries(ctx context.Context, in *deliveriesInput) (*plainReply[List[Delivery]], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	name, before := fmt.Sprintf("deliveries|%s|%s|%s", org, in.id(), in.State), int64(0)
	if in.Cursor != "" {
		if err := s.Run.Ring.OpenCursor(name, in.Cursor, &before); err != nil {
			return nil, err
		}
	}
	list, total, err := s.Webhooks.Deliveries(ctx, in.By, org, webhook.LogQuery{
		ID: in.id(), State: webhook.State(in.State), Before: before, N: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	next := ""
	if n := len(list); n == in.Limit {
		if next, err = s.Run.Ring.Cursor(name, list[n-1].Event.Position); err != nil {
			return nil, err
		}
	}
	return replied(listed(list, next, total, deliveryOf)), nil
}

func (s *Server) redeliver(ctx context.Context, in *redeliverInput) (*nothing, error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return nil, s.Webhooks.ReplayOne(ctx, in.By, org, in.id(), known(ident.ParseOutEvent, in.Event))
}

func (s *Server) replayWebhook(ctx context.Context, in *replayInput) (*plainReply[Replayed], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	n, err := s.Webhooks.Replay(ctx, in.By, org, in.id(), in.Body.After)
	if err != nil {
		return nil, err
	}
	return replied(Replayed{n}), nil
}

func (s *Server) testWebhook(ctx context.Context, in *InWebhook) (*plainReply[DeliveryResult], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	r, err := s.Webhooks.Test(ctx, in.By, org, in.id())
	if err != nil {
		return nil, err
	}
	return replied(resultOf(r)), nil
}
