package grant

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/resource"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Bounds of the matrix (DESIGN.md 14).
const (
	MatrixColumns    = 12 // resources at a time, unless they are filtered
	MaxMatrixColumns = 60
	MatrixPeople     = 40 // people of a page, by default
	MaxMatrixPeople  = 200
	MaxMatrixSearch  = 200 // code points
)

// MatrixQuery chooses the people and the resources of a matrix.
type MatrixQuery struct {
	Type resource.Type // resource.Agenda when empty

	// The people: all those in force or to come, when nothing is asked.
	Q        string // part of a name
	Function string
	Site     ident.Site     // where they work
	Members  []ident.Member // these, deactivated ones too

	// The resources: all that are open, when nothing is asked.
	ResourceQ    string // part of a name or of the short line
	Kind         resource.Kind
	Detail       string // the short line, exactly: a specialty
	ResourceSite ident.Site
	Resources    []resource.ID

	Page   int // of people, from 1
	Size   int // people of a page; MatrixPeople when 0
	Column int // page of resources, from 1, when they are not filtered
}

// filtered reports whether resources are chosen among all.
func (q MatrixQuery) filtered() bool {
	return q.ResourceQ != "" || q.Kind != "" || q.Detail != "" || q.ResourceSite != "" || len(q.Resources) > 0
}

// Matrix is people, grouped by function, and what each has on each resource.
type Matrix struct {
	Type          resource.Type
	Resources     []Column // practitioners' first, then services' and rooms', by name
	ResourceTotal int      // that the query finds: more than are shown, a filter is needed
	Column        int      // the page of resources
	Columns       int      // how many such pages there are
	Groups        []Group
	People        int // that the query finds
	Page, Pages   int

	// What the filters offer.
	Functions []string
	Sites     []SiteRef
	Details   []string
	Kinds     []resource.Kind
}

// SiteRef is a site by name.
type SiteRef struct {
	ID   ident.Site
	Name string
}

// Column is one resource of a matrix.
type Column struct {
	resource.Resource

	May bool // the one who looks gives levels here
}

// Group is the people of one function.
type Group struct {
	Function string
	People   []MatrixPerson
}

// MatrixPerson is one row.
type MatrixPerson struct {
	ID         ident.Member
	Title      string
	GivenName  string
	FamilyName string
	Function   string
	Status     member.Status
	EndsAt     *time.Time // of the membership
	Self       bool       // the one who looks
	Cells      []Cell     // one for each of the matrix's resources, in their order
}

// Name is "Prénom Nom".
func (p MatrixPerson) Name() string { return strings.TrimSpace(p.GivenName + " " + p.FamilyName) }

// Cell is what one member has on one resource: of a level that is over, nothing.
type Cell struct {
	State

	Holder bool // it is theirs: they manage it, and no level is given
	May    bool // the one who looks may change it
	Later  bool // it begins later
}

// Matrix reads levels as a table, of the people and resources that the actor may know of
// and of whose rights they may read. Errors: ErrQuery.
func (g Grants) Matrix(ctx context.Context, by access.Actor, in ident.Org, q MatrixQuery) (Matrix, error) {
	var e editor
	return action.View(ctx, g.Run, by, reading(by, in, verbMatrix, in.String(), &e), func(tx *store.Tx) (Matrix, error) {
		q, err := q.clean()
		if err != nil {
			return Matrix{}, err
		}
		m := Matrix{Type: q.Type}
		if err := m.columns(ctx, tx, e, q); err != nil {
			return m, err
		}
		people, err := m.people(ctx, tx, e, q)
		if err != nil {
			return m, err
		}
		err = m.fill(ctx, tx, e, people)
		return m, err
	})
}

func (q MatrixQuery) clean() (MatrixQuery, error) {
	if q.Type == "" {
		q.Type = resource.Agenda
	}
	q.Page, q.Column, q.Size = max(q.Page, 1), max(q.Column, 1), cmp.Or(q.Size, MatrixPeople)
	tooLong := utf8.RuneCountInString(q.Q) > MaxMatrixSearch || utf8.RuneCountInString(q.ResourceQ) > MaxMatrixSearch
	tooMany := len(q.Members) > MaxMatrixPeople || len(q.Resources) > MaxMatrixColumns
	if tooLong || tooMany || LevelsOf(q.Type) == nil || q.Size < 1 || q.Size > MaxMatrixPeople {
		return q, ErrQuery
	}
	return q, nil
}

// columns chooses the resources, and fills what their filters offer.
func (m *Matrix) columns(ctx context.Context, tx *store.Tx, e editor, q MatrixQuery) error {
	all, err := resource.All(ctx, tx, e.held.Org, q.Type, e.sight)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(r resource.Resource) bool { return !e.reads(r) })
	slices.SortStableFunc(all, func(a, b resource.Resource) int { return cmp.Compare(kindRank(a.Kind), kindRank(b.Kind)) })
	m.offer(all)
	found := slices.DeleteFunc(slices.Clone(all), func(r resource.Resource) bool { return !q.wants(r) })
	m.ResourceTotal, m.Column, m.Columns = len(found), 1, 1
	if q.filtered() {
		found = found[:min(len(found), MaxMatrixColumns)]
	} else {
		m.Columns = max(1, (len(found)+MatrixColumns-1)/MatrixColumns)
		m.Column = min(q.Column, m.Columns)
		from := (m.Column - 1) * MatrixColumns
		found = found[from:min(len(found), from+MatrixColumns)]
	}
	for _, r := range found {
		m.Resources = append(m.Resources, Column{Resource: r, May: e.edits(r)})
	}
	return nil
}

func kindRank(k resource.Kind) int {
	return slices.Index([]resource.Kind{resource.OfPractitioner, resource.OfService, resource.OfRoom}, k)
}

// offer fills the choices of the filters of resources.
func (m *Matrix) offer(all []resource.Resource) {
	for _, r := range all {
		if r.Detail != "" && !slices.Contains(m.Details, r.Detail) {
			m.Details = append(m.Details, r.Detail)
		}
		if !slices.Contains(m.Kinds, r.Kind) {
			m.Kinds = append(m.Kinds, r.Kind)
		}
		if r.Site != "" && !slices.ContainsFunc(m.Sites, func(s SiteRef) bool { return s.ID == r.Site }) {
			m.Sites = append(m.Sites, SiteRef{r.Site, r.SiteName})
		}
	}
	slices.SortFunc(m.Details, func(a, b string) int { return cmp.Compare(text.SortKey(a), text.SortKey(b)) })
	slices.SortFunc(m.Sites, func(a, b SiteRef) int { return cmp.Compare(text.SortKey(a.Name), text.SortKey(b.Name)) })
}

// wants reports whether the query asks for a resource.
func (q MatrixQuery) wants(r resource.Resource) bool {
	return (q.Kind == "" || r.Kind == q.Kind) && (q.Detail == "" || r.Detail == q.Detail) &&
		(q.ResourceSite == "" || r.Site == q.ResourceSite) &&
		(len(q.Resources) == 0 || slices.Contains(q.Resources, r.ID)) && matches(q.ResourceQ, r.Name+" "+r.Detail)
}

// matches reports whether each word of a search begins a word of s.
func matches(search, s string) bool {
	folded := " " + text.Fold(s)
	for w := range strings.FieldsSeq(text.Fold(search)) {
		if !strings.Contains(folded, " "+w) {
			return false
		}
	}
	return true
}

// people chooses the rows of the page, grouped.
func (m *Matrix) people(ctx context.Context, tx *store.Tx, e editor, q MatrixQuery) ([]person, error) {
	all, err := peopleByName(ctx, tx, e.held.Org, len(q.Members) > 0)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(p person) bool { return !e.sees(p) })
	for _, p := range all {
		if !slices.Contains(m.Functions, p.Function) {
			m.Functions = append(m.Functions, p.Function)
		}
	}
	slices.SortFunc(m.Functions, func(a, b string) int { return cmp.Compare(functionRank(a), functionRank(b)) })
	all = slices.DeleteFunc(all, func(p person) bool { return !q.wantsPerson(p) })
	slices.SortStableFunc(all, func(a, b person) int { return cmp.Compare(functionRank(a.Function), functionRank(b.Function)) })
	m.People = len(all)
	pages := byGroup(all, q.Size)
	m.Pages = max(1, len(pages))
	m.Page = min(q.Page, m.Pages)
	if len(pages) == 0 {
		return nil, nil
	}
	return pages[m.Page-1], nil
}

// functionRank is the order of the groups: that of the product's list.
func functionRank(f string) int {
	if i := slices.Index(member.Functions, f); i >= 0 {
		return i
	}
	return len(member.Functions)
}

func (q MatrixQuery) wantsPerson(p person) bool {
	return (q.Function == "" || p.Function == q.Function) && (q.Site == "" || slices.Contains(p.Sites, q.Site)) &&
		(len(q.Members) == 0 || slices.Contains(q.Members, p.ID)) && matches(q.Q, p.name())
}

// byGroup cuts people into pages of at most size, between two groups where that can be.
func byGroup(all []person, size int) [][]person {
	var pages [][]person
	var page []person
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].Function == all[0].Function {
			n++
		}
		if len(page) > 0 && len(page)+n > size {
			pages, page = append(pages, page), nil
		}
		n = min(n, size)
		page = append(page, all[:n]...)
		all = all[n:]
	}
	if len(page) > 0 {
		pages = append(pages, page)
	}
	return pages
}

// fill reads the cells of the people of the page.
func (m *Matrix) fill(ctx context.Context, tx *store.Tx, e editor, people []person) error {
	ids := make([]ident.Member, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	things := make([]resource.ID, len(m.Resources))
	for i, c := range m.Resources {
		things[i] = c.ID
	}
	rows, err := grantsOn(ctx, tx, e.held.Org, ids, things)
	if err != nil {
		return err
	}
	s := scene{editor: e, now: tx.Now, rows: make(map[cell]row, len(rows))}
	if err := nameGivers(ctx, tx, rows); err != nil {
		return err
	}
	for _, r := range rows {
		s.rows[r.cell] = r
	}
	for _, p := range people {
		if n := len(m.Groups); n == 0 || m.Groups[n-1].Function != p.Function {
			m.Groups = append(m.Groups, Group{Function: p.Function})
		}
		g := &m.Groups[len(m.Groups)-1]
		g.People = append(g.People, m.row(&s, p))
	}
	return nil
}

func (m *Matrix) row(s *scene, p person) MatrixPerson {
	out := MatrixPerson{
		ID: p.ID, Title: p.Title, GivenName: p.Given, FamilyName: p.Family, Function: p.Function, Status: p.Status, EndsAt: p.EndsAt,
		Self: s.isSelf(p), Cells: make([]Cell, len(m.Resources)),
	}
	for i, r := range m.Resources {
		c := Cell{State: s.state(cell{p.ID, r.ID}), Holder: r.Holder == p.ID}
		c.May = r.May && !c.Holder && (!p.waits() || c.Level != None)
		c.Later = c.Level != None && c.From.After(s.now)
		out.Cells[i] = c
	}
	return out
}

// nameGivers puts the names of who gave levels into them (RGT-8).
func nameGivers(ctx context.Context, tx *store.Tx, rows []row) error {
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.giver)
	}
	names, err := member.GiverNames(ctx, tx, ids)
	for i := range rows {
		rows[i].GivenBy = names[rows[i].giver]
	}
	return err
}
