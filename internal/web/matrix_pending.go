package web

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/resource"
)

// shownPending is how many pending lines stand under a matrix; the review shows them all.
const shownPending = 40

// pendingView is what is typed and not saved, in words.
type pendingView struct {
	Count, People int
	Lines         []lineView
	More          int // lines not shown here
	Clashes       int // cells that somebody else changed meanwhile
	Refused       string
	Warnings      []string
	Summary       string
	Review        string // address of the review
	Heading       string // of the column that says what the lines are about
	StepUp        bool   // administration is given or taken: the review asks for the password
	Open          bool   // the decision is offered before anything is pending: there is something to correct
}

// lineView is one cell before and after.
type lineView struct {
	Cell     string // as forms name it
	Select   string // id of the cell on this page; empty elsewhere
	Name     string
	Again    bool // the same person as the line above
	Resource string
	Before   stateView
	After    stateView
	Clash    string // what somebody else saved meanwhile
	Failure  string // why it can no longer be saved
}

// code is how a form names a cell.
func (c cellID) code() string { return c.Member.String() + "." + c.Resource.String() }

// parseCell reads what code wrote.
func parseCell(s string) (cellID, bool) {
	m, r, _ := strings.Cut(s, ".")
	id, err := ident.ParseMember(m)
	res, err2 := resource.ParseID(r)
	return cellID{id, res}, err == nil && err2 == nil
}

// foreseen is what would become of the pending changes now.
type foreseen struct {
	set     grant.ChangeSet
	refused map[cellID]string // cells that can no longer be changed, and why
}

// foresee asks what the pending changes would do. Cells that are refused are told apart,
// and the others foreseen without them.
func (v *visit) foresee(p *pending) (foreseen, error) {
	f := foreseen{refused: map[cellID]string{}}
	for {
		wanted := v.possible(p, f.refused)
		if len(wanted) == 0 {
			return f, nil
		}
		var err error
		f.set, err = v.s.Grants.Preview(v.Context(), v.by, v.org.ID, grant.Wanted{Changes: wanted})
		if err == nil {
			return f, nil
		}
		if n := v.addRefused(f.refused, wanted, err); n == 0 {
			return f, err
		}
	}
}

// possible are the changes that were not refused yet; what was seen is not compared here.
func (v *visit) possible(p *pending, refused map[cellID]string) []grant.Change {
	var list []grant.Change
	for _, w := range p.Wishes {
		if refused[w.cellID] == "" {
			c := w.change()
			c.Was = nil
			list = append(list, c)
		}
	}
	return list
}

// addRefused notes which changes a fault names, and counts them.
func (v *visit) addRefused(refused map[cellID]string, wanted []grant.Change, err error) int {
	n := 0
	for i, why := range v.refusedPlaces(err) {
		if i < len(wanted) {
			refused[cellID{wanted[i].Member, wanted[i].Resource}] = why
			n++
		}
	}
	return n
}

// refusedPlaces are the places of the changes that a fault names, "changes[3].resource",
// each with why.
func (v *visit) refusedPlaces(err error) map[int]string {
	places := map[int]string{}
	if f, is := errors.AsType[*fault.Error](err); is {
		for _, x := range f.Fields {
			if n := changeNumber(x.Location); n >= 0 {
				places[n] = v.say(x.Code, x.Args, nil)
			}
		}
	}
	return places
}

// changeNumber reads the place of a change in a fault's field; -1 when it names none.
func changeNumber(location string) int {
	rest, ok := strings.CutPrefix(location, "changes[")
	if !ok {
		return -1
	}
	s, _, _ := strings.Cut(rest, "]")
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// pendingView words what is pending; on is the page it stands under, by cell the id of
// its select. No more lines than most.
func (v *visit) pendingView(p *pending, on map[cellID]string, most int) (pendingView, error) {
	view := pendingView{Review: v.at("access", "review-changes")}
	f, err := v.foresee(p)
	if err != nil {
		return view, err
	}
	view.Lines, view.Heading = v.pendingLines(p, f, on), v.t.T("matrix.resource")
	v.sumUp(&view, len(f.refused), most)
	view.Warnings = v.warnings(f.set)
	return view, nil
}

// sumUp counts the lines of a view, and keeps no more of them than most.
func (v *visit) sumUp(view *pendingView, refused, most int) {
	people := map[string]bool{}
	for _, l := range view.Lines {
		member, _, _ := strings.Cut(l.Cell, ".")
		people[member] = true
		if l.Clash != "" {
			view.Clashes++
		}
	}
	view.Count, view.People = len(view.Lines), len(people)
	if refused > 0 {
		view.Refused = v.t.T("matrix.refused", "Count", refused)
	}
	if len(view.Lines) > most {
		view.More, view.Lines = len(view.Lines)-most, view.Lines[:most]
	}
	view.Summary = v.t.T("matrix.nothing_pending")
	if view.Count > 0 {
		changes, people := v.t.T("matrix.changes", "Count", view.Count), v.t.T("matrix.people", "Count", view.People)
		view.Summary = v.t.T("matrix.summary", "Changes", changes, "People", people)
	}
}

// warnings are the consequences worth reading before saving, each once.
func (v *visit) warnings(set grant.ChangeSet) []string {
	var list []string
	for _, w := range set.Warnings {
		if s := ended(v.t.T("warning."+w.Code, w.Args...)); !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// pendingLines are the lines of the preview, by person as they were typed, then what is
// refused.
func (v *visit) pendingLines(p *pending, f foreseen, on map[cellID]string) []lineView {
	lines := v.lineViews(f.set.Lines, func(l *lineView, id cellID, before grant.State) {
		l.Cell, l.Select = id.code(), on[id]
		if n := p.find(id); n >= 0 && p.Wishes[n].Was != before.Level {
			l.Clash = v.clash(id.Resource.Type(), before.Level, p.Wishes[n].Was)
		}
	})
	for _, w := range p.Wishes {
		if why := f.refused[w.cellID]; why != "" {
			lines = append(lines, v.refusedLine(w, why, on))
		}
	}
	return lines
}

// clash says what somebody else saved meanwhile, and what had been seen.
func (v *visit) clash(of resource.Type, now, was grant.Level) string {
	return v.t.T("matrix.clash", "Now", levelOf(v.t, of, now).Label, "Was", levelOf(v.t, of, was).Label)
}

// refusedLine is a change that can no longer be made: whom and what it names may be gone,
// or no longer for this person to know of.
func (v *visit) refusedLine(w wish, why string, on map[cellID]string) lineView {
	of := w.Resource.Type()
	return lineView{
		Cell: w.code(), Select: on[w.cellID], Name: v.t.T("matrix.refused_name"), Resource: v.t.T("matrix.refused_resource"),
		Failure: ended(why),
		Before:  stateView{level: levelOf(v.t, of, w.Was)}, After: stateView{level: levelOf(v.t, of, w.Level)},
	}
}

// lineViews word the lines of a change set, those of one person together; more is told of
// each.
func (v *visit) lineViews(lines []grant.Line, more func(l *lineView, id cellID, before grant.State)) []lineView {
	order := map[ident.Member]int{}
	for i := range lines {
		if _, known := order[lines[i].Member]; !known {
			order[lines[i].Member] = len(order)
		}
	}
	sorted := slices.Clone(lines)
	slices.SortStableFunc(sorted, func(a, b grant.Line) int { return order[a.Member] - order[b.Member] })
	views := make([]lineView, 0, len(sorted))
	for i := range sorted {
		l := &sorted[i]
		of := l.Resource.Type
		view := lineView{
			Name: v.somebody(l.MemberName), Again: i > 0 && sorted[i-1].Member == l.Member, Resource: v.resourceName(l.Resource),
			Before: v.state(of, l.Before), After: v.state(of, l.After),
		}
		if more != nil {
			more(&view, cellID{l.Member, l.Resource.ID}, l.Before)
		}
		views = append(views, view)
	}
	return views
}

// resourceName names an agenda or a mailbox; a mailbox says that it is one.
func (v *visit) resourceName(r resource.Resource) string {
	if r.Type == resource.MessagingProfile {
		return v.t.T("matrix.mailbox_named", "Name", r.Name)
	}
	return r.Name
}
