package decision

import (
	"context"
	"sync"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/token"
)

// Caller is who presents a token.
type Caller struct {
	Actor   access.Actor // Kind tells whose token it is
	Org     ident.Org    // of an organisation's token; zero: it is bound to none
	Held    *access.Held // what an organisation's token may do now; nil for others
	Trusted bool         // what it says of address and second factor is believed

	snap *snapshot // by which it was known: DecideFor answers by the same
}

// bearers tells the organisation of each token that is in memory. The secret of a token
// belongs to one organisation for ever, so that this is never out of date: what the token
// is worth, the organisation's snapshot says.
type bearers struct {
	mu sync.RWMutex
	m  map[secret.Hash]ident.Org
}

func (b *bearers) org(hash secret.Hash) (ident.Org, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	org, ok := b.m[hash]
	return org, ok
}

// replace forgets the tokens of one snapshot and learns those of another; nil has none.
func (b *bearers) replace(old, s *snapshot) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.m == nil {
		b.m = map[secret.Hash]ident.Org{}
	}
	if old != nil {
		for _, t := range old.tokens {
			delete(b.m, t.hash)
		}
	}
	if s != nil {
		for _, t := range s.tokens {
			b.m[t.hash] = s.org
		}
	}
}

// Caller says who presents a bearer token, and what it may do now: what access.HeldBy
// says of it. A token that is not in memory is looked for in the database each time: one
// made a moment ago is never taken for one that does not exist. Errors:
// access.ErrUnauthenticated, token.ErrExpired; of an organisation's token
// access.ErrNotFound when its maker has no place there any more, access.ErrSuspended.
func (d *Decisions) Caller(ctx context.Context, bearer string) (Caller, error) {
	hash, ok := secret.HashToken(secret.API, bearer)
	if !ok {
		return Caller{}, access.ErrUnauthenticated
	}
	if org, found := d.bearers.org(hash); found {
		c, found, err := d.callerOf(ctx, org, hash)
		if found || err != nil {
			return c, err
		}
	}
	by, ok, err := d.tokens().Authenticate(ctx, bearer)
	switch {
	case err != nil:
		return Caller{}, unavailable(err)
	case !ok:
		return Caller{}, access.ErrUnauthenticated
	case by.Kind != access.OrgToken:
		return Caller{Actor: by}, nil
	}
	c, ok, err := d.callerOf(ctx, by.Org, hash)
	if err == nil && !ok {
		err = access.ErrUnauthenticated // revoked in between
	}
	return c, err
}

func (d *Decisions) tokens() token.Tokens { return token.Tokens{Run: d.run} }

// callerOf looks for a token in its organisation's snapshot.
func (d *Decisions) callerOf(ctx context.Context, org ident.Org, hash secret.Hash) (Caller, bool, error) {
	now := d.run.DB.NowMicro()
	s, err := d.current(ctx, org, now)
	if err != nil {
		return Caller{}, false, err
	}
	for _, t := range s.tokens {
		if !t.hash.Equal(hash) {
			continue
		}
		if t.expires <= now {
			return Caller{}, false, token.ErrExpired
		}
		held, err := s.heldBy(t, now)
		if err != nil {
			return Caller{}, false, err
		}
		by := access.Actor{Kind: access.OrgToken, Token: t.id, Org: org, Account: t.maker, Name: t.name, Via: "api"}
		if d.touch(t, now) {
			d.asked(by, org)
		}
		return Caller{Actor: by, Org: org, Held: held, Trusted: t.trusted && s.vouches(t, now), snap: s}, true, nil
	}
	return Caller{}, false, nil
}

// heldBy says what a token may do: what it was given, and no more than its maker holds
// for the whole organisation (rules.md 13).
func (s *snapshot) heldBy(t *tokenFact, now int64) (*access.Held, error) {
	if s.suspended {
		return nil, access.ErrSuspended
	}
	mask := t.mask
	if !t.maker.IsZero() {
		maker, ok := s.maker(t.maker, now)
		if !ok {
			return nil, access.ErrNotFound
		}
		mask &= s.maskOf(maker, now)
	}
	if last := t.last.Load(); last != nil && last.mask == mask {
		return &last.held, nil
	}
	var list []access.Permission
	for i, p := range access.Catalogue() {
		if mask>>i&1 != 0 {
			list = append(list, p)
		}
	}
	h := &tokenHeld{mask, access.HeldAt(s.org, list)}
	t.last.Store(h)
	return &h.held, nil
}

// vouches reports whether the maker of a trusted token may still edit the policy that it
// answers for; the operator's always does.
func (s *snapshot) vouches(t *tokenFact, now int64) bool {
	if t.maker.IsZero() {
		return true
	}
	maker, ok := s.maker(t.maker, now)
	return ok && s.maskOf(maker, now)>>catalogue[string(access.SecurityEdit)]&1 != 0
}

// maker finds the member who made a token, when they are in force.
func (s *snapshot) maker(account ident.Account, now int64) (uint32, bool) {
	k, ok := parseKey(prefixAccount, account.String())
	n := s.accounts.find(k)
	if !ok || n == none {
		return none, false
	}
	m := s.accountOf[n]
	return m, s.person(m).absent(now) == ""
}

// maskOf is what a member holds for the whole organisation.
func (s *snapshot) maskOf(m uint32, now int64) (mask uint64) {
	for _, h := range s.blocks[m/blockSize].held.of(m % blockSize) {
		if h.site == none && s.sources[h.source].holds(now) {
			mask |= s.mask(h.role)
		}
	}
	return mask
}

// asked has it noted that whoever made a token used their right to ask.
func (d *Decisions) asked(by access.Actor, org ident.Org) {
	if d.run.Used != nil {
		d.run.Used(by, action.Act{Verb: "decision.ask", Orgs: []ident.Org{org}}, nil)
	}
}

// touch has the last use of a token noted, once in token.TouchEvery. The answer does not
// wait for it.
func (d *Decisions) touch(t *tokenFact, now int64) bool {
	last := t.used.Load()
	if now-last < int64(token.TouchEvery/time.Microsecond) || !t.used.CompareAndSwap(last, now) {
		return false
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), touchTime)
		defer cancel()
		d.tokens().Used(ctx, t.id)
	}()
	return true
}

// touchTime is how long the note of a token's use may take.
const touchTime = 10 * time.Second
