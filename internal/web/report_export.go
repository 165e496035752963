package web

import (
	"strings"

	"habilis/internal/fault"
	"habilis/internal/report"
	"habilis/internal/sheet"
	"habilis/internal/web/ui"
)

// exportedReport is the report that the address is about, and its state.
func (v *visit) exportedReport() (report.Name, reportState, error) {
	for n, path := range reportPaths {
		if path == v.PathValue("report") {
			return n, readReportState(v.URL.Query().Get), nil
		}
	}
	return "", reportState{}, errPage
}

// reportExportForm says what the file holds, and asks for the format and the password (rules.md 6).
func (v *visit) reportExportForm() error { return v.askReportExport(nil) }

func (v *visit) askReportExport(refusal error) error {
	n, s, err := v.exportedReport()
	if err != nil {
		return err
	}
	if err := v.mayReport(n, s); err != nil {
		return err
	}
	view, err := v.report(n)
	if err != nil {
		return err
	}
	view.State = s
	filters := make([]string, 0, len(view.Chips))
	for _, c := range v.reportChips(view) {
		filters = append(filters, c.Label)
	}
	base := v.at(atReports, reportPaths[n])
	plain := v.PostFormValue(fieldFormat) == string(sheet.CSV)
	return v.confirm(confirmation{
		At: atReports, Title: v.t.T("report.export.title"), Crumb: v.t.T("report." + string(n)), Back: s.href(base, func(*reportState) {}),
		Why: v.t.T("report.export.proof"),
		Facts: []ui.Fact{
			{Term: v.t.T("report.export.what"), Value: v.t.T("report." + string(n))},
			{Term: v.t.T("report.export.filters"), Value: or(strings.Join(filters, " · "), v.t.T("report.export.all"))},
		},
		Group: &ui.GroupProps{
			Name: fieldFormat, Legend: v.t.T("report.export.format"), Joined: true,
			Choices: []ui.Choice{
				{Value: string(sheet.XLSX), Label: v.t.T("report.export.xlsx"), Chosen: !plain},
				{Value: string(sheet.CSV), Label: v.t.T("report.export.csv"), Chosen: plain},
			},
		},
		Ask: ui.ConfirmProps{
			Title: v.t.T("report.export.title"), Text: v.t.T("report.export.lead"), Action: s.href(base+"/export", func(*reportState) {}),
			Keep:   v.t.T("report.export.cancel"),
			Button: ui.ButtonProps{Label: v.t.T("report.export.button"), Kind: ui.Primary, Icon: ui.IconExport},
		},
	}, refusal)
}

// mayReport refuses, as the act would, whoever may not read the report.
func (v *visit) mayReport(n report.Name, s reportState) error {
	ctx, err := v.Context(), error(nil)
	switch n {
	case report.Access:
		q, e := s.access(v.s.now())
		if e != nil {
			return e
		}
		q.Size = 1
		_, err = v.s.Reports.Access(ctx, v.by, v.org.ID, q)
	case report.Dormant:
		q := s.dormant()
		q.Size = 1
		_, err = v.s.Reports.Dormant(ctx, v.by, v.org.ID, q)
	case report.Leavers:
		q, e := s.leavers()
		if e != nil {
			return e
		}
		_, err = v.s.Reports.Leavers(ctx, v.by, v.org.ID, q)
	case report.Factors:
		_, err = v.s.Reports.Factors(ctx, v.by, v.org.ID, s.factors())
	}
	return err
}

// reportExport sends the file. The act records itself before the first line leaves.
func (v *visit) reportExport() error {
	n, s, err := v.exportedReport()
	if err != nil {
		return err
	}
	if err := v.mayReport(n, s); err != nil {
		return err
	}
	format := sheet.Format(v.PostFormValue(fieldFormat))
	if !format.Known() {
		return v.askReportExport(fault.OnField(fieldFormat, report.ErrFormat.Code))
	}
	if err := v.prove(); err != nil {
		return v.askReportExport(err)
	}
	x, err := v.fileOfReport(n, s, format)
	if err != nil {
		return v.askReportExport(err)
	}
	return v.sendFile(x)
}

func (v *visit) fileOfReport(n report.Name, s reportState, format sheet.Format) (*report.Export, error) {
	ctx, in := v.Context(), v.org.ID
	switch n {
	case report.Dormant:
		return v.s.Reports.ExportDormant(ctx, v.by, in, s.dormant(), format)
	case report.Leavers:
		q, err := s.leavers()
		if err != nil {
			return nil, err
		}
		return v.s.Reports.ExportLeavers(ctx, v.by, in, q, format)
	case report.Factors:
		return v.s.Reports.ExportFactors(ctx, v.by, in, s.factors(), format)
	case report.Access:
	}
	q, err := s.access(v.s.now())
	if err != nil {
		return nil, err
	}
	return v.s.Reports.ExportAccess(ctx, v.by, in, q, format)
}
