package secret

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	keyBytes   = 32 // of each key of the ring
	keyIDBytes = 4
)

// KeyID names a key of the ring inside envelopes, tags and password hashes. It
// is random and says nothing about the key.
type KeyID [keyIDBytes]byte

// String returns the id as eight hexadecimal digits.
func (id KeyID) String() string { return hex.EncodeToString(id[:]) }

var errKeyID = errors.New("secret: a key id is eight hexadecimal digits")

// ParseKeyID reads what String wrote.
func ParseKeyID(s string) (KeyID, error) {
	var id KeyID
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(id) {
		return id, errKeyID
	}
	copy(id[:], b)
	return id, nil
}

// KeyInfo describes a key without the key.
type KeyInfo struct {
	ID      KeyID
	Created time.Time
	Current bool
}

// key is one secret of the ring. Its bytes are only ever read to derive.
type key struct {
	id      KeyID
	secret  Text
	created time.Time
}

// keys is one immutable state of the ring: a rotation publishes another one.
// The current key is the last.
type keys []key

func (ks keys) current() key { return ks[len(ks)-1] }

func (ks keys) find(id KeyID) (key, error) {
	for _, k := range ks {
		if k.id == id {
			return k, nil
		}
	}
	return key{}, fmt.Errorf("%w: %s", ErrUnknownKey, id)
}

// ErrUnknownKey means that a value was sealed or signed with a key that the ring
// does not hold: most often the wrong key file beside a restored database.
var ErrUnknownKey = errors.New("secret: the key ring does not hold this key")

// Ring is the set of keys of an installation: one current, which seals and
// signs, and the older ones, which still open and verify. It is safe for
// concurrent use.
type Ring struct {
	path   string // empty for a ring without a file
	held   atomic.Pointer[keys]
	change sync.Mutex // one Rotate or Reload at a time
}

// NewRing returns a ring of one fresh key, without a file: for tests and for
// programs that keep nothing.
func NewRing(now time.Time) *Ring {
	r := &Ring{}
	r.held.Store(&keys{newKey(nil, now)})
	return r
}

// newKey draws a key whose id is not among those held.
func newKey(held keys, now time.Time) key {
	var b [keyBytes]byte
	_, _ = rand.Read(b[:])
	k := key{secret: NewText(string(b[:])), created: now.UTC().Truncate(time.Second)}
	for {
		_, _ = rand.Read(k.id[:])
		if _, err := held.find(k.id); err != nil {
			return k
		}
	}
}

// Current returns the id of the key that seals and signs now.
func (r *Ring) Current() KeyID { return r.held.Load().current().id }

// Keys lists the keys from the oldest to the current one, without their bytes.
func (r *Ring) Keys() []KeyInfo {
	held := *r.held.Load()
	infos := make([]KeyInfo, len(held))
	for i, k := range held {
		infos[i] = KeyInfo{ID: k.id, Created: k.created, Current: i == len(held)-1}
	}
	return infos
}

// Rotate adds a key and makes it the current one. The file is written, and
// flushed, before the key is used. What the older keys sealed still opens.
// Several processes on one file must Reload before they meet what this one
// writes.
func (r *Ring) Rotate(now time.Time) error {
	r.change.Lock()
	defer r.change.Unlock()
	held, err := r.stored()
	if err != nil {
		return err
	}
	held = append(held, newKey(held, now))
	if r.path != "" {
		if err := replaceFile(r.path, held); err != nil {
			return err
		}
	}
	r.held.Store(&held)
	return nil
}

// stored returns a copy of the keys as they are in the file, so that a key added
// by another process since is not lost.
func (r *Ring) stored() (keys, error) {
	if r.path == "" {
		return slices.Clone(*r.held.Load()), nil
	}
	return readFile(r.path)
}

// derive returns the subkey of one key for one use. Two uses never share a key.
func (k key) derive(use string) []byte {
	sub, err := hkdf.Key(sha256.New, []byte(k.secret.Reveal()), nil, "habilis/v1/"+use, keyBytes)
	if err != nil {
		panic("secret: hkdf: " + err.Error()) // only for a length out of range, and ours is fixed
	}
	return sub
}
