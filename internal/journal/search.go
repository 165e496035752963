package journal

import (
	"context"
	"slices"

	"habilis/internal/store"
)

// Bounds of a search.
const (
	maxNames   = 20_000 // names that may hold a word; those beyond are not looked at
	maxMembers = 5_000  // members whose name may hold a word
	namesAtOne = 500    // names of one statement
	seqsAtOne  = 1_000  // numbers of one statement
)

// found is where the words of a search are: in the events of these numbers, or in
// so many events that each is asked (scan).
type found struct {
	chain  int64
	seqs   []int64 // unless scan
	scan   bool
	groups [][]string // words that one name holds together
}

// search finds the events that mention the words. A name that holds them all is what
// was meant; when there is none, each word is looked for by itself.
func (f *finder) search(ctx context.Context, tx *store.Tx) error {
	if len(f.words) == 0 || f.nothing {
		return nil
	}
	chain, ok, err := chainNumber(ctx, tx, f.org)
	if err != nil || !ok {
		f.nothing = true
		return err
	}
	whole, many, err := f.mentioning(ctx, tx, chain, f.words)
	if err != nil {
		return err
	}
	f.found = &found{chain: chain, seqs: whole, scan: many, groups: [][]string{f.words}}
	if many || len(whole) > 0 || len(f.words) == 1 {
		return nil
	}
	return f.apart(ctx, tx)
}

// apart looks for each word by itself, and keeps the events that mention them all.
func (f *finder) apart(ctx context.Context, tx *store.Tx) error {
	f.found.scan, f.found.groups = true, nil
	var few [][]int64
	for _, w := range f.words {
		seqs, many, err := f.mentioning(ctx, tx, f.found.chain, []string{w})
		if err != nil {
			return err
		}
		f.found.groups = append(f.found.groups, []string{w})
		if !many {
			few = append(few, seqs)
		}
	}
	if len(few) == 0 {
		return nil // each event is asked for each word
	}
	common := few[0]
	for _, seqs := range few[1:] {
		common = both(common, seqs)
	}
	f.found.scan, f.found.seqs = false, common
	if len(few) == len(f.words) {
		f.found.groups = nil
	}
	return nil
}

// mentioning gives the numbers, in order, of the events that mention the words
// together; many is true when they are more than MaxExactTotal.
func (f *finder) mentioning(ctx context.Context, tx *store.Tx, chain int64, words []string) (seqs []int64, many bool, err error) {
	names, err := namesWith(ctx, tx, f, chain, words, maxNames)
	if err != nil {
		return nil, false, err
	}
	for part := range slices.Chunk(names, namesAtOne) {
		more, err := mentionsOf(ctx, tx, chain, part, MaxExactTotal+1)
		if err != nil {
			return nil, false, err
		}
		if seqs = ordered(append(seqs, more...)); len(more) > MaxExactTotal || len(seqs) > MaxExactTotal {
			return nil, true, nil
		}
	}
	members, err := membersNamed(ctx, tx, f.org, words, maxMembers)
	if err != nil {
		return nil, false, err
	}
	for part := range slices.Chunk(members, namesAtOne) {
		about, err := aboutMembers(ctx, tx, f.org, part, MaxExactTotal+1)
		if err != nil {
			return nil, false, err
		}
		if seqs = ordered(append(seqs, about...)); len(seqs) > MaxExactTotal {
			return nil, true, nil
		}
	}
	return seqs, false, nil
}

// ordered puts numbers in order, each once.
func ordered(list []int64) []int64 {
	slices.Sort(list)
	return slices.Compact(list)
}

// both gives the numbers that two ordered lists have in common.
func both(a, b []int64) []int64 {
	return slices.DeleteFunc(slices.Clone(a), func(n int64) bool {
		_, in := slices.BinarySearch(b, n)
		return !in
	})
}
