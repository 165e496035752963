package notify

import (
	"context"
	"time"

	"habilis/internal/access"
	"habilis/internal/event"
	"habilis/internal/job"
	"habilis/internal/store"
	"habilis/internal/webhook"
)

// WebhookFacts are what the letter about a receiver that was stopped says.
type WebhookFacts struct {
	Org     Org
	Name    string
	Host    string // its server
	Why     webhook.Why
	At      time.Time
	Contact Contact
}

// WriteWebhookStopped tells an administrator that events are no longer sent somewhere, and
// why (OUT-03, rules.md 13).
func WriteWebhookStopped(to Recipient, f WebhookFacts) (Letter, error) {
	w := write(KindWebhookStopped, to, &f.Org, map[string]any{
		"Name": f.Name, "Host": f.Host, "At": f.At, "Days": webhook.GiveUpDays, "Kept": event.KeptDays,
	})
	switch f.Why {
	case webhook.ByOwner:
		w.say("owner", "kept", "secret")
	case webhook.ByReset:
		w.say("reset", "kept", "check")
	default:
		w.say("failures", "kept")
	}
	w.openYourself()
	return w.end("administers", f.Contact)
}

// webhookStopped tells every administrator of the organisation.
func webhookStopped(ctx context.Context, tx *store.Tx, j job.Job) (map[string]Letter, error) {
	args, err := decode[webhook.StoppedLetter](j)
	if err != nil {
		return nil, err
	}
	return toAdministrators(ctx, tx, access.OrgScope(args.Org), func(to addressee) (Letter, error) {
		return WriteWebhookStopped(recipient(to.account), WebhookFacts{
			Org: to.org, Name: args.Name, Host: args.Host, Why: args.Why, At: j.Created,
		})
	})
}
