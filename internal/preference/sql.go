package preference

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// atOnce bounds the members that one statement asks about.
const atOnce = 500

// parseOwn reads what is one's own; an empty text is nothing.
func parseOwn(value string) (o Own, err error) {
	if value == "" {
		return o, nil
	}
	if err := json.Unmarshal([]byte(value), &o); err != nil {
		return o, fmt.Errorf("preference: %w", err)
	}
	return o, nil
}

// current gives what is a member's own, and its revision, 0 when nothing ever was.
func current(ctx context.Context, tx *store.Tx, org ident.Org, member ident.Member) (o Own, rev int64, err error) {
	_, _, err = store.One(ctx, tx, func(s store.Scan) (struct{}, error) {
		var value string
		if err := s(&value, &rev); err != nil {
			return struct{}{}, err
		}
		var err error
		o, err = parseOwn(value)
		return struct{}{}, err
	}, `select value, rev from member_setting where org_id = $1 and member_id = $2 and known_until is null`, org, member)
	return o, rev, err
}

// currentOf gives what is their own to these members; of whom nothing is, nothing.
func currentOf(ctx context.Context, tx *store.Tx, org ident.Org, members []ident.Member) (map[ident.Member]Own, error) {
	found := map[ident.Member]Own{}
	for some := range slices.Chunk(members, atOnce) {
		args := new(store.Args)
		args.Add(org)
		query := `select member_id, value from member_setting where org_id = $1 and known_until is null and member_id in `
		query += store.In(args, some)
		if err := ownInto(ctx, tx, found, query, args.List()...); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// everybodysOwn gives what is their own to all members who have not left.
func everybodysOwn(ctx context.Context, tx *store.Tx, org ident.Org) (map[ident.Member]Own, error) {
	found := map[ident.Member]Own{}
	return found, ownInto(ctx, tx, found, `
		select p.member_id, p.value from member_setting p
		join member_state s on s.org_id = p.org_id and s.member_id = p.member_id and s.known_until is null and s.status <> 'left'
		where p.org_id = $1 and p.known_until is null`, org)
}

func ownInto(ctx context.Context, tx *store.Tx, found map[ident.Member]Own, query string, args ...any) error {
	_, err := store.All(ctx, tx, func(s store.Scan) (struct{}, error) {
		var of ident.Member
		var value string
		if err := s(&of, &value); err != nil {
			return struct{}{}, err
		}
		own, err := parseOwn(value)
		found[of] = own
		return struct{}{}, err
	}, query, args...)
	return err
}

// everybody are the members who have not left, by name.
func everybody(ctx context.Context, tx *store.Tx, org ident.Org) ([]ident.Member, error) {
	return store.All(ctx, tx, store.Value[ident.Member], `
		select member_id from member_state where org_id = $1 and known_until is null and status <> 'left' order by sort_key, member_id`, org)
}

// replace closes the row in force and writes the next one. by is whoever else made it; empty: the
// member, or what happened to them.
func replace(ctx context.Context, tx *store.Tx, org ident.Org, member ident.Member, rev int64, o Own, by string) error {
	value, err := json.Marshal(o)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		update member_setting set known_until = $3
		where org_id = $1 and member_id = $2 and known_until is null`, org, member, tx.Now); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		insert into member_setting (org_id, member_id, rev, value, known_from, changed_by)
		values ($1, $2, $3, $4, $5, $6)`, org, member, rev, string(value), tx.Now, by)
	return err
}

// revision is what was a member's own from a moment on, and who else made it so.
type revision struct {
	own  Own
	from time.Time
	by   string
}

// revisionsOf are those that held in some time, the first one before it with them, in order.
func revisionsOf(ctx context.Context, tx *store.Tx, org ident.Org, member ident.Member, from, until time.Time) ([]revision, error) {
	return store.All(ctx, tx, func(s store.Scan) (revision, error) {
		var r revision
		var value string
		if err := s(&value, &r.from, &r.by); err != nil {
			return r, err
		}
		own, err := parseOwn(value)
		r.own = own
		return r, err
	}, `
		select value, known_from, changed_by from member_setting
		where org_id = $1 and member_id = $2 and known_from < $4 and (known_until is null or known_until >= $3) order by rev`,
		org, member, from, until)
}

func erase(ctx context.Context, tx *store.Tx, org ident.Org, member ident.Member) error {
	for _, statement := range []string{
		`delete from member_setting where org_id = $1 and member_id = $2`,
		`delete from notice where org_id = $1 and member_id = $2`,
	} {
		if _, err := tx.Exec(ctx, statement, org, member); err != nil {
			return err
		}
	}
	return nil
}

// placed is what holds for an account in one organisation.
type placed struct {
	org       ident.Org
	inherited setting.Defaults
	own       Own
}

func scanPlaced(s store.Scan) (p placed, err error) {
	var own, inherited string
	var rev int64
	if err := s(&p.org, &own, &inherited, &rev); err != nil {
		return p, err
	}
	if p.own, err = parseOwn(own); err != nil {
		return p, err
	}
	p.inherited, err = setting.ParseDefaults(p.org, inherited, rev)
	return p, err
}

// placeOf reads what holds for an account in an organisation: one row.
func placeOf(ctx context.Context, tx *store.Tx, org ident.Org, account ident.Account) (placed, bool, error) {
	return store.One(ctx, tx, scanPlaced, `
		select s.org_id, coalesce(p.value, ''), coalesce(d.value, ''), coalesce(d.rev, 0) from member_state s
		left join member_setting p on p.org_id = s.org_id and p.member_id = s.member_id and p.known_until is null
		left join org_setting d on d.org_id = s.org_id and d.name = $3 and d.known_until is null
		where s.org_id = $1 and s.account_id = $2 and s.known_until is null and s.status <> 'left'`, org, account, setting.DefaultsName)
}

// placesOf does it for every organisation in which the membership is in force, as securityOf of
// package setting has it.
func placesOf(ctx context.Context, tx *store.Tx, account ident.Account) ([]placed, error) {
	return store.All(ctx, tx, scanPlaced, `
		select s.org_id, coalesce(p.value, ''), coalesce(d.value, ''), coalesce(d.rev, 0) from member_state s
		join org_state o on o.org_id = s.org_id and o.known_until is null and o.status = 'active'
		left join member_setting p on p.org_id = s.org_id and p.member_id = s.member_id and p.known_until is null
		left join org_setting d on d.org_id = s.org_id and d.name = $3 and d.known_until is null
		where s.account_id = $1 and s.known_until is null and s.status in ('created', 'active') and s.verification in ('not_needed', 'verified')
			and (s.starts_at is null or s.starts_at <= $2) and (s.ends_at is null or s.ends_at > $2)`, account, tx.Now, setting.DefaultsName)
}

// holding is a member in force with one scope at which they hold a permission.
type holding struct {
	member  ident.Member
	account ident.Account
	scope   string
}

func holdersOf(ctx context.Context, tx *store.Tx, org ident.Org, p access.Permission) ([]holding, error) {
	return store.All(ctx, tx, func(s store.Scan) (h holding, err error) {
		return h, s(&h.member, &h.account, &h.scope)
	}, `
		select distinct member_id, account_id, scope from standing
		where org_id = $1 and permission = $2 and starts_at <= $3 and (ends_at is null or ends_at > $3)
			and (member_starts_at is null or member_starts_at <= $3) and (member_ends_at is null or member_ends_at > $3)
		order by member_id`, org, p, tx.Now)
}

// accountInForce gives the account of a member in force.
func accountInForce(ctx context.Context, tx *store.Tx, org ident.Org, member ident.Member) (ident.Account, bool, error) {
	return store.One(ctx, tx, store.Value[ident.Account], `
		select s.account_id from member_state s
		join org_state o on o.org_id = s.org_id and o.known_until is null and o.status = 'active'
		join account_state a on a.account_id = s.account_id and a.known_until is null and a.status = 'active'
		where s.org_id = $1 and s.member_id = $2 and s.known_until is null and s.status in ('created', 'active')
			and s.verification in ('not_needed', 'verified')
			and (s.starts_at is null or s.starts_at <= $3) and (s.ends_at is null or s.ends_at > $3)`, org, member, tx.Now)
}
