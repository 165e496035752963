package api_test

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	rest "habilis/client"
	outward "habilis/internal/event"
	"habilis/internal/webhook"
)

func allKinds() (list []string) {
	for _, k := range outward.Kinds() {
		list = append(list, string(k))
	}
	return list
}

// Issue 8 (3), OUT-02, OUT-04: a receiver from its making to its removal, as a program meets
// it; the feed has what it was sent.
func TestWebhooks(t *testing.T) {
	each(t, func(w *world) {
		ctx, c, julie := w.Context(), w.bruno.rest(), w.member("julie@tilleuls.example")
		made, err := c.CreateWebhook(ctx, w.a, rest.NewWebhook{Name: "Agenda", URL: w.receiver.URL + "/habilis", Kinds: allKinds()})
		if err != nil || !strings.HasPrefix(made.Secret, "whsec_") || made.Status != "active" || made.Version != 1 {
			t.Fatal(made, err)
		}
		name := "Agenda du cabinet"
		v, err := c.EditWebhook(ctx, w.a, made.ID, 1, rest.WebhookChange{Name: &name})
		if err != nil || v.Name != name || v.Version != 2 || v.URL != made.URL {
			t.Fatal(v, err)
		}
		if body := w.bruno.get("/organizations/" + w.a + "/webhooks/" + made.ID).is(200).body; strings.Contains(string(body), made.Secret) || strings.Contains(string(body), "whsec") {
			t.Error("rules.md 21: a secret is in an answer:", string(body))
		}
		start, err := c.ListEvents(ctx, w.a, rest.EventQuery{Limit: 100})
		if err != nil || start.More {
			t.Fatal(start, err)
		}
		if _, err := c.DeactivateMember(ctx, w.a, julie, rest.Deactivation{}, 0); err != nil {
			t.Fatal(err)
		}
		if err := (&webhook.Dispatcher{Webhooks: w.webhooks(), Log: slog.New(slog.DiscardHandler)}).Drain(ctx); err != nil {
			t.Fatal(err)
		}
		page, err := c.ListEvents(ctx, w.a, rest.EventQuery{After: start.Next, Kinds: []string{"member.deactivated"}})
		if err != nil || len(page.Items) != 1 || page.Items[0].Subject != julie || page.Items[0].Data.Member != julie ||
			page.Items[0].Source != baseURL+"/api/v1/organizations/"+w.a {
			t.Fatal(page, err)
		}
		told, err := json.Marshal(page)
		if err != nil || strings.Contains(string(told), "Delmas") || strings.Contains(string(told), "julie@") {
			t.Errorf("OUT-04: %s", told)
		}
		var log []rest.Delivery
		for d, err := range c.Deliveries(ctx, w.a, made.ID, rest.DeliveryQuery{Paging: rest.Paging{Limit: 1}, State: "delivered"}) {
			if err != nil {
				t.Fatal(err)
			}
			log = append(log, d)
		}
		at := slices.IndexFunc(log, func(d rest.Delivery) bool { return d.Event == page.Items[0].ID })
		if at < 0 || log[at].Status != 204 || log[at].Tries != 1 || log[at].NextAt != nil || log[at].Version != page.Items[0].Data.Version {
			t.Errorf("%+v", log)
		}
		if err := c.Redeliver(ctx, w.a, made.ID, page.Items[0].ID); err != nil {
			t.Error(err)
		}
		if n, err := c.ReplayWebhook(ctx, w.a, made.ID, rest.ReplayFrom{After: log[at].Version - 1}); err != nil || n.Events < 1 {
			t.Error(n, err)
		}
		if r, err := c.TestWebhook(ctx, w.a, made.ID); err != nil || r.Outcome != "taken" || r.Status != 204 {
			t.Error(r, err)
		}
		if v, err = c.StopWebhook(ctx, w.a, made.ID, 2); err != nil || v.Status != "stopped" || v.Why != "person" {
			t.Error(v, err)
		}
		if v, err = c.StartWebhook(ctx, w.a, made.ID, v.Version); err != nil || v.Status != "active" {
			t.Error(v, err)
		}
		next, err := c.RotateWebhookSecret(ctx, w.a, made.ID)
		if err != nil || next.Secret == made.Secret || next.SecretUntil == nil {
			t.Error(next, err)
		}
		if err := c.RemoveWebhook(ctx, w.a, made.ID); err != nil {
			t.Fatal(err)
		}
		for v, err := range c.Webhooks(ctx, w.a) {
			t.Error("still there:", v, err)
		}
	})
}

// RAC-07, OUT-01, AUZ-06: what is refused, with its code.
func TestWebhooksRefused(t *testing.T) {
	each(t, func(w *world) {
		path := "/organizations/" + w.a + "/webhooks"
		body := `{"name":"Agenda","url":"` + w.receiver.URL + `","kinds":["member.left"]}`
		one := w.bruno.and("Idempotency-Key: une-fois")
		id := one.post(path, body).is(201).id()
		one.post(path, body).refused(409, "webhook.shown_once")
		w.bruno.post(path, `{"name":"Agenda","url":"https://127.0.0.1/","kinds":["member.left"]}`).refused(422, "invalid").at(t, "body.url webhook.url_private")
		w.bruno.post(path, `{"name":"Agenda","url":"https://agenda.example.fr/","kinds":["webhook.test"]}`).is(422)
		w.bruno.send("PATCH", path+"/"+id, `{"name":"Autre"}`).is(428)
		w.julie.get(path).is(403)
		w.julie.get("/organizations/" + w.a + "/events").is(403)
		w.olga.get(path + "/" + id).is(404)
		w.bruno.get("/organizations/"+w.a+"/events?after=999999").refused(409, "event.ahead")
		w.bruno.get("/organizations/" + w.a + "/events?after=-1").is(422)
		w.bruno.post(path+"/"+id+"/deliveries/evt_nothing/replay", "").refused(404, "webhook.delivery_not_found")
		w.bruno.post(path+"/"+id+"/stop", "").is(200)
		w.bruno.post(path+"/"+id+"/replay", `{"after":0}`).refused(409, "webhook.stopped")
		w.clock.Add(outward.Kept + 48*time.Hour)
		if err := w.webhooks().Sweep(w.Context()); err != nil {
			t.Fatal(err)
		}
		w.bruno.get("/organizations/"+w.a+"/events?after=0").refused(410, "event.gone")
		w.bruno.get("/organizations/" + w.a + "/events").is(200)
	})
}
