package ui

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"habilis/internal/text"
)

// hostile is what a name may hold (INJ-01): it must come out as text.
const hostile = `<script>alert(1)</script>" onmouseover="x`

const nonce = "r4nd0m"

// render draws a component with its children.
func render(t *testing.T, ctx context.Context, c templ.Component, children ...templ.Component) string {
	t.Helper()
	var b strings.Builder
	if len(children) > 0 {
		ctx = templ.WithChildren(ctx, templ.Join(children...))
	}
	if err := c.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// with gives a component its children, as a template would.
func with(c templ.Component, children ...templ.Component) templ.Component {
	return withChildren{c, templ.Join(children...)}
}

type withChildren struct{ parent, child templ.Component }

func (w withChildren) Render(ctx context.Context, out io.Writer) error {
	return w.parent.Render(templ.WithChildren(ctx, w.child), out)
}

func in(lang text.Lang) context.Context { return WithText(context.Background(), text.For(lang)) }

func page(lang text.Lang) Page {
	return Page{
		Text: text.For(lang), Title: "Membres", OrgName: hostile, Path: "/o/tilleuls/members?q=" + hostile, Nonce: nonce, Live: true,
		Person: &Person{Name: hostile, Role: "Administration", Initials: "BL", Links: []MenuLink{{"Mes organisations", "/organizations", IconBuildings}}},
		Org:    &PlaqueProps{Above: "Vous administrez", Name: hostile, Below: []string{hostile}, Href: PathOrganizations, Icon: IconCaretUpDown, Enamel: EnamelPin},
		Nav: []NavGroup{
			{Items: []NavItem{{Label: "Membres", Href: "/m", Icon: IconUsers, Count: "34", Current: true}, {Label: "À valider", Href: "/a", Icon: IconSealCheck, Count: "5", Work: true}}},
			{ID: "organisation", Title: "Organisation", Items: []NavItem{{Label: hostile, Href: "/s", Icon: IconGear}}},
		},
		Flashes:    []Flash{{Tone: ToneOK, Text: hostile, Undo: &Undo{Action: "/undo", Hidden: []Hidden{{"id", hostile}}}}},
		SupportURL: "mailto:support@habilis.example",
	}
}

// everything is a page that holds every component, with hostile words.
func everything() templ.Component {
	wrong := "Choisissez au moins un établissement"
	chip := ChipProps{Tone: ToneWait, Label: hostile}
	info := ToneInfo
	return templ.Join(
		ErrorSummary([]FieldError{{"email", hostile}, {"", hostile}}),
		Crumb(hostile, "/m"),
		with(Head(HeadProps{Title: hostile, Lead: hostile}), LinkButton(LinkButtonProps{Label: hostile, Hidden: hostile, Href: "/n", Dialog: true, Icon: IconPlus})),
		Stepper(StepperProps{Label: hostile, Steps: []Step{{Label: hostile, Href: "/1", Done: true}, {Label: hostile, Current: true}, {Label: hostile}}}),
		with(Hero(HeroProps{Above: hostile, Name: hostile, Below: hostile}), Chip(chip)),
		with(Listing(ListingProps{Status: hostile}),
			Tabs(TabsProps{Label: hostile, Items: []Tab{{Label: hostile, Href: "/t", Count: "3", Current: true}}}),
			with(FilterBar(FilterBarProps{Label: hostile, Action: "/m", Reset: "/m", Hidden: []Hidden{{"tab", hostile}}}),
				SearchField(FieldProps{Name: "q", Label: hostile, Value: hostile}),
				Select(SelectProps{Name: "role", Label: hostile, Options: []Option{{"a", hostile}}, Value: "a"})),
			with(Results(hostile),
				FilterChips([]FilterChip{{hostile, "/m"}}),
				with(Table(TableProps{Caption: hostile, People: true, Bulk: "bulk", SelectAll: hostile, Columns: []Column{{Label: hostile, Href: "/m?sort=name", Sort: Ascending}, {Label: "Actions", Hidden: true}}}), with(Row(),
					CheckCell(CheckProps{Bulk: "bulk", Name: "member", Value: hostile, Label: hostile}),
					with(RowHeader(), with(Who(WhoProps{Title: "Dr", Last: hostile, First: hostile, Href: "/x", Detail: hostile, Edit: "Modifier", EditTo: "/y", Initials: "NN", Profile: Regulated}), Tag(TagProps{Label: hostile, Icon: IconKey}))),
					with(Cell(CellProps{Kind: CellSeen, Label: hostile}), Time(time.Unix(0, 0), hostile)),
					with(Cell(CellProps{Kind: CellState}), with(Status(StatusProps{Chip: chip, Detail: hostile}), TextButton(ButtonProps{Label: hostile}))))),
				with(BulkBar(BulkBarProps{ID: "bulk", Action: "/bulk", Label: hostile, Idle: hostile, Everyone: &EveryoneProps{"all", hostile}}), Button(ButtonProps{Label: hostile, Name: "do", Value: hostile})),
				Pager(PagerProps{Summary: hostile, Page: 5, Pages: 9, Href: func(int) string { return "/m" }, Sizes: []PageSize{{"20", "/m", true}, {hostile, "/m", false}}}))),
		MultiField(MultiFieldProps{Name: "email", Legend: hostile, Hint: hostile, Label: "Adresse {n}", Values: []string{hostile, ""}, Errors: []string{"", hostile}, Type: "email", Max: 20, Add: ButtonProps{Label: hostile, Name: "do", Value: "add"}}),
		Field(FieldProps{Name: "rpps", Label: hostile, Hint: hostile, Error: hostile, Value: hostile, Digits: true, Source: hostile, ReadOnly: true}),
		PasswordField(PasswordProps{Name: "password", Label: hostile, Error: hostile, AsideLabel: hostile, AsideHref: "/password/forgot"}),
		StepUp(StepUpProps{ID: "again", Why: hostile, Username: hostile}),
		Textarea(TextareaProps{Name: "message", Label: hostile, Value: hostile, Optional: true}),
		Checkbox(CheckboxProps{Name: "sure", Label: hostile, Hint: hostile, Error: wrong}),
		Radios(GroupProps{Name: "when", Legend: hostile, Choices: []Choice{{Value: "a", Label: hostile, Hint: hostile}}}),
		RadioCards(GroupProps{Name: "type", Legend: hostile, Heading: true, Joined: true, Choices: []Choice{{Value: "a", Label: hostile, Detail: hostile, Avatar: "AD", Chip: &chip, Chosen: true}}}),
		CheckList(GroupProps{Name: "roles", Legend: hostile, Error: wrong, Choices: []Choice{{Value: "a", Label: hostile, Scope: &ScopeProps{Name: "scope-a", Label: hostile, Options: []Option{{"o", hostile}}}}}}),
		with(Note(NoteProps{Tone: ToneBad, Text: hostile, Answer: true}), Avatar(Unregulated, hostile)),
		with(Empty(EmptyProps{Title: hostile, Text: hostile, Drawing: true}), Post(PostProps{Action: "/p", Hidden: []Hidden{{"v", hostile}}, Button: ButtonProps{Label: hostile}})),
		with(Card(CardProps{ID: "rights", Title: hostile, LinkLabel: hostile, LinkHidden: hostile, LinkHref: "/r"}), SummaryList([]Fact{{Term: hostile, Value: hostile, Aside: Tag(TagProps{Label: hostile, Neutral: true})}})),
		with(ItemList(), with(Item(ItemProps{Icon: IconDesktop, IconTone: &info, Title: hostile, Detail: hostile}), Button(ButtonProps{Label: hostile, Unavailable: "rights"}))),
		Log([]LogEntry{{Text: hostile, Detail: hostile}}),
		Plates([]PlaqueProps{{Name: hostile, Href: "/o", Enamel: EnamelPrune}}),
		Plaque(PlaqueProps{Name: hostile}),
		with(Confirm(ConfirmProps{Title: hostile, Text: hostile, Action: "/d", Hidden: []Hidden{{"v", hostile}}, Button: ButtonProps{Label: hostile}, Keep: hostile, Back: "/m", StepUp: &StepUpProps{ID: "confirm-password"}}), HiddenField("w", hostile)),
		with(Actions(), Button(ButtonProps{Label: hostile, Kind: Primary, Busy: hostile})),
		ErrorBody(ErrorProps{Title: hostile, Text: hostile, Reference: hostile, BackLabel: hostile, BackHref: "/m"}),
	)
}

// pages renders every layout in every language.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, lang := range text.All {
		for name, layout := range map[string]func(Page) templ.Component{"App": App, "Solo": Solo, "Auth": Auth, "Bare": Bare} {
			all[name+" "+string(lang)] = render(t, context.Background(), layout(page(lang)), everything())
		}
	}
	return all
}

func TestEveryIdentifierIsUniqueAndEveryReferenceLeadsToOne(t *testing.T) {
	id := regexp.MustCompile(`\sid="([^"]*)"`)
	reference := regexp.MustCompile(`\s(?:for|form|popovertarget|aria-labelledby|aria-describedby|data-reveal|data-all)="([^"]*)"|href="#([^"]+)"`)
	for name, html := range pages(t) {
		seen := map[string]bool{}
		for _, m := range id.FindAllStringSubmatch(html, -1) {
			if seen[m[1]] {
				t.Errorf("%s: id %q twice", name, m[1])
			}
			seen[m[1]] = true
		}
		seen["email"] = true // the summary's link, to a field that a real page would name email-1
		for _, m := range reference.FindAllStringSubmatch(html, -1) {
			for _, target := range strings.Fields(m[1] + " " + m[2]) {
				if !seen[target] {
					t.Errorf("%s: %s leads nowhere", name, m[0])
				}
			}
		}
	}
}

// rules.md 8 and 15, INJ-01: no inline script, style or handler, whatever the names hold.
func TestPagesHoldNothingInline(t *testing.T) {
	tag := regexp.MustCompile(`<[a-zA-Z][^>]*>`)
	quoted := regexp.MustCompile(`"[^"]*"`)
	script := regexp.MustCompile(`<script src="/static/[^"]+" nonce="` + nonce + `" defer></script>`)
	for name, html := range pages(t) {
		if strings.Contains(html, "<script>alert") {
			t.Errorf("%s: a name became a script", name)
		}
		if got, want := strings.Count(html, "<script"), len(script.FindAllString(html, -1)); got != want || got == 0 {
			t.Errorf("%s: %d scripts, %d with source and nonce", name, got, want)
		}
		for _, found := range tag.FindAllString(html, -1) {
			bare := quoted.ReplaceAllString(found, "")
			if regexp.MustCompile(`\s(on\w+|style)=`).MatchString(bare) {
				t.Errorf("%s: inline attribute in %s", name, found)
			}
		}
		if strings.Contains(html, "<style") || strings.Contains(html, "javascript:") {
			t.Errorf("%s: inline style or script address", name)
		}
	}
}

func TestNoWordIsMissing(t *testing.T) {
	for name, html := range pages(t) {
		if i := strings.Index(html, "⟦"); i >= 0 {
			t.Errorf("%s: %s", name, html[i:min(i+60, len(html))])
		}
	}
}

func TestTheTemplatesUseNoBannedFeature(t *testing.T) {
	files, err := filepath.Glob("*.templ")
	if err != nil || len(files) < 8 {
		t.Fatalf("templates: %v, %v", files, err)
	}
	banned := regexp.MustCompile(`templ\.Raw|(?m:^script )|templ\.JSFuncCall|templ\.SafeURL|\son[a-z]+=|\sstyle=`)
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := banned.FindString(string(src)); found != "" {
			t.Errorf("%s: %q", name, found)
		}
	}
}

func TestAnAddressThatIsAScriptIsRefused(t *testing.T) {
	html := render(t, in(text.FR), LinkButton(LinkButtonProps{Label: "x", Href: "javascript:alert(1)"}))
	if strings.Contains(html, "javascript:") {
		t.Error(html)
	}
}
