package web

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/resource"
	"habilis/internal/web/ui"
)

// The buttons of the steps about levels.
const (
	doAlike  = "alike"  // «Utiliser les mêmes droits que»
	doTicked = "ticked" // one level for the lines that are ticked
	doEvery  = "every"  // for all of them
)

// maxStepLines bounds the agendas, or mailboxes, that a step shows: a small organisation's
// all; the others are given afterwards, in the matrix.
const maxStepLines = 450

// maxLevelFields bounds the form: a level, a box and two days each, and the tools.
const maxLevelFields = 4*maxStepLines + MaxFormFields

// domainOf is what a step about levels speaks of.
func domainOf(at step) domain {
	if at == stepMailboxes {
		return mailboxes
	}
	return agendas
}

// levelStep is a step about levels: one line an agenda or mailbox (RGT-2, RGT-3).
type levelStep struct {
	Domain     domain
	Levels     []level
	Groups     []stepGroup // by place, the person's own first
	Colleagues []ui.Option
	Alike      string // proposed: the colleague with the same function and site
	Left       int64  // lines beyond maxStepLines
}

type stepGroup struct {
	Title string
	Lines []stepLine
}

type stepLine struct {
	ID, Name, Detail string
	Chosen           string // letter
	Days             levelDays
	Ticked           bool
	Errors           map[string]string // "from", "until"
}

// givenLevels are the levels of the form, in one order.
func (f *newMember) givenLevels() []grant.Given {
	var list []grant.Given
	for _, id := range slices.Sorted(maps.Keys(f.Levels)) {
		if l, ok := grant.ParseLevel(f.Levels[id]); ok && l != grant.None {
			list = append(list, grant.Given{Resource: resource.ID(id), Level: l})
		}
	}
	return list
}

// givenLevels are those of the form with their dates.
func (v *visit) givenLevels(f *newMember) []grant.Given {
	list := f.givenLevels()
	for n := range list {
		list[n].From, list[n].Until = v.span(f.Days[list[n].Resource.String()])
	}
	return list
}

// levelSpot is the field of what a refusal says about a level.
func (f *newMember) levelSpot(location string) string {
	list := f.givenLevels()
	for n := range list {
		if strings.HasPrefix(location, "rights.changes["+version(int64(n))+"]") && list[n].Resource.Type() == resource.MessagingProfile {
			return steps[stepMailboxes]
		}
	}
	return steps[stepAgendas]
}

// givable are the open resources of a domain on which this person gives levels, but those
// beyond maxStepLines, which are counted.
func (v *visit) givable(of resource.Type) ([]resource.Resource, int64, error) {
	var list []resource.Resource
	q := resource.Query{Type: of, Status: resource.Active, Size: resource.MaxPageSize}
	for q.Page = 1; ; q.Page++ {
		page, err := v.s.Resources.List(v.Context(), v.by, v.org.ID, q)
		if fault.Is(err, fault.Forbidden) {
			return nil, 0, nil // who may see none gives none
		}
		if err != nil {
			return nil, 0, err
		}
		for _, r := range page.Rows {
			if v.held.Has(access.RightsEdit, r.Scope()) {
				list = append(list, r)
			}
		}
		if len(list) >= maxStepLines || int64(q.Page*q.Size) >= page.Total {
			left := page.Total - int64(q.Page*q.Size) + int64(max(len(list)-maxStepLines, 0))
			return list[:min(len(list), maxStepLines)], max(left, 0), nil
		}
	}
}

// fillLevels adds the lines of a step about levels, and whose rights may be copied.
func (v *visit) fillLevels(view *createView) error {
	d := domainOf(view.At)
	out := levelStep{Domain: d, Levels: levelsOf(v.t, d.Type)}
	list, left, err := v.givable(d.Type)
	if err != nil {
		return err
	}
	out.Left, out.Groups = left, v.stepGroups(*view, list)
	if len(list) > 0 {
		if out.Colleagues, err = v.colleagueOptions(); err != nil {
			return err
		}
		out.Alike, err = v.likely(view.Form)
	}
	view.Step = out
	return err
}

// stepGroups puts the lines by place: those of the chosen sites first, in the order of
// the form; then what belongs to the whole organisation; then the others.
func (v *visit) stepGroups(view createView, list []resource.Resource) []stepGroup {
	rank := func(r resource.Resource) int {
		switch {
		case r.Site.IsZero():
			return len(view.Form.Sites)
		case slices.Contains(view.Form.Sites, r.Site.String()):
			return slices.Index(view.Form.Sites, r.Site.String())
		}
		return len(view.Form.Sites) + 1
	}
	slices.SortStableFunc(list, func(a, b resource.Resource) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.SiteName, b.SiteName))
	})
	var groups []stepGroup
	for _, r := range list {
		title := r.SiteName
		if r.Site.IsZero() {
			title = v.t.T("create.whole_organization")
		}
		if len(groups) == 0 || groups[len(groups)-1].Title != title {
			groups = append(groups, stepGroup{Title: title})
		}
		chosen, _ := grant.ParseLevel(cmp.Or(view.Form.Levels[r.ID.String()], grant.WordNone))
		g := &groups[len(groups)-1]
		g.Lines = append(g.Lines, stepLine{
			ID: r.ID.String(), Name: r.Name, Detail: r.Detail, Chosen: letterOf(r.Type, chosen), Days: view.Form.Days[r.ID.String()],
			Ticked: slices.Contains(view.Ticked, r.ID.String()),
			Errors: map[string]string{fieldFrom: view.Errors[dayFrom+r.ID.String()], fieldUntil: view.Errors[dayUntil+r.ID.String()]},
		})
	}
	return groups
}

// likely is the colleague with the same function and site, whose rights are proposed
// (DESIGN.md 15).
func (v *visit) likely(f newMember) (string, error) {
	if f.Function == "" || len(f.Sites) == 0 || !v.held.HasAnywhere(access.MembersRead) {
		return "", nil
	}
	list, err := v.s.Members.List(v.Context(), v.by, v.org.ID, member.Query{
		Function: f.Function, Site: ident.Site(f.Sites[0]), Statuses: []member.Status{member.Active}, Sort: member.ByName, Page: 1, Size: 1,
	})
	if err != nil || len(list.Rows) == 0 {
		return "", err
	}
	return list.Rows[0].ID.String(), nil
}

// readStepLevels reads the lines of a step; what is not shown there stays as it is.
func (v *visit) readStepLevels(at step, f *newMember) error {
	d := domainOf(at)
	list, _, err := v.givable(d.Type)
	if err != nil {
		return err
	}
	f.Levels, f.Days = maps.Clone(f.Levels), maps.Clone(f.Days)
	if f.Levels == nil {
		f.Levels = map[string]string{}
	}
	if f.Days == nil {
		f.Days = map[string]levelDays{}
	}
	for _, r := range list {
		id := r.ID.String()
		l, ok := byLetter(d.Type, v.PostFormValue("l."+id))
		if ok {
			f.setLevel(id, l)
			f.setDays(id, levelDays{v.PostFormValue(dayFrom + id), v.PostFormValue(dayUntil + id)})
		}
	}
	return nil
}

func (f *newMember) setLevel(id string, l grant.Level) {
	if l == grant.None {
		delete(f.Levels, id)
		return
	}
	f.Levels[id] = l.Word()
}

func (v *visit) isTool(at step, do string) bool {
	return (at == stepAgendas || at == stepMailboxes) && (do == doAlike || do == doTicked || do == doEvery)
}

// useTool does what a tool of a step asks for, and shows the step again: the levels are
// kept as they are on the page, and checked when the step is sent.
func (v *visit) useTool(view createView, do string) error {
	view.Form.Passed = min(view.Form.Passed, view.At)
	refusal := v.toolLevels(&view, do)
	if _, err := v.saveMember(view.Draft, view.Form); err != nil {
		refusal = err
	}
	if refusal != nil {
		return v.stepAgain(view, refusal)
	}
	return v.to(v.stepPath(view.Draft, view.At))
}

// likeLevels takes over the levels of a member, in every domain.
func (v *visit) likeLevels(f *newMember, from ident.Member) error {
	f.Levels = map[string]string{}
	for _, of := range []resource.Type{resource.Agenda, resource.MessagingProfile} {
		if _, err := v.copyLevels(f, of, from); err != nil {
			return err
		}
	}
	return nil
}

// toolLevels sets levels of the form.
func (v *visit) toolLevels(view *createView, do string) error {
	d := domainOf(view.At)
	if do == doAlike {
		return v.alike(view, d)
	}
	l, ok := byLetter(d.Type, v.PostFormValue("level"))
	if !ok {
		return errPage
	}
	list, _, err := v.givable(d.Type)
	if err != nil {
		return err
	}
	set := 0
	for _, r := range list {
		if do == doEvery || slices.Contains(view.Ticked, r.ID.String()) {
			view.Form.setLevel(r.ID.String(), l)
			set++
		}
	}
	if set == 0 {
		return fault.OnField(steps[view.At], "create.nothing_ticked")
	}
	v.flash(ui.ToneOK, v.t.T(d.key("set"), "Count", set, "Level", levelOf(v.t, d.Type, l).Label))
	return nil
}

// alike is «Utiliser les mêmes droits que».
func (v *visit) alike(view *createView, d domain) error {
	none := fault.OnField("alike", "create.no_colleague")
	id, err := ident.ParseMember(v.PostFormValue("alike"))
	if err != nil {
		return none
	}
	m, err := v.s.Members.Get(v.Context(), v.by, v.org.ID, id)
	if fault.Is(err, fault.NotFound) {
		return none
	}
	if err != nil {
		return err
	}
	copied, err := v.copyLevels(&view.Form, d.Type, id)
	if err == nil {
		v.flash(ui.ToneOK, v.t.T(d.key("copied"), "Count", copied, "Name", m.Name()))
	}
	return err
}

// copyLevels gives the form the levels of a colleague, as far as this person may see and
// give them (RGT-4), and counts them: what is theirs as holder is not copied.
func (v *visit) copyLevels(f *newMember, of resource.Type, from ident.Member) (copied int, err error) {
	list, _, err := v.givable(of)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	held, err := v.s.Grants.OfMember(v.Context(), v.by, v.org.ID, from)
	if err != nil {
		return 0, err
	}
	for _, r := range list {
		l := grant.None
		for _, x := range held.Levels {
			if x.Resource.ID == r.ID && x.Source == grant.ByGrant && x.Now {
				l = x.Level
			}
		}
		f.setLevel(r.ID.String(), l)
		if l != grant.None {
			copied++
		}
	}
	return copied, nil
}

// levelFacts say which agendas, or mailboxes, somebody gets at each level, the highest first.
func (v *visit) levelFacts(of resource.Type, set grant.ChangeSet) []ui.Fact {
	byLevel := map[grant.Level][]string{}
	for _, l := range set.Lines {
		if l.Resource.Type == of {
			name := l.Resource.Name
			if dates := v.dates(l.After); dates != "" {
				name = v.t.T("levels.dated", "Name", name, "Dates", dates)
			}
			byLevel[l.After.Level] = append(byLevel[l.After.Level], name)
		}
	}
	var facts []ui.Fact
	for _, l := range slices.Backward(levelsOf(v.t, of)) {
		if names := byLevel[l.Level]; len(names) > 0 {
			facts = append(facts, ui.Fact{Term: l.Label, Value: v.t.List(names)})
		}
	}
	return facts
}

// levelCard is what the review says of a step about levels.
func (v *visit) levelCard(d domain, set grant.ChangeSet) []ui.Fact {
	if facts := v.levelFacts(d.Type, set); len(facts) > 0 {
		return facts
	}
	return []ui.Fact{{Term: v.t.T("create.levels"), Value: v.t.T(d.key("no_level"))}}
}
