package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// partWebhooks is a part of the paths of this file.
const partWebhooks = "webhooks"

// Webhook is where an organisation has its events sent.
type Webhook struct {
	ID           string     `json:"id"`
	Organization string     `json:"organization"`
	Name         string     `json:"name"`
	URL          string     `json:"url"`
	Kinds        []string   `json:"kinds"`
	Status       string     `json:"status"` // active, stopped
	Why          string     `json:"why"`    // what stopped it: person, failures, owner, reset, restore
	Owner        *string    `json:"owner"`  // the account that answers for it; nil for the operator
	FailingSince *time.Time `json:"failing_since"`
	SecretUntil  *time.Time `json:"former_secret_until"` // until when the former secret signs too
	ReadTo       int64      `json:"read_to"`
	CreatedAt    time.Time  `json:"created_at"`
	ChangedAt    time.Time  `json:"changed_at"`
	Version      int64      `json:"version"`
}

// NewWebhook is a webhook to make.
type NewWebhook struct {
	Name  string   `json:"name"`
	URL   string   `json:"url"`
	Kinds []string `json:"kinds"`
}

// WebhookChange changes a webhook; what is nil stays as it is.
type WebhookChange struct {
	Name  *string  `json:"name,omitempty"`
	URL   *string  `json:"url,omitempty"`
	Kinds []string `json:"kinds,omitempty"`
}

// MadeWebhook is a webhook with its secret, shown this once. Asked again under the same key,
// the answer is the code "webhook.shown_once".
type MadeWebhook struct {
	Webhook

	Secret string `json:"secret"`
}

// Delivery is one event for one webhook.
type Delivery struct {
	Event   string     `json:"event"`
	Type    string     `json:"type"`
	Subject string     `json:"subject"`
	Version int64      `json:"version"`
	State   string     `json:"state"` // waiting, delivered, failed
	Tries   int64      `json:"tries"`
	TriedAt *time.Time `json:"tried_at"` // nil before the first
	NextAt  *time.Time `json:"next_at"`  // nil when there is none

	DeliveryResult
}

// DeliveryResult is how a webhook took something.
type DeliveryResult struct {
	Outcome string `json:"outcome"` // taken, status, redirected, too_large, bad_address, timed_out, bad_tls, unreached
	Status  int64  `json:"status"`  // 0 for none
	TookMS  int64  `json:"took_ms"`
	Said    string `json:"said"` // the beginning of an answer that was no success
}

// DeliveryQuery chooses deliveries.
type DeliveryQuery struct {
	Paging

	State string `query:"state"` // waiting, delivered, failed
}

// ReplayFrom says from where on events are sent again: those that follow this version.
type ReplayFrom struct {
	After int64 `json:"after"`
}

// Replayed says how many events are sent again.
type Replayed struct {
	Events int64 `json:"events"`
}

// Event is what webhooks are sent: CloudEvents 1.0.
type Event struct {
	SpecVersion string    `json:"specversion"`
	ID          string    `json:"id"`
	Source      string    `json:"source"`
	Type        string    `json:"type"`
	Subject     string    `json:"subject"`
	Time        time.Time `json:"time"`
	ContentType string    `json:"datacontenttype"`
	Data        EventData `json:"data"`
}

// EventData is what an event tells: identifiers alone. Of two events of one subject the one
// with the higher version is the later.
type EventData struct {
	Organization string `json:"organization"`
	Member       string `json:"member"`
	Object       string `json:"object"`
	Site         string `json:"site"`
	Version      int64  `json:"version"`
}

// Events are a part of the feed: ask for what follows with After: Next.
type Events struct {
	Items []Event `json:"items"`
	Next  string  `json:"next"`
	More  bool    `json:"more"` // there is more now
}

// EventQuery chooses events.
type EventQuery struct {
	After string   `query:"after"` // the version that they follow; empty: from the oldest that is kept
	Kinds []string `query:"kind"`
	Limit int      `query:"limit"` // 20 by default, 100 at most
}

// ListWebhooks gives a page of the webhooks of an organisation.
func (c *Client) ListWebhooks(ctx context.Context, org string, p Paging) (List[Webhook], error) {
	return call[List[Webhook]](ctx, c, request{method: http.MethodGet, path: inOrg(org, partWebhooks), query: p})
}

// Webhooks goes through the webhooks of an organisation.
func (c *Client) Webhooks(ctx context.Context, org string) iter.Seq2[Webhook, error] {
	return every(Paging{}, func(p Paging) (List[Webhook], error) { return c.ListWebhooks(ctx, org, p) })
}

// CreateWebhook makes a webhook.
func (c *Client) CreateWebhook(ctx context.Context, org string, n NewWebhook) (MadeWebhook, error) {
	return call[MadeWebhook](ctx, c, request{method: http.MethodPost, path: inOrg(org, partWebhooks), body: n})
}

// GetWebhook reads one.
func (c *Client) GetWebhook(ctx context.Context, org, webhook string) (Webhook, error) {
	return call[Webhook](ctx, c, request{method: http.MethodGet, path: inOrg(org, partWebhooks, webhook)})
}

// EditWebhook changes one, from the version read.
func (c *Client) EditWebhook(ctx context.Context, org, webhook string, version int64, change WebhookChange) (Webhook, error) {
	return call[Webhook](ctx, c, request{
		method: http.MethodPatch, path: inOrg(org, partWebhooks, webhook), version: &version, body: change,
	})
}

// RemoveWebhook ends one with its deliveries.
func (c *Client) RemoveWebhook(ctx context.Context, org, webhook string) error {
	return act(ctx, c, request{method: http.MethodDelete, path: inOrg(org, partWebhooks, webhook)})
}

// StartWebhook has one sent events again; version 0: whichever is there.
func (c *Client) StartWebhook(ctx context.Context, org, webhook string, version int64) (Webhook, error) {
	return call[Webhook](ctx, c, request{method: http.MethodPost, path: inOrg(org, partWebhooks, webhook, "start"), version: from(version)})
}

// StopWebhook has nothing sent to one any more; version 0: whichever is there.
func (c *Client) StopWebhook(ctx context.Context, org, webhook string, version int64) (Webhook, error) {
	return call[Webhook](ctx, c, request{method: http.MethodPost, path: inOrg(org, partWebhooks, webhook, "stop"), version: from(version)})
}

// RotateWebhookSecret gives one a new secret; the former one signs too for 24 hours.
func (c *Client) RotateWebhookSecret(ctx context.Context, org, webhook string) (MadeWebhook, error) {
	return call[MadeWebhook](ctx, c, request{method: http.MethodPost, path: inOrg(org, partWebhooks, webhook, "secret")})
}

// TestWebhook sends one an event that nothing happened for.
func (c *Client) TestWebhook(ctx context.Context, org, webhook string) (DeliveryResult, error) {
	return call[DeliveryResult](ctx, c, request{method: http.MethodPost, path: inOrg(org, partWebhooks, webhook, "test")})
}

// ReplayWebhook sends events again.
func (c *Client) ReplayWebhook(ctx context.Context, org, webhook string, f ReplayFrom) (Replayed, error) {
	return call[Replayed](ctx, c, request{
		method: http.MethodPost, path: inOrg(org, partWebhooks, webhook, "replay"), body: f,
	})
}

// ListDeliveries gives a page of the deliveries of a webhook, the latest event first.
func (c *Client) ListDeliveries(ctx context.Context, org, webhook string, q DeliveryQuery) (List[Delivery], error) {
	return call[List[Delivery]](ctx, c, request{method: http.MethodGet, path: inOrg(org, partWebhooks, webhook, "deliveries"), query: q})
}

// Deliveries goes through the deliveries of a webhook, the latest event first.
func (c *Client) Deliveries(ctx context.Context, org, webhook string, q DeliveryQuery) iter.Seq2[Delivery, error] {
	return every(q.Paging, func(p Paging) (List[Delivery], error) { q.Paging = p; return c.ListDeliveries(ctx, org, webhook, q) })
}

// Redeliver sends one event again.
func (c *Client) Redeliver(ctx context.Context, org, webhook, event string) error {
	return act(ctx, c, request{method: http.MethodPost, path: inOrg(org, partWebhooks, webhook, "deliveries", event, "replay")})
}

// ListEvents gives a part of the feed of an organisation, the oldest event first.
func (c *Client) ListEvents(ctx context.Context, org string, q EventQuery) (Events, error) {
	return call[Events](ctx, c, request{method: http.MethodGet, path: inOrg(org, "events"), query: q})
}
