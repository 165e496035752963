package webhook_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"habilis/internal/event"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/webhook"
)

// OUT-03: what was sent can be sent again, one event or all from a point on, under the same
// identifier; a test is in no log.
func TestReplayAndTest(t *testing.T) {
	each(t, func(b *bench) {
		r := b.receiver(nil)
		made := b.make1(r)
		id := made.Webhook.ID
		for range 4 {
			b.happens("member.edit", b.member["paul"])
		}
		b.drain()
		list := b.log(id)
		if err := b.hooks.ReplayOne(b.Context(), b.as("anne"), b.org, id, list[0].Event.ID); err != nil {
			b.Fatal(err)
		}
		b.drain()
		if got := r.all(); len(got) != 5 || got[4].header.Get("webhook-id") != list[0].Event.ID.String() {
			b.Fatalf("%d sent", len(got))
		}
		if n, err := b.hooks.Replay(b.Context(), b.as("anne"), b.org, id, 2); err != nil || n != 2 {
			b.Fatal(n, err)
		}
		b.drain()
		if len(r.all()) != 7 {
			b.Errorf("%d sent", len(r.all()))
		}
		if n, err := b.hooks.Replay(b.Context(), b.as("anne"), b.org, id, 4); err != nil || n != 0 {
			b.Errorf("nothing to replay: %d %v", n, err)
		}
		if _, err := b.hooks.Replay(b.Context(), b.as("anne"), b.org, id, 99); !errors.Is(err, event.ErrAhead) {
			b.Errorf("event.ahead: %v", err)
		}
		if err := b.hooks.ReplayOne(b.Context(), b.as("anne"), b.org, id, ident.NewOutEvent()); !errors.Is(err, webhook.ErrNoDelivery) {
			b.Errorf("webhook.delivery_not_found: %v", err)
		}
		r.answers(status(http.StatusTeapot, "théière"))
		result, err := b.hooks.Test(b.Context(), b.as("anne"), b.org, id)
		if err != nil || result.Outcome != webhook.BadStatus || result.Status != http.StatusTeapot || result.Said != "théière" {
			b.Errorf("test: %+v %v", result, err)
		}
		got := r.all()
		if d := b.document(got[len(got)-1]); d.Type != event.Test || !verifies(made.Secret, got[len(got)-1], b.clock.Now()) {
			b.Errorf("tested with %+v", d)
		}
		if len(b.log(id)) != 4 {
			b.Error("a test is in the log")
		}
		for range 10 {
			_, err = b.hooks.Test(b.Context(), b.as("anne"), b.org, id)
		}
		if !fault.Is(err, fault.Limited) {
			b.Errorf("the eleventh test of a minute: %v", err)
		}
		if _, err := b.hooks.Stop(b.Context(), b.as("anne"), b.org, id, webhook.AnyVersion); err != nil {
			b.Fatal(err)
		}
		if _, err := b.hooks.Replay(b.Context(), b.as("anne"), b.org, id, 0); !errors.Is(err, webhook.ErrStopped) {
			b.Errorf("webhook.stopped: %v", err)
		}
	})
}

// AUZ-04, AUZ-06: whoever may not is refused and that is recorded; nobody of another
// organisation learns that an endpoint is there.
func TestWhoMay(t *testing.T) {
	each(t, func(b *bench) {
		made := b.make1(b.receiver(nil))
		id := made.Webhook.ID
		acts := map[string]func(name string, in ident.Org) error{
			"list": func(name string, in ident.Org) error { _, err := b.hooks.List(b.Context(), b.as(name), in); return err },
			"feed": func(name string, in ident.Org) error {
				_, err := b.hooks.Feed(b.Context(), b.as(name), in, webhook.FeedQuery{})
				return err
			},
			"rotate": func(name string, in ident.Org) error {
				_, err := b.hooks.Rotate(b.Context(), b.as(name), in, id)
				return err
			},
			"test": func(name string, in ident.Org) error {
				_, err := b.hooks.Test(b.Context(), b.as(name), in, id)
				return err
			},
			"remove": func(name string, in ident.Org) error { return b.hooks.Remove(b.Context(), b.as(name), in, id) },
		}
		for what, act := range acts {
			if err := act("paul", b.org); !fault.Is(err, fault.Forbidden) {
				b.Errorf("%s by paul: %v", what, err)
			}
			if err := act("odile", b.org); !fault.Is(err, fault.NotFound) {
				b.Errorf("%s by odile: %v", what, err)
			}
			if what == "list" || what == "feed" {
				continue
			}
			if err := act("odile", b.other); !errors.Is(err, webhook.ErrNotFound) {
				b.Errorf("%s through another organisation: %v", what, err)
			}
		}
		stale := b.as("anne")
		stale.StepUp = time.Time{}
		if _, err := b.hooks.Rotate(b.Context(), stale, b.org, id); !fault.Is(err, fault.Forbidden) {
			b.Errorf("SES-05: without a fresh proof: %v", err)
		}
		if n := b.count(`select count(*) from audit_event where outcome = 'refused' and actor = $1`, b.people["paul"].ID); n != len(acts) {
			b.Errorf("%d refusals recorded of %d", n, len(acts))
		}
		if err := b.hooks.Remove(b.Context(), b.as("anne"), b.org, id); err != nil {
			b.Fatal(err)
		}
		if n := b.count(`select count(*) from audit_payload where payload like '%s3cret%'`); n != 0 {
			b.Error("AUD-03: the trail holds the path of an address")
		}
	})
}

// What is edited, and how many there may be.
func TestEditAndBounds(t *testing.T) {
	each(t, func(b *bench) {
		r := b.receiver(nil)
		made := b.make1(r)
		v, err := b.hooks.Edit(b.Context(), b.as("bruno"), b.org, made.Webhook.ID, made.Webhook.Version, func(d *webhook.Details) {
			d.Name, d.Kinds = "Tâches", []event.Kind{event.MemberLeft, event.MemberLeft}
		})
		if err != nil || v.Name != "Tâches" || !slices.Equal(v.Kinds, []event.Kind{event.MemberLeft}) || v.URL != made.Webhook.URL || v.Version != 2 {
			b.Fatalf("%+v %v", v, err)
		}
		same, err := b.hooks.Edit(b.Context(), b.as("bruno"), b.org, v.ID, v.Version, func(*webhook.Details) {})
		if err != nil || same.Version != 2 || same.OwnerName != "bruno Morvan" {
			b.Errorf("nothing to change: %+v %v", same, err)
		}
		for i := 1; i < webhook.MaxPerOrg; i++ {
			b.make1(r)
		}
		if _, err := b.hooks.Make(b.Context(), b.as("anne"), b.org, webhook.Details{Name: "x", URL: r.URL, Kinds: event.Kinds()}); !errors.Is(err, webhook.ErrTooMany) {
			b.Errorf("webhook.too_many: %v", err)
		}
	})
}

// rules.md 21: secrets are sealed again when the keys change, and still sign.
func TestReseal(t *testing.T) {
	each(t, func(b *bench) {
		r := b.receiver(nil)
		made := b.make1(r)
		next, err := b.hooks.Rotate(b.Context(), b.as("anne"), b.org, made.Webhook.ID)
		if err != nil {
			b.Fatal(err)
		}
		if err := b.hooks.Run.Ring.Rotate(b.clock.Now()); err != nil {
			b.Fatal(err)
		}
		for i, want := range []int{1, 0} {
			if n, err := webhook.Reseal(b.Context(), b.db, b.hooks.Run.Ring); err != nil || n != want {
				b.Errorf("%d: %d sealed again, %v", i, n, err)
			}
		}
		b.happens("member.edit", b.member["paul"])
		b.drain()
		for _, s := range []secret.Text{made.Secret, next.Secret} {
			if got := r.all(); len(got) != 1 || !verifies(s, got[0], b.clock.Now()) {
				b.Error("does not sign any more")
			}
		}
	})
}
