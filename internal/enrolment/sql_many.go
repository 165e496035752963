package enrolment

import (
	"context"

	"habilis/internal/account"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// accountlessAny says which addresses the organisation wrote on members who have no account,
// by key, whatever their status.
func accountlessAny(ctx context.Context, tx *store.Tx, org ident.Org, chunk []entry) (map[string]bool, error) {
	var args store.Args
	args.Add(org)
	var typed []string
	for _, x := range chunk {
		typed = append(typed, x.email.Address, x.email.Key)
	}
	found := map[string]bool{}
	err := store.Each(ctx, tx, func(s store.Scan) error {
		var email string
		if err := s(&email); err != nil {
			return err
		}
		e, _ := account.ParseEmail(email)
		found[e.Key] = true
		return nil
	}, `select email from member_state
		where org_id = $1 and known_until is null and account_id is null and status <> 'left' and email in `+store.In(&args, typed),
		args.List()...)
	return found, err
}
