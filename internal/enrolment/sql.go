package enrolment

import (
	"context"

	"habilis/internal/account"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
)

// accountless gives, of the addresses of a chunk, by key, those that the
// organisation wrote on a member of that status who has no account yet: as it was typed
// there, or in its canonical form.
func accountless(ctx context.Context, tx *store.Tx, org ident.Org, of member.Status, chunk []entry) (map[string]ident.Member, error) {
	var args store.Args
	args.Add(org)
	args.Add(of)
	var typed []string
	for _, x := range chunk {
		typed = append(typed, x.email.Address)
		if x.email.Key != x.email.Address {
			typed = append(typed, x.email.Key)
		}
	}
	found := map[string]ident.Member{}
	err := store.Each(ctx, tx, func(s store.Scan) error {
		var email string
		var id ident.Member
		if err := s(&email, &id); err != nil {
			return err
		}
		e, _ := account.ParseEmail(email)
		found[e.Key] = id
		return nil
	}, `select s.email, s.member_id from member_state s
		where s.org_id = $1 and s.known_until is null and s.account_id is null and s.status = $2 and s.status <> 'left'`+
		` and s.email in `+store.In(&args, typed), args.List()...)
	return found, err
}
