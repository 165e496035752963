package invitation

import (
	"context"

	"habilis/internal/account"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// What package departure needs of invitations.

// ParseInviter reads what Inviter.String wrote: an authority that was kept, of whoever decided
// something that is carried out later (rules.md 13). What it cannot read is nobody, who may nothing.
func ParseInviter(s string, org ident.Org) Inviter { return parseInviter(s, org) }

// TokenInForce reports whether the authority stands on no token, or on one that is in force.
func (i Inviter) TokenInForce(ctx context.Context, tx *store.Tx) (bool, error) {
	if i.Actor.Token.IsZero() {
		return true, nil
	}
	return tokenInForce(ctx, tx, i.Actor.Token)
}

// CountSentBy counts the invitations that wait on the authority of somebody, or of a token that
// they made: they open nothing any more once that person leaves (Stands).
func CountSentBy(ctx context.Context, tx *store.Tx, org ident.Org, by ident.Account) (int64, error) {
	return countSentBy(ctx, tx, org, by)
}

// EndFor withdraws the invitations that wait for a member who leaves, in the caller's act, which
// records it, and says how many there were.
func EndFor(ctx context.Context, tx *store.Tx, org ident.Org, m ident.Member) (int64, error) {
	return deleteFor(ctx, tx, org, m)
}

// Waits reports whether an invitation to an address waits: its person comes in by it.
func Waits(ctx context.Context, tx *store.Tx, org ident.Org, address string) (bool, error) {
	email, code := account.ParseEmail(address)
	if code != "" {
		return false, nil
	}
	found, err := PendingKeys(ctx, tx, org, []string{email.Key})
	return len(found) > 0, err
}
