package org

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

func scanOrg(s store.Scan) (Org, error) {
	var o Org
	return o, s(&o.ID, &o.Slug, &o.Name, &o.Kind, &o.Status, &o.Enamel, &o.Features.Administration, &o.Rev, &o.CreatedAt)
}

func findOrg(ctx context.Context, tx *store.Tx, id ident.Org) (Org, bool, error) {
	return store.One(ctx, tx, scanOrg, `
		select o.id, o.slug, s.name, s.kind, s.status, s.enamel, s.administration, s.rev, o.created_at
		from org o join org_state s on s.org_id = o.id and s.known_until is null
		where o.id = $1`, id)
}

func findSlug(ctx context.Context, tx *store.Tx, slug string) (Org, bool, error) {
	return store.One(ctx, tx, scanOrg, `
		select o.id, o.slug, s.name, s.kind, s.status, s.enamel, s.administration, s.rev, o.created_at
		from org o join org_state s on s.org_id = o.id and s.known_until is null
		where o.slug = $1`, slug)
}

func slugTaken(ctx context.Context, tx *store.Tx, slug string) (bool, error) {
	_, taken, err := store.One(ctx, tx, store.Value[string], `select id from org where slug = $1`, slug)
	return taken, err
}

func insertOrg(ctx context.Context, tx *store.Tx, o Org) error {
	_, err := tx.Exec(ctx, `insert into org (id, slug, created_at) values ($1, $2, $3)`, o.ID, o.Slug, tx.Now)
	if store.Unique(err, "org_slug_uq") {
		return ErrSlugTaken
	}
	return err
}

// insertOrgState closes the state in force and writes the next one.
func insertOrgState(ctx context.Context, tx *store.Tx, o Org, sortKey, search string) error {
	if _, err := tx.Exec(ctx, `update org_state set known_until = $2 where org_id = $1 and known_until is null`, o.ID, tx.Now); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		insert into org_state (org_id, rev, name, kind, status, enamel, administration, sort_key, search, known_from)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		o.ID, o.Rev, o.Name, o.Kind, o.Status, o.Enamel, o.Features.Administration, sortKey, search, tx.Now)
	return err
}

const countOrgs = `select count(*) from org_state s where s.known_until is null`

const listOrgs = `
	select o.id, o.slug, s.name, s.kind, s.status, s.enamel, s.administration, s.rev, o.created_at, s.sort_key,
		(select count(*) from site_state t where t.org_id = s.org_id and t.known_until is null and t.status = 'active'),
		(select count(*) from member_state m where m.org_id = s.org_id and m.known_until is null
			and m.status in ('pending_approval', 'created', 'active'))
	from org_state s join org o on o.id = s.org_id
	where s.known_until is null`

// narrow adds the filter f to a statement on org_state s.
func narrow(args *store.Args, query string, words []string, f Filter) string {
	for _, w := range words {
		query += ` and s.search like ` + args.Add(Pattern(w)) + ` escape '\'`
	}
	if f.Status != "" {
		query += ` and s.status = ` + args.Add(f.Status)
	}
	if f.Kind != "" {
		query += ` and s.kind = ` + args.Add(f.Kind)
	}
	return query
}

func countFound(ctx context.Context, tx *store.Tx, words []string, f Filter) (n int64, err error) {
	var args store.Args
	query := narrow(&args, countOrgs, words, f)
	err = tx.QueryRow(ctx, query, args.List()...).Scan(&n)
	return n, err
}

type listed struct {
	org Org
	at  place
}

func listFound(ctx context.Context, tx *store.Tx, words []string, f Filter, after *place, n int) ([]listed, error) {
	var args store.Args
	query := narrow(&args, listOrgs, words, f)
	if after != nil {
		query += ` and (s.sort_key, s.org_id) > (` + args.Add(after.Key) + `, ` + args.Add(after.ID) + `)`
	}
	query += ` order by s.sort_key, s.org_id limit ` + args.Add(n)
	return store.All(ctx, tx, func(s store.Scan) (listed, error) {
		var l listed
		o := &l.org
		err := s(&o.ID, &o.Slug, &o.Name, &o.Kind, &o.Status, &o.Enamel, &o.Features.Administration, &o.Rev, &o.CreatedAt,
			&l.at.Key, &o.Sites, &o.Members)
		l.at.ID = o.ID
		return l, err
	}, query, args.List()...)
}

func countSites(ctx context.Context, tx *store.Tx, org ident.Org) (n int64, err error) {
	err = tx.QueryRow(ctx, `
		select count(*) from site_state where org_id = $1 and known_until is null and status = 'active'`, org).Scan(&n)
	return n, err
}

func countMembers(ctx context.Context, tx *store.Tx, org ident.Org) (n int64, err error) {
	err = tx.QueryRow(ctx, `
		select count(*) from member_state
		where org_id = $1 and known_until is null and status in ('pending_approval', 'created', 'active')`, org).Scan(&n)
	return n, err
}

func countMembersAt(ctx context.Context, tx *store.Tx, org ident.Org, sites []ident.Site) (n int64, err error) {
	var args store.Args
	query := `
		select count(*) from member_state m
		where m.org_id = ` + args.Add(org) + ` and m.known_until is null and m.status in ('pending_approval', 'created', 'active')
			and exists (select 1 from member_site b where b.org_id = m.org_id and b.member_id = m.member_id and b.known_until is null
				and b.site_id in ` + store.In(&args, sites) + `)`
	err = tx.QueryRow(ctx, query, args.List()...).Scan(&n)
	return n, err
}

func scanSite(s store.Scan) (Site, error) {
	var v Site
	return v, s(&v.Org, &v.ID, &v.Rev, &v.Status, &v.Name, &v.FINESS, &v.Street, &v.PostalCode, &v.City, &v.Phone, &v.CreatedAt)
}

func findSite(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Site) (Site, bool, error) {
	return store.One(ctx, tx, scanSite, `
		select s.org_id, s.site_id, s.rev, s.status, s.name, s.finess, s.street, s.postal_code, s.city, s.phone, t.created_at
		from site_state s join site t on t.org_id = s.org_id and t.id = s.site_id
		where s.org_id = $1 and s.site_id = $2 and s.known_until is null and s.status = 'active'`, org, id)
}

const activeSites = `
	select s.org_id, s.site_id, s.rev, s.status, s.name, s.finess, s.street, s.postal_code, s.city, s.phone, t.created_at
	from site_state s join site t on t.org_id = s.org_id and t.id = s.site_id
	where s.org_id = $1 and s.known_until is null and s.status = 'active'`

func listSites(ctx context.Context, tx *store.Tx, org ident.Org, words []string) ([]Site, error) {
	var args store.Args
	query := activeSites
	args.Add(org)
	for _, w := range words {
		query += ` and s.search like ` + args.Add(Pattern(w)) + ` escape '\'`
	}
	query += ` order by s.sort_key, s.site_id`
	return store.All(ctx, tx, scanSite, query, args.List()...)
}

func insertSite(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Site, at time.Time) error {
	_, err := tx.Exec(ctx, `insert into site (org_id, id, created_at) values ($1, $2, $3)`, org, id, at)
	return err
}

// insertSiteState closes the state in force and writes the next one.
func insertSiteState(ctx context.Context, tx *store.Tx, s Site, sortKey, search string) error {
	if _, err := tx.Exec(ctx, `
		update site_state set known_until = $3 where org_id = $1 and site_id = $2 and known_until is null`, s.Org, s.ID, tx.Now); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		insert into site_state (org_id, site_id, rev, name, finess, street, postal_code, city, phone, status, sort_key, search, known_from)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		s.Org, s.ID, s.Rev, s.Name, s.FINESS, s.Street, s.PostalCode, s.City, s.Phone, s.Status, sortKey, search, tx.Now)
	return err
}

// sitesOf are the sites that a member belongs to.
func sitesOf(ctx context.Context, tx *store.Tx, org ident.Org, member ident.Member) ([]ident.Site, error) {
	return store.All(ctx, tx, store.Value[ident.Site], `
		select site_id from member_site where org_id = $1 and member_id = $2 and known_until is null`, org, member)
}

// leaving reports whether an organisation is being removed.
func leaving(ctx context.Context, tx *store.Tx, org ident.Org) (bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[int64], `select 1 from org_exit where org_id = $1 and stage <> 'asked'`, org)
	return found, err
}

func deleteOrg(ctx context.Context, tx *store.Tx, org ident.Org) error {
	_, err := tx.Exec(ctx, `delete from org where id = $1`, org)
	return err
}
