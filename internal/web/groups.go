package web

import (
	"net/http"
	"strings"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/recordgroup"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

var groupRoutes = []route{
	{"GET /o/{org}/access-groups", within, (*visit).groups},
	{"GET /o/{org}/access-groups/new", within, (*visit).newGroupForm},
	{"POST /o/{org}/access-groups/new", within, (*visit).createGroup},
	{"GET /o/{org}/access-groups/{group}", within, (*visit).groupMembers},
	{"GET /o/{org}/access-groups/{group}/edit", within, (*visit).groupForm},
	{"POST /o/{org}/access-groups/{group}/edit", within, (*visit).saveGroup},
	{"GET /o/{org}/access-groups/{group}/remove", within, (*visit).removeGroupForm},
	{"POST /o/{org}/access-groups/{group}/remove", within, (*visit).removeGroup},
	{"GET /o/{org}/access-groups/{group}/members/add", within, (*visit).addGroupMembersForm},
	{"POST /o/{org}/access-groups/{group}/members/add", within, (*visit).addGroupMembers},
	{"GET /o/{org}/access-groups/{group}/members/{member}", within, (*visit).groupDatesForm},
	{"POST /o/{org}/access-groups/{group}/members/{member}", within, (*visit).saveGroupDates},
	{"GET /o/{org}/access-groups/{group}/members/{member}/remove", within, (*visit).leaveGroupForm},
	{"POST /o/{org}/access-groups/{group}/members/{member}/remove", within, (*visit).leaveGroup},
	{"GET /o/{org}/access-groups/{group}/records", within, (*visit).groupRecords},
	{"GET /o/{org}/access-groups/{group}/records/add", within, (*visit).addRecordsForm},
	{"POST /o/{org}/access-groups/{group}/records/add", within, (*visit).addRecords},
	{"GET /o/{org}/access-groups/{group}/records/remove", within, (*visit).removeRecordsForm},
	{"POST /o/{org}/access-groups/{group}/records/remove", within, (*visit).removeRecords},
	{"POST /o/{org}/settings/records", within, (*visit).saveRecordsSetting},
}

// groupsView is the list of access groups.
type groupsView struct {
	List    recordgroup.List[recordgroup.Group]
	Search  string
	Record  string
	Page    int
	Pages   int
	Base    string
	Summary string
	Closed  bool   // records of no group
	Setting string // where that is set, for whoever may
	MayEdit bool
	Errors  map[string]string
	Wrong   []ui.FieldError
}

func (v *visit) mayReadGroups() bool {
	return v.mayEditGroups() || v.held.Has(access.RightsRead, access.OrgScope(v.org.ID))
}

func (v *visit) mayEditGroups() bool { return v.held.Has(access.GroupsEdit, access.OrgScope(v.org.ID)) }

func (v *visit) groups() error {
	view := groupsView{
		Search: strings.TrimSpace(v.FormValue("q")), Record: v.FormValue(fieldRecord), Page: number(v.FormValue(fieldPage), 1, maxPage),
		Base: v.at(atGroups), MayEdit: v.mayEditGroups(),
	}
	q := recordgroup.Query{Search: view.Search, Record: view.Record, Page: view.Page}
	list, refusal := v.s.Groups.List(v.Context(), v.by, v.org.ID, q)
	if fault.Is(refusal, fault.Invalid) { // what was typed stays in its field
		view.Errors, view.Wrong = v.fieldErrors(refusal)
	} else if refusal != nil {
		return refusal
	}
	view.List, view.Pages = list, groupPages(list.Total)
	if view.Pages > 0 && view.Page > view.Pages { // the list became shorter
		return v.to(view.href(view.Pages))
	}
	view.Summary = v.t.T("groups.none_shown")
	if n := len(list.Items); n > 0 {
		first := (view.Page-1)*recordgroup.DefaultPageSize + 1
		view.Summary = v.t.T("groups.summary", "First", first, "Last", first+n-1, "Total", int(list.Total))
	}
	var err error
	if view.Closed, view.Setting, err = v.unlisted(); err != nil {
		return err
	}
	p, err := v.orgFrame(v.t.T("groups.title"), atGroups)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if refusal != nil {
		p.Error, status = true, statusOf(fault.Of(refusal))
	}
	return v.show(status, GroupsPage(p, view))
}

// groupPages is how many pages a list of so many lines has.
func groupPages(total int64) int {
	return int((total + recordgroup.DefaultPageSize - 1) / recordgroup.DefaultPageSize)
}

// unlisted says whether records of no group are closed, and where that is set.
func (v *visit) unlisted() (closed bool, setting string, err error) {
	s, err := v.s.Settings.Records(v.Context(), v.by, v.org.ID)
	if v.held.Has(access.SettingsEdit, access.OrgScope(v.org.ID)) {
		setting = v.at("settings") + "#" + recordsCard
	}
	return s.UnlistedClosed, setting, err
}

// href is the address of a page of the list.
func (l groupsView) href(page int) string {
	return inState(l.Base, queryOf(map[string]string{"q": l.Search, fieldRecord: l.Record, fieldPage: unusual(page, 1)}))
}

func (l groupsView) chips(t *text.Printer) (chips []ui.FilterChip) {
	if l.Search != "" {
		without := groupsView{Base: l.Base, Record: l.Record}
		chips = append(chips, ui.FilterChip{Label: t.T("members.chip.search", "Value", l.Search), Href: without.href(1)})
	}
	if l.Record != "" {
		without := groupsView{Base: l.Base, Search: l.Search}
		chips = append(chips, ui.FilterChip{Label: t.T("groups.chip_record", "Value", l.Record), Href: without.href(1)})
	}
	return chips
}

func (l groupsView) pager() ui.PagerProps {
	return ui.PagerProps{Summary: l.Summary, Page: l.Page, Pages: l.Pages, Href: l.href}
}

// groupView is what every page of one group shows.
type groupView struct {
	recordgroup.Group
	Base    string
	MayEdit bool
	Closed  bool // records of no group
}

// group reads the group that the address names. One of another organisation does not
// exist.
func (v *visit) group() (groupView, error) {
	id, err := ident.ParseGroup(v.PathValue("group"))
	if err != nil {
		return groupView{}, errPage
	}
	g, err := v.s.Groups.Get(v.Context(), v.by, v.org.ID, id)
	return groupView{Group: g, Base: v.at(atGroups, id.String()), MayEdit: v.mayEditGroups()}, err
}

// editedGroup is group for the pages that change one.
func (v *visit) editedGroup() (groupView, error) {
	g, err := v.group()
	if err == nil && !g.MayEdit {
		err = v.lacks(access.GroupsEdit)
	}
	return g, err
}

func (g groupView) tabs(t *text.Printer, records bool) ui.TabsProps {
	return ui.TabsProps{Label: t.T("groups.tabs", "Name", g.Name), Pages: true, Items: []ui.Tab{
		{Label: t.T("groups.members"), Href: g.Base, Count: t.Number(int(g.Members)), Current: !records},
		{Label: t.T("groups.records"), Href: g.Base + "/records", Count: t.Number(int(g.Records)), Current: records},
	}}
}

// staleGroup: somebody changed the group in between. The way back is its page, where the
// change can be seen (CHG-1).
func (v *visit) staleGroup(g groupView) error {
	v.flash(ui.ToneWait, v.t.T("groups.stale"))
	return v.to(g.Base)
}
