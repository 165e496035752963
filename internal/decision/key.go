package decision

import "strings"

// key is an ID without its prefix: the 16 bytes of its UUID, as two numbers.
type key struct{ hi, lo uint64 }

// Prefixes of the IDs that questions bear on.
const (
	prefixMember     = "mbr_"
	prefixAccount    = "acc_"
	prefixSite       = "ste_"
	prefixAgenda     = "agd_"
	prefixMessaging  = "msg_"
	prefixIdentity   = "idn_"
	prefixGrant      = "gnt_"
	prefixDelegation = "dlg_"
)

// idLength is that of a prefix and a UUID in its 36 characters.
const (
	prefixLength = 4
	idLength     = prefixLength + 36
	hexDigits    = "0123456789abcdef"
)

// parseKey reads an ID in its canonical writing, and no other: one object has one name.
func parseKey(prefix, s string) (key, bool) {
	if len(s) != idLength || s[:prefixLength] != prefix {
		return key{}, false
	}
	u := s[prefixLength:]
	if u[8] != '-' || u[13] != '-' || u[18] != '-' || u[23] != '-' {
		return key{}, false
	}
	a, ok1 := hex(eight(u[0:8]))
	b, ok2 := hex(four(u[9:13]) | four(u[14:18])<<32)
	c, ok3 := hex(four(u[19:23]) | four(u[24:28])<<32)
	d, ok4 := hex(eight(u[28:36]))
	return key{a<<32 | b, c<<32 | d}, ok1 && ok2 && ok3 && ok4
}

func eight(s string) uint64 { return four(s[:4]) | four(s[4:8])<<32 }

func four(s string) uint64 {
	_ = s[3]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
}

// each repeats a byte eight times.
const each = 0x0101010101010101

// hex reads eight lower-case hexadecimal digits, the first one in the lowest byte, all at
// once. Each sum sets the highest bit of the bytes that are at least what lacks to 0x80.
func hex(x uint64) (uint64, bool) {
	const (
		top   = 0x80
		high  = each * top
		low   = each * 0x0f
		alpha = 9 // from the low four bits of a letter to its value
		pairs = 0x00ff00ff00ff00ff
	)
	ge0, gt9 := x+each*(top-'0'), x+each*(top-'9'-1)
	gea, gtf := x+each*(top-'a'), x+each*(top-'f'-1)
	if (ge0&^gt9|gea&^gtf)&high&^x != high {
		return 0, false
	}
	n := x&low + (gea&high)>>7*alpha
	p := (n<<4 | n>>8) & pairs
	return p<<24&0xff000000 | p&0x00ff0000 | p>>24&0x0000ff00 | p>>48, true
}

// thirdDash is how many bits of the second half stand behind the last dash but one.
const thirdDash = 44

// text writes the ID again.
func (k key) text(prefix string) string {
	var b strings.Builder
	b.Grow(idLength)
	b.WriteString(prefix)
	for i := 60; i >= 0; i -= 4 {
		if i == 28 || i == 12 {
			b.WriteByte('-')
		}
		b.WriteByte(hexDigits[k.hi>>i&0x0f])
	}
	b.WriteByte('-')
	for i := 60; i >= 0; i -= 4 {
		if i == thirdDash {
			b.WriteByte('-')
		}
		b.WriteByte(hexDigits[k.lo>>i&0x0f])
	}
	return b.String()
}

// less is the order of the texts.
func (k key) less(o key) bool { return k.hi < o.hi || (k.hi == o.hi && k.lo < o.lo) }

func (k key) compare(o key) int {
	switch {
	case k.less(o):
		return -1
	case o.less(k):
		return 1
	}
	return 0
}

// table numbers IDs: number i is that of the i-th key. It does not change once made.
type table struct {
	keys  []key
	slots []uint32 // number + 1, open addressing; 0: empty
}

// spread turns a key into a place among n, by the random part of a UUIDv7.
func (k key) spread() uint64 { return (k.lo ^ k.hi<<1) * golden }

// golden is 2⁶⁴ divided by the golden ratio, which spreads numbers well.
const golden = 0x9e3779b97f4a7c15

func newTable(keys []key) table {
	size := 4
	for size < len(keys)*3/2 {
		size *= 2
	}
	t := table{keys: keys, slots: make([]uint32, size)}
	for i, k := range keys {
		at := t.first(k)
		for t.slots[at] != 0 {
			at = (at + 1) & t.mask()
		}
		t.slots[at] = uint32(i) + 1
	}
	return t
}

func (t table) first(k key) uint64 { return k.spread() >> 32 & t.mask() }

func (t table) mask() uint64 { return uint64(len(t.slots) - 1) } //nolint:gosec // it has slots

// none is the number of what is not in a table.
const none = ^uint32(0)

// find gives the number of a key, or none.
func (t table) find(k key) uint32 {
	if len(t.slots) == 0 {
		return none
	}
	mask := t.mask()
	for at := t.first(k); ; at = (at + 1) & mask {
		n := t.slots[at]
		if n == 0 {
			return none
		}
		if t.keys[n-1] == k {
			return n - 1
		}
	}
}

// bytes is about how much memory the table takes.
func (t table) bytes() int { return len(t.keys)*16 + len(t.slots)*4 }
