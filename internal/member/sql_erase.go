package member

import (
	"context"
	"strings"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// leftAt is when somebody who left did.
func leftAt(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (time.Time, bool, error) {
	return store.One(ctx, tx, store.Value[time.Time], `
		select f.known_from from member_state f
		where f.org_id = $1 and f.member_id = $2 and f.status = 'left' and not exists (
			select 1 from member_state w
			where w.org_id = $1 and w.member_id = $2 and w.rev > f.rev and w.status <> 'left')
		order by f.rev limit 1`, in, id)
}

// version is what one version of a member says of who they are.
type version struct {
	account                                              ident.Account
	given, family, email, phone, mssante, rpps, amNumber string
}

func versionsOf(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) ([]version, error) {
	return store.All(ctx, tx, func(s store.Scan) (version, error) {
		var v version
		return v, s(&v.account, &v.given, &v.family, &v.email, &v.phone, &v.mssante, &v.rpps, &v.amNumber)
	}, `select distinct coalesce(account_id, ''), given_name, family_name, email, phone, mssante, rpps, am_number
		from member_state where org_id = $1 and member_id = $2`, in, id)
}

// others is the condition that a version is of other people of an organisation: neither of these
// memberships of one person, nor of another membership of their account.
func others(args *store.Args, ids []ident.Member, account ident.Account) string {
	return ` and member_id not in ` + store.In(args, ids) + ` and (account_id is null or account_id <> ` + args.Add(account.String()) + `)`
}

// namesOfOthers reads the names that others of the organisation bear or bore, among those whose key
// begins as one.
func namesOfOthers(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member, account ident.Account, key string,
) ([]version, error) {
	var args store.Args
	query := `select distinct given_name, family_name from member_state where org_id = ` + args.Add(in)
	query += others(&args, ids, account) + ` and sort_key like ` + args.Add(store.Like(key)[1:]) + ` escape '\'`
	return store.All(ctx, tx, func(s store.Scan) (version, error) {
		var v version
		return v, s(&v.given, &v.family)
	}, query, args.List()...)
}

// borneByOthers reports whether somebody else of the organisation bears a contact or a number now.
func borneByOthers(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member, account ident.Account, value string) (bool, error) {
	var args store.Args
	query := `select member_id from member_state where org_id = ` + args.Add(in) + ` and known_until is null`
	query += others(&args, ids, account)
	v := args.Add(strings.ToLower(value))
	query += ` and (lower(email) = ` + v + ` or lower(mssante) = ` + v + ` or phone = ` + v
	query += ` or rpps = ` + v + ` or am_number = ` + v + `) limit 1`
	_, found, err := store.One(ctx, tx, store.Value[ident.Member], query, args.List()...)
	return found, err
}

func leftTogether(ctx context.Context, tx *store.Tx, in ident.Org, account ident.Account, but ident.Member) ([]ident.Member, error) {
	return store.All(ctx, tx, store.Value[ident.Member], `
		select member_id from member_state where org_id = $1 and account_id = $2 and member_id <> $3 and known_until is null
			and status = 'left' order by member_id`, in, account, but)
}

// erase leaves of a member their status, function and dates: who it was, nothing says. Whom they
// replaced was another, and stays.
func erase(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) error {
	_, err := tx.Exec(ctx, `
		update member_state set title = '', given_name = '', family_name = '', email = '', rpps = '', siret = '', am_number = '', phone = '',
			mssante = '', profession = '', profession_code = '', specialty = '', specialty_code = '', identity_body = '', sort_key = '',
			search = '', keywords = '' where org_id = $1 and member_id = $2`, in, id)
	return err
}
