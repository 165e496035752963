package web

import (
	"net/http"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/preference"
	"habilis/internal/setting"
	"habilis/internal/web/ui"
)

// What Habilis tells a person of its organisation: «Mes notifications» (CHG-3).
var noticeRoutes = []route{
	{"GET /o/{org}/me/notifications", within, (*visit).notices},
	{"POST /o/{org}/me/notifications/read", within, (*visit).readNotices},
	{"POST /o/{org}/me/notifications/open", within, (*visit).openNotice},
}

const (
	fieldNotice = "notice"
	fieldUnread = "unread" // in the query: those that are not read
)

// noticesView is the list.
type noticesView struct {
	Base   string
	Read   string // address that marks them as read
	Open   string // address that opens one
	Choose string // address of the alerts
	Tabs   ui.TabsProps
	Lines  []noticeLine
	Unread bool // some are not read
	Only   bool // those that are not read alone are shown
	Places ui.PlacesProps
}

// noticeLine is one notice, in words.
type noticeLine struct {
	ID, Text, When string
	Icon           ui.IconName
	To             string // the page that it is about; empty: none
	Unread         bool
}

var noticeIcons = map[setting.Alert]ui.IconName{
	setting.AlertRegistration: ui.IconIdentificationCard, setting.AlertApproval: ui.IconSealCheck,
	setting.AlertDirectory: ui.IconWarningCircle,
	setting.AlertDeparture: ui.IconDoorOpen, setting.AlertWork: ui.IconListChecks, setting.AlertDelegation: ui.IconHandshake,
	setting.AlertAccess: ui.IconKey,
}

func (v *visit) notices() error {
	q := preference.NoticeQuery{Unread: v.FormValue(fieldUnread) != "", After: v.FormValue(fieldAfter)}
	page, err := v.s.Preferences.Notices(v.Context(), v.by, v.org.ID, q)
	if err != nil {
		return err
	}
	base := v.at(atNotices)
	view := noticesView{
		Base: base, Read: base + "/read", Open: base + "/open", Choose: v.at(atPreferences, "edit") + "#" + cardAlerts,
		Unread: page.Unread > 0, Only: q.Unread,
	}
	count := ""
	if page.Unread > 0 {
		count = v.t.Number(int(page.Unread))
	}
	view.Tabs = ui.TabsProps{Label: v.t.T("notices.tabs"), Items: []ui.Tab{
		{Label: v.t.T("notices.all"), Href: base, Current: !q.Unread},
		{Label: v.t.T("notices.unread"), Href: base + "?" + fieldUnread + "=1", Count: count, Current: q.Unread},
	}}
	for i := range page.Notices {
		view.Lines = append(view.Lines, v.noticeLine(&page.Notices[i]))
	}
	view.Places = v.noticePlaces(base, q, page)
	p, err := v.orgFrame(v.t.T("notices.title"), atNotices)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, NoticesPage(p, view))
}

// noticePlaces is the foot of the list: it grows while it is read.
func (v *visit) noticePlaces(base string, q preference.NoticeQuery, page preference.NoticePage) ui.PlacesProps {
	href := func(after string) string {
		state := map[string]string{fieldAfter: after}
		if q.Unread {
			state[fieldUnread] = "1"
		}
		return inState(base, queryOf(state))
	}
	places := ui.PlacesProps{
		Label: v.t.T("notices.pages"), Summary: v.t.T("notices.count", "Count", int(page.Total)),
		FirstLabel: v.t.T("notices.first"), OlderLabel: v.t.T("notices.older"),
	}
	if q.After != "" {
		places.First = href("")
	}
	if page.Next != "" {
		places.Older = href(page.Next)
	}
	return places
}

func (v *visit) noticeLine(n *preference.Notice) noticeLine {
	return noticeLine{
		ID: n.ID.String(), Text: preference.Say(v.t, *n),
		When: v.t.Ago(n.At, v.s.now()), Icon: noticeIcons[n.Alert], To: v.noticePath(n), Unread: n.ReadAt.IsZero(),
	}
}

// noticePath is the page that a notice is about, for whoever may open it; empty: none.
func (v *visit) noticePath(n *preference.Notice) string {
	switch n.What {
	case preference.RegistrationReady:
		return v.at(atMembers)
	case preference.ApprovalWaits:
		return v.at(atApprovals)
	case preference.DirectoryDiffers:
		return v.at("directory-alerts")
	case preference.RegistrationRuled, preference.DeparturePlanned, preference.DepartureUnconfirmed:
		if !n.Subject.IsZero() {
			return v.sheetPath(n.Subject)
		}
	case preference.DepartureReceiver:
		if !n.Subject.IsZero() {
			return v.departurePath(n.Subject)
		}
		return v.at(atMembers, "gone")
	case preference.DepartureDone:
		return v.at(atMembers, "gone")
	case preference.WorkReceived:
		return v.sheetPath(v.held.Member) + atWorkItems
	case preference.DelegationStarts, preference.DelegationEnds:
		return v.at(atOwnNames)
	case preference.AccessChanged:
		if v.held.HasAnywhere(access.RightsRead) {
			return v.at("access", "changes")
		}
	}
	return ""
}

// readNotices marks one as read, or all of them.
func (v *visit) readNotices() error {
	var ids []ident.Notice
	if one := v.PostFormValue(fieldNotice); one != "" {
		id, err := ident.ParseNotice(one)
		if err != nil {
			return errForm
		}
		ids = []ident.Notice{id}
	}
	if err := v.s.Preferences.MarkRead(v.Context(), v.by, v.org.ID, ids); err != nil {
		return err
	}
	if ids == nil {
		v.flash(ui.ToneOK, v.t.T("notices.all_read"))
	}
	return v.to(v.at(atNotices))
}

// openNotice marks one as read and goes to the page that it is about: a page of ours.
func (v *visit) openNotice() error {
	id, err := ident.ParseNotice(v.PostFormValue(fieldNotice))
	if err != nil {
		return errForm
	}
	if err := v.s.Preferences.MarkRead(v.Context(), v.by, v.org.ID, []ident.Notice{id}); err != nil {
		return err
	}
	return v.to(v.next(v.at(atNotices)))
}

// noticesNav is the page of the side column, with how many are not read.
func (v *visit) noticesNav(current string) (ui.NavItem, error) {
	item := ui.NavItem{Label: v.t.T("notices.nav"), Href: v.at(atNotices), Icon: ui.IconBell, Current: current == atNotices}
	n, err := v.s.Preferences.Unread(v.Context(), v.by, v.org.ID)
	if n > 0 {
		item.Count, item.Said = v.t.Number(int(n)), v.t.T("notices.not_read", "Count", int(n))
	}
	return item, err
}
