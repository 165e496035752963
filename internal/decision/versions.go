package decision

import (
	"context"
	"sync"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// versions reads the versions of organisations for all who wait. Each question needs one
// read that began after it came; all that came meanwhile share the next one, whatever
// organisation they ask about (as a Raft read index is shared).
type versions struct {
	ask func(*reading) // reads once for all that the reading names

	mu   sync.Mutex
	next *reading
	runs int
}

// maxReads is how many reads are under way at once.
const maxReads = 2

// reading is one statement to come, or under way.
type reading struct {
	orgs []ident.Org
	done chan struct{}
	of   map[ident.Org]int64
	err  error
}

// read gives the version that the organisation had at some moment after the call; 0 when
// it never changed.
func (v *versions) read(ctx context.Context, org ident.Org) (int64, error) {
	v.mu.Lock()
	r := v.next
	if r == nil {
		r = &reading{done: make(chan struct{}), of: map[ident.Org]int64{}}
		v.next = r
	}
	if _, there := r.of[org]; !there {
		r.of[org] = 0
		r.orgs = append(r.orgs, org)
	}
	if v.runs < maxReads {
		v.runs++
		go v.loop()
	}
	v.mu.Unlock()
	select {
	case <-r.done:
		return r.of[org], r.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// loop reads as long as somebody waits.
func (v *versions) loop() {
	for {
		v.mu.Lock()
		r := v.next
		v.next = nil
		if r == nil {
			v.runs--
			v.mu.Unlock()
			return
		}
		v.mu.Unlock()
		v.ask(r)
		close(r.done)
	}
}

// maxTogether is how many organisations one statement names. Lists are filled up to a
// power of two, so that few texts of it exist.
const maxTogether = 1024

// askVersions reads the versions from the database.
func askVersions(db *store.DB, r *reading) {
	for at := 0; at < len(r.orgs) && r.err == nil; at += maxTogether {
		list := r.orgs[at:min(at+maxTogether, len(r.orgs))]
		var args store.Args
		query := selectVersions + store.In(&args, filled(list))
		r.err = db.Glance(context.Background(), func(s store.Scan) error {
			row, err := scanVersion(s)
			r.of[row.org] = row.version
			return err
		}, query, args.List()...)
	}
}

// filled repeats the last one up to a power of two.
func filled[T any](list []T) []T {
	size := 1
	for size < len(list) {
		size *= 2
	}
	out := append(make([]T, 0, size), list...)
	for len(out) < size {
		out = append(out, list[len(list)-1])
	}
	return out
}
