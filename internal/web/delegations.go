package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/resource"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

var delegationRoutes = []route{
	{"GET /o/{org}/delegations", within, (*visit).delegations},
	{"GET /o/{org}/delegations/new", within, (*visit).newDelegation},
	{"POST /o/{org}/delegations/new", within, (*visit).giveDelegation},
	{"GET /o/{org}/delegations/{delegation}/edit", within, (*visit).datesForm},
	{"POST /o/{org}/delegations/{delegation}/edit", within, (*visit).editDates},
	{"GET /o/{org}/delegations/{delegation}/end", within, (*visit).endDelegationForm},
	{"POST /o/{org}/delegations/{delegation}/end", within, (*visit).endDelegation},
	{"GET /o/{org}/me/delegations", within, (*visit).myDelegations},
	{"GET /o/{org}/me/delegations/new", within, (*visit).newOwnDelegation},
	{"POST /o/{org}/me/delegations/new", within, (*visit).giveOwnDelegation},
	{"GET /o/{org}/me/delegations/{delegation}/confirm", within, (*visit).confirmDelegationForm},
	{"POST /o/{org}/me/delegations/{delegation}/confirm", within, (*visit).confirmDelegation},
	{"GET /o/{org}/me/delegations/{delegation}/refuse", within, (*visit).refuseDelegationForm},
	{"POST /o/{org}/me/delegations/{delegation}/refuse", within, (*visit).refuseDelegation},
	{"GET /o/{org}/me/delegations/{delegation}/edit", within, (*visit).ownDatesForm},
	{"POST /o/{org}/me/delegations/{delegation}/edit", within, (*visit).editOwnDates},
	{"GET /o/{org}/me/delegations/{delegation}/end", within, (*visit).endOwnForm},
	{"POST /o/{org}/me/delegations/{delegation}/end", within, (*visit).endOwn},
}

// delegationState is the state of the list: the URL is the state.
type delegationState struct {
	Search, Act, State, Member, Identity string
	Page                                 int
}

// readDelegationState reads the state from a query; what it cannot mean is as usual.
func readDelegationState(get func(string) string) delegationState {
	s := delegationState{
		Search: strings.TrimSpace(get("q")), Act: get("act"), State: get(fieldState), Member: get(fieldMember), Identity: get("identity"),
		Page: number(get(fieldPage), 1, maxPage),
	}
	if !slices.Contains(grant.Acts, grant.Act(s.Act)) {
		s.Act = ""
	}
	if !slices.Contains(grant.DelegationStates, grant.DelegationState(s.State)) {
		s.State = ""
	}
	return s
}

// values writes the state as a query; what is as usual is left out.
func (s delegationState) values() url.Values {
	return queryOf(map[string]string{
		"q": s.Search, "act": s.Act, fieldState: s.State, fieldMember: s.Member, "identity": s.Identity, fieldPage: unusual(s.Page, 1),
	})
}

// href is the address of the list in the state that change makes, from its first page.
func (s delegationState) href(base string, change func(*delegationState)) string {
	s.Page = 1
	change(&s)
	return inState(base, s.values())
}

// filtered reports whether anything but the tab narrows the list.
func (s delegationState) filtered() bool {
	s.Page, s.State = 1, ""
	return len(s.values()) > 0
}

func (s delegationState) query() grant.DelegationQuery {
	return grant.DelegationQuery{
		Search: s.Search, Act: grant.Act(s.Act), State: grant.DelegationState(s.State), Member: ident.Member(s.Member),
		Identity: resource.ID(s.Identity), Page: s.Page,
	}
}

// delegationsView is what the list of delegations shows.
type delegationsView struct {
	State   delegationState
	Lines   []delegationLine
	Base    string
	New     string // address of the form; empty: no button
	Summary string
	Pages   int
	Errors  map[string]string
	Wrong   []ui.FieldError
}

// delegationLine is one delegation, in words.
type delegationLine struct {
	Member, Function string
	Href             string // of the member's sheet; empty: not shown
	Identity, Where  string
	Act              string
	Period, By, From string // when; who gave it, and when; the same in short
	Status           ui.StatusProps
	Over             bool
	Edit, End        string // addresses; empty: may not
	Confirm, Refuse  string
	Hidden           string // words for screen readers that say which it is
}

func (v *visit) delegations() error {
	state := readDelegationState(v.FormValue)
	q := state.query()
	p, refusal := v.s.Delegations.List(v.Context(), v.by, v.org.ID, q)
	if refusal != nil {
		if !fault.Is(refusal, fault.Invalid) {
			return refusal
		}
		q.Search = "" // what was typed stays in its field, with the point to correct
		var err error
		if p, err = v.s.Delegations.List(v.Context(), v.by, v.org.ID, q); err != nil {
			return err
		}
	}
	view := delegationsView{
		State: state, Base: v.at(atDelegations), Pages: int((p.Total + grant.DelegationsPage - 1) / grant.DelegationsPage),
	}
	if view.Pages > 0 && state.Page > view.Pages { // the list became shorter
		return v.to(state.href(view.Base, func(s *delegationState) { s.Page = view.Pages }))
	}
	if v.held.HasAnywhere(access.DelegationsEdit) {
		view.New = view.Base + "/new"
	}
	view.Lines = v.delegationLines(p.List, view.Base)
	view.Summary = v.t.T("delegations.none_shown")
	if n := len(view.Lines); n > 0 {
		first := (state.Page-1)*grant.DelegationsPage + 1
		view.Summary = v.t.T("delegations.caption", "First", first, "Last", first+n-1, "Total", int(p.Total))
	}
	return v.showDelegations(view, refusal)
}

func (v *visit) showDelegations(view delegationsView, refusal error) error {
	p, err := v.orgFrame(v.t.T("delegations.title"), atDelegations)
	if err != nil {
		return err
	}
	p.Live = true
	status := http.StatusOK
	if refusal != nil {
		view.Errors, view.Wrong = v.fieldErrors(refusal)
		p.Error, status = true, statusOf(fault.Of(refusal))
	}
	return v.show(status, DelegationsPage(p, view))
}

// delegationLines says delegations in words; base is the place whose pages act on them.
func (v *visit) delegationLines(list []grant.Delegation, base string) []delegationLine {
	lines := make([]delegationLine, 0, len(list))
	for _, d := range list {
		lines = append(lines, v.delegationLine(d, base))
	}
	return lines
}

func (v *visit) delegationLine(d grant.Delegation, base string) delegationLine {
	l := delegationLine{
		Member: v.somebody(d.Name), Function: named(v.t, "function.", d.Function), Identity: d.Identity.Name, Where: v.identityDetail(d.Identity),
		Act: v.t.T("delegation.act." + string(d.Act)), Period: v.period(d), By: v.givenBy(d), From: v.givenFrom(d), Status: v.delegationStatus(d),
		Over: d.State == grant.Ended,
	}
	l.Hidden = v.t.T("delegations.the_one", "Member", l.Member, "Identity", l.Identity, "Act", l.Act)
	if v.held.HasAnywhere(access.MembersRead) || d.Member == v.held.Member {
		l.Href = v.sheetPath(d.Member)
	}
	one := base + "/" + d.ID.String()
	if d.May.Edit {
		l.Edit = one + "/edit"
	}
	if d.May.End {
		l.End = one + "/end"
	}
	if d.May.Refuse {
		l.Refuse = v.at(atOwnNames, d.ID.String(), "refuse")
	}
	if d.May.Confirm {
		l.Confirm = v.at(atOwnNames, d.ID.String(), "confirm")
	}
	return l
}

// identityDetail is the short line under the name of an identity: «Généraliste · Grand-Pré».
func (v *visit) identityDetail(i grant.Identity) string {
	where := i.SiteName
	if where == "" {
		where = v.t.T("delegations.whole")
	}
	if what := v.identityKind(i); what != "" {
		return what + " · " + where
	}
	return where
}

// identityKind is what an identity is: «Généraliste», «Service».
func (v *visit) identityKind(i grant.Identity) string {
	if i.Detail == "" && i.Kind == resource.OfService {
		return v.t.T("delegations.service")
	}
	return i.Detail
}

// period says when a delegation holds.
func (v *visit) period(d grant.Delegation) string {
	until := ""
	if d.Until != nil {
		until = v.lastDay(d)
	}
	if d.EndedAt != nil {
		return v.t.T("delegation.since_until", "From", v.t.ShortDate(d.From), "Until", until)
	}
	from := v.t.ShortDate(d.From)
	switch {
	case d.State == grant.Proposed:
		return v.onAnswer(d, from, until)
	case until != "":
		return v.t.T("delegation.since_until", "From", from, "Until", until)
	case d.State == grant.Upcoming:
		return v.t.T("delegation.from", "From", from)
	}
	return v.t.T("delegation.since", "From", from)
}

// onAnswer says when a proposal would hold: not before its holder agrees.
func (v *visit) onAnswer(d grant.Delegation, from, until string) string {
	key := "delegation.on_answer"
	if d.Identity.Holder == v.held.Member {
		key = "delegation.on_yours"
	}
	switch {
	case d.From.After(v.s.now()):
		key += "_from"
	case until != "":
		key += "_until"
	}
	return v.t.T(key, "Name", v.holderName(d), "From", from, "Until", until)
}

// lastDay is the day on which a delegation ends or ended.
func (v *visit) lastDay(d grant.Delegation) string {
	end := d.Until
	if d.EndedAt != nil {
		end = d.EndedAt
	}
	day, whole := grant.LastDay(*end)
	if whole || d.EndedAt != nil {
		return v.t.ShortDate(day)
	}
	return v.t.DateTime(day)
}

func (v *visit) holderName(d grant.Delegation) string {
	if d.Identity.HolderName != "" {
		return v.somebody(d.Identity.HolderName)
	}
	return d.Identity.Name
}

func (v *visit) givenBy(d grant.Delegation) string {
	key, name := "delegation.given", d.GivenBy
	if d.State == grant.Proposed {
		key = "delegation.proposed"
	}
	if name == "" {
		name = v.t.T("delegation.operator")
	}
	return v.t.T(key, "Name", v.somebody(name), "Date", v.t.ShortDate(d.GivenAt))
}

// givenFrom is givenBy beside a period: the day is said when it is not the first one.
func (v *visit) givenFrom(d grant.Delegation) string {
	if d.GivenBy == "" || v.t.ShortDate(d.GivenAt) != v.t.ShortDate(d.From) {
		return v.givenBy(d)
	}
	return v.t.T("delegation.by", "Name", v.somebody(d.GivenBy))
}

// delegationStatus is the chip of a delegation; what hinders it is told under it.
func (v *visit) delegationStatus(d grant.Delegation) ui.StatusProps {
	s := ui.StatusProps{Chip: ui.ChipProps{Label: v.t.T("delegation.state." + string(d.State))}}
	switch d.State {
	case grant.Proposed:
		s.Chip.Tone, s.Chip.Icon = ui.ToneWait, ui.IconClockFill
	case grant.Upcoming:
		s.Chip.Tone, s.Chip.Icon = ui.ToneInfo, ui.IconClockFill
	case grant.InForce:
		s.Chip.Tone = ui.ToneOK
	case grant.Ended:
		s.Chip.Tone = ui.ToneOff
	}
	if d.Idle != "" {
		s.Detail = v.t.T("delegation.idle." + string(d.Idle))
		if d.State == grant.InForce {
			s.Chip.Tone = ui.ToneWait
		}
	}
	return s
}

// tabs are the states by which the list is looked at.
func (m delegationsView) tabs(t *text.Printer) []ui.Tab {
	all := ui.Tab{
		Label: t.T("delegations.tab.all"), Current: m.State.State == "",
		Href: m.State.href(m.Base, func(s *delegationState) { s.State = "" }),
	}
	tabs := []ui.Tab{all}
	for _, state := range grant.DelegationStates {
		tabs = append(tabs, ui.Tab{
			Label: t.T("delegations.tab." + string(state)), Current: m.State.State == string(state),
			Href: m.State.href(m.Base, func(s *delegationState) { s.State = string(state) }),
		})
	}
	return tabs
}

// chips are the filters in force, the search too; each takes itself away.
func (m delegationsView) chips(t *text.Printer) []ui.FilterChip {
	var list []ui.FilterChip
	add := func(value, key, shown string, without func(*delegationState)) {
		if value != "" {
			list = append(list, ui.FilterChip{Label: t.T(key, "Value", shown), Href: m.State.href(m.Base, without)})
		}
	}
	member, identity := t.T("delegations.chosen"), t.T("delegations.chosen")
	if len(m.Lines) > 0 {
		member, identity = m.Lines[0].Member, m.Lines[0].Identity
	}
	add(m.State.Search, "delegations.chip.search", m.State.Search, func(s *delegationState) { s.Search = "" })
	add(m.State.Act, "delegations.chip.act", named(t, "delegation.act.", m.State.Act), func(s *delegationState) { s.Act = "" })
	add(m.State.Member, "delegations.chip.member", member, func(s *delegationState) { s.Member = "" })
	add(m.State.Identity, "delegations.chip.identity", identity, func(s *delegationState) { s.Identity = "" })
	return list
}

// kept is what the filters keep of the state.
func (m delegationsView) kept() []ui.Hidden {
	var list []ui.Hidden
	for _, h := range []ui.Hidden{
		{Name: fieldState, Value: m.State.State}, {Name: fieldMember, Value: m.State.Member}, {Name: "identity", Value: m.State.Identity},
	} {
		if h.Value != "" {
			list = append(list, h)
		}
	}
	return list
}

func (m delegationsView) pager() ui.PagerProps {
	return ui.PagerProps{
		Summary: m.Summary, Page: m.State.Page, Pages: m.Pages,
		Href: func(page int) string { return m.State.href(m.Base, func(s *delegationState) { s.Page = page }) },
	}
}

func delegationActs(t *text.Printer) []ui.Option {
	list := []ui.Option{{Label: t.T("delegations.any")}}
	for _, a := range grant.Acts {
		list = append(list, ui.Option{Value: string(a), Label: t.T("delegation.act." + string(a))})
	}
	return list
}

func delegationColumns(t *text.Printer) []ui.Column {
	return []ui.Column{
		{Label: t.T("delegations.column.member")}, {Label: t.T("delegations.column.identity")}, {Label: t.T("delegations.column.act")},
		{Label: t.T("delegations.column.period")}, {Label: t.T("delegations.column.state"), Kind: ui.CellState},
		{Label: t.T("delegations.column.acts"), Hidden: true, Kind: ui.CellAction},
	}
}
