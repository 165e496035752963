package ui

import (
	"slices"
	"strings"
	"testing"

	"habilis/internal/text"
)

func TestPagerNumbers(t *testing.T) {
	for _, c := range []struct {
		page, pages int
		want        []int
	}{
		{1, 0, nil},
		{1, 1, []int{1}},
		{1, 2, []int{1, 2}},
		{1, 5, []int{1, 2, gap, 5}},
		{3, 5, []int{1, 2, 3, 4, 5}},
		{4, 7, []int{1, 2, 3, 4, 5, 6, 7}},
		{5, 9, []int{1, gap, 4, 5, 6, gap, 9}},
		{9, 9, []int{1, gap, 8, 9}},
		{30, 30, []int{1, gap, 29, 30}},
	} {
		if got := (PagerProps{Page: c.page, Pages: c.pages}).numbers(); !slices.Equal(got, c.want) {
			t.Errorf("page %d of %d: %v, want %v", c.page, c.pages, got, c.want)
		}
	}
}

func pager(t *testing.T, page, pages int) string {
	t.Helper()
	return render(t, in(text.FR), Pager(PagerProps{
		Summary: "Membres 1 à 20 sur 34", Page: page, Pages: pages,
		Href: func(n int) string { return "/m?page=" + strings.Repeat("i", n) },
	}))
}

// LST-1: previous and next exist only where there is a page.
func TestPagerEnds(t *testing.T) {
	lacks(t, pager(t, 1, 1), "<a ", "<ul>")
	first := pager(t, 1, 3)
	wants(t, first, `rel="next"`, `href="/m?page=ii"`, `aria-current="page"`, "Suivante")
	lacks(t, first, `rel="prev"`)
	last := pager(t, 3, 3)
	wants(t, last, `rel="prev"`, "Précédente")
	lacks(t, last, `rel="next"`)
}

// The script counts with the sentences of the catalogue: every plural form, no number in them.
func TestBulkBarSaysEveryPluralForm(t *testing.T) {
	html := render(t, in(text.FR), BulkBar(BulkBarProps{ID: "bulk", Action: "/b", Label: "x", Idle: "Pour les membres cochés"}))
	wants(t, html, `data-one="{n}`, `data-other="{n}`, `data-many="{n}`, `sélectionné"`, `sélectionnés"`, "Pour les membres cochés", `type="reset"`)
	lacks(t, html, "000")
	own := render(t, in(text.EN), BulkBar(BulkBarProps{ID: "bulk", Say: func(n int) string {
		return text.For(text.EN).Number(n) + " people"
	}}))
	wants(t, own, `data-one="{n} people"`, `data-many="{n} people"`)
}

// Only what stands in a Listing refreshes in place.
func TestOnlyAListingIsLive(t *testing.T) {
	bar := with(FilterBar(FilterBarProps{Label: "x", Action: "/m", Reset: "/m"}))
	lacks(t, render(t, in(text.FR), bar), "hx-boost")
	inside := render(t, in(text.FR), with(Listing(ListingProps{Status: "34"}), bar))
	wants(t, inside, `hx-boost="true"`, `hx-target="#results"`, `<p class="vh" role="status" id="listing-status">34</p>`)
}

func TestFilterChips(t *testing.T) {
	if html := render(t, in(text.FR), FilterChips(nil)); html != "" {
		t.Errorf("no filter, yet %s", html)
	}
	html := render(t, in(text.FR), FilterChips([]FilterChip{{Label: "Recherche : morvan", Href: "/m"}}))
	wants(t, html, `href="/m"`, "Retirer le filtre", "Recherche : morvan")
}

// DESIGN §6: roles are written out, and phones read the column's title from an attribute.
func TestTableSemantics(t *testing.T) {
	html := render(t, in(text.FR), with(Table(TableProps{
		Caption: "Membres", People: true, Bulk: "bulk", SelectAll: "Tout",
		Columns: []Column{{Label: "Membre", Href: "/m", Sort: Descending}, {Label: "Rôle"}},
	}), with(Row(), with(RowHeader(), Avatar(Regulated, "AD")), Cell(CellProps{Kind: CellSeen, Label: "Dernière connexion"}), Cell(CellProps{Kind: CellSite, Label: "Site"}))))
	wants(t, html, `role="table"`, `role="rowgroup"`, `role="row"`, `role="columnheader"`, `role="rowheader"`, `role="cell"`,
		`aria-sort="descending"`, `scope="row"`, `<caption class="vh">Membres</caption>`, `data-l="Dernière connexion"`)
	lacks(t, html, `data-l="Site"`)
	if got := strings.Count(html, "aria-sort"); got != 1 {
		t.Errorf("%d columns say their order", got)
	}
	wants(t, html, `<label hidden data-all="bulk">`) // useless without script, so hidden until it runs
}

func TestPersonOfARow(t *testing.T) {
	html := render(t, in(text.FR), Who(WhoProps{Title: "Dr", Last: "Belkacem", First: "Yanis", Href: "/x", Edit: "Modifier", EditTo: "/y"}))
	wants(t, html, "Dr <strong>Belkacem</strong> Yanis", `href="/x"`, `Modifier<span class="vh"> Yanis Belkacem</span>`)
	lacks(t, render(t, in(text.FR), Who(WhoProps{Last: "Belkacem", First: "Yanis"})), "<a ", "<small>")
}
