package member

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// everOf are the memberships of an account, in every organisation.
func everOf(ctx context.Context, tx *store.Tx, account ident.Account) ([]everPlace, error) {
	return store.All(ctx, tx, func(s store.Scan) (everPlace, error) {
		var p everPlace
		return p, s(&p.org, &p.member)
	}, `select org_id, member_id from member_state where account_id = $1 and known_until is null order by org_id, member_id`, account)
}
