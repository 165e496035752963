package resource

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/store"
)

// current reads resources as they are. The name of a site that was closed is still known.
const current = `
	select r.org_id, r.id, r.type, r.version, coalesce(s.site_id, ''), coalesce(t.name, ''), s.kind, s.name, s.detail, s.address,
		coalesce(s.holder_id, ''), trim(coalesce(m.given_name, '') || ' ' || coalesce(m.family_name, '')), s.status
	from resource_state s
	join resource r on r.org_id = s.org_id and r.id = s.resource_id
	left join site_state t on t.org_id = s.org_id and t.site_id = s.site_id and t.known_until is null
	left join member_state m on m.org_id = s.org_id and m.member_id = s.holder_id and m.known_until is null
	where s.org_id = $1 and s.known_until is null`

const byName = ` order by s.sort_key, s.resource_id`

func scan(s store.Scan) (Resource, error) {
	var r Resource
	return r, s(&r.Org, &r.ID, &r.Type, &r.Version, &r.Site, &r.SiteName, &r.Kind, &r.Name, &r.Detail, &r.Address,
		&r.Holder, &r.HolderName, &r.Status)
}

func byIDs(ctx context.Context, tx *store.Tx, in ident.Org, ids []ID) ([]Resource, error) {
	var args store.Args
	args.Add(in)
	query := current + ` and s.resource_id in ` + store.In(&args, ids)
	return store.All(ctx, tx, scan, query, args.List()...)
}

func activeOf(ctx context.Context, tx *store.Tx, in ident.Org, t Type) ([]Resource, error) {
	return store.All(ctx, tx, scan, current+` and s.status = 'active' and r.type = $2`+byName, in, t)
}

func heldBy(ctx context.Context, tx *store.Tx, in ident.Org, member ident.Member) ([]Resource, error) {
	return store.All(ctx, tx, scan, current+` and s.status = 'active' and s.holder_id = $2`+byName, in, member)
}

// everHeldBy is heldBy with what is closed.
func everHeldBy(ctx context.Context, tx *store.Tx, in ident.Org, member ident.Member) ([]Resource, error) {
	return store.All(ctx, tx, scan, current+` and s.holder_id = $2`+byName, in, member)
}

// holderSince is when the first of the last states with this holder began.
func holderSince(ctx context.Context, tx *store.Tx, r Resource) (time.Time, error) {
	at, _, err := store.One(ctx, tx, store.Value[time.Time], `
		select s.known_from from resource_state s
		where s.org_id = $1 and s.resource_id = $2 and s.holder_id = $3 and not exists (
			select 1 from resource_state o
			where o.org_id = s.org_id and o.resource_id = s.resource_id and o.rev > s.rev and coalesce(o.holder_id, '') <> $3)
		order by s.rev limit 1`, r.Org, r.ID, r.Holder)
	return at, err
}

func insert(ctx context.Context, tx *store.Tx, r Resource) error {
	_, err := tx.Exec(ctx, `insert into resource (org_id, id, type, version, created_at) values ($1, $2, $3, $4, $5)`,
		r.Org, r.ID, r.Type, r.Version, tx.Now)
	return err
}

func setVersion(ctx context.Context, tx *store.Tx, r Resource) error {
	_, err := tx.Exec(ctx, `update resource set version = $3 where org_id = $1 and id = $2`, r.Org, r.ID, r.Version)
	return err
}

// insertState closes the state in force and writes the next one.
func insertState(ctx context.Context, tx *store.Tx, r Resource, sortKey, search string) error {
	_, err := tx.Exec(ctx, `
		update resource_state set known_until = $3
		where org_id = $1 and resource_id = $2 and known_until is null`, r.Org, r.ID, tx.Now)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		insert into resource_state
			(org_id, resource_id, rev, site_id, kind, name, detail, address, holder_id, status, sort_key, search, known_from)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		r.Org, r.ID, r.Version, store.Null(r.Site), r.Kind, r.Name, r.Detail, r.Address, store.Null(r.Holder), r.Status, sortKey, search, tx.Now)
	return err
}

func countActive(ctx context.Context, tx *store.Tx, in ident.Org) (n int64, err error) {
	err = tx.QueryRow(ctx, `
		select count(*) from resource_state where org_id = $1 and known_until is null and status = 'active'`, in).Scan(&n)
	return n, err
}

func countActiveAt(ctx context.Context, tx *store.Tx, in ident.Org, site ident.Site) (n int64, err error) {
	err = tx.QueryRow(ctx, `
		select count(*) from resource_state where org_id = $1 and site_id = $2 and known_until is null and status = 'active'`, in, site).Scan(&n)
	return n, err
}

// nameTaken finds another active resource of the type at the same place whose name reads
// the same.
func nameTaken(ctx context.Context, tx *store.Tx, r Resource, sortKey string) (bool, error) {
	_, taken, err := store.One(ctx, tx, store.Value[string], `
		select s.resource_id from resource_state s join resource r on r.org_id = s.org_id and r.id = s.resource_id
		where s.org_id = $1 and s.known_until is null and s.status = 'active' and r.type = $2 and coalesce(s.site_id, '') = $3
			and s.sort_key = $4 and s.resource_id <> $5
		limit 1`, r.Org, r.Type, r.Site.String(), sortKey, r.ID)
	return taken, err
}

// person is who may hold a resource.
type person struct {
	name, profile string
	waits         bool // for a decision of the organisation (APP-1)
	sites         []ident.Site
}

// findPerson reads a member who has not left.
func findPerson(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (person, bool, error) {
	p, ok, err := store.One(ctx, tx, func(s store.Scan) (person, error) {
		var p person
		return p, s(&p.name, &p.profile, &p.waits)
	}, `
		select trim(given_name || ' ' || family_name), profile_type, status = 'pending_approval' from member_state
		where org_id = $1 and member_id = $2 and known_until is null and status <> 'left'`, in, id)
	if err != nil || !ok {
		return p, ok, err
	}
	p.sites, err = store.All(ctx, tx, store.Value[ident.Site], `
		select site_id from member_site where org_id = $1 and member_id = $2 and known_until is null`, in, id)
	return p, true, err
}

// movedAway reports whether the holder of a resource belonged to its site, and no longer does.
func movedAway(ctx context.Context, tx *store.Tx, v Resource) (bool, error) {
	belonged, now := false, false
	err := tx.QueryRow(ctx, `
		select count(*) > 0, count(case when known_until is null then 1 end) > 0 from member_site
		where org_id = $1 and member_id = $2 and site_id = $3`, v.Org, v.Holder, v.Site).Scan(&belonged, &now)
	return belonged && !now, err
}

// membersAt are those of the members who belong to one of the sites.
func membersAt(ctx context.Context, tx *store.Tx, in ident.Org, members []ident.Member, sites []ident.Site) ([]ident.Member, error) {
	var args store.Args
	args.Add(in)
	query := `select distinct member_id from member_site where org_id = $1 and known_until is null`
	query += ` and member_id in ` + store.In(&args, members) + ` and site_id in ` + store.In(&args, sites)
	return store.All(ctx, tx, store.Value[ident.Member], query, args.List()...)
}

// countEnds counts what holds on a resource, now or later: levels, and delegations.
func countEnds(ctx context.Context, tx *store.Tx, r Resource) (levels, delegations int64, err error) {
	err = tx.QueryRow(ctx, `
		select count(*) from access_grant
		where org_id = $1 and resource_id = $2 and known_until is null
			and (ends_at is null or ends_at > $3)`, r.Org, r.ID, tx.Now).Scan(&levels)
	if err != nil {
		return 0, 0, err
	}
	err = tx.QueryRow(ctx, `
		select count(*) from delegation
		where org_id = $1 and identity_id = $2 and known_until is null
			and (ends_at is null or ends_at > $3)`, r.Org, r.ID, tx.Now).Scan(&delegations)
	return levels, delegations, err
}

// narrow adds the finder's conditions to a statement on resource_state s and resource r.
func (f *finder) narrow(args *store.Args, query string) string {
	query += ` and r.type = ` + args.Add(f.Type)
	for _, w := range f.words {
		query += ` and s.search like ` + args.Add(org.Pattern(w)) + ` escape '\'`
	}
	switch {
	case f.Whole:
		query += ` and s.site_id is null`
	case f.Site != "":
		query += ` and s.site_id = ` + args.Add(f.Site)
	}
	if f.Kind != "" {
		query += ` and s.kind = ` + args.Add(f.Kind)
	}
	return f.seen(args, f.held(args, query))
}

// seen keeps to what the sight lets know of.
func (f *finder) seen(args *store.Args, query string) string {
	if f.sight.Whole {
		return query
	}
	return query + ` and (s.site_id is null or s.site_id in ` + store.In(args, f.sight.sites) + `)`
}

// held keeps to the resources of a holder, where who holds them may be known.
func (f *finder) held(args *store.Args, query string) string {
	if f.Holder == "" {
		return query
	}
	query += ` and s.holder_id = ` + args.Add(f.Holder)
	if f.sight.Whole || f.Holder == f.sight.Self {
		return query
	}
	at := store.In(args, f.sight.sites)
	return query + ` and (s.site_id in ` + at + ` or exists (select 1 from member_site b where b.org_id = s.org_id
		and b.member_id = s.holder_id and b.known_until is null and b.site_id in ` + at + `))`
}

// countStatuses counts what the query finds, by status, whatever status it asks for.
func countStatuses(ctx context.Context, tx *store.Tx, f *finder) (map[Status]int64, error) {
	var args store.Args
	args.Add(f.org)
	query := f.narrow(&args, `
		select s.status, count(*) from resource_state s join resource r on r.org_id = s.org_id and r.id = s.resource_id
		where s.org_id = $1 and s.known_until is null`)
	counts := map[Status]int64{}
	err := store.Each(ctx, tx, func(scan store.Scan) error {
		var s Status
		var n int64
		err := scan(&s, &n)
		counts[s] = n
		return err
	}, query+` group by s.status`, args.List()...)
	return counts, err
}

func findPage(ctx context.Context, tx *store.Tx, f *finder) ([]Resource, error) {
	var args store.Args
	args.Add(f.org)
	query := f.narrow(&args, current)
	if f.Status != Any {
		query += ` and s.status = ` + args.Add(f.Status)
	}
	if f.after != nil {
		query += ` and (s.sort_key, s.resource_id) > (` + args.Add(f.after.Key) + `, ` + args.Add(f.after.ID) + `)`
	}
	query += byName + ` limit ` + args.Add(f.Size+1) + ` offset ` + args.Add(f.offset())
	return store.All(ctx, tx, scan, query, args.List()...)
}
