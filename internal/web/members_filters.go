package web

import (
	"habilis/internal/access"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// lead says how many belong, and how many of those listed no longer come in: together
// they are the tab «Tous».
func (m membersView) lead(t *text.Printer) string {
	c := m.List.Counts
	lead := t.T("members.lead", "Count", c.All-c.Deactivated)
	if c.Deactivated > 0 {
		lead += " " + t.T("members.lead_deactivated", "Count", c.Deactivated)
	}
	return lead
}

// tabs are the views of the list, with what each holds (LST-1, ORG-5).
func (m membersView) tabs(t *text.Printer) []ui.Tab {
	counts := m.List.Counts
	tab := func(key string, n int64, status member.Status, admin bool) ui.Tab {
		return ui.Tab{
			Label: t.T(key), Count: t.Number(int(n)), Current: !m.AtGone && m.State.Status == string(status) && m.State.Admin == admin,
			Href: m.State.href(m.Base, func(s *listState) { s.Status, s.Admin = string(status), admin }),
		}
	}
	return []ui.Tab{
		tab("members.tab.all", counts.All, "", false), tab("members.tab.active", counts.Active, member.Active, false),
		tab("members.tab.pending", counts.Pending, member.Created, false),
		tab("members.tab.deactivated", counts.Deactivated, member.Deactivated, false),
		tab("members.tab.administrators", counts.Administrators, "", true),
		{Label: t.T("gone.title"), Count: t.Number(int(m.Gone)), Href: m.Base + atGone, Current: m.AtGone},
	}
}

// chips are the filters in force, the search too; each takes itself away.
func (m membersView) chips(t *text.Printer) []ui.FilterChip {
	var list []ui.FilterChip
	add := func(value, label string, without func(*listState)) {
		if value != "" {
			list = append(list, ui.FilterChip{Label: label, Href: m.State.href(m.Base, without)})
		}
	}
	s := m.State
	add(s.Search, t.T("members.chip.search", "Value", s.Search), func(s *listState) { s.Search = "" })
	add(s.Keyword, t.T("members.chip.keyword", "Value", s.Keyword), func(s *listState) { s.Keyword = "" })
	add(s.Role, t.T("members.chip.role", "Value", m.roleName(t)), func(s *listState) { s.Role = "" })
	add(s.Permission, t.T("members.chip.permission", "Value", named(t, "permission.", s.Permission)), func(s *listState) { s.Permission = "" })
	add(s.Site, t.T("members.chip.site", "Value", optionLabel(m.Sites, s.Site)), func(s *listState) { s.Site = "" })
	add(s.Verification, t.T("members.chip.verification", "Value", named(t, "verification.", s.Verification)),
		func(s *listState) { s.Verification = "" })
	add(s.Function, t.T("members.chip.function", "Value", named(t, "function.", s.Function)), func(s *listState) { s.Function = "" })
	return list
}

func (m membersView) roleName(t *text.Printer) string {
	for _, r := range m.Roles {
		if r.ID.String() == m.State.Role {
			return roleName(t, r)
		}
	}
	return m.State.Role
}

func roleName(t *text.Printer, r role.Role) string {
	if r.BuiltIn != "" {
		return t.T("role." + r.BuiltIn)
	}
	return r.Name
}

// named is the label of a code, or the code itself when it is none of ours.
func named(t *text.Printer, prefix, code string) string {
	if t.Has(prefix + code) {
		return t.T(prefix + code)
	}
	return code
}

func optionLabel(list []ui.Option, value string) string {
	for _, o := range list {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}

func (m membersView) roleOptions(t *text.Printer) []ui.Option {
	list := make([]ui.Option, 1, 1+len(m.Roles))
	list[0].Label = t.T("members.any")
	for _, r := range m.Roles {
		list = append(list, ui.Option{Value: r.ID.String(), Label: roleName(t, r)})
	}
	return list
}

func (m membersView) permissionOptions(t *text.Printer) []ui.Option {
	all := access.Catalogue()
	list := make([]ui.Option, 1, 1+len(all))
	list[0].Label = t.T("members.any")
	for _, p := range all {
		list = append(list, ui.Option{Value: string(p), Label: t.T("permission." + string(p))})
	}
	return list
}

func (m membersView) functionOptions(t *text.Printer) []ui.Option {
	return append([]ui.Option{{Label: t.T("members.any")}}, functions(t, false)...)
}

// verificationOptions are the states of files; whoever has none is not among them.
func (m membersView) verificationOptions(t *text.Printer) []ui.Option {
	list := []ui.Option{{Label: t.T("members.any")}}
	for _, s := range []member.Verification{member.Unchecked, member.Incomplete, member.Verified} {
		list = append(list, ui.Option{Value: string(s), Label: t.T("verification." + string(s))})
	}
	return list
}

// kept is what the filter form carries along: the tab, the order, the size.
func (m membersView) kept() []ui.Hidden {
	var list []ui.Hidden
	s := m.State
	for _, f := range []ui.Hidden{{Name: fieldStatus, Value: s.Status}} {
		if f.Value != "" {
			list = append(list, f)
		}
	}
	for name, value := range s.values() {
		if name == "admin" || name == "sort" || name == "dir" || name == fieldSize {
			list = append(list, ui.Hidden{Name: name, Value: value[0]})
		}
	}
	return list
}

// columns are the headers; name and last sign-in can be sorted by.
func (m membersView) columns(t *text.Printer) []ui.Column {
	sorted := func(by member.Sort) (string, ui.Sort) {
		current := m.State.Sort == by
		href := m.State.href(m.Base, func(s *listState) { s.Sort, s.Descending = by, current && !s.Descending })
		switch {
		case current && m.State.Descending:
			return href, ui.Descending
		case current:
			return href, ui.Ascending
		}
		return href, ui.NotSorted
	}
	name := ui.Column{Label: t.T("members.column.member")}
	name.Href, name.Sort = sorted(member.ByName)
	seen := ui.Column{Label: t.T("members.column.seen"), Kind: ui.CellSeen}
	seen.Href, seen.Sort = sorted(member.ByLastSignIn)
	return []ui.Column{
		name, {Label: t.T("members.column.function"), Kind: ui.CellFunction}, {Label: t.T("members.column.role"), Kind: ui.CellRole},
		{Label: t.T("members.column.site"), Kind: ui.CellSite}, seen, {Label: t.T("members.column.status"), Kind: ui.CellState},
	}
}

// caption says what the table holds, for screen readers.
func (m membersView) caption(t *text.Printer) string {
	by := "members.sorted." + string(m.State.Sort)
	return m.Summary + ", " + t.T(by)
}

func (m membersView) pager(t *text.Printer) ui.PagerProps {
	p := ui.PagerProps{
		Summary: m.Summary, Page: m.State.Page, Pages: m.Pages,
		Href: func(page int) string { return m.State.href(m.Base, func(s *listState) { s.Page = page }) },
	}
	for _, size := range member.PageSizes {
		label := t.Number(size)
		if size == member.MaxPageSize {
			label = t.T("members.show_all")
		}
		p.Sizes = append(p.Sizes, ui.PageSize{
			Label: label, Current: size == m.State.Size, Href: m.State.href(m.Base, func(s *listState) { s.Size = size }),
		})
	}
	return p
}

// everyone offers the whole filter for an act, when it is longer than the page and
// one act may touch it (DESIGN.md 8).
func (m membersView) everyone(t *text.Printer) *ui.EveryoneProps {
	total := int(m.List.Total)
	if total <= len(m.Lines) || total > member.MaxBulk {
		return nil
	}
	return &ui.EveryoneProps{Name: "everyone", Label: t.T("members.select_everyone", "Count", total)}
}

func selectAll(p ui.Page, view membersView) string {
	if !view.MayAct {
		return ""
	}
	return p.Text.T("members.select_all", "Count", len(view.Lines))
}
