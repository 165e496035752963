package webhook

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"habilis/internal/event"
	"habilis/internal/ident"
)

// rules.md 17: an organisation takes no more than its part of the lanes, of which those that fail
// leave half to the others; others find theirs free.
func TestLanesOfOneOrganisation(t *testing.T) {
	d, now, org := &Dispatcher{}, time.Now(), ident.NewOrg()
	d.init()
	enter := func(failing bool) (key, bool) {
		k := key{org: org, id: ident.NewWebhook(), failing: failing}
		return k, d.enter(k, now)
	}
	for n := range orgFailing + 1 {
		if _, in := enter(true); in != (n < orgFailing) {
			t.Errorf("the failing one %d: %v", n, in)
		}
	}
	last := key{}
	for n := range orgLanes - orgFailing + 1 {
		k, in := enter(false)
		if in != (n < orgLanes-orgFailing) {
			t.Errorf("the well one %d: %v", n, in)
		}
		if in {
			last = k
		}
	}
	if !d.enter(key{org: ident.NewOrg(), id: ident.NewWebhook()}, now) {
		t.Error("another organisation waits")
	}
	d.leave(last, now, 0)
	if _, in := enter(false); !in {
		t.Error("a lane that was left stays taken")
	}
}

// rules.md 17: those that are well come first; of each kind, those that follow whoever had the last
// turn.
func TestInTurn(t *testing.T) {
	d := &Dispatcher{}
	d.init()
	a, b, c := key{org: "1", id: "b"}, key{org: "2", id: "a"}, key{org: "2", id: "b"}
	bad, worse := key{org: "1", id: "c", failing: true}, key{org: "3", id: "c", failing: true}
	due := func() []key { return []key{a, b, c, bad, worse} }
	if got := d.inTurn(due()); !slices.Equal(got, due()) {
		t.Errorf("at first: %v", got)
	}
	d.last[false], d.last[true] = b, bad
	if got := d.inTurn(due()); !slices.Equal(got, []key{c, a, b, worse, bad}) {
		t.Errorf("then: %v", got)
	}
}

// What panics while one delivery is sent ends neither the others nor the server.
func TestPanicOfOneDelivery(t *testing.T) {
	d := &Dispatcher{Log: slog.New(slog.DiscardHandler)} // without a database nor a client
	if r := d.post(t.Context(), target{}, event.Document{}); r.Outcome != Unreached {
		t.Errorf("%+v", r)
	}
}
