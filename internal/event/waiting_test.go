package event_test

import (
	"testing"

	"habilis/internal/audit"
	"habilis/internal/event"
	"habilis/internal/store"
)

// INV-15: an organisation where somebody only waits to be let in is told of none of their sign-ins
// and sessions, nor where their file is incomplete; once they are verified, it is.
func TestNothingIsToldWhereOneWaits(t *testing.T) {
	each(t, func(b *bench) {
		for n, v := range []string{"unchecked", "incomplete", "verified"} {
			b.write(func(tx *store.Tx) error {
				_, err := tx.Exec(b.Context(), `update member_state set verification = $1 where org_id = $2`, v, b.far)
				return err
			})
			b.mustAct(audit.Event{Verb: "login.sign_in", Object: b.anne.String()})
			orgs, err := event.Unsettled(b.Context(), b.db)
			if err != nil {
				b.Fatal(err)
			}
			for _, org := range orgs {
				if err := event.Settle(b.Context(), b.db, org); err != nil {
					b.Fatal(err)
				}
			}
			if got := len(b.feed(b.org)); got != n+1 {
				b.Errorf("%s elsewhere: %d events where she is a member", v, got)
			}
			if got := len(b.feed(b.far)); (got == 1) != (v == "verified") {
				b.Errorf("%s: %d events are told", v, got)
			}
		}
	})
}
