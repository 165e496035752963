package account

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// versionsOf are the names and addresses that an account ever had.
func versionsOf(ctx context.Context, tx *store.Tx, id ident.Account) ([]Account, error) {
	return store.All(ctx, tx, func(s store.Scan) (Account, error) {
		var a Account
		return a, s(&a.GivenName, &a.FamilyName, &a.Email.Address)
	}, `
		select given_name, family_name, email from account_state where account_id = $1
		union select '', '', old_email from email_change where account_id = $1
		union select '', '', new_email from email_change where account_id = $1 and confirmed_at is not null`, id)
}

func platformUntil(ctx context.Context, tx *store.Tx, id ident.Account) (time.Time, error) {
	until, _, err := store.One(ctx, tx, func(s store.Scan) (time.Time, error) {
		var until *time.Time
		if err := s(&until); err != nil || until == nil {
			return tx.Now, err
		}
		return *until, nil
	}, `select known_until from account_state where account_id = $1 and platform_role <> '' order by rev desc limit 1`, id)
	return until, err
}

func provedBy(ctx context.Context, tx *store.Tx, id ident.Account) ([]Proved, error) {
	return store.All(ctx, tx, func(s store.Scan) (Proved, error) {
		p := Proved{Until: tx.Now}
		var until *time.Time
		err := s(&p.Key, &until)
		if until != nil {
			p.Until = *until
		}
		return p, err
	}, `
		select s.email_key, s.known_until from account_state s
		where s.account_id = $1 and s.status <> 'pending'
			and not exists (select 1 from account_state o where o.email_key = s.email_key and o.account_id <> $1 and o.known_until is null)
			and (s.known_until is null or not exists (
				select 1 from email_change c where c.account_id = $1 and c.new_key = s.email_key and c.undone_at is not null))
		order by s.rev`, id)
}

// erase leaves of an account its ID and its dates. The key of an address is unique: the ID stands
// in its place.
func erase(ctx context.Context, tx *store.Tx, id ident.Account) error {
	_, err := tx.Exec(ctx, `
		update account_state set email_key = 'erased ' || account_id, email = '', title = '', given_name = '', family_name = ''
		where account_id = $1`, id)
	return err
}

// others reports whether an account beside these bears one of the names.
func others(ctx context.Context, tx *store.Tx, ids []ident.Account, names [][2]string) (bool, error) {
	for _, n := range names {
		var args store.Args
		query := `select 1 from account_state where given_name = ` + args.Add(n[0]) + ` and family_name = ` + args.Add(n[1]) + `
			and not account_id in ` + store.In(&args, ids) + ` limit 1`
		_, found, err := store.One(ctx, tx, store.Value[int64], query, args.List()...)
		if err != nil || found {
			return found, err
		}
	}
	return false, nil
}
