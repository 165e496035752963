package credential

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"

	"habilis/internal/fault"
	"habilis/internal/secret"
)

// Cost is how much work one hash is: memory in KiB, and passes over it.
type Cost struct{ Memory, Time uint32 }

const mebibyte = 1024 // in KiB

// PasswordCost is that of every password (rules.md 3): argon2id, 19 MiB, two
// passes, one lane.
var PasswordCost = Cost{Memory: 19 * mebibyte, Time: 2} //nolint:mnd // rules.md 3 names the numbers

const (
	hashLanes = 1
	saltBytes = 16
	hashBytes = 32
)

// hashQueue is how long a sign-in waits for a free slot before it is told to
// come back (rules.md 3, INJ-10).
const hashQueue = 2 * time.Second

// ErrBusy means that every slot stayed taken during the whole queue: 503.
var ErrBusy = fault.New(fault.Unavailable, "credential.busy")

// Hasher hashes and verifies passwords. It runs at most one hash per core, so
// that a flood of sign-ins leaves memory and processor to the rest. Never call
// it inside a write transaction.
type Hasher struct {
	// Cost is PasswordCost. Tests that do not measure it choose less, before the
	// first use.
	Cost Cost

	ring     *secret.Ring
	slots    chan struct{}
	waiting  atomic.Int64
	computed atomic.Int64
}

// Load tells how many hashes are being computed, and how many wait for a place:
// for metrics.
func (h *Hasher) Load() (running, waiting int) { return len(h.slots), int(h.waiting.Load()) }

// Computed tells how many hashes were computed so far: what sign-ins cost.
func (h *Hasher) Computed() int64 { return h.computed.Load() }

// NewHasher returns a hasher whose pepper comes from the key ring.
func NewHasher(ring *secret.Ring) *Hasher {
	return &Hasher{Cost: PasswordCost, ring: ring, slots: make(chan struct{}, runtime.GOMAXPROCS(0))}
}

// Hash returns the PHC string to keep for a password, under the present cost and
// key. Errors: ErrPasswordTooLong, ErrBusy.
func (h *Hasher) Hash(ctx context.Context, password secret.Text) (string, error) {
	normal, err := normalise(password)
	if err != nil {
		return "", err
	}
	p := phc{memory: h.Cost.Memory, time: h.Cost.Time, lanes: hashLanes, key: h.ring.Current(), salt: make([]byte, saltBytes)}
	_, _ = rand.Read(p.salt)
	p.hash, err = h.compute(ctx, p, normal, hashBytes)
	if err != nil {
		return "", err
	}
	return p.String(), nil
}

// Verify reports whether password is the one that encoded was made from. An
// empty encoded, an empty password and a damaged encoded cost the same work as a
// right password and are never a match. A password over MaxPasswordCodePoints is
// refused before any work, whatever the account.
//
// Errors: ErrBusy; secret.ErrUnknownKey when the key ring is not the one that
// made the hash; errDamaged. An error is never a match.
func (h *Hasher) Verify(ctx context.Context, encoded string, password secret.Text) (bool, error) {
	normal, err := normalise(password)
	switch {
	case errors.Is(err, ErrPasswordTooLong):
		return false, nil
	case err != nil || encoded == "":
		return false, h.VerifyNothing(ctx, password)
	}
	p, err := parsePHC(encoded)
	if err != nil {
		return false, firstError(h.VerifyNothing(ctx, password), err)
	}
	computed, err := h.compute(ctx, p, normal, len(p.hash))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(computed, p.hash) == 1, nil
}

// VerifyNothing does the work of Verify for a person who cannot sign in: unknown
// address, disabled account, no password (rules.md 3). The only error is ErrBusy,
// which Verify would have returned too.
func (h *Hasher) VerifyNothing(ctx context.Context, password secret.Text) error {
	normal, err := normalise(password)
	if errors.Is(err, ErrPasswordTooLong) {
		return nil
	}
	p := phc{memory: h.Cost.Memory, time: h.Cost.Time, lanes: hashLanes, key: h.ring.Current(), salt: make([]byte, saltBytes)}
	_, err = h.compute(ctx, p, normal, hashBytes)
	return err
}

// NeedsUpgrade reports whether a hash was made at another cost or with another
// key than now. Ask after a successful sign-in, then Hash again.
func (h *Hasher) NeedsUpgrade(encoded string) bool {
	p, err := parsePHC(encoded)
	return err != nil || p.memory != h.Cost.Memory || p.time != h.Cost.Time || p.lanes != hashLanes ||
		len(p.salt) != saltBytes || len(p.hash) != hashBytes || p.key != h.ring.Current()
}

// compute waits for a slot, then mixes the pepper in and hashes. The pepper's key
// lives outside the database: a stolen table alone cannot be attacked.
func (h *Hasher) compute(ctx context.Context, p phc, password []byte, length int) ([]byte, error) {
	if err := h.enter(ctx); err != nil {
		return nil, err
	}
	defer func() { <-h.slots }()
	h.computed.Add(1)
	peppered, err := h.ring.Digest(p.key, secret.UsePasswordPepper, password)
	if err != nil {
		// The same work all the same: a lost key must not tell accounts apart.
		argon2.IDKey(password, p.salt, p.time, p.memory, p.lanes, uint32(length)) //nolint:gosec // bounded by parsePHC
		return nil, err
	}
	return argon2.IDKey(peppered, p.salt, p.time, p.memory, p.lanes, uint32(length)), nil //nolint:gosec // bounded by parsePHC
}

// enter takes a slot, or gives up after hashQueue or with the request.
func (h *Hasher) enter(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	default:
	}
	h.waiting.Add(1)
	defer h.waiting.Add(-1)
	timer := time.NewTimer(hashQueue)
	defer timer.Stop()
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-timer.C:
		return ErrBusy.After(hashQueue)
	case <-ctx.Done():
		return ErrBusy.After(hashQueue).Because(ctx.Err())
	}
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
