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

// EraseSome looks at up to most events of a chain after a number, and removes what those say that
// goes tells of: the whole payload, whose hash stays in the chain, and the names by which the events
// were found. It gives the number that it came to, whether there are more, and how many it removed.
// The caller holds the lock of the chain.
func EraseSome(ctx context.Context, tx *store.Tx, chain string, after int64, most int, goes func(Entry) bool,
) (last int64, more bool, n int, err error) {
	list, err := entriesAfter(ctx, tx, chain, after, most)
	if err != nil {
		return after, false, 0, err
	}
	last = after
	var out []int64
	for _, e := range list {
		last = e.Seq
		if goes(e) {
			out = append(out, e.Seq)
		}
	}
	if len(out) == 0 {
		return last, len(list) == most, 0, nil
	}
	head, err := readHead(ctx, tx, chain)
	if err != nil {
		return after, false, 0, err
	}
	for part := range slices.Chunk(out, atOnce) {
		if err := removePayloads(ctx, tx, head, part); err != nil {
			return after, false, 0, err
		}
	}
	return last, len(list) == most, len(out), removeNames(ctx, tx, head)
}
