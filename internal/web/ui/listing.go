package ui

import (
	"context"

	"github.com/a-h/templ"
)

// ListingProps is a list with its tabs and filters. With script, filters, sort
// and pages refresh the Results in place; without, they are links and a form.
type ListingProps struct {
	Status string // said to screen readers when the results change: «Membres 1 à 20 sur 34»
}

// Tab is one view of a list, or one page of a sheet.
type Tab struct {
	Label, Href string
	Count       string // already written; empty shows none
	Current     bool
}

// TabsProps is a strip of links. Pages are URLs of their own (aria-current
// "page"); otherwise they are filters of one page ("true").
type TabsProps struct {
	Label string // «Statut du compte»
	Pages bool
	Items []Tab
}

// FilterBarProps is the GET form above a list; its fields are the children.
type FilterBarProps struct {
	Label  string // «Filtrer les membres»
	Action string
	Hidden []Hidden // what the URL keeps: tab, sort, size
	Reset  string   // the bare path
}

// FilterChip is one filter in force; its link takes it away.
type FilterChip struct {
	Label string // «Recherche : morvan»
	Href  string // the list without it
}

// Sort is the order of a column.
type Sort int

// NotSorted columns may be sorted when they have an Href.
const (
	NotSorted Sort = iota
	Ascending
	Descending
)

// CellKind places a cell on a phone, where each row is a card.
type CellKind int

// CellPlain is written «label : value». The others are the parts of a person's
// card; CellOptional goes away between 768 and 1168 px.
const (
	CellPlain CellKind = iota
	CellOptional
	CellFunction
	CellRole
	CellSite
	CellSeen
	CellState
	CellAction
)

// CellProps is one cell. Label is its column's title, shown on phones.
type CellProps struct {
	Kind  CellKind
	Label string
}

// Column is one header.
type Column struct {
	Label  string
	Hidden bool   // the label is for screen readers only
	Href   string // sorts by this column
	Sort   Sort
	Kind   CellKind
}

// TableProps is a data table; rows are the children.
type TableProps struct {
	Caption   string // hidden unless Visible: «Membres 1 à 20 sur 34, triés par nom»
	Visible   bool   // the caption is shown
	People    bool   // rows become the cards of the member list
	SelectAll string // «Sélectionner les 20 membres de cette page»; empty: no boxes
	Bulk      string // id of the BulkBar whose boxes these are
	Columns   []Column
}

// CheckProps is the box of a row; it belongs to the BulkBar’s form.
type CheckProps struct {
	Bulk    string // id of the BulkBar
	Name    string // "member"
	Value   string
	Label   string // «Sélectionner Dr Belkacem Yanis»
	Checked bool
}

// WhoProps is a person in a list: family name first and bold, the sort key.
type WhoProps struct {
	Title  string // «Dr»; may be empty
	Last   string
	First  string
	Href   string // the sheet, empty: no link
	Detail string // second line
	Edit   string // «Modifier», a link at the end of the second line; empty: none
	EditTo string // where it leads

	Profile  Profile
	Initials string
}

// BulkBarProps is the decision bar of a selection; its buttons are the
// children. The boxes of CheckCell name it by id.
type BulkBarProps struct {
	ID       string // "bulk" is a good one
	Action   string
	Label    string             // «Actions pour les membres sélectionnés»
	Idle     string             // without script: «Pour les membres cochés»
	Say      func(n int) string // «3 sélectionnés»; nil says it so
	Everyone *EveryoneProps     // nil: the page's rows only
}

// EveryoneProps offers every row of the filter, once all of the page are ticked.
type EveryoneProps struct {
	Name  string // a tick box sent with the form
	Label string // «Sélectionner les 34 membres du filtre»
}

// PagerProps is the foot of a list. One page and no sizes: only the summary.
type PagerProps struct {
	Summary     string // «Membres 1 à 20 sur 34»
	Page, Pages int    // from 1
	Href        func(page int) string
	Sizes       []PageSize
}

// PlacesProps is the foot of a list without page numbers: it grows while it is read.
type PlacesProps struct {
	Label, Summary                     string
	FirstLabel, NewerLabel, OlderLabel string
	First, Newer, Older                string // addresses; empty: no link
	Sizes                              []PageSize
}

// PageSize is one of 20, 50, 100, «Afficher tout».
type PageSize struct {
	Label, Href string
	Current     bool
}

func (k CellKind) class() string {
	return [...]string{"", "opt", "c-fn opt", "c-role", "c-site opt", "", "c-state", "act"}[k]
}

// labelled tells whether a phone shows the column's title before the value.
func (k CellKind) labelled() bool {
	return k == CellPlain || k == CellOptional || k == CellSeen
}

func (s Sort) aria() string {
	return [...]string{"none", "ascending", "descending"}[s]
}

func (s Sort) icon() IconName {
	return [...]IconName{IconCaretUpDown, IconCaretUp, IconCaretDown}[s]
}

// gap marks the place of pages left out.
const gap = 0

// window is how many pages stand on each side of the current one.
const window = 1

// numbers lists the pages to show: first, last, the current one and its
// neighbours, gaps between; a gap of one page is that page.
func (p PagerProps) numbers() []int {
	var list []int
	last := 0
	for n := 1; n <= p.Pages; n++ {
		if n != 1 && n != p.Pages && (n < p.Page-window || n > p.Page+window) {
			continue
		}
		switch n - last {
		case 1:
		case 2:
			list = append(list, n-1)
		default:
			list = append(list, gap)
		}
		list = append(list, n)
		last = n
	}
	return list
}

// boost lets htmx refresh the list when the part stands in a Listing.
func boost(on bool) templ.Attributes {
	if !on {
		return nil
	}
	return templ.Attributes{"hx-boost": "true"}
}

// PageNumbers lists the pages that a pager shows; 0 stands for those left out.
func PageNumbers(page, pages int) []int { return PagerProps{Page: page, Pages: pages}.numbers() }

func (p BulkBarProps) say(ctx context.Context) counted {
	say := p.Say
	if say == nil {
		say = func(n int) string { return word(ctx, "ui.selected", "Count", n) }
	}
	return countable(ctx, say)
}
