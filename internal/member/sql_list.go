package member

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/store"
)

// order is how a list is ordered: a statement that takes the organisation as $1,
// and the column that comes before the ID. few is the statement for a query that
// finds few members: it chooses them first, and orders them after.
type order struct {
	base, few, key, id string
	loose              string // the key as no index has it: those found are ordered after
	timed              bool
}

// "cross join" has SQLite read the tables in the order of the text: those many are
// taken from the index of member, in order, until the page is full.
var orders = map[Sort]order{
	ByName: {
		base: `select s.sort_key, s.member_id from member_state s where s.org_id = $1 and s.known_until is null`,
		few:  `select s.sort_key, s.member_id from member_state s where s.org_id = $1 and s.known_until is null`,
		key:  "s.sort_key", id: "s.member_id", loose: "s.sort_key || ''",
	},
	ByLastSignIn: {
		base: `select m.last_sign_in_at, m.id from member m cross join member_state s
			where m.org_id = $1 and s.org_id = m.org_id and s.member_id = m.id and s.known_until is null`,
		few: `select m.last_sign_in_at, m.id from member_state s cross join member m
			where s.org_id = $1 and s.known_until is null and m.org_id = s.org_id and m.id = s.member_id`,
		key: "m.last_sign_in_at", id: "m.id", timed: true,
	},
	ByCreation: {
		base: `select m.created_at, m.id from member m cross join member_state s
			where m.org_id = $1 and s.org_id = m.org_id and s.member_id = m.id and s.known_until is null`,
		few: `select m.created_at, m.id from member_state s cross join member m
			where s.org_id = $1 and s.known_until is null and m.org_id = s.org_id and m.id = s.member_id`,
		key: "m.created_at", id: "m.id", timed: true,
	},
}

// narrow adds what the query and the viewer's sites let through. Sites and rights
// are looked up for each member met if each says so, else listed beforehand.
func (f *finder) narrow(args *store.Args, each bool) string {
	cond := ` and s.status in ` + store.In(args, f.statuses())
	for _, w := range f.search {
		cond += like(args, "s.search", w)
	}
	for _, w := range f.keywords {
		cond += like(args, "s.keywords", w)
	}
	if f.Verification != "" {
		cond += ` and s.verification = ` + args.Add(f.Verification)
	}
	if f.Function != "" {
		cond += ` and s.function = ` + args.Add(f.Function)
	}
	if f.Role != "" {
		cond += ` and ` + f.holds(args, each, f.Role)
	}
	if f.Admin {
		cond += ` and ` + f.holds(args, each, f.admin)
	}
	switch {
	case f.Permission != "" && f.singly:
		cond += ` and (` + f.holds(args, each, f.granting...) + ` or ` + f.given(args, each) + `)`
	case f.Permission != "":
		cond += ` and ` + f.holds(args, each, f.granting...)
	}
	if f.Site != "" {
		cond += at(args, each, []ident.Site{f.Site})
	}
	return cond + f.seen(args, each)
}

// like looks for a word. PostgreSQL takes a pattern that it does not know to be met by
// one row in 200, and would look up the sites of each member it meets, one by one; of
// "<>" it expects many, and lists them beforehand: twice as fast at 100,000.
func like(args *store.Args, column, word string) string {
	return ` and case when ` + column + ` like ` + args.Add(org.Pattern(word)) + ` escape '\' then 1 else 0 end <> 0`
}

// seen keeps to the members of the viewer's sites.
func (f *finder) seen(args *store.Args, each bool) string {
	if f.within == nil {
		return ""
	}
	return at(args, each, f.within)
}

func at(args *store.Args, each bool, sites []ident.Site) string {
	cond := ` and s.member_id in (select b.member_id from member_site b where b.org_id = $1`
	if each {
		cond = ` and exists (select 1 from member_site b where b.org_id = $1 and b.member_id = s.member_id`
	}
	return cond + ` and b.known_until is null and b.site_id in ` + store.In(args, sites) + `)`
}

// holds says that the member holds one of the roles.
func (f *finder) holds(args *store.Args, each bool, roles ...ident.Role) string {
	cond := `s.member_id in (select r.member_id from member_role r where r.org_id = $1`
	if each {
		cond = `exists (select 1 from member_role r where r.org_id = $1 and r.member_id = s.member_id`
	}
	return cond + ` and r.known_until is null and (r.ends_at is null or r.ends_at > ` + args.Add(f.now) + `) and r.role_id in ` +
		store.In(args, roles) + f.told(args, "r.site_id") + `)`
}

// given says that the member was given the permission singly.
func (f *finder) given(args *store.Args, each bool) string {
	cond := `s.member_id in (select g.member_id from member_permission g where g.org_id = $1`
	if each {
		cond = `exists (select 1 from member_permission g where g.org_id = $1 and g.member_id = s.member_id`
	}
	return cond + ` and g.known_until is null and (g.ends_at is null or g.ends_at > ` + args.Add(f.now) + `) and g.permission = ` +
		args.Add(f.Permission) + f.told(args, "g.site_id") + `)`
}

// givenSingly reports whether anybody was given the permission singly: where nobody
// was, and that is most often, half of the question need not be asked of each member.
func givenSingly(ctx context.Context, tx *store.Tx, in ident.Org, p access.Permission) (bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[int64], `
		select 1 from member_permission where org_id = $1 and permission = $2 and known_until is null limit 1`, in, p)
	return found, err
}

// told keeps to rights in the whole organisation or at sites that the viewer may know
// of: a filter tells no more than a sheet (AUZ-06).
func (f *finder) told(args *store.Args, site string) string {
	if f.sight.Whole {
		return ""
	}
	return ` and (` + site + ` is null or ` + site + ` in ` + store.In(args, f.sight.Sites()) + `)`
}

// findSpots gives the spots of a stretch of the list, in its own direction.
func findSpots(ctx context.Context, tx *store.Tx, f *finder, at stretch) ([]spot, error) {
	var args store.Args
	args.Add(f.org)
	o := orders[f.Sort]
	query := o.base
	if at.few {
		query = o.few
	}
	query += f.narrow(&args, at.each)
	than, direction := ` > `, ``
	if at.descending {
		than, direction = ` < `, ` desc`
	}
	if f.after != nil {
		var key any = f.after.Key
		if o.timed {
			key = f.after.At
		}
		query += ` and (` + o.key + `, ` + o.id + `)` + than + `(` + args.Add(key) + `, ` + args.Add(f.after.ID) + `)`
	}
	key := o.key
	if at.few && o.loose != "" {
		key = o.loose
	}
	query += ` order by ` + key + direction + `, ` + o.id + direction + ` limit ` + args.Add(at.limit) + ` offset ` + args.Add(at.offset)
	return store.All(ctx, tx, func(s store.Scan) (spot, error) {
		var v spot
		if o.timed {
			return v, s(&v.At, &v.ID)
		}
		return v, s(&v.Key, &v.ID)
	}, query, args.List()...)
}

func countFound(ctx context.Context, tx *store.Tx, f *finder) (n int64, err error) {
	var args store.Args
	args.Add(f.org)
	query := `select count(*) from member_state s where s.org_id = $1 and s.known_until is null` + f.narrow(&args, false)
	err = tx.QueryRow(ctx, query, args.List()...).Scan(&n)
	return n, err
}

// countStatuses reads the index once, without grouping it.
func countStatuses(ctx context.Context, tx *store.Tx, f *finder) (map[Status]int64, error) {
	var args store.Args
	args.Add(f.org)
	query := `
		select count(*) filter (where s.status = 'pending_approval'), count(*) filter (where s.status = 'created'),
			count(*) filter (where s.status = 'active'), count(*) filter (where s.status = 'deactivated')
		from member_state s where s.org_id = $1 and s.known_until is null` + f.seen(&args, false)
	var n [4]int64
	err := tx.QueryRow(ctx, query, args.List()...).Scan(&n[0], &n[1], &n[2], &n[3])
	return map[Status]int64{PendingApproval: n[0], Created: n[1], Active: n[2], Deactivated: n[3]}, err
}

// anyFile reports whether somebody whom the viewer sees registered by themself: there is an
// index of these alone.
func anyFile(ctx context.Context, tx *store.Tx, f *finder) (bool, error) {
	var args store.Args
	args.Add(f.org)
	query := `
		select 1 from member_state s where s.org_id = $1 and s.known_until is null and s.verification <> 'not_needed' and s.status <> 'left'` +
		f.seen(&args, true) + ` limit 1`
	_, found, err := store.One(ctx, tx, store.Value[int64], query, args.List()...)
	return found, err
}

// countAdministrators begins with the few who hold the role.
func countAdministrators(ctx context.Context, tx *store.Tx, f *finder) (n int64, err error) {
	var args store.Args
	args.Add(f.org)
	query := `
		select count(distinct r.member_id) from member_role r cross join member_state s
		where r.org_id = $1 and r.known_until is null and s.org_id = r.org_id and s.member_id = r.member_id and s.known_until is null
			and s.status <> 'left'`
	query += ` and r.role_id = ` + args.Add(f.admin) + ` and (r.ends_at is null or r.ends_at > ` + args.Add(f.now) + `)` +
		f.told(&args, "r.site_id") + f.seen(&args, true)
	err = tx.QueryRow(ctx, query, args.List()...).Scan(&n)
	return n, err
}

// invitationsOf reads the invitations that wait for some members.
func invitationsOf(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member) ([]waitingInvitation, error) {
	var args store.Args
	query := `select i.member_id, i.id, i.expires_at from invitation i where i.org_id = ` + args.Add(in) + ` and i.status = 'pending'
		and i.member_id in ` + store.In(&args, ids)
	return store.All(ctx, tx, func(s store.Scan) (waitingInvitation, error) {
		var w waitingInvitation
		return w, s(&w.member, &w.id, &w.expires)
	}, query, args.List()...)
}

// What invitations give.
type (
	invitedSite struct {
		invitation ident.Invitation
		site       ident.Site
	}
	invitedRole struct {
		invitation ident.Invitation
		given      role.Given
	}
)

// invitationSites and invitationRoles read what some invitations give.
func invitationSites(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Invitation) ([]invitedSite, error) {
	var args store.Args
	query := `
		select i.invitation_id, i.site_id from invitation_site i
		join site_state s on s.org_id = i.org_id and s.site_id = i.site_id and s.known_until is null and s.status = 'active'
		where i.org_id = ` + args.Add(in) + ` and i.invitation_id in ` + store.In(&args, ids)
	return store.All(ctx, tx, func(s store.Scan) (invitedSite, error) {
		var w invitedSite
		return w, s(&w.invitation, &w.site)
	}, query, args.List()...)
}

func invitationRoles(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Invitation) ([]invitedRole, error) {
	var args store.Args
	query := `select invitation_id, role_id, coalesce(site_id, '') from invitation_role where org_id = ` + args.Add(in) + `
		and invitation_id in ` + store.In(&args, ids)
	return store.All(ctx, tx, func(s store.Scan) (invitedRole, error) {
		r := invitedRole{given: role.Given{Scope: access.OrgScope(in)}}
		return r, s(&r.invitation, &r.given.Role, &r.given.Scope.Site)
	}, query, args.List()...)
}
