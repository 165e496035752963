package webhook_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"habilis/internal/event"
	"habilis/internal/webhook"
)

// rules.md 13: whoever changes where or what is sent, or learns a new secret, answers for it:
// once they may no longer, nothing is sent to where they had it sent.
func TestWhoeverChangesAnswers(t *testing.T) {
	changes := map[string]func(b *bench, made webhook.Made, elsewhere string) error{
		"address": func(b *bench, made webhook.Made, elsewhere string) error {
			_, err := b.hooks.Edit(b.Context(), b.as("bruno"), b.org, made.Webhook.ID, webhook.AnyVersion, func(d *webhook.Details) { d.URL = elsewhere })
			return err
		},
		"kinds": func(b *bench, made webhook.Made, _ string) error {
			_, err := b.hooks.Edit(b.Context(), b.as("bruno"), b.org, made.Webhook.ID, webhook.AnyVersion, func(d *webhook.Details) {
				d.Kinds = []event.Kind{event.MemberEdited, event.RightsChanged}
			})
			return err
		},
		"secret": func(b *bench, made webhook.Made, _ string) error {
			_, err := b.hooks.Rotate(b.Context(), b.as("bruno"), b.org, made.Webhook.ID)
			return err
		},
	}
	each(t, func(b *bench) {
		r := b.receiver(nil)
		for what, change := range changes {
			made := b.make1(r)
			if _, err := b.hooks.Edit(b.Context(), b.as("bruno"), b.org, made.Webhook.ID, webhook.AnyVersion, func(d *webhook.Details) { d.Name += " bis" }); err != nil {
				b.Fatal(err)
			}
			if v := b.get(made.Webhook.ID); v.Owner != b.people["anne"].ID {
				b.Errorf("%s: another name, another owner", what)
			}
			if err := change(b, made, r.URL+"/bruno"); err != nil {
				b.Fatal(what, err)
			}
			if v := b.get(made.Webhook.ID); v.Owner != b.people["bruno"].ID {
				b.Errorf("%s: %s answers for it", what, v.OwnerName)
			}
		}
		b.exec(`update member_permission set known_until = $3 where org_id = $1 and member_id = $2`, b.org, b.member["bruno"], b.db.Now())
		b.happens("member.edit", b.member["paul"])
		b.drain()
		if n := len(r.all()); n != 0 {
			b.Errorf("%d sent where bruno had them sent", n)
		}
	})
}

// CHG-1, AUD-03: another path on the same server is told as a change, without the path.
func TestChangedAddressIsTold(t *testing.T) {
	each(t, func(b *bench) {
		r := b.receiver(nil)
		made := b.make1(r)
		if _, err := b.hooks.Edit(b.Context(), b.as("anne"), b.org, made.Webhook.ID, webhook.AnyVersion, func(d *webhook.Details) { d.URL = r.URL + "/s3cret2" }); err != nil {
			b.Fatal(err)
		}
		if n := b.count(`select count(*) from audit_payload where payload like '%address_changed%'`); n != 1 {
			b.Errorf("told %d times", n)
		}
		if n := b.count(`select count(*) from audit_payload where payload like '%s3cret%'`); n != 0 {
			b.Error("with its path")
		}
	})
}

// ORG-6: while the administration space is closed nothing is sent, nor by an endpoint without an
// owner; opened again, it is sent what it missed.
func TestClosedAdministration(t *testing.T) {
	each(t, func(b *bench) {
		r := b.receiver(nil)
		owned, free := b.make1(r), b.make1(r)
		b.exec(`update webhook set owner = null where id = $1`, free.Webhook.ID)
		b.exec(`update org_state set administration = false where org_id = $1`, b.org)
		b.happens("member.edit", b.member["paul"])
		b.drain()
		if n := len(r.all()); n != 0 {
			b.Errorf("%d sent while it was closed", n)
		}
		b.exec(`update org_state set administration = true where org_id = $1`, b.org)
		if v := b.get(owned.Webhook.ID); v.Status != webhook.Active {
			b.Errorf("stopped: %+v", v)
		}
		b.clock.Add(time.Minute)
		b.drain()
		if n := len(r.all()); n != 2 {
			b.Errorf("%d sent once it is open", n)
		}
	})
}

// rules.md 18: an event that a receiver cannot take is tried again for days, however many others it
// takes meanwhile; and is given up then.
func TestOneThatIsRefused(t *testing.T) {
	each(t, func(b *bench) {
		refused := ""
		r := b.receiver(func(w http.ResponseWriter, q *http.Request) {
			if q.Header.Get("Webhook-Id") == refused {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})
		made := b.make1(r)
		b.happens("member.edit", b.member["paul"])
		page, err := b.hooks.Feed(b.Context(), b.as("anne"), b.org, webhook.FeedQuery{N: 1})
		if err != nil || len(page.Events) != 1 {
			b.Fatal(page, err)
		}
		refused = page.Events[0].ID.String()
		others := 2 * len(webhook.Schedule)
		for range others {
			b.happens("member.edit", b.member["paul"])
			b.clock.Add(webhook.LastRest)
			b.drain()
		}
		state := func() webhook.Delivery { list := b.log(made.Webhook.ID); return list[len(list)-1] }
		if d := state(); d.State != webhook.Waiting || d.Attempt < 2 {
			b.Fatalf("after some minutes: %+v", d)
		}
		for range webhook.GiveUpDays + 1 { // the endpoint itself is well each day
			b.clock.Add(25 * time.Hour)
			b.happens("member.edit", b.member["paul"])
			b.drain()
			b.clock.Add(webhook.LastRest)
			b.drain()
		}
		if d := state(); d.State != webhook.Failed {
			b.Errorf("after days: %+v", d)
		}
		if v := b.get(made.Webhook.ID); v.Status != webhook.Active {
			b.Errorf("%+v", v)
		}
		refused = ""
		if err := b.hooks.ReplayOne(b.Context(), b.as("anne"), b.org, made.Webhook.ID, page.Events[0].ID); err != nil {
			b.Fatal(err)
		}
		b.clock.Add(webhook.LastRest)
		b.drain()
		if d := state(); d.State != webhook.Delivered {
			b.Errorf("replayed: %+v", d)
		}
	})
}

// rules.md 7, 21: a former secret is not kept once it signs nothing.
func TestFormerSecretIsForgotten(t *testing.T) {
	each(t, func(b *bench) {
		made := b.make1(b.receiver(nil))
		if _, err := b.hooks.Rotate(b.Context(), b.as("anne"), b.org, made.Webhook.ID); err != nil {
			b.Fatal(err)
		}
		for after, want := range []int{1, 0} {
			if err := b.hooks.Sweep(b.Context()); err != nil {
				b.Fatal(err)
			}
			if n := b.count(`select count(*) from webhook where secret_before is not null`); n != want {
				b.Errorf("%d: %d kept, want %d", after, n, want)
			}
			b.clock.Add(webhook.Overlap + time.Minute)
		}
	})
}

// rules.md 13: of a batch that is under way no more is sent once somebody stopped the endpoint or
// its owner was shut out.
func TestBatchIsCutOff(t *testing.T) {
	for what, stop := range map[string]func(b *bench, made webhook.Made) error{
		"stopped": func(b *bench, made webhook.Made) error {
			_, err := b.hooks.Stop(b.Context(), b.as("bruno"), b.org, made.Webhook.ID, webhook.AnyVersion)
			return err
		},
		"shut out": func(b *bench, _ webhook.Made) error {
			b.exec(`update member_permission set known_until = $3 where org_id = $1 and member_id = $2`, b.org, b.member["anne"], b.db.Now())
			return nil
		},
	} {
		t.Run(strings.ReplaceAll(what, " ", "-"), func(t *testing.T) {
			each(t, func(b *bench) {
				arrived, leave := make(chan struct{}, 100), make(chan struct{})
				r := b.receiver(func(w http.ResponseWriter, _ *http.Request) {
					arrived <- struct{}{}
					<-leave
					w.WriteHeader(http.StatusOK)
				})
				made := b.make1(r)
				for range 3 * webhook.SendAtOnce {
					b.happens("member.edit", b.member["paul"])
				}
				done := make(chan error)
				go func() { done <- b.send.Drain(b.Context()) }()
				for range webhook.SendAtOnce {
					<-arrived
				}
				if err := stop(b, made); err != nil {
					b.Error(err)
				}
				close(leave)
				if err := <-done; err != nil {
					b.Error(err)
				}
				if n := len(r.all()); n != webhook.SendAtOnce {
					b.Errorf("%d sent", n)
				}
			})
		})
	}
}

// rules.md 18: what fails beside others that are taken waits as long as the schedule says.
func TestRefusedAmongTaken(t *testing.T) {
	each(t, func(b *bench) {
		refused := ""
		r := b.receiver(func(w http.ResponseWriter, q *http.Request) {
			if id := q.Header.Get("Webhook-Id"); refused == "" || id == refused {
				refused = id
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})
		made := b.make1(r)
		b.happens("member.edit", b.member["paul"])
		b.drain()
		b.clock.Add(webhook.Schedule[1])
		for range webhook.SendAtOnce - 1 {
			b.happens("member.edit", b.member["paul"])
		}
		b.send = b.dispatcher() // another server, which does not rest
		b.drain()
		list := b.log(made.Webhook.ID)
		if d := list[len(list)-1]; d.Attempt != 2 || d.State != webhook.Waiting || len(r.all()) != webhook.SendAtOnce+1 {
			b.Errorf("%d sent, %+v", len(r.all()), d)
		}
	})
}
