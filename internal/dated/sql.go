package dated

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// branch is one sort of row, and one of its two dates.
type branch struct {
	of     sort
	begins bool
}

// sort is what a row is about.
type sort uint8

const (
	membership sort = iota
	role
	permission
	level
	delegation
	group
)

// branches are in the order in which what happens at one moment is told: who comes, before
// what they may do.
var branches = func() (list []branch) {
	for of := range sources {
		list = append(list, branch{sort(of), true}, branch{sort(of), false})
	}
	return list
}()

// source is where the rows of a sort stand.
type source struct {
	table string // with its alias, x
	id    string // of a row: one alone is known at any moment
	also  string // a condition, begun with "and"
	// what is read of a row: the object, its name, a detail, its site; and from where.
	object, name, detail, site, joins string
}

const (
	itsID       = "x.id"
	atPlace     = "coalesce(x.site_id, '')"
	ofResource  = "coalesce(r.site_id, '')"
	joinThing   = ` join resource_state r on r.org_id = x.org_id and r.known_until is null and r.resource_id = `
	onlyInForce = ` and x.status in ('created', 'active') and x.verification in ('not_needed', 'verified')`
)

var sources = [...]source{
	membership: {table: "member_state x", id: "x.member_id", also: onlyInForce, object: "x.member_id", name: "''", detail: "''", site: "''"},
	role: {
		table: "member_role x", id: itsID, object: "x.role_id", name: "n.name", detail: "o.builtin", site: atPlace,
		joins: ` join role o on o.org_id = x.org_id and o.id = x.role_id
			join role_state n on n.org_id = x.org_id and n.role_id = x.role_id and n.known_until is null`,
	},
	permission: {table: "member_permission x", id: itsID, object: "x.permission", name: "''", detail: "''", site: atPlace},
	level: {
		table: "access_grant x", id: itsID, object: "x.resource_id", name: "r.name", detail: "x.level", site: ofResource,
		joins: joinThing + "x.resource_id",
	},
	delegation: {
		table: "delegation x", id: itsID, also: ` and x.state = 'active'`, object: "x.identity_id", name: "r.name", detail: "x.act",
		site: ofResource, joins: joinThing + "x.identity_id",
	},
	group: {
		table: "record_group_member x", id: itsID, object: "x.group_id", name: "n.name", detail: "''", site: "''",
		joins: ` join record_group_state n on n.org_id = x.org_id and n.group_id = x.group_id and n.known_until is null`,
	},
}

// date is the column of a branch, and known what makes its date one that did something: it was
// known when it came, and had not passed when it was written.
func (b branch) date() string {
	if b.begins {
		return "x.starts_at"
	}
	return "x.ends_at"
}

func (b branch) known() string {
	d := b.date()
	return ` and ` + d + ` > x.known_from and (x.known_until is null or x.known_until > ` + d + `)` + sources[b.of].also
}

// between reads the moments after since and up to until at which something begins or ends.
func between(ctx context.Context, tx *store.Tx, since, until time.Time) ([]due, error) {
	var all []due
	for n, b := range branches {
		d := b.date()
		some, err := store.All(ctx, tx, func(s store.Scan) (due, error) {
			m := due{branch: n}
			return m, s(&m.org, &m.at)
		}, `select distinct x.org_id, `+d+` from `+sources[b.of].table+` where `+d+` > $1 and `+d+` <= $2`+b.known(), since, until)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// passed is one row that began or ended.
type passed struct {
	branch

	at         time.Time
	row        string
	member     ident.Member
	memberName string
	site       ident.Site // zero: the whole organisation
	siteName   string
	object     string
	name       string
	detail     string
}

// rows reads what begins or ends at a moment in an organisation, after one row.
func rows(ctx context.Context, tx *store.Tx, m due, after string, limit int) ([]passed, error) {
	b := branches[m.branch]
	src := sources[b.of]
	return store.All(ctx, tx, func(s store.Scan) (passed, error) {
		p := passed{branch: b, at: m.at}
		return p, s(&p.row, &p.member, &p.memberName, &p.site, &p.siteName, &p.object, &p.name, &p.detail)
	}, `select `+src.id+`, x.member_id, trim(m.given_name || ' ' || m.family_name), `+src.site+`, coalesce(t.name, ''),
			`+src.object+`, `+src.name+`, `+src.detail+`
		from `+src.table+`
		join member_state m on m.org_id = x.org_id and m.member_id = x.member_id and m.known_until is null`+src.joins+`
		left join site_state t on t.org_id = x.org_id and t.site_id = `+src.site+` and t.known_until is null
		where `+b.date()+` = $1 and x.org_id = $2 and `+src.id+` > $3`+b.known()+`
		order by `+src.id+` limit $4`, m.at, m.org, after, limit)
}

func toldTo(ctx context.Context, tx *store.Tx, org ident.Org) (place, error) {
	p, _, err := store.One(ctx, tx, func(s store.Scan) (place, error) {
		var p place
		return p, s(&p.at, &p.branch, &p.row)
	}, `select at, branch, row_id from dated_told where org_id = $1`, org)
	return p, err
}

func setTold(ctx context.Context, tx *store.Tx, org ident.Org, p place) error {
	_, err := tx.Exec(ctx, `
		insert into dated_told (org_id, at, branch, row_id) values ($1, $2, $3, $4)
		on conflict (org_id) do update set at = excluded.at, branch = excluded.branch, row_id = excluded.row_id`, org, p.at, p.branch, p.row)
	return err
}
