package review

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/changeset"
	"habilis/internal/decision"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/recordgroup"
	"habilis/internal/resource"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/text"
)

// People reads a page of people, with what each may do, from what source, and when it was last used.
// Errors: ErrNotFound, ErrQuery, the field q, secret.ErrCursor.
func (r Reviews) People(ctx context.Context, by access.Actor, in ident.Org, id ident.Review, q PeopleQuery) (People, error) {
	var e eye
	return action.View(ctx, r.Run, by, e.act(verbRead, by, in, id), func(tx *store.Tx) (People, error) {
		return r.people(ctx, tx, &e, q)
	})
}

// Person reads one of them. Errors: ErrNotFound, ErrPerson.
func (r Reviews) Person(ctx context.Context, by access.Actor, in ident.Org, id ident.Review, of ident.Member) (Person, error) {
	var e eye
	return action.View(ctx, r.Run, by, e.act(verbRead, by, in, id), func(tx *store.Tx) (Person, error) {
		list, err := e.show(ctx, tx, []ident.Member{of})
		if err == nil && len(list) == 0 {
			err = ErrPerson
		}
		if err != nil {
			return Person{}, err
		}
		return list[0], nil
	})
}

// place is where a page of people ended.
type place struct {
	No int64 `json:"n"`
}

func (r Reviews) people(ctx context.Context, tx *store.Tx, e *eye, q PeopleQuery) (People, error) {
	var out People
	words, err := q.checked()
	if err != nil {
		return out, err
	}
	name := fmt.Sprintf("review|%s|%s|%q", e.campaign.ID, q.Filter, words)
	var after place
	if q.After != "" {
		if err := r.Run.Ring.OpenCursor(name, q.After, &after); err != nil {
			return out, err
		}
	}
	rows, err := e.matching(ctx, tx, q.Filter, words)
	if err != nil {
		return out, err
	}
	out.Total = int64(len(rows))
	from := min((q.Page-1)*q.Size, len(rows))
	if q.After != "" {
		from = 0
		rows = slices.DeleteFunc(rows, func(p row) bool { return p.no <= after.No })
	}
	page := rows[from:min(from+q.Size, len(rows))]
	if from+q.Size < len(rows) {
		if out.Next, err = r.Run.Ring.Cursor(name, place{page[len(page)-1].no}); err != nil {
			return out, err
		}
	}
	ids := make([]ident.Member, len(page))
	for i, p := range page {
		ids[i] = p.member
	}
	if out.Rows, err = e.show(ctx, tx, ids); err != nil {
		return out, err
	}
	out.Campaign, err = e.told(ctx, tx)
	return out, err
}

func (q *PeopleQuery) checked() (words []string, err error) {
	if q.Size == 0 {
		q.Size = DefaultPage
	}
	if q.Page == 0 {
		q.Page = 1
	}
	if q.Size < 1 || q.Size > MaxPageSize || q.Page < 1 || q.Page > MaxPage || !slices.Contains(Filters, q.Filter) {
		return nil, ErrQuery
	}
	if utf8.RuneCountInString(q.Search) > member.MaxQuery {
		return nil, fault.OnField("q", string(text.TooLong), "Max", member.MaxQuery)
	}
	if words = text.FoldWords(q.Search); len(words) > member.MaxWords {
		return nil, fault.OnField("q", "member.too_many_words", "Max", member.MaxWords)
	}
	return words, nil
}

// matching are the people that a filter and words choose, in the order of the campaign.
func (e *eye) matching(ctx context.Context, tx *store.Tx, f Filter, words []string) ([]row, error) {
	read := bareRowsOf
	if f == FChanged {
		read = rowsOf
	}
	rows, err := read(ctx, tx, e.campaign)
	if err != nil {
		return nil, err
	}
	var now map[ident.Member]rights
	if f == FChanged || f == FToDo {
		if now, err = rightsOf(ctx, tx, e.campaign.Org, e.campaign.Site, everybody); err != nil {
			return nil, err
		}
	}
	rows = slices.DeleteFunc(rows, func(p row) bool { return !p.passes(f, e.held.Member, now[p.member]) })
	if len(words) == 0 {
		return rows, nil
	}
	ids := make([]ident.Member, len(rows))
	for i, p := range rows {
		ids[i] = p.member
	}
	refs, err := member.Refs(ctx, tx, e.campaign.Org, ids)
	return slices.DeleteFunc(rows, func(p row) bool {
		m := refs[p.member]
		said := " " + text.Fold(m.Name()+" "+m.FamilyName+" "+m.Email)
		return slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(said, " "+w) })
	}), err
}

func (p *row) passes(f Filter, me ident.Member, now rights) bool {
	switch f {
	case FUndecided:
		return p.choice == Undecided && !p.gone
	case FMine:
		return p.choice == Undecided && !p.gone && p.reviewer == me && !me.IsZero()
	case FNobody:
		return p.choice == Undecided && !p.gone && p.reviewer.IsZero()
	case FDecided:
		return p.choice != Undecided
	case FKeep:
		return p.choice == Keep
	case FReduce:
		return p.choice == Reduce
	case FRemove:
		return p.choice == Remove
	case FChanged:
		return p.outcome == Pending && !p.gone && p.outdated(now)
	case FToDo:
		return p.waits(now)
	case All:
	}
	return true
}

// waits reports whether something is left to do of a decision.
func (p *row) waits(now rights) bool {
	return p.outcome == ToDo && !p.gone && (p.choice == Remove || len(p.falls(now)) > 0)
}

// stillToDo counts those of whom something is left to do now.
func (c *Campaign) stillToDo(ctx context.Context, tx *store.Tx) (n int64, err error) {
	rows, err := toDoOf(ctx, tx, *c)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	ids := make([]ident.Member, 0, len(rows))
	for _, p := range rows {
		ids = append(ids, p.member)
	}
	now, err := rightsOf(ctx, tx, c.Org, c.Site, ids)
	for _, p := range rows {
		if p.waits(now[p.member]) {
			n++
		}
	}
	return n, err
}

// show reads people as they are shown: a fixed number of statements, however many they are.
func (e *eye) show(ctx context.Context, tx *store.Tx, ids []ident.Member) ([]Person, error) {
	if len(ids) == 0 {
		return []Person{}, nil
	}
	rows, err := framedOf(ctx, tx, e.campaign, ids)
	if err != nil {
		return nil, err
	}
	s := sight{eye: e}
	if err := s.read(ctx, tx, rows); err != nil {
		return nil, err
	}
	list := make([]Person, 0, len(rows))
	for i := range rows {
		list = append(list, s.person(&rows[i], tx.Now))
	}
	return list, nil
}

// sight is what people are shown with.
type sight struct {
	*eye

	now       map[ident.Member]rights
	crowd     crowd
	roles     map[ident.Role]role.Role
	sites     map[ident.Member][]ident.Site
	siteNames map[ident.Site]string
	things    map[resource.ID]resource.Resource
	groups    map[string]string
	givers    map[string]string
	used      decision.Used
}

func (s *sight) read(ctx context.Context, tx *store.Tx, rows []row) (err error) {
	c := &s.campaign
	ids := make([]ident.Member, 0, 2*len(rows))
	for _, p := range rows {
		ids = append(ids, p.member)
	}
	if s.now, err = rightsOf(ctx, tx, c.Org, c.Site, ids); err != nil {
		return err
	}
	if s.crowd, err = c.gather(ctx, tx, ids); err != nil {
		return err
	}
	if s.sites, err = member.SitesOf(ctx, tx, c.Org, ids); err != nil {
		return err
	}
	if s.used, err = decision.LastUses(ctx, tx, c.Org, ids); err != nil {
		return err
	}
	if err := s.reviewers(ctx, tx, rows); err != nil {
		return err
	}
	return s.name(ctx, tx, rows)
}

// reviewers reads those who are on nobody's side any more too: they have a name still.
func (s *sight) reviewers(ctx context.Context, tx *store.Tx, rows []row) error {
	var missing []ident.Member
	for _, p := range rows {
		if _, found := s.crowd.refs[p.reviewer]; !found && !p.reviewer.IsZero() && !slices.Contains(missing, p.reviewer) {
			missing = append(missing, p.reviewer)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	refs, err := member.Refs(ctx, tx, s.campaign.Org, missing)
	maps.Copy(s.crowd.refs, refs)
	return err
}

// name reads the names of what rights are about.
func (s *sight) name(ctx context.Context, tx *store.Tx, rows []row) (err error) {
	in := s.campaign.Org
	if s.roles, err = rolesOf(ctx, tx, in); err != nil {
		return err
	}
	if s.siteNames, err = member.SiteNames(ctx, tx, in); err != nil {
		return err
	}
	var things []resource.ID
	var groups []ident.Group
	var givers []string
	for i := range rows {
		givers = append(givers, rows[i].decidedBy)
		for _, r := range slices.Concat(s.now[rows[i].member], rows[i].photograph) {
			givers = append(givers, r.By)
			if id, is := r.resourceOf(); is {
				things = append(things, id)
			} else if r.Domain == changeset.GroupMember {
				groups = append(groups, ident.Group(r.Object))
			}
		}
	}
	if s.givers, err = member.GiverNames(ctx, tx, givers); err != nil {
		return err
	}
	if s.groups, err = recordgroup.Names(ctx, tx, in, slices.Compact(slices.Sorted(slices.Values(groups)))); err != nil {
		return err
	}
	s.things = map[resource.ID]resource.Resource{}
	for part := range slices.Chunk(slices.Compact(slices.Sorted(slices.Values(things))), atOnce) {
		found, err := resource.Load(ctx, tx, in, part)
		if err != nil {
			return err
		}
		for _, v := range found {
			s.things[v.ID] = v
		}
	}
	return nil
}

// person is somebody as they are shown.
func (s *sight) person(p *row, at time.Time) Person {
	m, now := s.crowd.refs[p.member], s.now[p.member]
	v := Person{
		Member: p.member, Version: p.versionNow(now), Title: m.Title, Name: strings.TrimSpace(m.Name()), Email: m.Email,
		Function: m.Function, Status: m.Status, Gone: p.gone, CreatedAt: m.CreatedAt, UsesSince: s.used.Since,
		Unused:    unused(m.LastSignInAt, s.used.Last(p.member), at),
		Sensitive: now.any(func(r right) bool { return r.sensitive(s.roles) }), Reviewer: p.reviewer,
		Administers: now.any(func(r right) bool { return r.administers(s.roles) }),
		Mine:        !p.reviewer.IsZero() && p.reviewer == s.held.Member, Barred: s.barred(&s.crowd, p.member), Choice: p.choice,
		Comment: p.comment, DecidedBy: s.givers[p.decidedBy], DecidedAt: p.decidedAt,
		Changed: s.campaign.State == Open && !p.gone && p.outdated(now),
		Leaves:  p.leaves, Leaving: p.leaving, Outcome: p.outcome, Code: p.code, ChangeSet: p.changeSet, DoneAt: p.doneAt,
		Rights: s.lines(p, now),
	}
	v.LastUse, v.UseWide = s.lastUse(p)
	if !m.NeverSignedIn() {
		v.LastSignIn = m.LastSignInAt
	}
	if !p.reviewer.IsZero() {
		v.ReviewerName = s.crowd.refs[p.reviewer].Name()
	}
	for _, site := range s.sites[p.member] {
		if s.campaign.Site.IsZero() || site == s.campaign.Site {
			v.Sites = append(v.Sites, s.siteNames[site])
		}
	}
	if p.outcome == ToDo && !p.waits(now) {
		v.Outcome = AlreadyGone
	}
	v.Nobody = len(s.crowd.reviewers(p.member)) == 0
	v.Together = s.together(p, at)
	return v
}

// lastUse is when somebody last used anything: of a site, what is known to be of it; else wide, of the
// whole organisation.
func (s *sight) lastUse(p *row) (day time.Time, wide bool) {
	site := s.campaign.Site
	if site.IsZero() {
		return s.used.Last(p.member), false
	}
	var things []string
	for _, r := range slices.Concat(s.now[p.member], p.photograph) {
		if _, is := r.resourceOf(); is {
			things = append(things, r.Object)
		}
	}
	if day = s.used.LastAt(p.member, site, things); !day.IsZero() {
		return day, false
	}
	day = s.used.Last(p.member)
	return day, !day.IsZero()
}

// lastUseOf is lastUse of one right.
func (s *sight) lastUseOf(of ident.Member, r right) (day time.Time, wide bool) {
	fact := s.fact(r)
	if s.campaign.Site.IsZero() {
		return s.used.Of(of, fact), false
	}
	if day = s.used.OfAt(of, fact, s.campaign.Site); !day.IsZero() {
		return day, false
	}
	day = s.used.Of(of, fact)
	return day, !day.IsZero()
}

// together reports whether somebody may be kept with others at once: never over what was decided of them.
func (s *sight) together(p *row, now time.Time) bool {
	m := s.crowd.refs[p.member]
	return !p.gone && p.choice == Undecided && !m.NeverSignedIn() && !m.LastSignInAt.Before(now.Add(-Quarter)) &&
		s.barred(&s.crowd, p.member) == "" &&
		!s.now[p.member].any(func(r right) bool { return r.sensitive(s.roles) })
}

// lines are the rights of somebody: those that they have, then those that are gone since.
func (s *sight) lines(p *row, now rights) []Line {
	list := make([]Line, 0, len(now))
	for _, r := range now {
		l := s.line(p.member, r)
		was, found := p.photograph.find(r.key())
		switch {
		case !found:
			l.Change = New
		case !r.same(was):
			l.Change = Altered
		}
		l.Dropped = p.choice == Remove && (!l.Wide || p.leaves != LeaveSite) || slices.Contains(p.drops, l.Key)
		list = append(list, l)
	}
	for _, r := range p.photograph {
		if now.lacks(r) {
			l := s.line(p.member, r)
			l.Change, l.Fixed = Gone, true
			list = append(list, l)
		}
	}
	return list
}

// line is a right as it is shown.
func (s *sight) line(of ident.Member, r right) Line {
	l := Line{
		Key: r.key(), Domain: r.Domain, Object: r.Object, Level: r.Level, Scope: access.WholeOrganization, SiteName: s.siteNames[r.Site],
		Sensitive: r.sensitive(s.roles), Administers: r.administers(s.roles), GivenBy: s.givers[r.By], GivenAt: r.At, From: r.From,
		Until: r.Until, Fixed: r.Domain == Holds || s.wide(r) && !s.runsWhole(),
	}
	l.Wide = s.wide(r)
	l.LastUse, l.UseWide = s.lastUseOf(of, r)
	if !r.Site.IsZero() {
		l.Scope = r.Site.String()
	}
	switch r.Domain {
	case changeset.Role:
		v := s.roles[ident.Role(r.Object)]
		l.Name, l.BuiltIn = v.Name, v.BuiltIn
	case changeset.Permission:
		l.Name = r.Object
	case changeset.GroupMember:
		l.Name = s.groups[r.Object]
	case changeset.Delegation:
		l.Level = r.Detail
		fallthrough
	case changeset.Level, Holds:
		v := s.things[resource.ID(r.Object)]
		l.Name, l.Type = v.Name, string(resource.ID(r.Object).Type())
	case changeset.Site, changeset.GroupRecord:
	}
	return l
}

// wide reports whether a right of the whole organisation is shown in a campaign of a site: it bears on
// the site too.
func (e *eye) wide(r right) bool { return !e.campaign.Site.IsZero() && r.Site.IsZero() }

// runsWhole reports whether whoever looks runs the reviews of the whole organisation: they alone take
// away what holds in the whole of it.
func (e *eye) runsWhole() bool { return e.held.Has(access.ReviewsRun, access.OrgScope(e.campaign.Org)) }

// fact is a right as package decision knows it, for its last use.
func (s *sight) fact(r right) decision.Right {
	v := decision.Right{Fact: decision.Fact{ID: r.Object, Level: r.Level, Scope: r.Detail}}
	switch r.Domain {
	case changeset.Role:
		v.Kind = decision.FactRole
		for _, p := range s.roles[ident.Role(r.Object)].Permissions {
			v.Acts = append(v.Acts, string(p))
		}
	case changeset.Permission:
		v.Kind, v.Level = decision.FactPermission, r.Object
	case changeset.Level:
		v.Kind = decision.FactGrant
	case Holds:
		v.Kind = decision.FactHolder
	case changeset.Delegation:
		v.Kind, v.Level, v.Scope = decision.FactDelegation, r.Detail, ""
	case changeset.GroupMember:
		v.Kind = decision.FactGroup
	case changeset.Site, changeset.GroupRecord:
	}
	if id, is := r.resourceOf(); is {
		v.Resource = decision.Entity{Type: string(id.Type()), ID: r.Object}
	}
	return v
}
