package audit

import (
	"context"
	"slices"

	"habilis/internal/store"
)

// Entry is one event that is looked at for an erasure, with all that it says.
type Entry struct {
	Seq                                      int64
	Verb, Actor, OnBehalfOf, Object, Subject string
	Body                                     string
}

// atOnce bounds how many payloads one statement removes.
const atOnce = 500

// Span is a part of a chain, for an erasure: up to Most events after a number. What comes after the
// number Signed is behind no head that was signed and kept outside.
type Span struct {
	After, Signed int64
	Most          int
}

// Erased is what became of a Span.
type Erased struct {
	Last    int64 // the number that it came to
	More    bool  // there are more events
	Waits   bool  // the next event goes, and is not signed yet: nothing after Last was looked at
	Removed int
}

// EraseSome looks at the events of a span of a chain, and removes what those say that goes tells of:
// the whole payload, whose hash stays in the chain, and the names by which the events were found. It
// stops before one that goes and that no signed head covers. The caller holds the lock of the chain.
func EraseSome(ctx context.Context, tx *store.Tx, chain string, s Span, goes func(Entry) bool) (Erased, error) {
	out := Erased{Last: s.After}
	list, err := entriesAfter(ctx, tx, chain, s.After, s.Most)
	if err != nil {
		return out, err
	}
	var gone []int64
	for _, e := range list {
		if goes(e) {
			if out.Waits = e.Seq > s.Signed; out.Waits {
				break
			}
			gone = append(gone, e.Seq)
		}
		out.Last = e.Seq
	}
	out.More, out.Removed = !out.Waits && len(list) == s.Most, len(gone)
	if len(gone) == 0 {
		return out, nil
	}
	head, err := readHead(ctx, tx, chain)
	if err != nil {
		return out, err
	}
	for part := range slices.Chunk(gone, atOnce) {
		if err := removePayloads(ctx, tx, head, part); err != nil {
			return out, err
		}
	}
	return out, removeNames(ctx, tx, head)
}
