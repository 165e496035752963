package directory

import (
	"encoding/binary"
	"iter"
	"maps"
	"slices"
	"strings"
)

// Bounds of a segment of terms: what is kept in memory before it is written.
const (
	maxSegmentTerms   = 200_000
	maxSegmentEntries = 4_000_000
)

// terms gathers on which lines each term stands, a segment at a time: memory does not grow
// with the files.
type terms struct {
	lists   map[string]*termLines
	segment int64
	entries int
}

// termLines is the list of a term: the distance of each line from the one before.
type termLines struct {
	last int64
	list []byte
}

// add notes a line, which is not before the one noted last.
func (t *terms) add(term string, line int64) {
	l := t.lists[term]
	if l == nil {
		l = &termLines{}
		t.lists[strings.Clone(term)] = l
	}
	l.list = binary.AppendUvarint(l.list, uint64(line-l.last)) //nolint:gosec // lines only grow
	l.last = line
	t.entries++
}

func (t *terms) full() bool {
	return len(t.lists) >= maxSegmentTerms || t.entries >= maxSegmentEntries
}

// rows gives the segment in order of its terms, for the table of terms.
func (t *terms) rows() iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		row := make([]any, 3) //nolint:mnd // term, segment, lines
		for _, term := range slices.Sorted(maps.Keys(t.lists)) {
			row[0], row[1], row[2] = term, t.segment, t.lists[term].list
			if !yield(row) {
				return
			}
		}
	}
}

// next begins another segment.
func (t *terms) next() {
	t.segment++
	t.entries = 0
	clear(t.lists)
}
