package decision

import (
	"context"
	"slices"
	"strings"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// Searches go through what there is in the order of the IDs, which nothing changes: a
// page begins after the last result of the one before, whatever happened in between.

// ErrPage is the refusal of a page of less than one result or of more than MaxPage.
var ErrPage = fault.New(fault.Malformed, "decision.page").With("Max", MaxPage)

// searchPlace is where a page ended.
type searchPlace struct {
	Last  string `json:"l"`
	Group uint32 `json:"g,omitempty"` // of a search for records: the group it was in
}

// pager gathers one page.
type pager struct {
	list  string // names the search, for its tokens
	after string
	group uint32
	limit int
	more  bool
	out   Results
}

// pager reads the page that is asked for. Errors: ErrPage, secret.ErrCursor.
func (d *Decisions) pager(what string, org ident.Org, q *Question, p Page) (*pager, error) {
	g := &pager{limit: p.Limit, list: strings.Join([]string{
		"decision", what, org.String(), q.Subject.Type, q.Subject.ID, q.Action, q.Resource.Type, q.Resource.ID, q.In.String(), q.At.String(),
	}, "\x00")}
	if g.limit == 0 {
		g.limit = DefaultPage
	}
	if g.limit < 0 || g.limit > MaxPage {
		return nil, ErrPage
	}
	var at searchPlace
	if p.Token != "" {
		if err := d.run.Ring.OpenCursor(g.list, p.Token, &at); err != nil {
			return nil, err
		}
		g.after, g.group = at.Last, at.Group
	}
	return g, nil
}

// add takes a result; false when the page is full.
func (g *pager) add(typ, id string) bool {
	if len(g.out.Entities) == g.limit {
		g.more = true
		return false
	}
	g.out.Entities = append(g.out.Entities, Entity{typ, id})
	return true
}

// end gives the page, with the token of the next one.
func (g *pager) end(ring *secret.Ring) (Results, error) {
	if !g.more {
		return g.out, nil
	}
	var err error
	g.out.Next, err = ring.Cursor(g.list, searchPlace{g.out.Entities[len(g.out.Entities)-1].ID, g.group})
	return g.out, err
}

// Subjects finds the members (or accounts, as the type of q.Subject says) who may do the
// act on the resource. Errors: those of Ask, ErrPage, secret.ErrCursor.
func (d *Decisions) Subjects(ctx context.Context, org ident.Org, q Question, p Page) (Results, error) {
	q.Subject.ID = ""
	g, err := d.pager("subject", org, &q, p)
	if err != nil {
		return Results{}, err
	}
	if !q.At.IsZero() {
		return d.searchPast(ctx, org, &q, g, past.subjects)
	}
	now := d.run.DB.NowMicro()
	s, err := d.current(ctx, org, now)
	if err != nil {
		return Results{}, err
	}
	skip, err := d.skipped(ctx, s, &q)
	if err != nil {
		return Results{}, err
	}
	g.out.Version = s.version
	s.subjects(&q, g, skip, now)
	return g.end(d.run.Ring)
}

// skipped are the accounts that a search by account leaves out because they have a place
// in several organisations and none was stated.
func (d *Decisions) skipped(ctx context.Context, s *snapshot, q *Question) (map[string]bool, error) {
	if q.Subject.Type != TypeAccount || !q.In.IsZero() {
		return nil, nil //nolint:nilnil // nobody is left out
	}
	skip := map[string]bool{}
	err := d.run.DB.Read(ctx, func(tx *store.Tx) error {
		list, err := accountsOfSeveral(ctx, tx, s.org)
		for _, a := range list {
			skip[a] = true
		}
		return err
	})
	return skip, unavailable(err)
}

func (s *snapshot) subjects(q *Question, g *pager, skip map[string]bool, now int64) {
	t := typeOf(q.Resource.Type)
	act, ok1 := actOf(t, q.Action)
	r, ok2 := s.resource(t, q.Resource.ID)
	if !ok1 || !ok2 || s.suspended || (!q.In.IsZero() && q.In != s.org) || s.connection(q) != "" {
		return
	}
	first := s.members.after(prefixMember, s.memberID(g.after, q.Subject.Type))
	for m := first; m < uint32(len(s.members.keys)); m++ { //nolint:gosec // a number
		if s.person(m).absent(now) != "" || !s.rule(m, t, act, r, q, now).Allows() {
			continue
		}
		id := s.subjectID(m, q.Subject.Type)
		if id != "" && !skip[id] && !g.add(q.Subject.Type, id) {
			return
		}
	}
}

// subjectID names a member as a type of subjects does; empty for a type that is not known.
func (s *snapshot) subjectID(m uint32, typ string) string {
	switch typ {
	case TypeMember:
		return s.members.keys[m].text(prefixMember)
	case TypeAccount:
		return s.person(m).account.text(prefixAccount)
	}
	return ""
}

// memberID is the member whom the last result named.
func (s *snapshot) memberID(last, typ string) string {
	if typ != TypeAccount {
		return last
	}
	k, _ := parseKey(prefixAccount, last)
	if n := s.accounts.find(k); n != none {
		return s.members.keys[s.accountOf[n]].text(prefixMember)
	}
	return ""
}

// after gives the number of the first ID after one; 0 when there was none.
func (t table) after(prefix, id string) uint32 {
	k, ok := parseKey(prefix, id)
	if !ok {
		return 0
	}
	low, high := 0, len(t.keys)
	for low < high {
		mid := int(uint(low+high) >> 1)
		if k.less(t.keys[mid]) {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return uint32(low)
}

// Resources finds the resources of the type of q.Resource on which the subject may do the
// act. Of patient records it finds those that are in the groups of the subject; the ones
// in no group only their application knows. Errors: those of Subjects.
func (d *Decisions) Resources(ctx context.Context, org ident.Org, q Question, p Page) (Results, error) {
	q.Resource.ID = ""
	g, err := d.pager("resource", org, &q, p)
	if err != nil {
		return Results{}, err
	}
	if !q.At.IsZero() {
		return d.searchPast(ctx, org, &q, g, past.resources)
	}
	now := d.run.DB.NowMicro()
	s, err := d.current(ctx, org, now)
	if err != nil {
		return Results{}, err
	}
	g.out.Version = s.version
	m, ok, err := d.able(ctx, s, &q, now)
	if err != nil || !ok {
		return g.out, err
	}
	t := typeOf(q.Resource.Type)
	act, ok := actOf(t, q.Action)
	if !ok {
		return g.out, nil
	}
	if t == kindRecord {
		err = d.recordsOf(ctx, s, m, act, g, now)
	} else {
		s.resourcesOf(m, t, act, &q, g, now)
	}
	if err != nil {
		return Results{}, unavailable(err)
	}
	return g.end(d.run.Ring)
}

// able finds the subject of a search, if they can do anything at all now.
func (d *Decisions) able(ctx context.Context, s *snapshot, q *Question, now int64) (uint32, bool, error) {
	m := s.subject(q)
	if m == none {
		return none, false, nil
	}
	if q.Subject.Type == TypeAccount && q.In.IsZero() {
		if several, err := d.several(ctx, q.Subject.ID); err != nil || several {
			return none, false, err
		}
	}
	return m, !s.suspended && s.person(m).absent(now) == "" && s.connection(q) == "", nil
}

func (s *snapshot) resourcesOf(m uint32, t kind, act uint8, q *Question, g *pager, now int64) {
	try := func(r uint32, id func() string) bool {
		return !s.rule(m, t, act, r, q, now).Allows() || g.add(q.Resource.Type, id())
	}
	switch t { //nolint:exhaustive // records are paged elsewhere, documents are not known here
	case kindAgenda, kindMessaging, kindIdentity:
		prefix := thingPrefix[t]
		for r := s.resources.after(prefix, g.after); r < uint32(len(s.things)); r++ { //nolint:gosec // a number of the table
			if s.things[r].kind == t && !try(r, func() string { return s.resources.keys[r].text(prefix) }) {
				return
			}
		}
	case kindMember:
		for r := s.members.after(prefixMember, g.after); r < uint32(len(s.members.keys)); r++ { //nolint:gosec // the same
			if !try(r, func() string { return s.members.keys[r].text(prefixMember) }) {
				return
			}
		}
	case kindSite:
		for r := s.sites.after(prefixSite, g.after); r < uint32(len(s.sites.keys)); r++ { //nolint:gosec // the same
			if !try(r, func() string { return s.siteID(r) }) {
				return
			}
		}
	case kindOrganization:
		if g.after == "" {
			try(none, s.org.String)
		}
	}
}

var thingPrefix = map[kind]string{kindAgenda: prefixAgenda, kindMessaging: prefixMessaging, kindIdentity: prefixIdentity}

// recordsOf pages over the groups of a member, and over the records of each, which the
// database knows by name. A record of several of these groups is told of in the first.
func (d *Decisions) recordsOf(ctx context.Context, s *snapshot, m uint32, act uint8, g *pager, now int64) error {
	if s.holding(m, recordNeeds[act], anywhere, now) == nil {
		return nil
	}
	var mine []uint32
	for _, v := range s.blocks[m/blockSize].groups.of(m % blockSize) {
		if s.groups[v.group].active && s.sources[v.source].holds(now) {
			mine = append(mine, v.group)
		}
	}
	after := g.after
	for _, group := range mine {
		if group < g.group {
			continue
		}
		if group > g.group {
			after = ""
		}
		if full, err := d.recordsIn(ctx, s, mine, group, after, g); full || err != nil {
			return err
		}
	}
	return nil
}

// recordsIn takes the records of one group; full when the page is.
func (d *Decisions) recordsIn(ctx context.Context, s *snapshot, mine []uint32, group uint32, after string, g *pager,
) (full bool, err error) {
	for {
		var list []string
		err := d.run.DB.Read(ctx, func(tx *store.Tx) (err error) {
			list, err = recordsAfter(ctx, tx, s.org, group, after, g.limit+1)
			return err
		})
		if err != nil || len(list) == 0 {
			return false, err
		}
		for _, name := range list {
			if after = name; s.firstOf(mine, name) != group {
				continue
			}
			if !g.add(TypePatientRecord, name) {
				return true, nil
			}
			g.group = group
		}
	}
}

// firstOf gives the first of some groups that a record is in, or none.
func (s *snapshot) firstOf(mine []uint32, record string) uint32 {
	set := s.sets[s.records.find(printOf(record))]
	for _, g := range mine {
		if slices.Contains(set, g) {
			return g
		}
	}
	return none
}

// Actions finds what the subject may do with the resource. Errors: those of Subjects.
func (d *Decisions) Actions(ctx context.Context, org ident.Org, q Question, p Page) (Results, error) {
	q.Action = ""
	g, err := d.pager("action", org, &q, p)
	if err != nil {
		return Results{}, err
	}
	now := d.run.DB.NowMicro()
	names := actions(typeOf(q.Resource.Type))
	if !q.At.IsZero() {
		return d.actionsPast(ctx, org, &q, g, names)
	}
	s, err := d.current(ctx, org, now)
	if err != nil {
		return Results{}, err
	}
	g.out.Version = s.version
	for _, name := range names {
		q.Action = name
		code, err := d.judge(ctx, s, &q, now)
		if err != nil {
			return Results{}, err
		}
		g.addAction(name, code)
	}
	return g.end(d.run.Ring)
}

// addAction takes an action that is permitted. There are few: one page holds them all.
func (g *pager) addAction(name string, code Code) {
	if code.Allows() && g.after == "" {
		g.out.Actions = append(g.out.Actions, name)
	}
}
