package audit

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"habilis/internal/store"
)

// Problem is one place where the trail does not hold.
type Problem struct {
	Chain string
	Seq   int64
	What  string // altered, removed, inserted, reordered, payload altered, tail removed, head altered
}

// String says where and what.
func (p Problem) String() string { return fmt.Sprintf("%s #%d: %s", p.Chain, p.Seq, p.What) }

// Report is the result of a verification.
type Report struct {
	Rows     int64
	Chains   int
	Erased   int64 // payloads removed by erasure or retention: allowed
	Problems []Problem
}

// MaxProblems bounds a report: after as many the trail is worthless anyway.
const MaxProblems = 100

// Verify reads the whole trail and says where it does not hold. anchors are
// heads kept outside the database: with them a removed tail is found too.
func Verify(ctx context.Context, tx *store.Tx, anchors []Head) (Report, error) {
	v := verifier{last: map[string]Head{}, anchors: map[string]map[int64][]byte{}}
	for _, a := range anchors {
		if v.anchors[a.Chain] == nil {
			v.anchors[a.Chain] = map[int64][]byte{}
		}
		v.anchors[a.Chain][a.Seq] = a.Hash
	}
	if err := eachRow(ctx, tx, v.row); err != nil {
		return Report{}, err
	}
	hs, err := heads(ctx, tx)
	if err != nil {
		return Report{}, err
	}
	v.ends(hs)
	v.report.Chains = len(v.last)
	return v.report, nil
}

type verifier struct {
	report  Report
	last    map[string]Head
	anchors map[string]map[int64][]byte
}

func (v *verifier) problem(chain string, seq int64, what string) {
	if len(v.report.Problems) < MaxProblems {
		v.report.Problems = append(v.report.Problems, Problem{chain, seq, what})
	}
}

func (v *verifier) row(r row, salt []byte, body *string) error {
	v.report.Rows++
	prev, ok := v.last[r.Chain]
	if !ok {
		prev = Head{Chain: r.Chain, Hash: genesis}
	}
	switch {
	case r.Seq != prev.Seq+1:
		v.problem(r.Chain, prev.Seq+1, fmt.Sprintf("rows %d to %d are missing", prev.Seq+1, r.Seq-1))
	case !bytes.Equal(r.PrevHash, prev.Hash):
		v.problem(r.Chain, r.Seq, "does not follow the row before it: inserted, reordered, or the row before was replaced")
	}
	if !bytes.Equal(r.compute(), r.Hash) {
		v.problem(r.Chain, r.Seq, "altered")
	}
	if body == nil {
		v.report.Erased++
	} else if !bytes.Equal(hashPayload(salt, []byte(*body)), r.PayloadHash) {
		v.problem(r.Chain, r.Seq, "its details were altered")
	}
	if want, anchored := v.anchors[r.Chain][r.Seq]; anchored && !bytes.Equal(want, r.Hash) {
		v.problem(r.Chain, r.Seq, "is not the row whose signed head was kept outside")
	}
	v.last[r.Chain] = Head{Chain: r.Chain, Seq: r.Seq, Hash: r.Hash}
	return nil
}

// ends compares where each chain ends with its head and with the anchors.
func (v *verifier) ends(hs []Head) {
	for chain, last := range v.last {
		if !slices.ContainsFunc(hs, func(h Head) bool { return h.Chain == chain }) {
			v.problem(chain, last.Seq, "the chain has no head")
		}
	}
	for _, h := range hs {
		if last := v.last[h.Chain]; last.Seq != h.Seq || !bytes.Equal(last.Hash, h.Hash) {
			v.problem(h.Chain, last.Seq, fmt.Sprintf("the chain ends here, its head says %d", h.Seq))
		}
	}
	for chain, seqs := range v.anchors {
		for seq := range seqs {
			if last := v.last[chain]; seq > last.Seq {
				v.problem(chain, last.Seq, fmt.Sprintf("the chain ends here, a signed head kept outside says %d", seq))
			}
		}
	}
}

// Heads gives the last row of every chain, to be signed and kept outside.
func Heads(ctx context.Context, tx *store.Tx) ([]Head, error) { return heads(ctx, tx) }

// HeadOf reads the last row of one chain, as it is before what the caller's act records.
func HeadOf(ctx context.Context, tx *store.Tx, chain string) (Head, error) {
	return readHead(ctx, tx, chain)
}
