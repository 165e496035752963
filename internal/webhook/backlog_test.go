package webhook_test

import (
	"net/http"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/webhook"
)

// rules.md 17: a long feed is read some of it at a time, also to replay it, and all of it is sent.
func TestBacklog(t *testing.T) {
	each(t, func(b *bench) {
		r := b.receiver(nil)
		made := b.make1(r)
		for range 3 { // each a little further than one transaction reads
			b.happens("member.edit", b.member["paul"])
			b.exec(`update event_head set position = position + $2 where org_id = $1`, b.org, webhook.ReadAtOnce)
		}
		head := int64(3 * (webhook.ReadAtOnce + 1))
		reads := func(from int64) {
			b.Helper()
			for to := from + webhook.ReadAtOnce; ; to += webhook.ReadAtOnce {
				more, err := b.send.Expand(b.Context())
				if err != nil || (more == 1) != (to < head) || b.get(made.Webhook.ID).ReadTo != min(to, head) {
					b.Fatalf("%d more, at %d of %d, want %d: %v", more, b.get(made.Webhook.ID).ReadTo, head, min(to, head), err)
				}
				if to >= head {
					return
				}
			}
		}
		reads(0)
		b.drain()
		if n := len(r.all()); n != 3 {
			b.Fatalf("%d sent", n)
		}
		n, err := b.hooks.Replay(b.Context(), b.as("anne"), b.org, made.Webhook.ID, 1)
		if err != nil || n != 2 || b.count(`select count(*) from webhook_delivery where state = 'waiting'`) != 0 {
			b.Fatal("the act itself writes what is sent again", n, err)
		}
		if n, err := b.hooks.Replay(b.Context(), b.as("anne"), b.org, made.Webhook.ID, webhook.ReadAtOnce+2); err != nil || n != 1 {
			b.Fatal(n, err)
		}
		reads(1)
		b.drain()
		if n := len(r.all()); n != 5 {
			b.Errorf("%d sent", n)
		}
	})
}

// rules.md 17: of an endpoint that is away, no more waits than one statement may touch when it is back; the rest of
// the feed is read then.
func TestAwayForLong(t *testing.T) {
	each(t, func(b *bench) {
		made := b.make1(b.receiver(nil))
		b.happens("member.edit", b.member["paul"])
		const numbers = `with recursive n(i) as (select 1 union all select i + 1 from n where i < $2)
			insert into event (org_id, position, id, kind, subject, object, site, at)
			select $1, 1 + i, 'evt_' || i, kind, subject, '', '', at from n, (select kind, subject, at from event where org_id = $1 and position = 1) e`
		b.exec(numbers, b.org, webhook.MaxWaiting)
		b.exec(`update event_head set position = 1 + $2 where org_id = $1`, b.org, webhook.MaxWaiting)
		for more := 1; more > 0; {
			var err error
			if more, err = b.send.Expand(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		waiting := func() int { return b.count(`select count(*) from webhook_delivery where state = 'waiting'`) }
		if n, to := waiting(), b.get(made.Webhook.ID).ReadTo; n != webhook.MaxWaiting || to != webhook.MaxWaiting {
			b.Fatalf("%d wait, read to %d", n, to)
		}
		b.exec(`update webhook_delivery set state = 'delivered' where position = 1`)
		if more, err := b.send.Expand(b.Context()); err != nil || more != 0 || waiting() != webhook.MaxWaiting || b.get(made.Webhook.ID).ReadTo != webhook.MaxWaiting+1 {
			b.Errorf("%d wait, read to %d: %v", waiting(), b.get(made.Webhook.ID).ReadTo, err)
		}
	})
}

// What a rule says is looked at again when it is applied: whoever mended the endpoint in between
// does not find it stopped.
func TestRuleIsLookedAtAgain(t *testing.T) {
	each(t, func(b *bench) {
		made := b.make1(b.receiver(nil))
		halt := func(why webhook.Why, want webhook.Status) {
			b.Helper()
			if err := b.hooks.Halt(b.Context(), b.org, made.Webhook.ID, why); err != nil || b.get(made.Webhook.ID).Status != want {
				b.Errorf("%s: %v %+v", why, err, b.get(made.Webhook.ID))
			}
		}
		halt(webhook.ByOwner, webhook.Active)
		halt(webhook.ByFailures, webhook.Active)
		b.exec(`update webhook set failing_since = $2 where id = $1`, made.Webhook.ID, b.db.Now().Add(-webhook.GiveUpAfter+time.Minute))
		halt(webhook.ByFailures, webhook.Active)
		b.exec(`update webhook set failing_since = $2 where id = $1`, made.Webhook.ID, b.db.Now().Add(-webhook.GiveUpAfter))
		halt(webhook.ByFailures, webhook.Stopped)
	})
}

// rules.md 17: a receiver that takes everything, slowly, leaves its lane when its time is over; what
// it was not sent waits for nobody's lease.
func TestSlowReceiverLeavesItsLane(t *testing.T) {
	each(t, func(b *bench) {
		r := b.receiver(func(w http.ResponseWriter, _ *http.Request) {
			b.clock.Add(9 * time.Second)
			w.WriteHeader(http.StatusOK)
		})
		made := b.make1(r)
		for range 2 * webhook.SendAtOnce {
			b.happens("member.edit", b.member["paul"])
		}
		if _, err := b.send.Expand(b.Context()); err != nil {
			b.Fatal(err)
		}
		if err := b.send.Batch(b.Context(), b.org, made.Webhook.ID); err != nil {
			b.Fatal(err)
		}
		waits := b.count(`select count(*) from webhook_delivery where state = 'waiting' and lease = '' and attempt = 0`)
		if n := len(r.all()); n != webhook.SendAtOnce || waits != webhook.SendAtOnce {
			b.Errorf("%d sent, %d wait", n, waits)
		}
	})
}

// rules.md 13, AUD-03: of each endpoint that is stopped with its owner, the trail and a letter tell.
func TestStoppedWithTheirOwner(t *testing.T) {
	each(t, func(b *bench) {
		r := b.receiver(nil)
		made := b.make1(r)
		b.make1(r)
		if _, err := b.hooks.Stop(b.Context(), b.as("bruno"), b.org, made.Webhook.ID, webhook.AnyVersion); err != nil {
			b.Fatal(err)
		}
		third := b.make1(r)
		a := action.Act{Verb: "member.deactivate", Orgs: []ident.Org{b.org}, Needs: []access.Need{access.Everybody()}}
		n, err := action.Run(b.Context(), b.hooks.Run, b.as("bruno"), a, func(tx *action.Tx) (int, error) {
			tx.Record(audit.Event{Org: b.org, Verb: a.Verb, Object: b.member["anne"].String(), Subject: b.member["anne"].String()})
			return webhook.StopMadeBy(b.Context(), tx, b.org, b.people["anne"].ID, webhook.ByOwner)
		})
		if err != nil || n != 2 {
			b.Fatal(n, err)
		}
		told := b.count(`select count(*) from audit_event where verb = 'webhook.stop' and object = $1`, third.Webhook.ID)
		all := b.count(`select count(*) from audit_event where verb = 'webhook.stop'`)
		if letters := b.count(`select count(*) from job where kind = 'letter.webhook_stopped'`); told != 1 || all != 3 || letters != 2 {
			b.Errorf("the trail tells %d times of one, %d times in all; %d letters", told, all, letters)
		}
	})
}
