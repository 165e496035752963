package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/recordgroup"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// groupMembersView is the first page of a group: its members.
type groupMembersView struct {
	groupView
	Lines   []groupMemberLine
	Search  string
	Page    int
	Pages   int
	Total   int64
	Summary string
}

// groupMemberLine is one member of a group, in words.
type groupMemberLine struct {
	Who      ui.WhoProps
	Name     string
	Function string
	Period   ui.StatusProps
	Given    string
	Base     string // address of its acts

	Deactivated bool
}

func (v *visit) groupMembers() error {
	g, err := v.group()
	if err != nil {
		return err
	}
	view := groupMembersView{groupView: g, Search: strings.TrimSpace(v.FormValue("q")), Page: number(v.FormValue(fieldPage), 1, maxPage)}
	l, err := v.s.Groups.Members(v.Context(), v.by, v.org.ID, g.ID, recordgroup.Query{Search: view.Search, Page: view.Page})
	if err != nil {
		return err
	}
	view.Total, view.Pages = l.Total, groupPages(l.Total)
	if view.Pages > 0 && view.Page > view.Pages {
		return v.to(view.href(view.Pages))
	}
	for _, m := range l.Items {
		view.Lines = append(view.Lines, v.groupMemberLine(g, m))
	}
	if n := len(view.Lines); n > 0 {
		first := (view.Page-1)*recordgroup.DefaultPageSize + 1
		view.Summary = v.t.T("groups.members_summary", "First", first, "Last", first+n-1, "Total", int(l.Total))
	}
	p, err := v.orgFrame(g.Name, atGroups)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, GroupMembersPage(p, view))
}

func (l groupMembersView) href(page int) string {
	return inState(l.Base, queryOf(map[string]string{"q": l.Search, fieldPage: unusual(page, 1)}))
}

func (l groupMembersView) pager() ui.PagerProps {
	return ui.PagerProps{Summary: l.Summary, Page: l.Page, Pages: l.Pages, Href: l.href}
}

func (v *visit) groupMemberLine(g groupView, m recordgroup.Membership) groupMemberLine {
	line := groupMemberLine{
		Name: v.calledInGroup(m), Function: v.t.T("function." + m.Function), Period: v.groupPeriod(m.Period),
		Base: g.Base + "/members/" + m.Member.String(), Given: v.givenOn(m), Deactivated: m.Status == member.Deactivated,
		Who: ui.WhoProps{
			Title: m.Title, Last: m.FamilyName, First: m.GivenName, Href: v.sheetPath(m.Member), Detail: m.Profession,
			Profile: profile(m.ProfileType), Initials: initials(m.GivenName, m.FamilyName),
		},
	}
	if line.Who.Last == "" && line.Who.First == "" {
		line.Who.Last = m.Email
	}
	return line
}

// calledInGroup is how a sentence names a member.
func (v *visit) calledInGroup(m recordgroup.Membership) string {
	return called(member.Member{Title: m.Title, GivenName: m.GivenName, FamilyName: m.FamilyName, Email: m.Email})
}

func (v *visit) givenOn(m recordgroup.Membership) string {
	if m.GivenBy == "" {
		return v.t.T("groups.given_on", "Date", v.t.ShortDate(m.GivenAt))
	}
	return v.t.T("groups.given_by", "Name", v.somebody(m.GivenBy), "Date", v.t.ShortDate(m.GivenAt))
}

// groupPeriod says since when and until when; the last day is the one before the end.
func (v *visit) groupPeriod(p recordgroup.Period) ui.StatusProps {
	now := v.s.now()
	s := ui.StatusProps{Chip: ui.ChipProps{Tone: ui.ToneOK, Label: v.t.T("groups.period.now")}}
	from := v.t.ShortDate(p.StartsAt)
	switch {
	case p.Over(now):
		s.Chip = ui.ChipProps{Tone: ui.ToneOff, Label: v.t.T("groups.period.over")}
	case p.StartsAt.After(now):
		s.Chip = ui.ChipProps{Tone: ui.ToneInfo, Icon: ui.IconClockFill, Label: v.t.T("groups.period.later")}
	}
	switch {
	case p.EndsAt != nil:
		s.Detail = v.t.T("groups.period.between", "From", from, "Until", v.t.ShortDate(lastDay(*p.EndsAt)))
	case p.StartsAt.After(now):
		s.Detail = v.t.T("groups.period.from", "From", from)
	default:
		s.Detail = v.t.T("groups.period.since", "From", from)
	}
	return s
}

// lastDay is the last moment before an end.
func lastDay(end time.Time) time.Time { return end.Add(-time.Microsecond) }

// groupDates reads the days of a form: the first day from its first moment, the last one
// to its end.
func (v *visit) groupDates() (d recordgroup.Dates, err error) {
	var f fault.Fields
	day := func(name string, days int) *time.Time {
		typed := strings.TrimSpace(v.PostFormValue(name))
		if typed == "" {
			return nil
		}
		at, err := time.ParseInLocation(time.DateOnly, typed, text.Zone)
		if err != nil {
			f.Add(name, "member.date_malformed")
			return nil
		}
		at = at.AddDate(0, 0, days)
		return &at
	}
	d = recordgroup.Dates{From: day(fieldFrom, 0), Until: day(fieldUntil, 1)}
	return d, f.Err()
}

// datesView is the two dates of a form, as they were typed or are.
type datesView struct {
	From, Until string
	FromHint    string
	Errors      map[string]string
}

func (v *visit) typedDates() datesView {
	return datesView{From: v.PostFormValue(fieldFrom), Until: v.PostFormValue(fieldUntil), FromHint: "groups.from_hint"}
}

var dateSpots = map[string]spot{
	fieldFrom: {fieldFrom, "groups.from"}, fieldUntil: {fieldUntil, "groups.until"}, "members": {fieldMember, ""},
}

// groupAddView is the page that adds members.
type groupAddView struct {
	groupView
	Search  string
	Choices []ui.Choice
	Dates   datesView
	Error   string // of the choice
	Summary []ui.FieldError
}

func (v *visit) addGroupMembersForm() error {
	g, err := v.editedGroup()
	if err != nil {
		return err
	}
	if !v.held.HasAnywhere(access.MembersRead) {
		return v.lacks(access.MembersRead)
	}
	return v.showAddMembers(http.StatusOK, groupAddView{
		groupView: g, Search: strings.TrimSpace(v.FormValue("q")), Dates: datesView{FromHint: "groups.from_hint"},
	}, nil)
}

// showAddMembers finds the members who may be added; those chosen stay chosen.
func (v *visit) showAddMembers(status int, view groupAddView, chosen []string) error {
	found, err := v.s.Members.List(v.Context(), v.by, v.org.ID, member.Query{Search: view.Search, Size: member.DefaultPageSize})
	if err != nil {
		return err
	}
	if view.Choices, err = v.groupChoices(view.groupView, found.Rows, chosen); err != nil {
		return err
	}
	p, err := v.orgFrame(v.t.T("groups.add_members"), atGroups)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, GroupAddPage(p, view))
}

// groupChoices are the members found; those who are in the group already cannot be ticked.
func (v *visit) groupChoices(g groupView, rows []member.Row, chosen []string) ([]ui.Choice, error) {
	q := recordgroup.Query{Size: recordgroup.MaxPageSize}
	for i := range rows {
		q.Members = append(q.Members, rows[i].ID)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	held, err := v.s.Groups.Members(v.Context(), v.by, v.org.ID, g.ID, q)
	in := map[ident.Member]bool{}
	for _, m := range held.Items {
		in[m.Member] = !m.Over(v.s.now())
	}
	choices := make([]ui.Choice, 0, len(rows))
	for i := range rows {
		m := rows[i].Member
		c := ui.Choice{Value: m.ID.String(), Label: called(m), Hint: v.t.T("function." + m.Function)}
		c.Chosen = slices.Contains(chosen, c.Value)
		if in[m.ID] {
			c.Disabled, c.Chosen, c.Hint = true, false, v.t.T("groups.already")
		}
		choices = append(choices, c)
	}
	return choices, err
}

func (v *visit) addGroupMembers() error {
	g, err := v.editedGroup()
	if err != nil {
		return err
	}
	chosen := v.PostForm[fieldMember]
	var ids []ident.Member
	for _, s := range chosen {
		id, err := ident.ParseMember(s)
		if err != nil {
			return errForm
		}
		ids = append(ids, id)
	}
	d, err := v.groupDates()
	if err == nil {
		_, err = v.s.Groups.SetMembers(v.Context(), v.by, v.org.ID, g.ID, parseVersion(v.PostFormValue(fieldVersion)), ids, d)
	}
	switch {
	case fault.Is(err, fault.Stale):
		return v.staleGroup(g)
	case fault.Is(err, fault.Invalid):
		view := groupAddView{groupView: g, Search: v.PostFormValue("found"), Dates: v.typedDates()}
		view.Dates.Errors, view.Summary = v.fieldErrors(err, dateSpots)
		view.Error = view.Dates.Errors[fieldMember]
		return v.showAddMembers(http.StatusUnprocessableEntity, view, chosen)
	case err != nil:
		return err
	}
	v.flash(ui.ToneOK, v.t.T("groups.added", "Count", len(ids), "Group", g.Name))
	return v.to(g.Base)
}

// inGroup reads the member of the address in the group of the address.
func (v *visit) inGroup() (groupView, recordgroup.Membership, error) {
	g, err := v.editedGroup()
	if err != nil {
		return g, recordgroup.Membership{}, err
	}
	id, err := ident.ParseMember(v.PathValue("member"))
	if err != nil {
		return g, recordgroup.Membership{}, errPage
	}
	m, in, err := v.s.Groups.Membership(v.Context(), v.by, v.org.ID, g.ID, id)
	if err == nil && !in {
		err = errPage
	}
	return g, m, err
}

// groupDatesView is the form of the dates of one member.
type groupDatesView struct {
	groupView
	Name    string
	Action  string
	Dates   datesView
	Summary []ui.FieldError
}

func (v *visit) groupDatesForm() error {
	g, m, err := v.inGroup()
	if err != nil {
		return err
	}
	d := datesView{From: m.StartsAt.In(text.Zone).Format(time.DateOnly), FromHint: "groups.from_keep"}
	if m.EndsAt != nil {
		d.Until = lastDay(*m.EndsAt).In(text.Zone).Format(time.DateOnly)
	}
	return v.showGroupDates(http.StatusOK, g, m, groupDatesView{Dates: d})
}

func (v *visit) showGroupDates(status int, g groupView, m recordgroup.Membership, view groupDatesView) error {
	view.groupView, view.Name, view.Action = g, v.calledInGroup(m), g.Base+"/members/"+m.Member.String()
	p, err := v.orgFrame(v.t.T("groups.dates_title", "Name", view.Name), atGroups)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, GroupDatesPage(p, view))
}

func (v *visit) saveGroupDates() error {
	g, m, err := v.inGroup()
	if err != nil {
		return err
	}
	d, err := v.groupDates()
	if err == nil {
		if d.From != nil && v.PostFormValue(fieldFrom) == m.StartsAt.In(text.Zone).Format(time.DateOnly) {
			d.From = &m.StartsAt // the day did not change: neither does the moment
		}
		seen := parseVersion(v.PostFormValue(fieldVersion))
		_, err = v.s.Groups.SetMembers(v.Context(), v.by, v.org.ID, g.ID, seen, []ident.Member{m.Member}, d)
	}
	switch {
	case fault.Is(err, fault.Stale):
		return v.staleGroup(g)
	case fault.Is(err, fault.Invalid):
		view := groupDatesView{Dates: v.typedDates()}
		view.Dates.FromHint = "groups.from_keep"
		view.Dates.Errors, view.Summary = v.fieldErrors(err, dateSpots)
		return v.showGroupDates(http.StatusUnprocessableEntity, g, m, view)
	case err != nil:
		return err
	}
	v.flash(ui.ToneOK, v.t.T("groups.dates_saved", "Name", v.calledInGroup(m)))
	return v.to(g.Base)
}

func (v *visit) leaveGroupForm() error {
	g, m, err := v.inGroup()
	if err != nil {
		return err
	}
	return v.confirm(v.leaving(g, m), nil)
}

func (v *visit) leaving(g groupView, m recordgroup.Membership) confirmation {
	return confirmation{
		At: atGroups, Title: v.t.T("groups.take_out"), Crumb: g.Name, Back: g.Base,
		Ask: ui.ConfirmProps{
			Title: v.t.T("groups.take_out_question", "Name", v.calledInGroup(m), "Group", g.Name), Text: v.t.T("groups.take_out_text"),
			Action: g.Base + "/members/" + m.Member.String() + "/remove", Hidden: []ui.Hidden{{Name: fieldVersion, Value: version(g.Version)}},
			Button: ui.ButtonProps{Label: v.t.T("groups.take_out")}, Keep: v.t.T("groups.take_out_keep"),
		},
	}
}

func (v *visit) leaveGroup() error {
	g, m, err := v.inGroup()
	if err != nil {
		return err
	}
	_, err = v.s.Groups.RemoveMember(v.Context(), v.by, v.org.ID, g.ID, parseVersion(v.PostFormValue(fieldVersion)), m.Member)
	switch {
	case fault.Is(err, fault.Stale):
		return v.staleGroup(g)
	case err != nil:
		return v.confirm(v.leaving(g, m), err)
	}
	v.flash(ui.ToneOK, v.t.T("groups.taken_out", "Name", v.calledInGroup(m), "Group", g.Name))
	return v.to(g.Base)
}
