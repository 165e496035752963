package member

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// Waiting reports whether the member exists without an account yet, and waits for
// the person to come in (MEM-1: the e-mail may come later).
func (m Member) Waiting() bool { return m.Account.IsZero() && m.Status == Created }

// Attach gives a member who waits for an account theirs, in the caller's
// transaction: rights, sites and names stay as the organisation wrote them. An
// empty function leaves the one they have. Errors: ErrNotFound; ErrNotActive for a
// member who does not wait; ErrAlreadyMember when the account has another
// membership here.
func Attach(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, n New) (Member, error) {
	s, ok, err := findState(ctx, tx, in, id)
	if err != nil || !ok {
		return Member{}, notFound(err)
	}
	if !s.Waiting() {
		return Member{}, ErrNotActive
	}
	m := s.Member
	m.Account, m.Email, m.Status = n.Account, n.Email, or(n.Status, Created)
	m.Function = or(n.Function, m.Function)
	if err := writeState(ctx, tx, m, s.rev+1); err != nil {
		return Member{}, err
	}
	if err := touch(ctx, tx, in, id); err != nil {
		return Member{}, err
	}
	m.Version++
	return m, Give(ctx, tx, Gift{Org: in, Member: id, Sites: n.Sites, Roles: n.Roles, By: n.GivenBy})
}
