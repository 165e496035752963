package audit

import (
	"bytes"
	"context"
	"math"
	"time"

	"habilis/internal/store"
)

// Class parts the events by how long their details are kept (rules.md 20).
type Class string

// The classes: who came in, and how they proved who they are, with everything that was refused;
// and all that was done.
const (
	Security Class = "security_log"
	Rights   Class = "rights_audit"
)

// securityNouns are the nouns of the verbs of the security log.
var securityNouns = []string{"login", "session", "device", "factor", "email"}

// ForgetAtOnce is how many events one transaction of retention and erasure treats.
const ForgetAtOnce = 200

// Cut removes the details of the next events of a class that are older than a time, and says how
// many; the events stay, and the chain holds. Nothing that comes after signed is touched: without a
// head kept outside, nobody could tell a cut from an attack. more says that there is more to
// judge. What was judged is not judged again. The caller holds the lock of the chain.
func Cut(ctx context.Context, tx *store.Tx, c Class, before time.Time, signed Head) (removed int64, more bool, err error) {
	last, err := readMark(ctx, tx, signed.Chain, c)
	if err != nil {
		return 0, false, err
	}
	list, err := eventsBetween(ctx, tx, signed.Chain, c, last, signed.Seq, ForgetAtOnce)
	if err != nil {
		return 0, false, err
	}
	var seqs []int64
	for _, e := range list {
		if !e.at.Before(before) {
			break
		}
		last = e.seq
		if e.of {
			seqs = append(seqs, e.seq)
		}
	}
	if len(list) == 0 || last < list[0].seq {
		return 0, false, nil
	}
	if removed, err = Forget(ctx, tx, signed.Chain, seqs); err != nil {
		return 0, false, err
	}
	return removed, len(list) == ForgetAtOnce && last == list[len(list)-1].seq, setMark(ctx, tx, signed.Chain, c, last)
}

// Forget removes the details of some events of a chain, and what they are searched by, and says
// how many had any. The caller holds the lock of the chain.
func Forget(ctx context.Context, tx *store.Tx, chain string, seqs []int64) (int64, error) {
	if len(seqs) == 0 {
		return 0, nil
	}
	head, err := readHead(ctx, tx, chain)
	if err != nil {
		return 0, err
	}
	names, err := namesOf(ctx, tx, head.no, seqs)
	if err != nil {
		return 0, err
	}
	if err := deleteMentions(ctx, tx, head.no, seqs); err != nil {
		return 0, err
	}
	if len(names) > 0 {
		if err := dropUnmentioned(ctx, tx, head.no, names); err != nil {
			return 0, err
		}
	}
	return deletePayloads(ctx, tx, chain, seqs)
}

// ForgetChain removes the details of the next events of a chain, of all of them up to its signed
// head, and says how many; fewer than ForgetAtOnce are the last. The caller holds the lock.
func ForgetChain(ctx context.Context, tx *store.Tx, signed Head) (int64, error) {
	seqs, err := detailsOf(ctx, tx, signed.Chain, signed.Seq, ForgetAtOnce)
	if err != nil {
		return 0, err
	}
	return Forget(ctx, tx, signed.Chain, seqs)
}

// ForgetAbout removes the details of the next events of a chain about one object, up to its signed
// head, and says how many; fewer than ForgetAtOnce are the last. The caller holds the lock.
func ForgetAbout(ctx context.Context, tx *store.Tx, signed Head, object string) (int64, error) {
	seqs, err := detailsAbout(ctx, tx, signed.Chain, object, signed.Seq, ForgetAtOnce)
	if err != nil {
		return 0, err
	}
	return Forget(ctx, tx, signed.Chain, seqs)
}

// ForgetMarks removes what is known of a chain beside its events, once all its details are gone.
func ForgetMarks(ctx context.Context, tx *store.Tx, chain string) error {
	return deleteMarks(ctx, tx, chain)
}

// Stands reports whether the event of a signed head is the one that was signed: a chain that was
// written anew is not cut.
func Stands(ctx context.Context, tx *store.Tx, signed Head) (bool, error) {
	hash, found, err := hashAt(ctx, tx, signed.Chain, signed.Seq)
	return found && bytes.Equal(hash, signed.Hash), err
}

// Details counts the details that a chain holds of the events of a class before a time, and finds
// the time of the oldest.
func Details(ctx context.Context, tx *store.Tx, chain string, c Class, before time.Time) (int64, time.Time, error) {
	return countDetails(ctx, tx, chain, c, before)
}

// Line is an event whole, for whoever takes a chain away: with the salt and the details the hashes
// can be computed again (architecture.md, Audit chain). Salt and Payload are missing where the
// details were removed.
type Line struct {
	Seq         int64     `json:"seq"`
	ID          string    `json:"id"`
	At          time.Time `json:"at"`
	Verb        string    `json:"verb"`
	Outcome     string    `json:"outcome"`
	ActorKind   string    `json:"actor_kind"`
	Actor       string    `json:"actor"`
	OnBehalfOf  string    `json:"on_behalf_of"`
	Object      string    `json:"object"`
	Subject     string    `json:"subject"`
	Site        string    `json:"site"`
	Via         string    `json:"via"`
	Code        string    `json:"code"`
	PayloadHash []byte    `json:"payload_hash"`
	PrevHash    []byte    `json:"prev_hash"`
	Hash        []byte    `json:"hash"`
	Salt        []byte    `json:"salt"`
	Payload     *string   `json:"payload"` // the very text that was hashed
}

// EachOf reads the events of one chain in order.
func EachOf(ctx context.Context, tx *store.Tx, chain string, fn func(Line) error) error {
	return eachOf(ctx, tx, chain, fn)
}

// HasDetails reports whether a chain holds details of any event.
func HasDetails(ctx context.Context, tx *store.Tx, chain string) (bool, error) {
	list, err := detailsOf(ctx, tx, chain, math.MaxInt64, 1)
	return len(list) > 0, err
}

// HasDetailsAbout reports whether a chain holds details of any event about one object.
func HasDetailsAbout(ctx context.Context, tx *store.Tx, chain, object string) (bool, error) {
	list, err := detailsAbout(ctx, tx, chain, object, math.MaxInt64, 1)
	return len(list) > 0, err
}
