package decision

import (
	"cmp"
	"hash/maphash"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"

	"habilis/internal/ident"
)

// MaxMemory bounds, in bytes, what loaded organisations take together: those that were
// not asked about for the longest time make room, down to keptShare of it.
const (
	MaxMemory = 768 << 20
	keptShare = 0.9
)

// shards is how many maps the places are spread over, so that questions do not wait for
// one another.
const shards = 64

// places are the organisations in memory.
type places struct {
	shard [shards]struct {
		sync.RWMutex

		m map[ident.Org]*place
		_ [24]byte // one line of the cache each
	}
	bytes atomic.Int64
	large atomic.Bool
}

var placeSeed = maphash.MakeSeed()

func shardOf(org ident.Org) int { return int(maphash.String(placeSeed, string(org)) % shards) }

// get gives the place of an organisation; nil when it is not in memory.
func (l *places) get(org ident.Org) *place {
	s := &l.shard[shardOf(org)]
	s.RLock()
	p := s.m[org]
	s.RUnlock()
	return p
}

// make gives the place of an organisation, made when there is none. It is there before
// anything is read, so that no change is missed in between.
func (l *places) make(org ident.Org) *place {
	s := &l.shard[shardOf(org)]
	s.Lock()
	defer s.Unlock()
	p := s.m[org]
	if p == nil {
		p = &place{org: org}
		if s.m == nil {
			s.m = map[ident.Org]*place{}
		}
		s.m[org] = p
	}
	return p
}

// drop forgets a place. What waits for it is answered.
func (l *places) drop(p *place) {
	s := &l.shard[shardOf(p.org)]
	s.Lock()
	defer s.Unlock()
	if s.m[p.org] == p {
		delete(s.m, p.org)
		l.bytes.Add(-p.bytes.Swap(0))
	}
}

func (l *places) all() []*place {
	var out []*place
	for i := range l.shard {
		s := &l.shard[i]
		s.RLock()
		for _, p := range s.m {
			out = append(out, p)
		}
		s.RUnlock()
	}
	return out
}

// keep counts what a snapshot takes, and makes room when it is too much.
func (d *Decisions) keep(p *place, s *snapshot) {
	if d.places.count(p, int64(s.bytes())) > d.maxMemory {
		d.evict(p)
	}
}

// count notes what a place takes, if it is still there, and gives what all take.
func (l *places) count(p *place, n int64) int64 {
	s := &l.shard[shardOf(p.org)]
	s.Lock()
	defer s.Unlock()
	if s.m[p.org] != p {
		return l.bytes.Load()
	}
	total := l.bytes.Add(n - p.bytes.Swap(n))
	l.collectMore(total)
	return total
}

// The garbage collector lets the memory grow by as much as is in use before it collects.
// What the index holds is much and stays, but has few pointers, so that collecting costs
// little: once it is large, the collector is asked to come sooner. An operator who sets
// GOGC knows better.
const (
	largeIndex  = 256 << 20
	largeGrowth = 20 // in a hundred
)

func (l *places) collectMore(total int64) {
	if total > largeIndex && os.Getenv("GOGC") == "" && l.large.CompareAndSwap(false, true) {
		debug.SetGCPercent(largeGrowth)
	}
}

// evict forgets the organisations that were asked about longest ago. One in doubt stays:
// its doubt would be forgotten too.
func (d *Decisions) evict(but *place) {
	d.evicting.Lock()
	defer d.evicting.Unlock()
	list := d.places.all()
	slices.SortFunc(list, func(a, b *place) int { return cmp.Compare(a.used.Load(), b.used.Load()) })
	enough := int64(float64(d.maxMemory) * keptShare)
	for _, p := range list {
		if d.places.bytes.Load() <= enough {
			return
		}
		if p != but && !p.doubt.Load() {
			d.places.drop(p)
			d.bearers.replace(p.snap.Load(), nil)
		}
	}
}
