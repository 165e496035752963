package credential

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// errUnreadable means that newRecoveryCode and parseRecovery disagree.
var errUnreadable = errors.New("credential: a recovery code that was drawn cannot be read")

// RecoverySet is a set of codes just drawn, with their hashes: what NewRecoverySet made
// outside any transaction for SetRecovery to keep.
type RecoverySet struct {
	ID    string
	Codes []secret.Text `json:"-"` // shown to their person once

	salt   []byte
	cost   string
	hashes [][]byte
}

// RecoveryTry is a typed code with its slow hash, computed outside any transaction.
type RecoveryTry struct {
	set  string
	hash []byte
}

// RecoveryState is what may be said of the codes of an account.
type RecoveryState struct {
	MadeAt      time.Time
	Left        int // codes not used yet
	LockedUntil time.Time
}

// Usable reports whether a code may be used at the moment now.
func (s RecoveryState) Usable(now time.Time) bool { return s.Left > 0 && now.After(s.LockedUntil) }

// RecoveryOf tells what codes an account has; the second value is false when it has none.
func RecoveryOf(ctx context.Context, tx *store.Tx, account ident.Account) (RecoveryState, bool, error) {
	return recoveryState(ctx, tx, account)
}

// NewRecoverySet draws ten codes and hashes them: as many slow hashes as codes, one at a
// time. One salt for the whole set lets one hash tell which code was typed. Errors: ErrBusy.
func (h *Hasher) NewRecoverySet(ctx context.Context) (RecoverySet, error) {
	p := phc{memory: h.Cost.Memory, time: h.Cost.Time, lanes: hashLanes, key: h.ring.Current(), salt: make([]byte, saltBytes)}
	_, _ = rand.Read(p.salt)
	s := RecoverySet{ID: ident.NewCredential().String(), salt: p.salt, cost: p.cost()}
	for range RecoveryCodes {
		code := newRecoveryCode()
		typed, ok := parseRecovery(code.Reveal())
		if !ok {
			return RecoverySet{}, errUnreadable
		}
		hash, err := h.compute(ctx, p, typed, hashBytes)
		if err != nil {
			return RecoverySet{}, err
		}
		s.Codes, s.hashes = append(s.Codes, code), append(s.hashes, hash)
	}
	return s, nil
}

// SetRecovery gives an account the codes of a set; those before are worth nothing. The
// caller's transaction holds the installation's lock.
func SetRecovery(ctx context.Context, tx *store.Tx, account ident.Account, s RecoverySet) error {
	if err := DropRecovery(ctx, tx, account); err != nil {
		return err
	}
	if err := insertRecoverySet(ctx, tx, account, s); err != nil {
		return err
	}
	for _, hash := range s.hashes {
		if err := insertRecoveryCode(ctx, tx, s.ID, hash); err != nil {
			return err
		}
	}
	return nil
}

// DropRecovery makes the codes of an account worth nothing.
func DropRecovery(ctx context.Context, tx *store.Tx, account ident.Account) error {
	return closeRecoverySet(ctx, tx, account)
}

// HashRecovery hashes a typed code for UseRecovery. It costs one slow hash, or none when
// no code could be right: there are none, they rest, or the text is no code. Never call it
// inside a write transaction. Errors: ErrBusy.
func (h *Hasher) HashRecovery(ctx context.Context, db *store.DB, account ident.Account, typed string) (RecoveryTry, error) {
	code, ok := parseRecovery(typed)
	if !ok {
		return RecoveryTry{}, nil
	}
	var set recoverySet
	if err := db.Read(ctx, func(tx *store.Tx) (err error) {
		set, ok, err = recoverySetOf(ctx, tx, account)
		return err
	}); err != nil || !ok {
		return RecoveryTry{}, err
	}
	p, err := parsePHC(set.cost + "$" + b64.EncodeToString(set.salt) + "$" + b64.EncodeToString(make([]byte, hashBytes)))
	if err != nil {
		return RecoveryTry{}, err
	}
	hash, err := h.compute(ctx, p, code, hashBytes)
	return RecoveryTry{set: set.id, hash: hash}, err
}

// UseRecovery spends one code, hashed before. The try is counted before the code is looked
// at, and a code works once whatever the door or the node (MFA-10). A text that is no code
// costs no try. Used.Left are the codes left after a right one, the tries left after a
// wrong one.
func UseRecovery(ctx context.Context, tx *store.Tx, account ident.Account, try RecoveryTry) (Used, error) {
	if try.set == "" {
		return idleRecovery(ctx, tx, account)
	}
	failures, found, err := countRecovery(ctx, tx, account)
	if err != nil || !found {
		return Used{Kind: Recovery, Locked: true}, err
	}
	n, err := takeRecoveryCode(ctx, tx, account, try)
	if err != nil {
		return Used{}, err
	}
	if n == 1 {
		return rightRecovery(ctx, tx, account)
	}
	u := Used{Kind: Recovery, Left: int(max(0, FactorTries-failures))}
	if failures >= FactorTries {
		u.Locked, u.Locks = true, true
		return u, restRecovery(ctx, tx, account, tx.Now.Add(FactorRest))
	}
	return u, nil
}

// rightRecovery uncounts a try that was right, and says how many codes are left.
func rightRecovery(ctx context.Context, tx *store.Tx, account ident.Account) (Used, error) {
	if err := uncountRecovery(ctx, tx, account); err != nil {
		return Used{}, err
	}
	state, _, err := RecoveryOf(ctx, tx, account)
	return Used{Kind: Recovery, OK: true, Left: state.Left}, err
}

// idleRecovery tells how many tries are left, having counted none.
func idleRecovery(ctx context.Context, tx *store.Tx, account ident.Account) (Used, error) {
	set, found, err := recoverySetOf(ctx, tx, account)
	if err != nil || !found {
		return Used{Kind: Recovery, Locked: true}, err
	}
	return Used{Kind: Recovery, Left: int(max(0, FactorTries-set.failures))}, nil
}

// cost writes the parameters of a hash, as parsePHC reads them before salt and hash.
func (p phc) cost() string {
	empty := phc{memory: p.memory, time: p.time, lanes: p.lanes, key: p.key}
	s := empty.String()
	return s[:len(s)-len("$$")]
}
