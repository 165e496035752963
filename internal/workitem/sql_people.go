package workitem

import (
	"context"
	"maps"
	"slices"

	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/store"
)

// person is what the rules ask of whoever holds items or may.
type person struct {
	name  string
	sites []ident.Site

	practitioner, inForce bool
}

// peopleByID reads members who have not left.
func peopleByID(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member) (map[ident.Member]person, error) {
	found := map[ident.Member]person{}
	for block := range slices.Chunk(ids, blockFind) {
		var args store.Args
		args.Add(in)
		args.Add(tx.Now)
		query := `
			select s.member_id, s.given_name, s.family_name, s.profile_type, s.status, s.verification,
				(s.starts_at is null or s.starts_at <= $2) and (s.ends_at is null or s.ends_at > $2)
			from member_state s
			where s.org_id = $1 and s.known_until is null and s.status <> 'left' and s.member_id in ` + store.In(&args, block)
		if err := store.Each(ctx, tx, func(s store.Scan) error {
			var m member.Member
			var dated bool
			err := s(&m.ID, &m.GivenName, &m.FamilyName, &m.ProfileType, &m.Status, &m.Verification, &dated)
			found[m.ID] = person{name: m.Name(), practitioner: receivesPatients(m.ProfileType), inForce: dated && m.InForce()}
			return err
		}, query, args.List()...); err != nil {
			return nil, err
		}
	}
	sites, err := member.SitesOf(ctx, tx, in, slices.Collect(maps.Keys(found)))
	for id, p := range found {
		p.sites = sites[id]
		found[id] = p
	}
	return found, err
}

func receivesPatients(t member.ProfileType) bool {
	return t == member.Regulated || t == member.Unregulated
}

// owners reads who is to own what is new or given to another, or whose site changes.
func (p plan) owners(ctx context.Context, tx *store.Tx) (map[ident.Member]person, error) {
	var ids []ident.Member
	for i := range p.steps {
		if s := &p.steps[i]; s.newOwner() || s.reopened() || s.newSite() {
			ids = append(ids, s.Owner)
		}
	}
	slices.Sort(ids)
	return peopleByID(ctx, tx, p.org, slices.Compact(ids))
}

// sitesOf are the sites of a member; ok is false for one who is not there or has left.
func sitesOf(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (sites []ident.Site, ok bool, err error) {
	people, err := peopleByID(ctx, tx, in, []ident.Member{id})
	p, ok := people[id]
	return p.sites, ok, err
}

// hasLeft reports whether somebody was a member and has left.
func hasLeft(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (bool, error) {
	refs, err := member.Refs(ctx, tx, in, []ident.Member{id})
	return refs[id].Status == member.Left, err
}

// nameOf names a member, who may have left since.
func nameOf(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (string, error) {
	refs, err := member.Refs(ctx, tx, in, []ident.Member{id})
	return refs[id].Name(), err
}

// demand is what items ask of whoever receives them.
type demand struct {
	practitioner bool
	sites        []ident.Site // all of them
}

// selectReceivers reads who is in force, but one.
const selectReceivers = `
	select s.member_id, s.title, s.given_name, s.family_name, s.email, s.function, s.profile_type
	from member_state s
	where s.org_id = $1 and s.known_until is null and s.member_id <> $2 and s.status in ('created', 'active')
		and s.verification in ('not_needed', 'verified')
		and (s.starts_at is null or s.starts_at <= $3) and (s.ends_at is null or s.ends_at > $3)`

// nearest orders receivers: the function of somebody counts for more than a site of theirs (OFF-1).
func nearest(args *store.Args, function string, sites []ident.Site) string {
	return ` order by case when s.function = ` + args.Add(function) + ` then 2 else 0 end + case when s.member_id in (
		select b.member_id from member_site b where b.org_id = $1 and b.known_until is null and b.site_id in ` + store.In(args, sites) + `)
		then 1 else 0 end desc, s.sort_key, s.member_id`
}

func proposed(ctx context.Context, tx *store.Tx, eye sight, of member.Member, near []ident.Site, d demand, words []string, limit int,
) ([]Receiver, error) {
	var args store.Args
	for _, v := range []any{of.Org, of.ID, tx.Now} {
		args.Add(v)
	}
	query := selectReceivers
	if d.practitioner {
		query += ` and s.profile_type in ('regulated', 'unregulated')`
	}
	for _, site := range d.sites {
		query += belongsTo(&args, []ident.Site{site})
	}
	if !eye.whole {
		query += belongsTo(&args, eye.sites)
	}
	for _, w := range words {
		query += ` and s.search like ` + args.Add(org.Pattern(w)) + ` escape '\'`
	}
	query += nearest(&args, of.Function, near) + ` limit ` + args.Add(limit)
	found, err := store.All(ctx, tx, scanReceiver(of), query, args.List()...)
	if err != nil {
		return nil, err
	}
	ids := make([]ident.Member, len(found))
	for i := range found {
		ids[i] = found[i].ID
	}
	sites, err := member.SitesOf(ctx, tx, of.Org, ids)
	for i := range found {
		found[i].SameSite = slices.ContainsFunc(sites[found[i].ID], func(s ident.Site) bool { return slices.Contains(near, s) })
	}
	return found, err
}

// belongsTo keeps to the members of one site at least.
func belongsTo(args *store.Args, sites []ident.Site) string {
	return ` and s.member_id in (
		select b.member_id from member_site b where b.org_id = $1 and b.known_until is null and b.site_id in ` + store.In(args, sites) + `)`
}

func scanReceiver(of member.Member) func(store.Scan) (Receiver, error) {
	return func(s store.Scan) (Receiver, error) {
		r := Receiver{Member: member.Member{Org: of.Org}}
		err := s(&r.ID, &r.Title, &r.GivenName, &r.FamilyName, &r.Email, &r.Function, &r.ProfileType)
		r.SameFunction = r.Function == of.Function
		return r, err
	}
}
