package report

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/store"
)

// peopleAfter are the next people who had a place at the moment of the walk, by name, from a place
// on.
func peopleAfter(ctx context.Context, tx *store.Tx, w *walk, from place) ([]person, error) {
	args := &store.Args{}
	query := `select s.member_id, s.sort_key, s.given_name || ' ' || s.family_name, s.function from member_state s
		where s.org_id = ` + args.Add(w.org) + ` and s.status <> 'left' and s.known_from <= ` + args.Add(w.at) +
		` and (s.known_until is null or s.known_until > $2)`
	if from.N == wholePerson {
		query += ` and (s.sort_key, s.member_id) > (` + args.Add(from.Key) + `, ` + args.Add(from.Member) + `)`
	} else if !from.Member.IsZero() {
		query += ` and (s.sort_key, s.member_id) >= (` + args.Add(from.Key) + `, ` + args.Add(from.Member) + `)`
	}
	for _, word := range w.words {
		query += ` and s.search like ` + args.Add(org.Pattern(word)) + ` escape '\'`
	}
	if !w.member.IsZero() {
		query += ` and s.member_id = ` + args.Add(w.member)
	}
	if w.resource != "" {
		on := args.Add(w.resource)
		query += ` and (exists (
				select 1 from access_grant g where g.org_id = s.org_id and g.member_id = s.member_id and g.resource_id = ` + on + `)
			or exists (select 1 from delegation d where d.org_id = s.org_id and d.member_id = s.member_id and d.identity_id = ` + on + `)
			or exists (select 1 from resource_state r where r.org_id = s.org_id and r.resource_id = ` + on + ` and r.holder_id = s.member_id))`
	}
	query += ` order by s.sort_key, s.member_id limit ` + args.Add(walkChunk)
	return store.All(ctx, tx, func(s store.Scan) (p person, err error) {
		return p, s(&p.id, &p.key, &p.name, &p.function)
	}, query, args.List()...)
}

// nameOf is the name of somebody who is, or was, a member.
func nameOf(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (string, bool, error) {
	return store.One(ctx, tx, store.Value[string], `
		select given_name || ' ' || family_name from member_state where org_id = $1 and member_id = $2 and known_until is null`, in, id)
}

// belonged reports whether somebody belongs to one of some sites, or did at a moment.
func belonged(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, sites []ident.Site, at time.Time) (bool, error) {
	args := &store.Args{}
	query := `select site_id from member_site where org_id = ` + args.Add(in) + ` and member_id = ` + args.Add(id) +
		` and (known_until is null or known_from <= ` + args.Add(at) + ` and known_until > $3)`
	query += ` and site_id in ` + store.In(args, sites) + ` limit 1`
	_, found, err := store.One(ctx, tx, store.Value[string], query, args.List()...)
	return found, err
}

func scanLeaver(s store.Scan) (leaverRow, error) {
	var r leaverRow
	return r, s(&r.Member, &r.key, &r.Name, &r.Function, &r.status, &r.ends, &r.LastSignIn, &r.since, &r.known, &r.departs, &r.departsBy,
		&r.deactivates, &r.deactivateBy)
}

// leavers are those who left, are deactivated, or have an end; by words of their names.
func leavers(ctx context.Context, tx *store.Tx, in ident.Org, words []string) ([]Leaver, error) {
	args := &store.Args{}
	args.Add(in)
	args.Add(tx.Now)
	query := `
		select s.member_id, s.sort_key, s.given_name || ' ' || s.family_name, s.function, s.status, s.ends_at, m.last_sign_in_at,
			p.known_until, s.known_from, d.ends_at, coalesce(d.decided_name, ''), n.acts_at, coalesce(n.planned_name, '')
		from member_state s
		join member m on m.org_id = s.org_id and m.id = s.member_id
		left join member_state p on p.org_id = s.org_id and p.member_id = s.member_id and p.status <> s.status and not exists (
			select 1 from member_state q where q.org_id = p.org_id and q.member_id = p.member_id and q.status <> s.status and q.rev > p.rev)
		left join departure d on d.org_id = s.org_id and d.member_id = s.member_id and d.state in ('planned', 'done')
		left join deactivation_plan n on n.org_id = s.org_id and n.member_id = s.member_id
		where s.org_id = $1 and s.known_until is null
			and (s.status in ('left', 'deactivated') or s.ends_at is not null or d.state = 'planned' or n.acts_at > $2)`
	for _, word := range words {
		query += ` and s.search like ` + args.Add(org.Pattern(word)) + ` escape '\'`
	}
	rows, err := store.All(ctx, tx, scanLeaver, query, args.List()...)
	all := make([]Leaver, len(rows))
	for i := range rows {
		all[i] = rows[i].leaver()
	}
	return all, err
}

// siteRow is a site of a member, and until when.
type siteRow struct {
	member ident.Member
	site   ident.Site
	until  *time.Time
}

func sitesEver(ctx context.Context, tx *store.Tx, in ident.Org, members []ident.Member) ([]siteRow, error) {
	args := &store.Args{}
	query := `select member_id, site_id, known_until from member_site where org_id = ` + args.Add(in)
	query += ` and member_id in ` + store.In(args, members)
	return store.All(ctx, tx, func(s store.Scan) (r siteRow, err error) { return r, s(&r.member, &r.site, &r.until) }, query, args.List()...)
}
