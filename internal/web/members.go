package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

var memberRoutes = []route{
	{"GET /o/{org}/members", within, (*visit).members},
	{"GET /o/{org}/members/bulk", within, (*visit).bulkForm},
	{"POST /o/{org}/members/bulk", within, (*visit).bulk},
	{"GET /o/{org}/members/{member}", within, (*visit).member},
	{"GET /o/{org}/members/{member}/invite", within, (*visit).inviteMemberForm},
	{"POST /o/{org}/members/{member}/invite", within, (*visit).inviteMember},
	{"GET /o/{org}/members/{member}/administration", within, (*visit).administrationForm},
	{"POST /o/{org}/members/{member}/administration", within, (*visit).appoint},
	{"GET /o/{org}/members/{member}/administration/withdraw", within, (*visit).withdrawForm},
	{"POST /o/{org}/members/{member}/administration/withdraw", within, (*visit).withdraw},
}

// fieldVerification filters the list by the state of people's files (LST-2).
const fieldVerification = "verification"

// fieldRefresh is the button «Rafraîchir» of one line.
const fieldRefresh = "refresh"

// listState is the state of the member list: the URL is the state (LST-1).
type listState struct {
	Search, Keyword, Role, Permission, Status, Verification, Site, Function string

	Admin      bool
	Sort       member.Sort
	Descending bool
	Page, Size int
}

// readListState reads the state from a query; what it cannot mean is as usual.
func readListState(get func(string) string) listState {
	s := listState{
		Search: strings.TrimSpace(get("q")), Keyword: strings.TrimSpace(get("keyword")),
		Role: get(fieldRole), Permission: get("permission"), Status: get(fieldStatus), Verification: get(fieldVerification), Site: get(fieldSite),
		Function: get(fieldFunction), Admin: get("admin") != "", Sort: member.ByName, Descending: get("dir") == "desc",
		Page: number(get(fieldPage), 1, maxPage), Size: number(get(fieldSize), member.DefaultPageSize, member.MaxPageSize),
	}
	if by := member.Sort(get("sort")); by == member.ByLastSignIn || by == member.ByCreation {
		s.Sort = by
	}
	if !slices.Contains(member.PageSizes, s.Size) {
		s.Size = member.DefaultPageSize
	}
	return s
}

// values writes the state as a query; what is as usual is left out.
func (s listState) values() url.Values {
	q := queryOf(map[string]string{
		"q": s.Search, "keyword": s.Keyword, fieldRole: s.Role, "permission": s.Permission, fieldStatus: s.Status, fieldSite: s.Site,
		fieldVerification: s.Verification, fieldFunction: s.Function,
		fieldSize: unusual(s.Size, member.DefaultPageSize), fieldPage: unusual(s.Page, 1),
	})
	if s.Admin {
		q.Set("admin", "1")
	}
	if s.Sort != member.ByName {
		q.Set("sort", string(s.Sort))
	}
	if s.Descending {
		q.Set("dir", "desc")
	}
	return q
}

// href is the address of the list in the state that change makes, from its first page.
func (s listState) href(base string, change func(*listState)) string {
	s.Page = 1
	change(&s)
	return inState(base, s.values())
}

// query is what the register is asked. A filter that names nothing finds nothing.
func (s listState) query() member.Query {
	q := member.Query{
		Search: s.Search, Keyword: s.Keyword, Role: ident.Role(s.Role), Permission: access.Permission(s.Permission), Site: ident.Site(s.Site),
		Function: s.Function, Admin: s.Admin, Sort: s.Sort, Descending: s.Descending, Page: s.Page, Size: s.Size,
		Verification: member.Verification(s.Verification),
	}
	if s.Status != "" {
		q.Statuses = []member.Status{member.Status(s.Status)}
	}
	return q
}

// filtered reports whether anything narrows the list.
func (s listState) filtered() bool {
	s.Sort, s.Descending, s.Size, s.Page = member.ByName, false, member.DefaultPageSize, 1
	return len(s.values()) > 0
}

// membersView is what the member list shows.
type membersView struct {
	State     listState
	List      member.List
	Lines     []memberLine
	Roles     []role.Role
	Sites     []ui.Option
	Base      string
	Summary   string
	Pages     int
	MayInvite bool
	MayAct    bool // there is something to do with a selection
	MayWrite  bool
	MayImport bool
	MayVerify bool // the person looks after files, and somebody has one (LST-2)

	MayDeactivate bool

	Gone   int64 // how many left and can come back: «Partis»
	AtGone bool  // «Partis» is open: the list itself is not

	Empty      bool // the page has lines whose two cells are empty
	Pending    int64
	Approvals  int // made by the support, that wait for this person (APP-1)
	Alerts     int // of the directory, that wait for this person (VER-5)
	AlertsPath string
	Errors     map[string]string // of the filters
	Wrong      []ui.FieldError
}

func (v *visit) members() error {
	state := readListState(v.FormValue)
	asked := state
	list, refusal := v.s.Members.List(v.Context(), v.by, v.org.ID, state.query())
	if refusal != nil {
		if !fault.Is(refusal, fault.Invalid) {
			return refusal
		}
		asked.Search, asked.Keyword = "", "" // what was typed stays in its field, with the point to correct
		var err error
		if list, err = v.s.Members.List(v.Context(), v.by, v.org.ID, asked.query()); err != nil {
			return err
		}
	}
	view := membersView{
		State: state, List: list, Base: v.at("members"), MayInvite: v.held.HasAnywhere(access.MembersInvite),
		MayVerify: list.Files && v.mayVerify(), Pages: int((list.Total + int64(state.Size) - 1) / int64(state.Size)),
	}
	view.MayWrite, view.MayImport = v.mayWrite(), v.held.HasAnywhere(access.ImportsRun)
	view.MayAct = view.MayVerify || view.MayWrite || v.held.HasAnywhere(access.MembersDeactivate)
	view.MayDeactivate = v.held.HasAnywhere(access.MembersDeactivate)
	if view.Pages > 0 && state.Page > view.Pages { // the list became shorter
		return v.to(state.href(view.Base, func(s *listState) { s.Page = view.Pages }))
	}
	if err := v.fillMembers(&view); err != nil {
		return err
	}
	var err error
	if view.Alerts, err = v.countAlerts(); err != nil {
		return err
	}
	view.AlertsPath = v.at("directory-alerts")
	if view.Gone, err = v.countGone(); err != nil {
		return err
	}
	if view.Approvals, err = v.countApprovals(); err != nil {
		return err
	}
	p, err := v.orgFrame(v.t.T("members.title"), atMembers)
	if err != nil {
		return err
	}
	p.Live = true
	status := http.StatusOK
	if refusal != nil {
		view.Errors, view.Wrong = v.fieldErrors(refusal)
		p.Error, status = true, statusOf(fault.Of(refusal))
	}
	return v.show(status, MembersPage(p, view))
}

// fillMembers adds the words of the lines and the choices of the filters.
func (v *visit) fillMembers(view *membersView) error {
	for i := range view.List.Rows {
		l := v.memberLine(view.List.Rows[i])
		view.Lines, view.Empty = append(view.Lines, l), view.Empty || l.Unchecked
	}
	first := (view.State.Page-1)*view.State.Size + 1
	view.Summary = v.t.T("members.none_shown")
	if n := len(view.Lines); n > 0 {
		view.Summary = v.t.T("members.summary", "First", first, "Last", first+n-1, "Total", int(view.List.Total))
	}
	var err error
	if view.Roles, err = v.s.Roles.List(v.Context(), v.by, v.org.ID); err != nil {
		return err
	}
	sites, err := v.s.Orgs.Sites(v.Context(), v.by, v.org.ID, "")
	if err != nil {
		return err
	}
	view.Sites = []ui.Option{{Label: v.t.T("members.any")}}
	for i := range sites {
		if s := &sites[i]; v.held.Has(access.MembersRead, access.SiteScope(v.org.ID, s.ID)) {
			view.Sites = append(view.Sites, ui.Option{Value: s.ID.String(), Label: s.Name})
		}
	}
	return nil
}

// memberLine is one line of the list, in words.
type memberLine struct {
	ID                   string
	Who                  ui.WhoProps
	Name                 string // as sentences write it
	Function, Role, Site string
	Admin                bool
	Seen                 string
	SeenAt               member.Row
	NeverSeen            bool
	Status               ui.StatusProps
	Resend               string // address of «Renvoyer»; empty: nothing to resend
	Examine              string // address of «Examiner»; empty: nothing waits, or not for this person
	Checkable            bool
	Unchecked            bool   // nobody has looked at the file yet: two cells are empty (LST-2)
	File                 string // address of «Voir»; empty: no file
}

// seenLabel is what stands before the last connection on a phone: nothing before an empty cell.
func (l *memberLine) seenLabel(t *text.Printer) string {
	if l.Unchecked {
		return ""
	}
	return t.T("members.column.seen")
}

func (v *visit) memberLine(r member.Row) memberLine {
	l := memberLine{
		ID: r.ID.String(), Name: r.Name(), Admin: r.Admin, SeenAt: r, NeverSeen: r.NeverSignedIn(),
		Function: v.t.T("function." + r.Function), Checkable: r.Account != v.me.ID,
		Who: ui.WhoProps{
			Title: r.Title, Last: r.FamilyName, First: r.GivenName, Href: v.at("members", r.ID.String()), Detail: r.Profession,
			Profile: profile(r.ProfileType), Initials: initials(r.GivenName, r.FamilyName),
		},
	}
	if l.Who.Last == "" && l.Who.First == "" {
		l.Who.Last, l.Name = r.Email, r.Email
	}
	l.Seen = v.seen(r.Member)
	l.Role = v.t.List(v.rowRoles(r.Roles))
	l.Site = v.rowSites(r.Sites)
	l.Status = v.withDeparture(v.withPlan(v.status(r.Member, r.Invitation), r.Planned), r.Departure)
	if r.Verification != member.NotNeeded {
		l.Unchecked, l.File = r.Verification == member.Unchecked, v.dossierPath(ident.DossierOf(r.ID))
		if l.Who.Detail == "" { // a phone shows the function there, above the acts on the file
			l.Who.Detail = l.Function
		}
	}
	if r.Status == member.PendingApproval && v.mayExamine(r.Sites) {
		l.Examine = v.at("approvals", r.ID.String())
	}
	if r.Invitation != nil && r.MayResend {
		l.Resend = v.at("invitations", r.Invitation.ID.String(), "resend")
	}
	return l
}

// seen says when a person last signed in: «il y a 12 min», «jamais» (LST-2).
func (v *visit) seen(m member.Member) string {
	if m.NeverSignedIn() {
		return v.t.T("members.never")
	}
	return v.t.Ago(m.LastSignInAt, v.s.now())
}

// rowRoles names the roles of a line; administration is told by its tag.
func (v *visit) rowRoles(roles []member.RoleRef) []string {
	var out []string
	for i := range roles {
		r := &roles[i]
		name := r.Name
		if r.BuiltIn != "" {
			name = v.t.T("role." + r.BuiltIn)
		}
		if r.BuiltIn != role.Administrator && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func (v *visit) rowSites(sites []member.SiteRef) string {
	if int64(len(sites)) == v.org.Sites && v.org.Sites > 1 {
		return strings.ReplaceAll(v.t.T("members.all_sites", "Count", len(sites)), " ", noBreak) // short enough for one line
	}
	names := make([]string, 0, len(sites))
	for _, s := range sites {
		names = append(names, s.Name)
	}
	return v.t.List(names)
}

// status is the one chip of a line: the fact that asks for something first, then
// the status (DESIGN.md 13, LST-4).
func (v *visit) status(m member.Member, inv *member.PendingInvitation) ui.StatusProps {
	chip := func(tone ui.Tone, key string) ui.StatusProps {
		return ui.StatusProps{Chip: ui.ChipProps{Tone: tone, Label: v.t.T(key)}}
	}
	switch {
	case m.Status == member.PendingApproval:
		return chip(ui.ToneWait, "status.pending_approval")
	case m.Status == member.Deactivated:
		return chip(ui.ToneOff, "status.deactivated")
	case m.Verification == member.Incomplete, m.Verification == member.Unchecked:
		return ui.StatusProps{Chip: v.verificationChip(m.Verification), Detail: v.t.T("members.no_entry")}
	case m.Locked:
		s := chip(ui.ToneBad, "status.locked")
		s.Chip.Icon, s.Detail = ui.IconLockFill, v.t.T("members.locked_detail")
		return s
	case m.Status == member.Created && m.Verification == member.Verified:
		return ui.StatusProps{Chip: v.verificationChip(m.Verification), Detail: v.t.T("members.never_signed_in")}
	case m.Status == member.Created:
		return v.createdStatus(inv)
	case m.EndsAt != nil:
		s := chip(ui.ToneInfo, "status.end_planned") // of the contract: nobody decided a departure
		s.Chip.Icon, s.Detail = ui.IconClockFill, v.t.T("invitation.on", "Date", v.t.ShortDate(lastDay(*m.EndsAt)))
		return s
	}
	return chip(ui.ToneOK, "status.active")
}

func (v *visit) createdStatus(inv *member.PendingInvitation) ui.StatusProps {
	s := ui.StatusProps{Chip: ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("status.created"), Icon: ui.IconClockFill}}
	switch left := daysLeft(inv, v); {
	case inv == nil:
		s.Chip.Label, s.Detail = v.t.T("members.created"), v.t.T("members.never_signed_in")
	case left < 0:
		s.Detail = v.t.T("members.invitation_expired")
	case left == 0:
		s.Detail = v.t.T("members.expires_today")
	default:
		s.Detail = v.t.T("members.expires_in", "Count", left)
	}
	return s
}

func daysLeft(inv *member.PendingInvitation, v *visit) int {
	if inv == nil {
		return -1
	}
	now := v.s.now()
	if !now.Before(inv.ExpiresAt) {
		return -1
	}
	return text.DaysUntil(inv.ExpiresAt, now)
}

func profile(t member.ProfileType) ui.Profile {
	switch t {
	case member.Regulated:
		return ui.Regulated
	case member.Unregulated:
		return ui.Unregulated
	case member.NonPractitioner:
	}
	return ui.NonPractitioner
}
