package web

import (
	"slices"
	"strconv"
	"strings"

	"habilis/internal/access"
	"habilis/internal/invitation"
	"habilis/internal/web/ui"
)

// The pages of the side column, by which orgFrame marks the current one.
const (
	atHome        = "home"
	atMembers     = "members"
	atInvitations = "invitations"
	atSites       = "sites"
	atSettings    = "settings"
	atJournal     = "journal"
	atMyJournal   = "me/journal"
	atTokens      = "tokens"
	atWebhooks    = "webhooks"
	atAccess      = "access/agendas"
	atAgendas     = "agendas"
	atRoles       = "roles"
	atGroups      = "access-groups"
	atDelegations = "delegations"
	atOwnNames    = "me/delegations"
	atNotices     = "me/notifications"
	atPreferences = "me/settings"
	atApprovals   = "approvals"
)

// orgFrame is the frame of a page of the organisation: its plaque and the pages
// that this person may open. What they may not is absent (DESIGN.md 4).
func (v *visit) orgFrame(title, current string) (ui.Page, error) {
	p := v.page(title)
	p.OrgName = v.org.Name
	p.Org = v.plaque()
	if p.Person != nil && v.held.HasAnywhere(access.MembersEdit) {
		p.Person.Role = v.t.T("role.administrator")
	}
	nav, err := v.nav(current)
	p.Nav = nav
	return p, err
}

func (v *visit) plaque() *ui.PlaqueProps {
	above := "web.you_are_in"
	if v.held.HasAnywhere(access.MembersEdit) {
		above = "web.you_administer"
	}
	return &ui.PlaqueProps{
		Above: v.t.T(above), Name: v.org.Name, Enamel: ui.Enamel(v.org.Enamel), Href: ui.PathOrganizations, Icon: ui.IconCaretUpDown,
		Hidden: v.t.T("web.change_organization"),
		Below:  []string{v.t.T("web.sites_count", "Count", v.org.Sites), v.t.T("web.members_count", "Count", v.org.Members)},
	}
}

func (v *visit) nav(current string) ([]ui.NavGroup, error) {
	item := func(at, label string, icon ui.IconName, count int64) ui.NavItem {
		n := ui.NavItem{Label: v.t.T(label), Href: v.at(at), Icon: icon, Current: at == current}
		if count >= 0 {
			n.Count = v.t.Number(int(count))
		}
		return n
	}
	people := []ui.NavItem{item(atHome, "web.home", ui.IconHouse, -1)}
	if v.held.HasAnywhere(access.MembersRead) {
		people = append(people, item(atMembers, "web.members", ui.IconUsers, -1))
	}
	if v.held.HasAnywhere(access.MembersInvite) {
		pending, err := v.s.Invitations.List(v.Context(), v.by, v.org.ID, invitation.Query{Size: 1})
		if err != nil {
			return nil, err
		}
		people = append(people, item(atInvitations, "web.invitations", ui.IconPaperPlaneTilt, pending.Total))
	}
	if v.held.HasAnywhere(access.ApprovalsDecide) {
		waiting, err := v.countApprovals()
		if err != nil {
			return nil, err
		}
		n := item(atApprovals, "approvals.title", ui.IconSealCheck, -1)
		if waiting > 0 {
			n.Count, n.Work = v.t.Number(waiting), true
		}
		people = append(people, n)
	}
	mine, err := v.ownNav(item, current)
	if err != nil {
		return nil, err
	}
	whole, sites := access.OrgScope(v.org.ID), int64(-1)
	if v.held.Has(access.SitesEdit, whole) {
		sites = v.org.Sites // others see their own sites only (ORG-3)
	}
	place := []ui.NavItem{item(atSites, "web.sites", ui.IconBuildings, sites)}
	if v.held.Has(access.SettingsEdit, whole) || v.held.Has(access.SecurityEdit, whole) {
		place = append([]ui.NavItem{item(atSettings, "web.settings", ui.IconGear, -1)}, place...)
	}
	if v.held.HasAnywhere(access.AuditRead) {
		place = append(place, item(atJournal, "web.journal", ui.IconClockCounterClockwise, -1))
	}
	if v.held.Has(access.TokensEdit, whole) {
		place = append(place, item(atTokens, "tokens.of.organization", ui.IconKey, -1))
	}
	if v.mayWebhooks() {
		place = append(place, item(atWebhooks, "webhooks.nav", ui.IconExport, -1))
	}
	groups := []ui.NavGroup{{ID: "people", Items: people}, {ID: "mine", Title: v.t.T("web.mine"), Items: mine}}
	if rights := v.rightsNav(item); len(rights) > 0 {
		groups = append(groups, ui.NavGroup{ID: "rights", Title: v.t.T("web.rights"), Items: rights})
	}
	return append(groups, ui.NavGroup{ID: "organization", Title: v.t.T("web.organization"), Items: place}), nil
}

// ownNav are the pages of the person themself.
func (v *visit) ownNav(item func(at, label string, icon ui.IconName, count int64) ui.NavItem, current string) ([]ui.NavItem, error) {
	told, err := v.noticesNav(current)
	if err != nil {
		return nil, err
	}
	mine := []ui.NavItem{told, item(atPreferences, "preference.mine", ui.IconSlidersHorizontal, -1)}
	names, shown, err := v.ownNamesNav(current)
	if shown {
		mine = append(mine, names)
	}
	return append(mine, item(atMyJournal, "web.my_journal", ui.IconIdentificationCard, -1)), err
}

// rightsNav are the pages on who may do what.
func (v *visit) rightsNav(item func(at, label string, icon ui.IconName, count int64) ui.NavItem) []ui.NavItem {
	var items []ui.NavItem
	for _, page := range []struct {
		at, label string
		icon      ui.IconName
		anyOf     []access.Permission
	}{
		{atAccess, "web.access", ui.IconCalendarDots, []access.Permission{access.RightsRead, access.RightsEdit}},
		{atAgendas, "web.agendas", ui.IconTreeStructure, []access.Permission{access.RightsRead, access.RightsEdit}},
		{atRoles, "web.roles", ui.IconIdentificationBadge, []access.Permission{access.RolesEdit, access.RightsRead}},
		{atGroups, "web.access_groups", ui.IconUsersThree, []access.Permission{access.GroupsEdit}},
		{atDelegations, "web.delegations", ui.IconHandshake, []access.Permission{access.DelegationsEdit}},
		{atWhy, "why.title", ui.IconQuestion, []access.Permission{access.RightsRead, access.RightsEdit}},
		{atReviews, "reviewpage.title", ui.IconListChecks, []access.Permission{access.ReviewsRun}},
		{atReports, "report.title", ui.IconList, []access.Permission{access.RightsRead, access.RightsEdit, access.MembersRead}},
	} {
		if slices.ContainsFunc(page.anyOf, v.held.HasAnywhere) {
			items = append(items, item(page.at, page.label, page.icon, -1))
		}
	}
	return items
}

// at is the path of a page of this organisation: at("members", "new").
func (v *visit) at(parts ...string) string {
	return "/o/" + v.org.Slug + "/" + strings.Join(parts, "/")
}

// maxPage bounds the page number of a list: far beyond what any can have.
const maxPage = 1 << 20

// number reads a whole number of a query, from 1 to the highest, or the fallback.
func number(s string, fallback, highest int) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > highest {
		return fallback
	}
	return n
}
