package decision

import (
	"context"
	"strings"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// memberSites are the sites of a member today; false when there is no such member.
func memberSites(ctx context.Context, tx *store.Tx, org ident.Org, member ident.Member) ([]ident.Site, bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[string], `select id from member where org_id = $1 and id = $2`, org, member)
	if err != nil || !found {
		return nil, false, err
	}
	sites, err := store.All(ctx, tx, store.Value[ident.Site], `
		select site_id from member_site where org_id = $1 and member_id = $2 and known_until is null order by site_id`, org, member)
	return sites, true, err
}

type nameOf struct{ id, name string }

func scanNameOf(s store.Scan) (nameOf, error) {
	var n nameOf
	return n, s(&n.id, &n.name)
}

// namesOf gives the present names of what IDs stand for, whatever they name.
func namesOf(ctx context.Context, tx *store.Tx, org ident.Org, ids []string) (map[string]string, error) {
	byKind := map[string][]string{}
	for _, id := range ids {
		if kind, _, found := strings.Cut(id, "_"); found {
			byKind[kind] = append(byKind[kind], id)
		}
	}
	names := map[string]string{}
	for kind, list := range byKind {
		query, ok := nameQueries[kind]
		if !ok {
			continue
		}
		args := &store.Args{}
		args.Add(org)
		found, err := store.All(ctx, tx, scanNameOf, query+store.In(args, list), args.List()...)
		if err != nil {
			return nil, err
		}
		for _, n := range found {
			names[n.id] = strings.TrimSpace(n.name)
		}
	}
	return names, nil
}

const queryResourceNames = `select resource_id, name from resource_state where org_id = $1 and known_until is null and resource_id in `

// BuiltIn begins the name of a role that the product has: what follows is its code, which
// has a name in each language.
const BuiltIn = "builtin:"

// nameQueries end where the list of IDs begins. Accounts and tokens are those of whom the
// organisation was given something.
var nameQueries = map[string]string{
	"mbr": `select member_id, given_name || ' ' || family_name from member_state where org_id = $1 and known_until is null and member_id in `,
	"rol": `select r.id, case when r.builtin <> '' then 'builtin:' || r.builtin else coalesce(s.name, '') end from role r
		left join role_state s on s.org_id = r.org_id and s.role_id = r.id and s.known_until is null where r.org_id = $1 and r.id in `,
	"grp": `select group_id, name from record_group_state where org_id = $1 and known_until is null and group_id in `,
	"ste": `select site_id, name from site_state where org_id = $1 and known_until is null and site_id in `,
	"tok": `select id, name from token where org_id = $1 and id in `,
	"acc": `select a.account_id, a.given_name || ' ' || a.family_name from account_state a
		where exists (select 1 from org where id = $1) and a.known_until is null and a.account_id in `,
	"agd": queryResourceNames, "msg": queryResourceNames, "idn": queryResourceNames,
}

// heldBy is a source of a right, and whose it is.
type heldBy struct {
	given

	member ident.Member
}

func scanHeldBy(s store.Scan) (heldBy, error) {
	var g heldBy
	return g, s(&g.member, &g.Kind, &g.ID, &g.Name, &g.Level, &g.Scope, &g.GivenBy, &g.GivenAt, &g.starts, &g.Until)
}

func pastGroupMembers(ctx context.Context, tx *store.Tx, org ident.Org, group string, at time.Time) ([]heldBy, error) {
	return store.All(ctx, tx, scanHeldBy, `
		select m.member_id, 'group', m.group_id, s.name, '', '', m.given_by, m.known_from, m.starts_at, m.ends_at from record_group_member m
		join record_group_state s on s.org_id = m.org_id and s.group_id = m.group_id
			and s.known_from <= $3 and (s.known_until is null or s.known_until > $3)
		where m.org_id = $1 and m.group_id = $2 and m.known_from <= $3 and (m.known_until is null or m.known_until > $3)
		order by m.member_id`, org, group, at)
}

func pastHolders(ctx context.Context, tx *store.Tx, org ident.Org, permission string, at time.Time) ([]heldBy, error) {
	return store.All(ctx, tx, scanHeldBy, `
		select r.member_id, 'role', r.role_id, case when b.builtin <> '' then 'builtin:' || b.builtin else coalesce(n.name, '') end,
			p.permission, r.scope, r.given_by, r.known_from, r.starts_at, r.ends_at
		from role_permission p
		join role b on b.org_id = p.org_id and b.id = p.role_id
		join member_role r on r.org_id = p.org_id and r.role_id = p.role_id
			and r.known_from <= $3 and (r.known_until is null or r.known_until > $3)
		left join role_state n on n.org_id = r.org_id and n.role_id = r.role_id
			and n.known_from <= $3 and (n.known_until is null or n.known_until > $3)
		where p.org_id = $1 and p.permission = $2 and p.known_from <= $3 and (p.known_until is null or p.known_until > $3)
		union all
		select member_id, 'permission', id, permission, permission as act, scope, given_by, known_from, starts_at, ends_at from member_permission
		where org_id = $1 and permission = $2 and known_from <= $3 and (known_until is null or known_until > $3)
		order by 1, 2, 3, 6`, org, permission, at)
}

// shownMember is a member as lists show them.
type shownMember struct {
	pastMember

	name string
}

func pastPeople(ctx context.Context, tx *store.Tx, org ident.Org, at time.Time) ([]shownMember, error) {
	return store.All(ctx, tx, func(s store.Scan) (shownMember, error) {
		var m shownMember
		return m, s(&m.id, &m.status, &m.account, &m.blocked, &m.starts, &m.ends, &m.function, &m.reach, &m.name)
	}, `
		select s.member_id,
			case when s.status in ('created', 'active') and s.verification not in ('not_needed', 'verified') then 'unverified' else s.status end,
			coalesce(s.account_id, ''), coalesce(a.status, '') <> 'active', s.starts_at, s.ends_at,
			s.function, s.messaging_reach, s.given_name || ' ' || s.family_name
		from member_state s
		left join account_state a on a.account_id = s.account_id and a.known_from <= $2 and (a.known_until is null or a.known_until > $2)
		where s.org_id = $1 and s.status <> 'left' and s.known_from <= $2 and (s.known_until is null or s.known_until > $2)
		order by s.sort_key, s.member_id`, org, at)
}

// peopleOf finds members who have not left, at sites (nil: anywhere) or who are self, by
// name, one more than MaxChoices at most.
func peopleOf(ctx context.Context, tx *store.Tx, org ident.Org, q string, sites []ident.Site, self ident.Member) ([]Choice, error) {
	args := &store.Args{}
	query := `select s.member_id, s.given_name || ' ' || s.family_name from member_state s
		where s.org_id = ` + args.Add(org) + ` and s.known_until is null and s.status <> 'left'`
	for word := range strings.FieldsSeq(text.Fold(q)) {
		query += ` and s.search like ` + args.Add("%"+likeEscaper.Replace(word)+"%") + ` escape '\'`
	}
	if sites != nil {
		query += ` and (s.member_id = ` + args.Add(self) + ` or exists (
			select 1 from member_site t where t.org_id = s.org_id and t.member_id = s.member_id and t.known_until is null
			and t.site_id in ` + store.In(args, sites) + `))`
	}
	query += ` order by s.sort_key, s.member_id limit ` + args.Add(MaxChoices+1)
	return store.All(ctx, tx, func(s store.Scan) (Choice, error) {
		var c Choice
		err := s(&c.ID, &c.Name)
		c.Name = strings.TrimSpace(c.Name)
		return c, err
	}, query, args.List()...)
}

// likeEscaper takes their meaning from the signs of LIKE (rules.md 14).
var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// orgsOfAccount are the organisations in which an account has a place now, two at most: none
// where its verification is awaited.
func orgsOfAccount(ctx context.Context, tx *store.Tx, account ident.Account) ([]ident.Org, error) {
	return store.All(ctx, tx, store.Value[ident.Org], `
		select org_id from member_state where account_id = $1 and known_until is null and status <> 'left'
			and verification in ('not_needed', 'verified') order by org_id limit 2`, account)
}
