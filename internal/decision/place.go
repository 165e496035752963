package decision

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// place is where an organisation stands in memory.
type place struct {
	org  ident.Org
	snap atomic.Pointer[snapshot]

	// wanted is the newest version that was acknowledged in this process. doubt is set
	// when the database did not say whether a change is committed: until a later one is,
	// each question looks at the version itself.
	wanted atomic.Int64
	doubt  atomic.Bool

	checked atomic.Int64 // when the version was last looked at, in microseconds
	used    atomic.Int64 // when it was last asked about, the same
	bytes   atomic.Int64

	mu      sync.Mutex
	loading *loading // the one that has not begun to read
	busy    bool
}

// loading is one reading of an organisation, shared by all who wait for it.
type loading struct {
	done chan struct{}
	snap *snapshot
	err  error
}

const (
	// leaseTime is how long answers from memory go on without a look at the database: in
	// one process nothing changes behind it, but without a database nothing is permitted.
	leaseTime = time.Second
	// loadTime is how long the reading of an organisation may take.
	loadTime = 2 * time.Minute
	// usedEvery is how exactly the last use is noted.
	usedEvery = time.Second
)

// ErrUnavailable is the refusal to answer without a database to be sure of (AUZ-14).
var ErrUnavailable = fault.New(fault.Unavailable, "decision.unavailable").After(2 * time.Second)

// unavailable makes every failure of the database one that the caller may try again.
func unavailable(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Kind != fault.Internal {
		return err
	}
	return ErrUnavailable.Because(err)
}

// current gives a snapshot that is not older than any change acknowledged before now.
func (d *Decisions) current(ctx context.Context, org ident.Org, now int64) (*snapshot, error) {
	if d.run.DB.Closed() {
		return nil, ErrUnavailable
	}
	p := d.places.get(org)
	if p == nil {
		p = d.places.make(org)
	}
	if now-p.used.Load() > int64(usedEvery/time.Microsecond) {
		p.used.Store(now)
	}
	if d.run.DB.Engine == store.PostgreSQL {
		return d.amongNodes(ctx, p)
	}
	if s := p.snap.Load(); s != nil && s.version >= p.wanted.Load() && !p.doubt.Load() && p.fresh(now) {
		return s, nil
	}
	s, err := d.refresh(ctx, p)
	return s, unavailable(err)
}

// fresh reports whether the database was there a moment ago.
func (p *place) fresh(now int64) bool {
	age := now - p.checked.Load()
	return age >= 0 && age < int64(leaseTime/time.Microsecond)
}

// amongNodes answers by the version that the database has: another node may have
// changed it.
func (d *Decisions) amongNodes(ctx context.Context, p *place) (*snapshot, error) {
	if p.snap.Load() == nil {
		s, err := d.refresh(ctx, p)
		return s, unavailable(err)
	}
	v, err := d.versions.read(ctx, p.org)
	if err != nil {
		return nil, unavailable(err)
	}
	if s := p.snap.Load(); s != nil && s.version >= v {
		return s, nil
	}
	s, err := d.refresh(ctx, p)
	return s, unavailable(err)
}

// refresh waits for a reading that begins after the call: the one that is under way may
// have missed what the caller must see.
func (d *Decisions) refresh(ctx context.Context, p *place) (*snapshot, error) {
	p.mu.Lock()
	l := p.loading
	if l == nil {
		l = &loading{done: make(chan struct{})}
		p.loading = l
	}
	if !p.busy {
		p.busy = true
		go d.load(p)
	}
	p.mu.Unlock()
	select {
	case <-l.done:
		return l.snap, l.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// load reads the organisation for those who wait, and again for those who came meanwhile.
func (d *Decisions) load(p *place) {
	for {
		p.mu.Lock()
		l := p.loading
		p.loading = nil
		if l == nil {
			p.busy = false
			p.mu.Unlock()
			return
		}
		p.mu.Unlock()
		l.snap, l.err = d.loadOnce(p)
		if l.err != nil && d.run.Log != nil && !errors.Is(l.err, context.Canceled) {
			d.run.Log.Warn("decision: an organisation could not be read", "org", p.org, "err", l.err)
		}
		close(l.done)
	}
}

// loadOnce reads what the organisation is now. What panics leaves what was there alone.
func (d *Decisions) loadOnce(p *place) (s *snapshot, err error) {
	defer func() {
		if e := recover(); e != nil {
			s, err = nil, ErrUnavailable.Because(fmt.Errorf("panic in the index: %v\n%s", e, debug.Stack()))
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), loadTime)
	defer cancel()
	begun := d.run.DB.NowMicro()
	old := p.snap.Load()
	s, err = d.next(ctx, p)
	if err != nil {
		if old == nil && !p.doubt.Load() {
			d.places.drop(p) // nobody fills the memory with organisations that do not exist
		}
		return nil, err
	}
	if s != old {
		d.bearers.replace(old, s)
		p.snap.Store(s)
		d.keep(p, s)
	}
	p.checked.Store(begun)
	return s, nil
}

// next gives the snapshot of the organisation's version now: the one that is there, that
// one with what changed, or one made anew.
func (d *Decisions) next(ctx context.Context, p *place) (s *snapshot, err error) {
	if d.reads != nil {
		d.reads(p.org)
	}
	old := p.snap.Load()
	if old != nil {
		s, err = d.advance(ctx, p.org, old)
		if err != nil || s != nil {
			return s, err
		}
	}
	err = d.run.DB.ReadLong(ctx, func(tx *store.Tx) error {
		s, err = load(ctx, tx, p.org)
		return err
	})
	return s, err
}

// advance brings a snapshot to the version of now; nil when it must be made anew.
func (d *Decisions) advance(ctx context.Context, org ident.Org, old *snapshot) (s *snapshot, err error) {
	err = d.run.DB.Read(ctx, func(tx *store.Tx) error {
		v, err := readVersion(ctx, tx, org)
		switch {
		case err != nil:
			return err
		case v.version == old.version && v.version != 0:
			s = old
			return nil
		}
		times, ok := since(v, old.version)
		if !ok || len(old.members.keys) < d.patchFrom {
			return nil
		}
		s, err = old.patch(ctx, tx, v.version, times)
		return err
	})
	return s, err
}

// since gives the times of the changes after a version; false when they are not known.
func since(v versionRow, version int64) ([]time.Time, bool) {
	times := action.Recent(v.recent)
	missed := v.version - version
	if version == 0 || missed <= 0 || missed > int64(len(times)) {
		return nil, false
	}
	times = times[:missed]
	for _, t := range times {
		if t.IsZero() {
			return nil, false
		}
	}
	return times, true
}

// committed is told by the runner of the versions that an act made.
func (d *Decisions) committed(versions map[ident.Org]int64, known bool) {
	for org, v := range versions {
		p := d.places.get(org)
		if p == nil {
			if known {
				continue // whoever reads it from now on sees the change
			}
			p = d.places.make(org)
		}
		if !known {
			p.doubt.Store(true)
			continue
		}
		for {
			w := p.wanted.Load()
			if w >= v || p.wanted.CompareAndSwap(w, v) {
				break
			}
		}
		p.doubt.Store(false)
	}
}
