package decision

import (
	"cmp"
	"maps"
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

// shards is how many maps the places are spread over: each is copied when an organisation
// comes or goes, so that questions read it without a lock.
const shards = 256

// places are the organisations in memory.
type places struct {
	shard [shards]shard
	bytes atomic.Int64
	large atomic.Bool
}

type shard struct {
	mu sync.Mutex // of whoever writes
	m  atomic.Pointer[map[ident.Org]*place]
}

// of gives the shard of an organisation, by the last letters of its ID, which are random.
func (l *places) of(org ident.Org) *shard {
	n := len(org)
	if n < 2 {
		return &l.shard[0]
	}
	return &l.shard[org[n-1]&0x0f<<4|org[n-2]&0x0f]
}

// get gives the place of an organisation; nil when it is not in memory.
func (l *places) get(org ident.Org) *place {
	m := l.of(org).m.Load()
	if m == nil {
		return nil
	}
	return (*m)[org]
}

// make gives the place of an organisation, made when there is none. It is there before
// anything is read, so that no change is missed in between.
func (l *places) make(org ident.Org) *place {
	s := l.of(org)
	s.mu.Lock()
	defer s.mu.Unlock()
	p := l.get(org)
	if p == nil {
		p = &place{org: org}
		m := s.copied()
		m[org] = p
		s.m.Store(&m)
	}
	return p
}

// copied is a copy of what the shard has, to be changed and put in its place.
func (s *shard) copied() map[ident.Org]*place {
	m := map[ident.Org]*place{}
	if old := s.m.Load(); old != nil {
		maps.Copy(m, *old)
	}
	return m
}

// drop forgets a place. What waits for it is answered.
func (l *places) drop(p *place) {
	s := l.of(p.org)
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.get(p.org) == p {
		m := s.copied()
		delete(m, p.org)
		s.m.Store(&m)
		l.bytes.Add(-p.bytes.Swap(0))
	}
}

func (l *places) all() []*place {
	var out []*place
	for i := range l.shard {
		if m := l.shard[i].m.Load(); m != nil {
			for _, p := range *m {
				out = append(out, p)
			}
		}
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
	s := l.of(p.org)
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.get(p.org) != p {
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
	largeGrowth = 15 // in a hundred
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
