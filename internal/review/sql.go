package review

import (
	"context"
	"slices"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

const selectCampaign = `
	select r.org_id, r.id, coalesce(r.site_id, ''), r.function, r.state, r.version, r.scheduled, r.opened_by, r.opened_at, r.deadline,
		r.reminded, r.ended_by, r.ended_at, r.typed, exists (select 1 from review_file f where f.org_id = r.org_id and f.review_id = r.id)
	from review r where r.org_id = $1`

func scan(s store.Scan) (Campaign, error) {
	var c Campaign
	var ended *time.Time
	err := s(&c.Org, &c.ID, &c.Site, &c.Function, &c.State, &c.Version, &c.Scheduled, &c.openedBy, &c.OpenedAt, &c.Deadline, &c.reminded,
		&c.endedBy, &ended, &c.Forced, &c.HasFile)
	if ended != nil {
		c.EndedAt = *ended
	}
	return c, err
}

func get(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Review) (Campaign, bool, error) {
	return store.One(ctx, tx, scan, selectCampaign+` and r.id = $2`, org, id)
}

// openOf reads the open campaigns of an organisation.
func openOf(ctx context.Context, tx *store.Tx, org ident.Org) ([]Campaign, error) {
	return store.All(ctx, tx, scan, selectCampaign+` and r.state = 'open' order by r.opened_at, r.id`, org)
}

// narrow keeps to what the finder asks for, and may find.
func (f *finder) narrow(args *store.Args) string {
	cond := ``
	if f.State != "" {
		cond += ` and r.state = ` + args.Add(f.State)
	}
	if !f.whole {
		cond += ` and r.site_id in ` + store.In(args, f.sites)
	}
	return cond
}

func countCampaigns(ctx context.Context, tx *store.Tx, f *finder) (n int64, err error) {
	var args store.Args
	query := `select count(*) from review r where r.org_id = ` + args.Add(f.org) + f.narrow(&args)
	err = tx.QueryRow(ctx, query, args.List()...).Scan(&n)
	return n, err
}

func campaigns(ctx context.Context, tx *store.Tx, f *finder) ([]Campaign, error) {
	var args store.Args
	args.Add(f.org)
	query, offset := selectCampaign+f.narrow(&args), (f.Page-1)*f.Size
	if f.after != nil {
		query += ` and (r.opened_at, r.id) < (` + args.Add(f.after.At) + `, ` + args.Add(f.after.ID) + `)`
		offset = 0
	}
	query += ` order by r.opened_at desc, r.id desc limit ` + args.Add(f.Size+1) + ` offset ` + args.Add(offset)
	return store.All(ctx, tx, scan, query, args.List()...)
}

// countsOf says of campaigns how far they are.
func countsOf(ctx context.Context, tx *store.Tx, org ident.Org, ids []ident.Review, me ident.Member) (map[ident.Review]Counts, error) {
	var args store.Args
	args.Add(org)
	args.Add(me)
	all := map[ident.Review]Counts{}
	return all, store.Each(ctx, tx, func(s store.Scan) error {
		var id ident.Review
		var c Counts
		err := s(&id, &c.People, &c.Decided, &c.Undecided, &c.Mine, &c.Nobody, &c.Kept, &c.Reduced, &c.Removed, &c.ToDo)
		all[id] = c
		return err
	}, `select v.review_id, count(*), count(*) filter (where v.decision <> ''),
			count(*) filter (where v.decision = '' and not v.gone),
			count(*) filter (where v.decision = '' and v.reviewer_id = $2 and not v.gone),
			count(*) filter (where v.decision = '' and v.reviewer_id is null and not v.gone),
			count(*) filter (where v.decision = 'keep'), count(*) filter (where v.decision = 'reduce'),
			count(*) filter (where v.decision = 'remove'), count(*) filter (where v.outcome = 'to_do')
		from (
			select p.review_id, p.decision, p.reviewer_id, p.outcome, (s.status = 'left' or (r.site_id is not null and not exists (
				select 1 from member_site b where b.org_id = p.org_id and b.member_id = p.member_id and b.site_id = r.site_id
					and b.known_until is null))) as gone
			from review_person p
			join review r on r.org_id = p.org_id and r.id = p.review_id
			join member_state s on s.org_id = p.org_id and s.member_id = p.member_id and s.known_until is null
			where p.org_id = $1
		) v where true`+` and v.review_id in `+store.In(&args, ids)+` group by v.review_id`, args.List()...)
}

// functionsOf are the functions in use, of those who belong to some sites, or of all.
func functionsOf(ctx context.Context, tx *store.Tx, org ident.Org, whole bool, sites []ident.Site) ([]string, error) {
	var args store.Args
	query := `select distinct s.function from member_state s where s.org_id = ` + args.Add(org) + ` and s.known_until is null
		and s.status in ('created', 'active', 'deactivated')`
	if !whole {
		query += ` and exists (select 1 from member_site b where b.org_id = s.org_id and b.member_id = s.member_id and b.known_until is null
			and b.site_id in ` + store.In(&args, sites) + `)`
	}
	return store.All(ctx, tx, store.Value[string], query+` order by s.function`, args.List()...)
}

// lastRound is when the last campaign of the timetable, or of the whole organisation, was opened;
// else when the organisation was made.
func lastRound(ctx context.Context, tx *store.Tx, org ident.Org) (time.Time, error) {
	at, found, err := store.One(ctx, tx, store.Value[time.Time], `
		select r.opened_at from review r where r.org_id = $1 and (r.scheduled or (r.site_id is null and r.function = ''))
		order by r.opened_at desc, r.id desc limit 1`, org)
	if err != nil || found {
		return at, err
	}
	at, _, err = store.One(ctx, tx, store.Value[time.Time], `select o.created_at from org o where o.id = $1`, org)
	return at, err
}

// orgs are the organisations in use, from one on.
func orgs(ctx context.Context, tx *store.Tx, after ident.Org, limit int) ([]ident.Org, error) {
	return store.All(ctx, tx, store.Value[ident.Org], `
		select o.id from org o join org_state s on s.org_id = o.id and s.known_until is null and s.status = 'active'
		where o.id > $1 order by o.id limit $2`, after, limit)
}

func insert(ctx context.Context, tx *store.Tx, c Campaign) error {
	_, err := tx.Exec(ctx, `
		insert into review (org_id, id, site_id, function, state, version, scheduled, opened_by, opened_at, deadline, reminded, ended_by, typed)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, '', false)`,
		c.Org, c.ID, store.Null(c.Site), c.Function, c.State, c.Version, c.Scheduled, c.openedBy, c.OpenedAt, c.Deadline)
	return err
}

// update writes the next version of a campaign.
func update(ctx context.Context, tx *store.Tx, c *Campaign) error {
	c.Version++
	_, err := tx.Exec(ctx, `
		update review set state = $3, version = $4, reminded = $5, ended_by = $6, ended_at = $7, typed = $8, finished_at = $9
		where org_id = $1 and id = $2`,
		c.Org, c.ID, c.State, c.Version, c.reminded, c.endedBy, null(c.EndedAt), c.Forced, null(c.finishedAt))
	return err
}

// setReminded notes how many reminders were sent: whoever read the campaign read it right.
func setReminded(ctx context.Context, tx *store.Tx, c Campaign) error {
	_, err := tx.Exec(ctx, `update review set reminded = $3 where org_id = $1 and id = $2`, c.Org, c.ID, c.reminded)
	return err
}

func null(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// People ----------------------------------------------------------------------------

// candidates are the members whom a campaign may be about, by name: those in force, and those
// deactivated, who are reviewed if rights are left to them.
func candidates(ctx context.Context, tx *store.Tx, org ident.Org, of Scope) ([]candidate, error) {
	var args store.Args
	query := `select s.member_id, s.status = 'deactivated', m.last_sign_in_at
		from member_state s join member m on m.org_id = s.org_id and m.id = s.member_id
		where s.org_id = ` + args.Add(org) + ` and s.known_until is null and s.status in ('created', 'active', 'deactivated')`
	if !of.Site.IsZero() {
		query += ` and exists (select 1 from member_site b where b.org_id = s.org_id and b.member_id = s.member_id and b.known_until is null
			and b.site_id = ` + args.Add(of.Site) + `)`
	}
	if of.Function != "" {
		query += ` and s.function = ` + args.Add(of.Function)
	}
	return store.All(ctx, tx, func(s store.Scan) (candidate, error) {
		var c candidate
		return c, s(&c.id, &c.deactivated, &c.seen)
	}, query+` order by s.sort_key, s.member_id`, args.List()...)
}

func insertPeople(ctx context.Context, tx *store.Tx, c Campaign, list []row) error {
	return store.InsertAll(ctx, tx, list, `
		insert into review_person (org_id, review_id, member_id, no, photograph, judged, reviewer_id, version, decision, drops, comment,
			decided_by, outcome, code, change_set_id, leaves)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`, "",
		func(p *row) []any {
			return []any{
				c.Org, c.ID, p.member, p.no, p.photograph.text(), "", store.Null(p.reviewer), p.version, "", "", "", "", "", "", "",
				"",
			}
		})
}

// selectRow reads the people of a campaign; $3 says whether with their photographs, $4 whether with what
// was judged. gone is whoever is no member any more, or not of the site of the campaign; leaving what they would leave, taken away.
const selectRow = `
	select p.member_id, p.no, case when $4 then p.judged else '' end, coalesce(p.reviewer_id, ''), p.version, p.decision, p.drops,
		p.comment, p.decided_by, p.decided_at, p.outcome, p.code, p.change_set_id, p.done_at, case when $3 then p.photograph else '' end,
		(s.status = 'left' or (r.site_id is not null and not exists (
			select 1 from member_site b where b.org_id = p.org_id and b.member_id = p.member_id and b.site_id = r.site_id
				and b.known_until is null))) as gone,
		p.leaves, case when r.site_id is not null and exists (
			select 1 from member_site e where e.org_id = p.org_id and e.member_id = p.member_id and e.site_id <> r.site_id
				and e.known_until is null) then 'site' else 'organization' end as leaving
	from review_person p
	join review r on r.org_id = p.org_id and r.id = p.review_id
	join member_state s on s.org_id = p.org_id and s.member_id = p.member_id and s.known_until is null
	where p.org_id = $1 and p.review_id = $2`

func scanRow(s store.Scan) (row, error) {
	var p row
	var judged, drops, photograph string
	var decided, done *time.Time
	err := s(&p.member, &p.no, &judged, &p.reviewer, &p.version, &p.choice, &drops, &p.comment, &p.decidedBy, &decided,
		&p.outcome, &p.code, &p.changeSet, &done, &photograph, &p.gone, &p.leaves, &p.leaving)
	if err != nil {
		return p, err
	}
	if decided != nil {
		p.decidedAt = *decided
	}
	if done != nil {
		p.doneAt = *done
	}
	if p.judged, err = parseRights(judged); err != nil {
		return p, err
	}
	if p.photograph, err = parseRights(photograph); err != nil {
		return p, err
	}
	p.drops, err = parseKeys(drops)
	return p, err
}

// rowsOf reads the people of a campaign, in its order, without their photographs.
func rowsOf(ctx context.Context, tx *store.Tx, c Campaign) ([]row, error) {
	return store.All(ctx, tx, scanRow, selectRow+` order by p.no`, c.Org, c.ID, false, true)
}

// bareRowsOf is rowsOf without what was judged: nothing says of them whether they are outdated.
func bareRowsOf(ctx context.Context, tx *store.Tx, c Campaign) ([]row, error) {
	return store.All(ctx, tx, scanRow, selectRow+` order by p.no`, c.Org, c.ID, false, false)
}

// toDoOf reads, bare, those of whom something was left to do.
func toDoOf(ctx context.Context, tx *store.Tx, c Campaign) ([]row, error) {
	return store.All(ctx, tx, scanRow, selectRow+` and p.outcome = 'to_do' order by p.no`, c.Org, c.ID, false, false)
}

// pendingOf reads, bare, the first of those of whom a choice was made and nothing is done yet.
func pendingOf(ctx context.Context, tx *store.Tx, c Campaign, choice Choice, limit int) ([]row, error) {
	return store.All(ctx, tx, scanRow, selectRow+` and p.outcome = '' and p.decision = $5 order by p.no limit $6`,
		c.Org, c.ID, false, false, choice, limit)
}

// framedOf reads some of them with their photographs; all, when some is nil.
func framedOf(ctx context.Context, tx *store.Tx, c Campaign, some []ident.Member) ([]row, error) {
	if some == nil {
		return store.All(ctx, tx, scanRow, selectRow+` order by p.no`, c.Org, c.ID, true, true)
	}
	var list []row
	for part := range slices.Chunk(some, atOnce) {
		var args store.Args
		args.Add(c.Org)
		args.Add(c.ID)
		args.Add(true)
		args.Add(true)
		found, err := store.All(ctx, tx, scanRow, selectRow+` and p.member_id in `+store.In(&args, part)+` order by p.no`, args.List()...)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	return list, nil
}

func updateRow(ctx context.Context, tx *store.Tx, c Campaign, p row) error {
	judged := ""
	if p.choice != Undecided {
		judged = p.judged.text()
	}
	_, err := tx.Exec(ctx, `
		update review_person set judged = $4, reviewer_id = $5, version = $6, decision = $7, drops = $8, comment = $9, decided_by = $10,
			decided_at = $11, outcome = $12, code = $13, change_set_id = $14, done_at = $15, leaves = $16
		where org_id = $1 and review_id = $2 and member_id = $3`,
		c.Org, c.ID, p.member, judged, store.Null(p.reviewer), p.version, p.choice, writeKeys(p.drops), p.comment, p.decidedBy,
		null(p.decidedAt), p.outcome, p.code, p.changeSet, null(p.doneAt), p.leaves)
	return err
}

// assign puts people on the list of a reviewer.
func assign(ctx context.Context, tx *store.Tx, c Campaign, to ident.Member, people []ident.Member) error {
	for part := range slices.Chunk(people, atOnce) {
		var args store.Args
		args.Add(to)
		args.Add(c.Org)
		args.Add(c.ID)
		query := `update review_person set reviewer_id = $1 where org_id = $2 and review_id = $3` + ` and member_id in ` + store.In(&args, part)
		if _, err := tx.Exec(ctx, query, args.List()...); err != nil {
			return err
		}
	}
	return nil
}

// underWay are the campaigns whose end was decided, and is not done.
func underWay(ctx context.Context, tx *store.Tx, limit int) ([]key, error) {
	return store.All(ctx, tx, func(s store.Scan) (key, error) {
		var k key
		return k, s(&k.org, &k.id)
	}, `select r.org_id, r.id from review r where r.state = 'closing' order by r.org_id, r.id limit $1`, limit)
}

// waitingFor counts the people on the lists of a reviewer, in the open campaigns, of whom nothing is
// decided.
func waitingFor(ctx context.Context, tx *store.Tx, org ident.Org, reviewer ident.Member) (w Waiting, err error) {
	lists, err := store.All(ctx, tx, func(s store.Scan) (Waiting, error) {
		var one Waiting
		return one, s(&one.Deadline, &one.People)
	}, `select r.deadline, count(*) from review_person p
		join review r on r.org_id = p.org_id and r.id = p.review_id and r.state = 'open'
		join member_state s on s.org_id = p.org_id and s.member_id = p.member_id and s.known_until is null
		where p.org_id = $1 and p.reviewer_id = $2 and p.decision = '' and not (s.status = 'left' or (r.site_id is not null and not exists (
			select 1 from member_site b where b.org_id = p.org_id and b.member_id = p.member_id and b.site_id = r.site_id
				and b.known_until is null)))
		group by r.id, r.deadline order by r.deadline`, org, reviewer)
	for i, one := range lists {
		if i == 0 {
			w.Deadline = one.Deadline
		}
		w.People += one.People
	}
	return w, err
}
