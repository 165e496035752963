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

// others are the versions of other people of an organisation: neither of the member, nor of another
// membership of their account.
const others = ` from member_state where org_id = $1 and member_id <> $2 and (account_id is null or account_id <> $3)`

// namesOfOthers reads the names that others of the organisation bear or bore, among those whose key
// begins as one.
func namesOfOthers(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, account ident.Account, key string) ([]version, error) {
	return store.All(ctx, tx, func(s store.Scan) (version, error) {
		var v version
		return v, s(&v.given, &v.family)
	}, `select distinct given_name, family_name`+others+` and sort_key like $4 escape '\'`, in, id, account.String(), store.Like(key)[1:])
}

// borneByOthers reports whether somebody else of the organisation bears a contact or a number now.
func borneByOthers(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, account ident.Account, value string) (bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[ident.Member], `select member_id`+others+` and known_until is null
		and (lower(email) = $4 or lower(mssante) = $4 or phone = $4 or rpps = $4 or am_number = $4) limit 1`,
		in, id, account.String(), strings.ToLower(value))
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
