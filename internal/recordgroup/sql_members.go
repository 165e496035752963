package recordgroup

import (
	"context"
	"slices"

	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/store"
)

// personColumns are those of a member, p, in the order of personInto.
const personColumns = `p.member_id, p.title, p.given_name, p.family_name, p.email, p.function, p.profession, p.profile_type,
	p.status, p.sort_key`

func personInto(m *Membership) []any {
	return []any{
		&m.Member, &m.Title, &m.GivenName, &m.FamilyName, &m.Email, &m.Function, &m.Profession, &m.ProfileType, &m.Status, &m.sortKey,
	}
}

// heldColumns are those of a membership, m, in the order of heldInto.
const heldColumns = `m.starts_at, m.ends_at, m.given_by, m.known_from`

func heldInto(m *Membership) []any { return []any{&m.StartsAt, &m.EndsAt, &m.GivenBy, &m.GivenAt} }

const fromMembers = `
	from record_group_member m
	join member_state p on p.org_id = m.org_id and p.member_id = m.member_id and p.known_until is null and p.status <> 'left'
	where m.org_id = $1 and m.group_id = $2 and m.known_until is null`

func membersOf(args *store.Args, v Group) string {
	args.Add(v.Org)
	args.Add(v.ID)
	return `select ` + personColumns + `, ` + heldColumns + fromMembers
}

func scanMembership(v Group) func(store.Scan) (Membership, error) {
	return func(s store.Scan) (Membership, error) {
		m := Membership{Group: v.ID, GroupName: v.Name}
		err := s(append(personInto(&m), heldInto(&m)...)...)
		return m, err
	}
}

func (q Query) named(args *store.Args) (cond string) {
	for _, w := range q.words {
		cond += ` and p.search like ` + args.Add(org.Pattern(w)) + ` escape '\'`
	}
	if q.Member != "" {
		cond += ` and p.member_id = ` + args.Add(q.Member)
	}
	if len(q.Members) > 0 {
		cond += ` and p.member_id in ` + store.In(args, q.Members)
	}
	return cond
}

func countMembers(ctx context.Context, tx *store.Tx, eye sight, v Group, q Query) (n int64, err error) {
	var args store.Args
	args.Add(v.Org)
	args.Add(v.ID)
	query := `select count(*)` + fromMembers + eye.seen(&args) + q.named(&args)
	err = tx.QueryRow(ctx, query, args.List()...).Scan(&n)
	return n, err
}

func listMembers(ctx context.Context, tx *store.Tx, eye sight, v Group, q Query, limit, offset int) ([]Membership, error) {
	var args store.Args
	query := membersOf(&args, v) + eye.seen(&args) + q.named(&args)
	if q.after != nil {
		query += ` and (p.sort_key, p.member_id) > (` + args.Add(q.after.Key) + `, ` + args.Add(q.after.ID) + `)`
	}
	query += ` order by p.sort_key, p.member_id limit ` + args.Add(limit) + ` offset ` + args.Add(offset)
	return store.All(ctx, tx, scanMembership(v), query, args.List()...)
}

// heldMembers reads every membership of a group, whoever may know of it.
func heldMembers(ctx context.Context, tx *store.Tx, v Group) ([]Membership, error) {
	var args store.Args
	query := membersOf(&args, v) + ` order by p.member_id`
	return store.All(ctx, tx, scanMembership(v), query, args.List()...)
}

// knows reports whether eye may know of a member who has not left.
func knows(ctx context.Context, tx *store.Tx, eye sight, org ident.Org, m ident.Member) (bool, error) {
	var args store.Args
	query := `select p.member_id from member_state p where p.org_id = ` + args.Add(org) + ` and p.member_id = ` + args.Add(m) +
		` and p.known_until is null and p.status <> 'left'` + eye.seen(&args)
	_, found, err := store.One(ctx, tx, store.Value[ident.Member], query, args.List()...)
	return found, err
}

// findPeople reads the members of a list whom eye may know of, with what they have of the
// group.
func findPeople(ctx context.Context, tx *store.Tx, eye sight, v Group, ids []ident.Member) (map[ident.Member]person, error) {
	var args store.Args
	args.Add(v.Org)
	query := `select ` + personColumns + ` from member_state p where p.org_id = $1 and p.known_until is null and p.status <> 'left'
		and p.member_id in ` + store.In(&args, ids) + eye.seen(&args)
	people := map[ident.Member]person{}
	if err := store.Each(ctx, tx, func(s store.Scan) error {
		p := person{Membership: Membership{Group: v.ID, GroupName: v.Name}}
		err := s(personInto(&p.Membership)...)
		people[p.Member] = p
		return err
	}, query, args.List()...); err != nil {
		return nil, err
	}
	var held store.Args
	query = membersOf(&held, v) + ` and m.member_id in ` + store.In(&held, ids)
	return people, store.Each(ctx, tx, func(s store.Scan) error {
		m, err := scanMembership(v)(s)
		if p, ok := people[m.Member]; ok {
			p.held = &m
			people[m.Member] = p
		}
		return err
	}, query, held.List()...)
}

// groupsOf reads the memberships of a member, by the group's name.
func groupsOf(ctx context.Context, tx *store.Tx, org ident.Org, m ident.Member) ([]Membership, error) {
	var args store.Args
	args.Add(org)
	args.Add(m)
	all, err := store.All(ctx, tx, func(s store.Scan) (Membership, error) {
		var v Membership
		err := s(append(append([]any{&v.Group, &v.GroupName}, personInto(&v)...), heldInto(&v)...)...)
		return v, err
	}, `select m.group_id, s.name, `+personColumns+`, `+heldColumns+`
		from record_group_member m
		join record_group_state s on s.org_id = m.org_id and s.group_id = m.group_id and s.known_until is null
		join member_state p on p.org_id = m.org_id and p.member_id = m.member_id and p.known_until is null
		where m.org_id = $1 and m.member_id = $2 and m.known_until is null
		order by s.sort_key, s.group_id`, args.List()...)
	slices.SortStableFunc(all, func(a, b Membership) int {
		switch over := a.Over(tx.Now); {
		case over == b.Over(tx.Now):
			return 0
		case over:
			return 1
		}
		return -1
	})
	return all, err
}

func insertMember(ctx context.Context, tx *store.Tx, v Group, m Membership, by string) error {
	_, err := tx.Exec(ctx, `
		insert into record_group_member (org_id, id, group_id, member_id, starts_at, ends_at, given_by, known_from)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`, v.Org, ident.NewGrant(), v.ID, m.Member, m.StartsAt, m.EndsAt, by, tx.Now)
	return err
}

func closeMember(ctx context.Context, tx *store.Tx, v Group, m ident.Member) error {
	_, err := tx.Exec(ctx, `
		update record_group_member set known_until = $4
		where org_id = $1 and group_id = $2 and member_id = $3 and known_until is null`, v.Org, v.ID, m, tx.Now)
	return err
}

func closeMembers(ctx context.Context, tx *store.Tx, v Group) error {
	_, err := tx.Exec(ctx, `
		update record_group_member set known_until = $3 where org_id = $1 and group_id = $2 and known_until is null`, v.Org, v.ID, tx.Now)
	return err
}

// nameGivers puts the names of accounts and tokens where their IDs are (RGT-8).
func nameGivers(ctx context.Context, tx *store.Tx, list []Membership) error {
	ids := make([]string, len(list))
	for i, m := range list {
		ids[i] = m.GivenBy
	}
	names, err := member.GiverNames(ctx, tx, ids)
	for i := range list {
		list[i].GivenBy = names[list[i].GivenBy]
	}
	return err
}

// countWithout counts the members, waiting or active, who are in no group.
func countWithout(ctx context.Context, tx *store.Tx, org ident.Org) (n int64, err error) {
	err = tx.QueryRow(ctx, `
		select count(*) from member_state p
		where p.org_id = $1 and p.known_until is null and p.status in ('created', 'active') and p.verification in ('not_needed', 'verified')
			and not exists (
			select 1 from record_group_member m
			where m.org_id = $1 and m.member_id = p.member_id and m.known_until is null and (m.ends_at is null or m.ends_at > $2))`,
		org, tx.Now).Scan(&n)
	return n, err
}
