package journal

import (
	"context"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/store"
)

// spot is where an event stands in the list.
type spot struct {
	at  time.Time
	seq int64
}

func scanSpot(s store.Scan) (v spot, err error) {
	err = s(&v.at, &v.seq)
	return v, err
}

// spotsOf gives the next events of a branch after a place, or before it when up.
func spotsOf(ctx context.Context, tx *store.Tx, f *finder, b branch, after *place, limit int, bySubject bool) ([]spot, error) {
	var args store.Args
	args.Add(f.org)
	query := `select e.at, e.seq from audit_event e where e.chain = $1` + f.where(&args, b, bySubject).all()
	than, direction := ` < `, ` desc`
	if f.at.Up {
		than, direction = ` > `, ``
	}
	if after != nil {
		query += ` and (e.at, e.seq)` + than + `(` + args.Add(after.At) + `, ` + args.Add(after.Seq) + `)`
	}
	query += ` order by e.at` + direction + `, e.seq` + direction + ` limit ` + args.Add(limit)
	return store.All(ctx, tx, scanSpot, query, args.List()...)
}

// countOf looks at the events that the index of a branch gives, at most so many, and
// gives how many it looked at, and how many of them the rest lets through.
func countOf(ctx context.Context, tx *store.Tx, f *finder, b branch, bySubject bool, most int64) (looked, n int64, err error) {
	var args store.Args
	args.Add(f.org)
	c := f.where(&args, b, bySubject)
	in := ` order by e.at desc, e.seq desc` // without it PostgreSQL reads the whole table where many rows are expected
	if bySubject {
		in = ``
	}
	// Put together so that each statement that stands here is whole by itself.
	if c.rest == "" {
		query := `select e.seq from audit_event e where e.chain = $1` + c.index + in + ` limit ` + args.Add(most)
		err = tx.QueryRow(ctx, "select "+"count(*) from ("+query+") e", args.List()...).Scan(&n)
		return n, n, err
	}
	query := `select e.seq, e.actor, e.subject, e.object, e.site, e.verb, e.outcome from audit_event e where e.chain = $1` + c.index + in +
		` limit ` + args.Add(most)
	err = tx.QueryRow(ctx, "select "+"count(*), count(*) filter (where true"+c.rest+") from ("+query+") e", args.List()...).Scan(&looked, &n)
	return looked, n, err
}

// spotsAmong gives those of a branch that bear one of the numbers.
func spotsAmong(ctx context.Context, tx *store.Tx, f *finder, b branch, seqs []int64) ([]spot, error) {
	var args store.Args
	args.Add(f.org)
	query := `select e.at, e.seq from audit_event e where e.chain = $1` + f.where(&args, b, false).all() +
		` and e.seq in ` + store.In(&args, seqs)
	return store.All(ctx, tx, scanSpot, query, args.List()...)
}

// lastSeq is the number of the last event of the organisation.
func lastSeq(ctx context.Context, tx *store.Tx, in ident.Org) (int64, error) {
	n, _, err := store.One(ctx, tx, store.Value[int64], `select seq from audit_head where chain = $1`, in)
	return n, err
}

func chainNumber(ctx context.Context, tx *store.Tx, in ident.Org) (int64, bool, error) {
	return store.One(ctx, tx, store.Value[int64], `select no from audit_head where chain = $1`, in)
}

// Who acted without being of the organisation is not found by name (AUD-04).
const known = ` and (n.actor = ''
	or exists (select 1 from member_state s where s.org_id = $2 and s.account_id = n.actor and s.known_until is null)
	or exists (select 1 from token t where t.org_id = $2 and t.id = n.actor))`

// namesWith gives the names that hold every word.
func namesWith(ctx context.Context, tx *store.Tx, f *finder, chain int64, words []string, most int) ([]int64, error) {
	var args store.Args
	args.Add(chain)
	args.Add(f.org)
	query := `select n.no from audit_name n where n.chain_no = $1 and $2 <> ''`
	for _, w := range words {
		query += ` and n.folded like ` + args.Add(org.Pattern(w)) + ` escape '\'`
	}
	query += known + ` limit ` + args.Add(most)
	return store.All(ctx, tx, store.Value[int64], query, args.List()...)
}

// mentionsOf gives the numbers of the events that mention one of the names.
func mentionsOf(ctx context.Context, tx *store.Tx, chain int64, names []int64, most int) ([]int64, error) {
	var args store.Args
	args.Add(chain)
	query := `select m.seq from audit_mention m where m.chain_no = $1 and m.name_no in ` + store.In(&args, names) + ` limit ` + args.Add(most)
	return store.All(ctx, tx, store.Value[int64], query, args.List()...)
}

// membersNamed gives the members whose name or address holds every word today.
func membersNamed(ctx context.Context, tx *store.Tx, in ident.Org, words []string, most int) ([]ident.Member, error) {
	var args store.Args
	args.Add(in)
	query := `select s.member_id from member_state s where s.org_id = $1 and s.known_until is null`
	for _, w := range words {
		query += ` and s.search like ` + args.Add(org.Pattern(w)) + ` escape '\'`
	}
	query += ` limit ` + args.Add(most)
	return store.All(ctx, tx, store.Value[ident.Member], query, args.List()...)
}

// aboutMembers gives the numbers of the events about some members.
func aboutMembers(ctx context.Context, tx *store.Tx, in ident.Org, members []ident.Member, most int) ([]int64, error) {
	var args store.Args
	args.Add(in)
	query := `select e.seq from audit_event e where e.chain = $1 and e.subject in ` + store.In(&args, members) + ` limit ` + args.Add(most)
	return store.All(ctx, tx, store.Value[int64], query, args.List()...)
}

// mentioned asks of each event whether it mentions the words: for words that many
// events mention.
func (f *finder) mentioned(args *store.Args) string {
	if f.found == nil || !f.found.scan {
		return ""
	}
	cond := ""
	for _, words := range f.found.groups {
		cond += ` and exists (select 1 from audit_mention m join audit_name n on n.chain_no = m.chain_no and n.no = m.name_no
			where m.chain_no = ` + args.Add(f.found.chain) + ` and m.seq = e.seq`
		for _, w := range words {
			cond += ` and n.folded like ` + args.Add(org.Pattern(w)) + ` escape '\'`
		}
		// The offset keeps PostgreSQL from turning the question round, and from gathering
		// every mention of a common name before it looks at the first event.
		cond += strings.ReplaceAll(known, "$2", args.Add(f.org)) + ` limit 1 offset 0)`
	}
	return cond
}

// line is an event as it is kept.
type line struct {
	Event

	seq        int64
	actorKind  string
	actor      string
	onBehalfOf string
	outcome    string
	body       *string // the payload; nil once it was removed
}

// linesOf reads some events whole.
func linesOf(ctx context.Context, tx *store.Tx, in ident.Org, seqs []int64) ([]line, error) {
	var args store.Args
	args.Add(in)
	query := lines + ` and e.seq in ` + store.In(&args, seqs)
	return store.All(ctx, tx, scanLine, query, args.List()...)
}

// lineByID reads one event of the organisation.
func lineByID(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Event) (line, bool, error) {
	return store.One(ctx, tx, scanLine, `
		select e.seq, e.id, e.at, e.verb, e.outcome, e.actor_kind, e.actor, e.on_behalf_of, e.object, e.subject, e.site, e.via, e.code, p.payload
		from audit_event e left join audit_payload p on p.chain = e.chain and p.seq = e.seq
		where e.id = $1 and e.chain = $2`, id, in)
}

const lines = `
	select e.seq, e.id, e.at, e.verb, e.outcome, e.actor_kind, e.actor, e.on_behalf_of, e.object, e.subject, e.site, e.via, e.code, p.payload
	from audit_event e left join audit_payload p on p.chain = e.chain and p.seq = e.seq
	where e.chain = $1`

func scanLine(s store.Scan) (l line, err error) {
	err = s(&l.seq, &l.ID, &l.At, &l.Verb, &l.outcome, &l.actorKind, &l.actor, &l.onBehalfOf, &l.Object, &l.Subject, &l.Site, &l.Via,
		&l.Code, &l.body)
	l.Refused = l.outcome == "refused"
	return l, err
}

// accountOf gives the account of a member, zero when there is none.
func accountOf(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (ident.Account, bool, error) {
	return store.One(ctx, tx, store.Value[ident.Account], `
		select coalesce(account_id, '') from member_state where org_id = $1 and member_id = $2 and known_until is null`, in, id)
}

// person is a member by name.
type person struct {
	member  ident.Member
	account ident.Account
	name    string
}

func scanPerson(s store.Scan) (p person, err error) {
	var given, family, email string
	err = s(&p.member, &p.account, &given, &family, &email)
	p.name = fullName(given, family, email)
	return p, err
}

const people = `
	select s.member_id, coalesce(s.account_id, ''), s.given_name, s.family_name, s.email from member_state s
	where s.known_until is null and s.org_id = $1`

// peopleOf names the members of these IDs or accounts, past ones too.
func peopleOf(ctx context.Context, tx *store.Tx, in ident.Org, members, accounts []string) ([]person, error) {
	var out []person
	for _, by := range []struct {
		column string
		ids    []string
	}{{"s.member_id", members}, {"s.account_id", accounts}} {
		if len(by.ids) == 0 {
			continue
		}
		var args store.Args
		args.Add(in)
		query := people + ` and ` + by.column + ` in ` + store.In(&args, by.ids)
		found, err := store.All(ctx, tx, scanPerson, query, args.List()...)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// label is an object by name.
type label struct{ id, name string }

func scanLabel(s store.Scan) (l label, err error) {
	err = s(&l.id, &l.name)
	return l, err
}

func siteLabels(ctx context.Context, tx *store.Tx, in ident.Org) ([]label, error) {
	return store.All(ctx, tx, scanLabel, `select site_id, name from site_state where org_id = $1 and known_until is null`, in)
}

// roleLabels names roles; a built-in one by its code, "role.reader" in the catalogue.
func roleLabels(ctx context.Context, tx *store.Tx, in ident.Org) ([]label, error) {
	return store.All(ctx, tx, scanLabel, `
		select r.id, case when r.builtin <> '' then 'role.' || r.builtin else s.name end from role r
		join role_state s on s.org_id = r.org_id and s.role_id = r.id and s.known_until is null
		where r.org_id = $1`, in)
}

// resourceLabels names resources: none of a site that the reader may not know of.
func resourceLabels(ctx context.Context, tx *store.Tx, in ident.Org, ids []string, sight org.Sight) ([]label, error) {
	var args store.Args
	args.Add(in)
	query := `select resource_id, name from resource_state where org_id = $1 and known_until is null`
	query += ` and resource_id in ` + store.In(&args, ids)
	if !sight.Whole {
		query += ` and (site_id is null or site_id in ` + store.In(&args, sight.Sites()) + `)`
	}
	return store.All(ctx, tx, scanLabel, query, args.List()...)
}

func tokenLabels(ctx context.Context, tx *store.Tx, in ident.Org) ([]label, error) {
	return store.All(ctx, tx, scanLabel, `select id, name from token where org_id = $1`, in)
}

func invitationLabels(ctx context.Context, tx *store.Tx, in ident.Org, ids []string) ([]label, error) {
	var args store.Args
	args.Add(in)
	query := `select i.id, i.email from invitation i where i.org_id = $1 and i.id in ` + store.In(&args, ids)
	return store.All(ctx, tx, scanLabel, query, args.List()...)
}

// oneAt reports whether a member belongs to one of the sites.
func oneAt(ctx context.Context, tx *store.Tx, in ident.Org, m string, sites []ident.Site) (bool, error) {
	var args store.Args
	args.Add(in)
	args.Add(m)
	query := `select 1 from member_site b where b.org_id = $1 and b.member_id = $2 and b.known_until is null and b.site_id in ` +
		store.In(&args, sites)
	_, found, err := store.One(ctx, tx, store.Value[int64], query+` limit 1`, args.List()...)
	return found, err
}

// actorsOf lists who may be chosen as the person of a filter: those who administer,
// by name; of some sites only, those who belong to them (AUZ-06).
func actorsOf(ctx context.Context, tx *store.Tx, r reader, most int) ([]person, error) {
	var args store.Args
	args.Add(r.org)
	query := people + ` and s.member_id in (select t.member_id from standing t where t.org_id = $1 and t.permission = ` +
		args.Add(access.MembersEdit) + `)`
	if !r.whole {
		query += ` and s.member_id in (select b.member_id from member_site b where b.org_id = $1 and b.known_until is null and b.site_id in ` +
			store.In(&args, r.sites) + `)`
	}
	query += ` order by s.sort_key, s.member_id limit ` + args.Add(most)
	return store.All(ctx, tx, scanPerson, query, args.List()...)
}

// hasLine reports whether a change set has a line about a member.
func hasLine(ctx context.Context, tx *store.Tx, in ident.Org, set string, id ident.Member) (bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[int64], `
		select l.n from change_line l where l.org_id = $1 and l.change_set_id = $2 and l.member_id = $3 limit 1`, in, set, id)
	return found, err
}
