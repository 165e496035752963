package grant

import (
	"context"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// selectDelegation reads delegations of one organisation ($1) as they stand at a moment
// ($2), with those whom they concern as they are now.
const selectDelegation = `
	select d.id, d.rev, d.act, d.state, d.starts_at, d.ends_at, d.given_by, d.known_from, d.known_until,
		d.member_id, m.given_name || ' ' || m.family_name, m.function, m.sort_key,
		m.status in ('created', 'active') and m.verification in ('not_needed', 'verified')
			and (m.starts_at is null or m.starts_at <= $2) and (m.ends_at is null or m.ends_at > $2)
			and exists (select 1 from account_state a where a.account_id = m.account_id and a.known_until is null and a.status = 'active'),
		d.identity_id, r.name, r.detail, r.kind, r.status = 'closed', r.sort_key, coalesce(r.site_id, ''), coalesce(s.name, ''),
		coalesce(r.holder_id, ''), coalesce(h.given_name || ' ' || h.family_name, ''), coalesce(h.account_id, ''),
		r.holder_id is null or (h.status in ('created', 'active') and h.verification in ('not_needed', 'verified')
			and (h.starts_at is null or h.starts_at <= $2) and (h.ends_at is null or h.ends_at > $2)
			and exists (select 1 from account_state a where a.account_id = h.account_id and a.known_until is null and a.status = 'active'))
	from delegation d
	join resource_state r on r.org_id = d.org_id and r.resource_id = d.identity_id and r.known_until is null
	join member_state m on m.org_id = d.org_id and m.member_id = d.member_id and m.known_until is null
	left join member_state h on h.org_id = r.org_id and h.member_id = r.holder_id and h.known_until is null
	left join site_state s on s.org_id = r.org_id and s.site_id = r.site_id and s.known_until is null
	where d.org_id = $1`

// scanDelegation reads a row of selectDelegation as it is seen at the time now.
func scanDelegation(in ident.Org, now time.Time) func(store.Scan) (Delegation, error) {
	return func(s store.Scan) (Delegation, error) {
		d := Delegation{Org: in}
		var attending *bool
		var known *time.Time
		i := &d.Identity
		err := s(&d.ID, &d.Rev, &d.Act, &d.State, &d.From, &d.Until, &d.giver, &d.GivenAt, &known,
			&d.Member, &d.Name, &d.Function, &d.sortKeys[0], &d.present,
			&i.ID, &i.Name, &i.Detail, &i.Kind, &i.Closed, &d.sortKeys[1], &i.Site, &i.SiteName,
			&i.Holder, &i.HolderName, &d.holderAcc, &attending)
		d.attending = attending != nil && *attending // null: the holder is gone, or has no account
		d.see(known, now)
		return d, err
	}
}

// findDelegation reads a delegation as it was last known: who looks for one that somebody
// ended meanwhile is told so.
func findDelegation(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Delegation) (Delegation, bool, error) {
	return store.One(ctx, tx, scanDelegation(in, tx.Now), selectDelegation+lastKnown+` and d.id = $3`, in, tx.Now, id)
}

// standingOn reads what a member has been given or is proposed on some identities, over
// or not, as long as nobody ended it.
func standingOn(ctx context.Context, tx *store.Tx, in ident.Org, member ident.Member, ids []resource.ID) ([]Delegation, error) {
	var args store.Args
	args.Add(in)
	args.Add(tx.Now)
	query := selectDelegation + ` and d.known_until is null and d.member_id = ` + args.Add(member) +
		` and d.identity_id in ` + store.In(&args, ids)
	return store.All(ctx, tx, scanDelegation(in, tx.Now), query, args.List()...)
}

// delegationsByID reads some delegations as they were last known.
func delegationsByID(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Delegation) ([]Delegation, error) {
	var args store.Args
	args.Add(in)
	args.Add(tx.Now)
	query := selectDelegation + lastKnown + ` and d.id in ` + store.In(&args, ids) + ` order by r.sort_key, r.resource_id, d.act, d.id`
	return store.All(ctx, tx, scanDelegation(in, tx.Now), query, args.List()...)
}

// delegationsOf reads what concerns a member, as delegate or as holder, and is not over.
func delegationsOf(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) ([]Delegation, error) {
	return store.All(ctx, tx, scanDelegation(in, tx.Now), selectDelegation+stateIs[""]+`
		and (d.member_id = $3 or d.identity_id in (
			select h.resource_id from resource_state h where h.org_id = $1 and h.holder_id = $3 and h.known_until is null))
		order by r.sort_key, d.id`, in, tx.Now, id)
}

const lastKnown = ` and not exists (select 1 from delegation n where n.org_id = d.org_id and n.id = d.id and n.rev > d.rev)`

// The conditions of a list, each begun with "and".

func (f *delegationFinder) where(args *store.Args) string {
	cond := lastKnown + stateIs[f.State]
	if !f.Member.IsZero() {
		cond += ` and d.member_id = ` + args.Add(f.Member)
	}
	if !f.Holder.IsZero() {
		cond += ` and r.holder_id = ` + args.Add(f.Holder)
	}
	if f.Identity != "" {
		cond += ` and d.identity_id = ` + args.Add(f.Identity)
	}
	if f.Act != "" {
		cond += ` and d.act = ` + args.Add(f.Act)
	}
	for _, w := range f.words {
		pattern := args.Add(org.Pattern(w))
		cond += ` and (m.search like ` + pattern + ` escape '\' or r.search like ` + pattern + ` escape '\')`
	}
	if f.party != "" {
		p := args.Add(f.party)
		cond += ` and (d.member_id = ` + p + ` or r.holder_id = ` + p + `)`
	}
	if f.sites != nil {
		cond += ` and r.site_id in ` + store.In(args, f.sites)
	}
	return cond
}

// stateIs are the states as they are seen at the moment $2; what was proposed and never
// given is in no list once it is over.
var stateIs = map[DelegationState]string{
	"":       ` and d.known_until is null and (d.ends_at is null or d.ends_at > $2)`,
	Proposed: ` and d.known_until is null and (d.ends_at is null or d.ends_at > $2) and d.state = 'proposed'`,
	Upcoming: ` and d.known_until is null and (d.ends_at is null or d.ends_at > $2) and d.state = 'active' and d.starts_at > $2`,
	InForce:  ` and d.known_until is null and (d.ends_at is null or d.ends_at > $2) and d.state = 'active' and d.starts_at <= $2`,
	Ended: ` and d.state = 'active' and ((d.known_until is null and d.ends_at is not null and d.ends_at <= $2)
		or (d.known_until is not null and d.starts_at < d.known_until))`,
}

func findDelegations(ctx context.Context, tx *store.Tx, f *delegationFinder, limit, offset int) ([]Delegation, error) {
	var args store.Args
	args.Add(f.org)
	args.Add(tx.Now)
	query := selectDelegation + f.where(&args)
	if f.after != nil {
		query += ` and (m.sort_key, r.sort_key, d.id) > (` +
			args.Add(f.after.Member) + `, ` + args.Add(f.after.Identity) + `, ` + args.Add(f.after.ID) + `)`
	}
	query += ` order by m.sort_key, r.sort_key, d.id limit ` + args.Add(limit) + ` offset ` + args.Add(offset)
	return store.All(ctx, tx, scanDelegation(f.org, tx.Now), query, args.List()...)
}

func countDelegations(ctx context.Context, tx *store.Tx, f *delegationFinder) (n int64, err error) {
	var args store.Args
	args.Add(f.org)
	args.Add(tx.Now)
	query := `
		select count(*) from delegation d
		join resource_state r on r.org_id = d.org_id and r.resource_id = d.identity_id and r.known_until is null
		join member_state m on m.org_id = d.org_id and m.member_id = d.member_id and m.known_until is null
		where d.org_id = $1` + f.where(&args)
	err = tx.QueryRow(ctx, query, args.List()...).Scan(&n)
	return n, err
}

// insertDelegation writes the next revision of a delegation.
func insertDelegation(ctx context.Context, tx *store.Tx, d Delegation, state DelegationState) error {
	_, err := tx.Exec(ctx, `
		insert into delegation (org_id, id, rev, identity_id, member_id, act, state, starts_at, ends_at, given_by, known_from)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		d.Org, d.ID, d.Rev, d.Identity.ID, d.Member, d.Act, state, d.From, d.Until, d.giver, tx.Now)
	return err
}

// closeDelegation ends the row that is known; false when it is no longer.
func closeDelegation(ctx context.Context, tx *store.Tx, d Delegation) (bool, error) {
	n, err := tx.Exec(ctx, `update delegation set known_until = $4 where org_id = $1 and id = $2 and rev = $3 and known_until is null`,
		d.Org, d.ID, d.Rev, tx.Now)
	return n == 1, err
}

const selectIdentity = `
	select r.resource_id, r.name, r.detail, r.kind, r.status = 'closed', coalesce(r.site_id, ''), coalesce(s.name, ''),
		coalesce(r.holder_id, ''), coalesce(h.given_name || ' ' || h.family_name, '')
	from resource_state r
	join resource x on x.org_id = r.org_id and x.id = r.resource_id and x.type = 'identity'
	left join member_state h on h.org_id = r.org_id and h.member_id = r.holder_id and h.known_until is null
	left join site_state s on s.org_id = r.org_id and s.site_id = r.site_id and s.known_until is null
	where r.org_id = $1 and r.known_until is null`

func scanIdentity(s store.Scan) (Identity, error) {
	var i Identity
	return i, s(&i.ID, &i.Name, &i.Detail, &i.Kind, &i.Closed, &i.Site, &i.SiteName, &i.Holder, &i.HolderName)
}

func identitiesByID(ctx context.Context, tx *store.Tx, in ident.Org, ids []resource.ID) ([]Identity, error) {
	var args store.Args
	args.Add(in)
	query := selectIdentity + ` and r.resource_id in ` + store.In(&args, ids)
	return store.All(ctx, tx, scanIdentity, query, args.List()...)
}

// identitiesHeld are the active identities of a member, by name.
func identitiesHeld(ctx context.Context, tx *store.Tx, in ident.Org, holder ident.Member) ([]Identity, error) {
	return store.All(ctx, tx, scanIdentity,
		selectIdentity+` and r.holder_id = $2 and r.status = 'active' order by r.sort_key, r.resource_id`, in, holder)
}

// identitiesAt are the active identities of some sites, or all when sites is nil, by name.
func identitiesAt(ctx context.Context, tx *store.Tx, in ident.Org, sites []ident.Site, words []string, limit int) ([]Identity, error) {
	var args store.Args
	args.Add(in)
	query := selectIdentity + ` and r.status = 'active'`
	if sites != nil {
		query += ` and r.site_id in ` + store.In(&args, sites)
	}
	for _, w := range words {
		query += ` and r.search like ` + args.Add(org.Pattern(w)) + ` escape '\'`
	}
	return store.All(ctx, tx, scanIdentity, query+` order by r.sort_key, r.resource_id limit `+args.Add(limit), args.List()...)
}

const selectDelegate = `
	select m.member_id, m.given_name || ' ' || m.family_name, m.function, coalesce(m.account_id, ''), m.status = 'pending_approval'
	from member_state m
	where m.org_id = $1 and m.known_until is null and m.status in ('pending_approval', 'created', 'active', 'deactivated')`

func scanDelegate(s store.Scan) (Delegate, error) {
	var d Delegate
	return d, s(&d.ID, &d.Name, &d.Function, &d.account, &d.waits)
}

// within keeps to the members whom somebody may be shown: those of some sites, or all.
func within(args *store.Args, sites []ident.Site, whole bool) string {
	if whole {
		return ""
	}
	return ` and exists (select 1 from member_site b where b.org_id = m.org_id and b.member_id = m.member_id and b.known_until is null
		and b.site_id in ` + store.In(args, sites) + `)`
}

// delegatesAt are the members who may be chosen, by name: of some sites, or all.
func delegatesAt(ctx context.Context, tx *store.Tx, in ident.Org, sites []ident.Site, whole bool, words []string, limit int,
) ([]Delegate, error) {
	var args store.Args
	args.Add(in)
	query := selectDelegate + ` and m.status in ('created', 'active') and m.verification in ('not_needed', 'verified')` +
		within(&args, sites, whole)
	for _, w := range words {
		query += ` and m.search like ` + args.Add(org.Pattern(w)) + ` escape '\'`
	}
	return store.All(ctx, tx, scanDelegate, query+` order by m.sort_key, m.member_id limit `+args.Add(limit), args.List()...)
}

// delegateAt finds one of them, deactivated ones too.
func delegateAt(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, sites []ident.Site, whole bool) (Delegate, bool, error) {
	var args store.Args
	args.Add(in)
	query := selectDelegate + ` and m.member_id = ` + args.Add(id) + within(&args, sites, whole)
	return store.One(ctx, tx, scanDelegate, query, args.List()...)
}

// reachOf is how far a member may converse (MEM-8), and the sites they belong to.
func reachOf(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (everyone bool, sites []ident.Site, err error) {
	err = tx.QueryRow(ctx, `
		select messaging_reach = 'everyone' from member_state
		where org_id = $1 and member_id = $2 and known_until is null`, in, id).Scan(&everyone)
	if err != nil {
		return false, nil, err
	}
	sites, err = store.All(ctx, tx, store.Value[ident.Site], `
		select site_id from member_site where org_id = $1 and member_id = $2 and known_until is null`, in, id)
	return everyone, sites, err
}

// proposalsFor counts what waits for the holder of identities.
func proposalsFor(ctx context.Context, tx *store.Tx, in ident.Org, holder ident.Member) (n int64, err error) {
	err = tx.QueryRow(ctx, `
		select count(*) from delegation d
		join resource_state r on r.org_id = d.org_id and r.resource_id = d.identity_id and r.known_until is null
		where d.org_id = $1 and r.holder_id = $2 and d.known_until is null and d.state = 'proposed' and (d.ends_at is null or d.ends_at > $3)`,
		in, holder, tx.Now).Scan(&n)
	return n, err
}

// concerns reports whether somebody holds an identity, or is given something in the name of one.
func concerns(ctx context.Context, tx *store.Tx, h access.Held) (yes bool, err error) {
	err = tx.QueryRow(ctx, `
		select exists (select 1 from resource_state r join resource x on x.org_id = r.org_id and x.id = r.resource_id and x.type = 'identity'
				where r.org_id = $1 and r.holder_id = $2 and r.known_until is null and r.status = 'active')
			or exists (select 1 from delegation d where d.org_id = $1 and d.member_id = $2 and d.known_until is null
				and (d.ends_at is null or d.ends_at > $3))`, h.Org, h.Member, tx.Now).Scan(&yes)
	return yes, err
}
