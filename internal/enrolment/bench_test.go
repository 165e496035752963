//go:build bench

package enrolment

import (
	"fmt"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/invitation"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// Promises of issue 1, 6: run by hand or by `make bench`, on a quiet machine:
// go test -tags bench -run TenThousand -v ./internal/enrolment
const (
	benchAddresses = 10_000
	benchTime      = 30 * time.Second
	benchWriter    = time.Second // nobody waits longer for the organisation
)

// MEM-9: 10,000 invitations in one request, their letters queued, while others write.
func TestTenThousandInvitations(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			clock := newStopped()
			w := newWorld(t, storetest.Open(t, e, storetest.Options{Clock: clock.Now, NoTwin: true}), clock)
			w.e.Limits = invitation.Limits{PerDayOrg: benchAddresses}
			addresses := make([]string, benchAddresses)
			for n := range addresses {
				addresses[n] = fmt.Sprintf("personne%05d@exemple.fr", n)
			}
			stop, longest := w.otherWriter()
			start := time.Now()
			r := w.send(w.by(w.bruno), w.invite(addresses...))
			took := time.Since(start)
			close(stop)
			worst := <-longest
			t.Logf("%d invitations in %v, another writer waited %v at most", len(r.Lines), took.Round(time.Millisecond), worst.Round(time.Millisecond))
			for n, l := range r.Lines {
				if l.Fate != Invited {
					t.Fatalf("line %d: %+v", n, l)
				}
			}
			if n := w.count(`select count(*) from job where kind = 'letter.invitation' and state = 'ready'`); n != benchAddresses {
				t.Errorf("%d letters queued", n)
			}
			if took > benchTime {
				t.Errorf("took %v, promised %v", took, benchTime)
			}
			if worst > benchWriter {
				t.Errorf("another writer waited %v, promised %v", worst, benchWriter)
			}
			start = time.Now()
			if _, err := w.e.Preview(ctx, w.by(w.bruno), w.invite(addresses...)); err != nil {
				t.Error(err)
			}
			t.Logf("looked at again in %v", time.Since(start).Round(time.Millisecond))
		})
	}
}

// Organisations that invite at the same time do not fail one another: on PostgreSQL
// their counters and addresses share pages, and some transactions run again.
func TestOrganisationsInviteAtOnce(t *testing.T) {
	const organisations, addresses = 4, 1500
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			clock := newStopped()
			w := newWorld(t, storetest.Open(t, e, storetest.Options{Clock: clock.Now, NoTwin: true}), clock)
			w.e.Limits = invitation.Limits{PerDayOrg: addresses}
			var all []Invite
			for n := range organisations {
				in := Invite{Org: w.place(fmt.Sprintf("Cabinet %d", n), "Centre").org}
				for i := range addresses {
					in.Emails = append(in.Emails, fmt.Sprintf("personne%05d@cabinet%d.fr", i, n%2))
				}
				all = append(all, in)
			}
			again, start := store.Retries.Load(), time.Now()
			for _, err := range parallel(organisations, func(n int) error {
				r, err := w.e.Invite(ctx, access.Operator("cli"), all[n])
				for _, l := range r.Lines {
					if err == nil && l.Fate != Invited {
						return fmt.Errorf("%+v", l)
					}
				}
				return err
			}) {
				if err != nil {
					t.Error(err)
				}
			}
			t.Logf("%d organisations × %d invitations in %v, %d transactions run again", organisations, addresses,
				time.Since(start).Round(time.Millisecond), store.Retries.Load()-again)
		})
	}
}

// otherWriter writes to the same organisation again and again until stop closes,
// then tells how long it waited at most.
func (w *world) otherWriter() (stop chan struct{}, longest chan time.Duration) {
	stop, longest = make(chan struct{}), make(chan time.Duration, 1)
	go func() {
		worst := time.Duration(0)
		for {
			select {
			case <-stop:
				longest <- worst
				return
			case <-time.After(5 * time.Millisecond):
			}
			start := time.Now()
			err := w.db.Write(ctx, []store.Lock{store.Lock(w.a.org)}, func(*store.Tx) error { return nil })
			if err != nil {
				w.Error(err)
			}
			worst = max(worst, time.Since(start))
		}
	}()
	return stop, longest
}
