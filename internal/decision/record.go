package decision

import (
	"hash/maphash"
	"maps"
	"math/bits"
)

// Records are many, and each has a name of up to 200 characters that only the connected
// application understands. The index knows a record by 96 bits of a hash under seeds that
// are drawn when the program starts: two names of one organisation of ten million records
// are confounded with a probability below 10⁻²¹, which nobody can raise without the seeds.
// No patient's record is named in memory.

// fingerprint is what the index knows of a record's name.
type fingerprint struct {
	a uint64
	b uint32
}

var seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

func printOf(record string) fingerprint {
	return fingerprint{maphash.String(seeds[0], record), uint32(maphash.String(seeds[1], record))} //nolint:gosec // 32 bits are wanted
}

// entry is one place of the table of records: the set of its groups; 0 is an empty place.
type entry struct {
	a   uint64
	b   uint32
	set uint32
}

// records tells the set of groups of each record that is, or was since the index was
// made, in a group. Changes stand beside the table until it is made again.
type records struct {
	places  []entry
	n       int
	changed map[fingerprint]uint32
}

// Set 1 is that of no group: what an absent record has, and one that left all its groups.
const (
	emptyPlace = 0
	noGroup    = 1
)

// find gives the set of a record's groups.
func (r *records) find(p fingerprint) uint32 {
	if len(r.changed) > 0 {
		if set, ok := r.changed[p]; ok {
			return set
		}
	}
	if len(r.places) == 0 {
		return noGroup
	}
	for at := r.first(p); ; {
		e := &r.places[at]
		switch {
		case e.set == emptyPlace:
			return noGroup
		case e.a == p.a && e.b == p.b:
			return e.set
		}
		at++
		if at == len(r.places) {
			at = 0
		}
	}
}

func (r *records) first(p fingerprint) int {
	hi, _ := bits.Mul64(p.a, uint64(len(r.places)))
	return int(hi) //nolint:gosec // less than the length
}

// newRecords makes room for n records, at most four places in five taken.
func newRecords(n int) records {
	if n == 0 {
		return records{}
	}
	return records{places: make([]entry, n+n/4+2)}
}

// put notes the set of a record's groups in the table itself.
func (r *records) put(p fingerprint, set uint32) {
	at := r.first(p)
	for ; r.places[at].set != emptyPlace; at = (at + 1) % len(r.places) {
		if r.places[at].a == p.a && r.places[at].b == p.b {
			r.places[at].set = set
			return
		}
	}
	r.places[at] = entry{p.a, p.b, set}
	r.n++
}

// mostChanged is how many changes stand beside a table before it is made again, at least;
// beside a large table, a part of it.
const (
	mostChanged  = 256
	changedShare = 16
)

// with gives the records after some changed.
func (r *records) with(sets map[fingerprint]uint32) records {
	if len(sets) == 0 {
		return *r
	}
	changed := make(map[fingerprint]uint32, len(r.changed)+len(sets))
	maps.Copy(changed, r.changed)
	maps.Copy(changed, sets)
	if len(changed) <= max(mostChanged, r.n/changedShare) {
		return records{r.places, r.n, changed}
	}
	out := newRecords(r.n + len(changed))
	for _, e := range r.places {
		p := fingerprint{e.a, e.b}
		if _, again := changed[p]; e.set > noGroup && !again {
			out.put(p, e.set)
		}
	}
	for p, set := range changed {
		if set != noGroup {
			out.put(p, set)
		}
	}
	return out
}

// changedBytes is about what an entry of a map takes.
const changedBytes = 48

func (r *records) bytes() int { return len(r.places)*16 + len(r.changed)*changedBytes }
