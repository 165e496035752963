package web

import (
	"net/http"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/privacy"
	"habilis/internal/web/ui"
)

// What is kept about a person: given to them, or to their organisation, and erased (AUD-4).
var personalRoutes = []route{
	{"GET " + pathMyData, signed, ofOneself((*visit).personalData)},
	{"GET " + pathMyData + "/export", signed, ofOneself((*visit).dataExportForm)},
	{"POST " + pathMyData + "/export", signed, ofOneself((*visit).orderDataExport)},
	{"GET " + pathMyData + "/exports/{export}", signed, ofOneself((*visit).dataFileForm)},
	{"POST " + pathMyData + "/exports/{export}", signed, ofOneself((*visit).dataFile)},
	{"GET " + pathMyData + "/erasure", signed, ofOneself((*visit).erasureForm)},
	{"POST " + pathMyData + "/erasure", signed, ofOneself((*visit).eraseData)},
	{"GET /o/{org}/members/{member}/data", within, ofMember((*visit).personalData)},
	{"GET /o/{org}/members/{member}/data/export", within, ofMember((*visit).dataExportForm)},
	{"POST /o/{org}/members/{member}/data/export", within, ofMember((*visit).orderDataExport)},
	{"GET /o/{org}/members/{member}/data/exports/{export}", within, ofMember((*visit).dataFileForm)},
	{"POST /o/{org}/members/{member}/data/exports/{export}", within, ofMember((*visit).dataFile)},
	{"GET /o/{org}/members/{member}/data/erasure", within, ofMember((*visit).erasureForm)},
	{"POST /o/{org}/members/{member}/data/erasure", within, ofMember((*visit).eraseData)},
}

// pathMyData is «Mes données».
const pathMyData = ui.PathAccount + "/data"

// dataOf is whose data a page is about.
type dataOf struct {
	privacy.About

	own    bool
	member ident.Member // zero: one's own
	called string       // how the page calls them
	base   string       // address of the page that says where it stands
}

// key is a text of this page: of one's own data, or of those of somebody else.
func (d dataOf) key(s string) string {
	if d.own {
		return "mydata." + s
	}
	return "theirdata." + s
}

// ofOneself shows a page on one's own data: it needs no organisation.
func ofOneself(handle func(*visit, dataOf) error) func(*visit) error {
	return func(v *visit) (err error) {
		d := dataOf{own: true, called: v.name(), base: pathMyData}
		d.MayExport = true
		if d.Exports, err = v.s.People.MyExports(v.Context(), v.by); err != nil {
			return err
		}
		return handle(v, d)
	}
}

// ofMember shows a page on the data of somebody who is a member, or was.
func ofMember(handle func(*visit, dataOf) error) func(*visit) error {
	return func(v *visit) error {
		id, err := ident.ParseMember(v.PathValue("member"))
		if err != nil {
			return errPage
		}
		a, err := v.s.People.AboutMember(v.Context(), v.by, v.org.ID, id)
		if err != nil {
			return err
		}
		return handle(v, dataOf{About: a, member: id, called: v.somebody(titled(a.Title, a.Name)), base: v.dataPath(id)})
	}
}

func (v *visit) dataPath(id ident.Member) string { return v.sheetPath(id) + "/data" }

// dataFrame is the frame of these pages: beside «Sécurité du compte», or in the organisation.
func (v *visit) dataFrame(d dataOf, title string) (ui.Page, error) {
	if d.own {
		return v.ownFrame(title), nil
	}
	return v.orgFrame(title, atMembers)
}

// dataView is where the exports and the erasure of somebody stand.
type dataView struct {
	Own          bool
	Crumb, Back  string // of somebody else
	Lead         string
	ExportText   string
	Exports      []dataExportLine
	Ask          string // where an export is asked for; empty: it may not be now
	MayExport    bool
	Again        string // this page, while something is under way
	ErasureTitle string
	Erasure      *erasureCard
}

// dataExportLine is one export, in words.
type dataExportLine struct {
	ui.ItemProps

	Chip ui.ChipProps
	Take string // where it is downloaded; empty: it cannot be
	When string // finishes the words of that link
}

// erasureCard is where the erasure stands, or why there is none.
type erasureCard struct {
	Text    string
	Chip    *ui.ChipProps
	Facts   []ui.Fact
	Running bool
	Href    string // where it is asked for, or what must be done first
	Label   string
	Danger  bool
}

// personalData shows what can be done with the data of somebody, and where it stands.
func (v *visit) personalData(d dataOf) error {
	view := dataView{
		Own: d.own, Lead: v.t.T(d.key("lead"), "Org", v.org.Name), ExportText: v.t.T(d.key("export_text")),
		Again: d.base, ErasureTitle: v.t.T(d.key("erasure")),
	}
	title := v.t.T("mydata.title")
	if !d.own {
		title = v.t.T("theirdata.title", "Name", d.called)
		view.Crumb, view.Back = d.called, v.sheetPath(d.member)
		if d.Left {
			view.Crumb, view.Back = v.t.T("gone.title"), v.at(atMembers)+atGone
		}
	}
	if d.MayExport && (d.Erasure == nil || !d.Erasure.Done()) {
		view.MayExport, view.Ask = true, d.base+"/export"
	}
	for i := range d.Exports {
		view.Exports = append(view.Exports, v.dataExportLine(d, &d.Exports[i]))
		if d.Exports[i].State == privacy.Making {
			view.Ask = ""
		}
	}
	var err error
	if view.Erasure, err = v.erasureCard(d); err != nil {
		return err
	}
	p, err := v.dataFrame(d, title)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, PersonalDataPage(p, view))
}

func (v *visit) dataExportLine(d dataOf, x *privacy.DataExport) dataExportLine {
	when := v.t.DateTime(x.AskedAt)
	l := dataExportLine{When: when, ItemProps: ui.ItemProps{Icon: ui.IconExport, Title: v.t.T("data.export.asked", "When", when)}}
	tone := ui.ToneInfo
	switch x.State {
	case privacy.Ready:
		tone, l.Take = ui.ToneOK, d.base+"/exports/"+x.ID.String()
		l.Detail = v.t.T("data.export.ready_text", "Size", v.size(x.Bytes), "Day", v.t.DateTime(x.Until))
	case privacy.Failed:
		tone, l.Detail = ui.ToneBad, v.t.T("data.export.failed_text")
	case privacy.Making:
		l.Chip.Icon, l.Detail = ui.IconClockFill, v.t.T("data.export.making_text")
	}
	l.Chip.Tone, l.Chip.Label = tone, v.t.T("data.export."+string(x.State))
	return l
}

// erasureCard says where the erasure stands, or what comes before it; nil for whoever may not ask.
func (v *visit) erasureCard(d dataOf) (*erasureCard, error) {
	c := &erasureCard{Text: v.t.T(d.key("erasure_text")), Href: d.base + "/erasure", Label: v.t.T(d.key("erase_more")), Danger: true}
	switch {
	case d.own:
		return c, v.ownErasure(c)
	case d.Erasure != nil && !d.Erasure.Stopped():
		return v.erasureState(d.Erasure), nil
	case d.Erasure != nil && d.Left: // whoever may see it may ask for it again
		c.Text, c.Chip = v.t.T("data.erasure.stopped_text"), &ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("data.erasure.stopped")}
		return c, nil
	case d.MayErase:
		return c, nil
	case !d.Left && v.held.HasAnywhere(access.MembersDelete):
		return &erasureCard{Text: v.t.T("theirdata.still_here"), Href: v.departurePath(d.member), Label: v.t.T("theirdata.depart")}, nil
	case !d.Left:
		return &erasureCard{Text: v.t.T("theirdata.still_here")}, nil
	}
	return nil, nil //nolint:nilnil // whoever may not erase who left sees no card
}

// ownErasure says what stands in the way of the erasure of one's own account.
func (v *visit) ownErasure(c *erasureCard) error {
	seen, err := v.s.People.PreviewAccount(v.Context(), v.by)
	if err != nil || seen.Refused == "" {
		return err
	}
	c.Text += " " + ended(v.sentence(fault.New(fault.Conflict, seen.Refused)))
	c.Href, c.Label, c.Danger = "", "", false
	if seen.Refused == privacy.ErrMemberships.Code {
		c.Href, c.Label = ui.PathSecurity+"#places", v.t.T("mydata.see_places")
	}
	return nil
}

// erasureState shows how far an erasure is, without a name.
func (v *visit) erasureState(e *privacy.Erasure) *erasureCard {
	c := &erasureCard{Running: !e.Done(), Text: v.t.T("data.erasure.running")}
	c.Chip = &ui.ChipProps{Tone: ui.ToneInfo, Icon: ui.IconClockFill, Label: v.t.T("data.erasure.under_way")}
	l := factList{v: v}
	l.add("data.erasure.asked", v.t.DateTime(e.AskedAt))
	if e.Done() {
		c.Text = v.t.T("data.erasure.done")
		c.Chip = &ui.ChipProps{Tone: ui.ToneOff, Label: v.t.T("privacy.erased_person")}
		l.add("data.erasure.ended", v.t.DateTime(e.DoneAt))
	} else {
		l.add("data.erasure.stage", v.t.T("data.erasure.stage."+e.Stage))
	}
	l.add("data.erasure.count", v.t.Number(int(e.Count)))
	c.Facts = l.list
	return c
}
