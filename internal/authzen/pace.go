package authzen

import (
	"sync"
	"time"
)

// window is the time over which requests are counted.
const window = time.Minute

// maxKeys bounds the counters of a window: beyond it the oldest window is what is kept.
const maxKeys = 100_000

// pace counts requests by key, in memory, one count a node (rules.md 4). Each window
// begins anew: what it costs is one look into a map.
type pace struct {
	most  int
	mu    sync.Mutex
	began time.Time
	count map[string]int
}

func newPace(most int) *pace { return &pace{most: most, count: map[string]int{}} }

// wait counts a request, and gives how long its caller must wait: 0 when it may pass.
func (p *pace) wait(key string) time.Duration {
	now := time.Now() //nolint:forbidigo // the pace of the network, not a time of the field
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.began) >= window || len(p.count) >= maxKeys {
		p.began = now
		clear(p.count)
	}
	p.count[key]++
	if p.count[key] <= p.most {
		return 0
	}
	return p.began.Add(window).Sub(now)
}
