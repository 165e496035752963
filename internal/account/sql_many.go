package account

import (
	"context"

	"habilis/internal/store"
)

func findByEmails(ctx context.Context, tx *store.Tx, keys []string) ([]Account, error) {
	var args store.Args
	return store.All(ctx, tx, scan, `
		select a.id, s.email_key, s.email, s.title, s.given_name, s.family_name, s.language, s.status, s.platform_role, s.rev,
			a.last_sign_in_at, a.created_at
		from account_state s join account a on a.id = s.account_id
		where s.known_until is null and s.email_key in `+store.In(&args, keys), args.List()...)
}
