package web

import (
	"slices"
	"strconv"

	"habilis/internal/access"
	"habilis/internal/nomenclature"
	"habilis/internal/paper"
	"habilis/internal/setting"
	"habilis/internal/web/ui"
)

var paperSettingRoutes = []route{
	{"GET /o/{org}/settings/documents", within, (*visit).paperSetting},
	{"POST /o/{org}/settings/documents", within, (*visit).savePaperSetting},
}

// paperSettingView is the page of the papers that are asked, by profession.
type paperSettingView struct {
	told

	Rev        int64
	KeepDays   string
	Lines      []ui.GroupProps
	More       []ui.Option // professions that have no line of their own yet
	Base, Back string
	Proof      *ui.StepUpProps
}

const (
	fieldKeepDays = "keep_days"
	fieldAddLine  = "add"
	fieldLine     = "line" // one a line that the page shows
)

func (v *visit) paperSetting() error { return v.showPaperSetting(nil, "", nil) }

// showPaperSetting shows what is set, or what was typed.
func (v *visit) showPaperSetting(typed paper.Checklist, days string, refusal error) error {
	if !v.held.Has(access.SettingsEdit, access.OrgScope(v.org.ID)) {
		return v.lacks(access.SettingsEdit)
	}
	s, err := v.s.Settings.Papers(v.Context(), v.by, v.org.ID)
	if err != nil {
		return err
	}
	if typed == nil {
		typed, days = s.Checklist, strconv.FormatInt(s.KeepDays, 10)
	}
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	view := paperSettingView{
		told: said, Rev: s.Rev, KeepDays: days, Lines: v.paperLines(typed), More: v.otherProfessions(typed), Base: v.at("settings", "documents"),
		Back: v.at("settings"), Proof: v.proof(v.t.T("register.setting.proof"), said.Errors),
	}
	p, err := v.orgFrame(v.t.T("register.papers.title"), atSettings)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, PaperSettingPage(p, view))
}

// paperLines is one group of boxes a line of the checklist: professions by name, then the others.
func (v *visit) paperLines(list paper.Checklist) []ui.GroupProps {
	var codes []string
	for _, p := range nomenclature.Professions() {
		if _, own := list[p.Code]; own {
			codes = append(codes, p.Code)
		}
	}
	lines := make([]ui.GroupProps, 0, len(codes)+2)
	for _, code := range append(codes, paper.Regulated, paper.Others) {
		group := ui.GroupProps{ID: "papers-" + code, Name: "papers." + code, Legend: v.paperLineName(code)}
		for _, k := range paper.Kinds {
			group.Choices = append(group.Choices, ui.Choice{
				Value: string(k), Label: v.kindOfPaper(k), Chosen: slices.Contains(list[code], k),
			})
		}
		lines = append(lines, group)
	}
	return lines
}

func (v *visit) paperLineName(code string) string {
	if code == paper.Regulated || code == paper.Others {
		return v.t.T("register.papers." + code)
	}
	p, _ := nomenclature.Profession(code)
	return p.Label
}

func (v *visit) otherProfessions(list paper.Checklist) []ui.Option {
	options := []ui.Option{{Label: v.t.T("register.papers.no_more")}}
	for _, p := range nomenclature.Professions() {
		if _, own := list[p.Code]; !own {
			options = append(options, ui.Option{Value: p.Code, Label: p.Label})
		}
	}
	return options
}

// savePaperSetting keeps the lines that the page showed, and a new one, which begins as all
// regulated professions.
func (v *visit) savePaperSetting() error {
	next, days := setting.Papers{Checklist: paper.Checklist{}}, v.PostFormValue(fieldKeepDays)
	for _, code := range v.PostForm[fieldLine] {
		next.Checklist[code] = []paper.Kind{}
		for _, k := range v.PostForm["papers."+code] {
			next.Checklist[code] = append(next.Checklist[code], paper.Kind(k))
		}
	}
	if code := v.PostFormValue(fieldAddLine); code != "" {
		next.Checklist[code] = slices.Clone(next.Checklist[paper.Regulated])
	}
	next.KeepDays, _ = strconv.ParseInt(days, 10, 64) // what is no number is 0, which is refused
	err := v.prove()
	if err == nil {
		_, err = v.s.Settings.SetPapers(v.Context(), v.by, v.org.ID, parseVersion(v.PostFormValue(fieldVersion)), next)
	}
	if err != nil {
		return v.showPaperSetting(next.Checklist, days, err)
	}
	v.flash(ui.ToneOK, v.t.T("setting.saved"))
	return v.to(v.at("settings", "documents"))
}
