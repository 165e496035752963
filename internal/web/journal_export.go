package web

import (
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/journal"
	"habilis/internal/web/ui"
)

// exportTime is how long one part of an export may take to be taken by the browser.
const exportTime = time.Minute

// exportForm asks for the format and the password (rules.md 6).
func (v *visit) exportForm() error {
	if !v.held.HasAnywhere(access.AuditExport) {
		return v.lacks(access.AuditExport)
	}
	return v.askExport(nil)
}

// export sends the file. The act records itself before the first line leaves.
func (v *visit) export() error {
	if !v.held.HasAnywhere(access.AuditExport) {
		return v.lacks(access.AuditExport)
	}
	format := journal.Format(v.PostFormValue("format"))
	if format != journal.CSV && format != journal.JSONL {
		return v.askExport(fault.OnField("format", journal.ErrFormat.Code))
	}
	err := v.prove()
	if err != nil {
		return v.askExport(err)
	}
	x, err := v.s.Journal.Export(v.Context(), v.by, v.org.ID, readJournalState(v.URL.Query().Get).query(), format)
	if err != nil {
		return v.askExport(err)
	}
	return v.sendFile(x)
}

func (v *visit) askExport(refusal error) error {
	state := readJournalState(v.URL.Query().Get)
	choices, err := v.s.Journal.Choices(v.Context(), v.by, v.org.ID, ident.Member(state.Member))
	if err != nil {
		return err
	}
	view := journalView{
		State: state, Base: v.at("journal"),
		People: v.chosen("journal.anybody", choices.People), Sites: v.chosen("journal.any", choices.Sites),
	}
	back := state.href(view.Base, func(*journalState) {})
	lines := v.PostFormValue("format") == string(journal.JSONL)
	c := confirmation{
		At: atJournal, Title: v.t.T("journal.export.title"), Crumb: v.t.T("journal.title"), Back: back, Why: v.t.T("journal.export.proof"),
		Facts: []ui.Fact{{Term: v.t.T("journal.export.filters"), Value: v.t.T("journal.export.all")}},
		Group: &ui.GroupProps{
			Name: "format", Legend: v.t.T("journal.export.format"), Joined: true,
			Choices: []ui.Choice{
				{Value: string(journal.CSV), Label: v.t.T("journal.export.csv"), Hint: v.t.T("journal.export.csv_hint"), Chosen: !lines},
				{Value: string(journal.JSONL), Label: v.t.T("journal.export.jsonl"), Hint: v.t.T("journal.export.jsonl_hint"), Chosen: lines},
			},
		},
		Ask: ui.ConfirmProps{
			Title: v.t.T("journal.export.title"), Text: v.t.T("journal.export.lead"),
			Action: state.href(view.Base+"/export", func(*journalState) {}), Keep: v.t.T("journal.export.cancel"),
			Button: ui.ButtonProps{Label: v.t.T("journal.export.button"), Kind: ui.Primary, Icon: ui.IconExport},
		},
	}
	if chips := view.chips(v.t); len(chips) > 0 {
		labels := make([]string, len(chips))
		for i, chip := range chips {
			labels[i] = chip.Label
		}
		c.Facts[0].Value = strings.Join(labels, " · ")
	}
	return v.confirm(c, refusal)
}
