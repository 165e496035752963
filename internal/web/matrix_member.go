package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/resource"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// memberLevelsView is the levels of one member, with their dates: the way in from a phone
// (DESIGN.md 14, RGT-8).
type memberLevelsView struct {
	Name    string
	Path    string // of this page
	Back    string // the sheet
	IDs     string // what the lines are about, as the form carries it
	Groups  []lineGroup
	More    bool // there are more than this page shows
	MayEdit bool
	Pending pendingView
	Summary []ui.FieldError
	Failure string
}

// lineGroup is the agendas, or the mailboxes.
type lineGroup struct {
	Domain domain
	Title  string
	Levels []level
	Lines  []levelLine
}

// levelLine is one agenda or mailbox: its level and dates, as shown or typed.
type levelLine struct {
	N            string // its number in the form
	Name, Detail string
	Seen         string // level, first day, last day that were recorded, then shown
	Shown        level
	Recorded     level
	From, Until  string // days, as forms write them
	Holder, May  bool
	Changed      bool
	Former       string // what is recorded, in words, when it is changed
	Clash        string
	Errors       map[string]string // "from", "until"
}

// maxLevelLines bounds the lines of the page, each of four fields (rules.md 14).
const maxLevelLines = 450

// memberCell is one line, as the noun gives it.
type memberCell struct {
	grant.Cell

	Of resource.Resource
}

// levelsOfMember reads every level that a member has or may be given, agendas first.
func (v *visit) levelsOfMember(id ident.Member) ([]memberCell, bool, error) {
	var list []memberCell
	for _, d := range []domain{agendas, mailboxes} {
		for column, columns := 1, 1; column <= columns; column++ {
			m, err := v.s.Grants.Matrix(v.Context(), v.by, v.org.ID, grant.MatrixQuery{Type: d.Type, Members: []ident.Member{id}, Column: column})
			if err != nil {
				return nil, false, err
			}
			columns = m.Columns
			g := gridOf(m)
			if len(g.People) != 1 {
				continue
			}
			for n := range g.Resources {
				list = append(list, memberCell{g.People[0].Cells[n], g.Resources[n].Resource})
			}
			if len(list) > maxLevelLines {
				return list[:maxLevelLines], true, nil
			}
		}
	}
	return list, false, nil
}

func (v *visit) memberLevels() error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	p, err := v.pending()
	if err != nil {
		return err
	}
	return v.showMemberLevels(s, &p, nil, nil)
}

// showMemberLevels shows the form; typed are the lines as they were sent, when some must
// be corrected.
func (v *visit) showMemberLevels(s member.Sheet, p *pending, typed *levelForm, refusal error) error {
	cells, more, err := v.levelsOfMember(s.ID)
	if err != nil {
		return err
	}
	view := memberLevelsView{Name: called(s.Member), Path: v.levelsPath(s.ID), Back: v.sheetPath(s.ID), More: more}
	status := http.StatusOK
	v.fillLines(&view, s.ID, cells, p, typed)
	if typed != nil && len(typed.wrong) > 0 {
		status, view.Summary = http.StatusUnprocessableEntity, typed.wrong
	}
	if refusal != nil {
		f := fault.Of(refusal)
		if !staysOnPage(f) {
			return refusal
		}
		status, view.Failure = statusOf(f), ended(v.sentence(f))
	}
	if view.MayEdit {
		if view.Pending, err = v.pendingView(p, nil, shownPending); err != nil {
			return err
		}
		view.Pending.Review = v.levelsReviewPath(originOf(s.ID))
		view.Pending.Open = status != http.StatusOK
	}
	return v.showAccess(status, v.t.T("levels.title", "Name", view.Name), func(page ui.Page) error {
		if page.Nav, err = v.nav(atMembers); err != nil {
			return err
		}
		page.Scripts = []string{"matrix.js"}
		return v.show(status, MemberLevelsPage(page, view))
	})
}

func (v *visit) fillLines(view *memberLevelsView, id ident.Member, cells []memberCell, p *pending, typed *levelForm) {
	var ids []string
	for n := range cells {
		c := &cells[n]
		d := agendas
		if c.Of.Type == resource.MessagingProfile {
			d = mailboxes
		}
		if k := len(view.Groups); k == 0 || view.Groups[k-1].Domain != d {
			view.Groups = append(view.Groups, lineGroup{Domain: d, Title: v.t.T(d.key("tab")), Levels: levelsOf(v.t, d.Type)})
		}
		g := &view.Groups[len(view.Groups)-1]
		g.Lines = append(g.Lines, v.levelLine(id, n, c, p, typed))
		view.MayEdit = view.MayEdit || c.May
		ids = append(ids, c.Of.ID.String())
	}
	view.IDs = strings.Join(ids, " ")
}

func (v *visit) levelLine(id ident.Member, n int, c *memberCell, p *pending, typed *levelForm) levelLine {
	of, now := c.Of.Type, c.State
	line := levelLine{
		N: strconv.Itoa(n), Name: c.Of.Name, Detail: c.Of.Detail, Holder: c.Holder, May: c.May,
		Recorded: levelOf(v.t, of, now.Level), Shown: levelOf(v.t, of, now.Level),
	}
	shown := now
	if k := p.find(cellID{id, c.Of.ID}); k >= 0 && c.May {
		w := p.Wishes[k]
		shown = v.wished(w, now)
		line.Shown = levelOf(v.t, of, w.Level)
		if w.Was != now.Level {
			line.Clash = v.clash(of, now.Level, w.Was)
		}
		line.Changed = w.Level != now.Level || v.dates(shown) != v.dates(now)
	}
	line.From, line.Until = v.firstDay(shown), lastDayOf(shown)
	line.Seen = strings.Join([]string{line.Recorded.Letter, v.firstDay(now), lastDayOf(now), line.Shown.Letter, line.From, line.Until}, " ")
	if line.Changed {
		line.Former = former(line.Recorded.Label, v.dates(now))
	}
	typed.onto(v.t, of, &line)
	return line
}

func former(label, dates string) string {
	if dates == "" {
		return label
	}
	return label + " · " + dates
}

// firstDay is when a level that is to come begins, as forms write it.
func (v *visit) firstDay(s grant.State) string {
	if s.Level == grant.None || !s.From.After(v.s.now()) {
		return ""
	}
	return s.From.In(text.Zone).Format(time.DateOnly)
}

func lastDayOf(s grant.State) string {
	if s.Level == grant.None || s.Until == nil {
		return ""
	}
	return lastMoment(*s.Until).In(text.Zone).Format(time.DateOnly)
}

// actMemberLevels keeps what was typed, and leads to its review.
func (v *visit) actMemberLevels() error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	if err := v.mayEditLevels(); err != nil {
		return err
	}
	p, err := v.pending()
	if err != nil {
		return err
	}
	form, err := v.readLevels(s.ID, &p)
	if err != nil {
		return err
	}
	keep := v.PostFormValue("do") == doKeep
	refusal := v.mend(&p)
	if err := v.keepPending(&p); err != nil { // too many: those kept before stay
		if refusal = err; !staysOnPage(fault.Of(err)) {
			return err
		}
		if p, err = v.pending(); err != nil {
			return err
		}
	}
	switch {
	case refusal != nil, len(form.wrong) > 0 && !keep:
		return v.showMemberLevels(s, &p, &form, refusal)
	case keep:
		return v.showLevelsKept(s, &p)
	case v.PostFormValue("do") == doReview:
		return v.to(v.levelsReviewPath(originOf(s.ID)))
	}
	return v.to(v.levelsPath(s.ID))
}

func (v *visit) showLevelsKept(s member.Sheet, p *pending) error {
	view, err := v.pendingView(p, nil, shownPending)
	if err != nil {
		return err
	}
	view.Review = v.levelsReviewPath(originOf(s.ID))
	return v.show(http.StatusOK, PendingFragment(v.t, view))
}

// words say the dates of a line that is only read.
func (l levelLine) words(t *text.Printer) string {
	day := func(iso string) string {
		d, err := time.ParseInLocation(time.DateOnly, iso, text.Zone)
		if err != nil {
			return iso
		}
		return t.ShortDate(d)
	}
	switch {
	case l.From != "" && l.Until != "":
		return t.T("matrix.from_until", "From", day(l.From), "Until", day(l.Until))
	case l.From != "":
		return t.T("matrix.from", "From", day(l.From))
	}
	return t.T("matrix.until", "Until", day(l.Until))
}
