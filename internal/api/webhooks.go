package api

import (
	"context"
	"net/http"
	"time"

	"habilis/internal/event"
	"habilis/internal/ident"
	"habilis/internal/webhook"
)

// InWebhook is the input of a route of one receiver.
type InWebhook struct {
	InOrg

	Webhook string `path:"whk" doc:"The webhook's ID." example:"whk_019aa0fa-2b3c-7d4e-8f50-6a7b8c9d0e1f"`
}

func (in InWebhook) id() ident.Webhook { return known(ident.ParseWebhook, in.Webhook) }

type webhooksInput struct {
	InOrg
	Paged
}

type makeWebhookInput struct {
	InOrg

	Body newWebhook
}

type newWebhook struct {
	Name  string      `json:"name" doc:"The application that is told." example:"Agenda du cabinet"`
	URL   string      `json:"url" doc:"Where events are sent: https, on the public web." example:"https://agenda.example.fr/habilis"`
	Kinds []eventKind `json:"kinds" uniqueItems:"true" doc:"What is sent."`
}

type editWebhookInput struct {
	InWebhook
	Versioned

	Body webhookChange
}

type webhookChange struct {
	Name  *string     `json:"name,omitempty"`
	URL   *string     `json:"url,omitempty"`
	Kinds []eventKind `json:"kinds,omitempty" uniqueItems:"true"`
}

type turnWebhookInput struct {
	InWebhook
	Versioned
}

// Webhook is where an organisation has its events sent. Its secret is in the answers that
// made it, and nowhere else.
type Webhook struct {
	ID           string     `json:"id" example:"whk_019aa0fa-2b3c-7d4e-8f50-6a7b8c9d0e1f"`
	Organization string     `json:"organization" example:"org_019aa0f0-5c1e-7b6a-9a3e-0d5b7c1f2a34"`
	Name         string     `json:"name" example:"Agenda du cabinet"`
	URL          string     `json:"url" example:"https://agenda.example.fr/habilis"`
	Kinds        []string   `json:"kinds"`
	Status       string     `json:"status" enum:"active,stopped"`
	Why          string     `json:"why" enum:",person,failures,owner,reset,restore" doc:"What stopped it; empty while it is active."`
	Owner        *string    `json:"owner" doc:"The account that answers for it; null for the operator."`
	FailingSince *time.Time `json:"failing_since" doc:"Since when nothing has been taken; null when all is well."`
	SecretUntil  *time.Time `json:"former_secret_until" doc:"Until when deliveries are signed with the former secret too."`
	ReadTo       int64      `json:"read_to" doc:"The version up to which events were written into its deliveries."`
	CreatedAt    time.Time  `json:"created_at"`
	ChangedAt    time.Time  `json:"changed_at"`
	Version      int64      `json:"version" doc:"The number in the ETag."`
}

func webhookOf(v webhook.Webhook) Webhook {
	return Webhook{
		ID: v.ID.String(), Organization: v.Org.String(), Name: v.Name, URL: v.URL, Kinds: texts(v.Kinds), Status: string(v.Status),
		Why: string(v.Why), Owner: optionalID(v.Owner), FailingSince: end(v.FailingSince), SecretUntil: end(v.SecretUntil), ReadTo: v.ReadTo,
		CreatedAt: v.CreatedAt.UTC(), ChangedAt: v.ChangedAt.UTC(), Version: v.Version,
	}
}

// MadeWebhook is a receiver with its secret.
type MadeWebhook struct {
	Webhook

	Secret string `json:"secret" doc:"Signs its deliveries. It is shown this once." example:"whsec_…"`
}

const (
	webhooksPath = "/organizations/{org}/webhooks"
	webhookPath  = webhooksPath + "/{whk}"

	// needsWebhooks ends what is said of every route of this file.
	needsWebhooks = " Needs webhooks.edit in the organisation."

	webhookAbout = "From now on, events of the chosen kinds are sent to the address: POST of a CloudEvents 1.0 document (the same as in " +
		"listEvents), signed by the scheme of Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature`; refuse a timestamp " +
		"more than 5 minutes away). Answer 2xx within 10 s. The same event may come twice, under one `webhook-id`, and not quite in order: of " +
		"two events of one subject the one with the higher `data.version` is the later. What fails is tried again after 5 s, 5 min, 30 min, " +
		"2, 5, 10, 14, 20, 24 h …; after 5 days of failures the webhook is stopped. "
)

func (s *Server) aboutWebhooks(d *door) {
	missing, conflict := []int{http.StatusNotFound}, []int{http.StatusNotFound, http.StatusConflict}
	add(d, route{
		id: "listWebhooks", method: http.MethodGet, path: webhooksPath, tag: tagEvents, summary: "Webhooks",
		about: "In the order in which they were made; never their secrets." + needsWebhooks, errors: missing,
	}, s.listWebhooks)
	add(d, route{
		id: "createWebhook", method: http.MethodPost, path: webhooksPath, tag: tagEvents, summary: "Make a webhook",
		status: http.StatusCreated, errors: conflict,
		about: webhookAbout + "The secret is shown once: asked again under the same Idempotency-Key, the answer is 409 `webhook.shown_once`." +
			needsWebhooks,
	}, s.makeWebhook)
	add(d, route{
		id: "getWebhook", method: http.MethodGet, path: webhookPath, tag: tagEvents, summary: "One webhook",
		about: "Never its secret." + needsWebhooks, errors: missing,
	}, s.getWebhook)
	add(d, route{
		id: "editWebhook", method: http.MethodPatch, path: webhookPath, tag: tagEvents, summary: "Change a webhook",
		about:  "What is left out stays as it is. Whoever changes the address or the kinds answers for it from now on." + needsWebhooks,
		errors: missing,
	}, s.editWebhook)
	add(d, route{
		id: "removeWebhook", method: http.MethodDelete, path: webhookPath, tag: tagEvents, summary: "Remove a webhook",
		about: "With the log of its deliveries." + needsWebhooks, errors: missing,
	}, s.removeWebhook)
	add(d, route{
		id: "startWebhook", method: http.MethodPost, path: webhookPath + "/start", tag: tagEvents, summary: "Start a webhook again",
		about:  "It is sent what it missed, as far as that is kept. Whoever starts it answers for it from now on." + needsWebhooks,
		errors: append(conflict, http.StatusPreconditionFailed),
	}, s.startWebhook)
	add(d, route{
		id: "stopWebhook", method: http.MethodPost, path: webhookPath + "/stop", tag: tagEvents, summary: "Stop a webhook",
		about:  "Nothing is sent until it is started again." + needsWebhooks,
		errors: append(conflict, http.StatusPreconditionFailed),
	}, s.stopWebhook)
	add(d, route{
		id: "rotateWebhookSecret", method: http.MethodPost, path: webhookPath + "/secret", tag: tagEvents, summary: "Give a webhook a new secret",
		about:  "Shown once. For 24 hours deliveries are signed with both. Whoever renews it answers for the webhook." + needsWebhooks,
		errors: conflict,
	}, s.rotateWebhook)
	s.aboutDeliveries(d)
	s.aboutEvents(d)
}

func (s *Server) listWebhooks(ctx context.Context, in *webhooksInput) (*plainReply[List[Webhook]], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	all, err := s.Webhooks.List(ctx, in.By, org)
	if err != nil {
		return nil, err
	}
	return cut[webhook.Webhook, Webhook]{
		ring: s.Run.Ring, name: "webhooks|" + org.String(), page: in.Paged,
		id:       func(v webhook.Webhook) string { return v.ID.String() },
		document: webhookOf,
	}.of(all)
}

func (s *Server) makeWebhook(ctx context.Context, in *makeWebhookInput) (*reply[MadeWebhook], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	made, err := s.Webhooks.Make(ctx, in.By, org, webhook.Details{Name: in.Body.Name, URL: in.Body.URL, Kinds: eventKinds(in.Body.Kinds)})
	return s.madeWebhook(in.Caller, made, err)
}

func (s *Server) rotateWebhook(ctx context.Context, in *InWebhook) (*reply[MadeWebhook], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	made, err := s.Webhooks.Rotate(ctx, in.By, org, in.id())
	return s.madeWebhook(in.Caller, made, err)
}

// madeWebhook shows the secret, this once.
func (s *Server) madeWebhook(c Caller, made webhook.Made, err error) (*reply[MadeWebhook], error) {
	if err != nil {
		return nil, err
	}
	v := made.Webhook
	location := s.at("organizations", v.Org.String(), "webhooks", v.ID.String())
	if made.Secret.IsZero() {
		c.call.w.Header().Set("Location", location)
		return nil, webhook.ErrShownOnce
	}
	return &reply[MadeWebhook]{ETag: etag(v.Version), Location: location, Body: MadeWebhook{webhookOf(v), made.Secret.Reveal()}}, nil
}

func webhookReply(v webhook.Webhook, err error) (*reply[Webhook], error) {
	if err != nil {
		return nil, err
	}
	return &reply[Webhook]{ETag: etag(v.Version), Body: webhookOf(v)}, nil
}

func (s *Server) getWebhook(ctx context.Context, in *InWebhook) (*reply[Webhook], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return webhookReply(s.Webhooks.Get(ctx, in.By, org, in.id()))
}

func (s *Server) editWebhook(ctx context.Context, in *editWebhookInput) (*reply[Webhook], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return webhookReply(s.Webhooks.Edit(ctx, in.By, org, in.id(), version, func(d *webhook.Details) {
		d.Name, d.URL = or(in.Body.Name, d.Name), or(in.Body.URL, d.URL)
		if in.Body.Kinds != nil {
			d.Kinds = eventKinds(in.Body.Kinds)
		}
	}))
}

func (s *Server) removeWebhook(ctx context.Context, in *InWebhook) (*nothing, error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return nil, s.Webhooks.Remove(ctx, in.By, org, in.id())
}

func (s *Server) startWebhook(ctx context.Context, in *turnWebhookInput) (*reply[Webhook], error) {
	version, err := in.optional()
	if err != nil {
		return nil, err
	}
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return webhookReply(s.Webhooks.Start(ctx, in.By, org, in.id(), version))
}

func (s *Server) stopWebhook(ctx context.Context, in *turnWebhookInput) (*reply[Webhook], error) {
	version, err := in.optional()
	if err != nil {
		return nil, err
	}
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return webhookReply(s.Webhooks.Stop(ctx, in.By, org, in.id(), version))
}

func eventKinds(list []eventKind) []event.Kind {
	out := make([]event.Kind, 0, len(list))
	for _, k := range list {
		out = append(out, event.Kind(k))
	}
	return out
}
