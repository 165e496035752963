package notify

import (
	"strings"
	"testing"

	"habilis/internal/event"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/text"
	"habilis/internal/webhook"

	"habilis/internal/access"
)

// webhookSamples are the letters about receivers that were stopped.
func webhookSamples(lang text.Lang) map[string]func() (Letter, error) {
	to := aicha(lang)
	f := WebhookFacts{Org: tilleuls, Name: "Agenda du cabinet", Host: "agenda.exemple.fr", At: now, Contact: bruno}
	return map[string]func() (Letter, error){
		"webhook_stopped": func() (Letter, error) {
			f.Why = webhook.ByFailures
			return WriteWebhookStopped(to, f)
		},
		"webhook_stopped-owner": func() (Letter, error) {
			f.Why = webhook.ByOwner
			return WriteWebhookStopped(to, f)
		},
		"webhook_stopped-reset": func() (Letter, error) {
			f.Why = webhook.ByReset
			return WriteWebhookStopped(to, f)
		},
	}
}

// rules.md 13, 18: whoever is deactivated leaves receivers that are stopped in the same
// transaction; the administrators are told which, without the path of the address.
func TestStoppedReceiverIsTold(t *testing.T) {
	eachWorld(t, func(w *world) {
		whole := access.OrgScope(w.org.ID)
		gone := w.person("Odile", "Renard", text.FR, role.Given{Role: w.roles[role.Administrator], Scope: whole})
		hooks := webhook.Webhooks{Run: w.run, Base: base}
		made, err := hooks.Make(ctx, w.by(gone), w.org.ID, webhook.Details{Name: "Agenda du cabinet", URL: "https://agenda.exemple.fr/habilis?key=s3cret", Kinds: event.Kinds()})
		w.must(err)
		w.work()
		_, err = member.Members{Run: w.run}.Deactivate(ctx, w.by(w.bruno), w.org.ID, gone.member, 0)
		w.must(err)
		v, err := hooks.Get(ctx, w.by(w.bruno), w.org.ID, made.Webhook.ID)
		if err != nil || v.Status != webhook.Stopped || v.Why != webhook.ByOwner {
			w.Fatalf("%+v %v", v, err)
		}
		to := ""
		for _, k := range w.work() {
			if !strings.Contains(k.Subject, "Agenda du cabinet") {
				continue
			}
			to += " " + k.To
			w.says(k, "agenda.exemple.fr", "30")
			if strings.Contains(k.Text, "s3cret") || strings.Contains(k.Text, "Renard") {
				w.Errorf("tells too much: %s", k.Text)
			}
		}
		if !strings.Contains(to, "bruno@") || !strings.Contains(to, "claire@") || strings.Contains(to, "odile@") {
			w.Errorf("written to %s", to)
		}
	})
}
