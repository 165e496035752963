package web

import (
	"habilis/internal/invitation"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

func invitationColumns(t *text.Printer) []ui.Column {
	return []ui.Column{
		{Label: t.T("invitation.column.email")}, {Label: t.T("members.column.role")},
		{Label: t.T("members.column.site"), Kind: ui.CellOptional}, {Label: t.T("invitation.column.by")},
		{Label: t.T("invitation.column.expires"), Kind: ui.CellState},
		{Label: t.T("invitation.column.acts"), Hidden: true, Kind: ui.CellAction},
	}
}

func (l invitationsView) pager(t *text.Printer) ui.PagerProps {
	p := ui.PagerProps{
		Summary: l.Summary, Page: l.Page, Pages: l.Pages, Href: func(page int) string { return l.href(page, l.Size) },
	}
	if l.Total <= int64(pageSizes[0]) {
		return p
	}
	for _, size := range pageSizes {
		label := t.Number(size)
		if size == invitation.MaxPageSize {
			label = t.T("members.show_all")
		}
		p.Sizes = append(p.Sizes, ui.PageSize{Label: label, Current: size == l.Size, Href: l.href(1, size)})
	}
	return p
}
