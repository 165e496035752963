package outbound

import (
	"errors"
	"sync"
	"time"
)

// Bounds of a Breaker.
const (
	BreakAfter = 5                // failures in a row
	BreakFor   = 30 * time.Second // then one request tries whether the server is back
)

// ErrBroken is the refusal to ask a server that has just failed again and again.
var ErrBroken = errors.New("outbound: the server failed repeatedly and is left alone for a while")

// Breaker keeps a failing server from being asked, and its callers from waiting for it.
// The zero Breaker is closed: requests pass.
type Breaker struct {
	Now func() time.Time // time.Now when nil

	mu       sync.Mutex
	failures int
	until    time.Time
	probing  bool
}

// Enter says whether a request may be sent: ErrBroken when not. Whoever entered calls
// Leave once.
func (b *Breaker) Enter() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failures < BreakAfter {
		return nil
	}
	if b.probing || b.now().Before(b.until) {
		return ErrBroken
	}
	b.probing = true
	return nil
}

// Leave tells how the request went. Abandoned requests, of which nothing was learnt,
// count neither way.
func (b *Breaker) Leave(o Outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = false
	switch o {
	case Answered:
		b.failures = 0
	case Failed:
		b.failures = min(b.failures+1, BreakAfter)
		if b.failures == BreakAfter {
			b.until = b.now().Add(BreakFor)
		}
	case Abandoned:
	}
}

// Open reports whether requests are refused now.
func (b *Breaker) Open() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failures >= BreakAfter && b.now().Before(b.until)
}

func (b *Breaker) now() time.Time {
	if b.Now != nil {
		return b.Now()
	}
	return time.Now() //nolint:forbidigo // a pause is measured, no fact is dated
}

// Outcome is what became of a request.
type Outcome uint8

// The outcomes.
const (
	Answered Outcome = iota + 1
	Failed
	Abandoned
)
