package web

import (
	"strings"

	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// recordRows is the height of the field in which a list of records is pasted.
const recordRows = 12

// list is the address of the list of groups.
func (g groupView) list() string { return g.Base[:strings.LastIndexByte(g.Base, '/')] }

// emptyGroups says what it means that there is no group.
func emptyGroups(p ui.Page, view groupsView) string {
	if view.Closed {
		return p.Text.T("groups.empty_closed")
	}
	return p.Text.T("groups.empty_open")
}

// groupNote says under the name of a group what a group is, and on the page of its records
// what becomes of those of no group.
func groupNote(p ui.Page, g groupView, records bool) string {
	said := p.Text.T("groups.lead")
	switch {
	case !records:
		return said
	case g.Closed:
		return said + " " + p.Text.T("groups.closed")
	}
	return said + " " + p.Text.T("groups.open")
}

// groupCrumb is the step back from the form of a group.
func groupCrumb(p ui.Page, g groupView) string {
	if g.ID.IsZero() {
		return p.Text.T("groups.title")
	}
	return g.Name
}

func groupMemberColumns(t *text.Printer) []ui.Column {
	return []ui.Column{
		{Label: t.T("groups.column.name_of_member")}, {Label: t.T("groups.column.function"), Kind: ui.CellOptional},
		{Label: t.T("groups.column.period")}, {Label: t.T("groups.column.given"), Kind: ui.CellOptional},
		{Label: t.T("groups.column.acts"), Hidden: true, Kind: ui.CellAction},
	}
}

func groupRecordColumns(t *text.Printer) []ui.Column {
	return []ui.Column{
		{Label: t.T("groups.column.record")}, {Label: t.T("groups.column.since")},
		{Label: t.T("groups.column.acts"), Hidden: true, Kind: ui.CellAction},
	}
}

func (f recordsFormView) lead(t *text.Printer) string {
	if f.Removing {
		return t.T("groups.list_remove_text")
	}
	return t.T("groups.list_add_text")
}

func (f recordsFormView) action() string {
	if f.Removing {
		return f.Base + "/records/remove"
	}
	return f.Base + "/records/add"
}
