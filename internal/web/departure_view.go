package web

import (
	"slices"
	"strconv"

	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/identifier"
	"habilis/internal/resource"
	"habilis/internal/text"
	"habilis/internal/web/ui"
	"habilis/internal/workitem"
)

// departView is the form of a departure.
type departView struct {
	Name    string // «Dr Paul Garnier»
	Typed   string // «Paul Garnier»: what is to be typed
	Back    string // the sheet
	Path    string
	Live    string // the parts that follow what is chosen
	Form    departForm
	Whens   []ui.Choice
	Plate   ui.PlaqueProps
	Todo    []ui.ItemProps
	Day     ui.ChipProps // of the card of the day
	DayHint string
	All     []ui.Option // «Tout confier à»
	Find    bool        // some list proposes a few of many
	Cards   []departCard
	Ends    []ui.ItemProps // what ends by itself
	Then    []ui.LogEntry
	Note    string // what nobody takes over yet; empty: nothing
	Alert   string // that a plan waits to be confirmed, and why
	Submit  ui.ButtonProps
	Proof   *ui.StepUpProps

	told
}

// departCard is what somebody holds of one sort.
type departCard struct {
	ID, Title, Lead        string
	Chip                   ui.ChipProps
	More, MoreHidden, Href string // where its things are chosen one by one
	Asked                  int    // how many may be given by whoever looks
	Lines                  []departLine
}

// departLine is one thing, and who takes it over.
type departLine struct {
	ui.ItemProps

	Field, Ask, Error string // of the list; no field: nothing to choose
	Value             string
	Options           []ui.Option
	Chip              *ui.ChipProps
}

// The parts of the page.
const (
	departDayCard  = "depart-day"
	departEnds     = "depart-ends"
	departLast     = "depart-last"
	departTodo     = "depart-todo"
	departDayChip  = "depart-day-chip"
	departThen     = "depart-then"
	departSubmit   = "depart-submit"
	departCardID   = "depart-"
	departChipID   = "-chip"
	maxNamedPoints = 3
)

func (v *visit) departView(d departure.View, f departForm, said told) (departView, error) {
	view := departView{
		Name: titled(d.Title, d.Name), Typed: d.Name, Back: v.sheetPath(d.Member), Path: v.departurePath(d.Member), Form: f, told: said,
		Ends: v.departEnds(d.Ends), All: v.takers(d), Proof: v.proof(v.t.T("depart.proof"), said.Errors),
	}
	var err error
	if view.Plate, err = v.departPlate(d); err != nil {
		return view, err
	}
	for _, w := range []string{whenDay, whenNow} {
		view.Whens = append(view.Whens, ui.Choice{
			Value: w, Label: v.t.T("depart.when." + w), Hint: v.t.T("depart.when." + w + "_hint"), Chosen: f.When == w,
		})
	}
	for i := range d.Holdings {
		view.Find = view.Find || (d.Holdings[i].May && d.Holdings[i].More)
	}
	view.Cards = v.departCards(d, f, said.Errors)
	view.Day, view.DayHint = v.dayChip(f), v.dayHint(d, f)
	view.Todo = v.departTodo(view)
	view.Then, view.Note = v.departThen(f), v.unassigned(d, f)
	if known := d.Departure; known != nil && known.ToConfirm() {
		view.Alert = v.toConfirm(*known)
	}
	view.Submit = ui.ButtonProps{
		Label: v.t.T("depart.submit." + whenDay), Icon: ui.IconLockSimple, Kind: ui.DangerSolid, Busy: v.t.T("depart.busy"),
	}
	if f.When == whenNow {
		view.Submit.Label, view.Submit.Icon = v.t.T("depart.submit."+whenNow), ui.IconTrash
	}
	view.Live = departTodo + " " + departDayChip + " " + departThen + " " + departSubmit
	for _, c := range view.Cards {
		view.Live += " " + c.ID + departChipID
	}
	return view, nil
}

// departPlate is the plaque of whoever leaves; what only members have is left out of one who
// is a member no longer.
func (v *visit) departPlate(d departure.View) (ui.PlaqueProps, error) {
	p := ui.PlaqueProps{
		Above: named(v.t, "function.", d.Function), Name: v.somebody(titled(d.Title, d.Name)), Enamel: ui.Enamel(v.org.Enamel),
		Below: []string{v.t.List(d.Sites)},
	}
	if d.Departure != nil && over(*d.Departure) {
		return p, nil
	}
	s, err := v.s.Members.Get(v.Context(), v.by, v.org.ID, d.Member)
	if fault.Is(err, fault.NotFound) { // left in between
		return p, nil
	}
	if err != nil {
		return p, err
	}
	p.Above, p.Below = v.occupation(s.Member), nil
	if s.RPPS != "" {
		p.Below = append(p.Below, v.t.T("member.rpps", "Number", identifier.RPPS(s.RPPS).Format()))
	}
	since := v.t.T("depart.since", "Date", v.t.Date(s.CreatedAt))
	p.Below = append(p.Below, v.t.List(d.Sites), since)
	return p, nil
}

// departCards gather what is held, one card a sort, in the order of the package.
func (v *visit) departCards(d departure.View, f departForm, wrong map[string]string) (cards []departCard) {
	for _, what := range departure.Whats {
		w := string(what)
		c := departCard{ID: departCardID + w, Title: v.t.T("depart.card." + w), Lead: v.t.T("depart.card_lead." + w)}
		asked, missing := 0, 0
		for i := range d.Holdings {
			h := d.Holdings[i]
			if h.What != what {
				continue
			}
			l := v.departLine(h, f, wrong)
			if l.Field != "" {
				asked++
			}
			if l.Field != "" && l.Value == "" {
				missing++
			}
			c.Lines = append(c.Lines, l)
		}
		if len(c.Lines) == 0 {
			continue
		}
		if what == departure.Work {
			c.More, c.MoreHidden, c.Href = v.t.T("depart.one_by_one"), v.t.T("depart.one_by_one_hidden"), v.sheetPath(d.Member)+atWorkItems
		}
		c.Chip, c.Asked = v.departChip(asked, missing), asked
		cards = append(cards, c)
	}
	return cards
}

// departChip says how many things nobody takes over, of those that this person may give.
func (v *visit) departChip(asked, missing int) ui.ChipProps {
	switch {
	case asked == 0:
		return ui.ChipProps{Tone: ui.ToneOff, Label: v.t.T("depart.not_yours")}
	case missing == 0:
		return ui.ChipProps{Tone: ui.ToneOK, Label: v.t.T("depart.settled")}
	}
	return ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("depart.missing", "Count", missing)}
}

func (v *visit) departLine(h departure.Holding, f departForm, wrong map[string]string) departLine {
	field := toField(h)
	l := departLine{ItemProps: v.heldItem(h), Value: f.To[field], Error: wrong[field]}
	if !h.May {
		l.Detail = v.whoMay(h)
		l.Chip = &ui.ChipProps{Tone: ui.ToneOff, Label: v.t.T("depart.not_yours")}
		l.Value = idOrNone(h.To)
		return l
	}
	l.Field, l.Ask, l.Options = field, v.t.T("depart.give", "What", v.typedName(h)), v.receivers(h, l.Value)
	return l
}

// heldItem says one thing that somebody holds, and what becomes of it without anybody.
func (v *visit) heldItem(h departure.Holding) ui.ItemProps {
	p := ui.ItemProps{Title: v.heldName(h), Strong: true, Icon: heldIcons[h.What], Detail: v.t.T("depart.fate." + string(h.Fate))}
	switch h.What {
	case departure.Work:
		kind := workitem.Kind(h.Object)
		p.Icon = workIcons[kind]
		if late := v.workLine(workitem.Holding{Kind: kind, Items: h.Items, Late: h.Late}).Late; late != "" {
			p.Detail = v.t.T("depart.late", "Late", late, "Fate", p.Detail)
		}
	case departure.Resource, departure.Management:
		p.Icon = resourceIcons[h.Type]
		where := v.t.T("depart.type." + string(h.Type))
		if h.SiteName != "" {
			where = v.t.T("depart.at_site", "What", where, "Site", h.SiteName)
		}
		p.Detail = v.t.T("depart.resource", "Where", where, "Fate", p.Detail)
	case departure.Administration, departure.Webhook:
	}
	return p
}

// heldName is what one thing is called: «25 rendez-vous à venir», «Administration de toute l’organisation».
func (v *visit) heldName(h departure.Holding) string {
	switch {
	case h.What == departure.Work:
		return v.t.T("workitem.count."+h.Object, "Count", int(h.Items))
	case h.What == departure.Administration && h.Name == "":
		return v.t.T("depart.administration")
	case h.What == departure.Administration:
		return v.t.T("depart.administration_at", "Site", h.Name)
	}
	return h.Name
}

// typedName tells an agenda, a mailbox and an identity of one name apart.
func (v *visit) typedName(h departure.Holding) string {
	if h.Type == "" {
		return v.heldName(h)
	}
	return v.t.T("depart.typed", "Type", v.t.T("depart.type."+string(h.Type)), "Name", h.Name)
}

var heldIcons = map[departure.What]ui.IconName{
	departure.Administration: ui.IconShieldCheck, departure.Webhook: ui.IconExport,
}

var resourceIcons = map[resource.Type]ui.IconName{
	resource.Agenda: ui.IconCalendarDots, resource.MessagingProfile: ui.IconEnvelopeSimple, resource.Identity: ui.IconIdentificationBadge,
}

// whoMay says who chooses, where whoever looks may not.
func (v *visit) whoMay(h departure.Holding) string {
	if len(h.Who) == 0 {
		return v.t.T("depart.who_nobody")
	}
	return v.t.T("depart.who", "Count", len(h.Who), "Names", v.t.List(h.Who))
}

// departEnds are what ends with the membership, and asks for nothing.
func (v *visit) departEnds(e departure.Ends) (list []ui.ItemProps) {
	for _, line := range []struct {
		key  string
		n    int64
		icon ui.IconName
	}{
		{"roles", e.Roles, ui.IconIdentificationCard}, {"levels", e.Levels, ui.IconCalendarDots}, {"groups", e.Groups, ui.IconUsersThree},
		{"given", e.Given, ui.IconHandshake}, {"received", e.Received, ui.IconHandshake}, {"tokens", e.Tokens, ui.IconKey},
		{"invitations", e.Invitations, ui.IconPaperPlaneTilt}, {"drafts", e.Drafts, ui.IconPencilSimple},
	} {
		if line.n > 0 {
			key := "depart.ends." + line.key
			list = append(list, ui.ItemProps{Icon: line.icon, Title: v.t.T(key, "Count", int(line.n)), Detail: v.t.T(key + "_text"), Strong: true})
		}
	}
	return list
}

func (v *visit) dayChip(f departForm) ui.ChipProps {
	if f.When == whenNow || isDay(f.Day) {
		return ui.ChipProps{Tone: ui.ToneOK, Label: v.t.T("depart.settled")}
	}
	return ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("depart.day_missing")}
}

// departTodo is «Reste à faire»: what is settled is quiet, what is not stands out.
func (v *visit) departTodo(view departView) []ui.ItemProps {
	list := []ui.ItemProps{todo(view.Day.Tone, v.t.T("depart.day"), v.departDay(view.Form), "#"+departDayCard)}
	for _, c := range view.Cards {
		given := 0
		for i := range c.Lines {
			if c.Lines[i].Field != "" && c.Lines[i].Value != "" {
				given++
			}
		}
		said := v.t.T("depart.todo_given", "Count", given, "Total", strconv.Itoa(c.Asked))
		if c.Asked == 0 {
			said = c.Chip.Label
		}
		list = append(list, todo(c.Chip.Tone, c.Title, said, "#"+c.ID))
	}
	return append(list, ui.ItemProps{
		Icon: ui.IconCircle, Title: v.t.T("depart.last"), Detail: v.t.T("depart.last_step"), Href: "#" + departLast,
	})
}

func todo(tone ui.Tone, title, detail, href string) ui.ItemProps {
	icon := map[ui.Tone]ui.IconName{ui.ToneOK: ui.IconCheckCircleFill, ui.ToneWait: ui.IconCircleHalfFill, ui.ToneOff: ui.IconMinusCircleFill}
	return ui.ItemProps{Icon: icon[tone], IconTone: &tone, Title: title, Detail: detail, Href: href}
}

func (v *visit) departDay(f departForm) string {
	switch {
	case f.When == whenNow:
		return v.t.T("depart.when." + whenNow)
	case isDay(f.Day):
		return v.day(f.Day)
	}
	return v.t.T("depart.day_missing")
}

// departThen is what happens, in order.
func (v *visit) departThen(f departForm) []ui.LogEntry {
	at := v.t.T("depart.then.now")
	if f.When == whenDay {
		if at = v.t.T("depart.then.day"); isDay(f.Day) {
			at = v.t.T("depart.then.on", "Date", v.longDay(f.Day))
		}
	}
	list := []ui.LogEntry{{Text: at, Detail: v.t.T("depart.then.access")}}
	for _, step := range []string{"after", "undo", "end"} {
		list = append(list, ui.LogEntry{
			Text: v.t.T("depart.then."+step, "Count", departure.UndoDays), Detail: v.t.T("depart.then." + step + "_text"),
		})
	}
	return list
}

// unassigned names what nobody takes over yet.
func (v *visit) unassigned(d departure.View, f departForm) string {
	var names []string
	for i := range d.Holdings {
		if h := d.Holdings[i]; h.May && f.To[toField(h)] == "" {
			names = append(names, v.heldName(h))
		}
	}
	switch {
	case len(names) == 0:
		return ""
	case len(names) > maxNamedPoints:
		return v.t.T("depart.without_many", "Count", len(names))
	}
	return v.t.T("depart.without", "Names", v.t.List(names))
}

// firstChoice is the first thing that nobody takes over: where the note leads.
func (view departView) firstChoice() string {
	for _, c := range view.Cards {
		if i := slices.IndexFunc(c.Lines, func(l departLine) bool { return l.Field != "" && l.Value == "" }); i >= 0 {
			return "#" + c.ID
		}
	}
	return "#" + departLast
}

// departLists are what a departure takes away and what it leaves (OFF-3), and what comes back, or
// not, when it is undone (OFF-6).
var departLists = map[string][]string{
	"lost":     {"access", "tasks", "resources"},
	"stays":    {"letters", "patients", "journal"},
	"back":     {"access", "tasks", "given"},
	"not_back": {"sessions", "tokens", "changed"},
}

// departFates say in words what a departure takes away and what it leaves, or what comes back.
func departFates(t *text.Printer, which ...string) (facts []ui.Fact) {
	for _, w := range which {
		var lines []string
		for _, line := range departLists[w] {
			lines = append(lines, t.T("depart."+w+"."+line))
		}
		facts = append(facts, ui.Fact{Term: t.T("depart." + w), Content: departFate(lines)})
	}
	return facts
}
