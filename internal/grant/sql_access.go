package grant

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// accessRow is who had access at a moment, with the member as they were.
type accessRow struct {
	Access

	was person
}

func (a accessRow) named() accessRow {
	a.Member, a.Name, a.Function, a.Status = a.was.ID, a.was.name(), a.was.Function, a.was.Status
	return a
}

// accessAt reads the levels that were known on a resource at a moment, with the members as
// they were then; not those of members who had left, nor what was over.
func accessAt(ctx context.Context, tx *store.Tx, in ident.Org, id resource.ID, at time.Time) ([]accessRow, error) {
	return store.All(ctx, tx, func(s store.Scan) (accessRow, error) {
		a := accessRow{Access: Access{Source: ByGrant}}
		p := &a.was
		err := s(&p.ID, &p.Account, &p.Title, &p.Given, &p.Family, &p.Function, &p.Status, &p.StartsAt, &p.EndsAt, &p.Open,
			&a.Level, &a.From, &a.Until, &a.GivenBy, &a.GivenAt)
		return a.named(), err
	}, `
		select s.member_id, coalesce(s.account_id, ''), s.title, s.given_name, s.family_name, s.function, s.status, s.starts_at, s.ends_at,
			coalesce(a.status, '') = 'active' and s.verification in ('not_needed', 'verified'),
			g.level, g.starts_at, g.ends_at, g.given_by, g.known_from
		from access_grant g
		join member_state s on s.org_id = g.org_id and s.member_id = g.member_id and s.known_from <= $3
			and (s.known_until is null or s.known_until > $3)
		left join account_state a on a.account_id = s.account_id and a.known_from <= $3 and (a.known_until is null or a.known_until > $3)
		where g.org_id = $1 and g.resource_id = $2 and g.known_from <= $3 and (g.known_until is null or g.known_until > $3)
			and (g.ends_at is null or g.ends_at > $3) and s.status <> 'left'`, in, id, at)
}

// holding is who held a resource at a moment; its zero value, nobody.
type holding struct {
	member ident.Member
	was    person
	since  time.Time
}

func (h holding) access() accessRow {
	return accessRow{was: h.was, Access: Access{Source: AsHolder, State: State{Level: Manage, From: h.since}}}.named()
}

func holderAt(ctx context.Context, tx *store.Tx, in ident.Org, id resource.ID, at time.Time) (holding, error) {
	h, _, err := store.One(ctx, tx, func(s store.Scan) (holding, error) {
		var h holding
		p := &h.was
		err := s(&p.ID, &p.Account, &p.Title, &p.Given, &p.Family, &p.Function, &p.Status, &p.StartsAt, &p.EndsAt, &p.Open, &h.since)
		h.member = p.ID
		return h, err
	}, `
		select s.member_id, coalesce(s.account_id, ''), s.title, s.given_name, s.family_name, s.function, s.status, s.starts_at, s.ends_at,
			coalesce(a.status, '') = 'active' and s.verification in ('not_needed', 'verified'), r.known_from
		from resource_state r
		join member_state s on s.org_id = r.org_id and s.member_id = r.holder_id and s.known_from <= $3
			and (s.known_until is null or s.known_until > $3)
		left join account_state a on a.account_id = s.account_id and a.known_from <= $3 and (a.known_until is null or a.known_until > $3)
		where r.org_id = $1 and r.resource_id = $2 and r.known_from <= $3 and (r.known_until is null or r.known_until > $3)
			and s.status <> 'left'`, in, id, at)
	return h, err
}

// delegatesOn reads who could act in the name of an identity at a moment, with the members
// as they were then: not what was over, or waited to be confirmed.
func delegatesOn(ctx context.Context, tx *store.Tx, in ident.Org, id resource.ID, at time.Time) ([]DelegateAccess, error) {
	return store.All(ctx, tx, func(s store.Scan) (DelegateAccess, error) {
		var d DelegateAccess
		var p person
		err := s(&p.ID, &p.Account, &p.Title, &p.Given, &p.Family, &p.Function, &p.Status, &p.StartsAt, &p.EndsAt, &p.Open,
			&d.Act, &d.From, &d.Until, &d.GivenBy, &d.GivenAt)
		d.Member, d.Name, d.Function, d.Status = p.ID, p.name(), p.Function, p.Status
		d.InForce = p.inForce(at) && !d.From.After(at)
		return d, err
	}, `
		select s.member_id, coalesce(s.account_id, ''), s.title, s.given_name, s.family_name, s.function, s.status, s.starts_at, s.ends_at,
			coalesce(a.status, '') = 'active' and s.verification in ('not_needed', 'verified'),
			d.act, d.starts_at, d.ends_at, d.given_by, d.known_from
		from delegation d
		join member_state s on s.org_id = d.org_id and s.member_id = d.member_id and s.known_from <= $3
			and (s.known_until is null or s.known_until > $3)
		left join account_state a on a.account_id = s.account_id and a.known_from <= $3 and (a.known_until is null or a.known_until > $3)
		where d.org_id = $1 and d.identity_id = $2 and d.known_from <= $3 and (d.known_until is null or d.known_until > $3)
			and d.state = 'active' and (d.ends_at is null or d.ends_at > $3) and s.status <> 'left'
		order by s.sort_key, s.member_id, d.act`, in, id, at)
}
