package decision

import (
	"sync/atomic"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/secret"
)

// tokenFact is a token in force of the organisation.
type tokenFact struct {
	id      ident.Token
	name    string
	hash    secret.Hash
	maker   ident.Account // zero: made on the machine itself
	expires int64
	mask    uint64
	trusted bool

	last atomic.Pointer[tokenHeld]
	used atomic.Int64 // when its use was last noted, in microseconds
}

// tokenHeld is what a token held when it was last used, by its permissions.
type tokenHeld struct {
	mask uint64
	held access.Held
}

func (b *builder) token(t tokenRow) {
	f := &tokenFact{
		id: ident.Token(t.id), name: t.name, hash: t.hash, maker: ident.Account(t.maker), expires: t.expires.UnixMicro(), trusted: t.trusted,
	}
	b.tokenOf[t.id] = f
	b.s.tokens = append(b.s.tokens, f)
}

func (b *builder) tokenMay(id, permission string) {
	n, known := catalogue[permission]
	if t := b.tokenOf[id]; t != nil && known {
		t.mask |= 1 << n
	}
}
