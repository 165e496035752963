package audit

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"time"

	"habilis/internal/secret"
)

// When the head of a chain is signed and kept outside (rules.md 20): whichever
// comes first.
const (
	HeadEvery = time.Hour
	HeadRows  = 1000
)

// maxHeadLine bounds a line of the file of heads.
const maxHeadLine = 4 << 10

// SignedHead is the end of a chain at some moment, to be kept outside the
// database: with it, a chain cut short or written anew is found.
type SignedHead struct {
	Chain string    `json:"chain"`
	Seq   int64     `json:"seq"`
	Hash  []byte    `json:"hash"`
	At    time.Time `json:"at"`
	Tag   []byte    `json:"tag"`
}

// Sign signs a head with the key ring.
func Sign(ring *secret.Ring, h Head, at time.Time) SignedHead {
	s := SignedHead{Chain: h.Chain, Seq: h.Seq, Hash: h.Hash, At: at.UTC()}
	s.Tag = ring.MAC(secret.UseAuditHead, s.signed())
	return s
}

// Genuine reports whether the head was signed by this installation.
func (s SignedHead) Genuine(ring *secret.Ring) bool {
	return ring.VerifyMAC(secret.UseAuditHead, s.signed(), s.Tag)
}

// Head is what was signed, as Verify takes it.
func (s SignedHead) Head() Head { return Head{Chain: s.Chain, Seq: s.Seq, Hash: s.Hash} }

// signed writes each part behind its length.
func (s SignedHead) signed() []byte {
	var b []byte
	for _, part := range [][]byte{
		[]byte(s.Chain), binary.BigEndian.AppendUint64(nil, uint64(s.Seq)), //nolint:gosec // never negative
		s.Hash, []byte(s.At.UTC().Format(time.RFC3339Nano)),
	} {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	return b
}

// Line is the head as the file and the log keep it.
func (s SignedHead) Line() []byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic("audit: a head: " + err.Error()) // strings, numbers and times always marshal
	}
	return append(b, '\n')
}

// Kept is what a file of heads holds.
type Kept struct {
	Heads []SignedHead
	// Bad are the numbers of the lines, from 1, that are not heads signed by this
	// installation: they were written or changed by somebody else.
	Bad []int
}

// ReadHeads reads a file of heads, one a line. A last line without its end is
// one that a crash cut short: it is left out.
func ReadHeads(r io.Reader, ring *secret.Ring) (Kept, error) {
	var k Kept
	in := bufio.NewReaderSize(r, maxHeadLine)
	for n := 1; ; n++ {
		line, whole, err := headLine(in)
		if errors.Is(err, io.EOF) {
			return k, nil
		}
		if err != nil {
			return k, err
		}
		var s SignedHead
		if !whole || json.Unmarshal(line, &s) != nil || !s.Genuine(ring) {
			k.Bad = append(k.Bad, n)
			continue
		}
		k.Heads = append(k.Heads, s)
	}
}

// headLine reads a line; whole is false for one that is longer than any head.
func headLine(in *bufio.Reader) (line []byte, whole bool, err error) {
	whole = true
	for {
		line, err = in.ReadSlice('\n')
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, whole, err
		}
		whole = false
	}
}

// Due are the heads that must be signed now: those that grew by HeadRows since
// the last signature, and those that grew at all since HeadEvery.
func Due(now time.Time, heads []Head, last map[string]SignedHead) []Head {
	var due []Head
	for _, h := range heads {
		before, ok := last[h.Chain]
		grew := h.Seq - before.Seq
		if grew != 0 && (!ok || grew >= HeadRows || grew < 0 || now.Sub(before.At) >= HeadEvery) {
			due = append(due, h)
		}
	}
	return due
}
