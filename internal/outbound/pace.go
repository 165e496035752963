package outbound

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrPace is the refusal of a request whose turn would come after its caller's deadline.
var ErrPace = errors.New("outbound: too many requests are waiting for their turn")

// Pace spaces requests out evenly, so that a server is asked PerSecond times a second at
// most by this process. It goes by the machine's clock: it measures a rate.
type Pace struct {
	PerSecond int

	mu   sync.Mutex
	next time.Time // when the next request may leave
}

// Wait waits for a turn. Errors: ErrPace at once when the turn would come too late, or the
// context's.
func (p *Pace) Wait(ctx context.Context) error {
	wait, ok := p.turn(ctx)
	if !ok {
		return ErrPace
	}
	if wait <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// turn takes the next turn, unless it comes after the deadline of ctx.
func (p *Pace) turn(ctx context.Context) (time.Duration, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now() //nolint:forbidigo // a rate is measured, no fact is dated
	gap := time.Second / time.Duration(p.PerSecond)
	if p.next.Before(now) {
		p.next = now
	}
	wait := p.next.Sub(now)
	if end, bounded := ctx.Deadline(); bounded && now.Add(wait).After(end) {
		return 0, false
	}
	p.next = p.next.Add(gap)
	return wait, true
}
