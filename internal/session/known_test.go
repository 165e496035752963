package session_test

import (
	"testing"
	"time"

	"habilis/internal/account"
	"habilis/internal/session"
	"habilis/internal/store"
)

const (
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	edge    = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0"
)

func (b *bench) isNew(a account.Account, agent, address string) (is bool) {
	b.Helper()
	b.write(func(tx *store.Tx) (err error) {
		is, err = session.Meet(b.Context(), tx, a.ID, agent, address)
		return err
	})
	return is
}

// A browser family and network are new once; the first ever are not, nor the next version of
// the browser, nor a neighbour's address; after KnownFor without a sign-in they are again.
func TestMeet(t *testing.T) {
	each(t, func(b *bench) {
		a, other := b.account("julie@tilleuls.example"), b.account("paul@tilleuls.example")
		wide := "2001:db8:1::1"
		for _, c := range []struct {
			what, agent, address string
			of                   account.Account
			want                 bool
		}{
			{"the first ever", firefox, "192.0.2.7", a, false},
			{"the same", firefox, "192.0.2.7", a, false},
			{"its next version", firefox[:len(firefox)-5] + "141.0", "192.0.2.7", a, false},
			{"another address of the network", firefox, "192.0.2.200", a, false},
			{"the same, as IPv6 writes it", firefox, "::ffff:192.0.2.7", a, false},
			{"another network", firefox, "198.51.100.7", a, true},
			{"again", firefox, "198.51.100.7", a, false},
			{"another browser", edge, "192.0.2.7", a, true},
			{"one that says nothing", "", "192.0.2.7", a, true},
			{"an IPv6 network", firefox, wide, a, true},
			{"another address there", firefox, "2001:db8:1:ffff::9", a, false},
			{"the next one", firefox, "2001:db8:2::1", a, true},
			{"somebody else's first", edge, "192.0.2.7", other, false},
		} {
			if got := b.isNew(c.of, c.agent, c.address); got != c.want {
				t.Errorf("%s: %v", c.what, got)
			}
		}
		b.clock.Add(session.KnownFor - time.Minute)
		if b.isNew(a, firefox, "192.0.2.7") {
			t.Error("known for so long")
		}
		b.clock.Add(time.Hour)
		if b.isNew(a, firefox, "192.0.2.7") {
			t.Error("seen an hour ago")
		}
		if !b.isNew(a, firefox, "198.51.100.7") {
			t.Error("not seen for longer")
		}
	})
}

// What was seen long ago is forgotten, but the last of each person: who comes in elsewhere
// after months is new, and not the first ever.
func TestMeetAfterMonths(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		b.isNew(a, firefox, "192.0.2.7")
		b.clock.Add(time.Hour)
		b.isNew(a, edge, "192.0.2.7")
		b.clock.Add(session.KnownFor + time.Hour)
		if err := session.Sweep(b.Context(), b.db); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := b.db.Read(b.Context(), func(tx *store.Tx) error {
			return tx.QueryRow(b.Context(), `select count(*) from known_browser`).Scan(&n)
		}); err != nil || n != 1 {
			t.Errorf("%d kept, %v", n, err)
		}
		if !b.isNew(a, firefox, "198.51.100.7") {
			t.Error("it is not new")
		}
	})
}
