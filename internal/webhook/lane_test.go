package webhook

import (
	"testing"
	"time"

	"habilis/internal/ident"
)

// F12: endpoints that fail, however many there are, leave lanes to those that are well; a lane
// is taken once, and rests after failures.
func TestLanes(t *testing.T) {
	d, now := &Dispatcher{}, time.Now()
	d.init()
	fresh := func(failing bool) key { return key{org: ident.NewOrg(), id: ident.NewWebhook(), failing: failing} }
	bad := fresh(true)
	if !d.enter(bad, now) || d.enter(bad, now) {
		t.Fatal("a lane is not taken once")
	}
	for range maxFailing - 1 {
		d.enter(fresh(true), now)
	}
	if d.enter(fresh(true), now) {
		t.Error("those that fail take more than half")
	}
	for range MaxLanes - maxFailing {
		if !d.enter(fresh(false), now) {
			t.Fatal("one that is well waits for those that fail")
		}
	}
	if d.enter(fresh(false), now) {
		t.Error("more than MaxLanes")
	}
	d.leave(bad, now, LastRest)
	bad.failing = false
	if d.enter(bad, now.Add(LastRest-time.Second)) || !d.enter(bad, now.Add(LastRest)) {
		t.Error("it does not rest")
	}
}
