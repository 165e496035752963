package login_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/login"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// SES-02, RAC-02: at the same moment, on two nodes, two confirm the same link, two accounts
// become one address, and one undoes what another confirms: one of them gets it.
func TestEmailRaces(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			b, nodes := twoNodes(t, e)
			for range 5 {
				b.raceEmail(nodes)
			}
		})
	}
}

// twoNodes are a bench and a second node on its database.
func twoNodes(t *testing.T, e store.Engine) (*bench, [2]login.Logins) {
	t.Helper()
	b := &bench{T: t, clock: &storetest.Clock{}}
	place := storetest.Place(t, e)
	place.Clock = b.clock.Now
	ring := secret.NewRing(time.Now())
	var nodes [2]login.Logins
	for i := range nodes {
		if i == 1 && e == store.SQLite { // one process has the file
			nodes[1] = nodes[0]
			break
		}
		db, err := store.Open(t.Context(), place)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		h := credential.NewHasher(ring)
		h.Cost = credential.Cost{Memory: 64, Time: 1}
		nodes[i] = login.Logins{Run: &action.Runner{DB: db, Ring: ring}, Hasher: h}
	}
	b.run, b.db, b.hasher, b.logins = nodes[0].Run, nodes[0].Run.DB, nodes[0].Hasher, nodes[0]
	b.sessions = session.Sessions{Run: b.run}
	return b, nodes
}

// atOnce does each on its node at the same moment and counts those that went well; the others
// must be refused with one of these.
func (b *bench) atOnce(refusals []error, each ...func() error) (won int) {
	b.Helper()
	var wg sync.WaitGroup
	errs := make([]error, len(each))
	for i, f := range each {
		wg.Go(func() { errs[i] = f() })
	}
	wg.Wait()
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !slices.ContainsFunc(refusals, func(r error) bool { return errors.Is(err, r) }):
			b.Errorf("a loser got %v", err)
		}
	}
	return won
}

func (b *bench) raceEmail(nodes [2]login.Logins) {
	b.Helper()
	n := b.count(`select count(*) from account`)
	name := func(s string) string { return s + string(rune('a'+n)) + "@tilleuls.example" }
	confirm := func(node int, link string) func() error {
		return func() error {
			_, err := nodes[node].ConfirmEmail(b.Context(), stranger("192.0.2.9"), link, browser)
			return err
		}
	}
	first, second := b.account(name("un")), b.account(name("deux"))
	one, _ := b.signIn(name("un"), good)
	two, _ := b.signIn(name("deux"), good)

	link := b.proofLink(one, name("trois"))
	if won := b.atOnce([]error{login.ErrEmailGone}, confirm(0, link), confirm(1, link)); won != 1 {
		b.Errorf("%d confirmed one link", won)
	}
	undo := b.secretOf("letter.email_changed")

	one, _ = b.signIn(name("trois"), good)
	links := [2]string{b.proofLink(one, name("quatre")), b.proofLink(two, name("quatre"))}
	if won := b.atOnce([]error{account.ErrTaken}, confirm(0, links[0]), confirm(1, links[1])); won != 1 {
		b.Errorf("RAC-02: %d accounts became one address", won)
	}
	b.letters()
	b.clock.Add(time.Hour)

	one, _ = b.signIn(b.addressOf(first), good)
	link = b.proofLink(one, name("cinq"))
	b.atOnce([]error{login.ErrEmailGone}, confirm(0, link), func() error {
		_, err := nodes[1].UndoEmail(b.Context(), stranger("192.0.2.9"), undo, browser)
		return err
	})
	if now := b.addressOf(first); now != name("un") {
		b.Errorf("after the undo, whichever came first, the address is %s", now)
	}
	b.letters()
	_ = second
}
